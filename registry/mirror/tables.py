"""The mirror's tables. Everything hangs from `blocks`, so that deleting blocks undoes what came with them.

Rows that came with a log have its key as `id`: block << 20 | log index. Tables of versions are append-only and keyed by
subject and id: the row with the greatest id below a bound is what was known then. Only `NETTED` tables are netted; a
rewind recomputes them. Unsigned 64-bit amounts are kept as SQLite's signed integers with the same bits (`columns`).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from registry.mirror import tables_payout, tables_raise  # noqa: F401 (tables join the metadata)
from registry.mirror.columns import (
    address_key,
    binary,
    block,
    integer,
    key,
    metadata,
    string,
    subject,
    versions,
)

SCHEMA_VERSION = 4
SQLITE = sqlite.dialect()

meta = Table(
    "meta",
    metadata,
    key("one"),
    integer("schema_version"),
    integer("chain_id"),
    binary("genesis_hash"),
    binary("registry"),
    binary("factory"),
    integer("utc_offset"),
    integer("first_block"),
    binary("book_tag"),
    binary("distributions"),
    CheckConstraint("one = 1"),
)
cursor = Table(
    "cursor",
    metadata,
    key("one"),
    integer("number"),
    binary("hash"),
    integer("time"),
    CheckConstraint("one = 1"),
)
blocks = Table("blocks", metadata, key("number"), binary("hash"), integer("time"), integer("events"))
Index("blocks_time", blocks.c.time)
Index("blocks_empty", blocks.c.number, sqlite_where=text("events = 0"))
rewinds = Table(
    "rewinds",
    metadata,
    Column("id", Integer, primary_key=True),
    integer("from_block"),
    binary("from_hash"),
    integer("to_block"),
    binary("to_hash"),
    integer("blocks"),
    integer("entries"),
)

# --- side tables ---
txs = Table("txs", metadata, key("id"), block(), binary("hash"))
Index("txs_block", txs.c.block)
emitters = versions(
    "emitters",
    address_key(),
    integer("kind"),
    integer("company"),
    integer("class_id"),
    integer("offering"),
)

# --- registry ---
parties = versions("parties", key("party"), integer("id"), binary("dossier"))
party_versions = versions("party_versions", *subject("party", "id"), binary("word"))
wallets = versions("wallets", address_key(), integer("id"), integer("party"), integer("number"))
Index("wallets_party", wallets.c.party)
providers = versions(
    "providers",
    address_key("provider"),
    key("id"),
    integer("first_id"),
    integer("last_id"),
    integer("until_day"),
)
# company 0 is the registry itself
roles = versions("roles", key("company"), address_key("account"), key("id"), integer("roles"))
offers = versions("offers", *subject("company", "id"), binary("account"))

# --- companies ---
companies = versions(
    "companies",
    key("company"),
    integer("id"),
    binary("address"),
    string("name"),
    integer("form"),
    integer("region"),
    binary("predecessor"),
)
company_versions = versions(
    "company_versions",
    *subject("company", "id"),
    integer("phase"),
    integer("cap"),
    integer("stops"),
    binary("successor"),
)
seats = versions(
    "seats",
    *subject("company", "party", "id"),
    integer("accounts"),
    integer("is_fixed"),
    integer("weight"),
    integer("subscriptions"),
)
documents = versions("documents", key("id"), integer("company"), integer("act"), integer("kind"), string("uri"))
alarms = versions("alarms", key("id"), integer("company"), integer("seats"), integer("cap"))

# --- classes ---
classes = versions(
    "classes",
    key("class_id"),
    integer("id"),
    integer("company"),
    integer("position"),
    binary("address"),
    string("name"),
    string("symbol"),
    integer("decimals"),
)
Index("classes_company", classes.c.company)
class_versions = versions(
    "class_versions", *subject("class_id", "id"), integer("authorised"), integer("stops"), integer("categories")
)
record_dates = versions("record_dates", *subject("class_id", "epoch"), integer("id"), integer("time"))
locks = versions("locks", *subject("class_id", "party", "account", "id"), integer("lock_day"))

# --- acts and entries ---
acts = Table(
    "acts",
    metadata,
    key("id"),
    block(),
    integer("company"),
    integer("class_id"),
    binary("operation"),
    binary("actor"),
    integer("kind"),
    integer("basis"),
    integer("effective_on"),
    binary("document"),
    integer("given_kind"),
    integer("currency"),
    string("price"),
    integer("numerator"),
    integer("denominator"),
)
Index("acts_block", acts.c.block)
Index("acts_operation", acts.c.operation)
Index("acts_company", acts.c.company)
entries = Table(
    "entries",
    metadata,
    key("id"),
    block(),
    integer("company"),
    integer("class_id"),
    integer("giver"),
    integer("giver_account"),
    integer("taker"),
    integer("taker_account"),
    integer("shares"),
    integer("effective_on"),
    integer("act"),
    binary("ref", nullable=True),
    integer("giver_lock"),
    integer("taker_lock"),
)
Index("entries_block", entries.c.block)
# Gives a company's entries, and those of one of its few classes, in the order of the log.
Index("entries_company", entries.c.company)
Index("entries_giver", entries.c.giver, sqlite_where=text("giver <> 0"))
Index("entries_taker", entries.c.taker, sqlite_where=text("taker <> 0"))
holdings = Table(
    "holdings",
    metadata,
    *subject("class_id", "party", "account"),
    integer("shares"),
    integer("lock_day"),
    integer("last_entry"),
    sqlite_with_rowid=False,
)
Index("holdings_party", holdings.c.party)

NETTED = frozenset({holdings.name, tables_raise.money.name})


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
