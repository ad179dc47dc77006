"""Puts the commands together, and shows errors: the only place of the command line that catches them."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer

from registry.cli.lazy import LazyGroup
from registry.cli.output import Output
from registry.errors import RegistryError
from registry.log import configure
from registry.settings import load_settings

app = typer.Typer(
    name="equity",
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def main() -> None:
    """Runs one command. Codes: 0 done, 1 difference or refusal, 2 usage, 65 input, 69 not there, 75 again, 78 halt."""
    try:
        app()
    except RegistryError as error:
        Output(as_json="--json" in sys.argv).error(error)
        sys.exit(error.exit_code)


@app.callback()
def settings(
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder of keys, databases and deployment (EQUITY_HOME).")
    ] = None,
    rpc_url: Annotated[str | None, typer.Option("--rpc-url", help="The node (EQUITY_RPC_URL).")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A register of shareholders on an EVM chain.

    Exit codes: 0 done; 1 a difference was found or the chain refused; 2 usage; 65 bad input; 69 node or database not
    there; 75 try again; 78 wrong chain or configuration.
    """
    if home is not None:
        os.environ["EQUITY_HOME"] = str(home.absolute())
    if rpc_url is not None:
        os.environ["EQUITY_RPC_URL"] = rpc_url
    configure(load_settings().log_level)
    if version:
        Output().line(installed("equity-registry"))
        raise typer.Exit
