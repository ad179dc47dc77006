"""What a document is made of, for the typesetter: a few kinds of block, all of them finished text.

The typesetter decides how a block looks and where a page ends; what it says, and in which order, is decided here and in
the rooms' views.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The first line: the question, and its answer as one figure."""

    lead: str
    figure: str
    unit: str
    notes: tuple[str, ...]
    kind: str = "answer"


@dataclass(frozen=True, slots=True)
class Heading:
    """`note` stands at the right, small: the unit of what follows."""

    text: str
    note: str = ""
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Facts:
    """Words and their values, two columns; a hash is small and may break anywhere."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Column:
    """`width` 0: as wide as its content; else its share of what is left."""

    title: str
    width: int = 0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """The pieces of `under` stand below, across the table, small. `colour` draws a square before the first cell."""

    cells: tuple[str, ...]
    under: tuple[str, ...] = ()
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A head that comes again on each page, rows, and sums under an ink line. What stands under a row begins at the
    column `under_from`; `width` is per cent of the page's."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sums: tuple[Row, ...] = ()
    under_from: int = 0
    width: int = 100
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of arithmetic: what it is, how it comes about, what it is."""

    label: str
    sum: str
    result: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One payment. `tone` good or care colours the chip, which says the same in words."""

    title: str
    chip: str
    tone: Literal["good", "care", "soft"]
    lines: tuple[str, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    kind: str = "card"


@dataclass(frozen=True, slots=True)
class Bar:
    """Segments of one whole: colour and amount [fen]."""

    segments: tuple[tuple[str, int], ...]
    kind: str = "bar"


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph; `small` for how to check."""

    text: str
    is_small: bool = False
    kind: str = "note"


Block = Answer | Heading | Facts | Table | Card | Bar | Note


@dataclass(frozen=True, slots=True)
class Page:
    """A document. `mark` is whose it is, `running` the head of further pages, `foot` the small lines of each page."""

    title: str
    mark: str
    subject: str
    lines: tuple[str, ...]
    running: str
    as_of: str
    foot: tuple[str, ...]
    blocks: tuple[Block, ...]
    is_wide: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


SERIES = {
    "paid": "#24495e",
    "withheld": "#4f7f8f",
    "unclaimed": "#d8b36a",
    "parked": "#b7693f",
    "carried": "#8c8f94",
}
"""Colours of what became of the money, the same in bar and table."""
