"""`equity class`: create, list, admit, authorise, stop."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts import company as acts
from registry.acts.resolve import find_class, find_company
from registry.cli import options, parse
from registry.cli.company import CompanyArgument
from registry.cli.output import Column, Output, grouped, quantity
from registry.cli.reading import reader
from registry.cli.session import desk, request
from registry.cli.show import class_object, done_line, done_object
from registry.domain.args import ClassTerms

app = options.group("Share classes: create, list, admit, authorise, stop.")

ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="Position, symbol, name or address.")]


@app.command("create")
def create(
    company: CompanyArgument,
    name: Annotated[str, typer.Argument(help="Name of the class.")],
    authorised: Annotated[str, typer.Argument(help="Shares there may be.")],
    document: options.Document,
    symbol: Annotated[str, typer.Option(help="Short name, such as ORD.")] = "",
    decimals: Annotated[int, typer.Option(min=0, max=6, help="Decimals of a share; whole shares unless given.")] = 0,
    admit: Annotated[str, typer.Option(help="Categories that may receive.")] = parse.DEFAULT_ADMITTED,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Add a class to a company.

    equity class create 1 "Ordinary A" 1000000 --symbol ORD-A --document resolution.pdf
    """
    out = Output(json)
    amount = parse.shares(authorised, decimals, "authorised")
    terms = ClassTerms(name, symbol, amount, decimals, parse.categories(admit))
    with desk(out) as d:
        address, done = acts.create_class(d, request(key, document), find_company(d.queries, company).address, terms)
    data = {"class": "0x" + address.hex(), **done_object(done)}
    out.result(data, lambda o: o.line(f"class at {data['class']}: {done_line(done)}"))


@app.command("list")
def list_classes(company: CompanyArgument, as_of: options.AsOf = None, json: options.Json = False) -> None:
    """List a company's classes."""
    out = Output(json)
    with reader(out, as_of) as read:
        classes = read.queries.classes(read.company(company).number, read.as_of)
        stand = read.stand_object()
    columns = [Column("position", True), Column("name"), Column("symbol"), Column("authorised", True)]
    columns += [Column("issued", True), Column("admits")]
    rows = [
        [
            cls.position,
            cls.name,
            cls.symbol,
            grouped(cls.authorised, cls.decimals),
            grouped(cls.issued, cls.decimals),
            parse.category_names(cls.categories),
        ]
        for cls in classes
    ]
    data = {"as_of": stand, "classes": [class_object(cls) for cls in classes]}
    out.result(data, lambda o: o.table("Share classes", columns, rows))


@app.command("admit")
def admit(
    company: CompanyArgument,
    share_class: ClassArgument,
    categories: Annotated[str, typer.Argument(help="Names with commas between: founder,qualified.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Say which categories may receive shares of the class."""
    out = Output(json)
    with desk(out) as d:
        address = find_class(d.queries, find_company(d.queries, company), share_class).address
        done = acts.admit_categories(d, request(key, document), address, parse.categories(categories))
    out.result(done_object(done), lambda o: o.line(f"admits {categories}: {done_line(done)}"))


@app.command("authorise")
def authorise(
    company: CompanyArgument,
    share_class: ClassArgument,
    shares: Annotated[str, typer.Argument(help="Shares there may be; never fewer than are issued.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Change the authorised shares of a class."""
    out = Output(json)
    with desk(out) as d:
        cls = find_class(d.queries, find_company(d.queries, company), share_class)
        amount = parse.shares(shares, cls.decimals)
        done = acts.set_authorised(d, request(key, document), cls.address, amount)
    data = {"authorised": quantity(amount, cls.decimals), **done_object(done)}
    out.result(data, lambda o: o.line(f"authorised {data['authorised']}: {done_line(done)}"))


@app.command("stop")
def stop(
    company: CompanyArgument,
    share_class: ClassArgument,
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Stop all moves of one class."""
    _stop(company, share_class, document, True, key, json)


@app.command("release")
def release(
    company: CompanyArgument,
    share_class: ClassArgument,
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Lift the stop of one class."""
    _stop(company, share_class, document, False, key, json)


def _stop(company: str, share_class: str, document: str, stopped: bool, key: str | None, json: bool) -> None:
    out = Output(json)
    with desk(out) as d:
        found = find_company(d.queries, company)
        address = find_class(d.queries, found, share_class).address
        done = acts.stop_class(d, request(key, document), found.address, address, stopped)
    out.result(done_object(done), lambda o: o.line(f"{'stopped' if stopped else 'released'}: {done_line(done)}"))
