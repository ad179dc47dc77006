"""The schedule: fixed before the raise opens, adding up for every outcome (ES-1, ES-2); what only the raise may do."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import pytest

from registry.domain.raise_words import Tranche
from tests.contracts.support import node
from tests.contracts.support.attesting import KIND, VERIFIERS, appoint, dismiss
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ZERO, Ground, wallet_of
from tests.contracts.support.milestones import ratchet_of, tranches_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ERIN,
    EXTEND,
    FRANK,
    PRICE,
    PUT,
    Raise,
    create,
    draft,
    escrow_terms,
    offering_terms,
    raw,
    schedule,
    settled,
    tranche,
)

NOBODY = raw(STRANGER)


# --- the escrow ---


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer_account": NOBODY}, 1),
        ({"arbiter": raw(ZERO)}, 2),
        ({"window": 0}, 3),
        ({"arbitration": 0}, 4),
        ({"challenge_bps": 0}, 6),
        ({"challenge_bps": 10_001}, 6),
        ({"consent_bps": 0}, 7),
        ({"consent_bps": 10_001}, 7),
        ({"put_payer": NOBODY}, 9),
        ({"put_rate_bps": 10_001}, 11),
        ({"claims": 0}, 12),
        ({"claims": 3_650 * DAY + 1}, 12),
        ({"lapse_account": NOBODY}, 13),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else "",
)
def test_create__escrow_with_a_term_that_cannot_be__refused(
    ground: Ground, changes: dict[str, Any], field: int
) -> None:
    """ES-1"""
    with raises("EscrowMalformed", field):
        create(ground, offering_terms(ground), escrow_terms(ground, **changes))
    assert ground.offerings.read("offeringCount") == 0


# --- tranches ---


@pytest.mark.parametrize(
    ("changes", "escrow", "field"),
    [
        ({"value": 0}, {}, 2),
        ({"kind": 0}, {}, 3),
        ({"quorum": 0}, {}, 4),
        ({"quorum": 17}, {}, 4),
        ({"deadline": 1}, {}, 5),
        ({"on_miss": 0}, {}, 6),
        ({"on_miss": 4}, {}, 6),
        ({"on_miss": PUT}, {"put_payer": raw(ZERO)}, 6),
        ({"on_miss": EXTEND}, {}, 7),
        ({"on_miss": EXTEND, "extension": DAY}, {"voting": 0}, 7),
        ({"criterion": bytes(32)}, {}, 8),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else "",
)
def test_create__tranche_with_a_term_that_cannot_be__refused(
    ground: Ground, changes: dict[str, Any], escrow: dict[str, Any], field: int
) -> None:
    """ES-1: the milestone is named too."""
    terms = offering_terms(ground)
    first, second = schedule(terms)
    with raises("TrancheMalformed", 1, field):
        create(ground, terms, escrow_terms(ground, **escrow), [first, replace(second, **changes)])


def test_create__deadline_before_the_raise_must_be_settled__refused(ground: Ground) -> None:
    """ES-1: window, cooling-off and the time for settling come first."""
    terms = offering_terms(ground)
    over = terms.closes_at + terms.cooling_off + terms.settle_within
    with raises("TrancheMalformed", 0, 5):
        create(ground, terms, None, [tranche(terms, deadline=over)])
    create(ground, terms, None, [tranche(terms, deadline=over + 1)])


@pytest.mark.parametrize("count", [0, 17])
def test_create__without_tranches_or_with_too_many__refused(ground: Ground, count: int) -> None:
    """ES-1"""
    terms = offering_terms(ground)
    # None at all leave everything over; seventeen equal fixed amounts add up.
    lines = [tranche(terms, is_share=False, value=975_000 // 17 if count else 0)] * count
    if count:
        lines[-1] = replace(lines[-1], value=975_000 - (count - 1) * lines[0].value)
    terms = replace(terms, maximum=terms.minimum)
    with raises("TooManyTranches", count, 16) if count else raises("ScheduleDoesNotAddUp", 0, 975_000):
        create(ground, terms, None, lines)


@pytest.mark.parametrize(
    ("lines", "total", "expected"),
    [
        ([(True, 4_000), (True, 5_999)], 9_999, 10_000),
        ([(True, 4_000), (True, 6_001)], 10_001, 10_000),
        ([(False, 975_001), (True, 10_000)], 975_001, 975_000),
        ([(False, 975_000)], 975_000, 4_875_000),
        ([(False, 4_875_000)], 4_875_000, 975_000),
    ],
    ids=["short", "over", "more than the minimum leaves", "only the minimum", "only the maximum"],
)
def test_create__schedule_that_does_not_add_up__refused(
    ground: Ground, lines: list[tuple[bool, int]], total: int, expected: int
) -> None:
    """ES-1: for every outcome from minimum to maximum, after the fee: 975 000 to 4 875 000 fen."""
    terms = offering_terms(ground)
    stated = [tranche(terms, is_share=is_share, value=value) for is_share, value in lines]
    with raises("ScheduleDoesNotAddUp", total, expected):
        create(ground, terms, None, stated)


# --- the ratchet ---


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"milestone": 1}, 1),
        ({"source": 3}, 2),
        ({"founder": NOBODY}, 3),
        ({"fallback_account": NOBODY}, 4),
        ({"early_by": 2**40 - 1}, 5),
        ({"early_bps": 10_001}, 6),
        ({"late_bps": 10_001}, 8),
        ({"late_bps": 0, "early_bps": 0}, 8),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, dict) else "",
)
def test_create__ratchet_with_a_term_that_cannot_be__refused(
    ground: Ground, changes: dict[str, Any], field: int
) -> None:
    """ES-1, ES-11"""
    terms = offering_terms(ground)
    with raises("RatchetMalformed", field):
        create(ground, terms, None, [tranche(terms)], ratchet_of(ground, terms, **changes))


# --- as scheduled ---


def test_create__a_schedule__told_in_full_before_anything_else(ground: Ground) -> None:
    """ES-1: terms, tranches with criterion, ratchet; in that order, before any money."""
    terms = offering_terms(ground)
    lines = tranches_of(terms, {}, {"on_miss": EXTEND, "extension": 30 * DAY, "is_share": False, "value": 7})
    lines[0] = replace(lines[0], value=10_000)
    ratchet = ratchet_of(ground, terms)
    events = create(ground, terms, None, lines, ratchet)
    told = [event for event in events if event.name.endswith("Scheduled")]
    assert [event.name for event in told] == [
        *("EscrowScheduled", "TrancheScheduled", "TrancheScheduled", "RatchetScheduled")
    ]
    assert told[0].values["terms"][2:4] == (7 * DAY, 10 * DAY)
    for i, event in enumerate(told[1:3]):
        word = Tranche.unpack(event.values["tranche"])
        assert (word.value, word.is_share, word.state) == (lines[i].value, lines[i].is_share, 0)
        assert (word.kind, word.quorum, word.deadline) == (KIND, 2, lines[i].deadline)
        assert (word.on_miss, word.extension) == (lines[i].on_miss, lines[i].extension)
        assert (event.values["criterion"], event.values["terms"]) == (lines[i].criterion, lines[i].terms)
    assert told[3].values["ratchet"][0] == 0


@pytest.mark.parametrize(
    ("lines", "amounts"),
    [
        ([(True, 3_333), (True, 3_333), (True, 3_334)], [325_292, 325_292, 325_391]),
        ([(False, 500_000), (True, 10_000)], [500_000, 475_975]),
        ([(True, 1), (False, 975_000), (True, 9_999)], [0, 975_000, 975]),
    ],
    ids=["shares", "fixed first", "fixed takes nearly all"],
)
def test_fund__what_was_raised__split_as_scheduled_to_the_fen(
    ground: Ground, lines: list[tuple[bool, int]], amounts: list[int]
) -> None:
    """ES-1: of 1 001 000 fen 975 975 are left after the fee; shares are rounded down, the last one takes the rest."""
    terms = offering_terms(ground)
    stated = [tranche(terms, is_share=is_share, value=value) for is_share, value in lines]
    done = settled(ground, terms, None, stated, book={ERIN: 600 * PRICE, FRANK: 401 * PRICE})
    assert done.purse().proceeds == sum(amounts) == 975_975
    assert [line.value for line in done.tranches()] == amounts


# --- opening ---


def test_open__with_fewer_verifiers_than_a_quorum__refused(ground: Ground) -> None:
    """ES-2: N of M with N above M; dismissed ones and those whose mandate is over are not there."""
    terms = offering_terms(ground)
    raised = draft(ground, terms, None, [tranche(terms, quorum=3)])
    raised.admit()
    dismiss(ground, VERIFIERS[2])
    with raises("QuorumAbovePanel", 3, 2):
        raised.open()
    appoint(ground, VERIFIERS[2], key=wallet_of(VERIFIERS[2], 1), until_day=node.TODAY)
    node.jump_to(node.first_second_of(node.TODAY + 1))
    with raises("QuorumAbovePanel", 3, 2):
        raised.open()
    assert raised.totals().phase == 1


def test_open__with_a_panel_for_each_kind__succeeds(ground: Ground) -> None:
    """ES-2"""
    terms = offering_terms(ground)
    raised = draft(ground, terms, None, tranches_of(terms, {}, {"kind": KIND + 1, "quorum": 1}))
    raised.admit()
    with raises("QuorumAbovePanel", 1, 0):
        raised.open()
    appoint(ground, VERIFIERS[0], kind=KIND + 1)
    raised.open()


# --- strangers ---


def test_initialise__a_second_time__refused(drafted: Raise) -> None:
    terms = drafted.terms
    stated = (
        astuple(escrow_terms(drafted.ground)),
        [astuple(line) for line in schedule(terms)],
        astuple(ratchet_of(drafted.ground, terms)),
    )
    with raises("AlreadyInitialised"):
        drafted.escrow.act("initialise", *stated, by=drafted.ground.platform)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("prepare", (1,)), ("abandon", ()), ("fund", (1,)), ("collectPut", (ERIN, wallet_of(ERIN)))],
)
def test_escrow__what_its_raise_or_itself_does__refused_to_others(
    done: Raise, function: str, arguments: tuple[Any, ...]
) -> None:
    """ES-3"""
    for actor in (done.ground.platform, done.ground.issuer, done.ground.stranger):
        with raises("NotAuthorised", actor, 0):
            done.escrow.act(function, *arguments, by=actor)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("redeemLots", ([wallet_of(ERIN)], 1)),
        ("lapseLots", ([wallet_of(ERIN)], 1)),
        ("deliverLot", (wallet_of(ERIN), ZERO, 1)),
        ("ratchetLots", ([wallet_of(ERIN)], 1, ZERO)),
        ("restoreRatchet", (wallet_of(ERIN),)),
    ],
)
def test_lots__asked_for_by_others_than_the_escrow__refused(
    done: Raise, function: str, arguments: tuple[Any, ...]
) -> None:
    """ES-7"""
    for actor in (done.ground.platform, done.ground.issuer, wallet_of(ERIN)):
        with raises("NotAuthorised", actor, 0):
            done.offering.act(function, *arguments, by=actor)
