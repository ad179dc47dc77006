"""What only the log tells: the raises there are, who subscribed from which account, what the bank moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from registry.chain.client import Node
from registry.chain.decode import DECODERS, Emitter, Emitters, Kind, to_events
from registry.chain.deployment import Deployment
from registry.chain.logs import fill_times
from registry.chain.rpc import RawLog
from registry.domain.days import day_of
from registry.domain.event import RegistryEvent
from registry.domain.events_raise import Burned, Minted, OfferingCreated, Subscribed, SubscriptionWithdrawn
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.reconcile import Movement


def events_of(
    node: Node, deployment: Deployment, wanted: Sequence[tuple[Emitter, str]], block: int | None = None
) -> Iterator[RegistryEvent]:
    """Events by emitter and name that contracts of ours emitted, in the order of the log, up to a block or the newest.

    All of them as of one block: what is mined between two requests is in none of the answers.
    """
    last = node.head().number if block is None else block
    logs: list[RawLog] = []
    for emitter, name in wanted:
        topic = next(topic for topic, decoder in DECODERS[emitter.kind].items() if decoder.event == name)
        logs += node.logs_with(emitter.address, [bytes.fromhex(topic[2:])], deployment.first_block, last)
    logs.sort(key=lambda log: (int(log.blockNumber, 16), int(log.logIndex, 16)))
    fill_times(node, logs)
    return to_events(logs, Emitters(deployment, [emitter for emitter, _ in wanted]))


def offerings_created(node: Node, deployment: Deployment) -> list[OfferingCreated]:
    """All raises, oldest first."""
    factory = Emitter(deployment.factory, Kind.FACTORY)
    raises = Emitter(deployment.offering_factory, Kind.OFFERING_FACTORY)
    found = events_of(node, deployment, [(factory, "CompanyCreated"), (raises, "OfferingCreated")])
    return [event for event in found if isinstance(event, OfferingCreated)]


def subscription_events(
    node: Node, deployment: Deployment, offering: Address, block: int | None = None
) -> Iterator[Subscribed | SubscriptionWithdrawn]:
    """Who came and who left again up to a block or the newest, in order."""
    emitter = Emitter(offering, Kind.OFFERING)
    for event in events_of(node, deployment, [(emitter, "Subscribed"), (emitter, "SubscriptionWithdrawn")], block):
        if isinstance(event, Subscribed | SubscriptionWithdrawn):
            yield event


def subscribers(
    node: Node, deployment: Deployment, offering: Address, block: int | None = None
) -> dict[PartyId, Address]:
    """Who has a subscription that was not withdrawn, and the account it was paid from, by party ascending."""
    found: dict[PartyId, Address] = {}
    for event in subscription_events(node, deployment, offering, block):
        if isinstance(event, Subscribed):
            found[event.party] = event.account
        else:
            del found[event.party]
    return dict(sorted(found.items()))


def bank_movements(node: Node, deployment: Deployment, block: int | None = None) -> list[Movement]:
    """All mints and burns up to a block or the newest, with the bank's reference and the civil day of the block."""
    emitter = Emitter(deployment.token, Kind.TOKEN)
    found = []
    for event in events_of(node, deployment, [(emitter, "Minted"), (emitter, "Burned")], block):
        if isinstance(event, Minted | Burned):
            day = day_of(event.at.time, deployment.utc_offset)
            is_mint = isinstance(event, Minted)
            moved = Movement(is_mint, event.account, event.amount, event.ref, day, Hash32(event.at.tx), event.at.block)
            found.append(moved)
    return found
