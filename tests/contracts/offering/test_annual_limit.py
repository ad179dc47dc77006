"""The annual limit of an individual: over all companies, by civil year at UTC+8, with what is attested of elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from registry.domain.days import from_date
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support import node
from tests.contracts.support.attesting import KIND, VERIFIERS
from tests.contracts.support.contracts import Contract, Event
from tests.contracts.support.expect import declined, raises
from tests.contracts.support.ground import FAR, Ground, found, header, person, wallet_of
from tests.contracts.support.node import DAY, TODAY
from tests.contracts.support.raising import (
    ANNUAL_LIMIT,
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    IVAN,
    PRICE,
    PRO_RATA,
    SIGNED,
    Raise,
    closing,
    draft,
    mint,
    offering_terms,
    opened,
    raw,
    schedule,
    use_of,
)

LIMIT = SubscriptionRule.ANNUAL_LIMIT


def set_limit(ground: Ground, limit: int) -> list[Event]:
    return ground.registry.act("setAnnualLimit", header(), limit, by=ground.regulator)


def state(ground: Ground, party: int, amount: int, *, year: int = 2035, until: int = FAR) -> list[Event]:
    return ground.registry.act("stateOutsideUse", header(), party, year, amount, until, by=ground.kyc_agent)


def told(raised: Raise, party: int, amount: int) -> SubscriptionRule:
    return SubscriptionRule(raised.offering.read("brokenRules", raised.home(party), amount, SIGNED))


def of_another_company(ground: Ground) -> Raise:
    """A raise of a second company, in its window."""
    company, [share_class] = found(ground.factory, "另一家公司", [("优先股", "YJ-P", 100_000, 0, 0b11000)])
    company.act("open", header(), by=ground.issuer)
    for party in VERIFIERS:
        stated = (company.address, KIND, party, wallet_of(party), TODAY, FAR)
        ground.board.act("appoint", header(), stated, by=ground.platform)
    terms = offering_terms(ground, company=raw(company.address), share_class=raw(share_class.address))
    raised = draft(ground, terms, tranches=schedule(terms))
    company.act("admitOffering", header(), raised.offering.address, by=ground.issuer)
    raised.open()
    raised.begin()
    return raised


# --- the limit ---


def test_limit__set_by_anybody_but_the_regulator__refused(ground: Ground) -> None:
    for actor in (ground.stranger, ground.governor, ground.platform, ground.kyc_agent, ground.issuer):
        with raises("NotAuthorised", actor, 2):
            ground.registry.act("setAnnualLimit", header(), 1, by=actor)
    assert ground.registry.read("annualLimit") == ANNUAL_LIMIT


def test_limit__set__told_by_an_event_and_in_force_at_once(raised: Raise) -> None:
    ground = raised.ground
    events = set_limit(ground, 100 * PRICE)
    assert [e.name for e in events] == ["ActRecorded", "AnnualLimitSet"]
    assert (events[0].values["kind"], events[1].values) == (34, {"limit": 100 * PRICE})
    assert told(raised, ERIN, 101 * PRICE) == LIMIT
    with declined(LIMIT):
        raised.subscribe(ERIN, 101 * PRICE)
    raised.subscribe(ERIN, 100 * PRICE)
    set_limit(ground, 0)
    raised.subscribe(FRANK, 4_000 * PRICE)


def test_limit__over_two_companies_and_several_raises__one_sum(ground: Ground) -> None:
    set_limit(ground, 1_000 * PRICE)
    first, second = opened(ground), opened(ground)
    third = of_another_company(ground)
    first.subscribe(ERIN, 500 * PRICE)
    second.subscribe(ERIN, 300 * PRICE)
    assert told(third, ERIN, 201 * PRICE) == LIMIT
    with declined(LIMIT):
        third.subscribe(ERIN, 201 * PRICE)
    third.subscribe(ERIN, 200 * PRICE)
    assert use_of(ground, ERIN) == 1_000 * PRICE
    assert use_of(ground, FRANK) == 0
    with declined(LIMIT):
        opened(ground).subscribe(ERIN, 10 * PRICE)


def test_limit__a_wallet_and_the_book_account__one_person(raised: Raise) -> None:
    ground = raised.ground
    set_limit(ground, 100 * PRICE)
    second = opened(ground)
    raised.subscribe(ERIN, 60 * PRICE)
    mint(ground, (ground.book(ERIN), 50 * PRICE))
    with declined(LIMIT):
        second.subscribe_for(ground.book(ERIN), 50 * PRICE)
    second.subscribe_for(ground.book(ERIN), 40 * PRICE)
    assert use_of(ground, ERIN) == 100 * PRICE


@pytest.mark.parametrize(
    ("kind", "category", "limited"), [(1, 3, True), (3, 3, True), (2, 3, False), (2, 4, False), (1, 4, False)]
)
def test_limit__binds_individuals_and_vehicles__not_legal_persons_and_institutions(
    raised: Raise, kind: int, category: int, limited: bool
) -> None:
    ground = raised.ground
    set_limit(ground, 10 * PRICE)
    ground.restate(person(ERIN, kind=kind, category=category, risk_grade=4))
    assert told(raised, ERIN, 11 * PRICE) == (LIMIT if limited else SubscriptionRule(0))
    if not limited:
        raised.subscribe(ERIN, 11 * PRICE)
        assert use_of(ground, ERIN) == 11 * PRICE
        return
    with declined(LIMIT):
        raised.subscribe(ERIN, 11 * PRICE)


# --- what gives it back ---


def test_use__withdrawn__is_free_again(raised: Raise) -> None:
    set_limit(raised.ground, 100 * PRICE)
    raised.subscribe(ERIN, 100 * PRICE)
    raised.withdraw(ERIN)
    assert use_of(raised.ground, ERIN) == 0
    raised.subscribe(ERIN, 100 * PRICE)


def test_use__refunded__is_free_again(raised: Raise) -> None:
    raised.subscribe(ERIN, 100 * PRICE)
    raised.stop()
    assert use_of(raised.ground, ERIN) == 100 * PRICE
    raised.refund(wallet_of(ERIN))
    assert use_of(raised.ground, ERIN) == 0


def test_use__cut__counts_what_was_allotted_only(ground: Ground) -> None:
    book = {ERIN: 4_000 * PRICE, FRANK: 4_000 * PRICE, HEIDI: 2_000 * PRICE}
    raised = closing(ground, method=PRO_RATA, book=book)
    raised.verify_cut(sorted(book), 0)
    raised.allot(*(raised.home(party) for party in book))
    assert [use_of(ground, party) for party in book] == [2_000 * PRICE, 2_000 * PRICE, 1_000 * PRICE]
    assert [raised.subscription(party).amount for party in book] == [use_of(ground, party) for party in book]


# --- the year ---


def test_year__last_second_of_december_at_utc8__counts_to_the_old_year(ground: Ground) -> None:
    set_limit(ground, 100 * PRICE)
    new_year = from_date(date(2036, 1, 1))
    midnight = node.first_second_of(new_year)
    first = opened(ground, opens_at=midnight - 5 * DAY, closes_at=midnight + 5 * DAY)
    second = opened(ground, opens_at=midnight - 4 * DAY, closes_at=midnight + 5 * DAY)
    node.next_block_at(midnight - 1)
    first.subscribe(ERIN, 100 * PRICE)
    assert (use_of(ground, ERIN, 2035), use_of(ground, ERIN, 2036)) == (100 * PRICE, 0)
    assert first.subscription(ERIN).year == 35
    node.next_block_at(midnight)
    second.subscribe(ERIN, 100 * PRICE)
    assert (use_of(ground, ERIN, 2035), use_of(ground, ERIN, 2036)) == (100 * PRICE, 100 * PRICE)
    assert second.subscription(ERIN).year == 36
    with declined(LIMIT):
        opened(ground).subscribe(ERIN, 10 * PRICE)


def test_year__refund_in_the_next_year__frees_the_year_of_the_subscription(ground: Ground) -> None:
    new_year = node.first_second_of(from_date(date(2036, 1, 1)))
    raised = opened(ground, opens_at=new_year - 5 * DAY, closes_at=new_year + 5 * DAY)
    raised.subscribe(ERIN, 100 * PRICE)
    node.jump_to(new_year + DAY)
    raised.stop()
    raised.refund(wallet_of(ERIN))
    assert (use_of(ground, ERIN, 2035), use_of(ground, ERIN, 2036)) == (0, 0)


# --- elsewhere ---


def test_outside__stated_by_another_than_the_partys_provider__refused(ground: Ground) -> None:
    for actor in (ground.stranger, ground.platform, ground.regulator, ground.governor, wallet_of(ERIN)):
        with raises("PartyOutsideRange", actor, ERIN):
            ground.registry.act("stateOutsideUse", header(), ERIN, 2035, 1, FAR, by=actor)
    with raises("PartyUnknown", 999_999):
        state(ground, 999_999, 1)


def test_outside__stated__adds_up_with_what_is_here(raised: Raise) -> None:
    ground = raised.ground
    set_limit(ground, 100 * PRICE)
    events = state(ground, ERIN, 60 * PRICE)
    assert [e.name for e in events] == ["ActRecorded", "OutsideUseStated", "PartyChanged"]
    assert tuple(events[1].values.values()) == (ERIN, 2035, 60 * PRICE, FAR)
    assert ground.word(ERIN).flags == 2
    assert ground.registry.read("useOf", ERIN, 2035) == (0, 60 * PRICE, FAR)
    with declined(LIMIT):
        raised.subscribe(ERIN, 41 * PRICE)
    assert [e.name for e in state(ground, ERIN, 59 * PRICE)] == ["ActRecorded", "OutsideUseStated"]
    raised.subscribe(ERIN, 41 * PRICE)
    raised.subscribe(FRANK, 100 * PRICE)


def test_outside__statement_lapsed__refused_until_it_is_renewed(raised: Raise) -> None:
    ground = raised.ground
    state(ground, ERIN, 0, until=TODAY + 3)
    taken = node.snapshot()
    node.jump_to(node.last_second_of(TODAY + 3) - 1)
    assert told(raised, ERIN, 10 * PRICE) == SubscriptionRule(0)
    node.next_block_at(node.last_second_of(TODAY + 3))
    raised.subscribe(ERIN, 10 * PRICE)
    node.revert_to(taken)
    node.jump_to(node.first_second_of(TODAY + 4))
    assert told(raised, ERIN, 10 * PRICE) == LIMIT
    with declined(LIMIT):
        raised.subscribe(ERIN, 10 * PRICE)
    state(ground, ERIN, 0, until=TODAY + 4)
    raised.subscribe(ERIN, 10 * PRICE)


def test_outside__of_another_year__does_not_count_in_this_one(raised: Raise) -> None:
    ground = raised.ground
    state(ground, ERIN, ANNUAL_LIMIT, year=2034, until=TODAY - 1)
    raised.subscribe(ERIN, 100 * PRICE)
    state(ground, ERIN, 2**64 - 1, year=2036)
    assert told(raised, ERIN, 10 * PRICE) == SubscriptionRule.TWICE


def test_outside__64_bits__do_not_wrap(raised: Raise) -> None:
    ground = raised.ground
    set_limit(ground, 2**64 - 1)
    raised.subscribe(ERIN, 10 * PRICE)
    state(ground, ERIN, 2**64 - 10 * PRICE)
    assert not ground.registry.read("fitsAnnualLimit", ERIN, 2035, 0)
    assert not ground.registry.read("fitsAnnualLimit", ERIN, 2035, 2**64 - 1)
    state(ground, ERIN, 2**64 - 1 - 10 * PRICE)
    assert ground.registry.read("fitsAnnualLimit", ERIN, 2035, 0)
    assert not ground.registry.read("fitsAnnualLimit", ERIN, 2035, 1)


def test_outside__flag__stays_when_the_standing_is_restated_and_is_not_the_providers(ground: Ground) -> None:
    state(ground, ERIN, 5)
    ground.restate(replace(person(ERIN), risk_grade=5))
    assert ground.word(ERIN).flags == 2
    ground.freeze(ERIN)
    assert ground.word(ERIN).flags == 3
    with raises("PartyMalformed"):
        ground.registry.act("setStanding", header(), [person(ERIN, flags=2).pack()], by=ground.kyc_agent)


def test_outside__of_a_legal_person__binds_nobody(raised: Raise) -> None:
    state(raised.ground, IVAN, 2**64 - 1, until=TODAY - 1)
    raised.subscribe(IVAN, 100 * PRICE)


# --- who may count ---


@pytest.mark.parametrize("function", ["addUse", "reduceUse"])
def test_use__counted_by_anybody_but_an_enrolled_raise__refused(ground: Ground, function: str) -> None:
    others = (ground.stranger, ground.platform, ground.regulator, ground.governor, ground.issuer)
    for actor in (*others, ground.offerings.address, ground.company.address):
        with raises("NotAuthorised", actor, 16):
            ground.registry.act(function, ERIN, 2035, 1, by=actor)


def test_enrol__by_anybody_but_the_factory__refused(ground: Ground) -> None:
    for actor in (ground.stranger, ground.platform, ground.regulator, ground.governor, ground.custodian):
        with raises("NotAuthorised", actor, 16):
            ground.registry.act("enrol", actor, by=actor)
        assert not ground.registry.read("isEnrolled", actor)


def test_use__counted_by_an_enrolled_raise__within_the_limit_and_never_below_zero(drafted: Raise) -> None:
    registry: Contract = drafted.ground.registry
    raise_ = drafted.offering.address
    registry.act("addUse", GRACE, 2035, ANNUAL_LIMIT, by=raise_)
    assert registry.read("addUse", GRACE, 2035, 1, by=raise_) is False
    assert registry.read("addUse", GRACE, 2036, 1, by=raise_) is True
    registry.act("addUse", GRACE, 2035, 1, by=raise_)
    assert use_of(drafted.ground, GRACE) == ANNUAL_LIMIT
    with raises("Panic", 0x11):
        registry.act("reduceUse", GRACE, 2035, ANNUAL_LIMIT + 1, by=raise_)
    registry.act("reduceUse", GRACE, 2035, ANNUAL_LIMIT, by=raise_)
    # Four parties share a slot: the neighbours' use is their own.
    assert [use_of(drafted.ground, party) for party in (ERIN, FRANK, GRACE)] == [0, 0, 0]
