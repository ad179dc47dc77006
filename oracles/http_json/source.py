"""Fetches a JSON answer, and has the shared secret's signature looked at while the secret is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oracles.authentic import check_hmac
from oracles.fetching import JOSE_TYPES, JSON_TYPES, Clock, fetch, read_file
from oracles.http_json.terms import Source, Terms
from oracles.reasons import Refused
from oracles.verdict import Sample

_MOST_SECRET = 10_000


def fetch_all(terms: Terms, folder: Path, clock: Clock) -> Sequence[Sample]:
    """One sample for each source, in the order of the terms."""
    return [_fetch(source, folder, clock) for source in terms.source]


def _fetch(source: Source, folder: Path, clock: Clock) -> Sample:
    header = source.hmac.header if source.hmac else ""
    sample = fetch(source, folder, JOSE_TYPES if source.jws else JSON_TYPES, clock, header)
    if source.hmac is None or sample.reasons:
        return sample
    try:
        secret = read_file(folder / source.hmac.secret_file, _MOST_SECRET).strip()
        check_hmac(sample.body, sample.signature, secret)
    except Refused as refused:
        return replace(sample, reasons=(replace(refused.reason, source=source.name),))
    return replace(sample, is_keyed=True)
