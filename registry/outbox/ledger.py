"""The sender's steps in the database. Each is one transaction that checks what it found before it changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, or_, select, update

from registry.chain.send import hash_of
from registry.domain.ids import Address, Hash32
from registry.errors import RejectedError
from registry.outbox.model import Operation, error_to_json, waits_for
from registry.outbox.outbox import operation_of
from registry.outbox.tables import operations, transactions
from registry.store.engine import reading, writing

Sign = Callable[[Operation, int], bytes]
"""Signed bytes of an operation at a nonce."""


@dataclass(frozen=True, slots=True)
class Flying:
    """A signed transaction without a receipt."""

    hash: Hash32
    operation: Operation
    nonce: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Landed:
    """Where an operation stands on the chain."""

    operation: Hash32
    tx: Hash32
    block: int
    block_hash: Hash32


def flying(engine: Engine) -> list[Flying]:
    """All signed transactions, in the order in which the chain must take them."""
    t = transactions.c
    query = (
        select(operations, t.hash, t.nonce, t.raw)
        .join(transactions, t.operation == operations.c.id)
        .where(t.state == "signed")
        .order_by(t.sender, t.nonce)
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return [Flying(Hash32(row.hash), operation_of(row), row.nonce, row.raw) for row in rows]


def senders_waiting(engine: Engine) -> list[Address]:
    query = select(operations.c.sender).where(operations.c.state == "queued").distinct()
    with reading(engine) as connection:
        return sorted(Address(row.sender) for row in connection.execute(query))


def queued(engine: Engine, ids: Sequence[Hash32]) -> list[Operation]:
    """Those of the ids that are not signed yet."""
    query = select(operations).where(operations.c.state == "queued")
    wanted = set(ids)
    with reading(engine) as connection:
        return [operation_of(row) for row in connection.execute(query) if row.id in wanted]


def ready(engine: Engine, sender: Address, most: int) -> list[Operation]:
    """Queued operations that may be signed now: what they depend on is done, or goes before them from the same
    sender while a gas bound is known (an estimate would not see the predecessor)."""
    needed = operations.alias("needed")
    ahead = and_(
        needed.c.state.in_(("queued", "sent")), needed.c.sender == operations.c.sender, operations.c.gas.is_not(None)
    )
    query = (
        select(operations, needed.c.state.label("needed_state"))
        .outerjoin(needed, needed.c.id == operations.c.depends_on)
        .where(operations.c.state == "queued", operations.c.sender == sender)
        .where(or_(operations.c.depends_on.is_(None), needed.c.state == "done", ahead))
        .order_by(operations.c.seq)
        .limit(most)
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    taken: set[bytes] = set()
    chosen = []
    for row in rows:
        if row.needed_state == "queued" and row.depends_on not in taken:
            continue
        taken.add(row.id)
        chosen.append(operation_of(row))
    return chosen


def sign(engine: Engine, chosen: Sequence[Operation], pending: int, make: Sign) -> list[Flying]:
    """Nonce, signed bytes and hash of each are committed together, before anything is sent. What another process has
    taken meanwhile is left out; `pending` is the first nonce that the chain and its pool do not know."""
    if not chosen:
        return []
    sender = chosen[0].sender
    signed = []
    with writing(engine) as connection:
        states = _states(connection, chosen)
        nonces = _free_nonces(connection, sender, pending)
        for operation in chosen:
            if states.get(operation.id) != "queued" or not _may_follow(connection, operation):
                continue
            nonce = next(nonces)
            raw = make(operation, nonce)
            flown = Flying(hash_of(raw), operation, nonce, raw)
            connection.execute(
                insert(transactions).values(
                    hash=flown.hash, operation=operation.id, sender=sender, nonce=nonce, raw=raw, state="signed"
                )
            )
            _set(connection, operation.id, "queued", state="sent", attempts=operations.c.attempts + 1, tx=flown.hash)
            signed.append(flown)
    return signed


def record_done(engine: Engine, landed: Sequence[Landed], failed: Hash32 | None = None) -> None:
    """On the chain, by whichever transaction. `failed` is one of ours that was reverted because the other was first;
    one that still flies is settled like any other."""
    if not landed:
        return
    c, t = operations.c, transactions.c
    with writing(engine) as connection:
        if failed is not None:
            _fail(connection, failed)
        for item in landed:
            mine = update(transactions).where(t.hash == item.tx, t.state == "signed")
            connection.execute(mine.values(state="mined"))
            done = {"state": "done", "tx": item.tx, "block": item.block, "block_hash": item.block_hash, "error": None}
            connection.execute(update(operations).where(c.id == item.operation).values(**done))


def record_rejected(engine: Engine, operation: Hash32, error: RejectedError, landed: Landed | None = None) -> None:
    """Refused, before signing or in a block. What depends on it and is not signed yet is parked."""
    with writing(engine) as connection:
        if landed is None:
            was, place = "queued", {}
        elif _fail(connection, landed.tx):
            was, place = "sent", {"block": landed.block, "block_hash": landed.block_hash}
        else:
            return  # another process has recorded it
        if _set(connection, operation, was, state="rejected", error=error_to_json(error), **place):
            _park(connection, operation, error)


def record_failed_again(engine: Engine, operation: Hash32, tx: Hash32) -> None:
    """The bound of gas was too low: queued again, to be estimated."""
    with writing(engine) as connection:
        if _fail(connection, tx):
            _set(connection, operation, "sent", state="queued", gas=None)


def record_dead(engine: Engine, dead: Sequence[Flying]) -> None:
    """Another transaction is mined at the nonce: these bytes can never be. The operations are queued again."""
    if not dead:
        return
    with writing(engine) as connection:
        for item in dead:
            t = transactions.c
            query = update(transactions).where(t.hash == item.hash, t.state == "signed").values(state="dead")
            if connection.execute(query).rowcount:
                _set(connection, item.operation.id, "sent", state="queued")


def worn_out(engine: Engine, chosen: Sequence[Operation], attempts: int) -> list[Operation]:
    """Those that were signed so many times already."""
    c = operations.c
    query = select(c.id).where(c.id.in_([operation.id for operation in chosen]), c.attempts >= attempts)
    with reading(engine) as connection:
        worn = {row.id for row in connection.execute(query)}
    return [operation for operation in chosen if operation.id in worn]


def done_from(engine: Engine, block: int) -> list[Landed]:
    """Operations done in this block and later ones, newest first."""
    c = operations.c
    query = (
        select(c.id, c.tx, c.block, c.block_hash).where(c.state == "done", c.block >= block).order_by(c.block.desc())
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return [Landed(Hash32(row.id), Hash32(row.tx), row.block, Hash32(row.block_hash)) for row in rows]


def record_undone(engine: Engine, undone: Sequence[Landed]) -> None:
    """A reorganisation took the blocks: our transactions fly again, what others had sent is queued."""
    with writing(engine) as connection:
        c, t = operations.c, transactions.c
        for item in undone:
            if connection.execute(select(c.state).where(c.id == item.operation)).scalar() != "done":
                continue  # another process was first
            query = update(transactions).where(t.hash == item.tx, t.state == "mined").values(state="signed")
            state = "sent" if connection.execute(query).rowcount else "queued"
            undo = update(operations).where(c.id == item.operation, c.state == "done", c.tx == item.tx)
            connection.execute(undo.values(state=state, block=None, block_hash=None))


def known_nonces(engine: Engine, sender: Address) -> set[int]:
    """Nonces whose transactions are known here; what the chain has beyond them, somebody else has sent."""
    t = transactions.c
    with reading(engine) as connection:
        rows = connection.execute(select(t.nonce).where(t.sender == sender, t.state != "dead"))
        return {row.nonce for row in rows}


def _free_nonces(connection: Connection, sender: Address, pending: int) -> Any:
    t = transactions.c
    query = select(t.nonce).where(t.sender == sender, t.nonce >= pending, t.state != "dead")
    taken = {row.nonce for row in connection.execute(query)}
    nonce = pending
    while True:
        if nonce not in taken:
            yield nonce
        nonce += 1


def _may_follow(connection: Connection, operation: Operation) -> bool:
    if operation.depends_on is None:
        return True
    query = select(operations.c.state).where(operations.c.id == operation.depends_on)
    return connection.execute(query).scalar() in {"sent", "done"}


def _states(connection: Connection, chosen: Sequence[Operation]) -> dict[bytes, str]:
    c = operations.c
    query = select(c.id, c.state).where(c.id.in_([operation.id for operation in chosen]))
    return {row.id: row.state for row in connection.execute(query)}


def _set(connection: Connection, operation: Hash32, was: str, **values: Any) -> bool:
    """Only from the state it was seen in; False if another process has moved it on."""
    c = operations.c
    query = update(operations).where(c.id == operation, c.state == was).values(**values)
    return bool(connection.execute(query).rowcount)


def _fail(connection: Connection, tx: Hash32) -> bool:
    t = transactions.c
    query = update(transactions).where(t.hash == tx, t.state == "signed").values(state="failed")
    return bool(connection.execute(query).rowcount)


def _park(connection: Connection, operation: Hash32, error: RejectedError) -> None:
    parked = error_to_json(waits_for(operation, error_to_json(error)))
    waiting = [operation]
    while waiting:
        c = operations.c
        query = select(c.id).where(c.depends_on == waiting.pop(), c.state == "queued")
        for row in connection.execute(query).all():
            _set(connection, Hash32(row.id), "queued", state="parked", error=parked)
            waiting.append(Hash32(row.id))
