"""What a signed document says: its signature first, then its fields, each of which must stand in it once. Pure."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader

from oracles.certified import check_pdf
from oracles.detached import check_signed
from oracles.exact import Exact, day, decode, member, text
from oracles.reasons import Refused
from oracles.signed_document.terms import Source, Terms, Where
from oracles.verdict import MOST_SKEW, Reading, Sample, Verdict, settle

_FIELDS = ("licence_number", "product", "date")
_MOST_PAGES = 50

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it tells faults of a file as warnings on stderr


def judge(terms: Terms, samples: Sequence[Sample], at: int) -> Verdict:
    """REACHED with the fields of each document, or why nothing can be said. `at` [unix s].

    There is no NOT_REACHED: a document that is not there, or gives another licence, proves nothing.
    """
    sources = {source.name: source for source in terms.source}
    return settle(samples, lambda sample: _read(terms, sources[sample.source], sample, at))


def _read(terms: Terms, source: Source, sample: Sample, at: int) -> Reading:
    if sample.date is not None and abs(sample.date - sample.fetched_at) > MOST_SKEW:
        raise Refused("clock_skew", "Date", sample.date, f"within {MOST_SKEW} s of {sample.fetched_at}")
    found = _fields(terms, source, sample, at)
    criterion = terms.criterion
    for name, expected in (("licence_number", criterion.licence_number), ("product", criterion.product)):
        if _normal(found[name]) != _normal(expected):
            raise Refused("mismatch", name, found[name], expected)
    issued = day(found["date"], "date").isoformat()
    if not criterion.not_before <= issued <= criterion.not_after:
        raise Refused("out_of_bounds", "date", issued, f"{criterion.not_before} to {criterion.not_after}")
    return Reading(sample.source, True, at, None, tuple((name, _normal(found[name])) for name in _FIELDS))


def _fields(terms: Terms, source: Source, sample: Sample, at: int) -> dict[str, str]:
    where = terms.criterion.where
    if source.format == "pdf":
        if source.pin and sample.key != source.pin:
            raise Refused("key_not_pinned", "pin", sample.key, source.pin)
        if source.x509 is None:
            raise Refused("signature_missing", "pdf")
        check_pdf(sample.body, source.x509, at)
        return _labelled(_lines(sample.body), where)
    document = decode(check_signed(source, sample, at))
    return {name: text(_inner(document, getattr(where, name).key), name) for name in _FIELDS}


def _inner(document: Exact, key: str) -> Exact:
    """The value behind a dotted name."""
    for part in key.split("."):
        document = member(document, part)
    return document


def _lines(body: bytes) -> list[str]:
    try:
        pages = PdfReader(BytesIO(body)).pages
        if len(pages) > _MOST_PAGES:
            raise Refused("malformed", "pdf", f"{len(pages)} pages", f"at most {_MOST_PAGES}")
        return [_normal(line) for page in pages for line in page.extract_text().splitlines()]
    except Refused:
        raise
    except Exception as error:  # a parser's errors over a hostile paper have no common base
        raise Refused("malformed", "pdf", type(error).__name__) from error


def _labelled(lines: Sequence[str], where: Where) -> dict[str, str]:
    """What stands behind each label. Refused: a label that is missing, or followed by different things."""
    found = {}
    for name in _FIELDS:
        label = _normal(getattr(where, name).label)
        values = {rest for line in lines if line.startswith(label) and (rest := _behind(line, label))}
        if not values:
            raise Refused("missing", name, "", f"a line that begins with {label!r}")
        if len(values) > 1:
            raise Refused("ambiguous", name, " / ".join(sorted(values)), "one value")
        found[name] = values.pop()
    return found


def _behind(line: str, label: str) -> str:
    """The text behind a label and its colon, or nothing where the label only begins a longer word."""
    rest = line[len(label) :].lstrip()
    return rest[1:].strip() if rest.startswith(":") else ""


def _normal(line: str) -> str:
    """Compatibility forms folded (full-width letters and colons), white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", line).split())
