"""The laws of raises over drawn histories: LAW-8 to LAW-13 of SPECIFICATION.md, and again LAW-1 to LAW-4.

Two raises of one company, five investors with little money, all that happens to them meanwhile. The same laws are asked
of the contracts by a machine in tests/contracts, whose shadow is this domain.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from registry.domain import commands as do
from registry.domain.args import ZERO_HASH, Consideration
from registry.domain.commands import Refusal
from registry.domain.cut import proposed
from registry.domain.ids import Address, Day, PartyId, Timestamp
from registry.domain.raise_args import BankLine
from registry.domain.raise_views import broken_subscription_rules, money_of
from registry.domain.raising import OfferingPhase, SubscriptionStatus
from registry.domain.rules import code_of
from registry.domain.subscription_rules import SubscriptionRule
from tests.domain import raise_world as r
from tests.domain import world as w
from tests.domain.raise_escrow import EscrowSteps

NIGHT = bool(os.environ.get("NIGHT"))
LEAST_STEPS = 200_000 if NIGHT else 20_000
pytestmark = pytest.mark.timeout(3_600 if NIGHT else 300)

_ONE_BY_ONE = SubscriptionRule.ANNUAL_LIMIT | SubscriptionRule.HOLDERS_CAP
"""Asked by the execution after all others, each alone."""
_MONEY = SubscriptionRule.MONEY | SubscriptionRule.MONEY_FROZEN
"""Refused by the settlement token itself."""


class Raises(EscrowSteps):
    """The steps of raise and money; those of escrow and board come from `EscrowSteps`."""

    @initialize(
        cap=st.sampled_from([4, 6, 200]),
        scheme=r.schemes(),
        stage=st.sampled_from(list(r.Stage)),
        paid=st.lists(st.integers(2, 12), min_size=5, max_size=5),
        frozen=st.integers(0, 15),
    )
    def found(self, cap: int, scheme: r.Scheme, stage: r.Stage, paid: list[int], frozen: int) -> None:
        """A raise that stands somewhere in its life, so that the drawn steps reach all of it."""
        self.begin(cap)
        self.create(r.OFFERINGS[0], scheme)
        self.bring(r.OFFERINGS[0], stage, paid, frozen)

    # --- the life of a raise ---

    @rule(scheme=r.schemes(), strange=r.rarely)
    def found_another(self, scheme: r.Scheme, strange: bool) -> None:
        if r.OFFERINGS[1] not in self.state.offerings:
            self.create(r.OFFERINGS[1], scheme, strange)
            self.open(r.OFFERINGS[1])

    @rule(offering=r.offerings, pick=r.picks)
    def end(self, offering: Address, pick: int) -> None:
        """Opened where it is not; rarely cancelled or stopped, since nothing more happens to it afterwards."""
        o = self.offering(offering)
        if o is None:
            return
        if o.phase == OfferingPhase.DRAFT:
            self.open(offering, is_strange=pick % 3 == 0)
        elif pick < 50:
            self.take(do.AdmitOffering(w.COMPANY, self.head(), offering), w.ADMIN)
        elif pick % 2:
            self.take(do.StopOffering(offering, self.head()), w.REGULATOR)
        else:
            self.take(do.CancelOffering(offering, self.head()), w.ADMIN if pick % 4 else w.STRANGER)

    @rule(offering=r.offerings, pick=r.picks)
    def close(self, offering: Address, pick: int) -> None:
        o = self.offering(offering)
        if o is not None and o.phase == OfferingPhase.OPEN:
            if o.totals.live >= o.terms.minimum and pick < 40:
                self.wait_until(o.terms.closes_at + o.terms.cooling_off + 1)
            self.take(do.CloseOffering(offering))

    @rule(offering=r.offerings, pick=r.picks)
    def cut_and_allot(self, offering: Address, pick: int) -> None:
        """What is proposed is fair, another last one is not. Then a page."""
        o = self.offering(offering)
        if o is None or o.phase not in (OfferingPhase.CLOSING, OfferingPhase.SETTLED):
            return
        if not o.totals.raised:
            known, last = proposed(o)
            wrong = PartyId(pick % 8)
            refusal = self.take(do.VerifyCut(offering, known, last if pick < 40 else wrong))
            assert refusal is None or (pick >= 40 and wrong != last)
        self.take(do.Allot(offering, self.subscribers(offering, r.LIVE, pick)))

    @rule(offering=r.offerings, pick=r.picks)
    def fail_and_refund(self, offering: Address, pick: int) -> None:
        o = self.offering(offering)
        if o is None:
            return
        if o.phase == OfferingPhase.CLOSING and pick < 10:
            self.take(do.FailOffering(offering))
        if o.phase == OfferingPhase.FAILED:
            self.take(do.Refund(offering, self.subscribers(offering, r.LIVE, pick)))

    # --- subscribers ---

    @rule(
        offering=r.offerings,
        pick=r.picks,
        shares=st.integers(2, 12),
        odd=st.sampled_from([0, 0, 0, 0, 0, 5, -20]),
        bad=st.sampled_from(["", "", "", "", "", "", "disclosure", "signature", "late"]),
    )
    def subscribe(self, offering: Address, pick: int, shares: int, odd: int, bad: str) -> None:
        if offering not in self.state.offerings:
            return
        account = r.ACCOUNTS[pick % (5 if pick < 50 else len(r.ACCOUNTS))]
        amount = max(shares * r.PRICE + odd, 0)
        disclosure = ZERO_HASH if bad == "disclosure" else r.DOCUMENT
        expected = broken_subscription_rules(self.state, offering, account, amount, disclosure, self.world.time)
        if self.state.is_book(account):
            by_platform = do.SubscribeFor(offering, self.head(), account, amount, disclosure)
            self.same_answer(expected, self.take(by_platform, w.PLATFORM), "")
            return
        until = self.world.time if bad == "late" else 2**40
        salt, is_signed = self.head().operation, bad != "signature"
        command = do.Subscribe(offering, account, amount, disclosure, salt, until, is_signed=is_signed)
        self.same_answer(expected, self.take(command), bad)

    def same_answer(self, expected: SubscriptionRule, refusal: Refusal | None, bad: str) -> None:
        """LAW-4: what the view says is what the execution does."""
        first = expected & ~_ONE_BY_ONE & ~_MONEY
        alone = expected & _ONE_BY_ONE
        if first or alone:
            broken = int(first or alone & -alone)
            assert refusal is not None
            assert refusal.name == "SubscriptionRefused"
            assert refusal.values[:2] == (code_of(broken), broken)
        elif expected or bad in ("signature", "late"):
            assert refusal is not None
            assert refusal.name != "SubscriptionRefused"
        else:
            assert refusal is None, refusal

    @rule(offering=r.offerings, pick=r.picks)
    def withdraw(self, offering: Address, pick: int) -> None:
        o = self.offering(offering)
        if o is None or o.phase != OfferingPhase.OPEN:
            return
        for account in self.subscribers(offering, r.LIVE, pick)[:1]:
            if self.state.is_book(account):
                self.take(do.WithdrawFor(offering, self.head(), account), w.PLATFORM)
            else:
                self.take(do.Withdraw(offering, account), account if pick < 55 else w.STRANGER)

    # --- money and shares ---

    @rule(party=r.parties, taker=r.accounts, amount=st.integers(0, 200), pick=r.picks)
    def move_money(self, party: PartyId, taker: Address, amount: int, pick: int) -> None:
        account = r.account(party) if pick < 50 else r.book(party)
        line = (BankLine(account, amount, r.reference(100 + amount)),)
        if pick % 6 < 2:
            self.take((do.Mint if pick % 6 else do.Burn)(self.head(), line), r.BANK)
            return
        giver = r.account(1) if self.state.is_book(account) else account
        to = r.OFFERINGS[pick % 2] if pick > 52 else taker
        if pick % 6 == 2:
            self.take(do.AllowMoney(w.STRANGER, amount), giver)
            self.take(do.SendMoneyFrom(giver, to, amount), w.STRANGER)
        elif pick % 6 == 3:
            self.take(do.SendAuthorised(giver, to, amount, 0, 2**40, r.reference(pick), is_signed=pick > 2))
        else:
            self.take(do.SendMoney(to, amount), giver)

    @rule(giver=r.accounts, taker=r.accounts, shares=st.integers(1, 12), whole=st.booleans(), issues=r.rarely)
    def trade(self, giver: Address, taker: Address, shares: int, whole: bool, issues: bool) -> None:
        """Lots are sold, and shares issued beside the raise."""
        held = self.world.balance(w.ORDINARY, giver)
        if issues:
            command = do.Issue(w.ORDINARY, self.head(), Consideration(), (w.entry(taker, shares),))
            self.take(command, w.AGENT)
        if issues or not held:
            return
        entry = w.entry(taker, held if whole else shares)
        if self.state.is_book(giver):
            self.take(do.TransferFor(w.ORDINARY, self.head(), Consideration(), giver, entry), w.AGENT)
        else:
            self.take(do.Transfer(w.ORDINARY, taker, entry.shares), giver)

    # --- what happens meanwhile ---

    @rule(seconds=st.sampled_from([1, 3_600, r.DAY, 2 * r.DAY, 2 * r.DAY + 1, 6 * r.DAY]), chance=r.picks)
    def let_pass(self, seconds: int, chance: int) -> None:
        self.wait(seconds)
        if chance == 59:
            # Into the next civil year.
            self.world.time = Timestamp(max(self.world.time, w.START + r.YEAR_IN + r.DAY))

    @rule(party=r.parties, what=st.integers(0, 5), weight=st.integers(1, 2), on=r.rarely)
    def judge(self, party: PartyId, what: int, weight: int, on: bool) -> None:
        """Orders about a party and its money, new facts about it."""
        word = r.person(party, weight, 0 if on and weight == 1 else 2)
        word = replace(word, kyc_day=Day(self.world.today - 1)) if on and weight == 2 else word
        until = Day(self.world.today + weight - 1)
        commands = (
            (do.SetFrozen(self.head(), party, on), w.REGULATOR),
            (do.SetWalletClosed(self.head(), w.wallet(party, 0), on), w.KYC),
            (do.Recount(w.COMPANY, party), w.STRANGER),
            (do.StateOutsideUse(self.head(), party, 2024, 30, until), w.KYC),
            (do.FreezeMoney(self.head(), r.account(party), on), w.REGULATOR),
            (do.SetStanding(self.head(), (word,)), w.KYC),
        )
        self.take(*commands[what])

    @rule(what=st.integers(0, 7), number=st.integers(2, 7), on=r.rarely)
    def govern(self, what: int, number: int, on: bool) -> None:
        party = PartyId(number - 1)
        commands = (
            (do.SetCap(w.COMPANY, self.head(), number), w.REGULATOR),
            (do.SetAnnualLimit(self.head(), number % 4 * 90), w.REGULATOR),
            (do.StopClass(w.COMPANY, self.head(), w.ORDINARY, on), w.STOPPER),
            (do.StopByRegulator(w.COMPANY, self.head(), on), w.REGULATOR),
            (do.FixWeight(w.COMPANY, self.head(), party, on, number % 3), w.AGENT),
            (do.SetAuthorised(w.ORDINARY, self.head(), w.Shares(number * 20)), w.AGENT),
            (do.SetHalted(self.head(), r.REGION, on), w.REGULATOR),
            (do.StopMoney(self.head(), on), r.BANK),
        )
        self.take(*commands[what])

    # --- the laws ---

    @invariant()
    def law_1_supply(self) -> None:
        """LAW-1: and what is kept free for raises is still there."""
        for c in self.state.classes.values():
            assert sum(h.balance for h in c.holdings.values()) == c.issued
            assert c.issued + c.reserved <= c.authorised

    @invariant()
    def law_3_replay(self) -> None:
        """LAW-3: the events alone give the same register, money and raises, and nothing in them is found wrong."""
        assert self.world.replay == self.world.state
        assert [f for f in self.world.replay.findings if f.is_fault] == []

    @invariant()
    def law_8_money(self) -> None:
        """LAW-8: of each raise, at all times; and the token's supply is the sum of all that there is."""
        money = self.state.money
        assert money.supply == sum(cash.balance for cash in money.accounts.values()) >= 0
        for address in self.state.offerings:
            assert money_of(self.state, address).is_whole

    @invariant()
    def law_9_parts(self) -> None:
        """LAW-9: no one gets back more than its part, of a missed tranche or in all."""
        for key, amount in self.back.items():
            assert amount <= self.paid[key]
        for o in self.state.offerings.values():
            purse = self.state.escrows[o.escrow].purse
            for s in o.subscriptions.values():
                if s.status == SubscriptionStatus.ALLOTTED:
                    assert s.redeemed <= s.amount * purse.redeemable // o.totals.raised
                    assert s.cancelled <= s.amount // r.PRICE

    @invariant()
    def law_11_solvent(self) -> None:
        """LAW-11: raise and escrow can pay what they owe from themselves."""
        for o in self.state.offerings.values():
            purse = self.state.escrows[o.escrow].purse
            assert self.state.money.balance(o.address) >= o.held >= 0
            assert self.state.money.balance(o.escrow) >= purse.held >= purse.redeemable - purse.redeemed >= 0

    @invariant()
    def law_12_seats(self) -> None:
        """LAW-12: seats are counted from holdings and live subscriptions; above the cap only after an alarm."""
        company = self.state.companies[w.COMPANY]
        holders = {account[0] for c in self.state.classes.values() for account, h in c.holdings.items() if h.balance}
        waiting: dict[PartyId, int] = {}
        for o in self.state.offerings.values():
            for party, s in o.subscriptions.items():
                waiting[party] = waiting.get(party, 0) + (s.status in r.LIVE)
        for party, seat in company.seats.items():
            assert seat.subscriptions == waiting.get(party, 0)
        assert company.seats_taken == sum(company.seat_of(party).weight for party in holders)
        subscribers = {party for party, count in waiting.items() if count} - holders
        assert company.pending == sum(company.seat_of(party).weight for party in subscribers)
        assert company.is_within_cap or self.was_above or self.alarmed
        self.was_above, self.alarmed = not company.is_within_cap, False

    @invariant()
    def law_13_annual_use(self) -> None:
        """LAW-13: a party's use of a year's limit is the sum of its live subscriptions of that year."""
        sums: dict[tuple[PartyId, int], int] = {}
        for o in self.state.offerings.values():
            for party, s in o.subscriptions.items():
                if s.status in (*r.LIVE, SubscriptionStatus.ALLOTTED):
                    key = party, 2_000 + s.year
                    sums[key] = sums.get(key, 0) + s.amount
        assert self.state.annual_use == sums


class TestLaws(Raises.TestCase):  # type: ignore[misc,name-defined]
    """Counts its steps, so that the laws are never asked of next to nothing."""

    settings = settings(
        max_examples=6_500 if NIGHT else 650,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def runTest(self) -> None:
        before = Raises.taken
        super().runTest()
        assert r.RaiseSteps.taken - before >= LEAST_STEPS
