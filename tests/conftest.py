"""Fixtures that every suite may use: a real local chain, each with its own port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.chain.anvil import Anvil, running
from tests.support.stage import Stage, set_up


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


@pytest.fixture
def stage(anvil: Anvil) -> Iterator[Stage]:
    """A fresh chain with the registry deployed."""
    stage = set_up(anvil)
    yield stage
    stage.node.close()


@pytest.fixture(scope="module")
def module_stage(module_anvil: Anvil) -> Iterator[Stage]:
    """The same for a whole module."""
    stage = set_up(module_anvil)
    yield stage
    stage.node.close()
