"""The outbox's tables in the durable database."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, text

METADATA = MetaData()

journals = Table(
    "journals",
    METADATA,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("info", JSON, nullable=False),
    Column("state", String, nullable=False),
)

operations = Table(
    "operations",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("sender", LargeBinary, nullable=False),
    Column("target", LargeBinary, nullable=False),
    Column("calldata", LargeBinary, nullable=False),
    Column("label", String, nullable=False),
    Column("depends_on", LargeBinary, ForeignKey("operations.id")),
    Column("journal", String, ForeignKey("journals.key")),
    Column("gas", Integer),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tx", LargeBinary),
    Column("block", Integer),
    Column("block_hash", LargeBinary),
    Column("error", JSON(none_as_null=True)),
    Index("operations_by_state", "state", "sender", "seq"),
    Index("operations_by_journal", "journal"),
    Index("operations_by_need", "depends_on"),
)

# signed: on its way. mined: done. failed: mined and reverted. dead: another transaction took its nonce.
transactions = Table(
    "transactions",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("operation", LargeBinary, ForeignKey("operations.id"), nullable=False),
    Column("sender", LargeBinary, nullable=False),
    Column("nonce", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Index("one_nonce", "sender", "nonce", unique=True, sqlite_where=text("state <> 'dead'")),
    Index("one_transaction", "operation", unique=True, sqlite_where=text("state IN ('signed', 'mined')")),
    Index("transactions_by_state", "state"),
)
