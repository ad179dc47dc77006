"""JSON as a package may contain it: UTF-8, no doubled keys, no NaN, no number and no nesting without bound."""

import json
import math
import re
from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = Mapping[str, Json]

DEEPEST = 64
LONGEST_NUMBER = 40

# A string, or what begins as one and never ends: possessive, so that no text makes the search go back.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class MalformedJson(ValueError):
    """Why a text is not the JSON that we read."""


def decode(content: bytes) -> Json:
    """The value in a file; MalformedJson says what is wrong and never repeats more than a token of it."""
    try:
        text = content.decode("utf-8-sig")
        _check_depth(text)
        value: Json = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_whole,
            parse_float=_fraction,
            object_pairs_hook=_single_keys,
        )
    except UnicodeDecodeError as error:
        raise MalformedJson(f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise MalformedJson(f"{error.msg} at line {error.lineno} column {error.colno}") from error
    return value


def canonical(value: Json) -> bytes:
    """One spelling for each value: sorted keys, no spaces, everything beyond ASCII escaped."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def _check_depth(text: str) -> None:
    """Counts brackets before the parser sees them: it recurses on the machine's stack, and may take it down."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise MalformedJson(f"nested deeper than {DEEPEST}")


def _refuse_constant(name: str) -> Json:
    raise MalformedJson(f"{name} is not a number")


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise MalformedJson(f"a number of {len(digits)} digits")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits) if len(digits) <= LONGEST_NUMBER else math.inf
    if not math.isfinite(value):
        raise MalformedJson(f"a number out of range ({digits[:LONGEST_NUMBER]})")
    return value


def _single_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise MalformedJson(f"the key {twice[:LONGEST_NUMBER]!r} stands twice in one object")
    return found
