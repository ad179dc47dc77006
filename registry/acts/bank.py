"""The custodian bank: deposits become money on chain, withdrawals end it, both are compared with the bank's books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from registry.acts.desk import CUSTODIAN, REGULATOR, Desk
from registry.acts.operations import Done, Request, carry_out, header_for
from registry.acts.shares import reference
from registry.chain import contracts_raise
from registry.chain.raise_logs import bank_movements
from registry.domain.bank_orders import settled_returns
from registry.domain.ids import Address, Day, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.reconcile import Line, Movement, Reconciliation, concerning
from registry.domain.reconcile import reconcile as compare
from registry.errors import InputError
from registry.interchange.statements import Statement

MOST_LINES = 200
MOST_FEN = 2**64 - 1
TOKEN_CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Compared:
    """A statement against the chain, for the days from `first` to `last`. `returned` payments of ours came back before
    anything was burned for them: their two lines cancel out and are compared with nothing."""

    first: Day
    last: Day
    result: Reconciliation
    returned: int = 0


def mint(desk: Desk, request: Request, lines: Sequence[BankLine]) -> Done:
    """Deposits at the bank become money of registered accounts, each under the bank's own reference."""
    header = header_for(desk, "mint", request)
    _check(lines)
    calldata = contracts_raise.token.mint(header, lines)
    return carry_out(desk, CUSTODIAN, desk.deployment.token, calldata, header.operation, f"mint {len(lines)} deposits")


def burn(desk: Desk, request: Request, lines: Sequence[BankLine]) -> Done:
    """Money of book accounts, or of the bank itself, goes back to bank accounts."""
    header = header_for(desk, "burn", request)
    _check(lines)
    calldata = contracts_raise.token.burn(header, lines)
    label = f"burn {len(lines)} withdrawals"
    return carry_out(desk, CUSTODIAN, desk.deployment.token, calldata, header.operation, label)


def freeze(desk: Desk, request: Request, account: Address, frozen: bool) -> Done:
    """By order: a frozen account sends no money; it still receives."""
    header = header_for(desk, "freeze_money", request)
    calldata = contracts_raise.token.set_frozen(header, account, frozen)
    label = "freeze or release money"
    return carry_out(desk, REGULATOR, desk.deployment.token, calldata, header.operation, label)


def stop(desk: Desk, request: Request, stopped: bool, *, by_regulator: bool = False) -> Done:
    """All money stands still, or moves again."""
    header = header_for(desk, "stop_money", request)
    calldata = contracts_raise.token.set_stopped(header, stopped)
    signer = REGULATOR if by_regulator else CUSTODIAN
    return carry_out(desk, signer, desk.deployment.token, calldata, header.operation, "stop or release all money")


def reconcile(
    desk: Desk, statement: Statement, first: Day | None = None, last: Day | None = None, most_days: int = 0
) -> Compared:
    """Compares a statement with mints and burns line by line; the days are those of its lines unless given."""
    require_currency(statement)
    named = with_accounts(desk, statement.lines)
    first, last = _period(statement, first, last)
    movements: list[Movement] = bank_movements(desk.node, desk.deployment)
    known = {movement.reference for movement in movements}
    pairs = settled_returns(named, lambda text: reference(text) in known)
    settled = {id(line) for pair in pairs for line in pair}
    lines = [line for line in named if id(line) not in settled]
    about = concerning(lines, movements, first, last, reference)
    return Compared(first, last, compare(lines, about, reference, most_days), len(pairs))


def with_accounts(desk: Desk, lines: Iterable[Line]) -> list[Line]:
    """The lines, each with the account that it means where it names a party: its book account."""
    return [replace(line, account=desk.book(PartyId(line.party))) if line.party else line for line in lines]


def require_currency(statement: Statement) -> None:
    if statement.currency != TOKEN_CURRENCY:
        message = f"the money on chain is {TOKEN_CURRENCY}, the statement is in {statement.currency}"
        raise InputError(message, code="currency", field="currency", value=statement.currency)


def _period(statement: Statement, first: Day | None, last: Day | None) -> tuple[Day, Day]:
    days = [line.day for line in statement.lines]
    if not days and (first is None or last is None):
        message = "a statement without lines answers for no days; state them (--from, --to)"
        raise InputError(message, code="period_missing", field="from")
    first = min(days) if first is None else first
    last = max(days) if last is None else last
    if first > last:
        raise InputError("the first day lies after the last", code="period", field="from", value=first)
    return first, last


def _check(lines: Sequence[BankLine]) -> None:
    if not 0 < len(lines) <= MOST_LINES:
        message = f"the bank moves 1 to {MOST_LINES} lines in one act"
        raise InputError(message, code="too_many_entries", field="lines", value=len(lines))
    seen: set[bytes] = set()
    for line in lines:
        if line.ref in seen:
            message = "a reference of the bank is used once"
            raise InputError(message, code="reference_twice", field="reference", value="0x" + line.ref.hex())
        seen.add(line.ref)
        if not 0 < line.amount <= MOST_FEN:
            raise InputError(
                "an amount is above zero and fits 64 bits", code="amount", field="amount", value=line.amount
            )
