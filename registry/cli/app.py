"""Puts the commands together, and shows errors: the only place of the command line that catches them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated, NoReturn, Protocol, runtime_checkable

import typer

from registry.cli.lazy import LazyGroup
from registry.cli.output import Output
from registry.errors import InputError, RegistryError, Unavailable
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
    out = Output(as_json="--json" in sys.argv)
    try:
        _refuse_bytes(sys.argv[1:])
        ended = app(standalone_mode=False)
    except typer.TyperException as error:
        if not out.as_json and isinstance(error, _ShownError):
            error.show()
            sys.exit(error.exit_code)
        _end(out, UsageError(error.format_message()))
    except typer.Abort:
        _end(out, UsageError("ended without an answer"))
    except RegistryError as error:
        _end(out, error)
    except OSError as error:
        # Databases, node and keystores have words of their own. What is left: a home only to be read, a full disk.
        place = f" {error.filename}:" if error.filename else ""
        _end(out, Unavailable(f"not to be had:{place} {error.strerror or error}"))
    except Exception as error:
        if os.environ.get("EQUITY_LOG_LEVEL") == "debug":
            raise
        _end(out, InternalError(f"{type(error).__name__}: {error} (EQUITY_LOG_LEVEL=debug shows where)"))
    sys.exit(ended if isinstance(ended, int) else 0)


class UsageError(RegistryError):
    """The words of the command line do not fit the command."""

    exit_code = 2
    code = "usage"


class InternalError(RegistryError):
    """Nobody thought of this: a fault of the program."""

    exit_code = 70
    code = "internal"


@runtime_checkable
class _ShownError(Protocol):
    """An error of the command line's own, which shows the command's usage as well."""

    exit_code: int

    def show(self) -> None: ...


def _end(out: Output, error: RegistryError) -> NoReturn:
    out.error(error)
    sys.exit(error.exit_code)


def _refuse_bytes(words: Sequence[str]) -> None:
    """Arguments are text: names go where only text can stand."""
    for place, word in enumerate(words, 1):
        try:
            word.encode()
        except UnicodeEncodeError:
            shown = word.encode(errors="backslashreplace").decode()
            message = f"argument {place} is not UTF-8 text"
            raise InputError(message, code="encoding", field=f"argument {place}", value=shown) from None


def _show_version(is_asked: bool) -> None:
    if is_asked:
        Output().line(installed("equity-registry"))
        raise typer.Exit


@app.callback()
def settings(
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder of keys, databases and deployment (EQUITY_HOME).")
    ] = None,
    rpc_url: Annotated[str | None, typer.Option("--rpc-url", help="The node (EQUITY_RPC_URL).")] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """A register of shareholders on an EVM chain.

    Exit codes: 0 done; 1 a difference was found or the chain refused; 2 usage; 65 bad input; 69 node or database not
    there; 70 a fault of this program; 75 try again; 78 wrong chain or configuration.
    """
    if home is not None:
        os.environ["EQUITY_HOME"] = str(home.absolute())
    if rpc_url is not None:
        os.environ["EQUITY_RPC_URL"] = rpc_url
    configure(load_settings().log_level)
