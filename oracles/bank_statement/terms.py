"""Terms of money on a bank statement: which entries count, from when, and how much they must sum to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from oracles.terms import DOOR, Age, Chain, Day, EdKey, Line, Place, place_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Place):
    """A statement as CSV or camt.053; from an address it is pinned, or signed apart (`.sig`, Ed25519 or CMS)."""

    __pydantic_config__ = DOOR

    x509: Chain | None = None
    ed25519: EdKey | None = None
    signature: Line | None = None

    @property
    def problem(self) -> str:
        if self.x509 is not None and self.ed25519:
            return "either x509 or ed25519"
        return place_problem(self, is_authentic=self.is_signed)

    @property
    def is_signed(self) -> bool:
        return self.x509 is not None or bool(self.ed25519)

    @property
    def signature_place(self) -> str:
        return self.signature or (self.url or self.file or "") + ".sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """Entries that bear one of the `marks` in reference or counterparty, booked from `since` to `until` (both days
    included), sum to at least `at_least` [fen]; what was paid back counts against them.

    The newest entry of the statement is at most `max_age` [s] old, counted from the end of its day.
    """

    __pydantic_config__ = DOOR

    marks: Annotated[list[Line], Field(min_length=1, max_length=50)]
    since: Day
    until: Day | None = None
    at_least: Annotated[int, Field(strict=True, ge=1, lt=2**63)]
    max_age: Age = 40 * 86_400

    @property
    def problem(self) -> str:
        return "" if self.until is None or self.since <= self.until else "since ≤ until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that a verdict depends on besides the samples."""

    __pydantic_config__ = DOOR

    kind: Literal["bank_statement"]
    criterion: Criterion
    source: Annotated[list[Source], Field(min_length=1, max_length=5)]
