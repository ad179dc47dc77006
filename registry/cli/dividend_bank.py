"""`equity dividend payment-file`: what the bank pays out for parties without a wallet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from registry.acts.dividend_bank import orders_of
from registry.cli import options, parse
from registry.cli.money import yuan
from registry.cli.output import Output
from registry.cli.session import desk
from registry.errors import InputError, Unavailable
from registry.interchange.payments import Order, Payer, as_csv, as_pain001


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

    When the bank has paid one, `equity bank burn PARTY:AMOUNT:REFERENCE` ends the money on the chain, `equity bank
    reconcile` compares the bank's statement with it, and the order is left out of the next file.

    equity dividend payment-file 1 orders.csv
    """
    out = Output(json)
    number = parse.number(dividend, "dividend")
    if format_ == "pain001" and not (payer and account):
        message = "a message to a bank names who pays from which account (--payer, --account)"
        raise InputError(message, code="payer_missing", field="payer", value=payer)
    with desk(out) as d:
        orders = orders_of(d, number)
        now = datetime.fromtimestamp(int(d.clock()), UTC)
        today = d.today()
    if not orders:
        message = "nothing of this dividend waits on book accounts to be paid out"
        raise InputError(message, code="no_payments", field="dividend", value=number)
    day = parse.day(on if on is not None else parse.shown_day(today), "on")
    if format_ == "csv":
        content = as_csv(orders)
    else:
        content = as_pain001(orders, Payer(payer, account, day), f"DV{number}-{now:%Y%m%d%H%M%S}", now)
    _write(file, content)
    data = {"dividend": number, "file": str(file), "amount": _sum(orders), "orders": [_object(o) for o in orders]}
    words = f"{len(orders)} orders of {yuan(_sum(orders))} CNY in {file}"
    out.result(data, lambda o: o.line(words))


def _sum(orders: tuple[Order, ...]) -> int:
    return sum(order.amount for order in orders)


def _object(order: Order) -> dict[str, str | int]:
    return {"reference": order.reference, "account": order.account, "amount": order.amount}


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from error
