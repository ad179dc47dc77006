"""What a JSON answer says of a figure and its threshold. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from oracles.authentic import open_jws
from oracles.exact import decode, moment, number, one, plain
from oracles.http_json.terms import Source, Terms
from oracles.reasons import Refused
from oracles.verdict import Reading, Sample, Verdict, observed, settle, within


def judge(terms: Terms, samples: Sequence[Sample], at: int) -> Verdict:
    """REACHED or NOT_REACHED with the figure of each source, or why nothing can be said. `at` [unix s]."""
    sources = {source.name: source for source in terms.source}
    return settle(samples, lambda sample: _read(terms, sources[sample.source], sample, at), terms.criterion.tolerance)


def _read(terms: Terms, source: Source, sample: Sample, at: int) -> Reading:
    criterion = terms.criterion
    body = _authentic(source, sample)
    document = decode(body)
    figure = number(one(document, criterion.path), criterion.path)
    within(figure, criterion.least, criterion.most, criterion.path)
    stated, field = None, "Date"
    if criterion.observed_at is not None:
        field = criterion.observed_at
        stated = moment(one(document, field), field)
    seen = observed(stated, sample, at, criterion.max_age, field)
    extracted = ((criterion.path, plain(figure)), ("at_least", plain(criterion.at_least)))
    return Reading(sample.source, figure >= criterion.at_least, seen, figure, extracted)


def _authentic(source: Source, sample: Sample) -> bytes:
    """The JSON, if it is from whom it should be."""
    if source.pin and sample.key != source.pin:
        raise Refused("key_not_pinned", "pin", sample.key, source.pin)
    if source.hmac is not None and not sample.is_keyed:
        raise Refused("signature_missing", "hmac")
    return open_jws(sample.body, source.jws) if source.jws else sample.body
