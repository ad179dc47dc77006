"""The ratchet: early or late success moves shares as the terms say (ES-11 to ES-13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.domain.ids import Day
from registry.domain.rules import ActKind, Basis
from tests.contracts.support import node
from tests.contracts.support.attesting import attest_all
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, FAR, ZERO, Ground, header, wallet_of
from tests.contracts.support.milestones import (
    fail,
    founded,
    names,
    ratchet,
    ratchet_of,
    reach,
    reserved,
    scheduled,
    tranches_of,
)
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    IVAN,
    Raise,
    clock_to,
    closing,
    draft,
    escrow_terms,
    offering_terms,
    opened,
    raw,
)

NEW_SHARES, FOUNDER = 1, 2
MOST = 5_000
"""Shares of the raise at most; 3 500 are allotted, of which Erin has 2 000."""


def drawn(ground: Ground, **changes: Any) -> Raise:
    """A settled raise with a ratchet of the first of two milestones."""
    terms = offering_terms(ground)
    return scheduled(ground, {}, {}, ratchet=ratchet_of(ground, terms, **changes))


def reached(done: Raise, when: str) -> None:
    """Attested early, in between, or late, and released."""
    over = done.terms.closes_at + done.terms.cooling_off + done.terms.settle_within
    days = {"early": 30, "between": 45, "late": 61}[when]
    clock_to(done.ground, over + days * node.DAY - 10)
    reach(done)


def late(ground: Ground, **changes: Any) -> Raise:
    done = drawn(ground, **changes)
    reached(done, "late")
    return done


def shares(done: Raise, account: str) -> int:
    return done.ground.balance(done.ground.preferred, account)


def lend(done: Raise, most: int = 10_000) -> None:
    """The founder lets the escrow take so many of its shares."""
    done.ground.preferred.act("approve", done.escrow.address, most, by=wallet_of(GRACE))


# --- refusals ---


@pytest.mark.parametrize("when", ["before", "between"])
def test_ratchet__that_has_not_fallen__refused(ground: Ground, when: str) -> None:
    """ES-11: before the milestone is reached, and when it is neither early nor late."""
    done = drawn(ground)
    if when == "between":
        reached(done, when)
    with raises("RatchetNotDue"):
        ratchet(done, wallet_of(ERIN))


def test_ratchet__where_there_is_none__refused(done: Raise) -> None:
    """ES-11"""
    reach(done)
    with raises("RatchetNotDue"):
        ratchet(done, wallet_of(ERIN))


def test_ratchet__of_who_did_not_subscribe__refused(ground: Ground) -> None:
    """ES-11"""
    done = late(ground)
    with raises("SubscriptionUnknown", wallet_of(ALICE)):
        ratchet(done, wallet_of(ALICE))


def test_open__without_room_for_the_ratchet__refused(ground: Ground) -> None:
    """ES-12: the raise's own shares fit, those of the ratchet do not."""
    terms = offering_terms(ground)
    raised = draft(ground, terms, None, tranches_of(terms, {}), ratchet_of(ground, terms))
    raised.admit()
    ground.preferred.act("setAuthorised", header(), MOST + 249, by=ground.registrar)
    with raises("Refused", 19):
        raised.open()
    ground.preferred.act("setAuthorised", header(), MOST + 250, by=ground.registrar)
    raised.open()
    assert reserved(raised) == MOST + 250


# --- shares kept free ---


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"early_bps": 500, "late_bps": 300}, 250),
        ({"early_bps": 500, "late_bps": 700}, 350),
        ({"early_bps": 500, "late_bps": 700, "source": FOUNDER}, 250),
        ({"early_bps": 0, "late_bps": 700, "source": FOUNDER}, 0),
    ],
)
def test_open__with_a_ratchet__keeps_the_most_it_may_need(ground: Ground, changes: dict[str, Any], kept: int) -> None:
    """ES-12: of the founder's nothing is kept; it allowed them or not."""
    terms = offering_terms(ground)
    raised = opened(ground, terms, None, tranches_of(terms, {}), ratchet_of(ground, terms, **changes))
    assert reserved(raised) == MOST + kept


@pytest.mark.parametrize("how", ["cancelled", "too little"])
def test_raise__that_fails__frees_them(ground: Ground, how: str) -> None:
    """ES-12"""
    terms = offering_terms(ground)
    raised = opened(ground, terms, None, tranches_of(terms, {}), ratchet_of(ground, terms))
    if how == "cancelled":
        raised.cancel()
    else:
        raised.end()
        raised.close()
    assert reserved(raised) == 0


@pytest.mark.parametrize("milestone", [0, 1])
def test_milestone__that_is_missed__frees_them(ground: Ground, milestone: int) -> None:
    """ES-12: its own, or another that takes it along."""
    terms = offering_terms(ground)
    ratchet_terms = ratchet_of(ground, terms, milestone=milestone)
    done = scheduled(ground, {}, {}, ratchet=ratchet_terms)
    assert reserved(done) == 250
    fail(done)
    assert reserved(done) == 0
    with raises("RatchetNotDue"):
        ratchet(done, wallet_of(ERIN))


@pytest.mark.parametrize(
    ("when", "source", "kept"),
    [
        ("early", NEW_SHARES, 175),
        ("between", NEW_SHARES, 0),
        ("late", NEW_SHARES, 175),
        ("early", FOUNDER, 175),
        ("late", FOUNDER, 0),
    ],
)
def test_release__of_its_milestone__keeps_what_is_needed(ground: Ground, when: str, source: int, kept: int) -> None:
    """ES-11, ES-12: 5 % of what was allotted; the rest is free again."""
    done = drawn(ground, source=source)
    reached(done, when)
    assert reserved(done) == kept


def test_release__of_another_milestone__leaves_them(ground: Ground) -> None:
    """ES-12"""
    done = drawn(ground)
    reach(done, 1)
    assert reserved(done) == 250


# --- early ---


def test_ratchet__reached_early__new_shares_for_the_founder_once(ground: Ground) -> None:
    """ES-11: counted from when the quorum stood, not from the release a week later."""
    done = drawn(ground)
    reached(done, "early")
    events = ratchet(done)
    assert names(events) == [
        *("RatchetDelivered", "ActRecorded", "SharesReserved", "Transfer", "EntryRecorded"),
    ]
    assert tuple(events[0].values.values()) == (wallet_of(GRACE), 175)
    assert (events[1].values["kind"], events[1].values["basis"]) == (ActKind.ALLOTMENT, Basis.SUBSCRIPTION)
    assert events[1].values["document"] == done.terms.memorandum
    assert shares(done, wallet_of(GRACE)) == 175
    assert reserved(done) == 0
    with raises("RatchetNotDue"):
        ratchet(done)


def test_ratchet__to_a_founder_whose_wallet_is_closed__into_its_book_account(ground: Ground) -> None:
    """ES-8, ES-11"""
    done = drawn(ground)
    reached(done, "early")
    ground.close_wallet(wallet_of(GRACE))
    ratchet(done)
    assert shares(done, ground.book(GRACE)) == 175


def test_ratchet__to_a_founder_that_is_frozen__waits(ground: Ground) -> None:
    """ES-11, ES-12: the shares stay free for it."""
    done = drawn(ground)
    reached(done, "early")
    ground.freeze(GRACE)
    with raises("Refused", 9):
        ratchet(done)
    assert reserved(done) == 175
    ground.freeze(GRACE, False)
    ratchet(done)


# --- late, new shares ---


def test_ratchet__reached_late__new_shares_for_each_lot_once(ground: Ground) -> None:
    """ES-11: in pages, rounded down, whatever is named twice."""
    done = late(ground)
    accounts = [done.home(party) for party in (ERIN, FRANK, HEIDI)]
    events = ratchet(done, *accounts, accounts[0])
    told = [tuple(event.values.values()) for event in events if event.name == "LotRatcheted"]
    assert told == [(ERIN, accounts[0], 100), (FRANK, accounts[1], 50), (HEIDI, accounts[2], 25)]
    assert [shares(done, account) for account in accounts] == [2_100, 1_050, 525]
    assert ratchet(done, *accounts, ground.book(ERIN)) == []
    assert reserved(done) == 0


def test_ratchet__of_new_shares_still_to_come__binds_the_class(ground: Ground) -> None:
    """SP-2: a split before would make them fewer; afterwards roundings do not bind."""
    done = late(ground)
    reach(done, 1)
    assert done.offering.read("isBinding")
    ratchet(done, *(done.home(party) for party in (ERIN, FRANK, HEIDI)))
    assert not done.offering.read("isBinding")


def test_ratchet__of_a_holder_named_by_its_empty_account__goes_to_the_holder(ground: Ground) -> None:
    """ES-13: the party is asked, not the account that somebody chose; nobody's shares lapse by it."""
    done = late(ground, fallback_account=raw(wallet_of(GRACE)))
    ratchet(done, ground.book(ERIN))
    assert shares(done, ground.book(ERIN)) == 100
    assert shares(done, wallet_of(GRACE)) == 0


def test_ratchet__of_who_moved_its_shares_to_another_wallet__still_its_own(ground: Ground) -> None:
    """ES-13"""
    done = late(ground, fallback_account=raw(wallet_of(GRACE)))
    ground.give(ground.preferred, wallet_of(ERIN), ground.bind(ERIN, 1), 2_000)
    ratchet(done, wallet_of(ERIN))
    assert shares(done, wallet_of(ERIN)) == 100


@pytest.mark.parametrize("fallback", [None, IVAN])
def test_ratchet__of_who_sold_everything__to_the_fallback_or_lapsed(ground: Ground, fallback: int | None) -> None:
    """ES-12, ES-13: what lapses is free again."""
    account = wallet_of(fallback) if fallback else ZERO
    done = late(ground, fallback_account=raw(account))
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(FRANK), 2_000)
    events = ratchet(done, wallet_of(ERIN), wallet_of(FRANK))
    told = next(event for event in events if event.name == "LotRatcheted")
    assert tuple(told.values.values()) == (ERIN, account, 100)
    assert shares(done, wallet_of(ERIN)) == 0
    assert shares(done, wallet_of(IVAN)) == (100 if fallback else 0)
    assert reserved(done) == 25
    assert ratchet(done, wallet_of(ERIN)) == []


def test_ratchet__of_frozen_and_parked_lots__waits(ground: Ground) -> None:
    """ES-13"""
    terms = offering_terms(ground)
    done = closing(ground, terms, escrow_terms(ground), tranches_of(terms, {}), ratchet_of(ground, terms))
    ground.freeze(FRANK)
    done.allot(*(done.home(party) for party in (ERIN, FRANK, HEIDI)))
    reached(done, "late")
    ground.freeze(ERIN)
    ratchet(done, wallet_of(ERIN), wallet_of(FRANK), ground.book(HEIDI))
    assert [shares(done, wallet_of(party)) for party in (ERIN, FRANK)] == [2_000, 0]
    ground.freeze(ERIN, False)
    ground.freeze(FRANK, False)
    done.allot(wallet_of(FRANK))
    ratchet(done, wallet_of(ERIN), wallet_of(FRANK))
    assert [shares(done, wallet_of(party)) for party in (ERIN, FRANK)] == [2_100, 1_050]


# --- late, the founder's shares ---


def test_ratchet__of_the_founders_shares__taken_by_its_allowance(ground: Ground) -> None:
    """ES-13: a transfer by agreement, told after the lots."""
    founder = founded(ground)
    done = late(ground, source=FOUNDER)
    lend(done)
    events = ratchet(done, wallet_of(ERIN), ground.book(HEIDI))
    assert [event.name for event in events].count("RatchetDelivered") == 2
    assert (shares(done, wallet_of(ERIN)), shares(done, ground.book(HEIDI))) == (2_100, 525)
    assert shares(done, founder) == 10_000 - 125


@pytest.mark.parametrize("why", ["no allowance", "class stopped", "receiver lapsed"])
def test_ratchet__of_the_founders_shares_that_cannot_be_taken__stays_due(ground: Ground, why: str) -> None:
    """ES-13: nobody loses a right because somebody asked on the wrong day; the others of the page are served."""
    founded(ground)
    done = late(ground, source=FOUNDER)
    lend(done, 0 if why == "no allowance" else 10_000)
    if why == "class stopped":
        ground.company.act("stopClass", header(), ground.preferred.address, True, by=ground.stopper)
    if why == "receiver lapsed":
        ground.registry.act("revoke", header(), ERIN, by=ground.kyc_agent)
    events = ratchet(done, wallet_of(ERIN), wallet_of(FRANK))
    unmet = [tuple(event.values.values()) for event in events if event.name == "RatchetUnmet"]
    expected = (
        [(wallet_of(ERIN), 100)] if why == "receiver lapsed" else [(wallet_of(ERIN), 100), (wallet_of(FRANK), 50)]
    )
    assert unmet == expected
    assert not done.subscription(ERIN).is_ratcheted
    lend(done)
    if why == "class stopped":
        ground.company.act("stopClass", header(), ground.preferred.address, False, by=ground.stopper)
    if why == "receiver lapsed":
        ground.restate(replace(ground.word(ERIN), kyc_day=Day(FAR), qualification_day=Day(FAR)))
    ratchet(done, wallet_of(ERIN), wallet_of(FRANK))
    assert [shares(done, wallet_of(party)) for party in (ERIN, FRANK)] == [2_100, 1_050]
    assert done.subscription(ERIN).is_ratcheted


def test_ratchet__when_the_quorum_was_lost_and_came_again__counts_the_last(ground: Ground) -> None:
    """ES-11: what stood before does not."""
    done = drawn(ground)
    over = done.terms.closes_at + done.terms.cooling_off + done.terms.settle_within
    clock_to(ground, over + 29 * node.DAY)
    attest_all(ground, done.escrow)
    ground.board.act("retract", done.escrow.address, 0, by=wallet_of(911))
    clock_to(ground, over + 61 * node.DAY)
    attest_all(ground, done.escrow, parties=(913,))
    node.jump_to(node.now() + 8 * node.DAY)
    events = done.escrow.act("release", 0, by=ground.stranger)
    assert [tuple(event.values.values()) for event in events if event.name == "RatchetFell"] == [(2,)]
