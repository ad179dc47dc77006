"""What a bank's statement says of money received. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from oracles.bank_statement.terms import Criterion, Source, Terms
from oracles.detached import check_signed
from oracles.reasons import Refused
from oracles.verdict import MOST_SKEW, Reading, Sample, Verdict, settle
from registry.domain.days import first_second, last_second, to_date
from registry.errors import InputError
from registry.interchange.statements import Line, Statement, read_statement

_CODES = {"foreign_currency": "other_currency", "amount_too_large": "huge", "file_too_large": "source_too_long"}
"""What the reader of statements calls things that have a reason of their own here; the rest cannot be read."""


def judge(terms: Terms, samples: Sequence[Sample], at: int) -> Verdict:
    """REACHED or NOT_REACHED with the sum of each statement [fen], or why nothing can be said. `at` [unix s]."""
    sources = {source.name: source for source in terms.source}
    return settle(samples, lambda sample: _read(terms.criterion, sources[sample.source], sample, at))


def _read(criterion: Criterion, source: Source, sample: Sample, at: int) -> Reading:
    if sample.date is not None and abs(sample.date - sample.fetched_at) > MOST_SKEW:
        raise Refused("clock_skew", "Date", sample.date, f"within {MOST_SKEW} s of {sample.fetched_at}")
    statement = _statement(check_signed(source, sample, at), sample.source)
    _check_age(criterion, statement, at)
    counted = [line for line in statement.lines if _counts(criterion, line)]
    received = sum(line.amount_fen for line in counted)
    if received < criterion.at_least:
        _check_cover(criterion, statement)
    extracted = (("received_fen", str(received)), ("entries", str(len(counted))), ("at_least", str(criterion.at_least)))
    return Reading(sample.source, received >= criterion.at_least, at, Decimal(received), extracted)


def _statement(content: bytes, name: str) -> Statement:
    try:
        return read_statement(content, name)
    except InputError as error:
        raise Refused(_CODES.get(error.code, "malformed"), error.field, error.value, error.message) from error


def _check_age(criterion: Criterion, statement: Statement, at: int) -> None:
    if not statement.lines:
        raise Refused("missing", "entries")
    newest = max(line.day for line in statement.lines)
    if first_second(newest) > at + MOST_SKEW:
        raise Refused("clock_skew", "day", to_date(newest), f"not after {at}")
    if at - last_second(newest) > criterion.max_age:
        raise Refused("stale", "day", to_date(newest), f"at most {criterion.max_age} s before {at}")


def _check_cover(criterion: Criterion, statement: Statement) -> None:
    """Too little is only known of a statement that goes back to the first day, or to the account's beginning."""
    oldest = to_date(min(line.day for line in statement.lines)).isoformat()
    if oldest > criterion.since and statement.opening != 0:
        raise Refused("missing", "entries", f"begin on {oldest}", f"an entry of {criterion.since} or before")


def _counts(criterion: Criterion, line: Line) -> bool:
    booked = to_date(line.day).isoformat()
    if booked < criterion.since or (criterion.until is not None and booked > criterion.until):
        return False
    words = _folded(f"{line.reference}\n{line.text}")
    return any(_folded(mark) in words for mark in criterion.marks)


def _folded(text: str) -> str:
    """Full-width letters and capitals make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()
