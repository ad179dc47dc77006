"""`equity import`: shows what is understood of a package, puts it on the chain, or ends what an import began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry.cli import options, parse
from registry.cli.output import Column, Output, grouped
from registry.errors import InputError
from registry.interchange import ImportPlan, Preview, plan_import, preview, preview_unreadable, read_package

if TYPE_CHECKING:  # a preview does not wait for what sending needs
    from registry.acts.desk import Desk
    from registry.acts.importing import Imported

MOST_SHOWN = 40

Package = Annotated[Path, typer.Argument(metavar="PACKAGE", help="Folder or zip of an Open Cap Format package.")]


def import_(
    package: Package,
    show: Annotated[bool, typer.Option("--preview", help="Show what is understood; write nothing.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="End the migrating company of this package.")] = False,
    form: Annotated[int, typer.Option(help="1 limited by shares (200 holders), 2 limited liability (50).")] = 1,
    region: Annotated[int, typer.Option(min=0, max=65535, help="Code of the regional market.")] = 0,
    cap: Annotated[int, typer.Option(min=0, help="Holders of record allowed; the form's own unless given.")] = 0,
    admit: Annotated[str, typer.Option(help="Categories that may receive later.")] = parse.DEFAULT_ADMITTED,
    attempt: Annotated[int, typer.Option(min=1, help="2 imports a package anew that was abandoned.")] = 1,
    json: options.Json = False,
) -> None:
    """Put a company's cap table on the chain, with its history and dates.

    The same command goes on where it died, and does nothing twice.

    equity import acme.zip --preview

    equity import acme.zip
    """
    out = Output(json)
    if show:
        raise typer.Exit(show_preview(package, out))
    if abandon:
        _abandon(package, attempt, out)
        return
    plan = plan_import(read_package(package))
    refuse_errors(plan, out)
    from registry.acts.importing import Terms, import_plan
    from registry.cli.session import desk

    terms = Terms(form, region, cap, parse.categories(admit, "admit"), attempt)
    with desk(out) as d, out.progress() as report:
        imported = import_plan(d, plan, terms, report)
        data = imported_object(d, plan, imported)
    out.result(data, lambda o: show_imported(o, data))


def show_preview(package: Path, out: Output) -> int:
    """One object or tables, also for a package that would be refused; the exit code."""
    plan: ImportPlan | None = None
    try:
        plan = plan_import(read_package(package))
        seen = preview(plan)
    except InputError as error:
        seen = preview_unreadable(error)
    out.result(seen, lambda o: _tables(o, package, seen, plan))
    return 0 if seen["ok"] else InputError.exit_code


def imported_object(d: Desk, plan: ImportPlan, imported: Imported) -> dict[str, Any]:
    """What stands on the chain of a package, under the ids of the package; sums are the chain's own."""
    words = {cls.id: d.reads.class_word(imported.classes[cls.id]) for cls in plan.classes}
    return {
        "company": plan.company.legal_name if plan.company else None,
        "number": imported.company,
        "address": "0x" + imported.address.hex(),
        "was_there": imported.was_there,
        "classes": [
            {
                "id": cls.id,
                "name": cls.name,
                "address": "0x" + imported.classes[cls.id].hex(),
                "authorized": str(words[cls.id].authorised),
                "outstanding": str(words[cls.id].issued),
            }
            for cls in plan.classes
        ],
        "holders": len({row.party for row in d.queries.cap_table(imported.company).rows}),
        "acts": imported.acts,
        "warnings": len(plan.warnings),
    }


def show_imported(out: Output, data: dict[str, Any]) -> None:
    state = "is there already" if data["was_there"] else "is on the chain"
    out.line(f"{data['company']} {state}: company {data['number']} at {data['address']}", style="bold")
    show_classes(out, f"{data['holders']} holders of record, {data['acts']} acts", data["classes"])
    out.line(f"It is migrating until: equity company open {data['number']}")


def refuse_errors(plan: ImportPlan, out: Output) -> None:
    """Every error at once, before anything is written; the raised one is the first."""
    if plan.ok:
        return
    for finding in plan.errors[1:MOST_SHOWN]:
        out.note(f"{finding.code}: {finding.message}")
    first = plan.errors[0]
    raise InputError(first.message, code=first.code, object=first.object, field=first.field, value=first.value)


def _abandon(package: Path, attempt: int, out: Output) -> None:
    from registry.acts.importing import abandon_import
    from registry.cli.session import desk

    digest = read_package(package).digest
    with desk(out) as d:
        number, erased = abandon_import(d, digest, attempt)
    data = {"number": number, "abandoned": True, "names_erased": erased}
    out.result(data, lambda o: o.line(f"company {number} is abandoned for ever; {erased} names were erased"))


def _tables(out: Output, package: Path, seen: Preview, plan: ImportPlan | None) -> None:
    out.line(f"{seen['company'] or package.name}: {seen['holders']} holders of record", style="bold")
    if seen["classes"]:
        show_classes(out, "Share classes", seen["classes"])
    if plan is not None and plan.steps:
        days = [step.effective_on for step in plan.steps]
        out.line(f"{len(plan.steps)} steps of the register, dated {min(days)} to {max(days)}")
    if seen["left_out"]:
        left = [(o["kind"], o["count"], o["reason"]) for o in seen["left_out"]]
        out.table("Left out, kept for later", [Column("kind"), Column("count", True), Column("why")], left)
    _findings(out, "Warnings", [(w["code"], w["message"]) for w in seen["warnings"]])
    _findings(out, "Errors", [(e["code"], e["message"]) for e in seen["errors"]])
    if seen["ok"]:
        out.line(f"Nothing has been written. To import: equity import {package}")
    else:
        out.line("This package cannot be imported; nothing has been written.", style="bold red")


def show_classes(out: Output, title: str, classes: Sequence[Mapping[str, Any]]) -> None:
    columns = [Column("class"), Column("id"), Column("authorised", True), Column("outstanding", True)]
    rows = [(c["name"], c["id"], grouped(int(c["authorized"])), grouped(int(c["outstanding"]))) for c in classes]
    out.table(title, columns, rows)


def _findings(out: Output, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    out.line(f"{title} ({len(rows)})", style="bold")
    for code, message in rows[:MOST_SHOWN]:
        out.line(f"  {code}: {message}")
    if len(rows) > MOST_SHOWN:
        out.line(f"  and {len(rows) - MOST_SHOWN} more: see --json")
