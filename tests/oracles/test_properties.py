"""judge() over whatever a source may say: never an exception, never a float, and the same verdict every time."""

from __future__ import annotations

import json
import math
import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import exact
from oracles.feed import Terms, terms_bytes, terms_from
from oracles.http_json.terms import Criterion, Source
from oracles.http_json.terms import Terms as HttpTerms
from oracles.reasons import SHOWN, TEXTS, Reason, Refused
from oracles.verdict import Sample, Verdict
from oracles.wiring import judge
from registry.domain.attestation import NOT_REACHED, REACHED

AT = 1_775_800_000
PIN = "ab" * 32

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**45), 10**45) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["users", "at", "a"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def http(at_least: str = "100000", tolerance: int = 0, names: tuple[str, ...] = ("a",)) -> HttpTerms:
    criterion = Criterion(
        path="$.users", at_least=Decimal(at_least), observed_at="$.at", tolerance=Decimal(tolerance), least=Decimal(-10)
    )
    sources = [Source(name=name, url="https://a.example", pin=PIN) for name in names]
    return HttpTerms(kind="http_json", criterion=criterion, source=sources)


def sample(body: bytes, name: str = "a", date: int | None = AT) -> Sample:
    return Sample(name, body, b"", AT, date, PIN)


def check(terms: Terms, verdict: Verdict, samples: list[Sample]) -> None:
    """What holds for every verdict."""
    assert (verdict.outcome is None) == bool(verdict.reasons)
    assert verdict == judge(terms_from(json.loads(terms_bytes(terms))), samples, AT)
    assert all(reason.code in TEXTS for reason in verdict.reasons)
    for line in (verdict.line, verdict.line_zh):
        assert line
        assert line.isprintable() or verdict.outcome is not None
        line.encode()
    assert "." not in str(verdict.observed_at)
    assert exact.canonical(verdict.as_json())


@settings(max_examples=400, deadline=None)
@given(content=JSON)
def test_judge__any_json__never_fails_and_attests_only_a_number_in_bounds(content: Any) -> None:
    samples = [sample(json.dumps(content).encode())]
    terms = http()
    verdict = judge(terms, samples, AT)
    check(terms, verdict, samples)
    if verdict.outcome is not None:
        users = content["users"]
        assert isinstance(users, (int, float))
        assert not isinstance(users, bool)
        assert math.isfinite(users)
        assert -10 <= users <= 10**15
        assert verdict.outcome == (REACHED if users >= 100_000 else NOT_REACHED)


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=200) | st.text(alphabet='{}[]",:0123456789.eE+-NaInfity usrt', max_size=60).map(str.encode)
)
def test_judge__any_bytes__never_fails(body: bytes) -> None:
    samples = [sample(body)]
    check(http(), judge(http(), samples, AT), samples)


@settings(max_examples=300, deadline=None)
@given(units=st.integers(0, 10**22), places=st.integers(0, 12), threshold=st.integers(0, 10**15))
def test_judge__any_decimal__is_compared_without_rounding(units: int, places: int, threshold: int) -> None:
    text = f"{Decimal(units).scaleb(-places, exact.EXACT):f}"
    verdict = judge(http(str(threshold)), [sample(f'{{"users": {text}, "at": {AT}}}'.encode())], AT)
    if units <= 10 ** (15 + places):
        assert verdict.outcome == (REACHED if units >= threshold * 10**places else NOT_REACHED)
    else:
        assert [reason.code for reason in verdict.reasons] == ["out_of_bounds"]


@settings(max_examples=200, deadline=None)
@given(
    first=st.integers(-20, 10**6),
    second=st.integers(-20, 10**6),
    tolerance=st.integers(0, 10**6),
    age=st.integers(0, 86_000),
)
def test_judge__two_sources__attest_only_what_both_say(first: int, second: int, tolerance: int, age: int) -> None:
    terms = http(tolerance=tolerance, names=("a", "b"))
    said = [("a", first, AT), ("b", second, AT - age)]
    samples = [sample(json.dumps({"users": users, "at": at}).encode(), name) for name, users, at in said]
    verdict = judge(terms, samples, AT)
    check(terms, verdict, samples)
    assert judge(terms, samples[::-1], AT).outcome == verdict.outcome
    in_bounds = min(first, second) >= -10
    agree = (first >= 100_000) == (second >= 100_000) and abs(first - second) <= tolerance
    assert (verdict.outcome is not None) == (in_bounds and agree)
    assert verdict.is_parked == (in_bounds and not agree)
    if verdict.outcome is not None:
        assert verdict.observed_at == AT - age


@given(stated=st.integers(-(2**45), 2**45), date=st.none() | st.integers(0, 2**41))
def test_judge__any_clock__observes_never_ahead_and_never_stale(stated: int, date: int | None) -> None:
    samples = [sample(json.dumps({"users": 1, "at": stated}).encode(), date=date)]
    verdict = judge(http(), samples, AT)
    check(http(), verdict, samples)
    if verdict.outcome is not None:
        assert AT - 86_400 <= verdict.observed_at <= AT
        assert date is None or abs(date - AT) <= 60


def test_judge__no_samples_at_all__attests_nothing() -> None:
    assert [reason.code for reason in judge(http(), [], AT).reasons] == ["missing"]


def test_judge__key_of_another_server_in_the_record__is_not_believed() -> None:
    other = Sample("a", b'{"users": 200000, "at": 1775800000}', b"", AT, AT, "cd" * 32)
    assert [reason.code for reason in judge(http(), [other], AT).reasons] == ["key_not_pinned"]


@given(code=st.sampled_from(sorted(TEXTS)), value=st.text(max_size=300), field=st.sampled_from(["", "f"]))
def test_reason__any_value__is_one_line_in_two_languages(code: str, value: str, field: str) -> None:
    made = Refused(code, field, value, "a rule").reason
    for line in (made.line, made.line_zh, Reason(code, "s", field, value).line):
        assert "\n" not in line
        assert len(line) < SHOWN + 200
        line.encode()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in TEXTS[code][1])
    assert set(TEXTS[code][0]) <= set(string.printable)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0", "0"), ("-0", "0"), ("0.00", "0"), ("1.50", "1.5"), ("1e3", "1000"), ("100", "100"), ("1E-5", "0.00001")],
)
def test_plain__any_spelling__is_one(value: str, shown: str) -> None:
    assert exact.plain(Decimal(value)) == shown


@pytest.mark.parametrize("path", ["users", "$.", "$[", "", "$.a[?@.n=~'x']", "$.a | $.b", "$..[", "^"])
def test_path__that_is_none__is_a_value_error(path: str) -> None:
    with pytest.raises(ValueError, match="RFC 9535"):
        exact.check_path(path)
