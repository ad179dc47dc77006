"""The floor of what goes through the sender: a fresh chain is given the same signed bytes, and nothing else is done."""

from __future__ import annotations

import time
from collections.abc import Sequence

from registry.chain.anvil import running
from registry.chain.client import Node
from registry.errors import RegistryError

FLOOR = "floor: the chain alone, given the same signed bytes"
BATCH = 64
_HEAD_START = 900
"""[s] This chain is quicker than the other: its clock begins so far ahead, so that no window is still closed here."""


def chain_alone(before: Sequence[bytes], *steps: tuple[int, Sequence[bytes]]) -> float:
    """Seconds for the signed bytes of all steps, on a chain that has taken `before`. Ahead of each step its clock runs
    on by so much [s], which is not counted."""
    with running() as chain, Node.connect(chain.url) as node:
        chain.advance(_HEAD_START)
        # One by one: what several senders did one after the other may not meet in a block.
        _send(node, before, batch=1)
        seconds = 0.0
        for advance, raws in steps:
            if advance:
                chain.advance(advance)
            began = time.perf_counter()
            _send(node, raws)
            seconds += time.perf_counter() - began
        return seconds


def raw_transactions(node: Node, first: int, last: int) -> list[bytes]:
    """The signed bytes in the blocks of a range, in their order."""
    blocks = node.read_many([("eth_getBlockByNumber", (hex(number), False)) for number in range(first, last + 1)])
    hashes = [tx for block in blocks for tx in block["transactions"]]
    found = node.read_many([("eth_getRawTransactionByHash", (tx,)) for tx in hashes])
    return [bytes.fromhex(raw[2:]) for raw in found]


def _send(node: Node, raws: Sequence[bytes], batch: int = BATCH) -> None:
    for start in range(0, len(raws), batch):
        hashes = node.send_raw_many(raws[start : start + batch])
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
