"""Fixtures that every suite may use: a real local chain, each with its own port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.chain.anvil import Anvil, running


@pytest.fixture
def anvil() -> Iterator[Anvil]:
    """A fresh chain that mines each transaction at once."""
    with running() as chain:
        yield chain


@pytest.fixture(scope="module")
def module_anvil() -> Iterator[Anvil]:
    """One chain for a whole module, where tests do not mind each other's blocks."""
    with running() as chain:
        yield chain
