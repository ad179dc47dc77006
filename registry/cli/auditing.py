"""`equity audit`: replay from the first block, compare with mirror and chain, say every difference."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts.verifying import verify
from registry.audit import as_json, as_text
from registry.cli import options
from registry.cli.output import Output
from registry.cli.session import desk


def audit(
    at: Annotated[int | None, typer.Option("--at", metavar="BLOCK", help="An earlier block; default the head.")] = None,
    json: options.Json = False,
) -> None:
    """Replay all events; compare with mirror and chain: each holder, class, seat and party at one block.

    Exit code 1 where anything differs; each difference names the transaction behind it.
    """
    out = Output(json)
    with desk(out) as d, out.progress() as report:
        found = verify(d, at, lambda done, total: report("replay", done, total))
    out.result(as_json(found), lambda o: o.line(as_text(found)))
    if not found.is_equal:
        raise typer.Exit(1)
