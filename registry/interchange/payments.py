"""Payment orders for a bank: a CSV table, or the customer credit transfer of ISO 20022 (pain.001.001.09).

Each order has a reference of its own, under which its receipt is found again in the bank's statement. Money in fen.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from registry.errors import InputError

CURRENCY = "CNY"
COLUMNS = ("reference", "account", "name", "amount", "currency", "text")
_SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_LONGEST = {"reference": 35, "account": 34, "name": 140, "text": 140}
MOST_FEN = 10**18 - 1
"""What the message has room for: characters of a text, and digits of a sum."""
_FORMULA = tuple("=+-@＝＋－＠")


@dataclass(frozen=True, slots=True)
class Order:
    """One payment. `account`: by which the bank knows the receiver."""

    reference: str
    account: str
    name: str
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose money is paid out, and when it shall be."""

    name: str
    account: str
    day: date


def payable_name(name: str) -> str:
    """As a bank takes it: one line without anything invisible, cut where it is too long; empty if nothing is left."""
    signs = (" " if unicodedata.category(sign)[0] == "Z" or sign in "\t\r\n" else sign for sign in name)
    line = " ".join("".join(sign for sign in signs if sign.isprintable()).split())
    return line[: _LONGEST["name"]].rstrip()


def as_csv(orders: Sequence[Order]) -> bytes:
    """UTF-8, commas, one order a line below a header. A name that a spreadsheet would run as a formula gets an
    apostrophe before it."""
    _require(orders)
    told = io.StringIO()
    table = csv.writer(told, lineterminator="\n")
    table.writerow(COLUMNS)
    for order in orders:
        name = f"'{order.name}" if order.name.startswith(_FORMULA) else order.name
        table.writerow([order.reference, order.account, name, _cny(order.amount), CURRENCY, order.text])
    return told.getvalue().encode()


def as_pain001(orders: Sequence[Order], payer: Payer, message: str, created: datetime) -> bytes:
    """The whole message, the same bytes for the same arguments."""
    _require(orders)
    _check("payer", "name", payer.name)
    _check("payer", "account", payer.account)
    _check("message", "reference", message)
    root = etree.fromstring(f'<Document xmlns="{_SPACE}"/>')
    body = etree.SubElement(root, f"{{{_SPACE}}}CstmrCdtTrfInitn")
    sums = {"NbOfTxs": str(len(orders)), "CtrlSum": _cny(sum(order.amount for order in orders))}
    header = _add(body, "GrpHdr", MsgId=message, CreDtTm=created.isoformat(timespec="seconds"), **sums)
    _add(_add(header, "InitgPty"), Nm=payer.name)
    block = _add(body, "PmtInf", PmtInfId=message, PmtMtd="TRF", **sums)
    _add(_add(block, "ReqdExctnDt"), Dt=payer.day.isoformat())
    _add(_add(block, "Dbtr"), Nm=payer.name)
    _account(block, "DbtrAcct", payer.account)
    _add(_add(_add(_add(block, "DbtrAgt"), "FinInstnId"), "Othr"), Id="NOTPROVIDED")
    for order in orders:
        _order(block, order)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _order(block: etree._Element, order: Order) -> None:
    line = _add(block, "CdtTrfTxInf")
    _add(line, "PmtId", InstrId=order.reference, EndToEndId=order.reference)
    amount = _add(_add(line, "Amt"), "InstdAmt")
    amount.set("Ccy", CURRENCY)
    amount.text = _cny(order.amount)
    _add(_add(line, "Cdtr"), Nm=order.name)
    _account(line, "CdtrAcct", order.account)
    _add(_add(line, "Purp"), Cd="DIVD")
    _add(_add(line, "RmtInf"), Ustrd=order.text)


def _account(parent: etree._Element, name: str, account: str) -> None:
    _add(_add(_add(_add(parent, name), "Id"), "Othr"), Id=account)


def _add(parent: etree._Element, name: str = "", **texts: str) -> etree._Element:
    """An element below `parent`, or `parent` itself without a name, with elements of text in this order."""
    element = etree.SubElement(parent, f"{{{_SPACE}}}{name}") if name else parent
    for tag, text in texts.items():
        etree.SubElement(element, f"{{{_SPACE}}}{tag}").text = text
    return element


def _require(orders: Sequence[Order]) -> None:
    if not orders:
        raise InputError("a payment file has one order at least", code="no_payments", field="orders", value=0)
    seen: set[str] = set()
    for order in orders:
        for field in _LONGEST:
            _check(order.reference, field, getattr(order, field))
        if order.reference in seen or order.amount <= 0:
            message = "an order has a reference of its own and an amount above zero"
            raise InputError(message, code="order", object=order.reference, field="amount", value=order.amount)
        seen.add(order.reference)
    if (total := sum(order.amount for order in orders)) > MOST_FEN:
        message = f"the orders of one file come to {MOST_FEN} fen at most"
        raise InputError(message, code="order", field="amount", value=total)


def _check(place: str, field: str, text: str) -> None:
    if not 0 < len(text) <= _LONGEST[field] or not text.isprintable():
        message = f"{field} has 1 to {_LONGEST[field]} printable characters"
        raise InputError(message, code="order", object=place, field=field, value=text[:80])


def _cny(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
