"""Raises as the platform creates them: every malformed term is refused by its number, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

import pytest

from registry.domain.ids import Day, Hash32
from registry.domain.raise_args import OfferingTerms, RatchetTerms, TrancheTerms
from tests.contracts.support.contracts import STRANGER, Contract, deploy
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import COMMON, REGION, ZERO, Ground, found, header, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    DRAFT,
    EXTEND,
    HOUR,
    ISSUER,
    PRICE,
    PUT,
    RAISE_CEILING,
    Raise,
    clock,
    create,
    draft,
    escrow_terms,
    halt,
    offering_terms,
    raw,
    schedule,
    tranche,
)

EMPTY = Hash32(bytes(32))
NOBODY = raw(STRANGER)
Change = Callable[[Ground, OfferingTerms], dict[str, Any]]


def refused(ground: Ground, **changes: Any) -> None:
    """Creates from the usual terms with these changes; the caller expects an error."""
    create(ground, offering_terms(ground, **changes))


def count(ground: Ground) -> int:
    created: int = ground.offerings.read("offeringCount")
    return created


# --- who ---


def test_create__by_anybody_but_the_platform__refused(ground: Ground) -> None:
    terms = offering_terms(ground)
    for actor in (ground.stranger, ground.governor, ground.regulator, ground.custodian, ground.issuer):
        with raises("NotAuthorised", actor, 4):
            create(ground, terms, by=actor)


def test_create__act_done_before__refused(ground: Ground) -> None:
    terms = offering_terms(ground)
    stated = (astuple(terms), astuple(escrow_terms(ground)), [astuple(t) for t in schedule(terms)])
    head, ratchet = header(), astuple(RatchetTerms())
    ground.offerings.act("createOffering", head, *stated, ratchet, by=ground.platform)
    with raises("OperationDone", head[0]):
        ground.offerings.act("createOffering", head, *stated, ratchet, by=ground.platform)


# --- terms of the raise ---

SPAN = 3_650 * DAY

OFFERING: list[tuple[int, str, Change]] = [
    (1, "company of another factory", lambda g, t: {"company": NOBODY}),
    (1, "no company", lambda g, t: {"company": raw(ZERO)}),
    (2, "class of nobody", lambda g, t: {"share_class": NOBODY}),
    (3, "fee to nobody", lambda g, t: {"fee_recipient": NOBODY}),
    (3, "fee to the book account of nobody", lambda g, t: {"fee_recipient": raw(g.book(999_999))}),
    (4, "no price", lambda g, t: {"price": 0}),
    (5, "no minimum", lambda g, t: {"minimum": 0}),
    (5, "minimum with a fraction of a share", lambda g, t: {"minimum": t.minimum + 1}),
    (5, "minimum above maximum", lambda g, t: {"minimum": t.maximum + PRICE}),
    (6, "maximum with a fraction of a share", lambda g, t: {"maximum": t.maximum + 1}),
    (6, "maximum above the region's ceiling", lambda g, t: {"maximum": RAISE_CEILING + PRICE}),
    (7, "investor's minimum above maximum", lambda g, t: {"investor_minimum": t.investor_maximum + 1}),
    (8, "investor's maximum below a share", lambda g, t: {"investor_minimum": 0, "investor_maximum": PRICE - 1}),
    (9, "window that ends as it begins", lambda g, t: {"closes_at": t.opens_at}),
    (9, "window that ends before it begins", lambda g, t: {"closes_at": t.opens_at - 1}),
    (10, "window that is over", lambda g, t: {"opens_at": 5, "closes_at": clock(g)}),
    (10, "window that ends in more than ten years", lambda g, t: {"closes_at": clock(g) + SPAN + HOUR}),
    (11, "cooling-off above 90 days", lambda g, t: {"cooling_off": 90 * DAY + 1}),
    (12, "no time for settling", lambda g, t: {"settle_within": 0}),
    (12, "more than ten years for settling", lambda g, t: {"settle_within": SPAN + 1}),
    (13, "fee of everything", lambda g, t: {"fee_bps": 10_000}),
    (14, "another region than the company's", lambda g, t: {"region": REGION + 1}),
    (15, "risk grade above five", lambda g, t: {"risk_grade": 6}),
    (16, "no method", lambda g, t: {"method": 0}),
    (16, "unknown method", lambda g, t: {"method": 3}),
    (18, "no memorandum", lambda g, t: {"memorandum": EMPTY}),
    (19, "no disclosure", lambda g, t: {"disclosure": EMPTY}),
]


@pytest.mark.parametrize(("field", "_what", "change"), OFFERING, ids=[what for _, what, _ in OFFERING])
def test_create__malformed_terms__refused_by_number(ground: Ground, field: int, _what: str, change: Change) -> None:
    with raises("OfferingMalformed", field):
        refused(ground, **change(ground, offering_terms(ground)))
    assert count(ground) == 0


def test_create__class_of_another_company__refused(ground: Ground) -> None:
    _, [foreign] = found(ground.factory, "另一家公司", [COMMON])
    with raises("OfferingMalformed", 2):
        refused(ground, share_class=raw(foreign.address))


def test_create__region_without_a_scheme__refused(ground: Ground) -> None:
    ground.regions.act("setScheme", header(), REGION, 2, 0, 0, by=ground.regulator)
    with raises("OfferingMalformed", 6):
        refused(ground)


def test_create__price_that_the_consideration_cannot_state__refused(ground: Ground) -> None:
    """The price of a whole share is told in 96 bits, which the smallest parts of a share may pass."""
    millionths = ("微股", "XGBD-M", 10**12, 6, 0b111110)
    ground.company.act("createClass", header(), millionths, by=ground.issuer)
    fine = ground.company.read("classes")[-1]
    highest = (2**96 - 1) // 10**14
    ground.regions.act("setScheme", header(), REGION, 2, 2**64 - 1, 0, by=ground.regulator)
    money = {"share_class": raw(fine), "investor_maximum": 2**64 - 1}
    with raises("OfferingMalformed", 4):
        refused(ground, price=highest + 1, minimum=highest + 1, maximum=highest + 1, **money)
    draft(ground, price=highest, minimum=highest, maximum=highest, **money)


# --- terms of the escrow ---

ESCROW: list[tuple[int, str, dict[str, Any]]] = [
    (1, "issuer's account of nobody", {"issuer_account": NOBODY}),
    (2, "no arbiter", {"arbiter": raw(ZERO)}),
    (3, "no dispute window", {"window": 0}),
    (3, "dispute window above ten years", {"window": SPAN + 1}),
    (4, "no time for the arbiter", {"arbitration": 0}),
    (4, "more than ten years for the arbiter", {"arbitration": SPAN + 1}),
    (6, "nobody may challenge", {"challenge_bps": 0}),
    (6, "more than all must challenge", {"challenge_bps": 10_001}),
    (7, "nobody consents", {"consent_bps": 0}),
    (7, "more than all must consent", {"consent_bps": 10_001}),
    (8, "vote above ten years", {"voting": SPAN + 1}),
    (9, "put paid by nobody", {"put_payer": NOBODY}),
    (11, "interest above everything", {"put_rate_bps": 10_001}),
    (12, "no time for claims", {"claims": 0}),
    (12, "more than ten years for claims", {"claims": SPAN + 1}),
    (13, "lapsed money to nobody", {"lapse_account": NOBODY}),
    (13, "lapsed money to no account", {"lapse_account": raw(ZERO)}),
]


@pytest.mark.parametrize(("field", "_what", "changes"), ESCROW, ids=[what for _, what, _ in ESCROW])
def test_create__malformed_escrow__refused_by_number(
    ground: Ground, field: int, _what: str, changes: dict[str, Any]
) -> None:
    with raises("EscrowMalformed", field):
        create(ground, offering_terms(ground), escrow_terms(ground, **changes))


# --- tranches ---

TRANCHE: list[tuple[int, str, Callable[[OfferingTerms], dict[str, Any]]]] = [
    (2, "worth nothing", lambda t: {"value": 0}),
    (3, "no kind", lambda t: {"kind": 0}),
    (4, "no quorum", lambda t: {"quorum": 0}),
    (4, "quorum above sixteen", lambda t: {"quorum": 17}),
    (5, "deadline at the end of settling", lambda t: {"deadline": t.closes_at + t.cooling_off + t.settle_within}),
    (5, "deadline before the window's end", lambda t: {"deadline": t.closes_at - 1}),
    (5, "no deadline", lambda t: {"deadline": 0}),
    (5, "deadline in more than thirty years", lambda t: {"deadline": t.closes_at + 3 * SPAN + 1}),
    (6, "no miss", lambda t: {"on_miss": 0}),
    (6, "unknown miss", lambda t: {"on_miss": 4}),
    (7, "extension of no time", lambda t: {"on_miss": EXTEND, "extension": 0}),
    (7, "extension above ten years", lambda t: {"on_miss": EXTEND, "extension": SPAN + 1}),
    (8, "no criterion", lambda t: {"criterion": EMPTY}),
]


@pytest.mark.parametrize(("field", "_what", "change"), TRANCHE, ids=[what for _, what, _ in TRANCHE])
def test_create__malformed_tranche__refused_by_milestone_and_number(
    ground: Ground, field: int, _what: str, change: Callable[[OfferingTerms], dict[str, Any]]
) -> None:
    terms = offering_terms(ground)
    first, second = schedule(terms)
    with raises("TrancheMalformed", 0, field):
        create(ground, terms, tranches=[replace(first, **change(terms)), second])
    with raises("TrancheMalformed", 1, field):
        create(ground, terms, tranches=[first, replace(second, **change(terms))])


def test_create__extension_without_time_to_vote_or_put_without_payer__refused(ground: Ground) -> None:
    terms = offering_terms(ground)
    extended = tranche(terms, on_miss=EXTEND, extension=DAY)
    with raises("TrancheMalformed", 0, 7):
        create(ground, terms, escrow_terms(ground, voting=0), [extended])
    with raises("TrancheMalformed", 0, 6):
        create(ground, terms, escrow_terms(ground, put_payer=raw(ZERO)), [tranche(terms, on_miss=PUT)])
    create(ground, terms, escrow_terms(ground, put_payer=raw(ZERO)), [extended])


@pytest.mark.parametrize("number", [0, 17, 255, 256, 300])
def test_create__no_tranche_or_more_than_sixteen__refused(ground: Ground, number: int) -> None:
    terms = offering_terms(ground, fee_bps=0, minimum=5_000 * PRICE)
    parts = [tranche(terms, is_share=False, value=1, terms="") for _ in range(number)]
    if parts:
        parts[0] = tranche(terms, is_share=False, value=terms.minimum - number + 1, terms="")
    error, values = ("TooManyTranches", (number, 16)) if number else ("ScheduleDoesNotAddUp", (0, terms.maximum))
    with raises(error, *values):
        create(ground, terms, tranches=parts)


def test_create__sixteen_tranches__pass(ground: Ground) -> None:
    terms = offering_terms(ground)
    raised = draft(ground, terms, tranches=[tranche(terms, value=625) for _ in range(16)])
    assert len(raised.tranches()) == 16


# --- the schedule adds up ---


def fixed(terms: OfferingTerms, *amounts: int) -> list[TrancheTerms]:
    return [tranche(terms, is_share=False, value=amount) for amount in amounts]


def shares(terms: OfferingTerms, *parts: int) -> list[TrancheTerms]:
    return [tranche(terms, value=part) for part in parts]


def test_create__shares_that_are_not_the_whole__refused(ground: Ground) -> None:
    terms = offering_terms(ground)
    for parts in ((9_999,), (10_001,), (5_000, 5_001), (4_000, 5_999)):
        with raises("ScheduleDoesNotAddUp", sum(parts), 10_000):
            create(ground, terms, tranches=shares(terms, *parts))


def test_create__fixed_amounts_above_the_least_proceeds__refused(ground: Ground) -> None:
    """At the minimum of 1 000 000 fen less 2.5 % the fixed amounts must still be there."""
    terms = offering_terms(ground)
    with raises("ScheduleDoesNotAddUp", 975_001, 975_000):
        create(ground, terms, tranches=fixed(terms, 975_001) + shares(terms, 10_000))
    create(ground, terms, tranches=fixed(terms, 975_000) + shares(terms, 10_000))


def test_create__fixed_amounts_alone_for_a_raise_that_may_vary__refused(ground: Ground) -> None:
    terms = offering_terms(ground)
    with raises("ScheduleDoesNotAddUp", 975_000, 4_875_000):
        create(ground, terms, tranches=fixed(terms, 975_000))
    exact = offering_terms(ground, maximum=terms.minimum, investor_maximum=terms.minimum)
    with raises("ScheduleDoesNotAddUp", 974_999, 975_000):
        create(ground, exact, tranches=fixed(exact, 974_999))
    create(ground, exact, tranches=fixed(exact, 500_000, 475_000))


def test_create__amounts_at_64_bits__do_not_wrap(ground: Ground) -> None:
    terms = offering_terms(ground)
    with raises("ScheduleDoesNotAddUp", 2 * (2**64 - 1), 975_000):
        create(ground, terms, tranches=fixed(terms, 2**64 - 1, 2**64 - 1) + shares(terms, 10_000))
    with raises("ScheduleDoesNotAddUp", 2**64 + 9_999, 10_000):
        create(ground, terms, tranches=shares(terms, 2**64 - 1, 10_000))


# --- the ratchet ---


def ratchet(**changes: Any) -> RatchetTerms:
    usual = RatchetTerms(0, 1, raw(wallet_of(ISSUER)), raw(ZERO), 2_000, 100, 3_000, 200)
    return replace(usual, **changes)


RATCHET: list[tuple[int, str, dict[str, Any]]] = [
    (1, "unknown milestone", {"milestone": 2}),
    (2, "unknown source", {"source": 3}),
    (3, "founder unknown", {"founder": NOBODY}),
    (4, "fallback unknown", {"fallback_account": NOBODY}),
    (5, "early after late", {"early_by": 3_001}),
    (6, "early above all", {"early_bps": 10_001}),
    (8, "late above all", {"late_bps": 10_001}),
    (8, "neither early nor late", {"early_bps": 0, "late_bps": 0}),
]


@pytest.mark.parametrize(("field", "_what", "changes"), RATCHET, ids=[what for _, what, _ in RATCHET])
def test_create__malformed_ratchet__refused_by_number(
    ground: Ground, field: int, _what: str, changes: dict[str, Any]
) -> None:
    with raises("RatchetMalformed", field):
        create(ground, offering_terms(ground), ratchet=ratchet(**changes))


# --- what comes of it ---


def test_create__well_formed__a_draft_with_its_escrow_and_nobody_bound(ground: Ground) -> None:
    terms, escrow = offering_terms(ground, lock_day=Day(30_000)), escrow_terms(ground)
    events = create(ground, terms, escrow)
    names = [event.name for event in events]
    assert names[:4] == ["ActRecorded", "OfferingCreated", "Enrolled", "Enrolled"]
    assert names[4:] == ["OfferingPhaseChanged", "EscrowScheduled", "TrancheScheduled", "TrancheScheduled"]
    created = events[1].values
    assert created["number"] == 1
    raised = Raise(
        ground, terms, Contract("Offering", created["offering"]), Contract("MilestoneEscrow", created["escrow"])
    )
    assert raised.offering.read("escrow") == created["escrow"]
    assert raised.escrow.read("offering") == created["offering"]
    assert bytes.fromhex(raised.offering.read("terms")[0][2:]) == terms.company
    assert raised.offering.read("terms")[3:] == astuple(terms)[3:]
    told = raised.escrow.read("terms")
    assert (*told[2:8], told[11]) == (*astuple(escrow)[2:8], escrow.claims)
    assert raw(told[12]) == escrow.lapse_account
    assert raised.totals().phase == DRAFT
    assert [t.state for t in raised.tranches()] == [0, 0]
    assert ground.company.read("rolesOf", created["offering"]) == 0
    assert all(ground.registry.read("isEnrolled", created[part]) for part in ("offering", "escrow"))
    assert ground.offerings.read("numberOf", created["offering"]) == 1


def test_create__another__has_the_next_number_and_other_addresses(ground: Ground) -> None:
    first, second = draft(ground), draft(ground)
    assert len({first.offering.address, second.offering.address, first.escrow.address, second.escrow.address}) == 4
    assert ground.offerings.read("numberOf", second.offering.address) == 2
    assert count(ground) == 2


def test_create__while_the_region_is_halted__its_clock_counts(ground: Ground) -> None:
    halt(ground)
    standing = clock(ground)
    with raises("OfferingMalformed", 10):
        refused(ground, opens_at=standing - 5, closes_at=standing)
    draft(ground, opens_at=standing - 5, closes_at=standing + 1)


def test_initialise__clones_and_implementations__never_again(drafted: Raise) -> None:
    ground = drafted.ground
    stated = (astuple(escrow_terms(ground)), [astuple(t) for t in schedule(drafted.terms)], astuple(RatchetTerms()))
    for by in (ground.stranger, ground.platform, ground.offerings.address):
        with raises("AlreadyInitialised"):
            drafted.offering.act("initialise", STRANGER, by=by)
        with raises("AlreadyInitialised"):
            drafted.escrow.act("initialise", *stated, by=by)
    bare = deploy("Offering", ground.registry.address, ground.token.address, ground.regions.address, 0)
    with raises("AlreadyInitialised"):
        bare.act("initialise", STRANGER, by=ground.stranger)
    with raises("OfferingPhaseForbids", 0):
        bare.act("close", by=ground.stranger)
