"""One deployed home for a module, and fresh ones where a test breaks something."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.chain.anvil import Anvil
from tests.support.registry_home import EXAMPLE, Home, furnished


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
