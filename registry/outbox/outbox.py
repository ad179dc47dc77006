"""The door of the outbox: operations in, their states out, journals of long work. Sends nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from registry.domain.ids import Address, Hash32
from registry.errors import InputError, RejectedError
from registry.outbox.model import (
    Journal,
    JournalState,
    Operation,
    Outcome,
    State,
    error_from_json,
    error_to_json,
    waits_for,
)
from registry.outbox.tables import journals, operations
from registry.store.engine import reading, writing

_PAGE = 500
_CONTENT = ("id", "sender", "target", "calldata", "label", "depends_on", "journal", "gas")


class Outbox:
    """All operations of one deployment, in the durable database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def enqueue(self, new: Sequence[Operation]) -> None:
        """All or none. The same operation again changes nothing, but one that was refused is tried again; under the
        id of another operation it is an InputError."""
        with writing(self.engine) as connection:
            known = _rows_by_id(connection, [operation.id for operation in new])
            for operation in new:
                row = known.get(operation.id)
                if row is None:
                    known[operation.id] = _add(connection, operation)
                elif row.state in {"rejected", "parked"}:
                    _again(connection, operation)
                elif not _is_same(operation, row):
                    raise _reused(operation, row)

    def get(self, operation: Hash32) -> Operation | None:
        with reading(self.engine) as connection:
            row = _rows_by_id(connection, [operation]).get(operation)
        return None if row is None else operation_of(row)

    def outcome(self, operation: Hash32) -> Outcome | None:
        return self.outcomes([operation]).get(operation)

    def outcomes(self, ids: Sequence[Hash32]) -> dict[Hash32, Outcome]:
        with reading(self.engine) as connection:
            rows = _rows_by_id(connection, ids)
        return {key: _outcome(row) for key, row in rows.items()}

    def states(self, ids: Sequence[Hash32]) -> dict[Hash32, State]:
        states: dict[Hash32, State] = {}
        with reading(self.engine) as connection:
            for page in _pages(ids):
                query = select(operations.c.id, operations.c.state).where(operations.c.id.in_(page))
                states.update({Hash32(row.id): row.state for row in connection.execute(query)})
        return states

    def counts(self) -> dict[State, int]:
        """How many operations stand where."""
        query = select(operations.c.state, func.count()).group_by(operations.c.state)
        with reading(self.engine) as connection:
            return {state: count for state, count in connection.execute(query)}  # noqa: C416 (rows are not pairs)

    def newest_block(self, depth: int = 64) -> tuple[int, bytes] | None:
        """Number and hash of a block that the right node has for certain: of an operation done `depth` blocks before
        the newest one, or else of the oldest."""
        c = operations.c
        done = select(c.block, c.block_hash).where(c.state == "done", c.block_hash.is_not(None))
        with reading(self.engine) as connection:
            newest = connection.execute(select(func.max(c.block)).where(c.state == "done")).scalar()
            if newest is None:
                return None
            deep = done.where(c.block <= newest - depth).order_by(c.block.desc()).limit(1)
            row = connection.execute(deep).first() or connection.execute(done.order_by(c.block).limit(1)).first()
        return None if row is None else (row.block, row.block_hash)

    # --- journals ---

    def open_journal(self, key: str, kind: str, info: dict[str, Any] | None = None) -> Journal:
        """The journal of this key; what it was opened with first stays."""
        with writing(self.engine) as connection:
            found = _journal(connection, key)
            if found is not None:
                return found
            connection.execute(insert(journals).values(key=key, kind=kind, info=info or {}, state="open"))
            return Journal(key, kind, info or {}, "open")

    def journal(self, key: str) -> Journal | None:
        with reading(self.engine) as connection:
            return _journal(connection, key)

    def journals(self, kind: str | None = None) -> list[Journal]:
        query = select(journals).order_by(journals.c.key)
        if kind is not None:
            query = query.where(journals.c.kind == kind)
        with reading(self.engine) as connection:
            return [Journal(*row) for row in connection.execute(query)]

    def close_journal(self, key: str, state: JournalState) -> None:
        """What an abandoned journal has not sent yet is never sent."""
        with writing(self.engine) as connection:
            connection.execute(update(journals).where(journals.c.key == key).values(state=state))
            if state == "abandoned":
                unsent = operations.c.journal == key, operations.c.state == "queued"
                reason = RejectedError("the work that this belongs to was abandoned", code="journal_abandoned")
                parked = {"state": "parked", "error": error_to_json(reason)}
                connection.execute(update(operations).where(*unsent).values(**parked))

    def operations_of(self, journal: str) -> list[Outcome]:
        """In the order in which they were put in."""
        query = select(operations).where(operations.c.journal == journal).order_by(operations.c.seq)
        with reading(self.engine) as connection:
            return [_outcome(row) for row in connection.execute(query)]


def operation_of(row: Row[Any]) -> Operation:
    return Operation(
        id=Hash32(row.id),
        sender=Address(row.sender),
        target=Address(row.target),
        calldata=row.calldata,
        label=row.label,
        depends_on=None if row.depends_on is None else Hash32(row.depends_on),
        journal=row.journal,
        gas=row.gas,
    )


def _add(connection: Connection, operation: Operation) -> Row[Any]:
    connection.execute(
        insert(operations).values(attempts=0, **_beginning(connection, operation), **_content(operation))
    )
    return _rows_by_id(connection, [operation.id])[operation.id]


def _again(connection: Connection, operation: Operation) -> None:
    """A refused operation used up no id: it is tried again, with what is said now, and so is what waited for it."""
    fresh = _beginning(connection, operation)
    c = operations.c
    connection.execute(update(operations).where(c.id == operation.id).values(attempts=0, tx=None, block=None, **fresh))
    connection.execute(update(operations).where(c.id == operation.id).values(**_content(operation)))
    waiting = [operation.id] if fresh["state"] == "queued" else []
    while waiting:
        query = select(c.id).where(c.depends_on == waiting.pop(), c.state == "parked")
        for row in connection.execute(query).all():
            connection.execute(update(operations).where(c.id == row.id).values(state="queued", error=None))
            waiting.append(row.id)


def _beginning(connection: Connection, operation: Operation) -> dict[str, Any]:
    """Queued, unless what it depends on was refused."""
    needed = operation.depends_on
    if needed is None:
        return {"state": "queued", "error": None}
    row = _rows_by_id(connection, [needed]).get(needed)
    if row is None:
        raise InputError(
            f"operation {operation.label!r} depends on 0x{needed.hex()}, which is not in the outbox",
            code="operation_unknown",
            object=operation.label,
            field="depends_on",
            value="0x" + needed.hex(),
        )
    if row.state in {"rejected", "parked"}:
        return {"state": "parked", "error": error_to_json(waits_for(needed, row.error))}
    return {"state": "queued", "error": None}


def _content(operation: Operation) -> dict[str, Any]:
    return {name: getattr(operation, name) for name in _CONTENT}


def _is_same(operation: Operation, row: Row[Any]) -> bool:
    """By what it does; label, journal and gas are the caller's notes."""
    return (operation.sender, operation.target, operation.calldata) == (row.sender, row.target, row.calldata)


def _reused(operation: Operation, row: Row[Any]) -> InputError:
    different = [name for name in ("sender", "target", "calldata") if getattr(operation, name) != getattr(row, name)]
    return InputError(
        f"operation id 0x{operation.id.hex()} of {operation.label!r} was used for {row.label!r} ({row.state}) before, "
        f"with other {' and '.join(different)}",
        code="operation_id_reused",
        object=operation.label,
        field="id",
        value="0x" + operation.id.hex(),
    )


def _outcome(row: Row[Any]) -> Outcome:
    tx = None if row.tx is None else Hash32(row.tx)
    return Outcome(Hash32(row.id), row.label, row.state, tx, row.block, error_from_json(row.error))


def _journal(connection: Connection, key: str) -> Journal | None:
    row = connection.execute(select(journals).where(journals.c.key == key)).first()
    return None if row is None else Journal(*row)


def _rows_by_id(connection: Connection, ids: Sequence[bytes]) -> dict[Hash32, Row[Any]]:
    rows: dict[Hash32, Row[Any]] = {}
    for page in _pages(ids):
        for row in connection.execute(select(operations).where(operations.c.id.in_(page))):
            rows[Hash32(row.id)] = row
    return rows


def _pages(ids: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]
