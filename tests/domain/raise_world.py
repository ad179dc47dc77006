"""How the machines of raises take a step, what is drawn, and how a raise is brought forward.

The rules stand in `raise_steps` and `raise_escrow`; people and addresses in `raise_cast`. Terms are drawn for the pure
cast and begin at its first day; `create` makes them those of the machine's own cast and time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from registry.domain import commands as do
from registry.domain.args import ActHeader
from registry.domain.commands import Command, Refusal
from registry.domain.cut import proposed
from registry.domain.escrow import Miss, RatchetSource
from registry.domain.events import CapExceeded, RegistryEvent
from registry.domain.events_raise import (
    LotLapsed,
    LotRedeemed,
    Subscribed,
    SubscriptionAllotted,
    SubscriptionRefunded,
    SubscriptionWithdrawn,
)
from registry.domain.ids import Address, Day, Hash32, PartyId, Timestamp
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raise_views import broken_subscription_rules
from registry.domain.raising import OfferingPhase, OfferingState, SubscriptionStatus
from registry.domain.register import RegisterState
from registry.domain.subscription_rules import SubscriptionRule
from tests.domain import world as w
from tests.domain.escrow_world import DAY, DOCUMENT, KIND
from tests.domain.raise_cast import INVESTORS, ISSUER, PLATFORMS, PRICE, PURE, Cast, World, founded

LIVE = (SubscriptionStatus.PAID, SubscriptionStatus.PARKED)


class Stage(IntEnum):
    """How far a raise has come when the drawn steps begin."""

    DRAFT = 0
    OPEN = 1
    SUBSCRIBED = 2
    CLOSING = 3
    SETTLED = 4


parties = st.sampled_from(INVESTORS)
offerings = st.sampled_from([0, 1])
"""By number."""
rarely = st.sampled_from([False, False, False, True])
picks = st.integers(0, 59)
"""One of many; the largest mean something unlikely."""
accounts = st.integers(0, len(PURE.accounts) - 1)
"""By number."""
asked = st.lists(st.integers(2, 12), min_size=5, max_size=5)
"""[shares] What each of five investors asks for."""


Chooses = Callable[[Sequence[Any]], Any]
"""One of several: drawn by Hypothesis, or thrown."""
Scheme = tuple[OfferingTerms, EscrowTerms, tuple[TrancheTerms, ...], RatchetTerms]


def scheme_of(choose: Chooses) -> Scheme:
    """Terms that a factory takes."""
    return offering_terms(choose), escrow_terms(choose), tranches(choose), ratchet(choose)


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    return scheme_of(lambda options: draw(st.sampled_from(options)))


def offering_terms(choose: Chooses) -> OfferingTerms:
    least, most = choose([5, 10, 15]), choose([20, 25, 25, 0])
    return OfferingTerms(
        PURE.company,
        PURE.share_class,
        PURE.book(PLATFORMS),
        PRICE,
        minimum=least * PRICE,
        maximum=(most or least) * PRICE,
        investor_minimum=2 * PRICE,
        investor_maximum=15 * PRICE,
        opens_at=PURE.start,
        closes_at=PURE.start + 5 * DAY,
        cooling_off=DAY,
        settle_within=2 * DAY,
        fee_bps=choose([0, 333]),
        region=PURE.region,
        risk_grade=1,
        method=choose([1, 2, 2]),
        lock_day=Day(choose([0, PURE.day + 30])),
        memorandum=DOCUMENT,
        disclosure=DOCUMENT,
    )


def tranches(choose: Chooses) -> tuple[TrancheTerms, ...]:
    """One to three by basis points; sometimes a fixed amount first."""

    def tranche(number: int, is_share: bool, value: int) -> TrancheTerms:
        on_miss = choose([Miss.REDEEM, Miss.REDEEM, Miss.EXTEND, Miss.PUT])
        deadline = PURE.start + (30 + 10 * number) * DAY
        extension = 5 * DAY if on_miss == Miss.EXTEND else 0
        return TrancheTerms(is_share, value, KIND, choose([1, 2]), deadline, on_miss, extension, DOCUMENT, "{}")

    parts = choose([(5_000, 5_000), (10_000,), (3_333, 3_333, 3_334)])
    found = [tranche(i, True, part) for i, part in enumerate(parts)]
    return (tranche(3, False, 1_717), *found) if choose([True, False, False, False]) else tuple(found)


def escrow_terms(choose: Chooses) -> EscrowTerms:
    return EscrowTerms(
        PURE.account(ISSUER),
        PURE.arbiter,
        window=2 * DAY,
        arbitration=2 * DAY,
        silence_upholds=choose([False, True]),
        challenge_bps=choose([1_000, 3_000, 6_000]),
        consent_bps=choose([2_000, 5_000, 10_000]),
        voting=3 * DAY,
        put_payer=PURE.account(ISSUER),
        is_payer_issuer=choose([False, True]),
        put_rate_bps=choose([800, 9_000]),
        claims=choose([5 * DAY, 9 * DAY]),
        lapse_account=PURE.account(ISSUER),
    )


def ratchet(choose: Chooses) -> RatchetTerms:
    source = choose(list(RatchetSource))
    early, late = PURE.start + 12 * DAY, PURE.start + 15 * DAY
    terms = RatchetTerms(0, source, PURE.account(ISSUER), PURE.book(PLATFORMS), early, 1_000, late, 5_000)
    return terms if source else RatchetTerms()


class RaiseSteps(RuleBasedStateMachine):
    """The commands write one register, the events another."""

    cast: ClassVar[Cast] = PURE
    world: World
    taken: ClassVar[int] = 0
    """Steps of all machines of this process."""
    told: ClassVar[Counter[str]] = Counter()
    """Events that they led to, by name."""
    refused: ClassVar[Counter[str]] = Counter()
    """Refusals by name."""

    def begin(self, cap: int) -> None:
        self.world = self.founded(cap)
        self.paid: dict[tuple[Address, PartyId], int] = {}
        self.back: dict[tuple[Address, PartyId], int] = {}
        self.redeemed: dict[tuple[Address, PartyId], int] = {}
        self.lapsed: dict[tuple[Address, PartyId], int] = {}
        self.was_above = False
        self.alarmed = False

    def founded(self, cap: int) -> World:
        return founded(cap)

    @property
    def state(self) -> RegisterState:
        return self.world.state

    def head(self) -> ActHeader:
        return w.header(self.world.today)

    def wait(self, seconds: int) -> None:
        self.world.time = Timestamp(self.world.time + seconds)

    def number(self, offering: int) -> OfferingState | None:
        """The first or the second raise, once it has been created."""
        return self.state.offerings.get(self.cast.offerings[offering])

    def take(self, command: Command, actor: Address | None = None) -> Refusal | None:
        """One step; LAW-6 is asked by the comparison with the replay, which hears nothing of what was refused."""
        RaiseSteps.taken += 1
        try:
            events = self.world.run(command, self.cast.stranger if actor is None else actor)
        except Refusal as refusal:
            RaiseSteps.refused[refusal.name] += 1
            return refusal
        self.hear(events)
        return None

    def hear(self, events: Iterable[RegistryEvent]) -> None:
        """What each party paid into each raise, and got back; apart, what of its lot was redeemed, and what lapsed."""
        for e in events:
            RaiseSteps.told[type(e).__name__] += 1
            if isinstance(e, CapExceeded):
                self.alarmed = True
            if isinstance(e, Subscribed):
                self._add(self.paid, e, e.amount)
            if isinstance(e, (SubscriptionWithdrawn, SubscriptionRefunded, LotRedeemed)):
                self._add(self.back, e, e.amount)
            if isinstance(e, SubscriptionAllotted):
                self._add(self.back, e, e.refund)
            if isinstance(e, LotRedeemed):
                self._add(self.redeemed, e, e.amount)
            if isinstance(e, LotLapsed):
                self._add(self.lapsed, e, e.amount)

    def _add(
        self,
        sums: dict[tuple[Address, PartyId], int],
        e: Subscribed | SubscriptionWithdrawn | SubscriptionRefunded | LotRedeemed | LotLapsed | SubscriptionAllotted,
        amount: int,
    ) -> None:
        key = e.at.emitter, e.party
        sums[key] = sums.get(key, 0) + amount

    def broken(self, offering: Address, account: Address, amount: int, disclosure: Hash32) -> SubscriptionRule:
        """What would refuse a subscription now."""
        return broken_subscription_rules(self.state, offering, account, amount, disclosure, self.world.time)

    def subscribers(self, offering: Address, statuses: Sequence[int], pick: int) -> tuple[Address, ...]:
        """Accounts of one to four subscribers in these states; rarely one that is not among them."""
        lots = sorted(self.state.offerings[offering].subscriptions.items())
        found = [self.state.address_of((party, s.account)) for party, s in lots if s.status in statuses]
        if pick > 57 or not found:
            return (self.cast.accounts[pick % len(self.cast.accounts)],)
        start = pick % len(found)
        return tuple(found[start:] + found[:start])[: 1 + pick % 4]

    def wait_until(self, clock: int) -> None:
        """The region's clock shows at least this time."""
        missing = clock - self.state.clock(self.cast.region, self.world.time)
        if not self.state.regions[self.cast.region].is_halted:
            self.wait(max(missing, 0))

    def double(self) -> Refusal | None:
        """A split of the class, two for one."""
        held = self.state.classes[self.cast.share_class].holdings.items()
        lines = tuple(w.entry(self.state.address_of(at), h.balance) for at, h in held if h.balance)
        return self.take(do.Split(self.cast.share_class, self.head(), 2, 1, lines), self.cast.agent)

    # --- a raise is brought forward ---

    def create(self, number: int, scheme: Scheme, is_strange: bool = False) -> None:
        """The window of a later one opens when it is founded."""
        command = self.creation(number, scheme)
        if is_strange:
            command = replace(command, terms=replace(command.terms, maximum=command.terms.maximum + 5))
        refusal = self.take(command, self.cast.platform)
        assert (refusal is not None) == is_strange, refusal

    def creation(self, number: int, scheme: Scheme) -> do.CreateOffering:
        """In the machine's own cast and time."""
        cast, (terms, escrow, scheduled, falls) = self.cast, scheme
        passed = self.state.clock(cast.region, self.world.time) - PURE.start
        terms = replace(
            terms,
            company=cast.company,
            share_class=cast.share_class,
            fee_recipient=cast.book(PLATFORMS),
            region=cast.region,
            opens_at=terms.opens_at + passed,
            closes_at=terms.closes_at + passed,
            lock_day=Day(terms.lock_day + passed // DAY) if terms.lock_day else terms.lock_day,
        )
        issuer = cast.account(ISSUER)
        escrow = replace(escrow, issuer_account=issuer, arbiter=cast.arbiter, put_payer=issuer, lapse_account=issuer)
        scheduled = tuple(replace(t, deadline=t.deadline + passed) for t in scheduled)
        if falls.source:
            early, late = falls.early_by + passed, falls.late_after + passed
            fallback = cast.book(PLATFORMS)
            falls = replace(falls, founder=issuer, fallback_account=fallback, early_by=early, late_after=late)
        where = cast.offerings[number], cast.escrows[number]
        return do.CreateOffering(self.head(), terms, escrow, scheduled, falls, *where)

    def open(self, offering: Address, is_strange: bool = False) -> None:
        admits = self.cast.stranger if is_strange else self.cast.admin
        self.take(do.AdmitOffering(self.cast.company, self.head(), offering), admits)
        self.take(do.OpenOffering(offering, self.head()), self.cast.platform)

    def bring(self, number: int, stage: Stage, paid: Sequence[int], frozen: int) -> None:
        """As far as that; `paid`: shares that each investor asks for; one may be frozen before the closing."""
        offering = self.cast.offerings[number]
        if stage >= Stage.OPEN:
            self.open(offering)
        for party, shares in zip(INVESTORS, paid, strict=True):
            if stage >= Stage.SUBSCRIBED:
                self.subscribe_one(offering, party, shares * PRICE)
        o = self.state.offerings[offering]
        if stage >= Stage.CLOSING and o.totals.live >= o.terms.minimum:
            self.end(o, frozen)
        o = self.state.offerings[offering]
        if stage == Stage.SETTLED and o.phase == OfferingPhase.CLOSING:
            self.settle(o)

    def end(self, o: OfferingState, frozen: int) -> None:
        """Window and cooling-off are over."""
        self.wait_until(o.terms.closes_at + o.terms.cooling_off + 1)
        self.take(do.CloseOffering(o.address))
        if frozen in INVESTORS:
            self.take(do.SetFrozen(self.head(), PartyId(frozen), True), self.cast.regulator)

    def settle(self, o: OfferingState) -> None:
        if not o.totals.raised:
            self.take(do.VerifyCut(o.address, *proposed(o)))
        self.take(do.Allot(o.address, tuple(self.cast.account(p) for p in sorted(o.subscriptions))))

    def subscribe_one(self, offering: Address, party: PartyId, amount: int) -> None:
        at = self.cast.account(party)
        if self.state.is_book(at):
            by_platform = do.SubscribeFor(offering, self.head(), at, amount, DOCUMENT)
            self.take(by_platform, self.cast.platform)
        else:
            self.take(do.Subscribe(offering, at, amount, DOCUMENT, self.head().operation, 2**40))
