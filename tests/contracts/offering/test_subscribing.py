"""Subscribing: one signature freezes the money in this raise, for this amount, on this disclosure, once."""

from __future__ import annotations

import pytest
from eth_utils import keccak

from registry.domain.raise_words import Subscription
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support import node
from tests.contracts.support.expect import declined, raises
from tests.contracts.support.ground import ALICE, BOB, QUALIFIED, Ground, header, person, wallet_key, wallet_of
from tests.contracts.support.paying import authorisation, signed_money
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    MONEY,
    PAID,
    PRICE,
    SIGNED,
    Raise,
    clock,
    mint,
    money,
    opened,
    use_of,
)

AMOUNT = 100 * PRICE
ACCEPTS_ALL = "0x631626ba7e60e01b60005260206000f3"


def unchanged(raised: Raise, party: int = ERIN) -> None:
    """Nothing of a refused subscription is left."""
    assert raised.subscription(party) == Subscription()
    assert raised.totals().money_in == 0
    assert money(raised.ground, raised.home(party)) == MONEY
    assert money(raised.ground, raised.offering.address) == 0
    assert (use_of(raised.ground, party), raised.ground.subscriptions(party)) == (0, 0)


# --- signatures that are not for this ---


def test_subscribe__signed_by_another__refused(raised: Raise) -> None:
    with raises("ERC3009InvalidSignature"):
        raised.subscribe(ERIN, AMOUNT, signer=(FRANK, 0))
    unchanged(raised)


def test_subscribe__signed_for_another_raise__refused(raised: Raise) -> None:
    other = opened(raised.ground)
    with raises("ERC3009InvalidSignature"):
        other.subscribe(ERIN, AMOUNT, to=raised.offering.address)
    unchanged(other)
    unchanged(raised)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_subscribe__amount_disclosure_salt_or_time_changed_by_the_bringer__refused(raised: Raise, at: int) -> None:
    arguments = list(raised.authorised(ERIN, AMOUNT))
    arguments[at] = {1: 2 * AMOUNT, 2: keccak(text="another copy"), 3: bytes(31) + b"x", 4: 2**41}[at]
    with raises("ERC3009InvalidSignature"):
        raised.offering.act("subscribe", *arguments, by=raised.ground.stranger)
    unchanged(raised)


def test_subscribe__for_the_account_of_another__refused(raised: Raise) -> None:
    arguments = list(raised.authorised(FRANK, AMOUNT))
    arguments[0] = wallet_of(ERIN)
    with raises("ERC3009InvalidSignature"):
        raised.offering.act("subscribe", *arguments, by=wallet_of(FRANK))
    unchanged(raised)


def test_subscribe__after_the_signatures_time__refused(raised: Raise) -> None:
    end = node.now() + 100
    arguments = raised.authorised(ERIN, AMOUNT, valid_before=end)
    node.next_block_at(end)
    with raises("ERC3009InvalidAuthorizationTime", 0, end):
        raised.offering.act("subscribe", *arguments, by=raised.ground.stranger)
    unchanged(raised)


def test_subscribe__signature_used_before__refused_even_after_a_withdrawal(raised: Raise) -> None:
    arguments = raised.authorised(ERIN, AMOUNT)
    raised.offering.act("subscribe", *arguments, by=raised.ground.stranger)
    with declined(SubscriptionRule.TWICE):
        raised.offering.act("subscribe", *arguments, by=raised.ground.stranger)
    raised.withdraw(ERIN)
    with raises("ERC3009UsedAuthorization", wallet_of(ERIN)):
        raised.offering.act("subscribe", *arguments, by=raised.ground.stranger)
    assert raised.subscription(ERIN) == Subscription()
    assert money(raised.ground, wallet_of(ERIN)) == MONEY


def test_authorisation__taken_to_the_money_itself__moves_nothing(raised: Raise) -> None:
    """Whoever sees the signature cannot bring the money into the raise past its book."""
    account, amount, disclosure, salt, before, signature = raised.authorised(ERIN, AMOUNT)
    nonce = keccak(disclosure + salt)
    arguments = (account, raised.offering.address, amount, 0, before, nonce)
    token, stranger = raised.ground.token, raised.ground.stranger
    with raises("ERC20InvalidReceiver", raised.offering.address):
        token.act("receiveWithAuthorization/7", *arguments, signature, by=stranger)
    parts = (signature[64], signature[:32], signature[32:64])
    with raises("ERC20InvalidReceiver", raised.offering.address):
        token.act("receiveWithAuthorization/9", *arguments, *parts, by=stranger)
    with raises("ERC3009InvalidSignature"):
        token.act("transferWithAuthorization", *arguments, *parts, by=stranger)
    unchanged(raised)
    raised.offering.act("subscribe", account, amount, disclosure, salt, before, signature, by=stranger)


def test_subscribe__cancelled_authorisation__refused(raised: Raise) -> None:
    arguments = raised.authorised(ERIN, AMOUNT)
    nonce = keccak(arguments[2] + arguments[3])
    signature = _cancellation(raised.ground, nonce)
    parts = (signature[64], signature[:32], signature[32:64])
    raised.ground.token.act("cancelAuthorization", wallet_of(ERIN), nonce, *parts, by=raised.ground.stranger)
    with raises("ERC3009UsedAuthorization", wallet_of(ERIN), nonce):
        raised.offering.act("subscribe", *arguments, by=raised.ground.stranger)
    unchanged(raised)


def _cancellation(ground: Ground, nonce: bytes) -> bytes:
    fields = {"authorizer": "address", "nonce": "bytes32"}
    stated = {"authorizer": wallet_of(ERIN), "nonce": nonce}
    return signed_money(ground, wallet_key(ERIN, 0), "CancelAuthorization", fields, stated)


# --- book accounts ---


def test_subscribe_for__by_anybody_but_the_platform__refused(raised: Raise) -> None:
    ground, book = raised.ground, raised.ground.book(HEIDI)
    for actor in (ground.stranger, ground.issuer, ground.registrar, ground.custodian, ground.regulator):
        with raises("NotAuthorised", actor, 4):
            raised.offering.act("subscribeFor", header(), book, AMOUNT, SIGNED, by=actor)
    unchanged(raised, HEIDI)


def test_subscribe_for__a_wallet__refused(raised: Raise) -> None:
    with raises("NotABookAccount", wallet_of(ERIN)):
        raised.subscribe_for(wallet_of(ERIN), AMOUNT)
    unchanged(raised)


def test_subscribe_for__instruction_used_before__refused(raised: Raise) -> None:
    ground, book, head = raised.ground, raised.ground.book(HEIDI), header()
    raised.offering.act("subscribeFor", head, book, AMOUNT, SIGNED, by=ground.platform)
    raised.withdraw(HEIDI)
    with raises("OperationDone", head[0]):
        raised.offering.act("subscribeFor", head, book, AMOUNT, SIGNED, by=ground.platform)
    unchanged_book = money(ground, book)
    assert unchanged_book == MONEY


def test_subscribe__book_account_by_signature__refused(raised: Raise) -> None:
    """No key signs for a book account, its owner's wallet neither."""
    ground, book = raised.ground, raised.ground.book(ERIN)
    mint(ground, (book, AMOUNT))
    salt = bytes(31) + b"s"
    nonce = keccak(SIGNED + salt)
    signature = authorisation(ground, wallet_key(ERIN, 0), book, raised.offering.address, AMOUNT, nonce)
    with raises("ERC3009InvalidSignature"):
        raised.offering.act("subscribe", book, AMOUNT, SIGNED, salt, 2**40, signature, by=ground.stranger)
    assert money(ground, book) == AMOUNT


def test_subscribe_for__book_money__is_in_the_raise_and_the_act_is_recorded(raised: Raise) -> None:
    ground, book = raised.ground, raised.ground.book(HEIDI)
    events = raised.subscribe_for(book, AMOUNT)
    assert [e.name for e in events] == ["ActRecorded", "Subscribed", "Transfer"]
    assert events[0].values["kind"] == 47
    assert tuple(events[2].values.values()) == (book, raised.offering.address, AMOUNT)
    kept = raised.subscription(HEIDI)
    assert (kept.amount, kept.status, kept.account) == (AMOUNT, PAID, 8)
    assert money(ground, book) == MONEY - AMOUNT


# --- what comes of it ---


def test_subscribe__signed__money_seat_and_limit_are_kept_in_one_step(raised: Raise) -> None:
    ground, erin = raised.ground, wallet_of(ERIN)
    events = raised.subscribe(ERIN, AMOUNT)
    now = clock(ground)
    assert [e.name for e in events] == ["Subscribed", "AuthorizationUsed", "Transfer"]
    assert tuple(events[0].values.values()) == (ERIN, erin, AMOUNT, now, SIGNED)
    assert tuple(events[2].values.values()) == (erin, raised.offering.address, AMOUNT)
    assert raised.subscription(ERIN) == Subscription(AMOUNT, status=PAID, year=35, account=0, paid_at=now)
    totals = raised.totals()
    assert (totals.money_in, totals.refunded, totals.raised, totals.subscribers) == (AMOUNT, 0, 0, 1)
    assert (money(ground, erin), money(ground, raised.offering.address)) == (MONEY - AMOUNT, AMOUNT)
    assert (ground.seats(), ground.pending(), ground.subscriptions(ERIN), use_of(ground, ERIN)) == (2, 1, 1, AMOUNT)
    assert ground.balance(ground.preferred, erin) == 0
    assert raised.offering.read("subscriptionsOf", [ERIN, FRANK])[1] == 0


def test_subscribe__from_a_second_wallet__that_wallet_is_the_account(raised: Raise) -> None:
    second = raised.ground.bind(ERIN, 1)
    mint(raised.ground, (second, AMOUNT))
    raised.subscribe(ERIN, AMOUNT, number=1)
    assert raised.subscription(ERIN).account == 1
    with declined(SubscriptionRule.TWICE):
        raised.subscribe(ERIN, AMOUNT)
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        raised.withdraw(ERIN)
    raised.withdraw(ERIN, number=1)


def test_subscribe__contract_wallet__asked_by_1271(raised: Raise) -> None:
    ground, smart = raised.ground, "0x" + "c2" * 20
    node.ask("anvil_setCode", smart, ACCEPTS_ALL)
    ground.registry.act("bindWallet", header(), BOB, smart, node.now() + 9, b"any", by=ground.kyc_agent)
    ground.restate(person(BOB, category=QUALIFIED, risk_grade=5))
    mint(ground, (smart, 2 * AMOUNT))
    arguments = (smart, AMOUNT, SIGNED, bytes(31) + b"1", 2**40, b"its own form of signature")
    raised.offering.act("subscribe", *arguments, by=ground.stranger)
    assert raised.subscription(BOB).account == 1
    assert money(ground, smart) == AMOUNT


def test_subscribe__holder_of_shares__keeps_one_seat(raised: Raise) -> None:
    ground = raised.ground
    ground.restate(person(ALICE, risk_grade=5))
    mint(ground, (wallet_of(ALICE), AMOUNT))
    raised.subscribe(ALICE, AMOUNT)
    assert (ground.seats(), ground.pending(), ground.subscriptions(ALICE)) == (2, 0, 1)


def test_subscribe__several__totals_are_their_sums(raised: Raise) -> None:
    book = {ERIN: 10 * PRICE, FRANK: 20 * PRICE, GRACE: 30 * PRICE, HEIDI: 40 * PRICE}
    for party, amount in book.items():
        raised.subscribe(party, amount)
    totals = raised.totals()
    assert (totals.live, totals.subscribers) == (100 * PRICE, 4)
    assert money(raised.ground, raised.offering.address) == 100 * PRICE


def test_subscribe__two_raises_at_once__one_seat_two_amounts(ground: Ground) -> None:
    first, second = opened(ground), opened(ground)
    first.subscribe(ERIN, AMOUNT)
    second.subscribe(ERIN, 2 * AMOUNT)
    assert (ground.pending(), ground.subscriptions(ERIN), use_of(ground, ERIN)) == (1, 2, 3 * AMOUNT)
    first.withdraw(ERIN)
    assert (ground.pending(), ground.subscriptions(ERIN), use_of(ground, ERIN)) == (1, 1, 2 * AMOUNT)


def test_money_sent_past_the_book__to_raise_or_escrow__is_no_subscription(raised: Raise) -> None:
    for receiver in (raised.offering.address, raised.escrow.address):
        raised.ground.token.act("transfer", receiver, AMOUNT, by=wallet_of(ERIN))
    assert (raised.totals().money_in, raised.subscription(ERIN).status) == (0, 0)
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        raised.withdraw(ERIN)
