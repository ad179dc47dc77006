"""Events of dividends: tax, preferences, distributions. One frozen record each, as in `events`. Money in fen.

A record of terms has the fields of the contract's struct, flattened in its order.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.event import RegistryEvent
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.payout_args import HolderRow, Payment, TaxRule


@dataclass(frozen=True, slots=True)
class TaxReliefStated(RegistryEvent):
    """What is withheld from a party until a day, instead of what a schedule says [basis points]."""

    party: PartyId
    bps: int
    until_day: Day


@dataclass(frozen=True, slots=True)
class ScheduleCreated(RegistryEvent):
    """A tax schedule, which never changes."""

    schedule: int
    tax_account: Address
    rules: tuple[TaxRule, ...]


@dataclass(frozen=True, slots=True)
class PreferenceSet(RegistryEvent):
    """A class that is paid before others [10^-10 CNY for a whole share and year]."""

    share_class: Address
    rank: int
    per_year: int
    from_day: Day


@dataclass(frozen=True, slots=True)
class PreferenceDeclared(RegistryEvent):
    """All that counts towards the arrears of a class so far [10^-10 CNY for a whole share]."""

    share_class: Address
    declared: int


@dataclass(frozen=True, slots=True)
class DistributionDeclared(RegistryEvent):
    """A dividend with its terms; `total` was taken from the company's account."""

    id: int
    share_class: Address
    epoch: int
    schedule: int
    funded_by: Address
    total: int
    rate: int
    profit: int
    payable_from: int
    expires_at: int
    remainder_account: Address
    scrip_price: int
    excluded: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class DistributionFixed(RegistryEvent):
    """The register at the record date: who shares in it, ascending by party."""

    id: int
    entitled: Shares
    declared: int
    returned: int
    expires_at: int
    holders: tuple[HolderRow, ...]


@dataclass(frozen=True, slots=True)
class EntitlementsHandled(RegistryEvent):
    """A page: parts that were paid, parked or lapsed."""

    id: int
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class ScripDelivered(RegistryEvent):
    """New shares instead of `cost` of a holder's net amount."""

    id: int
    party: PartyId
    account: Address
    shares: Shares
    cost: int


@dataclass(frozen=True, slots=True)
class ScripChosen(RegistryEvent):
    """A holder chose shares, or cash again."""

    id: int
    party: PartyId
    chosen: bool


@dataclass(frozen=True, slots=True)
class TaxRemitted(RegistryEvent):
    """Tax that was withheld since the last time went to the schedule's account."""

    id: int
    amount: int


@dataclass(frozen=True, slots=True)
class DistributionCancelled(RegistryEvent):
    """Nothing was paid: all money went back."""

    id: int
    returned: int


@dataclass(frozen=True, slots=True)
class DistributionClosed(RegistryEvent):
    """Every share was handled; what roundings left went to the remainder account."""

    id: int
    remainder: int


PAYOUT_EVENTS: tuple[type[RegistryEvent], ...] = (
    TaxReliefStated,
    ScheduleCreated,
    PreferenceSet,
    PreferenceDeclared,
    DistributionDeclared,
    DistributionFixed,
    EntitlementsHandled,
    ScripDelivered,
    ScripChosen,
    TaxRemitted,
    DistributionCancelled,
    DistributionClosed,
)
