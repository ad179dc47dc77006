"""`equity company`: create, list, show, open, stop, document, abandon."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from registry.acts import company as acts
from registry.acts.opening import Breaches, open_company
from registry.acts.resolve import find_company
from registry.cli import options
from registry.cli.output import Column, Output
from registry.cli.reading import reader
from registry.cli.session import desk, request
from registry.cli.show import company_object, done_line, done_object
from registry.domain.args import CompanyTerms

app = options.group("Companies: create, list, open, stop, document, abandon.")

CompanyArgument = Annotated[str, typer.Argument(metavar="COMPANY", help="The company's number or address.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Registered name.")],
    document: options.Document,
    form: Annotated[int, typer.Option(help="1 limited by shares (200 holders), 2 limited liability (50).")] = 1,
    region: Annotated[int, typer.Option(help="Code of the regional market.", min=0, max=65535)] = 0,
    cap: Annotated[int, typer.Option(help="Holders of record allowed; the form's own unless given.", min=0)] = 0,
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """Create a company without classes; it is born migrating.

    equity company create "Example Ltd" --document charter.pdf
    """
    out = Output(json)
    terms = CompanyTerms(name, form, region, cap or acts.cap_of(form))
    with desk(out) as d:
        created, done = acts.create_company(d, request(key, document, on), terms, [])
    data = {"company": created.number, "address": "0x" + created.address.hex(), **done_object(done)}
    out.result(data, lambda o: o.line(f"company {created.number} at {data['address']}: {done_line(done)}"))


@app.command("list")
def list_companies(as_of: options.AsOf = None, json: options.Json = False) -> None:
    """List companies with their phase and holders of record."""
    out = Output(json)
    with reader(out, as_of) as read:
        rows = [company_object(company) for company in read.queries.companies(read.as_of)]
        stand = read.stand_object()
    names = ("number", "name", "phase", "holders", "cap")
    columns = [Column(name, name in {"number", "holders", "cap"}) for name in names]
    table = [[row[name] for name in names] for row in rows]
    out.result({"as_of": stand, "companies": rows}, lambda o: o.table("Companies", columns, table))


@app.command("show")
def show(company: CompanyArgument, as_of: options.AsOf = None, json: options.Json = False) -> None:
    """Show one company's facts."""
    out = Output(json)
    with reader(out, as_of) as read:
        data = company_object(read.company(company))
        stand = read.stand_object()
    rows = list(data.items())
    out.result({"as_of": stand, **data}, lambda o: o.table(data["name"], [Column("fact"), Column("value")], rows))


@app.command("open")
def open_(company: CompanyArgument, key: options.Key = None, json: options.Json = False) -> None:
    """Open a migrating company, for good: all rules apply from here on.

    Lists the holders who keep what they hold but may not receive. The list's hash is the act's document.
    """
    out = Output(json)
    with desk(out) as d:
        found = find_company(d.queries, company)
        chosen = f"open company {found.number}" if key is None else key
        breaches, done = open_company(d, chosen, found.number, found.address)
    data = {**done_object(done), "breaches": None if breaches is None else breaches.as_json()}
    out.result(data, lambda o: _opened(o, breaches, done_line(done)))


def _opened(out: Output, breaches: Breaches | None, line: str) -> None:
    out.line(f"open: {line}")
    if breaches is None:
        return
    if breaches.is_above_cap:
        out.line(f"HC-1: {breaches.seats} holders of record, the cap is {breaches.cap}", style="bold red")
    rows: list[list[Any]] = [
        [b.party, b.class_position, ", ".join(rule.id for rule in b.rules), b.rules[0].text_en]
        for b in breaches.breaches
    ]
    if rows:
        columns = [Column("party", True), Column("class", True), Column("rules"), Column("first of them")]
        out.table("May hold and sell, may not receive", columns, rows)


@app.command("stop")
def stop(
    company: CompanyArgument,
    document: options.Document,
    regulator: Annotated[bool, typer.Option("--regulator", help="The regulator's stop, under its key.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Stop all moves of the company's shares."""
    _stop(company, document, regulator, True, key, json)


@app.command("release")
def release(
    company: CompanyArgument,
    document: options.Document,
    regulator: Annotated[bool, typer.Option("--regulator", help="Lifts the regulator's stop.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Lift a stop."""
    _stop(company, document, regulator, False, key, json)


def _stop(company: str, document: str, by_regulator: bool, stopped: bool, key: str | None, json: bool) -> None:
    out = Output(json)
    act = acts.stop_by_regulator if by_regulator else acts.stop_company
    with desk(out) as d:
        done = act(d, request(key, document), find_company(d.queries, company).address, stopped)
    out.result(done_object(done), lambda o: o.line(f"{'stopped' if stopped else 'released'}: {done_line(done)}"))


@app.command("document")
def document_(
    company: CompanyArgument,
    document: options.Document,
    kind: Annotated[int, typer.Option(min=1, max=255, help="Kind of document: see SPECIFICATION.md.")],
    uri: Annotated[str, typer.Option(help="Where it can be had; stands on the chain for ever.")] = "",
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Record a document of the company by its hash."""
    out = Output(json)
    with desk(out) as d:
        asked = request(key, document)
        done = acts.record_document(d, asked, find_company(d.queries, company).address, kind, uri)
    data = {**done_object(done), "document": "0x" + asked.document.hex()}
    out.result(data, lambda o: o.line(f"document {data['document']}: {done_line(done)}"))


@app.command("abandon")
def abandon(
    company: CompanyArgument,
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """End a migrating company for ever. For an imported one use `equity import PACKAGE --abandon`."""
    out = Output(json)
    with desk(out) as d:
        done = acts.abandon_company(d, request(key, document), find_company(d.queries, company).address)
    out.result(done_object(done), lambda o: o.line(f"abandoned: {done_line(done)}"))
