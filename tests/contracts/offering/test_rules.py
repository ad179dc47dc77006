"""The rules of a subscription (SB): each is asked beforehand and refuses as the first; all broken ones are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.domain.raise_words import Totals
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support import node
from tests.contracts.support.expect import declined, raises
from tests.contracts.support.ground import EMPLOYEE, REGION, Ground, header, person, wallet_of
from tests.contracts.support.node import TODAY
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    IVAN,
    MONEY,
    PRICE,
    PRO_RATA,
    RAISE_CEILING,
    SIGNED,
    Raise,
    clock_to,
    draft,
    halt,
    money,
    next_at,
    opened,
)

R = SubscriptionRule
NOTHING = R(0)
AMOUNT = 100 * PRICE
UNKNOWN = 999
"""A party that nobody registered; its wallet has money."""
ANSWERED_BY_MONEY = R.MONEY | R.MONEY_FROZEN
"""Rules that the execution leaves to the settlement money, which refuses with its own errors."""
ANSWERED_ALONE = R.ANNUAL_LIMIT | R.HOLDERS_CAP
"""Rules that the execution asks one by one, after all others."""


def asked(raised: Raise, party: int = ERIN, amount: int = AMOUNT, disclosure: bytes = SIGNED) -> SubscriptionRule:
    """What the view answers beforehand."""
    return R(raised.offering.read("brokenRules", raised.home(party), amount, disclosure))


def restate(ground: Ground, **facts: Any) -> None:
    ground.restate(replace(person(ERIN, risk_grade=4), **facts))


def scheme(ground: Ground, investor_ceiling: int) -> None:
    ceilings = (RAISE_CEILING, investor_ceiling)
    ground.regions.act("setScheme", header(), REGION, 2, *ceilings, by=ground.regulator)


def stop_class(ground: Ground) -> None:
    ground.company.act("stopClass", header(), ground.preferred.address, True, by=ground.stopper)


def set_subscribers(raised: Raise, count: int) -> None:
    """Writes the number into the raise's word; a thousand subscriptions would take a minute."""
    layout = json.loads((Path("registry") / "artifacts" / "Offering.json").read_text(encoding="utf-8"))
    slot = next(int(entry["slot"]) for entry in layout["storageLayout"]["storage"] if entry["label"] == "_totals")
    assert Totals.unpack(int(node.ask("eth_getStorageAt", raised.offering.address, hex(slot), "latest"), 16)).phase
    word = replace(raised.totals(), subscribers=count).pack()
    node.ask("anvil_setStorageAt", raised.offering.address, f"0x{slot:064x}", f"0x{word:064x}")
    assert raised.totals().subscribers == count


def freeze_money(ground: Ground) -> None:
    ground.token.act("setFrozen", header(), wallet_of(ERIN), True, by=ground.regulator)


def spend(ground: Ground) -> None:
    ground.token.act("transfer", wallet_of(FRANK), MONEY - AMOUNT + 1, by=wallet_of(ERIN))


def limit(ground: Ground) -> None:
    ground.registry.act("setAnnualLimit", header(), AMOUNT - 1, by=ground.regulator)


def fill(raised: Raise) -> None:
    raised.subscribe(FRANK, 4_000 * PRICE)
    raised.subscribe(GRACE, 901 * PRICE)


Setting = Callable[[Raise], Any]
CASES: list[tuple[SubscriptionRule, Setting, dict[str, Any]]] = [
    (R.NOT_OPEN, lambda r: r.cancel(), {}),
    (R.TOO_LATE, lambda r: clock_to(r.ground, r.terms.closes_at + 1), {}),
    (R.REGION_HALTED, lambda r: halt(r.ground), {}),
    (R.SHARES_STOPPED, lambda r: stop_class(r.ground), {}),
    (R.FROZEN, lambda r: r.ground.freeze(ERIN), {}),
    (R.WALLET_CLOSED, lambda r: r.ground.close_wallet(wallet_of(ERIN)), {}),
    (R.CATEGORY, lambda r: restate(r.ground, category=EMPLOYEE), {}),
    (R.KYC, lambda r: restate(r.ground, kyc_day=TODAY - 1), {}),
    (R.QUALIFICATION, lambda r: restate(r.ground, qualification_day=TODAY - 1), {}),
    (R.RISK_GRADE, lambda r: restate(r.ground, risk_grade=2), {}),
    (R.RISK_GRADE, lambda r: restate(r.ground, risk_grade=0), {}),
    (R.DISCLOSURE, lambda r: None, {"disclosure": bytes(32)}),
    (R.FRACTION, lambda r: None, {"amount": AMOUNT + 1}),
    (R.FRACTION, lambda r: None, {"amount": AMOUNT - 1}),
    (R.BELOW_MINIMUM, lambda r: None, {"amount": 9 * PRICE}),
    (R.BELOW_MINIMUM, lambda r: None, {"amount": 0}),
    (R.ABOVE_MAXIMUM, lambda r: None, {"amount": 4_001 * PRICE}),
    (R.INVESTOR_CEILING, lambda r: scheme(r.ground, AMOUNT - 1), {}),
    (R.TARGET, fill, {}),
    (R.TWICE, lambda r: r.subscribe(ERIN, AMOUNT), {}),
    (R.TOO_MANY, lambda r: set_subscribers(r, 1_000), {}),
    (R.ANNUAL_LIMIT, lambda r: limit(r.ground), {}),
    (R.HOLDERS_CAP, lambda r: r.ground.set_cap(2), {}),
]
NAMES = [f"{rule.name}-{number}" for number, (rule, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("rule", "setting", "how"), CASES, ids=NAMES)
def test_rule__broken__told_beforehand_and_refuses_as_the_first(
    raised: Raise, rule: SubscriptionRule, setting: Setting, how: dict[str, Any]
) -> None:
    setting(raised)
    before = (money(raised.ground, wallet_of(ERIN)), raised.totals(), raised.ground.pending())
    assert asked(raised, **how) == rule
    with declined(rule):
        raised.subscribe(ERIN, how.get("amount", AMOUNT), disclosure=how.get("disclosure", SIGNED))
    assert (money(raised.ground, wallet_of(ERIN)), raised.totals(), raised.ground.pending()) == before


def test_rule__each_of_the_24__has_its_case() -> None:
    told_apart = R.TOO_EARLY | R.UNKNOWN | ANSWERED_BY_MONEY
    tried = NOTHING
    for rule, _, _ in CASES:
        tried |= rule
    assert tried | told_apart == R((1 << 24) - 1)


def test_rule__before_the_window__refused_SB2_up_to_the_last_second(ground: Ground) -> None:
    raised = draft(ground)
    assert asked(raised) == R.NOT_OPEN | R.TOO_EARLY
    with declined(R.NOT_OPEN, R.TOO_EARLY):
        raised.subscribe(ERIN, AMOUNT)
    raised.admit()
    raised.open()
    assert asked(raised) == R.TOO_EARLY
    next_at(ground, raised.terms.opens_at - 1)
    with declined(R.TOO_EARLY):
        raised.subscribe(ERIN, AMOUNT)
    next_at(ground, raised.terms.opens_at)
    raised.subscribe(ERIN, AMOUNT)


def test_rule__window_ends__the_last_second_passes_and_the_next_is_late_SB3(raised: Raise) -> None:
    next_at(raised.ground, raised.terms.closes_at)
    raised.subscribe(ERIN, AMOUNT)
    next_at(raised.ground, raised.terms.closes_at + 1)
    with declined(R.TOO_LATE):
        raised.subscribe(FRANK, AMOUNT)


def test_rule__nobody_registered__refused_SB6(raised: Raise) -> None:
    raised.ground.token.act("transfer", wallet_of(UNKNOWN), AMOUNT, by=wallet_of(ERIN))
    assert asked(raised, UNKNOWN) == R.UNKNOWN
    with declined(R.UNKNOWN):
        raised.subscribe(UNKNOWN, AMOUNT)
    book = raised.ground.book(UNKNOWN)
    assert R(raised.offering.read("brokenRules", book, AMOUNT, SIGNED)) == R.UNKNOWN | R.MONEY
    with declined(R.UNKNOWN):
        raised.subscribe_for(book, AMOUNT)


def test_rule__not_enough_money__told_beforehand_and_the_money_refuses_SB23(raised: Raise) -> None:
    spend(raised.ground)
    assert asked(raised) == R.MONEY
    with raises("ERC20InsufficientBalance", wallet_of(ERIN), AMOUNT - 1, AMOUNT):
        raised.subscribe(ERIN, AMOUNT)
    assert raised.subscription(ERIN).status == 0
    assert raised.ground.registry.read("useOf", ERIN, 2035)[0] == 0


@pytest.mark.parametrize("how", ["frozen", "stopped"])
def test_rule__money_frozen_or_stopped__told_beforehand_and_the_money_refuses_SB24(raised: Raise, how: str) -> None:
    ground = raised.ground
    if how == "frozen":
        freeze_money(ground)
    else:
        ground.token.act("setStopped", header(), True, by=ground.custodian)
    assert asked(raised) == R.MONEY_FROZEN
    with raises("MoneyFrozen" if how == "frozen" else "MoneyIsStopped"):
        raised.subscribe(ERIN, AMOUNT)
    assert raised.subscription(ERIN).status == 0


@pytest.mark.parametrize("who", ["class", "company", "regulator"])
def test_rule__shares_stopped_by_anyone__refused_SB5_until_it_ends(raised: Raise, who: str) -> None:
    ground = raised.ground
    acts: dict[str, Callable[[bool], Any]] = {
        "class": lambda on: ground.company.act("stopClass", header(), ground.preferred.address, on, by=ground.stopper),
        "company": lambda on: ground.company.act("stopCompany", header(), on, by=ground.stopper),
        "regulator": lambda on: ground.company.act("stopByRegulator", header(), on, by=ground.regulator),
    }
    acts[who](True)
    with declined(R.SHARES_STOPPED):
        raised.subscribe(ERIN, AMOUNT)
    acts[who](False)
    raised.subscribe(ERIN, AMOUNT)


def test_rule__days_of_standing__valid_through_their_last_second(raised: Raise) -> None:
    today = node.today()
    restate(raised.ground, kyc_day=today, qualification_day=today)
    taken = node.snapshot()
    node.next_block_at(node.last_second_of(today) + 1)
    with declined(R.KYC, R.QUALIFICATION):
        raised.subscribe(ERIN, AMOUNT)
    node.revert_to(taken)
    node.next_block_at(node.last_second_of(today))
    raised.subscribe(ERIN, AMOUNT)


def test_rule__institution__needs_no_qualification_day(raised: Raise) -> None:
    raised.ground.restate(person(IVAN, category=4, kind=2, risk_grade=3, qualification_day=0))
    raised.subscribe(IVAN, AMOUNT)


def test_rule__amounts_at_their_bounds__pass(raised: Raise) -> None:
    assert asked(raised, ERIN, 10 * PRICE) == NOTHING
    raised.subscribe(ERIN, 10 * PRICE)
    assert asked(raised, FRANK, 4_000 * PRICE) == NOTHING
    raised.subscribe(FRANK, 4_000 * PRICE)
    assert asked(raised, GRACE, 991 * PRICE) == R.TARGET
    raised.subscribe(GRACE, 990 * PRICE)
    assert asked(raised, HEIDI, 10 * PRICE) == R.TARGET


def test_rule__ceiling_of_the_region__at_the_bound_passes_and_none_binds_nobody(raised: Raise) -> None:
    scheme(raised.ground, AMOUNT)
    raised.subscribe(ERIN, AMOUNT)
    scheme(raised.ground, 0)
    raised.subscribe(FRANK, 4_000 * PRICE)


def test_rule__pro_rata__takes_more_than_the_maximum(ground: Ground) -> None:
    raised = opened(ground, method=PRO_RATA)
    for party in (ERIN, FRANK, GRACE):
        raised.subscribe(party, 4_000 * PRICE)
    assert raised.totals().live == 12_000 * PRICE


def test_rule__after_another_withdrew__room_is_there_again(raised: Raise) -> None:
    fill(raised)
    with declined(R.TARGET):
        raised.subscribe(ERIN, AMOUNT)
    raised.withdraw(GRACE)
    raised.subscribe(ERIN, AMOUNT)


def test_rules__many_broken_at_once__all_told_beforehand_and_the_same_refuse(raised: Raise) -> None:
    ground, amount = raised.ground, 4_500 * PRICE + 1
    ground.freeze(ERIN)
    restate(ground, category=EMPLOYEE, kyc_day=TODAY - 1, risk_grade=1)
    ground.close_wallet(wallet_of(ERIN))
    stop_class(ground)
    scheme(ground, AMOUNT)
    ground.set_cap(1)
    limit(ground)
    freeze_money(ground)
    halt(ground)
    expected = R.REGION_HALTED | R.SHARES_STOPPED | R.FROZEN | R.WALLET_CLOSED | R.CATEGORY | R.KYC
    expected |= R.RISK_GRADE | R.DISCLOSURE | R.FRACTION | R.ABOVE_MAXIMUM | R.INVESTOR_CEILING
    told = asked(raised, ERIN, amount, bytes(32))
    assert told == expected | R.ANNUAL_LIMIT | R.HOLDERS_CAP | R.MONEY_FROZEN
    first, *others = (rule for rule in R if rule & expected)
    with declined(first, *others):
        raised.subscribe(ERIN, amount, disclosure=bytes(32))


def test_rules__after_the_end_of_a_full_raise__told_together(raised: Raise) -> None:
    fill(raised)
    raised.subscribe(ERIN, 99 * PRICE)
    clock_to(raised.ground, raised.terms.closes_at + 1)
    expected = R.TOO_LATE | R.BELOW_MINIMUM | R.TARGET | R.TWICE
    assert asked(raised, ERIN, 9 * PRICE) == expected
    with declined(R.TOO_LATE, R.BELOW_MINIMUM, R.TARGET, R.TWICE):
        raised.subscribe(ERIN, 9 * PRICE)


def test_rules__limit_and_cap_together__the_limit_refuses_first(raised: Raise) -> None:
    limit(raised.ground)
    raised.ground.set_cap(2)
    spend(raised.ground)
    assert asked(raised) == ANSWERED_ALONE | R.MONEY
    with declined(R.ANNUAL_LIMIT):
        raised.subscribe(ERIN, AMOUNT)
    raised.ground.registry.act("setAnnualLimit", header(), 0, by=raised.ground.regulator)
    with declined(R.HOLDERS_CAP):
        raised.subscribe(ERIN, AMOUNT)
    raised.ground.set_cap(3)
    with raises("ERC20InsufficientBalance"):
        raised.subscribe(ERIN, AMOUNT)


def test_rules__64_bits_of_money__told_and_refused_without_wrapping(raised: Raise) -> None:
    most = 2**64 - 1 - (2**64 - 1) % PRICE
    expected = R.ABOVE_MAXIMUM | R.INVESTOR_CEILING | R.TARGET
    assert asked(raised, ERIN, most) == expected | R.ANNUAL_LIMIT | R.MONEY
    with declined(R.ABOVE_MAXIMUM, R.INVESTOR_CEILING, R.TARGET):
        raised.subscribe(ERIN, most)
    raised.subscribe(FRANK, AMOUNT)
    assert asked(raised, ERIN, most) & R.TARGET


def test_rules__view_of_nothing_broken__the_subscription_passes(raised: Raise) -> None:
    for party in (ERIN, FRANK, HEIDI, IVAN):
        assert asked(raised, party) == NOTHING
        raised.subscribe(party, AMOUNT)
        assert asked(raised, party) == R.TWICE
