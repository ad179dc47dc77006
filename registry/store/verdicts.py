"""What the audits said, for whoever shows it: newest last, nothing is ever changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, String, Table, insert, select

from registry.store.engine import reading, writing

METADATA = MetaData()
verdicts = Table(
    "verdicts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("block", Integer, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("differences", Integer, nullable=False),
    Column("at", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One audit's result about one block. `at`: unix seconds of the machine's clock."""

    verdict: str
    block: int
    block_hash: bytes
    entries: int
    findings: int
    differences: int
    at: int


def record_verdict(engine: Engine, verdict: Verdict) -> None:
    with writing(engine) as connection:
        connection.execute(
            insert(verdicts).values(
                verdict=verdict.verdict,
                block=verdict.block,
                block_hash=verdict.block_hash,
                entries=verdict.entries,
                findings=verdict.findings,
                differences=verdict.differences,
                at=verdict.at,
            )
        )


def last_verdict(engine: Engine) -> Verdict | None:
    columns = [verdicts.c[name] for name in Verdict.__slots__]
    with reading(engine) as connection:
        row = connection.execute(select(*columns).order_by(verdicts.c.id.desc()).limit(1)).first()
    return None if row is None else Verdict(*row)
