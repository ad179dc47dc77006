"""Many payments in one act: the sender's own money, to everybody or to nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.support.contracts import Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ZERO, Ground, header, wallet_of
from tests.contracts.support.raising import ERIN, FRANK, HEIDI, MONEY, money


def send(ground: Ground, *lines: tuple[str, int], by: str | None = None) -> list[Event]:
    """Account and amount [fen] of each."""
    words = [int(account, 16) | amount << 160 for account, amount in lines]
    return ground.token.act("transferMany", words, by=by or wallet_of(ERIN))


@pytest.fixture
def erin() -> str:
    return wallet_of(ERIN)


def test_transfer_many__to_wallets_and_book_accounts__each_told(ground: Ground, erin: str) -> None:
    lines = [(wallet_of(FRANK), 70), (ground.book(HEIDI), 5), (ground.stranger, 1), (wallet_of(FRANK), 2)]
    before = {account: money(ground, account) for account, _ in lines}
    events = send(ground, *lines)
    told: list[Any] = [tuple(event.values.values()) for event in events]
    assert told == [(erin, account, amount) for account, amount in lines]
    assert money(ground, erin) == MONEY - 78
    assert money(ground, wallet_of(FRANK)) == before[wallet_of(FRANK)] + 72
    assert money(ground, ground.book(HEIDI)) == before[ground.book(HEIDI)] + 5


def test_transfer_many__nothing_or_nobody__moves_nothing(ground: Ground, erin: str) -> None:
    supply = ground.token.read("totalSupply")
    assert send(ground) == []
    send(ground, (wallet_of(FRANK), 0), by=ground.stranger)
    send(ground, (erin, MONEY))
    assert (money(ground, erin), ground.token.read("totalSupply")) == (MONEY, supply)


def test_transfer_many__a_fen_too_much_in_sum__refused(ground: Ground, erin: str) -> None:
    with raises("ERC20InsufficientBalance", erin, MONEY, MONEY + 1):
        send(ground, (wallet_of(FRANK), MONEY), (ground.book(HEIDI), 1))
    send(ground, (wallet_of(FRANK), MONEY - 1), (ground.book(HEIDI), 1))
    assert money(ground, erin) == 0


def test_transfer_many__sums_beyond_64_bits__do_not_come_round(ground: Ground, erin: str) -> None:
    top = 2**64 - 1
    with raises("ERC20InsufficientBalance", erin, MONEY, 4 * top + 4):
        send(ground, *[(wallet_of(FRANK), top)] * 4, (wallet_of(FRANK), 4))


def test_transfer_many__bits_above_the_amount__are_not_read(ground: Ground, erin: str) -> None:
    word = int(wallet_of(FRANK), 16) | 3 << 160 | 1 << 224 | 1 << 255
    before = money(ground, wallet_of(FRANK))
    ground.token.act("transferMany", [word], by=erin)
    assert money(ground, wallet_of(FRANK)) == before + 3


def test_transfer_many__one_receiver_that_cannot_be__refused_for_all(ground: Ground, erin: str) -> None:
    with raises("ERC20InvalidReceiver", ZERO):
        send(ground, (wallet_of(FRANK), 1), (ZERO, 1))
    with raises("AccountUnknown", ground.book(9)):
        send(ground, (wallet_of(FRANK), 1), (ground.book(9), 1))
    assert money(ground, erin) == MONEY


def test_transfer_many__stopped_or_frozen__refused(ground: Ground, erin: str) -> None:
    ground.token.act("setFrozen", header(), erin, True, by=ground.regulator)
    with raises("MoneyFrozen", erin):
        send(ground, (wallet_of(FRANK), 1))
    ground.token.act("setFrozen", header(), erin, False, by=ground.regulator)
    ground.token.act("setStopped", header(), True, by=ground.custodian)
    with raises("MoneyIsStopped"):
        send(ground, (wallet_of(FRANK), 1))
