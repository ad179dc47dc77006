"""Settlement money in the hands of the bank, the regulator and its owners: deposits, withdrawals, stop, freeze."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.support.contracts import STRANGER, Contract, Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, ZERO, Ground, header, wallet_of
from tests.contracts.support.raising import ERIN, FRANK, HEIDI, INVESTORS, MONEY, cash, mint, money, reference

LIMIT = 2**64 - 1


def bank_line(account: str, amount: int, ref: bytes | None = None) -> tuple[str, int, bytes]:
    return account, amount, ref or reference()


def act(ground: Ground, function: str, *lines: tuple[str, int, bytes], by: str | None = None) -> list[Event]:
    return ground.token.act(function, header(), list(lines), by=by or ground.custodian)


def pay(ground: Ground, giver: str, taker: str, amount: int) -> list[Event]:
    return ground.token.act("transfer", taker, amount, by=giver)


def stop(ground: Ground, stopped: bool = True, by: str | None = None) -> list[Event]:
    return ground.token.act("setStopped", header(), stopped, by=by or ground.custodian)


def freeze(ground: Ground, account: str, frozen: bool = True) -> list[Event]:
    return ground.token.act("setFrozen", header(), account, frozen, by=ground.regulator)


def supply(ground: Ground) -> int:
    total: int = ground.token.read("totalSupply")
    return total


# --- deposits ---


@pytest.mark.parametrize("function", ["mint", "burn"])
def test_bank__by_anybody_but_the_custodian__refused(ground: Ground, function: str) -> None:
    for actor in (ground.stranger, ground.governor, ground.regulator, ground.platform, ground.issuer, wallet_of(ERIN)):
        with raises("NotAuthorised", actor, 8):
            act(ground, function, bank_line(ground.book(HEIDI), 1), by=actor)
    assert money(ground, ground.book(HEIDI)) == MONEY


@pytest.mark.parametrize("function", ["mint", "burn"])
@pytest.mark.parametrize("count", [0, 201])
def test_bank__batch_of_wrong_length__refused(ground: Ground, function: str, count: int) -> None:
    lines = [bank_line(ground.book(HEIDI), 1) for _ in range(count)]
    with raises("TooManyEntries", count, 200):
        act(ground, function, *lines)


@pytest.mark.parametrize("function", ["mint", "burn"])
def test_bank__line_without_reference_or_amount__refused(ground: Ground, function: str) -> None:
    book = ground.book(HEIDI)
    with raises("ReferenceMissing", book):
        act(ground, function, (book, 1, bytes(32)))
    with raises("AmountMissing", book):
        act(ground, function, bank_line(book, 0))


def test_bank__reference_used_before_in_either_direction_or_twice_in_a_batch__refused(ground: Ground) -> None:
    book, ref = ground.book(HEIDI), reference()
    act(ground, "mint", (book, 5, ref))
    for function in ("mint", "burn"):
        with raises("ReferenceUsed", ref):
            act(ground, function, (book, 5, ref))
        again = reference()
        with raises("ReferenceUsed", again):
            act(ground, function, (book, 1, again), (book, 1, again))
        assert not ground.token.read("isUsed", again)
    assert ground.token.read("isUsed", ref)
    assert money(ground, book) == MONEY + 5


def test_mint__to_nobody_registered__refused(ground: Ground) -> None:
    for account in (STRANGER, ZERO, ground.book(999_999), ground.token.address):
        with raises("AccountUnknown", account):
            act(ground, "mint", bank_line(account, 1))


def test_mint__act_done_before_or_without_document__refused(ground: Ground) -> None:
    head = header()
    line = bank_line(ground.book(HEIDI), 1)
    ground.token.act("mint", head, [line], by=ground.custodian)
    with raises("OperationDone", head[0]):
        ground.token.act("mint", head, [bank_line(ground.book(HEIDI), 1)], by=ground.custodian)
    with raises("DocumentMissing"):
        ground.token.act("mint", (header()[0], 0, bytes(32)), [line], by=ground.custodian)


def test_mint__more_than_64_bits_in_all__refused_and_nothing_is_minted(ground: Ground) -> None:
    before, room = supply(ground), LIMIT - supply(ground)
    alice, book = wallet_of(ALICE), ground.book(HEIDI)
    with raises("AmountTooLarge", room + 1):
        act(ground, "mint", bank_line(alice, room + 1))
    with raises("AmountTooLarge", 1):
        act(ground, "mint", bank_line(alice, room), bank_line(book, 1))
    assert supply(ground) == before
    act(ground, "mint", bank_line(alice, room))
    assert (supply(ground), money(ground, alice)) == (LIMIT, room)
    with raises("AmountTooLarge", 1):
        act(ground, "mint", bank_line(book, 1))
    pay(ground, alice, wallet_of(BOB), room)
    assert money(ground, wallet_of(BOB)) == room


def test_mint__batch_to_wallet_and_book_account__each_line_with_its_reference(ground: Ground) -> None:
    before = supply(ground)
    lines = [bank_line(wallet_of(ALICE), 100), bank_line(ground.book(BOB), 250)]
    events = act(ground, "mint", *lines)
    assert [e.name for e in events] == ["ActRecorded", "Transfer", "Minted", "Transfer", "Minted"]
    assert events[0].values["kind"] == 36
    assert [tuple(e.values.values()) for e in events[2::2]] == lines
    assert tuple(events[1].values.values()) == (ZERO, wallet_of(ALICE), 100)
    assert (money(ground, wallet_of(ALICE)), money(ground, ground.book(BOB))) == (100, 250)
    assert supply(ground) == before + 350
    assert ground.token.read("cashOf", [wallet_of(ALICE), ground.book(BOB)]) == (100 | 1 << 64, 250 | 1 << 64)


def test_mint__200_lines__pass_in_one_act(ground: Ground) -> None:
    act(ground, "mint", *(bank_line(ground.book(HEIDI), 1) for _ in range(200)))
    assert money(ground, ground.book(HEIDI)) == MONEY + 200


# --- withdrawals ---


def test_burn__of_a_wallet__refused(ground: Ground) -> None:
    for account in (wallet_of(ERIN), STRANGER, ZERO):
        with raises("NotABookAccount", account):
            act(ground, "burn", bank_line(account, 1))


def test_burn__more_than_is_there__refused_with_the_whole_batch(ground: Ground) -> None:
    book = ground.book(HEIDI)
    with raises("ERC20InsufficientBalance", book, 0, 1):
        act(ground, "burn", bank_line(book, MONEY), bank_line(book, 1))
    assert money(ground, book) == MONEY


def test_burn__of_a_book_account_and_of_the_banks_own__reduces_the_supply(ground: Ground) -> None:
    before, book = supply(ground), ground.book(HEIDI)
    pay(ground, wallet_of(ERIN), ground.custodian, 30)
    lines = [bank_line(book, 70), bank_line(ground.custodian, 30)]
    events = act(ground, "burn", *lines)
    assert [e.name for e in events] == ["ActRecorded", "Transfer", "Burned", "Transfer", "Burned"]
    assert [tuple(e.values.values()) for e in events[2::2]] == lines
    assert tuple(events[1].values.values()) == (book, ZERO, 70)
    assert (supply(ground), money(ground, book), money(ground, ground.custodian)) == (before - 100, MONEY - 70, 0)


# --- stop and freeze ---


def test_stop__by_anybody_but_bank_and_regulator__refused(ground: Ground) -> None:
    for actor in (ground.stranger, ground.governor, ground.platform, ground.issuer, wallet_of(ERIN)):
        with raises("NotAuthorised", actor, 2 | 8):
            stop(ground, by=actor)


def _moves(ground: Ground) -> list[tuple[str, tuple[Any, ...], str]]:
    erin, frank, book = wallet_of(ERIN), wallet_of(FRANK), ground.book(HEIDI)
    return [
        ("mint", (header(), [bank_line(erin, 1)]), ground.custodian),
        ("burn", (header(), [bank_line(book, 1)]), ground.custodian),
        ("transfer", (frank, 1), erin),
        ("transfer", (frank, 0), erin),
        ("transferFrom", (frank, erin, 1), erin),
    ]


def test_stop__whatever_moves_money__refused_until_it_ends(ground: Ground) -> None:
    ground.token.act("approve", wallet_of(ERIN), 1, by=wallet_of(FRANK))
    for actor in (ground.regulator, ground.custodian):
        events = stop(ground, by=actor)
        assert [e.name for e in events] == ["ActRecorded", "MoneyStopped"]
        assert ground.token.read("isStopped")
        for function, arguments, by in _moves(ground):
            with raises("MoneyIsStopped"):
                ground.token.act(function, *arguments, by=by)
        stop(ground, False, by=actor)
    for function, arguments, by in _moves(ground):
        ground.token.act(function, *arguments, by=by)


def test_freeze__by_anybody_but_the_regulator__refused(ground: Ground) -> None:
    for actor in (ground.stranger, ground.governor, ground.platform, ground.custodian, wallet_of(ERIN)):
        with raises("NotAuthorised", actor, 2):
            ground.token.act("setFrozen", header(), wallet_of(ERIN), True, by=actor)


def test_freeze__account__sends_nothing_and_still_receives(ground: Ground) -> None:
    erin, frank, book = wallet_of(ERIN), wallet_of(FRANK), ground.book(HEIDI)
    events = freeze(ground, erin)
    assert [e.name for e in events] == ["ActRecorded", "AccountFrozen"]
    assert tuple(events[1].values.values()) == (erin, True)
    freeze(ground, book)
    ground.token.act("approve", frank, 1, by=erin)
    for function, arguments, by in (
        ("transfer", (frank, 1), erin),
        ("transfer", (frank, 0), erin),
        ("transferFrom", (erin, frank, 1), frank),
        ("burn", (header(), [bank_line(book, 1)]), ground.custodian),
    ):
        with raises("MoneyFrozen", erin if by != ground.custodian else book):
            ground.token.act(function, *arguments, by=by)
    pay(ground, frank, erin, 5)
    mint(ground, (erin, 7))
    held = cash(ground, erin)
    assert (held.balance, held.is_frozen, held.is_known) == (MONEY + 12, True, True)
    freeze(ground, erin, False)
    pay(ground, erin, frank, MONEY + 12)
    assert cash(ground, erin).is_known
    assert not cash(ground, erin).is_frozen


# --- owners ---


def test_transfer__more_than_is_there__refused(ground: Ground) -> None:
    for amount in (MONEY + 1, 2**64, 2**64 + 1, 2**256 - 1):
        with raises("ERC20InsufficientBalance", wallet_of(ERIN), MONEY, amount):
            pay(ground, wallet_of(ERIN), wallet_of(FRANK), amount)
    assert money(ground, wallet_of(FRANK)) == MONEY


def test_transfer__to_a_book_account_of_nobody_or_to_zero__refused(ground: Ground) -> None:
    with raises("AccountUnknown", ground.book(999_999)):
        pay(ground, wallet_of(ERIN), ground.book(999_999), 1)
    with raises("ERC20InvalidReceiver", ZERO):
        pay(ground, wallet_of(ERIN), ZERO, 1)


def test_transfer__to_oneself__changes_nothing(ground: Ground) -> None:
    pay(ground, wallet_of(ERIN), wallet_of(ERIN), MONEY)
    assert money(ground, wallet_of(ERIN)) == MONEY


def test_transfer_from__more_than_allowed__refused(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    ground.token.act("approve", frank, 10, by=erin)
    with raises("ERC20InsufficientAllowance", frank, 10, 11):
        ground.token.act("transferFrom", erin, frank, 11, by=frank)
    ground.token.act("transferFrom", erin, frank, 10, by=frank)
    assert (money(ground, erin), money(ground, frank)) == (MONEY - 10, MONEY + 10)


def test_book_money__by_wallet_platform_or_bank__leaves_no_other_way(ground: Ground) -> None:
    """The owner's own wallet moves shares of the book account, but not its money."""
    mint(ground, (ground.book(ERIN), 500))
    erin, book = wallet_of(ERIN), ground.book(ERIN)
    for actor in (erin, ground.platform, ground.custodian, ground.regulator, ground.stranger):
        with raises("ERC20InsufficientAllowance", actor, 0, 1):
            ground.token.act("transferFrom", book, erin, 1, by=actor)
    assert money(ground, book) == 500


def test_collect__by_anybody_but_an_enrolled_raise__refused(ground: Ground, raised: Any) -> None:
    book = ground.book(HEIDI)
    others = (ground.stranger, ground.platform, ground.custodian, ground.issuer, wallet_of(ERIN))
    for actor in (*others, ground.offerings.address, ground.company.address, ground.preferred.address):
        with raises("NotAuthorised", actor, 16):
            ground.token.act("collect", book, 1, by=actor)
    with raises("NotABookAccount", wallet_of(ERIN)):
        ground.token.act("collect", wallet_of(ERIN), 1, by=raised.offering.address)
    with raises("ERC20InsufficientBalance", book, MONEY, MONEY + 1):
        ground.token.act("collect", book, MONEY + 1, by=raised.offering.address)
    assert money(ground, book) == MONEY


# --- what it is ---


def test_token__asked_what_it_is__answers(ground: Ground) -> None:
    token: Contract = ground.token
    assert (token.read("name"), token.read("symbol"), token.read("decimals")) == ("Tokenised CNY", "CNYT", 2)
    assert supply(ground) == MONEY * len(INVESTORS)
    assert token.read("eip712Domain")[1:3] == ("Equity Settlement Token", "1")
    ids = {"ERC165": "01ffc9a7", "ERC20": "36372b07", "metadata": "a219a025", "permit": "9d8ff7da", "5267": "84b0196e"}
    for id_ in ids.values():
        assert token.read("supportsInterface", bytes.fromhex(id_))
    assert not token.read("supportsInterface", b"\xff" * 4)
