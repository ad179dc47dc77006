"""What the chain knows about operations: carried out or not, by which transaction, and why one was refused."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final

from registry.chain.client import Node, Receipt, SentTransaction
from registry.chain.contracts import REGISTRY
from registry.chain.refusals import rejection_of
from registry.chain.rpc import NodeRefusal
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, RejectedError, RetryableError
from registry.outbox.ledger import Landed
from registry.outbox.model import Operation

_ACT_RECORDED: Final = REGISTRY.topic("ActRecorded")
_IS_DONE: Final = REGISTRY["isDone"]
_MOST_FOREIGN: Final = 200
"""Transactions of a sender that are looked at one by one when the database does not know them."""


def acts_done(node: Node, acts: Sequence[Operation]) -> list[Operation]:
    """Those acts that their contracts have carried out already."""
    if not acts:
        return []
    answers = node.calls([(act.target, _IS_DONE.encode(act.id)) for act in acts])
    # An address without code answers nothing: the send will tell.
    return [act for act, answer in zip(acts, answers, strict=True) if answer and _IS_DONE.decode(answer)[0]]


def locate_act(node: Node, act: Operation) -> Landed | RejectedError:
    """The transaction in which an act was carried out, found by its id in the log. If it said something else than
    this operation does, the id was used twice."""
    logs = node.logs_with(act.target, [_ACT_RECORDED, act.id])
    if not logs:
        raise RetryableError(f"the node says 0x{act.id.hex()} is done, but does not have its log (yet)")
    tx = Hash32(bytes.fromhex(logs[0].transactionHash[2:]))
    found = node.transaction(tx)
    # An act that came by way of another contract cannot be compared; its id is all there is.
    if found is not None and found.target == act.target and not act.is_same(found.calldata):
        return RejectedError(
            f"operation id 0x{act.id.hex()} of {act.label!r} was used on the chain for other content",
            code="operation_id_reused",
            values={"tx": "0x" + tx.hex()},
        )
    block_hash = Hash32(bytes.fromhex(logs[0].blockHash[2:]))
    return Landed(act.id, tx, int(logs[0].blockNumber, 16), block_hash)


def foreign_transactions(node: Node, sender: Address, known: Set[int]) -> list[SentTransaction]:
    """Mined transactions of a sender that this database does not know, oldest first: sent by an older or a younger
    copy of it, or by somebody else with the key."""
    mined = node.nonce(sender, "latest")
    found = []
    low = 0
    for nonce in range(max(0, mined - _MOST_FOREIGN), mined):
        if nonce in known:
            continue
        low = _block_of(node, sender, nonce, low)
        transaction = node.transaction_of(sender, nonce, low)
        if transaction is not None:
            found.append(transaction)
    return found


def _block_of(node: Node, sender: Address, nonce: int, low: int) -> int:
    """The block in which the sender's nonce was used, by halving."""
    high = node.head().number
    try:
        while low < high:
            middle = (low + high) // 2
            if node.nonce(sender, middle) > nonce:
                high = middle
            else:
                low = middle + 1
    except NodeRefusal as refusal:
        raise HaltError(
            f"the node keeps no history that tells what 0x{sender.hex()} sent with nonce {nonce}; a node that does is "
            f"needed to go on ({refusal.message})"
        ) from refusal
    return low


def refusal_reason(node: Node, operation: Operation, receipt: Receipt) -> RejectedError:
    """Why a mined transaction was reverted: the call is repeated on the state it met."""
    for block in (receipt.block, receipt.block - 1):
        try:
            node.call(operation.target, operation.payload, block, operation.sender)
        except NodeRefusal as refusal:
            rejection = rejection_of(refusal)
            if rejection is not None:
                return rejection
    return RejectedError(
        f"transaction 0x{receipt.tx.hex()} was reverted without a reason that could be found again", code="reverted"
    )
