"""Fetches a signed report of monthly figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from oracles.detached import fetch_signed
from oracles.fetching import JOSE_TYPES, JSON_TYPES, Clock
from oracles.kpi.terms import Terms
from oracles.verdict import Sample


def fetch_all(terms: Terms, folder: Path, clock: Clock) -> Sequence[Sample]:
    """One sample for each source, in the order of the terms."""
    return [
        fetch_signed(source, source, folder, JOSE_TYPES if source.jws else JSON_TYPES, clock) for source in terms.source
    ]
