"""Options that many commands share, with one help text each."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for scripts.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="BLOCK|TIME", help="What was known then: a block number, a day, or a time."),
]
EffectiveOn = Annotated[
    str | None,
    typer.Option("--effective-on", metavar="DATE", help="The law's view: entries dated up to the end of that day."),
]
Key = Annotated[
    str | None,
    typer.Option("--key", metavar="TEXT", help="Idempotency key: the same key never does an act twice."),
]
Document = Annotated[
    str,
    typer.Option("--document", metavar="FILE|HASH", help="What the act rests on: a file (its SHA-256) or 0x… hash."),
]
Effective = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="Legal effective date; today unless given, never later."),
]
Company = Annotated[str, typer.Option("--company", "-c", metavar="NUMBER", help="The company's number or address.")]
ShareClass = Annotated[
    str, typer.Option("--class", "-k", metavar="CLASS", help="The class by index, symbol, name or address.")
]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Where the page before ended.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=200, help="Lines of a page.")]


def group(help: str) -> typer.Typer:
    """A group of commands that looks like the others."""
    return typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help=help)
