"""One batch of whole blocks on its way into the tables: rows, acts, and what the handlers follow from.

Nothing is written before `flush`.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from registry.chain.decode import LOG_BITS, Row
from registry.errors import HaltError
from registry.mirror import tables, tables_raise
from registry.mirror.columns import metadata
from registry.mirror.working import Working

_INSERTS = {table.name: tables.insert(table) for table in metadata.sorted_tables if table.name != "cursor"}
_PUT_HOLDINGS = tables.insert(tables.holdings, replace=True)
_PUT_MONEY = tables.insert(tables_raise.money, replace=True)
# Parents first; netted tables are written apart.
_ORDER = ("blocks", *(name for name in _INSERTS if name not in {"blocks", "meta", "rewinds", *tables.NETTED}))


class Batch:
    """Base of the projection: what every handler may use."""

    def __init__(self, connection: sqlite3.Connection, utc_offset: int, working: Working) -> None:
        self._connection = connection
        self.utc_offset = utc_offset
        self.working = working
        self.events = 0
        self.rows: dict[str, list[Sequence[Any]]] = defaultdict(list)
        self._blocks: dict[int, list[Any]] = {}
        self._tx = ""
        # Within one transaction: the newest act of each contract, and a Transfer that waits for its entry.
        self.acts: dict[bytes, list[Any]] = {}
        self.company_acts: dict[int, list[Any]] = {}
        self.moved: tuple[int, int] | None = None
        # What a preferred class counted last, until the dividend that it is counted for is told.
        self.counted = 0

    def add_block(self, number: int, block_hash: bytes, time: int) -> None:
        self._blocks.setdefault(number, [number, block_hash, time, 0])

    def begin_block(self, row: Row) -> list[Any]:
        """The block of a row; its last value counts the events."""
        number = row.key >> LOG_BITS
        self.add_block(number, bytes.fromhex(row.block_hash[2:]), row.time)
        return self._blocks[number]

    def put(self, table: str, *values: Any) -> None:
        self.rows[table].append(values)

    def flush(self) -> int:
        """Writes the batch inside the caller's transaction; the number of events in it."""
        self._require_whole()
        self.rows["blocks"] = list(self._blocks.values())
        for table in _ORDER:
            rows = self.rows.get(table)
            if rows:
                self._connection.executemany(_INSERTS[table], rows)
        self._connection.executemany(_PUT_HOLDINGS, self.working.take_touched())
        self._connection.executemany(_PUT_MONEY, self.working.raises.take_touched_money())
        self.working.trim()
        return self.events

    def begin_tx(self, row: Row) -> None:
        self._require_whole()
        self._tx = row.tx
        self.acts.clear()
        self.company_acts.clear()
        self.put("txs", row.key, row.key >> LOG_BITS, bytes.fromhex(row.tx[2:]))

    def _require_whole(self) -> None:
        if self.moved is not None:
            raise HaltError(f"a Transfer without its entry at the end of transaction {self._tx}")

    # --- acts ---

    def act_of(self, row: Row) -> list[Any]:
        """The contract's own newest act in this transaction."""
        act = self.acts.get(row.emitter.address)
        if act is None:
            raise HaltError(f"{row.event} without an act before it, in transaction {row.tx}")
        return act

    def act_of_entry(self, row: Row) -> list[Any]:
        """The class's own newest act or its company's (a conversion), whichever came later."""
        found = self.acts.get(row.emitter.address)
        of_company = self.company_acts.get(row.emitter.company)
        if of_company is not None and (found is None or found[0] < of_company[0]):
            found = of_company
        if found is None:
            raise HaltError(f"an agent's entry without an act before it, in transaction {row.tx}")
        return found

    # --- seats ---

    def put_seat(self, company: int, party: int, key: int) -> None:
        seat = self.working.seat(company, party)
        facts = (seat.accounts, int(seat.is_fixed), seat.weight, seat.subscriptions)
        self.put("seats", company, party, key, *facts, key >> LOG_BITS)
