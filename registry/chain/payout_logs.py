"""What only the log tells of dividends: registers that they were fixed with, and what was paid."""

from __future__ import annotations

from collections.abc import Iterator

from registry.chain.client import Node
from registry.chain.decode import Emitter, Kind
from registry.chain.deployment import Deployment
from registry.chain.raise_logs import events_of
from registry.domain.events_payout import DistributionFixed, EntitlementsHandled, ScripDelivered
from registry.domain.ids import PartyId
from registry.domain.payout_args import HolderRow, Settlement

Told = DistributionFixed | EntitlementsHandled | ScripDelivered


def events_of_distribution(
    node: Node, deployment: Deployment, distribution: int, block: int | None = None
) -> Iterator[Told]:
    """Its register, its pages and its deliveries of shares in order, up to a block or the newest."""
    emitter = Emitter(deployment.distributions, Kind.DISTRIBUTIONS)
    wanted = [(emitter, kind.__name__) for kind in (DistributionFixed, EntitlementsHandled, ScripDelivered)]
    for event in events_of(node, deployment, wanted):
        if block is not None and event.at.block > block:
            return
        if isinstance(event, Told) and event.id == distribution:
            yield event


def holders_of(node: Node, deployment: Deployment, distribution: int) -> tuple[HolderRow, ...]:
    """The fixed register by row; nobody until it is fixed."""
    emitter = Emitter(deployment.distributions, Kind.DISTRIBUTIONS)
    for event in events_of(node, deployment, [(emitter, DistributionFixed.__name__)]):
        if isinstance(event, DistributionFixed) and event.id == distribution:
            return event.holders
    return ()


def cash_paid(node: Node, deployment: Deployment, distribution: int) -> dict[PartyId, int]:
    """[fen] What each party was paid in money: gross less tax, less what new shares cost."""
    paid: dict[PartyId, int] = {}
    for event in events_of_distribution(node, deployment, distribution):
        if isinstance(event, EntitlementsHandled):
            for line in event.payments:
                if line.settlement == Settlement.PAID:
                    paid[line.party] = paid.get(line.party, 0) + line.net
        elif isinstance(event, ScripDelivered):
            paid[event.party] = paid.get(event.party, 0) - event.cost
    return dict(sorted(paid.items()))
