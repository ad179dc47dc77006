"""`equity bank`: mint, burn, freeze, stop, reconcile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from registry.acts import bank as acts
from registry.acts.bank import Compared
from registry.acts.desk import Desk
from registry.acts.shares import reference
from registry.cli import options, parse
from registry.cli.accounts import account_of
from registry.cli.money import counted, yuan
from registry.cli.output import Column, Output
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object, hexed, reference_text
from registry.domain.days import from_date
from registry.domain.ids import Address
from registry.domain.raise_args import BankLine
from registry.domain.reconcile import Difference
from registry.errors import InputError, Unavailable
from registry.interchange.statements import read_statement

app = options.group("Money of the custodian bank: mint, burn, freeze, stop, reconcile.")

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="A party's number (its book account), or a wallet.")]
Lines = Annotated[
    list[str], typer.Argument(metavar="ACCOUNT:AMOUNT:REF", help="Account, CNY, and the bank's own reference.")
]


@app.command("mint")
def mint(
    lines: Lines,
    document: options.Document,
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """Turn deposits into money on the chain, up to 200 in one act; a reference of the bank is used once.

    equity bank mint 12:50000.00:20260105-0001 --document deposit-slip.pdf
    """
    _move("minted", lines, document, key, on, json)


@app.command("burn")
def burn(
    lines: Lines,
    document: options.Document,
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """End money of book accounts that was paid out to bank accounts, or the bank's own.

    equity bank burn 12:1000.00:20260110-0007 --document instruction.pdf
    """
    _move("burned", lines, document, key, on, json)


@app.command("freeze")
def freeze(account: Account, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Freeze an account's money by order, under the regulator's key; it still receives.

    Any account can be frozen, registered or not, so that an order reaches money wherever it went: a raise or an escrow
    pays nothing out as long. Who is behind the account is told before anything is sent.

    equity bank freeze 12 --document order.pdf
    """
    _freeze(account, document, True, key, json)


@app.command("release")
def release(account: Account, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Lift a freeze of money."""
    _freeze(account, document, False, key, json)


@app.command("stop")
def stop(
    document: options.Document,
    regulator: Annotated[bool, typer.Option("--regulator", help="Under the regulator's key.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Stop all money, under the custodian's key.

    equity bank stop --document order.pdf
    """
    _stop(document, regulator, True, key, json)


@app.command("resume")
def resume(
    document: options.Document,
    regulator: Annotated[bool, typer.Option("--regulator", help="Under the regulator's key.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Let all money move again."""
    _stop(document, regulator, False, key, json)


@app.command("balance")
def balance(accounts: Annotated[list[str], Account], json: options.Json = False) -> None:
    """Show what accounts hold, and whether they are frozen.

    equity bank balance 12 13
    """
    out = Output(json)
    with desk(out) as d:
        block = d.node.head().number
        addresses = [account_of(d, text, "account") for text in accounts]
        cash = d.raises.cash_of(addresses, block)
    rows = [
        {"account": hexed(address), "balance": each.balance, "frozen": each.is_frozen}
        for address, each in zip(addresses, cash, strict=True)
    ]
    table = [
        [text, yuan(each.balance), "frozen 已冻结" if each.is_frozen else "free 可用"]
        for text, each in zip(accounts, cash, strict=True)
    ]
    columns = [Column("account"), Column("CNY", True), Column("state 状态")]
    out.result({"block": block, "accounts": rows}, lambda o: o.table(f"Money at block {block}", columns, table))


@app.command("reconcile")
def reconcile(
    statement: Annotated[Path, typer.Argument(metavar="STATEMENT", help="The bank's CSV or camt.053 file.")],
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day; else the first line's.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day; else the last line's.")] = None,
    days: Annotated[int, typer.Option(min=0, max=366, help="How far the two days of a movement may differ.")] = 0,
    json: options.Json = False,
) -> None:
    """Compare a bank statement with mints and burns, line by line.

    Each difference is one line, with the line of the statement; exit code 1 if there is any.

    equity bank reconcile 2026-01.csv --days 1
    """
    out = Output(json)
    begins = None if first is None else from_date(parse.day(first, "from"))
    ends = None if last is None else from_date(parse.day(last, "to"))
    read = read_statement(content_of(statement), statement.name)
    with desk(out) as d:
        compared = acts.reconcile(d, read, begins, ends, days)
    out.result(_compared_object(compared), lambda o: _show(o, compared))
    if not compared.result.is_clean:
        raise typer.Exit(1)


def _move(what: str, lines: list[str], document: str, key: str | None, on: str | None, json: bool) -> None:
    out = Output(json)
    act = acts.mint if what == "minted" else acts.burn
    with desk(out) as d:
        read = [_line(d, line) for line in lines]
        done = act(d, request(key, document, on), read)
    total = sum(line.amount for line in read)
    data = {"amount": total, **done_object(done)}
    out.result(data, lambda o: o.line(f"{what} {yuan(total)} CNY: {done_line(done)}"))


def _line(d: Desk, text: str) -> BankLine:
    """The bank's reference may have colons of its own."""
    parts = text.split(":", 2)
    if len(parts) != 3 or not parts[2]:
        message = "a line is ACCOUNT:AMOUNT:REF, such as 12:50000.00:20260105-0001"
        raise InputError(message, code="line", field="lines", value=text)
    account, amount, ref = parts
    if ref != ref.strip() or not ref.isprintable():
        message = "a reference of the bank has no blanks around it and no control characters"
        raise InputError(message, code="reference", field="lines", value=text)
    return BankLine(account_of(d, account, "lines"), parse.money(amount, "lines"), reference(ref))


def _freeze(account: str, document: str, frozen: bool, key: str | None, json: bool) -> None:
    out = Output(json)
    with desk(out) as d:
        address = account_of(d, account, "account")
        party = d.reads.standing_of(address)[0].id
        if not party:
            out.note(_stranger(d, address), style="yellow")
        done = acts.freeze(d, request(key, document), address, frozen)
    word = "frozen" if frozen else "released"
    data = {"account": hexed(address), "party": party or None, **done_object(done)}
    out.result(data, lambda o: o.line(f"money of {account} {word}: {done_line(done)}"))


def _stranger(d: Desk, account: Address) -> str:
    """What an account is that no party is registered with."""
    if d.raises.is_enrolled(account):
        return f"{hexed(account)} is a raise or an escrow: while it is frozen, nobody is paid out of it"
    return f"nobody is registered behind {hexed(account)}: is it the account that the order names?"


def _stop(document: str, by_regulator: bool, stopped: bool, key: str | None, json: bool) -> None:
    out = Output(json)
    with desk(out) as d:
        done = acts.stop(d, request(key, document), stopped, by_regulator=by_regulator)
    word = "stopped" if stopped else "moves again"
    out.result(done_object(done), lambda o: o.line(f"all money {word}: {done_line(done)}"))


def content_of(file: Path) -> bytes:
    """The bytes of a statement."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        message = f"no such statement: {error.strerror}"
        raise InputError(message, code="file", field="statement", value=str(file)) from None
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}") from error


def _compared_object(compared: Compared) -> dict[str, Any]:
    result = compared.result
    return {
        "from": parse.shown_day(compared.first),
        "to": parse.shown_day(compared.last),
        "clean": result.is_clean,
        "matched": len(result.matched),
        "returned": compared.returned,
        "differences": [_difference_object(each) for each in result.differences],
        "deposits": result.deposits,
        "withdrawals": result.withdrawals,
        "mints": result.mints,
        "burns": result.burns,
        "net": result.net,
        "difference": result.difference,
    }


def _difference_object(difference: Difference) -> dict[str, Any]:
    line, movement = difference.line, difference.movement
    return {
        "kind": difference.kind.value,
        "text_en": difference.kind.text_en,
        "text_zh": difference.kind.text_zh,
        "line": None if line is None else line.number,
        "place": None if line is None else line.place,
        "reference": _reference(difference),
        "amount": None if line is None else line.amount_fen,
        "on_chain": None if movement is None else movement.signed_fen,
        "tx": None if movement is None else hexed(movement.tx),
        "gap": difference.gap_fen,
    }


def _show(out: Output, compared: Compared) -> None:
    result = compared.result
    for difference in result.differences:
        out.line(_difference_line(difference))
    period = f"{parse.shown_day(compared.first)} to {parse.shown_day(compared.last)}"
    bank = f"deposits {yuan(result.deposits)}, withdrawals {yuan(result.withdrawals)}"
    chain = f"mints {yuan(result.mints)}, burns {yuan(result.burns)}"
    out.line(f"{period}: {bank}; {chain}")
    if compared.returned:
        was = "it was" if compared.returned == 1 else "they were"
        out.line(f"{counted(compared.returned, 'payment')} came back before {was} burned: in neither sum")
    count = len(result.matched)
    agreeing = f"{counted(count, 'line')} {'agrees' if count == 1 else 'agree'}"
    if result.is_clean:
        out.line(f"{agreeing}, the difference is 0.00", style="bold")
    else:
        words = f"{counted(len(result.differences), 'difference')}, {yuan(result.difference)} CNY"
        out.line(f"{agreeing}; {words}", style="bold red")


def _difference_line(difference: Difference) -> str:
    line, movement, kind = difference.line, difference.movement, difference.kind
    place = "not in the statement" if line is None else line.place
    told = [f"{place}: {_reference(difference)}: {kind.text_en} / {kind.text_zh}"]
    if line is not None:
        told.append(f"bank {yuan(line.amount_fen)} on {parse.shown_day(line.day)}")
    if movement is not None:
        told.append(f"chain {yuan(movement.signed_fen)} on {parse.shown_day(movement.day)}, {hexed(movement.tx)}")
    return "; ".join(told)


def _reference(difference: Difference) -> str:
    if difference.line is not None:
        return difference.line.reference
    return "" if difference.movement is None else reference_text(difference.movement.reference)
