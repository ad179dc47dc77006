"""Subscriptions: money frozen at once, the rules, seats kept, withdrawals (OF-3, OF-4, OF-12, HC-6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry.domain import commands as do
from registry.domain.args import ZERO_HASH, Consideration
from registry.domain.events import Transfer
from registry.domain.events_raise import (
    AuthorizationUsed,
    Subscribed,
    SubscriptionWithdrawn,
)
from registry.domain.ids import Day, PartyId
from registry.domain.keccak import keccak256
from registry.domain.raise_views import broken_subscription_rules, who_may_subscribe
from registry.domain.register import Seat
from registry.domain.subscription_rules import SubscriptionRule as R
from tests.domain import world as w
from tests.domain.escrow_world import (
    DAY,
    DOCUMENT,
    OFFERING,
    REGION,
    Raised,
    opened,
    subscribe,
)
from tests.domain.offering_world import SALT, by_signature, opening

# --- subscribing ---


def test_subscribe__with_one_signature__freezes_the_money_at_once() -> None:
    """OF-3."""
    world = opening()
    events = world.run(by_signature(world, 1, 2_000), w.STRANGER)
    assert [type(e) for e in events] == [Subscribed, AuthorizationUsed, Transfer]
    assert isinstance(events[1], AuthorizationUsed)
    assert events[1].nonce == keccak256(DOCUMENT + SALT)
    assert (world.cash(world.account(1)), world.cash(OFFERING)) == (4_000, 2_000)
    assert world.offering.totals.live == world.offering.held == 2_000
    world.stands()


def test_subscribe__for_a_book_account__on_its_owners_instruction() -> None:
    """OF-3, MO-3."""
    world = opening()
    command = do.SubscribeFor(OFFERING, w.header(), world.book(3), 500, DOCUMENT)
    assert world.refusal(command, w.ADMIN) == ("NotAuthorised", w.ADMIN, 4)
    events = world.run(command, w.PLATFORM)
    assert [type(e) for e in events[1:]] == [Subscribed, Transfer]
    assert world.refusal(command, w.PLATFORM) == ("OperationDone", command.header.operation)
    wallet = do.SubscribeFor(OFFERING, w.header(), world.account(1), 500, DOCUMENT)
    assert world.refusal(wallet, w.PLATFORM) == ("NotABookAccount", world.account(1))
    world.stands()


def test_subscribe__signature_of_another_or_too_late__freezes_nothing() -> None:
    """OF-3."""
    world = opening()
    assert world.refusal(by_signature(world, 1, 100, is_signed=False)) == ("ERC3009InvalidSignature",)
    late = by_signature(world, 1, 100, valid_before=world.time)
    assert world.refusal(late) == ("ERC3009InvalidAuthorizationTime", 0, world.time)
    world.run(do.CancelAuthorisation(world.account(1), keccak256(DOCUMENT + SALT)), w.STRANGER)
    assert world.refusal(by_signature(world, 1, 100))[0] == "ERC3009UsedAuthorization"


Change = Callable[[Raised], object]
HALT = do.SetHalted(w.header(), REGION, True)


def restated(**changes: Any) -> Change:
    return lambda x: x.run(do.SetStanding(w.header(), (replace(w.word(1), **{"risk_grade": 2, **changes}),)), w.KYC)


def full(x: Raised) -> None:
    x.run(do.SetCap(w.COMPANY, w.header(), 1), w.REGULATOR)


RULES: list[tuple[R, Change, dict[str, Any]]] = [
    (R.NOT_OPEN, lambda x: x.run(do.CancelOffering(OFFERING, w.header()), w.ADMIN), {}),
    (R.TOO_EARLY, lambda x: x.at(w.START - 1), {}),
    (R.TOO_LATE, lambda x: x.at(w.START + 5 * DAY + 1), {}),
    (R.REGION_HALTED, lambda x: x.run(HALT, w.REGULATOR), {}),
    (R.SHARES_STOPPED, lambda x: x.run(do.StopClass(w.COMPANY, w.header(), w.ORDINARY, True), w.STOPPER), {}),
    (R.UNKNOWN | R.MONEY, lambda x: None, {"account": w.STRANGER}),
    (R.FROZEN, lambda x: x.run(do.SetFrozen(w.header(), PartyId(1), True), w.REGULATOR), {}),
    (R.WALLET_CLOSED, lambda x: x.run(do.SetWalletClosed(w.header(), x.account(1), True), w.KYC), {}),
    (R.CATEGORY, restated(category=6), {}),
    (R.KYC, restated(kyc_day=Day(19_999)), {}),
    (R.QUALIFICATION, restated(qualification_day=Day(19_999)), {}),
    (R.RISK_GRADE, restated(risk_grade=1), {}),
    (R.DISCLOSURE, lambda x: None, {"disclosure": ZERO_HASH}),
    (R.FRACTION, lambda x: None, {"amount": 105}),
    (R.BELOW_MINIMUM, lambda x: None, {"amount": 90}),
    (R.ABOVE_MAXIMUM, lambda x: None, {"amount": 4_010}),
    (R.INVESTOR_CEILING, lambda x: x.run(do.SetScheme(w.header(), REGION, 2, 9, 990), w.REGULATOR), {"amount": 1_000}),
    (R.TARGET, lambda x: (subscribe(x, 2, 3_000), subscribe(x, 3, 1_000)), {"amount": 1_010}),
    (R.TWICE, lambda x: subscribe(x, 1, 100), {}),
    (R.ANNUAL_LIMIT, lambda x: x.run(do.SetAnnualLimit(w.header(), 99), w.REGULATOR), {}),
    (R.HOLDERS_CAP, full, {}),
    (R.MONEY, lambda x: x.run(do.SendMoney(w.STRANGER, 5_901), x.account(1)), {}),
    (R.MONEY_FROZEN, lambda x: x.run(do.FreezeMoney(w.header(), x.account(1), True), w.REGULATOR), {}),
    (R.MONEY_FROZEN, lambda x: x.run(do.StopMoney(w.header(), True), w.REGULATOR), {}),
]


@pytest.mark.parametrize(("rule", "change", "asked"), RULES, ids=[str(rule[0].code) for rule in RULES])
def test_subscribe__one_rule_broken__is_told_beforehand_and_refused(
    rule: R, change: Change, asked: dict[str, Any]
) -> None:
    """SB-1, SB-2, SB-3, SB-4, SB-5, SB-6, SB-7, SB-8, SB-9, SB-10, SB-11, SB-12, SB-13, SB-14, SB-15, SB-16, SB-17,
    SB-18, SB-19, SB-21, SB-22, SB-23, SB-24; OF-3."""
    world = opening(risk_grade=2, investor_minimum=100, investor_maximum=4_000, maximum=5_000, minimum=100)
    for party in (1, 2, 3):
        world.run(do.SetStanding(w.header(), (replace(w.word(party), risk_grade=2),)), w.KYC)
    assert broken(world, {}) == 0
    change(world)
    assert broken(world, asked) == rule
    refused = world.refusal(by_signature(world, 1, **{"amount": 100, **asked}))
    execution = rule & ~(R.MONEY | R.MONEY_FROZEN)
    if execution:
        amount, account = asked.get("amount", 100), asked.get("account", world.account(1))
        assert refused == ("SubscriptionRefused", execution.code, int(execution), account, amount)
    else:
        assert refused[0] in ("ERC20InsufficientBalance", "MoneyFrozen", "MoneyIsStopped")


def broken(world: Raised, asked: dict[str, Any]) -> R:
    asked = {"account": world.account(1), "amount": 100, "disclosure": DOCUMENT} | asked
    return broken_subscription_rules(world.state, OFFERING, time=world.time, **asked)


def test_subscribe__thousand_and_first__is_refused() -> None:
    """OF-12, SB-20."""
    world = opening()
    offering = world.state.offerings[OFFERING]
    offering.totals = replace(offering.totals, subscribers=1_000)
    assert broken(world, {}) == R.TOO_MANY


def test_subscribe__sixty_fourth_time_in_one_company__is_refused() -> None:
    """OF-12."""
    world = opening()
    world.state.companies[w.COMPANY].seats[PartyId(1)] = Seat(0, False, 1, 63)
    with pytest.raises(do.Refusal, match="TooManySubscriptions"):
        do.run(world.state, by_signature(world, 1, 100), w.STRANGER, world.time)


def test_refusal__several_rules_broken__names_all_of_them() -> None:
    """OF-3: annual limit and seat are asked when the others have let it pass."""
    world = opening(investor_minimum=100)
    full(world)
    world.run(do.SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    view = broken(world, {"amount": 95})
    assert view == R.FROZEN | R.FRACTION | R.BELOW_MINIMUM | R.HOLDERS_CAP
    refused = world.refusal(by_signature(world, 1, 95))
    assert refused[1:3] == (R.FROZEN.code, int(R.FROZEN | R.FRACTION | R.BELOW_MINIMUM))


def test_who_may_subscribe__is_asked_for_everybody_at_once() -> None:
    """OF-3: whether the money is there is not asked."""
    world = opening(investor_minimum=100)
    subscribe(world, 2, 100)
    world.run(do.SetFrozen(w.header(), PartyId(3), True), w.REGULATOR)
    world.run(do.SetCap(w.COMPANY, w.header(), 2), w.REGULATOR)
    answers = who_may_subscribe(world.state, OFFERING, world.time)
    assert answers[PartyId(1)] == R.HOLDERS_CAP
    assert answers[PartyId(2)] == R.TWICE
    assert answers[PartyId(3)] == R.FROZEN | R.HOLDERS_CAP
    # The founder holds shares already.
    assert answers[PartyId(5)] == 0


# --- seats ---


def test_seat__of_a_subscriber__is_pending_and_counts_in_every_check() -> None:
    """HC-6: founder and subscriber fill a company of two."""
    world = opening()
    world.run(do.SetCap(w.COMPANY, w.header(), 2), w.REGULATOR)
    subscribe(world, 1, 100)
    company = world.state.companies[w.COMPANY]
    assert (company.seats_taken, company.pending) == (1, 1)
    newcomer = do.Issue(w.ORDINARY, w.header(), Consideration(), (w.entry(world.book(2), 1),))
    assert world.refusal(newcomer, w.AGENT)[:2] == ("Refused", 18)
    # The subscriber itself has its seat already: shares turn it into a holder's.
    w.issue(world, world.account(1), 1)
    company = world.state.companies[w.COMPANY]
    assert (company.seats_taken, company.pending) == (2, 0)
    assert company.seats[PartyId(1)] == Seat(1, False, 1, 1)
    # And when it sells, the subscription keeps the seat.
    world.run(do.Transfer(w.ORDINARY, w.wallet(5, 0), 1), world.account(1))
    company = world.state.companies[w.COMPANY]
    assert (company.seats_taken, company.pending) == (1, 1)
    world.stands()


def test_seat__weight_that_changes_while_pending__is_recounted() -> None:
    """HC-6, HC-4."""
    world = opening()
    subscribe(world, 1, 100)
    world.run(do.SetStanding(w.header(), (replace(w.word(1), weight=7),)), w.KYC)
    world.run(do.Recount(w.COMPANY, PartyId(1)), w.STRANGER)
    assert world.state.companies[w.COMPANY].pending == 7
    world.run(do.SetStanding(w.header(), (replace(w.word(1), weight=2),)), w.KYC)
    world.run(do.Withdraw(OFFERING, world.account(1)), world.account(1))
    assert world.state.companies[w.COMPANY].pending == 0
    world.stands()


# --- withdrawing ---


def test_withdraw__within_cooling_off__gives_all_back_and_lets_subscribe_anew() -> None:
    """OF-4: in its last second too."""
    world = opened()
    world.wait(DAY)
    events = world.run(do.Withdraw(OFFERING, world.account(1)), world.account(1))
    assert [type(e) for e in events] == [SubscriptionWithdrawn, Transfer]
    assert world.cash(world.account(1)) == 6_000
    assert world.offering.totals.live == 4_000
    world.run(by_signature(world, 1, 5_000), w.STRANGER)
    assert world.lot(1).amount == 5_000
    world.stands()


def test_withdraw__later_or_by_another__is_refused() -> None:
    """OF-4."""
    world = opened()
    mine = do.Withdraw(OFFERING, world.account(1))
    assert world.refusal(mine, world.account(2)) == ("NotAuthorised", world.account(2), 0)
    assert world.refusal(do.Withdraw(OFFERING, world.book(1)), world.account(1)) == (
        "SubscriptionUnknown",
        world.book(1),
    )
    world.wait(DAY + 1)
    assert world.refusal(mine, world.account(1)) == ("Overdue", world.clock, world.clock - 1)


def test_withdraw__for_a_book_account__by_the_platform_or_the_partys_wallet() -> None:
    """OF-4."""
    world = opened()
    command = do.WithdrawFor(OFFERING, w.header(), world.book(3))
    assert world.refusal(command, w.STRANGER) == ("NotAuthorised", w.STRANGER, 4)
    wallet = do.WithdrawFor(OFFERING, w.header(), world.account(1))
    assert world.refusal(wallet, w.PLATFORM) == ("NotABookAccount", world.account(1))
    w.bind(world, 3, 0)
    world.run(do.Withdraw(OFFERING, world.book(3)), w.wallet(3, 0))
    assert world.cash(world.book(3)) == 1_000
    assert world.refusal(command, w.PLATFORM) == ("SubscriptionUnknown", world.book(3))
    subscribe(world, 3, 500)
    world.run(command, w.PLATFORM)
    assert world.cash(world.book(3)) == 1_000
    world.stands()


def test_withdraw__from_a_wallet_closed_meanwhile__goes_to_the_book_account() -> None:
    """OF-10."""
    world = opened()
    w.bind(world, 1, 1)
    world.run(do.SetWalletClosed(w.header(), world.account(1), True), w.KYC)
    mine = do.Withdraw(OFFERING, world.account(1))
    assert world.refusal(mine, world.account(1)) == ("NotAuthorised", world.account(1), 0)
    world.run(mine, w.wallet(1, 1))
    assert (world.cash(world.account(1)), world.cash(world.book(1))) == (0, 6_000)
    world.stands()
