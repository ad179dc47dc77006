"""Fetches a signed document, and the detached signature where it does not carry its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from oracles.detached import fetch_signed
from oracles.fetching import JSON_TYPES, PDF_TYPES, Clock, fetch
from oracles.signed_document.terms import Source, Terms
from oracles.verdict import Sample


def fetch_all(terms: Terms, folder: Path, clock: Clock) -> Sequence[Sample]:
    """One sample for each source, in the order of the terms."""
    return [_fetch(source, folder, clock) for source in terms.source]


def _fetch(source: Source, folder: Path, clock: Clock) -> Sample:
    if source.format == "pdf":
        return fetch(source, folder, PDF_TYPES, clock)
    return fetch_signed(source, source, folder, JSON_TYPES, clock)
