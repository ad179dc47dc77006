"""From draft to open: the company admits, the platform opens, shares are kept free; nothing binds anybody before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.domain.raise_args import RatchetTerms
from registry.domain.rules import Rule
from tests.contracts.support import node
from tests.contracts.support.attesting import KIND, VERIFIERS
from tests.contracts.support.contracts import STRANGER, Contract
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import NOTHING_GIVEN, ZERO, Ground, found, header, line, wallet_of
from tests.contracts.support.raising import (
    ALLOTTED,
    DRAFT,
    ERIN,
    FAILED,
    FRANK,
    ISSUER,
    OPEN,
    PRICE,
    Raise,
    clock_to,
    draft,
    next_at,
    offering_terms,
    opened,
    raw,
    schedule,
    settled,
    tranche,
)

NEW_SHARES = RatchetTerms(0, 1, raw(wallet_of(ISSUER)), raw(ZERO), 2_000, 1_000, 3_000, 2_000)
"""Up to a fifth of what is allotted comes on top, in new shares."""


def reserved(ground: Ground) -> int:
    kept: int = ground.preferred.read("reservedShares")
    assert bool(kept) == bool(ground.preferred.read("classWord") >> 232 & 1)
    return kept


def admit(ground: Ground, offering: str, by: str | None = None) -> Any:
    return ground.company.act("admitOffering", header(), offering, by=by or ground.issuer)


# --- the company admits ---


def test_admit__by_anybody_but_the_companys_admin__refused(drafted: Raise) -> None:
    ground = drafted.ground
    for actor in (ground.stranger, ground.platform, ground.regulator, ground.registrar, ground.migrator):
        with raises("NotAuthorised", actor, 1):
            admit(ground, drafted.offering.address, by=actor)


def test_admit__what_is_no_raise_of_the_factory__refused(ground: Ground, drafted: Raise) -> None:
    for account in (STRANGER, ZERO, ground.issuer, ground.preferred.address, ground.offerings.address):
        with raises("OfferingUnknown", account):
            admit(ground, account)
    # The escrow is enrolled and names the company, but it is no raise: it has no escrow of its own.
    with raises("OfferingUnknown", drafted.escrow.address):
        admit(ground, drafted.escrow.address)
    assert ground.company.read("rolesOf", drafted.escrow.address) == 0


def test_admit__raise_of_another_company__refused(ground: Ground) -> None:
    other, [share_class] = found(ground.factory, "另一家公司", [("优先股", "YJ-P", 100_000, 0, 0b11000)])
    foreign = draft(ground, company=raw(other.address), share_class=raw(share_class.address))
    with raises("OfferingUnknown", foreign.offering.address):
        admit(ground, foreign.offering.address)
    with raises("PhaseForbids", 1):
        other.act("admitOffering", header(), foreign.offering.address, by=ground.issuer)


def test_admit__false_raise_that_claims_the_company__refused(ground: Ground) -> None:
    """A contract of somebody else that answers `company()` as asked; it is not enrolled."""
    impostor = "0x" + "1f" * 20
    answers = "0x73" + ground.company.address[2:] + "60005260206000f3"
    node.ask("anvil_setCode", impostor, answers)
    assert Contract("Offering", impostor).read("company") == ground.company.address
    with raises("OfferingUnknown", impostor):
        admit(ground, impostor)


def test_admit__genuine__raise_and_escrow_have_the_role_and_no_other(drafted: Raise) -> None:
    ground = drafted.ground
    events = drafted.admit()
    assert [e.name for e in events] == ["ActRecorded", "RolesSet", "RolesSet"]
    assert [tuple(e.values.values()) for e in events[1:]] == [
        (drafted.offering.address, 32),
        (drafted.escrow.address, 32),
    ]
    assert drafted.totals().phase == DRAFT
    assert reserved(ground) == 0


# --- the platform opens ---


def test_open__by_anybody_but_the_platform__refused(drafted: Raise) -> None:
    ground = drafted.ground
    drafted.admit()
    for actor in (ground.stranger, ground.issuer, ground.regulator, ground.custodian, ground.governor):
        with raises("NotAuthorised", actor, 4):
            drafted.offering.act("open", header(), by=actor)


def test_open__not_admitted__refused(drafted: Raise) -> None:
    with raises("OfferingNotAdmitted", drafted.offering.address):
        drafted.open()
    assert drafted.totals().phase == DRAFT


def test_open__after_the_window__refused_and_in_its_last_second_not(drafted: Raise) -> None:
    drafted.admit()
    end = drafted.terms.closes_at
    taken = node.snapshot()
    next_at(drafted.ground, end + 1)
    with raises("Overdue", end + 1, end):
        drafted.open()
    node.revert_to(taken)
    next_at(drafted.ground, end)
    drafted.open()


def test_open__twice_or_after_its_end__refused(raised: Raise) -> None:
    with raises("OfferingPhaseForbids", OPEN):
        raised.open()
    raised.cancel()
    with raises("OfferingPhaseForbids", FAILED):
        raised.open()


def test_open__panel_smaller_than_a_quorum__refused_with_everything_as_it_was(ground: Ground) -> None:
    terms = offering_terms(ground)
    first, second = schedule(terms)
    for lines, quorum, members in (
        ([first, replace(second, quorum=4)], 4, 3),
        ([replace(first, kind=KIND + 1), second], 2, 0),
    ):
        raised = draft(ground, terms, tranches=lines)
        raised.admit()
        with raises("QuorumAbovePanel", quorum, members):
            raised.open()
        assert (raised.totals().phase, reserved(ground)) == (DRAFT, 0)
    ground.board.act("dismiss", header(), ground.company.address, KIND, wallet_of(VERIFIERS[0]), by=ground.platform)
    raised = draft(ground, terms, tranches=[tranche(terms, quorum=3)])
    raised.admit()
    with raises("QuorumAbovePanel", 3, 2):
        raised.open()


def test_open__more_shares_than_are_authorised__refused_AU1(ground: Ground) -> None:
    most = 500_001 * PRICE
    raised = draft(ground, maximum=most)
    raised.admit()
    with refused(Rule.AUTHORISED):
        raised.open()
    exact = draft(ground, maximum=500_000 * PRICE)
    exact.admit()
    exact.open()
    assert reserved(ground) == 500_000


def test_open__shares_for_the_ratchet_missing__refused_AU1(ground: Ground) -> None:
    raised = draft(ground, maximum=500_000 * PRICE, ratchet=NEW_SHARES)
    raised.admit()
    with refused(Rule.AUTHORISED):
        raised.open()
    assert (raised.totals().phase, reserved(ground)) == (DRAFT, 0)


def test_open__admitted__shares_are_kept_free_and_the_act_rests_on_the_memorandum(drafted: Raise) -> None:
    drafted.admit()
    head = header()
    events = drafted.offering.act("open", head, by=drafted.ground.platform)
    assert [e.name for e in events] == ["ActRecorded", "OfferingPhaseChanged", "SharesReserved"]
    assert events[0].values["document"] == head[2]
    assert events[2].values == {"reserved": 5_000}
    assert drafted.totals().phase == OPEN


# --- shares kept free ---


def test_reserved__by_issue_or_lower_authorised__cannot_be_taken_AU1(raised: Raise) -> None:
    ground, erin = raised.ground, wallet_of(ERIN)
    assert ground.preferred.read("brokenIssueRules", erin, 495_001) == Rule.AUTHORISED
    with refused(Rule.AUTHORISED):
        ground.issue(ground.preferred, line(erin, 495_001))
    with raises("AuthorisedBelowIssued", 4_999, 5_000):
        ground.preferred.act("setAuthorised", header(), 4_999, by=ground.registrar)
    assert ground.preferred.read("brokenIssueRules", erin, 495_000) == Rule(0)
    ground.issue(ground.preferred, line(erin, 495_000))
    with refused(Rule.AUTHORISED):
        ground.issue(ground.preferred, line(erin, 1))
    with raises("AuthorisedBelowIssued", 499_999, 500_000):
        ground.preferred.act("setAuthorised", header(), 499_999, by=ground.registrar)


def test_reserved__conversion_into_the_class__cannot_take_them(raised: Raise) -> None:
    ground = raised.ground
    ground.issue(ground.common, line(ground.book(ERIN), 10))
    ground.issue(ground.preferred, line(wallet_of(ERIN), 495_000))
    with refused(Rule.AUTHORISED):
        ground.convert(ground.common, ground.preferred, ground.book(ERIN), 1, 1)


def test_reserved__two_raises_of_one_class__add_up_and_each_frees_its_own(ground: Ground) -> None:
    first, second = opened(ground), opened(ground, maximum=2_000 * PRICE)
    assert reserved(ground) == 7_000
    first.cancel()
    assert reserved(ground) == 2_000
    second.stop()
    assert reserved(ground) == 0


def test_reserved__settled_below_the_maximum__the_rest_is_free_again(ground: Ground) -> None:
    raised = settled(ground)
    assert raised.subscription(ERIN).status == ALLOTTED
    assert reserved(ground) == 0
    assert ground.class_word(ground.preferred).issued == 3_500
    ground.issue(ground.preferred, line(wallet_of(FRANK), 496_500))


def test_reserved__with_a_ratchet__its_shares_are_kept_too_and_go_with_a_failure(ground: Ground) -> None:
    raised = opened(ground, ratchet=NEW_SHARES)
    assert reserved(ground) == 6_000
    raised.cancel()
    assert reserved(ground) == 0


@pytest.mark.parametrize("function", ["reserve", "unreserve", "allot", "redeem", "deliver"])
def test_class__asked_by_anybody_but_an_admitted_raise__refused(drafted: Raise, function: str) -> None:
    ground = drafted.ground
    entry = (wallet_of(ERIN), 1, 0, bytes(32))
    arguments: dict[str, tuple[Any, ...]] = {
        "reserve": (1,),
        "unreserve": (0,),
        "allot": (header(), NOTHING_GIVEN, [entry]),
        "redeem": (header(), [entry]),
        "deliver": (header(), wallet_of(FRANK), entry),
    }
    # Drafted, not admitted: the raise itself is a stranger yet.
    for actor in (drafted.offering.address, drafted.escrow.address, ground.registrar, ground.issuer, ground.platform):
        with raises("NotAuthorised", actor, 32):
            ground.preferred.act(function, *arguments[function], by=actor)


@pytest.mark.parametrize("function", ["reserve", "unreserve"])
def test_class__asked_by_the_migrator_of_a_migrating_company__refused(migrating: Ground, function: str) -> None:
    with raises("NotAuthorised", migrating.migrator, 32):
        migrating.preferred.act(function, 0, by=migrating.migrator)


# --- a draft that comes to nothing ---


def test_cancel__draft__frees_nothing_and_says_so(drafted: Raise) -> None:
    events = drafted.cancel(by=drafted.ground.issuer)
    assert [e.name for e in events] == ["ActRecorded", "OfferingPhaseChanged"]
    assert drafted.totals().phase == FAILED
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        drafted.refund(wallet_of(ERIN))


def test_close__draft_even_after_its_time__refused(drafted: Raise) -> None:
    clock_to(drafted.ground, drafted.terms.closes_at + drafted.terms.cooling_off + 1)
    with raises("OfferingPhaseForbids", DRAFT):
        drafted.close()
