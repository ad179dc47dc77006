"""One told story for the whole folder, for the tests that only read it; those that change the chain tell their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.chain.anvil import Anvil, running
from registry.mirror import Mirror, Queries
from tests.support.payout_stage import Payer, payer_ready
from tests.support.payout_storm import tell_dividends
from tests.support.raise_stage import Raiser
from tests.support.raise_storm import tell_storm
from tests.support.raise_story import raise_ready, tell_raise
from tests.support.stage import set_up
from tests.support.story import Story, tell, walk

Dump = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="package")
def shared_story() -> Iterator[Story]:
    """Told to its end and walked on; nobody may change it."""
    with running() as chain:
        story = tell(set_up(chain))
        assert walk(story, 150) > 20
        yield story


@pytest.fixture(scope="package")
def queries(shared_story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    path = tmp_path_factory.mktemp("mirror") / "mirror.db"
    with Mirror(path, shared_story.stage.deployment) as mirror:
        mirror.catch_up(shared_story.stage.node)
        with mirror.queries() as queries:
            yield queries


@pytest.fixture(scope="package")
def shared_raise() -> Iterator[Raiser]:
    """Five raises of one company, told to their ends; nobody may change them."""
    with running() as chain:
        raiser = raise_ready(set_up(chain))
        tell_raise(raiser)
        tell_storm(raiser)
        yield raiser


@pytest.fixture(scope="package")
def raised(shared_raise: Raiser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """What the mirror says about them."""
    path = tmp_path_factory.mktemp("raised") / "mirror.db"
    with Mirror(path, shared_raise.stage.deployment) as mirror:
        mirror.catch_up(shared_raise.stage.node)
        with mirror.queries() as queries:
            yield queries


@pytest.fixture(scope="package")
def shared_payer() -> Iterator[Payer]:
    """Ten dividends of one company, told to their ends; nobody may change them."""
    with running() as chain:
        payer = payer_ready(set_up(chain))
        tell_dividends(payer)
        yield payer


@pytest.fixture(scope="package")
def dividends(shared_payer: Payer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """What the mirror says about them."""
    path = tmp_path_factory.mktemp("dividends") / "mirror.db"
    with Mirror(path, shared_payer.stage.deployment) as mirror:
        mirror.catch_up(shared_payer.stage.node)
        with mirror.queries() as queries:
            yield queries


@pytest.fixture
def story(anvil: Anvil) -> Story:
    """A story of the test's own."""
    return tell(set_up(anvil))


def dump(path: Path) -> Dump:
    """All rows of all tables, but for the notes on what was undone."""
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for name in names
        if name not in {"rewinds", "sqlite_sequence"}
    }
    connection.close()
    return found


def rebuilt(told: Story | Raiser | Payer, folder: Path) -> Dump:
    """What a mirror made from nothing says."""
    path = folder / "rebuilt.db"
    path.unlink(missing_ok=True)
    with Mirror(path, told.stage.deployment) as mirror:
        mirror.catch_up(told.stage.node)
    return dump(path)
