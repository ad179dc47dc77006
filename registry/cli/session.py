"""Opens the desk for one command: settings from the environment, keys from keystores, node and databases."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from registry.acts.desk import Desk
from registry.acts.operations import Request
from registry.acts.workplace import open_desk
from registry.cli import parse
from registry.cli.output import Output
from registry.domain.days import from_date
from registry.errors import HaltError
from registry.settings import load_settings


@contextmanager
def desk(out: Output) -> Iterator[Desk]:
    """Everything an act needs, at the node's head; closed again whatever happens."""
    with out.progress() as report, open_desk(load_settings(), ask, report) as opened:
        yield opened


def request(key: str | None, document: str, on: str | None = None) -> Request:
    """An act's key, document and date. Without a key of the caller's a new one is made: then twice means twice."""
    day = None if on is None else from_date(parse.day(on, "on"))
    return Request(secrets.token_hex(16) if key is None else key, parse.document(document), day)


def ask() -> str:
    """The keystores' passphrase, from a person."""
    if not sys.stdin.isatty():
        raise HaltError("no passphrase: set EQUITY_PASSPHRASE_FILE to a file that only you can read")
    return str(typer.prompt("passphrase of the keystores", hide_input=True, err=True))
