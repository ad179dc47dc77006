"""Sends given bytes once, and waits for what becomes of them. A lost reply is settled by asking for the hash."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from eth_utils.crypto import keccak

from registry.chain.client import Node, Receipt
from registry.chain.rpc import NodeRefusal
from registry.domain.ids import Hash32
from registry.errors import RetryableError

_KNOWN_ALREADY: Final = ("already known", "already imported", "known transaction")


def hash_of(raw: bytes) -> Hash32:
    """The hash by which every node knows these bytes."""
    return Hash32(keccak(raw))


def is_known_already(refusal: NodeRefusal) -> bool:
    """The node has these very bytes in its pool: as good as a fresh acceptance."""
    return any(words in refusal.message.lower() for words in _KNOWN_ALREADY)


def is_nonce_used(refusal: NodeRefusal) -> bool:
    """A transaction of this nonce is mined: ours or another; the hash tells which."""
    return "nonce too low" in refusal.message.lower()


def wait_for(
    node: Node,
    tx: Hash32,
    timeout: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Receipt:
    """The receipt, or RetryableError when the time is over: the transaction may still be mined."""
    deadline = clock() + timeout
    pause = 0.01
    while True:
        receipt = node.receipt(tx)
        if receipt is not None:
            return receipt
        if clock() > deadline:
            raise RetryableError(f"no receipt of 0x{tx.hex()} within {timeout:g} s; it may still be mined")
        sleep(pause)
        pause = min(pause * 2, 1.0)


def send_and_wait(node: Node, raw: bytes, timeout: float = 60.0) -> Receipt:
    """One send. Silence and `known already` both lead to the question for the hash; other refusals are raised."""
    try:
        node.send_raw(raw)
    except NodeRefusal as refusal:
        if not is_known_already(refusal) and (not is_nonce_used(refusal) or node.receipt(hash_of(raw)) is None):
            raise
    except RetryableError:
        pass  # no reply: it may have arrived all the same
    return wait_for(node, hash_of(raw), timeout)
