"""What several documents say in the same words: where the figures stand, how to check them, standing."""

from __future__ import annotations

from registry.domain.days import day_of, to_date
from registry.statements.ledger import Ledger
from registry.statements.model import Distribution, Source, Tax
from registry.statements.page import Block, Heading, Note
from registry.statements.tongue import Tongue

_SHOWN = 3
"""So many lines of the ledger are an example."""


def dotted(tongue: Tongue, *parts: str) -> str:
    return tongue.text("dot").join(part for part in parts if part)


def as_of(source: Source, tongue: Tongue) -> str:
    return tongue.text("as_of", day=tongue.day(to_date(day_of(source.time))), block=source.block)


def foot(source: Source, ledger: Ledger, tongue: Tongue) -> tuple[str, ...]:
    """The lines of each page's foot: block, its hash, hash of the figures."""
    where = tongue.text("foot.block", block=source.block, chain=str(source.chain_id), hash=source.block_hash.hex())
    return where, tongue.text("foot.figures", digest=ledger.digest)


def checking(source: Source, ledger: Ledger, tongue: Tongue) -> tuple[Block, ...]:
    """How to find the hashes at the foot again, with the first lines as an example."""
    values = {"chain": str(source.chain_id), "block": source.block, "contract": source.contract.hex()}
    shown = ledger.lines[:_SHOWN]
    example = tongue.text("check.lines", n=len(shown))
    texts = (tongue.text("check.body", **values), example, *shown)
    return Heading(tongue.text("check.title")), *(Note(text, is_small=True) for text in texts)


def headed(key: str, tongue: Tongue) -> Heading:
    """A heading over amounts, with their unit."""
    return Heading(tongue.text(key), tongue.text("amounts"))


def standing(tax: Tax, tongue: Tongue) -> str:
    return dotted(tongue, tongue.category(tax.category), tongue.residence(tax.residence))


def tax_reason(tax: Tax, d: Distribution, tongue: Tongue) -> str:
    """Why this rate: the schedule's rule for a standing, or a certificate."""
    if tax.relief is not None:
        until = tongue.day(tax.relief.until)
        return tongue.text("tax.relief", until=until, certificate=tax.relief.certificate.hex())
    values = {"category": tongue.category(tax.category), "residence": tongue.residence(tax.residence)}
    return tongue.text("tax.rule", schedule=str(d.schedule), **values)
