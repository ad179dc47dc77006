"""`equity dividend`: from tax schedules to the last fen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from registry.acts import dividend_pay as paying
from registry.acts import dividends as acts
from registry.acts.desk import PLATFORM, Desk
from registry.acts.dividend_pay import Served
from registry.acts.dividend_terms import read_schedule
from registry.acts.operations import Done
from registry.acts.resolve import find_class, find_company
from registry.cli import dividend_bank, dividend_papers, dividend_terms, options, parse
from registry.cli.accounts import account_of, own_key
from registry.cli.company import CompanyArgument
from registry.cli.dividend_served import claim_line, claim_object, served_object, show_served
from registry.cli.dividend_show import Shown, distribution_object, show_distribution, show_list, shown_object
from registry.cli.dividend_terms import ClassArgument
from registry.cli.money import once_line, once_object, percent, yuan
from registry.cli.output import Output, Report
from registry.cli.reading import Reading, reader
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object
from registry.domain.days import from_date
from registry.domain.ids import Day
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.errors import InputError
from registry.mirror.views_payout import DividendLine

app = options.group("Dividends: tax, declare, preview, fix, pay, claim, close.")

Dividend = Annotated[str, typer.Argument(metavar="DIVIDEND", help="The dividend's number.")]
Party = Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")]

app.command("declare")(dividend_terms.declare)
app.command("preview")(dividend_terms.preview_)
app.command("payment-file")(dividend_bank.payment_file)
app.command("receipts")(dividend_bank.receipts)
dividend_papers.register(app)


@app.command("schedule")
def schedule(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tax schedule, such as tax-cn.toml.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Put a tax schedule on the chain, under the platform's key. It never changes: other rates are another schedule.

    equity dividend schedule examples/dividends/tax-cn.toml --document tax-law.pdf
    """
    out = Output(json)
    with desk(out) as d:
        read = read_schedule(file, d.deployment.utc_offset)
        account = account_of(d, str(read.account), "tax_account")
        number, done = acts.create_schedule(d, request(key, document), account, read.rules)
    data = {"schedule": number, "rules": len(read.rules), **done_object(done)}
    out.result(data, lambda o: o.line(f"tax schedule {number} of {len(read.rules)} rules: {done_line(done)}"))


@app.command("relief")
def relief(
    party: Party,
    document: options.Document,
    rate: Annotated[
        str | None, typer.Option("--percent", metavar="PERCENT", help="Withheld instead of the schedule's rate.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day of the certificate, not over yet.")
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take back the one that counts, instead of --percent and --until.")
    ] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """State a tax relief of a party, under the platform's key; the document is the certificate.

    It takes the place of the party's relief before. Taken back, that ends the day before.

    equity dividend relief 12 --percent 10 --until 2027-12-31 --document certificate.pdf
    """
    out = Output(json)
    number = parse.party(party)
    if withdraw:
        if rate is not None or until is not None:
            message = "--withdraw takes back what counts: it goes without --percent and --until"
            raise InputError(message, code="relief_terms", field="withdraw")
        with desk(out) as d:
            done = acts.withdraw_relief(d, request(key, document), number)
        words = "tax relief taken back"
    else:
        bps, last = _relief_terms(rate, until)
        with desk(out) as d:
            done = acts.state_relief(d, request(key, document), number, bps, last)
        words = f"{percent(bps)} until {until}"
    out.result(done_object(done), lambda o: o.line(f"party {number}: {words}: {done_line(done)}"))


def _relief_terms(rate: str | None, until: str | None) -> tuple[int, Day]:
    if rate is None or until is None:
        message = "a relief is --percent and --until, or --withdraw"
        raise InputError(message, code="relief_terms", field="percent" if rate is None else "until")
    bps = parse.bps(rate)
    acts.require_percent(bps)
    return bps, parse.last_day(until, "until") or Day(0)


@app.command("prefer")
def prefer(
    company: CompanyArgument,
    share_class: ClassArgument,
    rank: Annotated[int, typer.Option("--rank", min=1, max=255, help="1 is paid first; others come after all ranks.")],
    rate: Annotated[str, typer.Option("--rate", metavar="AMOUNT", help="CNY for a share and year, cumulative.")],
    begins: Annotated[str, typer.Option("--from", metavar="DATE", help="First day that counts.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Put a class before others, under the company's key: while it has arrears the others declare nothing. Once.

    equity dividend prefer 1 PREF --rank 1 --rate 0.48 --from 2026-01-01 --document articles.pdf
    """
    out = Output(json)
    per_year, day = parse.rate(rate), from_date(parse.day(begins, "from"))
    with desk(out) as d:
        d.catch_up()
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        done = acts.set_preference(d, request(key, document), cls.address, rank, per_year, day)
    out.result(done_object(done), lambda o: o.line(f"{cls.symbol or cls.name} has rank {rank}: {done_line(done)}"))


@app.command("admit")
def admit(
    company: CompanyArgument, document: options.Document, key: options.Key = None, json: options.Json = False
) -> None:
    """Let dividends of a company deliver new shares that holders choose, under its key. Cannot be undone.

    equity dividend admit 1 --document resolution.pdf
    """
    out = Output(json)
    with desk(out) as d:
        found = find_company(d.queries, company)
        done = acts.admit_payouts(d, request(key, document), found.address)
    out.result(once_object(done), lambda o: o.line(f"dividends in shares admitted: {once_line(done)}"))


@app.command("fix")
def fix(dividend: Dividend, json: options.Json = False) -> None:
    """Fix the register at the record date, once that has passed: who shares in the dividend is known from then on.

    Where not a fen is due to anybody it is cancelled instead, and all money goes back.
    """
    out = Output(json)
    number = parse.number(dividend, "dividend")
    with desk(out) as d:
        done = paying.fix(d, number)
        phase = DistributionPhase(d.payouts.distribution(number).state)
    word = phase.name.lower()
    if done is not None and phase == DistributionPhase.CANCELLED:
        word += ", since nothing was due to anybody"
    data = {"dividend": number, "phase": phase.name.lower(), **once_object(done)}
    out.result(data, lambda o: o.line(f"dividend {number} {word}: {once_line(done)}"))


@app.command("pay")
def pay(dividend: Dividend, json: options.Json = False) -> None:
    """Pay everybody who is due, in pages; who has KYC lapsed or is frozen is parked, who is cured is paid.

    The same command goes on where it died. Exit code 1 where the expiry is over and somebody is not paid any more.

    equity dividend pay 1
    """
    _serve(paying.pay, dividend, json)


@app.command("claim")
def claim(
    dividend: Dividend,
    party: Party,
    wallet: Annotated[
        str | None, typer.Option("--wallet", metavar="NAME", help="Key that sends; else the platform's.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Have one holder's part paid, by the holder or on its behalf; the money goes to the holder's account.

    Exit code 1 where it is not paid: parked, or too late.

    equity dividend claim 1 12
    """
    out = Output(json)
    which, number = parse.number(dividend, "dividend"), parse.party(party)
    with desk(out) as d:
        done = paying.claim(d, which, number, PLATFORM if wallet is None else own_key(d, wallet))
        line, found, names = paying.line_of(d, which, number), paying.served(d, which), d.directory.names([number])
    out.result(claim_object(found, line, done, names), lambda o: o.line(claim_line(found, line, done, names)))
    if line.settlement != Settlement.PAID:
        raise typer.Exit(1)


@app.command("scrip")
def scrip(
    dividend: Dividend,
    wallet: Annotated[str | None, typer.Option("--wallet", metavar="NAME", help="Key of the holder's wallet.")] = None,
    party: Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Holder without a wallet.")] = None,
    document: Annotated[
        str | None, typer.Option("--document", metavar="FILE|HASH", help="The party's signed instruction.")
    ] = None,
    cash: Annotated[bool, typer.Option("--cash", help="Choose cash again.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Choose shares instead of cash, before the payment date; fractions are paid in cash, tax is due on the whole.

    equity dividend scrip 1 --wallet alice
    """
    if (wallet is None) == (party is None):
        raise InputError("a holder is one of --wallet and --party", code="holder", field="wallet")
    if party is not None and document is None:
        message = "for a party without a wallet the platform acts on --document (AC-2)"
        raise InputError(message, code="document", field="document")

    def choose(d: Desk, which: int) -> Done | None:
        if wallet is not None:
            return acts.choose_scrip(d, which, own_key(d, wallet), not cash)
        return acts.choose_scrip_for(d, request(key, document or ""), which, parse.party(party or ""), not cash)

    _once(choose, "cash chosen" if cash else "shares chosen", dividend, json)


@app.command("lapse")
def lapse(dividend: Dividend, json: options.Json = False) -> None:
    """After the expiry: let what was not paid go to the remainder account, in pages. What is parked waits on."""
    _serve(paying.lapse, dividend, json)


@app.command("close")
def close(dividend: Dividend, json: options.Json = False) -> None:
    """Close a dividend of which every part was handled: roundings go to the remainder account, tax is remitted."""
    _once(paying.close, "closed", dividend, json)


@app.command("remit")
def remit(dividend: Dividend, json: options.Json = False) -> None:
    """Send the tax that was withheld so far to the tax account."""
    out = Output(json)
    number = parse.number(dividend, "dividend")
    with desk(out) as d:
        done = paying.remit(d, number)
        word = paying.word_of(d, number)
    data = {"dividend": number, "withheld": word.withheld, "remitted": word.remitted, **once_object(done)}
    sent = f"tax remitted, {yuan(word.remitted)} CNY so far: {once_line(done)}"
    told = sent if word.remitted else "no tax is withheld yet"
    out.result(data, lambda o: o.line(f"dividend {number}: {told}"))


@app.command("cancel")
def cancel(dividend: Dividend, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Cancel a dividend before anything is paid, under the company's key: all money goes back."""

    def act(d: Desk, which: int) -> Done:
        return acts.cancel(d, request(key, document), which)

    _once(act, "cancelled", dividend, json)


@app.command("list")
def list_dividends(
    company: Annotated[str | None, typer.Option("--company", "-c", metavar="NUMBER", help="Of one company.")] = None,
    as_of: options.AsOf = None,
    cursor: options.Cursor = None,
    limit: options.Limit = 50,
    json: options.Json = False,
) -> None:
    """List dividends with their money, the newest first."""
    out = Output(json)
    with reader(out, as_of) as read:
        number = None if company is None else read.company(company).number
        page = read.queries.distributions(number, read.as_of, cursor=cursor, limit=limit)
        objects = [distribution_object(each, read.utc_offset) for each in page.items]
        data = {"as_of": read.stand_object(), "dividends": objects, "next_cursor": page.next_cursor}
    out.result(data, lambda o: show_list(o, objects, page.next_cursor))


@app.command("show")
def show(dividend: Dividend, as_of: options.AsOf = None, json: options.Json = False) -> None:
    """Show a dividend: its money, and each holder's part with its arithmetic.

    equity dividend show 1
    """
    out = Output(json)
    number = parse.number(dividend, "dividend")
    with reader(out, as_of) as read:
        found = read.queries.distribution(number, read.as_of)
        lines = _all_lines(read, number)
        is_choosing = found.phase == DistributionPhase.DECLARED and bool(found.terms.scrip_price)
        chosen = sorted(read.queries.scrip_choosers(number, read.as_of)) if is_choosing else []
        heir = read.queries.account_owner(found.remainder_account, read.as_of).party
        names = read.names({*(line.party for line in lines), *chosen, *([] if heir is None else [heir])})
        stand = read.stand_object()
        told = Shown(found, tuple(lines), tuple(chosen), heir, names, read.utc_offset)
    out.result({"as_of": stand, **shown_object(told)}, lambda o: show_distribution(o, told))


def _all_lines(read: Reading, number: int) -> list[DividendLine]:
    page = read.queries.dividend_lines(number, read.as_of)
    lines = list(page.items)
    while page.next_cursor is not None:
        page = read.queries.dividend_lines(number, read.as_of, cursor=page.next_cursor)
        lines += page.items
    return lines


def _once(act: Callable[[Desk, int], Done | None], word: str, dividend: str, json: bool) -> None:
    out = Output(json)
    number = parse.number(dividend, "dividend")
    with desk(out) as d:
        done = act(d, number)
    data = {"dividend": number, **once_object(done)}
    out.result(data, lambda o: o.line(f"dividend {number} {word}: {once_line(done)}"))


def _serve(serve: Callable[[Desk, int, Report], Served], dividend: str, json: bool) -> None:
    out = Output(json)
    number = parse.number(dividend, "dividend")
    with desk(out) as d, out.progress() as report:
        found = serve(d, number, report)
        names = d.directory.names([line.holder.party for line in found.parked])
    out.result(served_object(found, names), lambda o: show_served(o, found, names))
    if found.is_late:
        raise typer.Exit(1)
