"""Which feed fetches and judges how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from oracles.bank_statement import evidence as bank_statement
from oracles.bank_statement import source as bank_statement_source
from oracles.bank_statement import terms as bank_statement_terms
from oracles.feed import Terms
from oracles.fetching import Clock
from oracles.http_json import evidence as http_json
from oracles.http_json import source as http_json_source
from oracles.http_json import terms as http_json_terms
from oracles.kpi import evidence as kpi
from oracles.kpi import source as kpi_source
from oracles.signed_document import source as signed_document_source
from oracles.signed_document import terms as signed_document_terms
from oracles.verdict import Sample, Verdict


def fetch_all(terms: Terms, folder: Path, clock: Clock) -> Sequence[Sample]:
    """What the sources give at this moment; file names are taken from `folder`."""
    match terms:
        case http_json_terms.Terms():
            return http_json_source.fetch_all(terms, folder, clock)
        case signed_document_terms.Terms():
            return signed_document_source.fetch_all(terms, folder, clock)
        case bank_statement_terms.Terms():
            return bank_statement_source.fetch_all(terms, folder, clock)
        case _:
            return kpi_source.fetch_all(terms, folder, clock)


def look(terms: Terms, folder: Path, clock: Clock, chain_time: int = 0) -> tuple[Sequence[Sample], int]:
    """What the sources give, and the moment [unix s] at which it is judged: by this machine's clock, or by the time of
    the chain's newest block where that is ahead."""
    samples = fetch_all(terms, folder, clock)
    now = clock()
    ahead = max(0, chain_time - now)
    return [replace(sample, ahead=ahead) for sample in samples], now + ahead


def judge(terms: Terms, samples: Sequence[Sample], at: int) -> Verdict:
    """The verdict on samples, at a moment [unix s]. Pure: the same arguments give the same verdict in any year."""
    match terms:
        case http_json_terms.Terms():
            return http_json.judge(terms, samples, at)
        case signed_document_terms.Terms():
            from oracles.signed_document import evidence as signed_document  # large libraries, for these papers only

            return signed_document.judge(terms, samples, at)
        case bank_statement_terms.Terms():
            return bank_statement.judge(terms, samples, at)
        case _:
            return kpi.judge(terms, samples, at)
