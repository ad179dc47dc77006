"""Desks on real chains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.acts.desk import Desk
from registry.chain.anvil import Anvil
from tests.support.registry_home import Home, desk_of, furnished


@pytest.fixture
def home(anvil: Anvil, tmp_path: Path) -> Home:
    return furnished(tmp_path / "home", anvil)


@pytest.fixture
def desk(home: Home) -> Iterator[Desk]:
    with desk_of(home) as opened:
        yield opened
