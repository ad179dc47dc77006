"""`equity issue`, `equity transfer`, `equity cancel`."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts import shares as acts
from registry.acts.desk import Desk
from registry.acts.resolve import find_class, find_company
from registry.cli import options, parse
from registry.cli.accounts import account_of, own_key
from registry.cli.classes import ClassArgument
from registry.cli.company import CompanyArgument
from registry.cli.output import Output, grouped
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object
from registry.domain.args import Entry
from registry.domain.ids import Day
from registry.errors import InputError

Given = Annotated[str, typer.Option("--for", help="What was given: none, cash, services, ip, conversion.")]
Price = Annotated[str, typer.Option("--price", help="For one share, a decimal number.")]
Currency = Annotated[str, typer.Option("--currency", help="ISO 4217 code, such as CNY.")]
Reference = Annotated[str, typer.Option("--ref", help="Certificate number.")]
Lock = Annotated[str | None, typer.Option("--locked-until", metavar="DATE", help="Last day of a lock-up.")]


def issue(
    company: CompanyArgument,
    share_class: ClassArgument,
    lines: Annotated[list[str], typer.Argument(metavar="PARTY:SHARES", help="Receivers: a party id or a wallet.")],
    document: options.Document,
    ref: Reference = "",
    locked_until: Lock = None,
    given: Given = "none",
    price: Price = "",
    currency: Currency = "",
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """Issue new shares, to up to 200 receivers in one act.

    equity issue 1 ORD-A 12:5000 13:2500 --for cash --price 4.20 --currency CNY --document resolution.pdf
    """
    out = Output(json)
    consideration = parse.consideration(given, price, currency)
    with desk(out) as d:
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        lock = _lock(locked_until)
        entries = [_entry(d, line, cls.decimals, ref, lock) for line in lines]
        done = acts.issue(d, request(key, document, on), cls.address, entries, consideration)
    total = grouped(sum(entry.shares for entry in entries), cls.decimals)
    out.result(done_object(done), lambda o: o.line(f"issued {total} {cls.symbol or cls.name}: {done_line(done)}"))


def transfer(
    company: CompanyArgument,
    share_class: ClassArgument,
    to: Annotated[str, typer.Argument(metavar="TO", help="Receiver: a party id or a wallet.")],
    shares: Annotated[str, typer.Argument(help="Shares to move.")],
    giver: Annotated[str | None, typer.Option("--from", help="Party whose book account gives.")] = None,
    wallet: Annotated[str | None, typer.Option("--wallet", help="Key of the holder's wallet that gives.")] = None,
    document: Annotated[
        str | None, typer.Option("--document", metavar="FILE|HASH", help="The owner's signed instruction.")
    ] = None,
    ref: Reference = "",
    locked_until: Lock = None,
    given: Given = "none",
    price: Price = "",
    currency: Currency = "",
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """Move shares out of a book account or a wallet: on the owner's instruction, or by the holder's own key.

    equity transfer 1 ORD-A 13 500 --from 12 --document instruction.pdf

    equity transfer 1 ORD-A 13 500 --wallet alice
    """
    out = Output(json)
    if (giver is None) == (wallet is None):
        raise InputError("a transfer comes from one of --from and --wallet", code="giver", field="from")
    with desk(out) as d:
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        amount = parse.shares(shares, cls.decimals)
        taker = account_of(d, to, "to")
        if wallet is not None:
            asked = request(key, "0x" + "01" * 32)
            done = acts.transfer(d, asked.key, cls.address, own_key(d, wallet), taker, amount)
        else:
            if document is None:
                raise InputError("an agent's transfer rests on --document (AC-2)", code="document", field="document")
            entry = Entry(taker, amount, _lock(locked_until), acts.reference(ref))
            consideration = parse.consideration(given, price, currency)
            asked = request(key, document, on)
            done = acts.transfer_for(d, asked, cls.address, account_of(d, giver or "", "from"), entry, consideration)
    text = f"moved {grouped(amount, cls.decimals)} {cls.symbol or cls.name}: {done_line(done)}"
    out.result(done_object(done), lambda o: o.line(text))


def cancel(
    company: CompanyArgument,
    share_class: ClassArgument,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Whose shares end.")],
    shares: Annotated[str, typer.Argument(help="Shares that end.")],
    document: options.Document,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(acts.CANCELLATIONS)}.")] = "cancel",
    ref: Reference = "",
    given: Given = "none",
    price: Price = "",
    currency: Currency = "",
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """End shares of a book account: cancelled, bought back, or never validly issued.

    equity cancel 1 ORD-A 12 100 --kind repurchase --document resolution.pdf
    """
    out = Output(json)
    with desk(out) as d:
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        amount = parse.shares(shares, cls.decimals)
        entry = Entry(account_of(d, party, "party"), amount, ref=acts.reference(ref))
        consideration = parse.consideration(given, price, currency)
        done = acts.cancel(d, request(key, document, on), cls.address, kind, entry, consideration)
    text = f"{kind}: {grouped(amount, cls.decimals)} {cls.symbol or cls.name}: {done_line(done)}"
    out.result(done_object(done), lambda o: o.line(text))


def _entry(d: Desk, line: str, decimals: int, ref: str, lock: Day) -> Entry:
    who, colon, amount = line.rpartition(":")
    if not colon:
        raise InputError("a line is PARTY:SHARES, such as 12:5000", code="line", field="lines", value=line)
    return Entry(account_of(d, who, "lines"), parse.shares(amount, decimals, "lines"), lock, acts.reference(ref))


def _lock(text: str | None) -> Day:
    return parse.last_day(text, "locked_until") or Day(0)
