"""`equity captable`, `equity holders`, `equity entries`: the register as it is, was, or was in force."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from registry.acts.resolve import find_class
from registry.cli import options
from registry.cli.company import CompanyArgument
from registry.cli.output import Column, Output, grouped, quantity
from registry.cli.reading import reader
from registry.cli.show import class_object, company_object, entry_object, person
from registry.mirror.queries import CapTable

Names = Annotated[bool, typer.Option("--names/--ids", help="Show names where the directory has them, or ids only.")]


def captable(
    company: CompanyArgument,
    as_of: options.AsOf = None,
    effective_on: options.EffectiveOn = None,
    names: Names = True,
    json: options.Json = False,
) -> None:
    """Show who holds what in each class, with shares of the whole.

    equity captable 1 --effective-on 2022-12-31
    """
    out = Output(json)
    with reader(out, as_of, effective_on) as read:
        table = read.queries.cap_table(read.company(company).number, read.as_of)
        known = read.names({row.party for row in table.rows}) if names else {}
        stand = read.stand_object()
    data = {"as_of": stand, "company": company_object(table.company), **_table_object(table, known)}
    out.result(data, lambda o: _show_table(o, table, known, stand))


def holders(
    company: CompanyArgument,
    as_of: options.AsOf = None,
    effective_on: options.EffectiveOn = None,
    names: Names = True,
    cursor: options.Cursor = None,
    limit: options.Limit = 100,
    json: options.Json = False,
) -> None:
    """List holders of record by party, with their shares in each class and the weight counted."""
    out = Output(json)
    with reader(out, as_of, effective_on) as read:
        number = read.company(company).number
        classes = {cls.class_id: cls for cls in read.queries.classes(number, read.as_of)}
        page = read.queries.holders(number, read.as_of, cursor=cursor, limit=limit)
        known = read.names({holder.party for holder in page.items}) if names else {}
        stand = read.stand_object()
    rows: list[dict[str, Any]] = [
        {
            "party": holder.party,
            "name": known.get(holder.party),
            "weight": holder.weight,
            "shares": {
                classes[row.class_id].symbol or classes[row.class_id].name: quantity(
                    row.shares, classes[row.class_id].decimals
                )
                for row in holder.shares
            },
        }
        for holder in page.items
    ]
    columns = [Column("holder"), Column("party", True), Column("weight", True), Column("shares")]
    table = [
        [person(r["party"], known), r["party"], r["weight"], ", ".join(f"{k} {v}" for k, v in r["shares"].items())]
        for r in rows
    ]
    data = {"as_of": stand, "holders": rows, "next_cursor": page.next_cursor}
    out.result(data, lambda o: o.page(f"Holders of company {number}", columns, table, page.next_cursor))


def entries(
    company: CompanyArgument,
    share_class: Annotated[str | None, typer.Option("--class", metavar="CLASS", help="Of one class only.")] = None,
    as_of: options.AsOf = None,
    effective_on: options.EffectiveOn = None,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="From the beginning.")] = False,
    names: Names = True,
    cursor: options.Cursor = None,
    limit: options.Limit = 50,
    json: options.Json = False,
) -> None:
    """List entries of the register: holder to holder, why, on which document, in which transaction."""
    out = Output(json)
    with reader(out, as_of, effective_on) as read:
        found = read.company(company)
        classes = {cls.class_id: cls for cls in read.queries.classes(found.number, read.as_of)}
        only = None if share_class is None else find_class(read.queries, found, share_class, read.as_of).class_id
        page = read.queries.entries(
            read.as_of,
            company=found.number,
            class_id=only,
            newest_first=not oldest_first,
            cursor=cursor,
            limit=limit,
        )
        parties = {party for entry in page.items for party in (entry.giver, entry.taker) if party}
        known = read.names(parties) if names else {}
        stand = read.stand_object()
    rows = [entry_object(entry, classes[entry.class_id], known) for entry in page.items]
    columns = [Column("effective"), Column("class"), Column("from"), Column("to"), Column("shares", True)]
    columns += [Column("kind"), Column("certificate"), Column("block", True)]
    table = [
        [
            row["effective_on"],
            row["class"],
            person(entry.giver, known) if entry.giver else "",
            person(entry.taker, known) if entry.taker else "",
            grouped(entry.shares, classes[entry.class_id].decimals),
            row["kind"],
            row["reference"],
            row["block"],
        ]
        for row, entry in zip(rows, page.items, strict=True)
    ]
    data = {"as_of": stand, "entries": rows, "next_cursor": page.next_cursor}
    out.result(data, lambda o: o.page(f"Entries of company {found.number}", columns, table, page.next_cursor))


def _table_object(table: CapTable, names: dict[Any, str]) -> dict[str, Any]:
    classes: list[dict[str, Any]] = []
    for cls in table.classes:
        rows = [row for row in table.rows if row.class_id == cls.class_id]
        held = [
            {"party": row.party, "name": names.get(row.party), "shares": quantity(row.shares, cls.decimals)}
            for row in rows
        ]
        outstanding = quantity(sum(row.shares for row in rows), cls.decimals)
        classes.append({**class_object(cls), "outstanding": outstanding, "holders": held})
    return {"classes": classes, "holders": len({row.party for row in table.rows})}


def _show_table(out: Output, table: CapTable, names: dict[Any, str], stand: dict[str, Any]) -> None:
    company = table.company
    dated = f", effective {stand['effective_on']}" if "effective_on" in stand else ""
    out.line(f"{company.name}: {company.seats} of {company.cap} seats, block {stand['block']}{dated}", style="bold")
    for cls in table.classes:
        rows = [row for row in table.rows if row.class_id == cls.class_id]
        total = sum(row.shares for row in rows)
        title = f"{cls.name}: {grouped(total, cls.decimals)} of {grouped(cls.authorised, cls.decimals)}"
        columns = [Column("holder"), Column("party", True), Column("shares", True), Column("%", True)]
        lines = [
            [person(row.party, names), row.party, grouped(row.shares, cls.decimals), _percent(row.shares, total)]
            for row in rows
        ]
        out.table(title, columns, lines)


def _percent(part: int, whole: int) -> str:
    """Hundredths of a percent, rounded half up, in whole numbers."""
    hundredths = (part * 20_000 + whole) // (2 * whole) if whole else 0
    return f"{hundredths // 100}.{hundredths % 100:02d}"
