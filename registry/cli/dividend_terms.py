"""`equity dividend declare` and `preview`: terms from what is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import typer

from registry.acts import dividends as acts
from registry.acts.desk import ADMIN, Desk
from registry.acts.dividend_terms import Declaration, preview, require_currency
from registry.acts.resolve import find_class, find_company
from registry.cli import options, parse
from registry.cli.accounts import account_of
from registry.cli.company import CompanyArgument
from registry.cli.dividend_show import preview_object, rate_text, show_preview
from registry.cli.money import yuan
from registry.cli.output import Output
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object, hexed
from registry.domain.args import ZERO_ADDRESS
from registry.domain.days import first_second, from_date
from registry.domain.ids import Address
from registry.domain.payout_args import RATE_UNIT
from registry.errors import InputError
from registry.mirror.queries import ShareClass

ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="The class by index, symbol, name or address.")]
Schedule = Annotated[int, typer.Option("--schedule", min=1, help="Number of the tax schedule.")]
Total = Annotated[str | None, typer.Option("--total", metavar="AMOUNT", help="CNY that are shared out.")]
Rate = Annotated[
    str | None,
    typer.Option("--rate", metavar="AMOUNT", help="CNY for a share; --total is then what covers it at most."),
]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="ACCOUNT", help="Without a part; may be repeated, 16 at most.")
]
Currency = Annotated[str, typer.Option("--currency", metavar="CODE", help="Of the money on chain.")]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What is distributed: a total [fen], or a rate [10^-10 CNY for a whole share] and what covers it."""

    total: int
    rate: int


def declare(
    company: CompanyArgument,
    share_class: ClassArgument,
    schedule: Schedule,
    profit: Annotated[str, typer.Option("--profit", metavar="AMOUNT", help="Distributable profit it rests on, CNY.")],
    record: Annotated[str, typer.Option("--record", metavar="DATE", help="Record date: the register at its end.")],
    pays: Annotated[str, typer.Option("--pays", metavar="DATE|TIME", help="Paid from its first second on.")],
    expires: Annotated[str, typer.Option("--expires", metavar="DATE|TIME", help="Last second to be paid.")],
    document: options.Document,
    total: Total = None,
    rate: Rate = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="ACCOUNT", help="Where the money comes from; else the company key's book account."
        ),
    ] = None,
    remainder: Annotated[
        str | None, typer.Option("--remainder", metavar="ACCOUNT", help="Gets what is left; else where it came from.")
    ] = None,
    scrip: Annotated[
        str | None,
        typer.Option("--scrip-price", metavar="AMOUNT", help="Holders may choose shares at this price, CNY."),
    ] = None,
    exclude: Exclude = None,
    currency: Currency = "CNY",
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Declare a dividend, under the company's key: the money is taken at once, the record date announced.

    The document is the resolution. What cannot be is told before anything is signed; see it first by `preview`.

    equity dividend declare 1 ORD --rate 0.12 --profit 5000000 --schedule 1 --record 2027-06-30 --pays 2027-07-10 \\
    --expires 2029-07-10 --document resolution.pdf
    """
    out = Output(json)
    require_currency(currency)
    with desk(out) as d:
        d.catch_up()
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        offset = d.deployment.utc_offset
        excluded = tuple(account_of(d, text, "exclude") for text in exclude or ())
        amounts = _amounts(d, cls, total, rate, excluded)
        asked = Declaration(
            share_class=cls.address,
            record_day=from_date(parse.day(record, "record")),
            pays_at=_begins(pays, offset, "pays"),
            expires_at=parse.moment(expires, offset, "expires"),
            schedule=schedule,
            total=amounts.total,
            rate=amounts.rate,
            profit=parse.money(profit, "profit"),
            funded_by=_own_account(d) if source is None else account_of(d, source, "from"),
            remainder_account=ZERO_ADDRESS if remainder is None else account_of(d, remainder, "remainder"),
            scrip_price=0 if scrip is None else parse.money(scrip, "scrip-price"),
            excluded=excluded,
            currency=currency,
        )
        found = acts.declare(d, request(key, document), asked)
    data = {
        "dividend": found.number,
        "epoch": found.terms.epoch,
        "total": found.terms.total,
        "rate": rate_text(found.terms.rate) if found.terms.rate else None,
        "from": hexed(found.terms.funded_by),
        **done_object(found.done),
    }
    words = f"dividend {found.number}: {yuan(found.terms.total)} CNY taken from {data['from']}, record date {record}"
    out.result(data, lambda o: o.line(f"{words}: {done_line(found.done)}"))


def preview_(
    company: CompanyArgument,
    share_class: ClassArgument,
    schedule: Schedule,
    total: Total = None,
    rate: Rate = None,
    exclude: Exclude = None,
    currency: Currency = "CNY",
    json: options.Json = False,
) -> None:
    """Show what each holder would get, and the tax of it, if the register stayed as it is. Nothing is signed.

    equity dividend preview 1 ORD --rate 0.12 --schedule 1
    """
    out = Output(json)
    require_currency(currency)
    with desk(out) as d:
        d.catch_up()
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        excluded = tuple(account_of(d, text, "exclude") for text in exclude or ())
        amounts = _amounts(d, cls, total, rate, excluded)
        asked = Declaration(
            share_class=cls.address,
            record_day=d.today(),
            pays_at=0,
            expires_at=0,
            schedule=schedule,
            total=amounts.total,
            rate=amounts.rate,
            profit=amounts.total,
            funded_by=ZERO_ADDRESS,
            excluded=excluded,
        )
        found = preview(d, asked)
        names = d.directory.names([line.party for line in found.lines])
    data = preview_object(found, cls.decimals, names)
    out.result(data, lambda o: show_preview(o, found, cls.decimals, names))


def _amounts(d: Desk, cls: ShareClass, total: str | None, rate: str | None, excluded: tuple[bytes, ...]) -> Amounts:
    """Of a rate alone, the total is what it needs for the shares that there are now."""
    if total is None and rate is None:
        raise InputError("a dividend is --total, or --rate for a share", code="amount", field="total")
    units = 0 if rate is None else parse.rate(rate)
    if total is not None:
        return Amounts(parse.money(total, "total"), units)
    entitled = d.queries.register_at(cls.class_id, 0, excluded=excluded).entitled
    return Amounts(units * entitled // (RATE_UNIT * 10**cls.decimals), units)


def _own_account(d: Desk) -> Address:
    """The book account of the party whose wallet the company's key is."""
    party = d.reads.standing_of(d.account(ADMIN))[0].id
    if not party:
        message = f"the key {ADMIN} is no wallet of a party: name the account (--from), or bind it (equity party bind)"
        raise InputError(message, code="funding_account", field="from")
    return d.book(party)


def _begins(text: str, utc_offset: int, field: str) -> int:
    """A time, or a day's first second."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return first_second(from_date(parse.day(text, field)), utc_offset)
    return parse.moment(text, utc_offset, field)
