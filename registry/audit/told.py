"""What the events themselves tell of dividends: who was paid how much, and which transaction said it last."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.domain.event import At, RegistryEvent
from registry.domain.events_payout import (
    DistributionCancelled,
    DistributionClosed,
    DistributionDeclared,
    DistributionFixed,
    EntitlementsHandled,
    ScripChosen,
    ScripDelivered,
    TaxRemitted,
)
from registry.domain.ids import PartyId
from registry.domain.payout_args import Payment

OfDividend = (
    DistributionDeclared
    | DistributionFixed
    | DistributionCancelled
    | DistributionClosed
    | EntitlementsHandled
    | ScripChosen
    | ScripDelivered
    | TaxRemitted
)


@dataclass(frozen=True, slots=True)
class Told:
    """By distribution, and by distribution and party; filled while the events are replayed."""

    last_of: dict[int, At] = field(default_factory=dict)
    payments: dict[tuple[int, PartyId], Payment] = field(default_factory=dict)
    """The newest line about each party: the same figures that its settlement in the mirror has."""
    scrip: dict[tuple[int, PartyId], ScripDelivered] = field(default_factory=dict)
    last_of_part: dict[tuple[int, PartyId], At] = field(default_factory=dict)

    def hear(self, event: RegistryEvent) -> None:
        if not isinstance(event, OfDividend):
            return
        self.last_of[event.id] = event.at
        if isinstance(event, EntitlementsHandled):
            for line in event.payments:
                self.payments[event.id, line.party] = line
                self.last_of_part[event.id, line.party] = event.at
        elif isinstance(event, ScripDelivered):
            self.scrip[event.id, event.party] = event
        elif isinstance(event, ScripChosen):
            self.last_of_part[event.id, event.party] = event.at

    def behind(self, distribution: int, party: PartyId) -> At | None:
        """The last event about a holder's part: at first, that which fixed the register."""
        return self.last_of_part.get((distribution, party), self.last_of.get(distribution))
