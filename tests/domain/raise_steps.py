"""Steps of the machine of raises: what happens around a raise, and its own life up to the settlement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from registry.domain import commands as do
from registry.domain.args import ZERO_HASH, Consideration
from registry.domain.commands import Refusal
from registry.domain.cut import proposed
from registry.domain.days import last_second
from registry.domain.ids import Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.raise_args import BankLine
from registry.domain.raising import OfferingPhase, OfferingState
from registry.domain.rules import code_of
from registry.domain.subscription_rules import SubscriptionRule
from tests.domain import raise_world as r
from tests.domain import world as w
from tests.domain.escrow_world import DAY, DOCUMENT
from tests.domain.raise_cast import CEILING, PRICE, YEAR_IN, person, reference
from tests.domain.raise_laws import Laws

_ONE_BY_ONE = SubscriptionRule.ANNUAL_LIMIT | SubscriptionRule.HOLDERS_CAP
"""Asked by the execution after all others, each alone."""
_MONEY = SubscriptionRule.MONEY | SubscriptionRule.MONEY_FROZEN
"""Refused by the settlement token itself."""
_Rule = TypeVar("_Rule")


class Meanwhile(Laws):
    """Time, orders, new facts, sales, other acts of the company."""

    @rule(seconds=st.sampled_from([1, 3_600, DAY, 2 * DAY, 2 * DAY + 1, 6 * DAY, 14 * DAY]), chance=r.picks)
    def let_pass(self, seconds: int, chance: int) -> None:
        self.wait(seconds)
        if chance == 59:
            # Into the next civil year.
            self.world.time = Timestamp(max(self.world.time, self.cast.start + YEAR_IN + DAY))

    @rule(giver=r.accounts, taker=r.accounts, shares=st.integers(1, 12), whole=st.booleans(), pick=r.picks)
    def trade(self, giver: int, taker: int, shares: int, whole: bool, pick: int) -> None:
        """Lots are sold, or moved into the party's book account; and shares are issued beside the raise."""
        cast, accounts = self.cast, self.cast.accounts
        source, to = accounts[giver], accounts[taker]
        if pick > 45:
            command = do.Issue(cast.share_class, self.head(), Consideration(), (w.entry(to, shares),))
            self.take(command, cast.agent)
            return
        if pick > 36:
            to = self.state.book_account(self.state.account_of(source)[0])
        held = self.world.balance(cast.share_class, source)
        if not held:
            return
        entry = w.entry(to, held if whole else shares)
        if self.state.is_book(source):
            self.take(do.TransferFor(cast.share_class, self.head(), Consideration(), source, entry), cast.agent)
        else:
            self.take(do.Transfer(cast.share_class, to, entry.shares), source)

    @rule(party=r.parties, what=st.integers(0, 5), weight=st.integers(1, 2), on=r.rarely)
    def judge(self, party: PartyId, what: int, weight: int, on: bool) -> None:
        """Orders about a party and its money, new facts about it."""
        cast, today = self.cast, self.world.today
        word = person(cast.day, party, weight, 0 if on and weight == 1 else 2)
        word = replace(word, kyc_day=Day(today - 1)) if on and weight == 2 else word
        until = Day(today + weight - 1)
        commands = (
            (do.SetFrozen(self.head(), party, on), cast.regulator),
            (do.SetWalletClosed(self.head(), cast.wallet(party), on), cast.kyc),
            (do.Recount(cast.company, party), cast.stranger),
            (do.StateOutsideUse(self.head(), party, cast.year, 3 * PRICE, until), cast.kyc),
            (do.FreezeMoney(self.head(), cast.account(party), on), cast.regulator),
            (do.SetStanding(self.head(), (word,)), cast.kyc),
        )
        self.take(*commands[what])

    @rule(what=st.integers(0, 8), number=st.integers(2, 7), on=r.rarely)
    def govern(self, what: int, number: int, on: bool) -> None:
        cast, party = self.cast, PartyId(number - 1)
        ceiling = PRICE * number if on else 0
        commands = (
            (do.SetCap(cast.company, self.head(), number), cast.regulator),
            (do.SetAnnualLimit(self.head(), number % 4 * 9 * PRICE), cast.regulator),
            (do.StopClass(cast.company, self.head(), cast.share_class, on), cast.stopper),
            (do.StopByRegulator(cast.company, self.head(), on), cast.regulator),
            (do.FixWeight(cast.company, self.head(), party, on, number % 3), cast.agent),
            (do.SetAuthorised(cast.share_class, self.head(), Shares(number * 20)), cast.agent),
            (do.SetHalted(self.head(), cast.region, on), cast.regulator),
            (do.StopMoney(self.head(), on), cast.bank),
            (do.SetScheme(self.head(), cast.region, number, CEILING, ceiling), cast.regulator),
        )
        self.take(*commands[what])

    @rule(what=st.sampled_from([0, 1, 2, 2, 3, 3]), giver=r.accounts, pick=r.picks)
    def transform(self, what: int, giver: int, pick: int) -> None:
        """SP-2: while somebody may get money for its shares they stay what they are. Record dates, a successor."""
        cast, account = self.cast, self.cast.accounts[giver]
        held = self.world.balance(cast.share_class, account)
        if what == 0:
            self.double()
        elif what == 1:
            classes = cast.share_class, cast.other_class
            line = account, Shares(min(held, pick)), Shares(pick), ZERO_HASH
            self.take(do.Convert(cast.company, self.head(), Consideration(), *classes, *line), cast.agent)
        elif what == 2:
            time = last_second(Day(self.world.today + pick % 3))
            self.take(do.SetRecordDate(cast.share_class, self.head(), time), cast.agent)
        elif pick == 59:
            self.take(do.NameSuccessor(cast.company, self.head(), cast.heir), cast.admin)
        else:
            self.take(do.StopCompany(cast.company, self.head(), pick > 50), cast.stopper)

    @rule(party=r.parties, taker=r.accounts, tenths=st.integers(0, 200), pick=r.picks)
    def move_money(self, party: PartyId, taker: int, tenths: int, pick: int) -> None:
        cast, amount = self.cast, tenths * PRICE // 10
        account = cast.account(party) if pick < 50 else cast.book(party)
        line = (BankLine(account, amount, reference(100 + amount)),)
        giver = cast.account(1) if self.state.is_book(account) else account
        to, nonce, good = cast.accounts[taker], reference(pick), pick > 3
        if pick > 52:
            to = cast.offerings[pick % 2]
        what = pick % 8
        if what < 2:
            self.take((do.Mint if what else do.Burn)(self.head(), line), cast.bank)
        elif what == 2:
            self.take(do.AllowMoney(cast.stranger, amount), giver)
            self.take(do.SendMoneyFrom(giver, to, amount), cast.stranger)
        elif what == 3:
            self.take(do.SendAuthorised(giver, to, amount, 0, 2**40, nonce, is_signed=good))
        elif what == 4:
            until = self.world.time + 60 * (amount % 3 - 1)
            self.take(do.ReceiveAuthorised(giver, cast.stranger, amount, 0, until, nonce, is_signed=good))
        elif what == 5:
            self.take(do.CancelAuthorisation(giver, nonce, is_signed=good))
        elif what == 6:
            signer = giver if pick < 40 else cast.account(4)
            self.take(do.PermitMoney(giver, cast.stranger, amount, self.world.time + amount % 2, signer))
        else:
            self.take(do.SendMoney(to, amount), giver)


def while_(*phases: OfferingPhase) -> Callable[[_Rule], _Rule]:
    """Only where a raise is in one of these phases."""
    return precondition(lambda self: bool(self.found_in_phase(*phases)))


class BookSteps(Meanwhile):
    """A raise from its draft to the settlement, and its subscribers."""

    def found_in_phase(self, *phases: OfferingPhase) -> list[OfferingState]:
        return [o for o in self.state.offerings.values() if o.phase in phases]

    def one_of(self, number: int, *phases: OfferingPhase) -> OfferingState:
        found = self.found_in_phase(*phases)
        return found[number % len(found)]

    # --- the life of a raise ---

    @precondition(lambda self: self.number(1) is None)
    @rule(
        scheme=r.schemes(),
        strange=r.rarely,
        stage=st.sampled_from(list(r.Stage)),
        paid=r.asked,
    )
    def found_another(self, scheme: r.Scheme, strange: bool, stage: r.Stage, paid: list[int]) -> None:
        self.create(1, scheme, strange)
        if not strange:
            self.bring(1, stage, paid, paid[0])

    @while_(OfferingPhase.DRAFT)
    @rule(pick=r.picks)
    def open_draft(self, pick: int) -> None:
        o = self.one_of(0, OfferingPhase.DRAFT)
        self.open(o.address, is_strange=pick % 3 == 0)

    @while_(OfferingPhase.DRAFT, OfferingPhase.OPEN, OfferingPhase.CLOSING)
    @rule(number=r.offerings, pick=r.picks)
    def stop(self, number: int, pick: int) -> None:
        """Rarely cancelled or stopped, since nothing more happens to it afterwards."""
        o, cast = self.one_of(number, OfferingPhase.DRAFT, OfferingPhase.OPEN, OfferingPhase.CLOSING), self.cast
        if pick < 50:
            self.take(do.AdmitOffering(cast.company, self.head(), (o.address, o.escrow)[pick % 2]), cast.admin)
        elif pick % 2:
            self.take(do.StopOffering(o.address, self.head()), cast.regulator)
        else:
            self.take(do.CancelOffering(o.address, self.head()), cast.admin if pick % 4 else cast.stranger)

    @while_(OfferingPhase.OPEN)
    @rule(number=r.offerings, pick=r.picks, early=st.sampled_from([1, 1, 1, 0]))
    def close(self, number: int, pick: int, early: int) -> None:
        """In the first second in which it can be, or one before."""
        o = self.one_of(number, OfferingPhase.OPEN)
        if o.totals.live >= o.terms.minimum and pick < 40:
            self.wait_until(o.terms.closes_at + o.terms.cooling_off + early)
        self.take(do.CloseOffering(o.address))

    @while_(OfferingPhase.CLOSING, OfferingPhase.SETTLED)
    @rule(number=r.offerings, pick=r.picks)
    def cut_and_allot(self, number: int, pick: int) -> None:
        """What is proposed is fair, another last one is not. Then a page."""
        o = self.one_of(number, OfferingPhase.CLOSING, OfferingPhase.SETTLED)
        if o.phase == OfferingPhase.CLOSING and not o.totals.raised:
            known, last = proposed(o)
            wrong = PartyId(pick % 8)
            refusal = self.take(do.VerifyCut(o.address, known, last if pick < 40 else wrong))
            assert refusal is None or (pick >= 40 and wrong != last)
        page = self.subscribers(o.address, r.LIVE, pick)
        self.take(do.Allot(o.address, page + page[:1] if pick % 10 == 9 else page))

    @while_(OfferingPhase.CLOSING)
    @rule(number=r.offerings, late=st.sampled_from([0, 0, 1]), waits=st.booleans())
    def fail(self, number: int, late: int, waits: bool) -> None:
        """In the last second in which it cannot yet, or after it."""
        o = self.one_of(number, OfferingPhase.CLOSING)
        if waits:
            self.wait_until(o.terms.closes_at + o.terms.cooling_off + o.terms.settle_within + late)
        self.take(do.FailOffering(o.address))

    @while_(OfferingPhase.FAILED)
    @rule(number=r.offerings, pick=r.picks)
    def refund(self, number: int, pick: int) -> None:
        o = self.one_of(number, OfferingPhase.FAILED)
        page = self.subscribers(o.address, r.LIVE, pick)
        self.take(do.Refund(o.address, page + page[:1] if pick % 10 == 9 else page))

    # --- subscribers ---

    @precondition(lambda self: self.number(0) is not None)
    @rule(
        number=r.offerings,
        pick=r.picks,
        shares=st.integers(2, 12),
        odd=st.sampled_from([0, 0, 0, 0, 0, 5, -20]),
        bad=st.sampled_from(["", "", "", "", "", "", "disclosure", "signature", "late"]),
    )
    def subscribe(self, number: int, pick: int, shares: int, odd: int, bad: str) -> None:
        """Mostly to one that is open."""
        opened = self.found_in_phase(OfferingPhase.OPEN)
        o = (opened or list(self.state.offerings.values()))[number % len(opened or self.state.offerings)]
        account = self.cast.accounts[pick % (5 if pick < 50 else len(self.cast.accounts))]
        amount = max(shares * PRICE + odd, 0)
        disclosure = ZERO_HASH if bad == "disclosure" else DOCUMENT
        expected = self.broken(o.address, account, amount, disclosure)
        if self.state.is_book(account):
            by_platform = do.SubscribeFor(o.address, self.head(), account, amount, disclosure)
            self.same_answer(expected, self.take(by_platform, self.cast.platform), "")
            return
        until = self.world.time if bad == "late" else 2**40
        salt, is_signed = self.head().operation, bad != "signature"
        command = do.Subscribe(o.address, account, amount, disclosure, Hash32(salt), until, is_signed=is_signed)
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

    @while_(OfferingPhase.OPEN)
    @rule(number=r.offerings, pick=r.picks, waits=r.rarely)
    def withdraw(self, number: int, pick: int, waits: bool) -> None:
        """Perhaps in the last second of the cooling-off period, or one after it."""
        o = self.one_of(number, OfferingPhase.OPEN)
        account = self.subscribers(o.address, r.LIVE, pick)[0]
        s = o.subscriptions.get(self.state.account_of(account)[0])
        if waits and s is not None:
            self.wait_until(s.paid_at + o.terms.cooling_off + pick % 2)
        if self.state.is_book(account):
            self.take(do.WithdrawFor(o.address, self.head(), account), self.cast.platform)
        else:
            self.take(do.Withdraw(o.address, account), account if pick < 55 else self.cast.stranger)
