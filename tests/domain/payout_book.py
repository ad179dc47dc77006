"""How the machines of dividends take a step, and what is remembered of it.

What the laws compare with is remembered from outside: balances after each step, parts as they were told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from registry.domain.args import ActHeader
from registry.domain.commands import Command, Refusal
from registry.domain.events import RegistryEvent
from registry.domain.events_payout import DistributionFixed, EntitlementsHandled, ScripDelivered
from registry.domain.ids import Address, PartyId
from registry.domain.moves import balance_at
from registry.domain.payout_args import Payment, Settlement
from registry.domain.payouts import DistributionState
from registry.domain.register import Account, RegisterState
from registry.domain.words import PartyWord
from tests.domain import world as w
from tests.domain.escrow_world import DAY
from tests.domain.payout_world import CAST, account_of, founded
from tests.domain.raise_cast import Cast, World


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a page, the party's word when it was written, and what a schedule or a relief said of it that day."""

    line: Payment
    word: PartyWord
    day: int
    bps: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Balances of a class after a step."""

    time: int
    balances: dict[Account, int]


class PayBook(RuleBasedStateMachine):
    """The commands write one register, the events another."""

    cast: ClassVar[Cast] = CAST
    world: World
    taken: ClassVar[int] = 0
    told: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()

    def begin(self, decimals: int) -> None:
        self.world = self.founded(decimals)
        self.lines: dict[int, list[Told]] = {}
        """By dividend: every line that was told."""
        self.fixings: dict[int, DistributionFixed] = {}
        self.delivered: dict[tuple[int, PartyId], int] = {}
        self.gifts = 0
        self.moments: dict[Address, list[Moment]] = {c: [] for c in self.classes}
        self.look()

    def founded(self, decimals: int) -> World:
        return founded(decimals=decimals)

    @property
    def state(self) -> RegisterState:
        return self.world.state

    @property
    def classes(self) -> tuple[Address, Address]:
        return self.cast.share_class, self.cast.other_class

    @property
    def distributions(self) -> Address:
        assert self.state.paying is not None
        return self.state.paying.distributions

    def head(self) -> ActHeader:
        return w.header(self.world.today)

    def dividend(self, pick: int) -> DistributionState | None:
        """Mostly the last one."""
        known = list(self.state.payouts.distributions.values())
        return known[-1 - pick % min(len(known), 3)] if known else None

    def account(self, party: int) -> Address:
        return account_of(self.cast, party)

    def look(self) -> None:
        """Remembers the balances as they are now."""
        for address, moments in self.moments.items():
            held = self.state.classes[address].holdings.items()
            moments.append(Moment(self.world.time, {account: h.balance for account, h in held if h.balance}))

    def take(self, command: Command, actor: Address | None = None) -> Refusal | None:
        """One step; what is refused changes nothing, since the replay hears nothing of it."""
        PayBook.taken += 1
        time, before = self.world.time, self.state
        try:
            events = self.world.run(command, self.cast.stranger if actor is None else actor)
        except Refusal as refusal:
            PayBook.refused[refusal.name] += 1
            return refusal
        self.hear(events, before, time)
        later, self.world.time = self.world.time, time
        self.look()
        self.world.time = later
        return None

    def hear(self, events: Iterable[RegistryEvent], before: RegisterState, time: int) -> None:
        for e in events:
            PayBook.told[type(e).__name__] += 1
            if isinstance(e, EntitlementsHandled):
                self.count_kinds(e)
                self.lines.setdefault(e.id, []).extend(told_of(before, e.id, line, time) for line in e.payments)
            elif isinstance(e, DistributionFixed):
                self.fixings[e.id] = e
                PayBook.told["short"] += self.state.payouts.distributions[e.id].is_short
            elif isinstance(e, ScripDelivered):
                self.delivered[e.id, e.party] = e.cost

    def count_kinds(self, e: EntitlementsHandled) -> None:
        before = {told.line.party for told in self.lines.get(e.id, [])}
        for line in e.payments:
            kind = Settlement(line.settlement)
            is_cured = kind == Settlement.PAID and line.party in before
            PayBook.told["cured" if is_cured else kind.name.lower()] += 1

    def balances_at(self, d: DistributionState) -> dict[Account, int]:
        """What was held at the record date, by what was seen after the last step not later than it."""
        record = self.state.classes[d.terms.share_class].record_times[d.terms.epoch - 1]
        past = [m for m in self.moments[d.terms.share_class] if m.time <= record]
        return past[-1].balances if past else {}

    def asked_again(self, d: DistributionState) -> dict[Account, int]:
        """The same by the register's own view."""
        c = self.state.classes[d.terms.share_class]
        held = {account: balance_at(c, account, d.terms.epoch) for account in c.holdings}
        return {account: shares for account, shares in held.items() if shares}


def told_of(before: RegisterState, number: int, line: Payment, time: int) -> Told:
    """With the rate by a look at rules and relief, apart from how the domain finds it."""
    word, day = before.parties[line.party], (time + 28_800) // DAY
    rules = before.payouts.schedules[before.payouts.distributions[number].terms.schedule].rules
    fitting = [r.bps for r in rules if (r.category, r.residence) == (word.category, word.tax_residence)]
    fitting += [r.bps for r in rules if (r.category, r.residence) == (word.category, 0)]
    fitting += [r.bps for r in rules if not r.category]
    relief = before.payouts.reliefs.get(line.party)
    if relief is not None and day <= relief.until_day:
        fitting.insert(0, relief.bps)
    return Told(line, word, day, fitting[0] if fitting else 0)
