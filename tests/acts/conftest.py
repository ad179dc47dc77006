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


@pytest.fixture(scope="module")
def module_desk(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for a module, where tests take companies of their own."""
    with desk_of(furnished(tmp_path_factory.mktemp("module") / "home", module_anvil)) as opened:
        yield opened
