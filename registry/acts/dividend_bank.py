"""Paying a dividend out by the bank: what book accounts got, as payment orders, each under a reference of its own.

What the bank has paid, as its statement tells, is burned under that reference, and statement and chain agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from registry.acts import bank
from registry.acts.desk import Desk
from registry.acts.dividend_pay import word_of
from registry.acts.operations import Done, Request
from registry.acts.shares import reference
from registry.chain.payout_logs import cash_paid, holders_of
from registry.chain.raise_logs import bank_movements
from registry.domain.bank_orders import Due, Receipt, Receipts, compare, order_reference
from registry.domain.ids import Hash32
from registry.domain.raise_args import BankLine
from registry.domain.reconcile import Movement
from registry.errors import InputError
from registry.interchange.payments import Order
from registry.interchange.statements import Statement

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`orders` for the bank; `held` is due as well, and must not be paid: its money is frozen or is not there."""

    orders: tuple[Order, ...]
    held: tuple[Due, ...]


def dues_of(desk: Desk, distribution: int, moved: Mapping[Hash32, Movement]) -> tuple[Due, ...]:
    """By party: what the dividend put on book accounts, whether or not it was burned since (`moved`, by reference)."""
    word_of(desk, distribution)
    paid = cash_paid(desk.node, desk.deployment, distribution)
    booked = [
        row.party
        for row in holders_of(desk.node, desk.deployment, distribution)
        if paid.get(row.party) and desk.raises.destination_of(row.account) == desk.book(row.party)
    ]
    accounts = [desk.book(party) for party in booked]
    names = [order_reference(distribution, party) for party in booked]
    return tuple(
        Due(name, party, account, paid[party], cash, moved.get(reference(name)))
        for name, party, account, cash in zip(names, booked, accounts, desk.raises.cash_of(accounts), strict=True)
    )


def orders_of(desk: Desk, distribution: int) -> Outgoing:
    """What was not burned yet, by party."""
    due = [each for each in dues_of(desk, distribution, _moved(desk)) if each.movement is None]
    names = desk.directory.names([each.party for each in due])
    orders = tuple(
        Order(
            reference=each.reference,
            account=f"P{each.party}",
            name=names.get(each.party) or f"party {each.party}",
            amount=each.amount,
            text=f"Dividend 分红 {distribution}",
        )
        for each in due
        if each.hindrance is None
    )
    return Outgoing(orders, tuple(each for each in due if each.hindrance is not None))


def read_receipts(desk: Desk, distribution: int, statement: Statement, account: str = "") -> Receipts:
    """The statement's payments of this dividend, compared with what is due. InputError where `account`, the bank
    account that pays, is named and the statement is another's."""
    bank.require_currency(statement)
    if account and statement.account != account:
        message = f"the statement is not of the bank account {account}"
        raise InputError(message, code="other_account", field="account", value=statement.account or "not stated")
    moved = _moved(desk)
    dues = dues_of(desk, distribution, moved)
    return compare(distribution, dues, statement.lines, moved, reference, desk.today())


def burn_receipts(
    desk: Desk, document: Hash32, receipts: Sequence[Receipt], report: Report = lambda _l, _d, _t: None
) -> list[Done]:
    """Burns what was matched, under the custodian's key, in pages of one day of booking each, their legal date.

    The same receipts are the same acts: a run that died goes on, and nothing is burned twice.
    """
    total, ended, done = len(receipts), 0, list[Done]()
    report("burned", 0, total)
    for page in _pages(receipts):
        lines = [BankLine(each.due.account, each.due.amount, reference(each.due.reference)) for each in page]
        request = Request(_key(document, page), document, page[0].line.day)
        done.append(bank.burn(desk, request, lines))
        ended += len(page)
        report("burned", ended, total)
    return done


def _moved(desk: Desk) -> dict[Hash32, Movement]:
    return {movement.reference: movement for movement in bank_movements(desk.node, desk.deployment)}


def _pages(receipts: Sequence[Receipt]) -> Iterator[list[Receipt]]:
    ordered = sorted(receipts, key=lambda each: (each.line.day, each.due.party))
    for _, day in groupby(ordered, key=lambda each: each.line.day):
        booked = list(day)
        for start in range(0, len(booked), bank.MOST_LINES):
            yield booked[start : start + bank.MOST_LINES]


def _key(document: Hash32, page: Sequence[Receipt]) -> str:
    text = "\n".join(f"{each.due.reference} {each.due.amount} {each.line.day}" for each in page)
    return f"receipts {document.hex()} {hashlib.sha256(text.encode()).hexdigest()}"
