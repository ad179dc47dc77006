"""JSON whose numbers stay exact, strictly read; what cannot be read without doubt is refused with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal, Inexact
from functools import cache
from typing import Any, Final, TypeAlias

from jsonpath import JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

from oracles.reasons import Refused

Exact: TypeAlias = bool | int | str | Decimal | list["Exact"] | dict[str, "Exact"] | None

LONGEST: Final = 40
"""Most digits of a number, before and behind the point together, and most of its power of ten."""
DEEPEST: Final = 64
"""Most brackets open at once."""
EXACT: Final = Context(prec=400, traps=[Inexact])
"""Sums and differences of such numbers never round."""
EARLIEST: Final = 1
LATEST: Final = 2**40 - 1

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,18})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ENVIRONMENT: Final = JSONPathEnvironment(strict=True)


def decode(content: bytes) -> Exact:
    """The value; whole numbers as int, others as Decimal. Refused: not UTF-8, no JSON, a key twice, NaN, too deep."""
    try:
        text = content.decode("utf-8")
        _check_depth(text)
        value: Exact = json.loads(
            text,
            parse_constant=_constant,
            parse_int=lambda digits: int(_bounded(digits)),
            parse_float=_fraction,
            object_pairs_hook=_single_keys,
        )
    except UnicodeDecodeError as error:
        raise Refused("malformed", "body", f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise Refused("malformed", "body", f"{error.msg} at line {error.lineno} column {error.colno}") from error
    return value


def canonical(value: object) -> bytes:
    """One spelling for each value: keys sorted, no spaces, everything beyond ASCII escaped; no fractions in it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def check_path(path: str) -> str:
    """A JSONPath (RFC 9535) as it stands; ValueError says why it is none."""
    _compiled(path)
    return path


def one(document: Exact, path: str) -> Exact:
    """The single value a JSONPath selects; refused as missing or ambiguous."""
    if not isinstance(document, (dict, list)):
        raise Refused("wrong_type", "body", kind_of(document), "an object or a list")
    found = _compiled(path).findall(document)
    if not found:
        raise Refused("missing", path)
    if len(found) > 1:
        raise Refused("ambiguous", path, f"{len(found)} values", "exactly one")
    return found[0]  # type: ignore[no-any-return]


def number(value: Exact, field: str) -> Decimal:
    """A JSON number, exact. A text that looks like one is of the wrong type."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Refused("wrong_type", field, kind_of(value), "a number")
    return Decimal(value)


def text(value: Exact, field: str) -> str:
    if not isinstance(value, str):
        raise Refused("wrong_type", field, kind_of(value), "a text")
    return value


def whole(value: Exact, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("wrong_type", field, kind_of(value), "a whole number")
    return value


def member(document: Exact, key: str, field: str = "") -> Exact:
    """A field of an object; refused as missing, or when there is no object."""
    if not isinstance(document, dict):
        raise Refused("wrong_type", field or "body", kind_of(document), "an object")
    if key not in document:
        raise Refused("missing", f"{field}.{key}" if field else key)
    return document[key]


def moment(value: Exact, field: str) -> int:
    """A time as unix seconds, or as ISO 8601 with its offset [unix s, rounded down]."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise Refused("wrong_type", field, value, "a time with its offset, or unix seconds") from error
        if found.utcoffset() is None:
            raise Refused("wrong_type", field, value, "a time with its offset from UTC")
        seconds = _unix(found)
    else:
        seconds = whole(value, field)
    if not EARLIEST <= seconds <= LATEST:
        raise Refused("out_of_bounds", field, value, "a moment in unix seconds of at most 40 bits")
    return seconds


def day(value: str, field: str) -> date:
    """A civil day YYYY-MM-DD."""
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Refused("wrong_type", field, value, "a day YYYY-MM-DD")


def parse_decimal(text: str) -> Decimal:
    """An exact decimal in its plain form; ValueError otherwise."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError('a plain decimal such as "100000" or "0.5"')
    return Decimal(text)


def plain(value: Decimal) -> str:
    """One spelling for each value: no exponent, no zeros at the end of a fraction."""
    shown = f"{value:f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown in ("-0", "") else shown


def kind_of(value: Exact) -> str:
    """What a value is, in JSON's words, with the value where it is short enough to help."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, str):
        return f"the text {value!r}"
    if isinstance(value, Sequence):
        return "a list"
    return f"the number {plain(Decimal(value))}"


@cache
def _compiled(path: str) -> Any:
    try:
        return _ENVIRONMENT.compile(path)
    except JSONPathError as error:
        # Its own text fails at the end of a query.
        raise ValueError(f"a JSONPath of RFC 9535 ({error.args[0] if error.args else 'syntax'})") from error


def _check_depth(text: str) -> None:
    """Before the parser recurses."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise Refused("malformed", "body", f"nested deeper than {DEEPEST}")


def _constant(name: str) -> Exact:
    raise Refused("not_a_number", "body", name)


def _bounded(digits: str) -> str:
    if len(digits) > LONGEST:
        raise Refused("huge", "body", f"{len(digits)} digits", f"at most {LONGEST}")
    return digits


def _fraction(digits: str) -> Decimal:
    value = Decimal(_bounded(digits))
    if abs(value.adjusted()) > LONGEST or abs(int(value.as_tuple().exponent)) > LONGEST:
        raise Refused("huge", "body", digits, f"at most {LONGEST} digits")
    return value


def _single_keys(pairs: list[tuple[str, Exact]]) -> dict[str, Exact]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Refused("duplicate_key", twice[:LONGEST])
    return found


def _unix(found: datetime) -> int:
    try:
        return int(found.timestamp() // 1)
    except (OverflowError, ValueError):
        return 0
