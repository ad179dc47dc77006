"""The mirror's tables. Everything hangs from `blocks`, so that deleting blocks undoes what came with them.

Rows that came with a log have its key as `id`: block << 20 | log index. Tables of versions are append-only and keyed by
subject and id: the row with the greatest id below a bound is what was known then. Only `holdings` is netted; a rewind
recomputes it. Unsigned 64-bit amounts are kept as SQLite's signed integers with the same bits (`signed`, `unsigned`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

SCHEMA_VERSION = 1
SIGN = 1 << 63
SQLITE = sqlite.dialect()

metadata = MetaData()


def signed(amount: int) -> int:
    """The signed integer with the same 64 bits."""
    return amount if amount < SIGN else amount - 2 * SIGN


def unsigned(stored: int) -> int:
    return stored if stored >= 0 else stored + 2 * SIGN


def _block() -> Column[int]:
    return Column("block", BigInteger, ForeignKey("blocks.number", ondelete="CASCADE"), nullable=False)


def _key(name: str, primary_key: bool = True) -> Column[int]:
    """SQLite makes an INTEGER primary key the row's own number."""
    return Column(name, Integer, primary_key=primary_key, autoincrement=False, nullable=False)


def _int(name: str, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _bytes(name: str, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _subject(*names: str) -> list[Column[int]]:
    return [_key(name) for name in names]


def _versions(name: str, *columns: Column[int] | Column[bytes] | Column[str]) -> Table:
    """A table clustered by its key, found by block when a rewind deletes."""
    table = Table(name, metadata, *columns, _block(), sqlite_with_rowid=False)
    Index(f"{name}_block", table.c.block)
    return table


meta = Table(
    "meta",
    metadata,
    _key("one"),
    _int("schema_version"),
    _int("chain_id"),
    _bytes("genesis_hash"),
    _bytes("registry"),
    _bytes("factory"),
    _int("utc_offset"),
    _int("first_block"),
    CheckConstraint("one = 1"),
)
cursor = Table(
    "cursor",
    metadata,
    _key("one"),
    _int("number"),
    _bytes("hash"),
    _int("time"),
    CheckConstraint("one = 1"),
)
blocks = Table("blocks", metadata, _key("number"), _bytes("hash"), _int("time"), _int("events"))
Index("blocks_time", blocks.c.time)
Index("blocks_empty", blocks.c.number, sqlite_where=text("events = 0"))
rewinds = Table(
    "rewinds",
    metadata,
    Column("id", Integer, primary_key=True),
    _int("from_block"),
    _bytes("from_hash"),
    _int("to_block"),
    _bytes("to_hash"),
    _int("blocks"),
    _int("entries"),
)

# --- side tables ---
txs = Table("txs", metadata, _key("id"), _block(), _bytes("hash"))
Index("txs_block", txs.c.block)
emitters = _versions(
    "emitters",
    Column("address", LargeBinary, primary_key=True),
    _int("kind"),
    _int("company"),
    _int("class_id"),
)

# --- registry ---
parties = _versions("parties", _key("party"), _int("id"), _bytes("dossier"))
party_versions = _versions("party_versions", *_subject("party", "id"), _bytes("word"))
wallets = _versions(
    "wallets", Column("address", LargeBinary, primary_key=True), _int("id"), _int("party"), _int("number")
)
Index("wallets_party", wallets.c.party)
providers = _versions(
    "providers",
    Column("provider", LargeBinary, primary_key=True),
    _key("id"),
    _int("first_id"),
    _int("last_id"),
    _int("until_day"),
)
# company 0 is the registry itself
roles = _versions("roles", _key("company"), Column("account", LargeBinary, primary_key=True), _key("id"), _int("roles"))
offers = _versions("offers", *_subject("company", "id"), _bytes("account"))

# --- companies ---
companies = _versions(
    "companies",
    _key("company"),
    _int("id"),
    _bytes("address"),
    _text("name"),
    _int("form"),
    _int("region"),
    _bytes("predecessor"),
)
company_versions = _versions(
    "company_versions",
    *_subject("company", "id"),
    _int("phase"),
    _int("cap"),
    _int("stops"),
    _bytes("successor"),
)
seats = _versions("seats", *_subject("company", "party", "id"), _int("accounts"), _int("is_fixed"), _int("weight"))
documents = _versions("documents", _key("id"), _int("company"), _int("act"), _int("kind"), _text("uri"))
alarms = _versions("alarms", _key("id"), _int("company"), _int("seats"), _int("cap"))

# --- classes ---
classes = _versions(
    "classes",
    _key("class_id"),
    _int("id"),
    _int("company"),
    _int("position"),
    _bytes("address"),
    _text("name"),
    _text("symbol"),
    _int("decimals"),
)
Index("classes_company", classes.c.company)
class_versions = _versions(
    "class_versions", *_subject("class_id", "id"), _int("authorised"), _int("stops"), _int("categories")
)
record_dates = _versions("record_dates", *_subject("class_id", "epoch"), _int("id"), _int("time"))
locks = _versions("locks", *_subject("class_id", "party", "account", "id"), _int("lock_day"))

# --- acts and entries ---
acts = Table(
    "acts",
    metadata,
    _key("id"),
    _block(),
    _int("company"),
    _int("class_id"),
    _bytes("operation"),
    _bytes("actor"),
    _int("kind"),
    _int("basis"),
    _int("effective_on"),
    _bytes("document"),
    _int("given_kind"),
    _int("currency"),
    _text("price"),
    _int("numerator"),
    _int("denominator"),
)
Index("acts_block", acts.c.block)
Index("acts_operation", acts.c.operation)
Index("acts_company", acts.c.company)
entries = Table(
    "entries",
    metadata,
    _key("id"),
    _block(),
    _int("company"),
    _int("class_id"),
    _int("giver"),
    _int("giver_account"),
    _int("taker"),
    _int("taker_account"),
    _int("shares"),
    _int("effective_on"),
    _int("act"),
    _bytes("ref", nullable=True),
    _int("giver_lock"),
    _int("taker_lock"),
)
Index("entries_block", entries.c.block)
# Gives a company's entries, and those of one of its few classes, in the order of the log.
Index("entries_company", entries.c.company)
Index("entries_giver", entries.c.giver, sqlite_where=text("giver <> 0"))
Index("entries_taker", entries.c.taker, sqlite_where=text("taker <> 0"))
holdings = Table(
    "holdings",
    metadata,
    *_subject("class_id", "party", "account"),
    _int("shares"),
    _int("lock_day"),
    _int("last_entry"),
    sqlite_with_rowid=False,
)
Index("holdings_party", holdings.c.party)


def insert(table: Table, replace: bool = False) -> str:
    """INSERT of whole rows in the order of the columns, for executemany."""
    statement = table.insert().prefix_with("OR REPLACE") if replace else table.insert()
    return str(statement.compile(dialect=SQLITE))


def ddl() -> list[str]:
    """What makes an empty mirror."""
    statements = [str(CreateTable(table).compile(dialect=SQLITE)) for table in metadata.sorted_tables]
    for table in metadata.sorted_tables:
        statements += [str(CreateIndex(index).compile(dialect=SQLITE)) for index in table.indexes]
    return statements
