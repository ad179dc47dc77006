"""The evidence record: all that a verdict was made of, as canonical JSON whose hash the attestation carries.

Sources and terms lie beside it in the store, by hash. From these alone the verdict is made again, in any year.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from oracles.exact import canonical
from oracles.feed import Feed, Terms, terms_bytes, terms_from
from oracles.seam import OpenCase
from oracles.verdict import Sample, Verdict
from oracles.wiring import judge
from registry.chain.typed import Board
from registry.documents import Documents
from registry.domain.ids import Hash32
from registry.errors import InputError

EVIDENCE: Final = "evidence"
"""Kind of the records in the store; their parts are of the kinds `oracle_source` and `oracle_terms`."""
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Case:
    """What the evidence is about."""

    board: Board
    open: OpenCase

    def as_json(self) -> dict[str, Any]:
        return {
            "chain_id": self.board.chain_id,
            "board": "0x" + self.board.address.hex(),
            "company": "0x" + self.open.company.hex(),
            "escrow": "0x" + self.open.escrow.hex(),
            "milestone": self.open.milestone,
            "round": self.open.round,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A record read back: what was said then, and what its parts say now."""

    record: dict[str, Any]
    then: dict[str, Any]
    now: Verdict

    @property
    def differences(self) -> tuple[str, ...]:
        """Where the verdict of today's program differs from the kept one, field by field."""
        now = json.loads(canonical(self.now.as_json()))
        return tuple(
            f"{name}: then {_short(self.then.get(name))}, now {_short(now[name])}"
            for name in now
            if now[name] != self.then.get(name)
        )


def keep(documents: Documents, feed: Feed, case: Case, samples: Sequence[Sample], verdict: Verdict, at: int) -> Hash32:
    """Puts sources, terms and record on disk, in this order; the record's hash."""
    record = {
        "type": "equity evidence",
        "format": _FORMAT,
        "software": f"equity-registry {version('equity-registry')}",
        "feed": feed.name,
        "terms": _hex(documents.keep(terms_bytes(feed.terms), "oracle_terms")),
        "case": case.as_json(),
        "at": at,
        "samples": [_sample_json(documents, sample) for sample in samples],
        "verdict": verdict.as_json(),
    }
    return documents.keep(canonical(record), EVIDENCE)


def recompute(documents: Documents, evidence: Hash32) -> Kept:
    """Makes the verdict again from what was kept: no network, no clock. InputError when a part is not in the store or
    the record is none, HaltError when a part was changed on disk."""
    content = documents.get(evidence)
    try:
        record = json.loads(content)
        if record["type"] != "equity evidence" or record["format"] != _FORMAT:
            raise ValueError(f"type {record['type']!r}, format {record['format']!r}")
        terms = _terms(documents.get(_bytes(record["terms"])))
        samples = [_sample(documents, part) for part in record["samples"]]
        return Kept(record, record["verdict"], judge(terms, samples, record["at"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"0x{evidence.hex()} is not an evidence record of format {_FORMAT}: {error}",
            code="evidence_malformed",
            field="evidence",
            value=_hex(evidence),
        ) from error


def _terms(content: bytes) -> Terms:
    return terms_from(json.loads(content))


def _sample_json(documents: Documents, sample: Sample) -> dict[str, Any]:
    return {
        "source": sample.source,
        "body": _hex(documents.keep(sample.body, "oracle_source")),
        "signature": _hex(documents.keep(sample.signature, "oracle_source")) if sample.signature else None,
        "fetched_at": sample.fetched_at,
        "date": sample.date,
        "key": sample.key,
        "is_keyed": sample.is_keyed,
        "ahead": sample.ahead,
    }


def _sample(documents: Documents, part: dict[str, Any]) -> Sample:
    return Sample(
        source=part["source"],
        body=documents.get(_bytes(part["body"])),
        signature=documents.get(_bytes(part["signature"])) if part["signature"] else b"",
        fetched_at=part["fetched_at"],
        date=part["date"],
        key=part["key"],
        is_keyed=part["is_keyed"],
        ahead=part["ahead"],
    )


def _hex(digest: Hash32) -> str:
    return "0x" + digest.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
