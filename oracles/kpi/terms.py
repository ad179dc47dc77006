"""Terms of monthly figures: which are disclosed, from which month, due when, and what they must come to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from oracles.terms import DOOR, Age, Chain, EdKey, Exactly, JwsKey, Line, Place, place_problem

_MOST: Final = Decimal(10**15)
Month = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Place):
    """A signed report: a compact JWS, or JSON with a signature apart (`.sig`, Ed25519 or CMS)."""

    __pydantic_config__ = DOOR

    jws: JwsKey | None = None
    x509: Chain | None = None
    ed25519: EdKey | None = None
    signature: Line | None = None

    @property
    def problem(self) -> str:
        if (self.x509 is not None) + bool(self.ed25519) + bool(self.jws) != 1:
            return "one of jws, x509 and ed25519"
        return place_problem(self, is_authentic=True)

    @property
    def signature_place(self) -> str:
        return self.signature or (self.url or self.file or "") + ".sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """The figures of a month that are disclosed, from month `first` on, and the day of the following month by whose
    end they are due. Implausible outside `least` and `most`."""

    __pydantic_config__ = DOOR

    figures: Annotated[list[Name], Field(min_length=1, max_length=30)]
    first: Month
    due_day: Annotated[int, Field(strict=True, ge=1, le=28)] = 15
    least: Exactly = -_MOST
    most: Exactly = _MOST

    @property
    def problem(self) -> str:
        return "" if self.least <= self.most else "least ≤ most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`figure` over the newest `months` months that were reported is at least `at_least`: their `sum`, or `each`.

    `max_age` [s]: how old the report may be.
    """

    __pydantic_config__ = DOOR

    figure: Name
    months: Annotated[int, Field(strict=True, ge=1, le=36)] = 1
    fold: Literal["sum", "each"] = "each"
    at_least: Exactly
    max_age: Age = 45 * 86_400
    tolerance: Exactly = Decimal(0)

    @property
    def problem(self) -> str:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that a verdict depends on besides the samples. `company` is who must be named in the report."""

    __pydantic_config__ = DOOR

    kind: Literal["kpi"]
    company: Line
    disclosed: Disclosed
    criterion: Criterion | None = None
    source: Annotated[list[Source], Field(min_length=1, max_length=5)]
