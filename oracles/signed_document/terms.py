"""Terms of a signed document: which fields must say what, and whose signature counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from oracles.terms import DOOR, Chain, Day, EdKey, Line, Place, place_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Place):
    """A PDF that carries its signature, or JSON with a detached one, at `signature` or beside the document as `.sig`.

    A detached signature is 64 bytes under an Ed25519 key (PEM), or a CMS under a chain of certificates; a PDF's is
    always under a chain.
    """

    __pydantic_config__ = DOOR

    format: Literal["pdf", "json"]
    x509: Chain | None = None
    ed25519: EdKey | None = None
    signature: Line | None = None

    @property
    def problem(self) -> str:
        if self.format == "pdf" and (self.x509 is None or self.ed25519 or self.signature is not None):
            return "a PDF is signed under x509, and carries its signature"
        if (self.x509 is None) == (not self.ed25519):
            return "either x509 or ed25519"
        return place_problem(self, is_authentic=True)

    @property
    def signature_place(self) -> str:
        return self.signature or (self.url or self.file or "") + ".sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where one field stands: `label` begins its line in a PDF; `key` is its name in JSON, dots leading inwards."""

    __pydantic_config__ = DOOR

    label: Line | None = None
    key: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where the three fields stand."""

    __pydantic_config__ = DOOR

    licence_number: Spot = Spot(label="Licence number", key="licence_number")
    product: Spot = Spot(label="Product", key="product")
    date: Spot = Spot(label="Date of issue", key="date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """The document gives `product` the licence `licence_number`, issued from `not_before` to `not_after`."""

    __pydantic_config__ = DOOR

    licence_number: Line
    product: Line
    not_before: Day
    not_after: Day
    where: Where = Where()

    @property
    def problem(self) -> str:
        return "" if self.not_before <= self.not_after else "not_before ≤ not_after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that a verdict depends on besides the samples."""

    __pydantic_config__ = DOOR

    kind: Literal["signed_document"]
    criterion: Criterion
    source: Annotated[list[Source], Field(min_length=1, max_length=5)]
