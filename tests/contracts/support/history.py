"""The log of a deployment as the domain's records; emitters are learnt in its order (EV-4, EV-6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from registry.domain.events import EVENTS, At, ClassCreated, CompanyCreated, RegistryEvent
from registry.domain.events_raise import OfferingCreated
from registry.domain.ids import Hash32, Timestamp
from registry.domain.payout_args import HolderRow, Payment, TaxRule
from registry.domain.raise_words import Case, Tranche
from registry.domain.words import ClassWord, Holding, PartyWord
from tests.contracts.support import node
from tests.contracts.support.calls import raw
from tests.contracts.support.contracts import NAMES, Event, abi_of, event_of
from tests.contracts.support.ground import Ground

UNPACKED: dict[str, Callable[[int], Any]] = {
    "PartyWord": PartyWord.unpack,
    "Holding": Holding.unpack,
    "ClassWord": ClassWord.unpack,
    "Tranche": Tranche.unpack,
    "Case": Case.unpack,
    "Holder": HolderRow.unpack,
    "Payment": Payment.unpack,
}


def history(ground: Ground) -> list[RegistryEvent]:
    """All events since the first block."""
    parts = ground.registry, ground.factory, ground.token, ground.regions, ground.board, ground.offerings
    paying = ground.schedules, ground.preferences, ground.distributions
    emitters = {raw(part.address) for part in (*parts, *paying)}
    events: list[RegistryEvent] = []
    times: dict[str, int] = {}
    for log in node.ask("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"}):
        number = log["blockNumber"]
        if number not in times:
            times[number] = int(node.ask("eth_getBlockByNumber", number, False)["timestamp"], 16)
        if raw(log["address"]) not in emitters:
            continue
        event = to_domain(log, times[number])
        events.append(event)
        if isinstance(event, CompanyCreated):
            emitters.add(event.company)
        elif isinstance(event, ClassCreated):
            emitters.add(event.share_class)
        elif isinstance(event, OfferingCreated):
            emitters |= {event.offering, event.escrow}
    return events


def to_domain(log: dict[str, Any], time: int) -> RegistryEvent:
    """One log; a struct's fields stand in its place."""
    event: Event = event_of(log)
    at = At(
        int(log["blockNumber"], 16),
        Timestamp(time),
        Hash32(bytes.fromhex(log["transactionHash"][2:])),
        int(log["logIndex"], 16),
        raw(event.emitter),
    )
    values = [field for part in _inputs(event.name) for field in _fields(part, event.values[part["name"]])]
    return EVENTS[event.name](at, *values)


def _fields(part: dict[str, Any], value: Any) -> Iterator[Any]:
    if part["type"] == "tuple":
        for component, inner in zip(part["components"], value, strict=True):
            yield from _fields(component, inner)
    elif part["type"].endswith("[]"):
        one = {**part, "type": part["type"][:-2], "internalType": part["internalType"][:-2]}
        yield tuple(_item(one, inner) for inner in value)
    elif part["type"] == "address":
        yield raw(value)
    else:
        yield UNPACKED.get(part["internalType"], lambda number: number)(value)


def _item(part: dict[str, Any], value: Any) -> Any:
    """One of many; a struct is a record of the domain."""
    found = list(_fields(part, value))
    return TaxRule(*found) if part["internalType"] == "struct TaxRule" else found[0]


@cache
def _inputs(name: str) -> list[dict[str, Any]]:
    """Fields of an event, with what they are called in the sources: `Holding`, not `uint256`."""
    found: list[dict[str, Any]] = next(
        entry["inputs"]
        for contract in NAMES
        for entry in abi_of(contract)
        if entry["type"] == "event" and entry["name"] == name
    )
    return found
