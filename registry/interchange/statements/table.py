"""A statement as a CSV table: UTF-8 or GB18030, commas, a header in English or Chinese, one line of the file a line.

The amount is signed: positive is a deposit, negative a withdrawal. A deposit under the reference of an order of ours is
the order's money that came back.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from registry.domain.bank_orders import is_order_reference
from registry.domain.reconcile import Line
from registry.interchange.statements import fields
from registry.interchange.statements.fields import CURRENCY, UTF8_BOM, Place, Statement

COLUMNS = {
    "date": "date",
    "日期": "date",
    "amount": "amount",
    "金额": "amount",
    "currency": "currency",
    "币种": "currency",
    "reference": "reference",
    "流水号": "reference",
    "account": "account",
    "账户": "account",
    "text": "text",
    "摘要": "text",
}
REQUIRED = ("date", "amount", "currency", "reference", "text")
LONGEST_LINE = 20_000
"""[signs] twenty times the longest text."""

# What str.splitlines takes for the end of a line beyond these may stand in a text.
_END_OF_LINE = re.compile(r"\r\n|\n|\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_table(data: bytes, place: Place) -> Statement:
    """Reads a table; a header without lines is a statement of a time in which nothing moved."""
    rows = _rows(_decoded(data, place), place)
    number, header = next(rows, (0, []))
    if not header:
        raise place.error("empty_file", "file", "", "has nothing in it")
    columns = _columns(header, _at(place, number))
    lines = fields.distinct(_line(cells, columns, number, _at(place, number)) for number, cells in rows)
    return Statement(None, CURRENCY, None, None, lines)


def _at(place: Place, number: int) -> Place:
    return place.at(f"line {number}")


def _decoded(data: bytes, place: Place) -> str:
    # Text in GB18030 is hardly ever valid UTF-8 by chance, and a byte order mark leaves no choice.
    has_bom = data.startswith(UTF8_BOM)
    for encoding in ("utf-8-sig",) if has_bom else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    found = "UTF-8, which its mark promises" if has_bom else "UTF-8 or GB18030"
    raise place.error("broken_encoding", "encoding", "", f"is not {found}")


def _rows(text: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    """Cells with the number of their line. Each line is read alone, so that an open quote is named where it stands."""
    for number, line in enumerate(_END_OF_LINE.split(text), start=1):
        here = _at(place, number)
        if len(line) > LONGEST_LINE:
            raise here.error("line_too_long", "line", line, f"has {len(line)} signs, more than {LONGEST_LINE}")
        if found := _CONTROL.search(line):
            raise here.error("control_character", "line", line, f"holds the control character {ord(found[0])}")
        if line.strip():
            yield number, _cells(line, here)


def _cells(line: str, place: Place) -> list[str]:
    try:
        (row,) = csv.reader([line], strict=True)
    except csv.Error as error:
        raise place.error("malformed_line", "line", line, f"cannot be read: {error}") from error
    # Exports pad their cells with spaces and tabs; a wide space is part of a text.
    return [cell.strip(" \t") for cell in row]


def _columns(header: list[str], place: Place) -> list[str]:
    known = "date 日期, amount 金额, currency 币种, reference 流水号, account 账户, text 摘要"
    columns: list[str] = []
    for title in header:
        column = COLUMNS.get(title.lower())
        if column is None:
            raise place.error("unknown_column", "header", title, f"names a column that is none of {known}")
        if column in columns:
            raise place.error("duplicate_column", "header", title, f"names the column {column} twice")
        columns.append(column)
    for column in REQUIRED:
        if column not in columns:
            raise place.error("missing_column", "header", column, f"lacks the column {column}; the columns are {known}")
    return columns


def _line(cells: list[str], columns: list[str], number: int, place: Place) -> tuple[Place, Line]:
    if len(cells) != len(columns):
        rule = f"has {len(cells)} cells, the header {len(columns)}"
        raise place.error("wrong_number_of_cells", "line", ",".join(cells), rule)
    row = dict(zip(columns, cells, strict=True))
    fen = fields.money(place, "amount", row["amount"], signed=True)
    reference, text = row["reference"], fields.free_text(row["text"])
    account, party = fields.account(place, "account", row.get("account", ""))
    is_return = fen > 0 and is_order_reference(reference)
    return place, Line(
        number=number,
        day=fields.day(place, "date", row["date"]),
        amount_fen=fen,
        currency=fields.currency(place, "currency", row["currency"]),
        reference=fields.name(place, "reference", reference),
        account=account,
        text=text,
        returns=reference if is_return else "",
        reason=text if is_return else "",
        party=party,
    )
