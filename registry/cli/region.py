"""`equity region`: scheme, halt, resume, show."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts import raising as acts
from registry.cli import options, parse
from registry.cli.money import span, yuan
from registry.cli.output import Column, Output
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object
from registry.domain.days import civil

app = options.group("Regional markets: scheme, halt, resume.")

Region = Annotated[int, typer.Argument(metavar="REGION", min=1, max=65535, help="Code of the regional market.")]


@app.command("scheme")
def scheme(
    region: Region,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, max=65535, help="Version of the scheme.")],
    ceiling: Annotated[str, typer.Argument(metavar="CEILING", help="Most that one raise may take in, CNY.")],
    document: options.Document,
    investor: Annotated[str, typer.Option(help="Most that one investor may put into one raise, CNY; 0 none.")] = "0",
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Set a region's ceilings, under the regulator's key. The document is the certified scheme.

    equity region scheme 310 1 30000000 --document scheme.pdf
    """
    out = Output(json)
    most, each = parse.money(ceiling, "ceiling"), parse.money(investor, "investor", least=0)
    with desk(out) as d:
        done = acts.set_scheme(d, request(key, document), region, version, most, each)
    out.result(done_object(done), lambda o: o.line(f"scheme {version} of region {region}: {done_line(done)}"))


@app.command("halt")
def halt(region: Region, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Stop every clock of a region: windows, deadlines, interest. KYC days go on.

    equity region halt 310 --document order.pdf
    """
    _halt(region, document, True, key, json)


@app.command("resume")
def resume(region: Region, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Let the clocks of a region go on; every time is later by the halt."""
    _halt(region, document, False, key, json)


@app.command("show")
def show(region: Region, json: options.Json = False) -> None:
    """Show a region's scheme and its clock.

    equity region show 310
    """
    out = Output(json)
    with desk(out) as d:
        head = d.node.head()
        word = d.raises.region_word(region, head.number)
        offset = d.deployment.utc_offset
    clock = word.clock_at(head.time)
    data = {
        "region": region,
        "block": head.number,
        "version": word.version,
        "raise_ceiling": word.raise_ceiling,
        "investor_ceiling": word.investor_ceiling,
        "halted": word.is_halted,
        "clock": clock,
    }
    rows = [
        ["scheme", f"version {word.version}" if word.version else "none: no raise"],
        ["one raise, CNY", yuan(word.raise_ceiling)],
        ["one investor, CNY", yuan(word.investor_ceiling) if word.investor_ceiling else "no ceiling"],
        ["halted", f"since {civil(word.halted_since, offset)}" if word.is_halted else "no"],
        ["clock is behind by", span(head.time - clock)],
    ]
    out.result(data, lambda o: o.table(f"Region {region}", [Column("fact"), Column("value")], rows))


def _halt(region: int, document: str, halted: bool, key: str | None, json: bool) -> None:
    out = Output(json)
    with desk(out) as d:
        done = acts.set_halted(d, request(key, document), region, halted)
    word = "halted" if halted else "goes on"
    out.result(done_object(done), lambda o: o.line(f"region {region} {word}: {done_line(done)}"))
