"""What the mirror's tables are made of: columns, keys, and amounts of 64 bits."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

SIGN = 1 << 63

metadata = MetaData()


def signed(amount: int) -> int:
    """The signed integer with the same 64 bits."""
    return amount if amount < SIGN else amount - 2 * SIGN


def unsigned(stored: int) -> int:
    return stored if stored >= 0 else stored + 2 * SIGN


def block() -> Column[int]:
    return Column("block", BigInteger, ForeignKey("blocks.number", ondelete="CASCADE"), nullable=False)


def key(name: str, primary_key: bool = True) -> Column[int]:
    """SQLite makes an INTEGER primary key the row's own number."""
    return Column(name, Integer, primary_key=primary_key, autoincrement=False, nullable=False)


def address_key(name: str = "address") -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=True)


def integer(name: str, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def binary(name: str, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def string(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def subject(*names: str) -> list[Column[int]]:
    return [key(name) for name in names]


def versions(name: str, *columns: Column[int] | Column[bytes] | Column[str]) -> Table:
    """A table clustered by its key, found by block when a rewind deletes."""
    table = Table(name, metadata, *columns, block(), sqlite_with_rowid=False)
    Index(f"{name}_block", table.c.block)
    return table
