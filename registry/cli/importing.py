"""`equity import`: shows what is understood of a package, and puts it on the chain."""

from __future__ import annotations

from pathlib import Path

from registry.cli.output import Column, Output, grouped
from registry.errors import InputError
from registry.interchange import ImportPlan, Preview, plan_import, preview, preview_unreadable, read_package

MOST_SHOWN = 40


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


def _tables(out: Output, package: Path, seen: Preview, plan: ImportPlan | None) -> None:
    out.line(f"{seen['company'] or package.name}: {seen['holders']} holders of record", style="bold")
    if seen["classes"]:
        columns = [Column("class"), Column("id"), Column("authorised", True), Column("outstanding", True)]
        rows = [
            (c["name"], c["id"], grouped(int(c["authorized"])), grouped(int(c["outstanding"]))) for c in seen["classes"]
        ]
        out.table("Share classes", columns, rows)
    if plan is not None and plan.steps:
        days = [step.effective_on for step in plan.steps]
        out.line(f"{len(plan.steps)} steps of the register, dated {min(days)} to {max(days)}")
    if seen["left_out"]:
        left = [(o["kind"], o["count"], o["reason"]) for o in seen["left_out"]]
        out.table("Left out, kept for later", [Column("kind"), Column("count", True), Column("why")], left)
    _findings(out, "Warnings", [(w["code"], w["object"], w["message"]) for w in seen["warnings"]])
    _findings(out, "Errors", [(e["code"], e["object"], e["message"]) for e in seen["errors"]])
    if seen["ok"]:
        out.line(f"Nothing has been written. To import: equity import {package}")
    else:
        out.line("This package cannot be imported; nothing has been written.", style="bold red")


def _findings(out: Output, title: str, rows: list[tuple[str, str, str]]) -> None:
    if not rows:
        return
    out.line(f"{title} ({len(rows)})", style="bold")
    for code, _, message in rows[:MOST_SHOWN]:
        out.line(f"  {code}: {message}")
    if len(rows) > MOST_SHOWN:
        out.line(f"  and {len(rows) - MOST_SHOWN} more: see --json")
