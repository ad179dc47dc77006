"""One deployed home for a module, and fresh ones where a test breaks something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.chain.anvil import Anvil
from tests.support.raise_bench import RaiseBench
from tests.support.raise_market import Market
from tests.support.registry_home import EXAMPLE, Home, desk_of, furnished


@pytest.fixture
def home(anvil: Anvil, tmp_path: Path) -> Home:
    return furnished(tmp_path / "home", anvil)


@pytest.fixture(scope="module")
def shared_home(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """With the example imported and opened as company 1."""
    home = furnished(tmp_path_factory.mktemp("cli") / "home", module_anvil)
    home.equity_json("import", EXAMPLE)
    home.equity_json("company", "open", "1")
    return home


@pytest.fixture(scope="module")
def market(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Company 1 with parties 1 to 22; party 10 is alice, 11 bo, 12 chen, 13 has a book account; nobody verifies yet."""
    folder = tmp_path_factory.mktemp("market")
    home = furnished(folder / "home", module_anvil)
    with desk_of(home) as desk:
        yield Market(home, RaiseBench(desk, folder, on_miss="put").furnish())
