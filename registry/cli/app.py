"""Puts the commands together, and shows errors: the only place of the command line that catches them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from registry.cli import importing, options
from registry.cli.output import Output
from registry.errors import RegistryError

app = typer.Typer(
    name="equity",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def main() -> None:
    """Exit codes: 0 done, 1 difference or refusal, 2 usage, 65 input, 69 not there, 75 again, 78 configuration."""
    try:
        app()
    except RegistryError as error:
        Output(as_json="--json" in sys.argv).error(error)
        sys.exit(error.exit_code)


@app.command("import")
def import_(
    package: Annotated[Path, typer.Argument(help="Folder or zip of an Open Cap Format package.")],
    preview: Annotated[bool, typer.Option("--preview", help="Show what is understood; write nothing.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="End what this import began, for ever.")] = False,
    json: options.Json = False,
) -> None:
    """Put a company's cap table on the chain, with its history.

    equity import acme.zip --preview
    """
    if preview:
        raise typer.Exit(importing.show_preview(package, Output(json)))


@app.command("version")
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    Output().line(installed("equity-registry"))
