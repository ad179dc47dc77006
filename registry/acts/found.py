"""What an act left on the chain, found by its operation id: the way back when a database knows less than the chain."""

from __future__ import annotations

from typing import Any

from registry.chain.client import Node
from registry.chain.decode import DECODERS, Kind
from registry.domain.ids import Address, Hash32

_TOPICS = {kind: {decoder.event: topic for topic, decoder in known.items()} for kind, known in DECODERS.items()}


def transaction_of(node: Node, kind: Kind, target: Address, operation: Hash32) -> tuple[int, str] | None:
    """Block and transaction of an act; None if it was never done."""
    topic = bytes.fromhex(_TOPICS[kind]["ActRecorded"][2:])
    logs = node.logs_with(target, [topic, operation])
    return (int(logs[0].blockNumber, 16), logs[0].transactionHash) if logs else None


def events_of(node: Node, kind: Kind, target: Address, operation: Hash32, event: str) -> list[dict[str, Any]]:
    """Events of one name that a contract emitted in the transaction of an act, fields by the ABI's names."""
    place = transaction_of(node, kind, target, operation)
    if place is None:
        return []
    block, tx = place
    topic = _TOPICS[kind][event]
    decoder = DECODERS[kind][topic]
    return [
        dict(zip(decoder.fields, decoder.read(log.topics, log.data), strict=True))
        for log in node.raw_logs(block, block, [target])
        if log.transactionHash == tx and log.topics[0] == topic
    ]
