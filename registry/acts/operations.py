"""How an act is carried out: id and header, a trial against the chain, then the outbox until there is a receipt."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from registry.acts.desk import Desk
from registry.domain.args import ActHeader
from registry.domain.days import to_date
from registry.domain.ids import Address, Day, Hash32
from registry.errors import InputError, RejectedError, RetryableError
from registry.outbox import Operation, Outcome

# Every act's call begins with its header: selector, operation id, effective day, document.
_DAY_AT = slice(4 + 32, 4 + 64)
# [s] As long as some blocks of a consortium's chain take.
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for: never done twice under one key; `effective_on` None means today."""

    key: str
    document: Hash32
    effective_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An act that is on the chain."""

    operation: Hash32
    tx: Hash32
    block: int


def request_id(kind: str, key: str) -> Hash32:
    """The operation id of a client's idempotency key; acts of different kinds may share a key."""
    if not key:
        raise InputError("an idempotency key is not empty", code="key_missing", field="key")
    return Hash32(hashlib.sha256(f"equity act\x00{kind}\x00{key}".encode()).digest())


def header_for(desk: Desk, kind: str, request: Request) -> ActHeader:
    """The act's header. An act that was begun on an earlier day keeps the date it was begun with."""
    operation = request_id(kind, request.key)
    day = request.effective_on
    if day is None:
        begun = desk.outbox.get(operation)
        day = Day(int.from_bytes(begun.calldata[_DAY_AT], "big", signed=True)) if begun else desk.today()
    elif day > desk.today():
        message = "an effective date is never after the block's day (AC-3)"
        raise InputError(message, code="effective_in_future", field="effective_on", value=to_date(day))
    return ActHeader(operation, day, request.document)


def carry_out(
    desk: Desk, signer: str, target: Address, calldata: bytes, operation: Hash32, label: str, gas: int | None = None
) -> Done:
    """Tries, sends, waits for the receipt. RejectedError if the chain refuses, before or after signing; what only waits
    in the pool, and would be in the way, is waited for.

    `gas` is a bound for calls that go on when a part of them fails: an estimate finds the least with which they do.
    """
    sender = desk.account(signer)
    for pause in _PAUSES:
        try:
            return _send(desk, sender, target, calldata, operation, label, gas)
        except RejectedError:
            outcome = desk.outbox.outcome(operation)
            is_mined = outcome is not None and outcome.state == "rejected" and outcome.tx is not None
            if is_mined or not _passes_without_pool(desk, sender, target, calldata):
                raise
        time.sleep(pause)
    return _send(desk, sender, target, calldata, operation, label, gas)


def _send(
    desk: Desk, sender: Address, target: Address, calldata: bytes, operation: Hash32, label: str, gas: int | None
) -> Done:
    begun = desk.outbox.get(operation)
    if begun is None:
        _try(desk, sender, target, calldata, operation)
    desk.outbox.enqueue(
        [Operation(id=operation, sender=sender, target=target, calldata=calldata, label=label, gas=gas)]
    )
    return done(desk.sender.settle([operation])[0])


def carry_out_once(
    desk: Desk,
    signer: str,
    target: Address,
    calldata: bytes,
    work: str,
    label: str,
    is_there: Callable[[], bool],
    gas: int | None = None,
) -> Done | None:
    """A call without header, of which the chain's own state shows whether it was done: asked before it is sent, and
    again when the chain refuses it, since anybody may have been quicker. None where somebody else has done it.

    `work` names what is done to what, so that a process that died goes on with the same operation.
    """
    before, operation = _attempts(desk, work)
    if is_there():
        return before
    try:
        return carry_out(desk, signer, target, calldata, operation, label, gas)
    except RejectedError:
        if is_there():
            return None
        raise


def done(outcome: Outcome) -> Done:
    """What an outcome means for whoever asked."""
    if outcome.error is not None:
        raise outcome.error
    if outcome.state != "done" or outcome.tx is None or outcome.block is None:
        raise RetryableError(f"the operation 0x{outcome.id.hex()} is {outcome.state}, not done")
    return Done(outcome.id, outcome.tx, outcome.block)


def _attempts(desk: Desk, work: str) -> tuple[Done | None, Hash32]:
    """What this home did of the work before, and the operation that is next. What was done, and is to be done again all
    the same (a page that met a frozen account), gets another id."""
    before = None
    for attempt in itertools.count():
        operation = request_id("work", f"{work}\x00{attempt}")
        outcome = desk.outbox.outcome(operation)
        if outcome is None or outcome.state != "done":
            return before, operation
        before = done(outcome)
    raise AssertionError("counting never ends")


def _try(desk: Desk, sender: Address, target: Address, calldata: bytes, operation: Hash32) -> None:
    """The act against the chain as it is at this moment, unsigned: a chain without traffic stands at an older time. One
    that was done already is left to the sender to recognise."""
    try:
        desk.reads.simulate(target, calldata, sender, "pending")
    except RejectedError as refused:
        if refused.code != "OperationDone" or not desk.reads.is_done(target, operation):
            raise


def _passes_without_pool(desk: Desk, sender: Address, target: Address, calldata: bytes) -> bool:
    """Would the act pass without what is on its way to the chain? False where nothing is, or the node does not say."""
    try:
        if not desk.node.is_waiting():
            return False
        desk.reads.simulate_at(desk.next_time(), target, calldata, sender)
    except (RejectedError, RetryableError):
        return False
    return True
