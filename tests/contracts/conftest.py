"""Fixtures of the contract tests: one deployment for all of them, and a clean chain for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.support import node
from tests.contracts.support.ground import ALICE, BOB, CAROL, DAVE, EMPLOYEE, Ground, lay, line, person
from tests.contracts.support.ground import wallet_of as wallet
from tests.contracts.support.raising import Raise, draft, equip, opened, settled


@pytest.fixture(scope="session")
def _laid() -> Ground:
    """The company migrates; four parties with a wallet each, Dave an employee; all that a raise needs."""
    ground = lay()
    ground.onboard(person(ALICE), person(BOB), person(CAROL), person(DAVE, category=EMPLOYEE))
    for party in (ALICE, BOB, CAROL, DAVE):
        ground.bind(party)
    equip(ground)
    return ground


@pytest.fixture
def migrating(_laid: Ground) -> Iterator[Ground]:
    """A company whose register is being taken over."""
    taken = node.snapshot()
    yield _laid
    node.revert_to(taken)


@pytest.fixture
def ground(migrating: Ground) -> Ground:
    """An open company: Alice holds 1 000 common in her wallet, Bob 500 in his book account."""
    migrating.open()
    migrating.issue(migrating.common, line(wallet(ALICE), 1_000), line(migrating.book(BOB), 500))
    return migrating


@pytest.fixture
def drafted(ground: Ground) -> Raise:
    """A raise that the platform created and the company has not yet admitted."""
    return draft(ground)


@pytest.fixture
def raised(ground: Ground) -> Raise:
    """A raise in the first second of its window."""
    return opened(ground)


@pytest.fixture
def done(ground: Ground) -> Raise:
    """A settled raise: Erin 2 000 shares, Frank 1 000, Heidi 500 in her book account."""
    return settled(ground)


@pytest.fixture
def alice() -> str:
    """Her wallet; she is party 101."""
    return wallet(ALICE)


@pytest.fixture
def bob() -> str:
    """His wallet; he is party 102, in the same seat slot as Alice."""
    return wallet(BOB)


@pytest.fixture
def carol() -> str:
    """Her wallet; she is party 203."""
    return wallet(CAROL)


@pytest.fixture
def dave() -> str:
    """His wallet; he is party 304, an employee."""
    return wallet(DAVE)
