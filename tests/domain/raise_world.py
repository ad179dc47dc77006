"""The world of the machine of raises: two raises of one company at a time, five investors, an issuer, verifiers.

`RaiseSteps` is how a step is taken and what is drawn; rules stand in the machines that are made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from registry.domain import commands as do
from registry.domain.args import ActHeader
from registry.domain.commands import Command, Refusal
from registry.domain.cut import proposed
from registry.domain.events import CapExceeded, RegistryEvent
from registry.domain.events_raise import (
    LotRedeemed,
    Subscribed,
    SubscriptionAllotted,
    SubscriptionRefunded,
    SubscriptionWithdrawn,
)
from registry.domain.ids import Address, Day, Hash32, PartyId, Timestamp
from registry.domain.raise_args import BankLine, EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raising import OfferingPhase, OfferingState, SubscriptionStatus
from registry.domain.register import RegisterState
from tests.domain import world as w
from tests.domain.escrow_world import ARBITER, BANK, DAY, DOCUMENT, KIND, RAISING, REGION, Raised, appoint

OFFERINGS = (w.address("offering"), w.address("offering 2"))
ESCROWS = (w.address("escrow"), w.address("escrow 2"))
INVESTORS = tuple(PartyId(p) for p in range(1, 6))
ISSUER, PLATFORMS = PartyId(6), PartyId(7)
VERIFIERS = (PartyId(8), PartyId(9), PartyId(10))
PRICE = 10
YEAR_IN = 88 * DAY
"""From the first day to the end of its civil year."""

LIVE = (SubscriptionStatus.PAID, SubscriptionStatus.PARKED)


class Stage(IntEnum):
    """How far a raise has come when the drawn steps begin."""

    DRAFT = 0
    OPEN = 1
    SUBSCRIBED = 2
    CLOSING = 3
    SETTLED = 4


parties = st.sampled_from(INVESTORS)
offerings = st.sampled_from(OFFERINGS)
rarely = st.sampled_from([False, False, False, True])
picks = st.integers(0, 59)
"""One of many; the largest mean something unlikely."""


def account(party: int) -> Address:
    """What an investor mostly pays from: 3 and 5 have no wallet."""
    return Address(w.TAG + party.to_bytes(4, "big")) if party in (3, 5) else w.wallet(party, 0)


def book(party: int) -> Address:
    return Address(w.TAG + party.to_bytes(4, "big"))


ACCOUNTS = [account(party) for party in (*INVESTORS, 11)] + [book(1), book(2)]
accounts = st.sampled_from(ACCOUNTS)


def offering_terms(draw: st.DrawFn) -> OfferingTerms:
    least = draw(st.sampled_from([50, 100, 150]))
    most = least if draw(rarely) else draw(st.sampled_from([200, 250]))
    return OfferingTerms(
        w.COMPANY,
        w.ORDINARY,
        book(PLATFORMS),
        PRICE,
        minimum=min(least, most),
        maximum=most,
        investor_minimum=20,
        investor_maximum=150,
        opens_at=w.START,
        closes_at=w.START + 5 * DAY,
        cooling_off=DAY,
        settle_within=2 * DAY,
        fee_bps=draw(st.sampled_from([0, 333])),
        region=REGION,
        risk_grade=1,
        method=draw(st.sampled_from([1, 2, 2])),
        lock_day=Day(draw(st.sampled_from([0, 20_030]))),
        memorandum=DOCUMENT,
        disclosure=DOCUMENT,
    )


def tranches(draw: st.DrawFn) -> tuple[TrancheTerms, ...]:
    """Two or three by basis points; sometimes a fixed amount first."""

    def tranche(number: int, is_share: bool, value: int) -> TrancheTerms:
        on_miss = draw(st.sampled_from([1, 1, 2, 3]))
        deadline = w.START + (20 + 10 * number) * DAY
        extension = 5 * DAY if on_miss == 2 else 0
        quorum = draw(st.integers(1, 2))
        return TrancheTerms(is_share, value, KIND, quorum, deadline, on_miss, extension, DOCUMENT, "{}")

    parts = draw(st.sampled_from([(5_000, 5_000), (10_000,), (3_333, 3_333, 3_334)]))
    found = [tranche(i, True, part) for i, part in enumerate(parts)]
    return (tranche(3, False, 17), *found) if draw(rarely) else tuple(found)


def escrow_terms(draw: st.DrawFn) -> EscrowTerms:
    return EscrowTerms(
        account(ISSUER),
        ARBITER,
        window=2 * DAY,
        arbitration=2 * DAY,
        silence_upholds=draw(st.booleans()),
        challenge_bps=1_000,
        consent_bps=5_000,
        voting=3 * DAY,
        put_payer=account(ISSUER),
        is_payer_issuer=draw(st.booleans()),
        put_rate_bps=800,
    )


def ratchet(draw: st.DrawFn) -> RatchetTerms:
    source = draw(st.sampled_from([0, 1, 2]))
    if source == 0:
        return RatchetTerms()
    early, late = w.START + 12 * DAY, w.START + 15 * DAY
    return RatchetTerms(0, source, account(ISSUER), book(PLATFORMS), early, 500, late, 1_500)


Scheme = tuple[OfferingTerms, EscrowTerms, tuple[TrancheTerms, ...], RatchetTerms]


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    return offering_terms(draw), escrow_terms(draw), tranches(draw), ratchet(draw)


def founded(cap: int) -> Raised:
    """An open company, its people with money, a panel of three, an annual limit of 200 fen."""
    states = [RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING) for _ in range(2)]
    world = Raised(state=states[0], replay=states[1])
    w.opened(cap, 90, world)
    for holder, roles in ((BANK, 8), (RAISING.offering_factory, 16)):
        world.run(do.SetRoles(w.header(), holder, roles), w.GOVERNOR)
    world.run(do.SetScheme(w.header(), REGION, 1, 250, 0), w.REGULATOR)
    world.run(do.SetAnnualLimit(w.header(), 200), w.REGULATOR)
    w.onboard(world, *(person(p) for p in range(1, 11)))
    for party in (1, 2, 4, ISSUER):
        w.bind(world, party, 0)
    w.issue(world, account(ISSUER), 10)
    lines = [BankLine(account(p), 300, reference(p)) for p in (*INVESTORS, ISSUER)]
    world.run(do.Mint(w.header(), tuple(lines)), BANK)
    for verifier in VERIFIERS:
        appoint(world, verifier)
    return world


def person(party: int, weight: int = 1, risk_grade: int = 2) -> w.PartyWord:
    """Party 4 is a legal person and has no annual limit."""
    kind = 2 if party == 4 else 1
    return replace(w.word(party, 20_200, 20_150), kind=kind, risk_grade=risk_grade, weight=weight)


def reference(number: int) -> Hash32:
    return Hash32(b"BANK-%d".ljust(32, b"\0") % number)


class RaiseSteps(RuleBasedStateMachine):
    """The commands write one register, the events another."""

    world: Raised
    taken: int = 0
    """Steps of all machines of this process."""

    def begin(self, cap: int) -> None:
        self.world = founded(cap)
        self.paid: dict[tuple[Address, PartyId], int] = {}
        self.back: dict[tuple[Address, PartyId], int] = {}
        self.was_above = False
        self.alarmed = False

    @property
    def state(self) -> RegisterState:
        return self.world.state

    def head(self) -> ActHeader:
        return w.header(self.world.today)

    def wait(self, seconds: int) -> None:
        self.world.time = Timestamp(self.world.time + seconds)

    def offering(self, address: Address) -> OfferingState | None:
        return self.state.offerings.get(address)

    def take(self, command: Command, actor: Address = w.STRANGER) -> Refusal | None:
        """One step; LAW-6 is asked by the comparison with the replay, which hears nothing of what was refused."""
        RaiseSteps.taken += 1
        try:
            events = self.world.run(command, actor)
        except Refusal as refusal:
            return refusal
        self.hear(events)
        return None

    def hear(self, events: Iterable[RegistryEvent]) -> None:
        """What each party paid into each raise, and got back."""
        for e in events:
            if isinstance(e, CapExceeded):
                self.alarmed = True
            if isinstance(e, Subscribed):
                self._add(self.paid, e, e.amount)
            if isinstance(e, (SubscriptionWithdrawn, SubscriptionRefunded, LotRedeemed)):
                self._add(self.back, e, e.amount)
            if isinstance(e, SubscriptionAllotted):
                self._add(self.back, e, e.refund)

    def _add(
        self,
        sums: dict[tuple[Address, PartyId], int],
        e: Subscribed | SubscriptionWithdrawn | SubscriptionRefunded | LotRedeemed | SubscriptionAllotted,
        amount: int,
    ) -> None:
        key = e.at.emitter, e.party
        sums[key] = sums.get(key, 0) + amount

    def subscribers(self, offering: Address, statuses: Sequence[int], pick: int) -> tuple[Address, ...]:
        """Accounts of one to four subscribers in these states; rarely one that is not among them."""
        lots = sorted(self.state.offerings[offering].subscriptions.items())
        found = [self.state.address_of((party, s.account)) for party, s in lots if s.status in statuses]
        if pick > 57 or not found:
            return (ACCOUNTS[pick % len(ACCOUNTS)],)
        start = pick % len(found)
        return tuple(found[start:] + found[:start])[: 1 + pick % 4]

    def wait_until(self, clock: int) -> None:
        """The region's clock shows at least this time."""
        missing = clock - self.state.clock(REGION, self.world.time)
        if not self.state.regions[REGION].is_halted:
            self.wait(max(missing, 0))

    def create(self, offering: Address, scheme: Scheme, is_strange: bool = False) -> None:
        terms, escrow, scheduled, ratchet_terms = scheme
        # The window of a later one opens when it is founded.
        passed = self.state.clock(REGION, self.world.time) - terms.opens_at
        terms = replace(terms, opens_at=terms.opens_at + passed, closes_at=terms.closes_at + passed)
        scheduled = tuple(replace(t, deadline=t.deadline + passed) for t in scheduled)
        if is_strange:
            terms = replace(terms, maximum=terms.maximum + 5)
        where = offering, ESCROWS[OFFERINGS.index(offering)]
        command = do.CreateOffering(self.head(), terms, escrow, scheduled, ratchet_terms, *where)
        refusal = self.take(command, w.PLATFORM)
        assert (refusal is not None) == is_strange, refusal

    def open(self, offering: Address, is_strange: bool = False) -> None:
        if offering in self.state.offerings:
            self.take(do.AdmitOffering(w.COMPANY, self.head(), offering), w.STRANGER if is_strange else w.ADMIN)
            self.take(do.OpenOffering(offering, self.head()), w.PLATFORM)

    def bring(self, offering: Address, stage: Stage, paid: Sequence[int], frozen: int) -> None:
        """As far as that; `paid`: shares that each investor asks for; one may be frozen before the closing."""
        if stage >= Stage.OPEN:
            self.open(offering)
        for party, shares in zip(INVESTORS, paid, strict=True):
            if stage >= Stage.SUBSCRIBED:
                self.subscribe_one(offering, party, shares * PRICE)
        o = self.state.offerings[offering]
        if stage >= Stage.CLOSING and o.totals.live >= o.terms.minimum:
            self.wait_until(o.terms.closes_at + o.terms.cooling_off + 1)
            self.take(do.CloseOffering(offering))
            if frozen in INVESTORS:
                self.take(do.SetFrozen(self.head(), PartyId(frozen), True), w.REGULATOR)
        if stage == Stage.SETTLED and self.state.offerings[offering].phase == OfferingPhase.CLOSING:
            o = self.state.offerings[offering]
            if not o.totals.raised:
                self.take(do.VerifyCut(offering, *proposed(o)))
            self.take(do.Allot(offering, tuple(account(p) for p in sorted(o.subscriptions))))

    def subscribe_one(self, offering: Address, party: PartyId, amount: int) -> None:
        at = account(party)
        if self.state.is_book(at):
            self.take(do.SubscribeFor(offering, self.head(), at, amount, DOCUMENT), w.PLATFORM)
        else:
            self.take(do.Subscribe(offering, at, amount, DOCUMENT, self.head().operation, 2**40))
