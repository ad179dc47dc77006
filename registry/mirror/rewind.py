"""Undoes blocks that are no part of the chain any more, leaving a row that says what was undone."""

from __future__ import annotations

import sqlite3

from registry.mirror.columns import signed
from registry.mirror.views import Stand

_TOUCHED = """
SELECT company, class_id, giver, giver_account FROM entries WHERE block > :block AND giver <> 0
UNION SELECT company, class_id, taker, taker_account FROM entries WHERE block > :block AND taker <> 0
UNION SELECT class_id / 32, class_id, party, account FROM locks WHERE block > :block
"""
_MOVES = """
SELECT id, giver = :party AND giver_account = :account, taker = :party AND taker_account = :account, shares,
       giver_lock, taker_lock
FROM entries WHERE company = :company AND class_id = :class_id
 AND ((giver = :party AND giver_account = :account) OR (taker = :party AND taker_account = :account))
ORDER BY id
"""
_LOCK = """
SELECT id, lock_day FROM locks WHERE class_id = :class_id AND party = :party AND account = :account
ORDER BY id DESC LIMIT 1
"""
_PUT = """
INSERT OR REPLACE INTO holdings (class_id, party, account, shares, lock_day, last_entry)
VALUES (:class_id, :party, :account, :shares, :lock_day, :last)
"""
_DROP = "DELETE FROM holdings WHERE class_id = :class_id AND party = :party AND account = :account"

_TOUCHED_MONEY = """
SELECT giver FROM money_moves WHERE block > :block UNION SELECT taker FROM money_moves WHERE block > :block
"""
# In halves of 32 bits, so that no sum overflows.
_MONEY = """
SELECT sum(shift * (amount >> 32 & 4294967295)), sum(shift * (amount & 4294967295)), max(id) FROM (
 SELECT 1 AS shift, amount, id FROM money_moves WHERE taker = :account
 UNION ALL SELECT -1, amount, id FROM money_moves WHERE giver = :account
)
"""
_PUT_MONEY = "INSERT OR REPLACE INTO money (account, balance, last_move) VALUES (?, ?, ?)"
_DROP_MONEY = "DELETE FROM money WHERE account = ?"
_NOBODY = bytes(20)


def undo(connection: sqlite3.Connection, newest: Stand, ancestor: Stand) -> None:
    """Deletes all blocks above the ancestor; what was netted is summed up anew. Inside the caller's transaction."""
    block = {"block": ancestor.block}
    touched = connection.execute(_TOUCHED, block).fetchall()
    paid = connection.execute(_TOUCHED_MONEY, block).fetchall()
    (entries,) = connection.execute("SELECT count(*) FROM entries WHERE block > :block", block).fetchone()
    # The foreign keys carry this to every table.
    connection.execute("DELETE FROM blocks WHERE number > :block", block)
    for company, class_id, party, account in touched:
        _sum_up(connection, {"company": company, "class_id": class_id, "party": party, "account": account})
    for (payer,) in paid:
        if payer != _NOBODY:
            _sum_up_money(connection, payer)
    connection.execute(
        "INSERT INTO rewinds (from_block, from_hash, to_block, to_hash, blocks, entries) VALUES (?, ?, ?, ?, ?, ?)",
        (newest.block, newest.hash, ancestor.block, ancestor.hash, newest.block - ancestor.block, entries),
    )


def _sum_up(connection: sqlite3.Connection, key: dict[str, int]) -> None:
    shares = lock_day = last = 0
    for entry, gave, took, moved, giver_lock, taker_lock in connection.execute(_MOVES, key):
        shares = (shares - moved * gave + moved * took) % (1 << 64)
        lock_day, last = (taker_lock if took else giver_lock), entry
    locked = connection.execute(_LOCK, key).fetchone()
    if locked and locked[0] > last:
        lock_day = locked[1]
    if last or locked:
        connection.execute(_PUT, {**key, "shares": signed(shares), "lock_day": lock_day, "last": last})
    else:
        connection.execute(_DROP, key)


def _sum_up_money(connection: sqlite3.Connection, account: bytes) -> None:
    high, low, last = connection.execute(_MONEY, {"account": account}).fetchone()
    if last is None:
        connection.execute(_DROP_MONEY, (account,))
    else:
        connection.execute(_PUT_MONEY, (account, signed((high << 32) + low), last))
