"""`equity demo`: a real cap table on a chain of its own, moved, mirrored, served, replayed; ended without a trace."""

from __future__ import annotations

import json as jsonlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from registry.acts import story
from registry.acts.importing import Imported, import_plan
from registry.acts.opening import open_company
from registry.acts.overview import Money
from registry.acts.verifying import verify
from registry.audit import Report
from registry.chain.anvil import AnvilOptions
from registry.cli import options
from registry.cli.demo_dividend import dividend_object, play_dividend, show_dividend
from registry.cli.demo_raise import play_raise, show_money
from registry.cli.importing import imported_object, refuse_errors, show_classes
from registry.cli.output import Output, grouped
from registry.cli.show import hexed
from registry.cli.signals import Stopped, ended_by_signals
from registry.cli.stack import Stack, pages, running_stack, wait
from registry.cli.teller import Teller
from registry.domain.entitlements import DividendSummary
from registry.errors import InputError
from registry.interchange import ImportPlan, plan_import, read_package

EXAMPLE = "xinguang"


def demo(
    package: Annotated[
        Path | None, typer.Option("--package", metavar="DIR|ZIP", help="Another Open Cap Format package.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End after the verdict.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the pages; another one if it is taken.")] = 8080,
    json: options.Json = False,
) -> None:
    """Show the whole thing on a temporary chain: import, transfer, raise, release, redeem, dividend, replay, verdict.

    Stays up for a look at the pages until Ctrl-C, and leaves nothing behind.

    equity demo --package ../acme --once
    """
    teller = Teller(Output(json), time.monotonic())
    plan = plan_import(read_package(package or example()))
    refuse_errors(plan, teller.out)
    try:
        with ended_by_signals(), _temporary_home(), running_stack(AnvilOptions(), teller.step) as running:
            report = _play(running, plan, teller, port, stays=not once)
    except Stopped:
        teller.step("ended; nothing is left running")
        return
    if not report.is_equal:
        raise typer.Exit(1)


def example() -> Path:
    """The package that comes with the program: beside the code, or inside the installed one."""
    for root in (Path(str(files("registry"))), Path(__file__).parents[2]):
        folder = root / "examples" / EXAMPLE
        if folder.is_dir():
            return folder
    raise InputError("the example package is not installed; name one with --package", code="package_missing")


@contextmanager
def _temporary_home() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="equity-demo-", ignore_cleanup_errors=True) as folder:
        os.environ["EQUITY_HOME"] = folder
        for name in ("EQUITY_PASSPHRASE_FILE", "EQUITY_DIRECTORY_KEY_FILE"):
            os.environ.pop(name, None)
        yield


def _play(running: Stack, plan: ImportPlan, teller: Teller, port: int, *, stays: bool) -> Report:
    imported = _import(running, plan, teller)
    _live(running, plan, imported, teller)
    money, number = play_raise(running, teller)
    dividend, paid = play_dividend(running, teller)
    with pages(running.settings, "127.0.0.1", port, may_move=True) as address:
        teller.step("replaying the chain from its first block and comparing with mirror and chain")
        report = verify(running.desk)
        _show(running, plan, imported, report, teller, money, dividend)
        if stays:
            _invite(teller, address, imported, number, paid)
            teller.step("Ctrl-C ends everything")
            wait(running)
    return report


def _import(running: Stack, plan: ImportPlan, teller: Teller) -> Imported:
    assert plan.company is not None  # refused before otherwise
    teller.step(f"importing {plan.company.legal_name}: {len(plan.steps)} steps, {len(plan.warnings)} warnings")
    for finding in plan.warnings[:5]:
        teller.more(f"{finding.code}: {finding.message}")
    if len(plan.warnings) > 5:
        teller.more(f"and {len(plan.warnings) - 5} more: see `equity import PACKAGE --preview`")
    with teller.out.progress() as report:
        return import_plan(running.desk, plan, report=report)


def _live(running: Stack, plan: ImportPlan, imported: Imported, teller: Teller) -> None:
    """What happens in a company's life, on the two largest holders of a class."""
    desk = running.desk
    cast = story.choose(plan, imported)
    if cast is not None:
        for actor, done in zip(cast.actors, story.qualify(desk, cast.actors), strict=True):
            what = "qualified investor" if actor.is_person else "institution"
            teller.step(f"party {actor.party} is a {what} for a year (block {done.block})")
    breaches, done = open_company(desk, f"demo open {imported.company}", imported.company, imported.address)
    count = 0 if breaches is None else len({breach.party for breach in breaches.breaches})
    teller.step(f"company {imported.company} is open (block {done.block}); {count} holders may sell, not receive yet")
    if cast is None:
        teller.step("nobody holds shares in this package: nothing to transfer")
        return
    share_class = imported.classes[cast.class_id]
    cast = story.bind_wallets(desk, cast)
    for actor in cast.actors:
        teller.step(f"wallet {hexed(actor.address)} is bound to party {actor.party}")
    done = story.take_out(desk, cast, share_class)
    teller.step(f"party {cast.giver.party} takes {grouped(cast.part)} into the wallet (block {done.block})")
    moved = story.hand_over(desk, cast, share_class)
    if moved is not None and cast.taker is not None:
        text = f"party {cast.giver.party} sends {grouped(cast.part)} to party {cast.taker.party}"
        teller.step(f"{text} (block {moved.block}, transaction {hexed(moved.tx)})")
    refused = story.try_in_vain(desk, cast, share_class)
    teller.step(f"a transfer to somebody unqualified is refused before anybody signs: {refused.message}")


def _show(
    running: Stack,
    plan: ImportPlan,
    imported: Imported,
    report: Report,
    teller: Teller,
    money: Money,
    dividend: DividendSummary,
) -> None:
    seen = imported_object(running.desk, plan, imported)
    line = {
        "verdict": report.verdict,
        "block": report.block,
        "company": seen["company"],
        "classes": [{key: c[key] for key in ("id", "name", "authorized", "outstanding")} for c in seen["classes"]],
        "holders": seen["holders"],
        "money": money.as_json(),
        "dividends": dividend_object(dividend),
    }
    if teller.out.as_json:
        sys.stdout.write(jsonlib.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    show_classes(teller.out, f"{line['company']}: {line['holders']} holders of record", seen["classes"])
    for difference in report.differences[:20]:
        teller.out.line(f"  {difference}", style="red")
    show_money(teller.out, money)
    show_dividend(teller.out, dividend)
    words = "register = chain, money in = money accounted for" if report.is_equal else "register and chain DIFFER"
    style = "bold green" if report.is_equal else "bold red"
    teller.out.line(f"{report.verdict}: {words}, block {report.block}, {report.entries} entries replayed", style=style)


def _invite(teller: Teller, address: str, imported: Imported, number: int, dividend: int) -> None:
    """Where to look; not where a script reads."""
    if not teller.out.as_json:
        teller.out.line(f"open {address}/companies/{imported.company} (cap table)")
        teller.out.line(f"open {address}/raises/{number}/escrow (raise, escrow, verdicts)")
        teller.out.line(f"open {address}/dividends/{dividend} (dividend, who got what and why)")
