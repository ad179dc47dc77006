"""`equity dividend declare` and `preview`: terms from what is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote
from typing import Annotated

import typer

from registry.acts import dividends as acts
from registry.acts.amounts import a_share
from registry.acts.desk import ADMIN, Desk
from registry.acts.dividend_order import Arrears, arrears, cover_of
from registry.acts.dividend_terms import Declaration, preview, require_currency, require_registered
from registry.acts.resolve import find_class, find_company
from registry.cli import options, parse
from registry.cli.accounts import account_of
from registry.cli.company import CompanyArgument
from registry.cli.dividend_show import preview_object, show_preview
from registry.cli.money import yuan
from registry.cli.output import Output
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object, hexed
from registry.domain.args import ZERO_ADDRESS
from registry.domain.days import first_second, from_date, to_date
from registry.domain.ids import Address, Day
from registry.errors import InputError
from registry.mirror.queries import ShareClass

ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="The class by index, symbol, name or address.")]
Schedule = Annotated[int, typer.Option("--schedule", min=1, help="Number of the tax schedule.")]
Total = Annotated[str | None, typer.Option("--total", metavar="AMOUNT", help="CNY that are shared out.")]
Rate = Annotated[
    str | None,
    typer.Option("--rate", metavar="AMOUNT", help="CNY for a share; --total, if given too, covers it."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="PARTY|KEY|0x…",
        help="Without a part: a party, by its number or a key of it, with all its wallets and its book account; or one "
        "account by its address. May be repeated; 16 accounts at most.",
    ),
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

    equity dividend declare 1 ORD --rate 0.12 --profit 5000000 --schedule 1 \\
      --record 2027-06-30 --pays 2027-07-10 --expires 2029-07-10 --document resolution.pdf
    """
    out = Output(json)
    require_currency(currency)
    with desk(out) as d:
        d.catch_up()
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        offset = d.deployment.utc_offset
        excluded, record_day = _excluded(d, exclude), from_date(parse.day(record, "record"))
        amounts = _amounts(d, cls, total, rate, excluded, record_day)
        asked = Declaration(
            share_class=cls.address,
            record_day=record_day,
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
        "rate": a_share(found.terms.rate) if found.terms.rate else None,
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
    record: Annotated[
        str | None, typer.Option("--record", metavar="DATE", help="Record date that is thought of; today unless given.")
    ] = None,
    exclude: Exclude = None,
    currency: Currency = "CNY",
    json: options.Json = False,
) -> None:
    """Show what each holder would get, and the tax of it, if the register stayed as it is. Nothing is signed.

    Tells as well what the class, and those that come before it, have in arrears up to the record date.

    equity dividend preview 1 ORD --rate 0.12 --schedule 1 --record 2027-06-30
    """
    out = Output(json)
    require_currency(currency)
    with desk(out) as d:
        d.catch_up()
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        record_day = d.today() if record is None else from_date(parse.day(record, "record"))
        excluded = _excluded(d, exclude)
        amounts = _amounts(d, cls, total, rate, excluded, record_day)
        asked = Declaration(
            share_class=cls.address,
            record_day=record_day,
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
        open_ = arrears(d, cls, record_day)
    day = to_date(record_day).isoformat()
    data = {
        **preview_object(found, cls.decimals, names),
        "record_date": day,
        "arrears": [
            {"class": each.name, "rank": each.rank, "rate": a_share(each.open), "comes_first": not each.is_own}
            for each in open_
        ],
    }

    def show(o: Output) -> None:
        show_preview(o, found, cls.decimals, names)
        for each in open_:
            o.line(_arrears_line(each, cls.company, schedule, day), style="yellow")

    out.result(data, show)


def _arrears_line(each: Arrears, company: int, schedule: int, day: str) -> str:
    rate = a_share(each.open)
    told = f"{each.name} has {rate} CNY a share in arrears 累积欠付股息 up to {day}"
    if each.is_own:
        return told
    see = f"equity dividend preview {company} {quote(each.name)} --rate {rate} --schedule {schedule} --record {day}"
    return f"{told} and comes first: until it has declared them this class cannot declare; see `{see}`"


def _excluded(d: Desk, texts: list[str] | None) -> tuple[Address, ...]:
    """Each account once, in the order in which it was named."""
    return tuple(dict.fromkeys(account for text in texts or () for account in _accounts_of(d, text)))


def _accounts_of(d: Desk, text: str) -> list[Address]:
    """One account by its address; of a party, or of the one that a key belongs to, all there are."""
    if "," in text:
        again = " ".join(f"--exclude {each.strip()}" for each in text.split(",") if each.strip())
        raise InputError(f"one at a time: {again}", code="exclude_list", field="exclude", value=text)
    account = account_of(d, text, "exclude")
    if parse.is_address(text):
        return [account]
    require_registered(d, account, "exclude", "that is excluded")
    party = d.queries.party(d.reads.standing_of(account)[0].id)
    return [*(wallet.address for wallet in party.wallets), d.book(party.id)]


def _amounts(
    d: Desk, cls: ShareClass, total: str | None, rate: str | None, excluded: tuple[Address, ...], record_day: Day
) -> Amounts:
    """Of a rate alone, the total is what it needs for the shares that there are now."""
    if total is None and rate is None:
        raise InputError("a dividend is --total, or --rate for a share", code="amount", field="total")
    units = 0 if rate is None else parse.rate(rate)
    if total is not None:
        return Amounts(parse.money(total, "total"), units)
    return Amounts(cover_of(d, cls, units, excluded, record_day), units)


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
