"""`equity dividend payment-file` and `receipts`: what the bank pays out for parties without a wallet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from registry.acts import dividend_bank as acts
from registry.acts.dividend_bank import Outgoing
from registry.acts.operations import Done
from registry.cli import options, parse
from registry.cli.bank import content_of
from registry.cli.dividend_receipts import due_line, due_object, receipts_object, show_receipts
from registry.cli.money import counted, yuan
from registry.cli.output import Output
from registry.cli.session import desk
from registry.cli.show import hexed
from registry.domain.bank_orders import Due
from registry.domain.ids import Hash32
from registry.errors import InputError, Unavailable
from registry.interchange.payments import Order, Payer, as_csv, as_pain001
from registry.interchange.statements import read_statement


def payment_file(
    dividend: Annotated[str, typer.Argument(metavar="DIVIDEND", help="The dividend's number.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the orders are written.")],
    format_: Annotated[
        Literal["csv", "pain001"], typer.Option("--format", help="A table, or ISO 20022 pain.001.001.09.")
    ] = "csv",
    payer: Annotated[str, typer.Option("--payer", metavar="NAME", help="Holder of the bank account that pays.")] = "",
    account: Annotated[str, typer.Option("--account", metavar="TEXT", help="The bank account that pays.")] = "",
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Day of payment; today unless given.")] = None,
    json: options.Json = False,
) -> None:
    """Write payment orders for what lies on book accounts, each under a reference of its own.

    When the bank has paid them, `equity dividend receipts` reads its statement and ends the money on the chain; what
    was paid is left out of the next file. Money that is frozen, or is not on the account any more, is not ordered.
    Where nothing is to be paid no file is written. A file that is there is never replaced: its orders may be sent.

    equity dividend payment-file 1 orders.csv
    """
    out = Output(json)
    number = parse.number(dividend, "dividend")
    if format_ == "pain001" and not (payer and account):
        message = "a message to a bank names who pays from which account (--payer, --account)"
        raise InputError(message, code="payer_missing", field="payer", value=payer)
    if file.is_file():
        message = "there is a file of this name, whose orders may have been sent: name another, or move it away"
        raise InputError(message, code="file_exists", field="file", value=str(file))
    with desk(out) as d:
        outgoing = acts.orders_of(d, number)
        now = datetime.fromtimestamp(int(d.clock()), UTC)
        today = d.today()
    orders, held = outgoing.orders, outgoing.held
    day = parse.day(on if on is not None else parse.shown_day(today), "on")
    if orders and format_ == "csv":
        _write(file, as_csv(orders))
    elif orders:
        _write(file, as_pain001(orders, Payer(payer, account, day), f"DV{number}-{now:%Y%m%d%H%M%S}", now))
    data = {
        "dividend": number,
        "file": str(file) if orders else None,
        "amount": _sum(orders),
        "orders": [_object(order) for order in orders],
        "held": [due_object(due) for due in held],
        "burned": outgoing.burned,
        "unpaid": outgoing.is_unpaid,
    }
    out.result(data, lambda o: _show(o, _told(number, outgoing, file), held))


def receipts(
    dividend: Annotated[str, typer.Argument(metavar="DIVIDEND", help="The dividend's number.")],
    statement: Annotated[Path, typer.Argument(metavar="STATEMENT", help="The bank's CSV or camt.053 file.")],
    account: Annotated[
        str,
        typer.Option("--account", metavar="TEXT", help="The bank account that pays; another's statement is refused."),
    ] = "",
    show: Annotated[bool, typer.Option("--preview", help="Show what is understood; burn nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Burn what the bank has paid of a dividend, as its statement tells, under the custodian's key.

    Each payment that names an order of `payment-file` is compared with what is due. If one disagrees, nothing is
    burned. Exit code 1 then, and where money came back that somebody has to see to. The statement is the acts'
    document; the same statement again burns nothing.

    equity dividend receipts 1 2027-07.xml --preview
    """
    out = Output(json)
    number = parse.number(dividend, "dividend")
    content = content_of(statement)
    document = Hash32(hashlib.sha256(content).digest())
    read = read_statement(content, statement.name)
    with desk(out) as d, out.progress() as report:
        done: Sequence[Done] = ()
        if show:
            found = acts.read_receipts(d, number, read, account)
        else:
            found, done = acts.settle_receipts(d, number, read, document, account, report)
    data = {"dividend": number, "document": hexed(document), "preview": show, **receipts_object(found, done)}
    out.result(data, lambda o: show_receipts(o, found, done, show))
    if found.wrong or any(each.is_open for each in found.returned):
        raise typer.Exit(1)


def _show(out: Output, words: str, held: tuple[Due, ...]) -> None:
    for due in held:
        out.line(due_line("not ordered", due), style="yellow")
    out.line(words)


def _told(number: int, found: Outgoing, file: Path) -> str:
    if found.orders:
        told = f"{counted(len(found.orders), 'order')} of {yuan(_sum(found.orders))} CNY in {file}"
    elif found.held:
        told = f"no order, so no file: {counted(len(found.held), 'payment')} held"
    elif found.burned:
        told = f"all paid 已全部付清, so no file: {counted(found.burned, 'payment')} of the bank burned"
    else:
        told = "nothing of this dividend lies on book accounts, so no file"
    return told + (f"; some holders are not paid yet: `equity dividend pay {number}`" if found.is_unpaid else "")


def _sum(orders: tuple[Order, ...]) -> int:
    return sum(order.amount for order in orders)


def _object(order: Order) -> dict[str, str | int]:
    return {"reference": order.reference, "account": order.account, "amount": order.amount}


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from error
