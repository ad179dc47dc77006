"""Fetches a bank's statement, from the bank's own disk or from its address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from oracles.bank_statement.terms import Terms
from oracles.detached import fetch_signed
from oracles.fetching import STATEMENT_TYPES, Clock
from oracles.verdict import Sample


def fetch_all(terms: Terms, folder: Path, clock: Clock) -> Sequence[Sample]:
    """One sample for each source, in the order of the terms."""
    return [fetch_signed(source, source, folder, STATEMENT_TYPES, clock) for source in terms.source]
