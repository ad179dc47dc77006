"""Terms of a figure in a JSON answer: a JSONPath, a threshold, and how the answer proves where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from oracles.terms import DOOR, Age, Exactly, JwsKey, Line, Path, Place, place_problem

_MOST: Final = Decimal(10**15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac:
    """A header with the hex HMAC-SHA256 of the body; the secret is read from its file when it is needed."""

    __pydantic_config__ = DOOR

    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,60}$")]
    secret_file: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Place):
    """An address. With `jws` (public key, PEM) the body is a compact JWS around the JSON."""

    __pydantic_config__ = DOOR

    hmac: Hmac | None = None
    jws: JwsKey | None = None

    @property
    def problem(self) -> str:
        if self.file is not None or not self.url:
            return "a JSON answer comes from a url"
        if self.hmac is not None and self.jws:
            return "either hmac or jws"
        return place_problem(self, is_authentic=self.hmac is not None or bool(self.jws))


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """The value at `path` is at least `at_least`; implausible outside `least` and `most`.

    `observed_at` is a JSONPath to when it was measured; without it the answer's Date counts. `max_age` [s].
    """

    __pydantic_config__ = DOOR

    path: Path
    at_least: Exactly
    least: Exactly = Decimal(0)
    most: Exactly = _MOST
    observed_at: Path | None = None
    max_age: Age = 86_400
    tolerance: Exactly = Decimal(0)

    @property
    def problem(self) -> str:
        return "" if self.least <= self.at_least <= self.most else "least ≤ at_least ≤ most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that a verdict depends on besides the samples."""

    __pydantic_config__ = DOOR

    kind: Literal["http_json"]
    criterion: Criterion
    source: Annotated[list[Source], Field(min_length=1, max_length=5)]
