"""The floor of what goes through the sender: a fresh chain is given the same signed bytes, and nothing else is done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from registry.chain.anvil import running
from registry.chain.client import Node
from registry.errors import RegistryError

FLOOR = "floor: the chain alone, given the same signed bytes"
BATCH = 64
_HEAD_START = 900
"""[s] This chain is quicker than the other: its clock begins so far ahead, so that no window is still closed here."""


class Signed(NamedTuple):
    """A transaction as it was sent."""

    sender: str
    raw: bytes


def chain_alone(before: Sequence[Signed], *steps: tuple[int, Sequence[Signed]]) -> float:
    """Seconds for the signed bytes of all steps, on a chain that has taken `before`. Ahead of each step its clock runs
    on by so much [s], which is not counted."""
    with running() as chain, Node.connect(chain.url) as node:
        chain.advance(_HEAD_START)
        _send(node, before)
        seconds = 0.0
        for advance, raws in steps:
            if advance:
                chain.advance(advance)
            began = time.perf_counter()
            _send(node, raws)
            seconds += time.perf_counter() - began
        return seconds


def raw_transactions(node: Node, first: int, last: int) -> list[Signed]:
    """The signed bytes in the blocks of a range, in their order."""
    blocks = node.read_many([("eth_getBlockByNumber", (hex(number), True)) for number in range(first, last + 1)])
    known = [(tx["from"], tx["hash"]) for block in blocks for tx in block["transactions"]]
    found = node.read_many([("eth_getRawTransactionByHash", (tx,)) for _, tx in known])
    return [Signed(sender, bytes.fromhex(raw[2:])) for (sender, _), raw in zip(known, found, strict=True)]


def _batches(signed: Sequence[Signed]) -> Iterator[list[bytes]]:
    """Of one sender each: what several did one after the other might change places where it meets in a block."""
    for _, each in groupby(signed, key=lambda one: one.sender):
        raws = [one.raw for one in each]
        for start in range(0, len(raws), BATCH):
            yield raws[start : start + BATCH]


def _send(node: Node, signed: Sequence[Signed]) -> None:
    for raws in _batches(signed):
        hashes = node.send_raw_many(raws)
        sent = [tx for tx in hashes if isinstance(tx, bytes)]
        if len(sent) != len(hashes):
            raise RegistryError("the floor's chain did not take a transaction that the other chain took")
        receipts = node.receipts(sent)
        while not all(receipts):
            time.sleep(0.005)
            receipts = node.receipts(sent)
        if not all(receipt is not None and receipt.has_succeeded for receipt in receipts):
            raise RegistryError(
                "the floor's chain refused what the other chain carried out: the floor would mean nothing"
            )
