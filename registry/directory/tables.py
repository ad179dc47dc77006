"""The directory's tables in the durable database. Nothing in them can be read without the master key."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

METADATA = MetaData()

# One row: which master key the rest belongs to.
keys = Table(
    "directory_keys",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("check_value", LargeBinary, nullable=False),
)

# Both blobs are null once the party was erased; the row stays, so that nobody puts a name there again by accident.
dossiers = Table(
    "directory_dossiers",
    METADATA,
    Column("party", Integer, primary_key=True, autoincrement=False),
    Column("wrapped_key", LargeBinary),
    Column("sealed", LargeBinary),
)

# Which party id a source (stakeholder of a package, key of a request) was given: for ever, also after erasure.
allocations = Table(
    "directory_allocations",
    METADATA,
    Column("tag", LargeBinary, primary_key=True),
    Column("party", Integer, nullable=False, unique=True),
)
