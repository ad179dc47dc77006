"""What the contracts of dividends store: tax schedules, reliefs, preferences of classes, one record a distribution.

Money in fen, shares × 10^decimals, rates in 10^-10 CNY for a whole share, times of terms on the region's clock [s].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.domain.args import ZERO_ADDRESS, ZERO_HASH
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.payout_args import (
    LEAF,
    RATE_UNIT,
    DistributionPhase,
    DistributionTerms,
    HolderRow,
    Settlement,
    TaxRule,
)

YEAR_IN_DAYS = 365
MOST_RATE = 2**72 - 1
"""[10^-10 CNY for a whole share] Rates and arrears fit 72 bits."""


@dataclass(frozen=True, slots=True)
class Paying:
    """The contracts of a deployment that pay dividends."""

    distributions: Address
    tax_schedules: Address
    preferences: Address


@dataclass(frozen=True, slots=True)
class TaxSchedule:
    """What is withheld from whom, and where it goes; it never changes."""

    tax_account: Address
    rules: tuple[TaxRule, ...]

    def rate_of(self, category: int, residence: int) -> int:
        """[basis points] The rule for this residence, else the category's for every other, else everybody else's."""
        rates = {(rule.category, rule.residence): rule.bps for rule in self.rules}
        known = (rates.get(key) for key in ((category, residence), (category, 0), (0, 0)))
        # A schedule that a replay has found malformed may have none at all.
        return next((bps for bps in known if bps is not None), 0)


def schedule_fault(rules: Sequence[TaxRule]) -> int | None:
    """Position of the first rule that stands twice or is for a residence without a category, counted from 0; behind the
    last where none is for everybody else. `None` if all is well."""
    seen: set[tuple[int, int]] = set()
    for position, rule in enumerate(rules):
        key = (rule.category, rule.residence)
        if key in seen or (rule.residence and not rule.category):
            return position
        seen.add(key)
    return None if (0, 0) in seen else len(rules)


@dataclass(frozen=True, slots=True)
class Relief:
    """What is withheld from a party until a day, the day included, instead of what a schedule says."""

    bps: int
    until_day: Day


@dataclass(frozen=True, slots=True)
class Preference:
    """A class that is paid before others: rank from 1, cumulative rate a year, what was declared towards it so far."""

    rank: int
    per_year: int
    from_day: Day
    declared: int = 0

    def arrears(self, day: int) -> int:
        """Accrued up to a day and not declared: simple, a year of 365 days, rounded down."""
        if day < self.from_day:
            return 0
        accrued = self.per_year * (day - self.from_day) // YEAR_IN_DAYS
        return min(max(accrued - self.declared, 0), MOST_RATE)


@dataclass(slots=True)
class DistributionState:
    """One distribution: to the holders of one class at one record date."""

    id: int
    terms: DistributionTerms
    excluded: tuple[Address, ...]
    company: Address
    region: int
    declared: int
    """The total until it is fixed, 0 once it is cancelled."""
    expires_at: int
    counted: int = 0
    """Of the rate, what counts towards the arrears of a preferred class."""
    rank: int = 0
    """Of the class when it was declared; 0 without a preference."""
    decimals: int = 0
    """Of the class; known once shares can be chosen, else once it is fixed."""
    resolution: Hash32 = ZERO_HASH
    """Kept where shares are delivered under it."""
    phase: int = DistributionPhase.DECLARED
    entitled: int = 0
    is_short: bool = False
    """The money does not cover the rate, so it is shared out."""
    paid: int = 0
    withheld: int = 0
    handled: int = 0
    """Shares of rows that were paid, parked or lapsed."""
    parked: int = 0
    lapsed: int = 0
    remitted: int = 0
    reserved: int = 0
    """New shares that are kept free for who chose them."""
    holders: tuple[HolderRow, ...] = ()
    settlements: list[Settlement] = field(default_factory=list)
    """By row."""
    scrip: set[PartyId] = field(default_factory=set)
    """Who chose shares."""

    @property
    def is_shared_out(self) -> bool:
        return self.terms.rate == 0 or self.is_short

    @property
    def fraction(self) -> tuple[int, int]:
        """Numerator and denominator: what a share gets [fen], before it is rounded down."""
        if self.is_shared_out:
            return self.declared, self.entitled
        return self.terms.rate, RATE_UNIT * 10**self.decimals

    @property
    def remainder_account(self) -> Address:
        """Gets what lapses and what roundings leave."""
        return self.terms.funded_by if self.terms.remainder_account == ZERO_ADDRESS else self.terms.remainder_account

    @property
    def remainder(self) -> int:
        """What is left of the declared amount besides what was paid, withheld, parked and lapsed."""
        return self.declared - self.paid - self.withheld - self.parked - self.lapsed

    @property
    def held(self) -> int:
        """[fen] That the contract still has of it."""
        gone = self.remainder if self.phase == DistributionPhase.CLOSED else 0
        return self.declared - self.paid - self.remitted - self.lapsed - gone

    def leaf(self, number: int) -> tuple[HolderRow, ...]:
        """Rows that are hashed together; none behind the last."""
        return self.holders[number * LEAF : (number + 1) * LEAF]

    def row_of(self, party: PartyId) -> int | None:
        """Where a party stands among the holders."""
        return next((i for i, row in enumerate(self.holders) if row.party == party), None)

    def copy(self) -> DistributionState:
        return DistributionState(
            self.id,
            self.terms,
            self.excluded,
            self.company,
            self.region,
            self.declared,
            self.expires_at,
            self.counted,
            self.rank,
            self.decimals,
            self.resolution,
            self.phase,
            self.entitled,
            self.is_short,
            self.paid,
            self.withheld,
            self.handled,
            self.parked,
            self.lapsed,
            self.remitted,
            self.reserved,
            self.holders,
            list(self.settlements),
            set(self.scrip),
        )


@dataclass(slots=True)
class PayoutState:
    """All dividends of a deployment."""

    schedules: dict[int, TaxSchedule] = field(default_factory=dict)
    """By number, from 1."""
    reliefs: dict[PartyId, Relief] = field(default_factory=dict)
    preferences: dict[Address, Preference] = field(default_factory=dict)
    """By class, in the order in which they were set."""
    distributions: dict[int, DistributionState] = field(default_factory=dict)
    """By number, from 1."""
    act_count: int = field(default=0, compare=False)
    """Deliveries that were tried: one that a class refused leaves no event, so a replay counts fewer."""

    @property
    def held(self) -> int:
        """[fen] That the contract has of all distributions."""
        return sum(d.held for d in self.distributions.values())

    def copy(self) -> PayoutState:
        return PayoutState(
            dict(self.schedules),
            dict(self.reliefs),
            dict(self.preferences),
            {number: d.copy() for number, d in self.distributions.items()},
            self.act_count,
        )
