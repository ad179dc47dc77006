"""camt.053, the bank-to-customer statement of ISO 20022, versions 001.02 to 001.14.

All versions agree in the paths that are read here, but for the status of an entry. Only booked entries count; opening
balance, entries and closing balance must add up to the fen.

A line's reference is the bank's own (AcctSvcrRef), but that of a payment which we ordered is the order's (EndToEndId),
under which it is burned on the chain; what is almost an order's reference stands beside the bank's own. Whoever pays in
writes an EndToEndId as well: of a deposit it counts only where the bank says that the money is ours and came back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from lxml import etree

from registry.domain.bank_orders import is_almost_order, is_order_reference
from registry.domain.days import day_of, from_date
from registry.domain.ids import Day
from registry.domain.reconcile import Line
from registry.interchange.statements import fields
from registry.interchange.statements.fields import CURRENCY, Place, Statement
from registry.interchange.statements.xml import Node, parse

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(?:0[2-9]|1[0-4])\}Document")
_MOMENT = re.compile(r"[0-9-]{10}T[0-9:]{8}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_ZONED_DATE = re.compile(r"([0-9-]{10})(?:Z|[+-][0-9]{2}:[0-9]{2})")
_COUNT = re.compile(r"[0-9]{1,15}")

BOOKED = "BOOK"
# Announced, not booked: no balance holds them.
NOT_BOOKED = {"PDNG", "INFO", "FUTR"}
CLOSING = "CLBD"
OPENING = ("OPBD", "PRCD")
"""Some banks write the closing balance of the statement before instead of an opening one."""
NO_REFERENCE = {"NONREF", "NOTPROVIDED"}
"""What banks write where they give none."""
RETURNS = {"RRTN", "RPCR"}
"""Kinds of a booking that undo a payment (external code set of bank transactions)."""
_TRUE = {"true", "1"}


@dataclass(frozen=True, slots=True)
class _Part:
    """One Stmt of the message."""

    place: Place
    account: str
    opening: int
    closing: int
    lines: list[tuple[Place, Line]]


@dataclass(frozen=True, slots=True)
class _Booking:
    """What becomes a line: an entry, or one transaction of a batch."""

    place: Place
    fen: int
    reference: str
    text: str
    returns: str = ""
    reason: str = ""
    order: str = ""


def read_camt(data: bytes, place: Place) -> Statement:
    """Reads a message. Several statements in it must be one account's and follow on from each other."""
    root = parse(data, place)
    if not _ROOT.fullmatch(str(root.tag)):
        rule = "must be Document of camt.053.001.02 to .14"
        raise place.error("wrong_root", "root", root.tag, rule)
    parts = list(_parts(root, place))
    first, last = parts[0], parts[-1]
    for before, part in pairwise(parts):
        if part.account != first.account:
            raise part.place.error("other_account", "Acct", part.account, f"is not {first.account}, as before")
        if part.opening != before.closing:
            rule = f"is {_cny(part.opening)} CNY, and the statement before closed with {_cny(before.closing)}"
            raise part.place.error("balance_differs", "Bal", _cny(part.opening), rule)
    lines = fields.distinct(line for part in parts for line in part.lines)
    return Statement(first.account, CURRENCY, first.opening, last.closing, lines)


def _parts(root: etree._Element, place: Place) -> Iterator[_Part]:
    message = Node(root, place, "").one("BkToCstmrStmt")
    statements = message.all("Stmt")
    if not statements:
        raise place.error("missing_element", "BkToCstmrStmt/Stmt", "", "is missing")
    entries = 0
    for number, statement in enumerate(statements, start=1):
        where = place.at(f"statement {number}") if len(statements) > 1 else place
        yield _part(Node(statement.element, where, ""), place, entries)
        entries += len(statement.all("Ntry"))


def _part(statement: Node, file: Place, before: int) -> _Part:
    """`before` entries of the file stand in earlier statements: entries are counted through the file."""
    account = _account(statement.one("Acct"))
    opening, closing = _balance(statement, *OPENING), _balance(statement, CLOSING)
    total, lines = 0, []
    for number, element in enumerate(statement.all("Ntry"), start=before + 1):
        entry = Node(element.element, file.at(f"entry {number}"), "")
        if not _is_booked(entry):
            continue
        found = list(_entry(entry, number))
        total += sum(line.amount_fen for _, line in found)
        lines += found
    if opening + total != closing:
        rule = f"is {_cny(closing)} CNY, but {_cny(opening)} and entries of {_cny(total)} make {_cny(opening + total)}"
        raise statement.place.error("balance_differs", "Bal", _cny(closing), rule)
    return _Part(statement.place, account, opening, closing, lines)


def _account(account: Node) -> str:
    if stated := account.optional("Ccy"):
        fields.currency(stated.place, stated.path, stated.text())
    number = account.optional("Id", "IBAN") or account.one("Id", "Othr", "Id")
    return fields.name(number.place, number.path, number.text())


def _balance(statement: Node, *codes: str) -> int:
    """[fen] the balance of the first of these codes that the statement has."""
    by_code: dict[str, list[Node]] = {}
    for balance in statement.all("Bal"):
        if stated := balance.optional("Tp", "CdOrPrtry", "Cd"):
            by_code.setdefault(stated.text(), []).append(balance)
    for code in codes:
        found = by_code.get(code, [])
        if len(found) > 1:
            raise statement.place.error("repeated_element", "Bal", code, f"of type {code} stands more than once")
        if found:
            return _amount(found[0].one("Amt"), zero=True) * _sign(found[0].one("CdtDbtInd"))
    raise statement.place.error("missing_balance", "Bal", codes[0], f"of type {codes[0]} is missing")


def _cny(fen: int) -> str:
    """As the message has it, with a sign for what is owed."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _is_booked(entry: Node) -> bool:
    # A plain code up to version 06, an element in the element from 07 on.
    status = entry.one("Sts")
    code = (status.optional("Cd") or status).text()
    if code not in {BOOKED, *NOT_BOOKED}:
        known = ", ".join([BOOKED, *sorted(NOT_BOOKED)])
        raise status.place.error("unknown_status", status.path, code, f"must be one of {known}")
    return code == BOOKED


def _entry(entry: Node, number: int) -> Iterator[tuple[Place, Line]]:
    """One line, or one for each transaction of a batch."""
    sign = _sign(entry.one("CdtDbtInd"))
    fen = _amount(entry.one("Amt")) * sign
    # A reversal is booked the way its own indicator says: a deposit taken back is a debit. Nothing to turn around.
    if reversal := entry.optional("RvslInd"):
        _check_boolean(reversal)
    day = _day(entry.one("BookgDt"))
    details = list(_details(entry))
    parts = [_of_batch(entry, each, sign) for each in details] if len(details) > 1 else [_whole(entry, fen, details)]
    total = sum(part.fen for part in parts)
    if total != fen:
        rule = f"is {_cny(fen)} CNY, but its details add up to {_cny(total)}"
        raise entry.place.error("batch_differs", "Amt", _cny(fen), rule)
    for part in parts:
        reference = fields.name(part.place, "AcctSvcrRef", part.reference)
        line = Line(
            number=number,
            day=day,
            amount_fen=part.fen,
            currency=CURRENCY,
            reference=reference,
            account=fields.address_within(part.text),
            text=fields.free_text(part.text),
            returns=part.returns,
            reason=part.reason,
            order=part.order,
            is_entry=True,
        )
        yield part.place, line


def _whole(entry: Node, fen: int, details: list[Node]) -> _Booking:
    # What was booked is the entry's amount; a lone detail may tell what it was before charges or exchange.
    detail = details[0] if details else None
    reference = _own_reference(detail and detail.optional("Refs")) or _own_reference(entry)
    text = (detail and _text(detail)) or _added(entry, "AddtlNtryInf")
    booking = _Booking(entry.place, fen, reference, text)
    return _ordered(booking, entry, detail) if detail else booking


def _of_batch(entry: Node, detail: Node, sign: int) -> _Booking:
    """One transaction with a reference of its own: the entry's is that of the whole batch."""
    amount = detail.optional("Amt") or detail.one("AmtDtls", "TxAmt", "Amt")
    direction = detail.optional("CdtDbtInd")
    fen = _amount(amount) * (_sign(direction) if direction else sign)
    booking = _Booking(detail.place, fen, _own_reference(detail.optional("Refs")), _text(detail))
    return _ordered(booking, entry, detail)


def _ordered(booking: _Booking, entry: Node, detail: Node) -> _Booking:
    """As a payment that we ordered, or the return of one, if it is either."""
    named = detail.optional("Refs", "EndToEndId")
    order = named.text() if named else ""
    is_back = _is_back(entry) or _is_back(detail)
    # A debit that undoes another takes back what somebody paid in; a deposit that does not is anybody's: whatever they
    # are called, they are no order's.
    if (booking.fen < 0) == is_back:
        return booking
    if not is_order_reference(order):
        return _almost_ordered(booking, order) if is_almost_order(order) else booking
    return replace(booking, returns=order, reason=_reason(detail)) if is_back else replace(booking, reference=order)


def _almost_ordered(booking: _Booking, order: str) -> _Booking:
    """It keeps the bank's own reference, where it has one, and says what it may be about: a person has to look."""
    return replace(booking, reference=booking.reference or order, order=fields.free_text(order))


def _is_back(node: Node) -> bool:
    """Does the bank say of an entry, or a detail of one, that it undoes another? By its flag, a reason, or its code."""
    flag = node.optional("RvslInd")
    code = node.optional("BkTxCd", "Domn", "Fmly", "SubFmlyCd")
    is_reversed = bool(flag and flag.text() in _TRUE)
    return is_reversed or node.optional("RtrInf") is not None or bool(code and code.text() in RETURNS)


def _reason(detail: Node) -> str:
    """Why the bank returned it, by its code and its words."""
    why = detail.optional("RtrInf")
    if why is None:
        return ""
    code = why.optional("Rsn", "Cd") or why.optional("Rsn", "Prtry")
    words = [code.text() if code else "", *(word.text() for word in why.all("AddtlInf"))]
    return fields.free_text(" ".join(words))


def _details(entry: Node) -> Iterator[Node]:
    count = 0
    for group in entry.all("NtryDtls"):
        transactions = group.all("TxDtls")
        stated = group.optional("Btch", "NbOfTxs")
        if stated and transactions and not _is_count(stated.text(), len(transactions)):
            rule = f"is not {len(transactions)}, the number of TxDtls"
            raise stated.place.error("batch_differs", stated.path, stated.text(), rule)
        for transaction in transactions:
            count += 1
            yield transaction.moved(f"detail {count}")


def _own_reference(node: Node | None) -> str:
    """The bank's own reference in a node; empty where it gives none."""
    stated = node and node.optional("AcctSvcrRef")
    text = stated.text() if stated else ""
    return "" if text.upper() in NO_REFERENCE else text


def _text(detail: Node) -> str:
    """What the payer wrote, else what the bank adds."""
    remittance = detail.optional("RmtInf")
    words = remittance.all("Ustrd") if remittance else []
    return " ".join(word.text() for word in words) or _added(detail, "AddtlTxInf")


def _added(node: Node, name: str) -> str:
    added = node.optional(name)
    return added.text() if added else ""


def _amount(amount: Node, *, zero: bool = False) -> int:
    fields.currency(amount.place, f"{amount.path}/@Ccy", str(amount.element.get("Ccy", "")))
    return fields.money(amount.place, amount.path, amount.text(), signed=False, zero=zero)


def _sign(indicator: Node) -> int:
    signs = {"CRDT": 1, "DBIT": -1}
    text = indicator.text()
    if text not in signs:
        raise indicator.place.error("unknown_value", indicator.path, text, "must be CRDT or DBIT")
    return signs[text]


def _check_boolean(node: Node) -> None:
    if node.text() not in {*_TRUE, "false", "0"}:
        raise node.place.error("unknown_value", node.path, node.text(), "must be true or false")


def _is_count(text: str, count: int) -> bool:
    return bool(_COUNT.fullmatch(text)) and int(text) == count


def _day(booked: Node) -> Day:
    """The civil day of booking; a moment with an offset falls on a day of the registry's time zone."""
    if moment := booked.optional("DtTm"):
        return _day_of_moment(moment)
    plain = booked.one("Dt")
    zoned = _ZONED_DATE.fullmatch(plain.text())
    return fields.day(plain.place, plain.path, zoned[1] if zoned else plain.text())


def _day_of_moment(moment: Node) -> Day:
    text = moment.text()
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        read = datetime.fromisoformat(text)
    except ValueError:
        rule = "must be a time, written YYYY-MM-DDThh:mm:ss"
        raise moment.place.error("malformed_date", moment.path, text, rule) from None
    if read.tzinfo is None:
        return from_date(read.date())
    return day_of(math.floor(read.timestamp()))
