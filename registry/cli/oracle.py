"""`equity oracle`: run, check, explain. The oracles are a room of their own, named here by their import strings."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from registry.chain.deployment import Deployment
from registry.cli import options
from registry.cli.output import Output
from registry.cli.signals import Stopped, ended_by_signals
from registry.outbox import Outbox
from registry.settings import Settings, load_settings
from registry.store import Identity, open_durable

app = options.group("Oracles: run a verifier's feed, check it, explain an attestation.")

Feed = Annotated[Path, typer.Argument(metavar="FEED.toml", help="What to look at, and who signs.")]


@app.command("run")
def run(
    feed: Feed,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each cycle.")] = False,
) -> None:
    """Run a verifier's feed until Ctrl-C: fetch, judge, keep the evidence, sign, bring it to the board, confirm.

    Without a [signer] it is dry. Killed at any moment, the same command goes on; nothing is attested twice.

    equity --home ~/lab oracle run users.toml
    """
    out, settings = Output(json), load_settings()
    try:
        with ended_by_signals():
            wanted, keys = _load("feed").read_feed(feed), _load("keys").Keys(settings, _ask)
            with _outbox(settings) as outbox:
                joined = _join(wanted, settings, outbox, keys)
                report = _reporter(out, wanted.name)
                out.note(f"feed {wanted.name}, every {wanted.every} s; Ctrl-C ends it")
                _load("commands").run(wanted, settings, *joined, keys=keys, report=report, stop=threading.Event())
    except Stopped:
        out.note("ended; what was begun goes on with the next start")


@app.command("check")
def check(feed: Feed, json: options.Json = False) -> None:
    """Try everything that run needs, and send nothing: file, keys, node, the board's case, sources, verdict.

    Exit code 1 where the sources speak against attesting anything.

    equity --home ~/lab oracle check users.toml
    """
    out, settings = Output(json), load_settings()
    wanted, keys = _load("feed").read_feed(feed), _load("keys").Keys(settings, _ask)
    cases, _ = _join(wanted, settings, None, keys)
    found, showing = _load("commands").check(wanted, cases, keys=keys), _load("showing")
    out.result(showing.checked_json(found), lambda o: _lines(o, showing.checked_lines(found)))
    if found.verdict.outcome is None:
        raise typer.Exit(1)


@app.command("explain")
def explain(
    attestation: Annotated[
        str, typer.Argument(metavar="ATTESTATION", help="0x… digest of an attestation, or hash of its evidence.")
    ],
    json: options.Json = False,
) -> None:
    """Make a verdict again from the evidence that was kept: no network, no clock, no key.

    Exit code 1 where today's verdict differs from the kept one, or the attestation from its evidence.

    equity oracle explain 0x5f0c8d2ab1c94e7d6a3b8f10e2d4c6a80917263544a1b2c3d4e5f60718293a4b
    """
    out = Output(json)
    found, showing = _load("commands").explain(attestation, load_settings()), _load("showing")
    out.result(showing.explained_json(found), lambda o: _lines(o, showing.explained_lines(found)))
    if not found.stands:
        raise typer.Exit(1)


def _ask() -> str:
    """The passphrase, from a person; only then what acts need is loaded."""
    from registry.cli.session import ask

    return ask()


def _load(module: str) -> Any:
    """A module of the oracles' room."""
    return importlib.import_module(f"oracles.{module}")


def _join(feed: Any, settings: Settings, outbox: Outbox | None, keys: Any) -> tuple[Any, Any]:
    """Cases and submitter. A dry feed needs no registry, and judges without the board where there is none."""
    if feed.signer is None and not settings.deployment_file.exists():
        return None, None
    joined = _load("onchain").join(feed, settings, outbox, keys)
    return joined.cases, joined.submitter


@contextmanager
def _outbox(settings: Settings) -> Iterator[Outbox | None]:
    if not settings.deployment_file.exists():
        yield None
        return
    found = Deployment.load(settings.deployment_file)
    engine = open_durable(settings.durable_file, Identity(found.chain_id, found.genesis_hash, found.registry))
    try:
        yield Outbox(engine)
    finally:
        engine.dispose()


def _reporter(out: Output, feed: str) -> Any:
    """Every cycle for scripts; for people what differs from the cycle before."""
    showing, shown = _load("showing"), [""]

    def report(result: Any) -> None:
        if out.as_json:
            sys.stdout.write(dumps(showing.result_json(feed, int(time.time()), result), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        line = showing.result_line(result)
        if line != shown[0]:
            out.line(f"{time.strftime('%H:%M:%S')} {line}")
            shown[0] = line

    return report


def _lines(out: Output, lines: Iterator[str]) -> None:
    for line in lines:
        out.line(line)
