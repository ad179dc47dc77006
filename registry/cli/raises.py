"""`equity raise`: from the file of terms to the settlement, or to the refund."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from registry.acts import raising as acts
from registry.acts import settling
from registry.acts.desk import Desk
from registry.acts.operations import Done, Request
from registry.acts.overview import overview
from registry.acts.raise_file import read_raise
from registry.acts.raising import Raise, all_raises, find_raise
from registry.acts.settling import Standing
from registry.cli import options, parse, subscriptions
from registry.cli.money import once_line, once_object, yuan
from registry.cli.output import Column, Output, Report
from registry.cli.raise_show import overview_object, show_overview
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object, hexed
from registry.cli.subscriptions import RaiseArgument
from registry.domain.ids import Day
from registry.domain.raising import OfferingPhase

app = options.group("Raises: create, admit, open, subscribe, settle or refund.")


@app.command("create")
def create(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file of terms, RAISE.toml.")],
    document: options.Document,
    key: options.Key = None,
    on: options.Effective = None,
    json: options.Json = False,
) -> None:
    """Create a raise with its escrow from a file of terms; the company has to admit it.

    Everything that is wrong in the file is told at once, each with field, value and rule.

    equity raise create series-a.toml --document resolution.pdf
    """
    out = Output(json)
    with desk(out) as d:
        terms = read_raise(d, file)
        target, done = acts.create_raise(d, request(key, document, on), terms)
    data = {
        "raise": target.number,
        "offering": hexed(target.offering),
        "escrow": hexed(target.escrow),
        **done_object(done),
    }
    out.result(data, lambda o: o.line(f"raise {target.number} at {data['offering']}: {done_line(done)}"))


@app.command("admit")
def admit(
    raise_: RaiseArgument, document: options.Document, key: options.Key = None, json: options.Json = False
) -> None:
    """Admit a raise to its company, under the company's key: it may keep seats and shares free. Cannot be undone."""
    _act(acts.admit_raise, "admitted", raise_, document, key, json)


@app.command("open")
def open_(
    raise_: RaiseArgument, document: options.Document, key: options.Key = None, json: options.Json = False
) -> None:
    """Open a raise that its company admitted; the panels have to have their verifiers."""
    _act(acts.open_raise, "open", raise_, document, key, json)


app.command("subscribe")(subscriptions.subscribe)
app.command("withdraw")(subscriptions.withdraw)
app.command("check")(subscriptions.check)


@app.command("cancel")
def cancel(
    raise_: RaiseArgument,
    document: options.Document,
    company: Annotated[bool, typer.Option("--by-company", help="Under the company's key.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Cancel a raise until something is allotted: everybody is refunded in full."""

    def act(d: Desk, asked: Request, target: Raise) -> Done:
        return acts.cancel_raise(d, asked, target, by_company=company)

    _act(act, "cancelled", raise_, document, key, json)


@app.command("stop")
def stop(
    raise_: RaiseArgument, document: options.Document, key: options.Key = None, json: options.Json = False
) -> None:
    """Stop a raise for good, under the regulator's key, until something is allotted."""
    _act(acts.stop_raise, "stopped", raise_, document, key, json)


@app.command("close")
def close(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Close a raise after its window and the cooling-off period: the minimum was reached, or it has failed."""
    out = Output(json)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = settling.close_raise(d, target)
        phase = OfferingPhase(d.raises.totals(target.offering).phase)
    data = {"raise": target.number, "phase": phase.name.lower(), **once_object(done)}
    out.result(data, lambda o: o.line(f"raise {target.number} is {phase.name.lower()}: {once_line(done)}"))


@app.command("cut")
def cut(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Cut what was asked for above the maximum, by largest remainder; the contract verifies it."""
    out = Output(json)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = settling.verify_cut(d, target)
        raised = d.raises.totals(target.offering).raised
    data = {"raise": target.number, "raised": raised, **once_object(done)}
    out.result(data, lambda o: o.line(f"raise {target.number} raises {yuan(raised)} CNY: {once_line(done)}"))


@app.command("allot")
def allot(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Allot shares to all subscribers in pages; the last page settles the raise."""
    _serve(settling.allot, raise_, json)


@app.command("settle")
def settle(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Settle a raise: close, cut where it has to be, allot. The same command goes on where it died.

    equity raise settle 1
    """
    _serve(settling.settle, raise_, json)


@app.command("fail")
def fail(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Let a raise fail that was not allotted in its time for settling."""
    out = Output(json)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = settling.fail_raise(d, target)
    out.result(
        {"raise": target.number, **once_object(done)},
        lambda o: o.line(f"raise {target.number} has failed: {once_line(done)}"),
    )


@app.command("refund")
def refund(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Refund all subscribers of a raise that failed, in pages.

    equity raise refund 1
    """
    _serve(settling.refund, raise_, json)


@app.command("list")
def list_raises(json: options.Json = False) -> None:
    """List all raises with their phase and money."""
    out = Output(json)
    with desk(out) as d:
        block = d.node.head().number
        known = all_raises(d)
        totals = d.raises.totals_of([item.offering for item in known], block)
        numbers = [d.reads.company_number(item.company, block) for item in known]
    objects: list[dict[str, Any]] = [
        {
            "raise": item.number,
            "company": number,
            "phase": OfferingPhase(word.phase).name.lower(),
            "minimum": item.terms.minimum,
            "maximum": item.terms.maximum,
            "live": word.live,
            "raised": word.raised,
            "subscribers": word.subscribers,
        }
        for item, number, word in zip(known, numbers, totals, strict=True)
    ]
    rows = [
        [o["raise"], o["company"], o["phase"], yuan(o["live"]), yuan(o["maximum"]), o["subscribers"]] for o in objects
    ]
    columns = [Column("raise", True), Column("company", True), Column("phase"), Column("money, CNY", True)]
    columns += [Column("maximum", True), Column("subscribers", True)]
    out.result({"block": block, "raises": objects}, lambda o: o.table(f"Raises at block {block}", columns, rows))


@app.command("show")
def show(
    raise_: RaiseArgument,
    block: Annotated[int | None, typer.Option("--block", min=0, help="As of an earlier block.")] = None,
    json: options.Json = False,
) -> None:
    """Show a raise: progress, money, seats that are left, milestones.

    equity raise show 1
    """
    out = Output(json)
    with desk(out) as d:
        seen = overview(d, find_raise(d, raise_), block)
        data = overview_object(d, seen)
        offset = d.deployment.utc_offset
    out.result(data, lambda o: show_overview(o, seen, offset))


@app.command("limit")
def limit(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="CNY a civil year; 0 lifts the limit.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Set what one individual may invest in a year over all companies, under the regulator's key.

    equity raise limit 1000000 --document order.pdf
    """
    out = Output(json)
    fen = parse.money(amount, least=0)
    with desk(out) as d:
        done = acts.set_annual_limit(d, request(key, document), fen)
    out.result(done_object(done), lambda o: o.line(f"annual limit {yuan(fen)} CNY: {done_line(done)}"))


@app.command("outside-use")
def outside_use(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")],
    year: Annotated[int, typer.Argument(metavar="YEAR", min=2000, max=2255, help="The civil year.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="CNY invested through other registries.")],
    until: Annotated[str, typer.Option(metavar="DATE", help="Last day on which the statement counts.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """State what a party invested elsewhere in a year, under the KYC agent's key; it uses the annual limit.

    equity raise outside-use 12 2026 300000 --until 2026-12-31 --document statement.pdf
    """
    out = Output(json)
    fen, number = parse.money(amount, least=0), parse.party(party)
    last = parse.last_day(until, "until") or Day(0)
    with desk(out) as d:
        done = acts.state_outside_use(d, request(key, document), number, year, fen, last)
    out.result(done_object(done), lambda o: o.line(f"party {party} used {yuan(fen)} CNY elsewhere: {done_line(done)}"))


def _act(
    act: Callable[[Desk, Request, Raise], Done], word: str, raise_: str, document: str, key: str | None, json: bool
) -> None:
    out = Output(json)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = act(d, request(key, document), target)
    data = {"raise": target.number, **done_object(done)}
    out.result(data, lambda o: o.line(f"raise {target.number} {word}: {done_line(done)}"))


def _serve(serve: Callable[[Desk, Raise, Report], Standing], raise_: str, json: bool) -> None:
    out = Output(json)
    with desk(out) as d, out.progress() as report:
        target = find_raise(d, raise_)
        standing = serve(d, target, report)
        money = overview(d, target).money
    phase = standing.phase.name.lower()
    data: dict[str, Any] = {
        "raise": target.number,
        "phase": phase,
        "raised": standing.totals.raised,
        "served": standing.served,
        "parked": standing.parked,
        "money": money.as_json(),
    }
    parked = f", {standing.parked} parked" if standing.parked else ""
    words = f"raise {target.number} is {phase}: {standing.served} subscribers served{parked}"
    hint = f"; money goes back by: equity raise refund {target.number}"
    is_owed = standing.phase is OfferingPhase.FAILED and money.held
    out.result(data, lambda o: o.line(words + (hint if is_owed else "")))
