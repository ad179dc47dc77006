"""Paying a dividend out by the bank: what book accounts got, as payment orders, each under a reference of its own.

What the bank has paid, as its statement tells, is burned under that reference, and statement and chain agree.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from registry.acts import bank
from registry.acts.desk import Desk
from registry.acts.dividend_pay import require_fixed, word_of
from registry.acts.operations import Done, Request
from registry.acts.shares import reference
from registry.chain.payout_logs import Paid, cash_paid
from registry.chain.raise_logs import bank_movements
from registry.chain.reads_payout import DistributionWord
from registry.domain.bank_orders import Due, Receipt, Receipts, compare, order_reference
from registry.domain.days import day_of
from registry.domain.ids import Hash32, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.reconcile import Movement
from registry.errors import InputError, RejectedError
from registry.interchange.payments import Order, payable_name
from registry.interchange.statements import Statement
from registry.mirror.queries import AsOf

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`orders` for the bank; `held` is due as well, and must not be paid: its money is frozen, is not there, or is
    ordered for an earlier dividend. `burned`: how many payments the bank made before. `is_unpaid`: some holders' parts
    were not paid on the chain yet, and may lie on book accounts later."""

    orders: tuple[Order, ...]
    held: tuple[Due, ...]
    burned: int
    is_unpaid: bool


def orders_of(desk: Desk, distribution: int) -> Outgoing:
    """What was not burned yet, by party. RejectedError while there are no holders, or no more."""
    told = _told(desk, distribution)
    require_fixed(distribution, told.word)
    known = _dues(desk, told, distribution)
    waiting = [due for due in known if due.movement is None]
    earlier = _waiting_longer(desk, told, distribution, {each.party for each in waiting})
    dues = [_within(each, earlier[each.party]) for each in waiting]
    names = desk.directory.names([each.party for each in dues])
    orders = tuple(
        Order(
            reference=each.reference,
            account=f"P{each.party}",
            name=payable_name(names.get(each.party, "")) or f"party {each.party}",
            amount=each.amount,
            text=f"Dividend 分红 {distribution}",
        )
        for each in dues
        if each.hindrance is None
    )
    held = tuple(each for each in dues if each.hindrance is not None)
    return Outgoing(orders, held, len(known) - len(waiting), told.word.handled < told.word.entitled)


def read_receipts(desk: Desk, distribution: int, statement: Statement, account: str = "") -> Receipts:
    """The statement's payments of this dividend, compared with what is due. InputError where `account`, the bank
    account that pays, is named and the statement is another's."""
    bank.require_currency(statement)
    if account and statement.account != account:
        message = f"the statement is not of the bank account {account}"
        raise InputError(message, code="other_account", field="account", value=statement.account or "not stated")
    told = _told(desk, distribution)
    lines = bank.with_accounts(desk, statement.lines)
    return compare(distribution, _dues(desk, told, distribution), lines, told.moved, reference, desk.today())


@dataclass(frozen=True, slots=True)
class Burned:
    """What was burned by the acts of these pages, now or in a run that died; what another act burned is not in it."""

    receipts: tuple[Receipt, ...]
    acts: tuple[Done, ...]


def burn_receipts(
    desk: Desk, document: Hash32, receipts: Sequence[Receipt], report: Report = lambda _l, _d, _t: None
) -> Burned:
    """Burns what was matched, under the custodian's key, in pages of one day of booking each, their legal date. What
    somebody burned meanwhile, by another statement, is left out.

    The same receipts are the same acts: a run that died goes on, and nothing is burned twice.
    """
    total, ended, burned, acts = len(receipts), 0, list[Receipt](), list[Done]()
    report("burned", 0, total)
    for page in _pages(receipts):
        left: Sequence[Receipt] = page
        while left:
            try:
                acts.append(_burn(desk, document, left))
            except RejectedError as refused:
                if refused.code != "ReferenceUsed":
                    raise
                before, left = left, _unburned(desk, left)
                if len(left) == len(before):
                    raise
            else:
                burned += left
                break
        ended += len(page)
        report("burned", ended, total)
    return Burned(tuple(burned), tuple(acts))


def _burn(desk: Desk, document: Hash32, page: Sequence[Receipt]) -> Done:
    lines = [BankLine(each.due.account, each.due.amount, reference(each.due.reference)) for each in page]
    return bank.burn(desk, Request(_key(document, page), document, page[0].line.day), lines)


def _unburned(desk: Desk, page: Sequence[Receipt]) -> list[Receipt]:
    used = desk.raises.are_used([reference(each.due.reference) for each in page])
    return [each for each, is_used in zip(page, used, strict=True) if not is_used]


def settle_receipts(
    desk: Desk,
    distribution: int,
    statement: Statement,
    document: Hash32,
    account: str = "",
    report: Report = lambda _l, _d, _t: None,
) -> tuple[Receipts, tuple[Done, ...]]:
    """Reads the receipts and burns what was matched; nothing if one of them is wrong. Where somebody else used some of
    their references in between, all is read again: what was burned so stands among those burned before, or is wrong.
    The acts are of what is matched."""
    found = read_receipts(desk, distribution, statement, account)
    if found.wrong or not found.matched:
        return found, ()
    ours = burn_receipts(desk, document, found.matched, report)
    if len(ours.receipts) < len(found.matched):
        found = read_receipts(desk, distribution, statement, account)
    names = {each.due.reference for each in ours.receipts}
    before = tuple(each for each in found.before if each.due.reference not in names)
    return replace(found, matched=ours.receipts, before=before), ours.acts


@dataclass(frozen=True, slots=True)
class _Told:
    """What the chain says as of one block, so that what somebody burns meanwhile is not half seen: the dividend's word,
    what the bank moved, by reference, and what was paid by this dividend and those before it."""

    block: Hash32
    word: DistributionWord
    moved: Mapping[Hash32, Movement]
    paid: Mapping[int, Mapping[PartyId, Paid]]


def _told(desk: Desk, distribution: int) -> _Told:
    """The mirror, which knows which wallets were closed, is brought at least as far. InputError for a dividend that was
    never declared."""
    head = desk.node.head()
    word = word_of(desk, distribution, head.hash)
    moved = bank_movements(desk.node, desk.deployment, head.number)
    paid = cash_paid(desk.node, desk.deployment, distribution, head.number)
    desk.node.require(head)
    desk.catch_up()
    return _Told(head.hash, word, {movement.reference: movement for movement in moved}, paid)


def _dues(desk: Desk, told: _Told, distribution: int, among: Container[PartyId] | None = None) -> tuple[Due, ...]:
    """By party: what a dividend put on book accounts, whether or not it was burned since. `among`: of these only."""
    paid = sorted((party, each) for party, each in told.paid.get(distribution, {}).items() if each.fen)
    wanted = [(party, each) for party, each in paid if among is None or party in among]
    booked = [(party, each) for party, each in wanted if _is_booked(desk, party, each)]
    accounts = [desk.book(party) for party, _ in booked]
    names = [order_reference(distribution, party) for party, _ in booked]
    return tuple(
        Due(
            reference=name,
            party=party,
            account=account,
            amount=each.fen,
            since=day_of(each.at.time, desk.deployment.utc_offset),
            cash=cash,
            movement=told.moved.get(reference(name)),
        )
        for name, (party, each), account, cash in zip(
            names, booked, accounts, desk.raises.cash_of(accounts, told.block), strict=True
        )
    )


def _is_booked(desk: Desk, party: PartyId, paid: Paid) -> bool:
    """Did it go to the book account? A wallet that was closed stood for it, whatever became of the wallet since."""
    if paid.account == desk.book(party):
        return True
    wallet = desk.queries.wallet(paid.account, AsOf(paid.at.block))
    return wallet is not None and wallet.is_closed


def _waiting_longer(
    desk: Desk, told: _Told, distribution: int, parties: Container[PartyId]
) -> defaultdict[PartyId, list[int]]:
    """[fen] Of these parties what earlier dividends paid to their book accounts and nobody burned, the oldest first."""
    found = defaultdict[PartyId, list[int]](list)
    for number in range(1, distribution):
        for due in _dues(desk, told, number, parties):
            if due.movement is None:
                found[due.party].append(due.amount)
    return found


def _within(due: Due, earlier: Sequence[int]) -> Due:
    """With the money that orders of earlier dividends leave on the account, as far as it covers them."""
    left = due.cash.balance
    for amount in earlier:
        left -= amount if amount <= left else 0
    return replace(due, cash=replace(due.cash, balance=left))


def _pages(receipts: Sequence[Receipt]) -> Iterator[list[Receipt]]:
    ordered = sorted(receipts, key=lambda each: (each.line.day, each.due.party))
    for _, day in groupby(ordered, key=lambda each: each.line.day):
        booked = list(day)
        for start in range(0, len(booked), bank.MOST_LINES):
            yield booked[start : start + bank.MOST_LINES]


def _key(document: Hash32, page: Sequence[Receipt]) -> str:
    text = "\n".join(f"{each.due.reference} {each.due.amount} {each.line.day}" for each in page)
    return f"receipts {document.hex()} {hashlib.sha256(text.encode()).hexdigest()}"
