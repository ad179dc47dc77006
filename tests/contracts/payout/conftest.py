"""Fixtures of dividends: an officer with money, and a class that five people hold."""

from __future__ import annotations

import pytest

from tests.contracts.support.ground import CAROL, DAVE, Ground, line, wallet_of
from tests.contracts.support.payout import Payouts, equip_payouts
from tests.contracts.support.raising import IVAN


@pytest.fixture
def payouts(ground: Ground) -> Payouts:
    """Common: Alice 1 000 in her wallet, Bob 500 in his book account, Carol 333 in her wallet and 7 in her book
    account, Dave 160 in his wallet, Ivan's institution 77."""
    ground.issue(
        ground.common,
        line(wallet_of(CAROL), 333),
        line(ground.book(CAROL), 7),
        line(wallet_of(DAVE), 160),
        line(wallet_of(IVAN), 77),
    )
    return equip_payouts(ground)
