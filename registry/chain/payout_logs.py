"""What only the log tells of dividends: registers that they were fixed with, and what was paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from registry.chain.client import Node
from registry.chain.decode import Emitter, Kind
from registry.chain.deployment import Deployment
from registry.chain.raise_logs import events_of
from registry.domain.event import At
from registry.domain.events_payout import DistributionFixed, EntitlementsHandled, ScripDelivered
from registry.domain.ids import Address, PartyId
from registry.domain.payout_args import HolderRow, Settlement

Told = DistributionFixed | EntitlementsHandled | ScripDelivered


@dataclass(frozen=True, slots=True)
class Paid:
    """What a party was paid in money [fen]: gross less tax, less what new shares cost. `account`: of the register."""

    account: Address
    fen: int
    at: At


def events_of_distribution(
    node: Node, deployment: Deployment, distribution: int, block: int | None = None
) -> Iterator[Told]:
    """Its register, its pages and its deliveries of shares in order, up to a block or the newest."""
    for event in _events(node, deployment, block):
        if event.id == distribution:
            yield event


def holders_of(
    node: Node, deployment: Deployment, distribution: int, block: int | None = None
) -> tuple[HolderRow, ...]:
    """The fixed register by row, as of a block or the newest; nobody until it is fixed."""
    emitter = Emitter(deployment.distributions, Kind.DISTRIBUTIONS)
    for event in events_of(node, deployment, [(emitter, DistributionFixed.__name__)], block):
        if isinstance(event, DistributionFixed) and event.id == distribution:
            return event.holders
    return ()


def cash_paid(
    node: Node, deployment: Deployment, last: int, block: int | None = None
) -> dict[int, dict[PartyId, Paid]]:
    """By dividend, up to the `last`, and party: whoever was paid up to a block or the newest."""
    accounts: dict[tuple[int, PartyId], Address] = {}
    cost: Counter[tuple[int, PartyId]] = Counter()
    found: dict[int, dict[PartyId, Paid]] = {}
    for event in _events(node, deployment, block):
        if event.id > last:
            continue
        if isinstance(event, DistributionFixed):
            accounts |= {(event.id, row.party): row.account for row in event.holders}
        elif isinstance(event, ScripDelivered):
            # Stands before its page.
            cost[event.id, event.party] += event.cost
        else:
            for line in event.payments:
                if line.settlement == Settlement.PAID:
                    key = event.id, line.party
                    paid = Paid(accounts[key], line.net - cost[key], event.at)
                    found.setdefault(event.id, {})[line.party] = paid
    return found


def _events(node: Node, deployment: Deployment, block: int | None) -> Iterator[Told]:
    emitter = Emitter(deployment.distributions, Kind.DISTRIBUTIONS)
    wanted = [(emitter, kind.__name__) for kind in (DistributionFixed, EntitlementsHandled, ScripDelivered)]
    for event in events_of(node, deployment, wanted, block):
        if isinstance(event, Told):
            yield event
