"""`equity mirror`: sync, follow, rebuild, status."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from registry.acts.places import connect
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.cli import options
from registry.cli.output import Column, Output
from registry.cli.show import hexed, stand_object
from registry.mirror.queries import Queries, Stand
from registry.mirror.sync import Mirror
from registry.settings import load_settings

app = options.group("The mirror: sync, follow, rebuild, status.")


@contextmanager
def _opened(for_rebuild: bool = False) -> Iterator[tuple[Node, Mirror]]:
    settings = load_settings()
    deployment = Deployment.load(settings.deployment_file)
    with (
        connect(settings, deployment) as node,
        Mirror(settings.mirror_file, deployment, for_rebuild=for_rebuild) as mirror,
    ):
        yield node, mirror


@app.command("sync")
def sync(json: options.Json = False) -> None:
    """Take in everything up to the node's head."""
    out = Output(json)
    with _opened() as (node, mirror), out.progress() as report:
        stand = mirror.catch_up(node, progress=lambda block, goal, _: report("mirror", block, goal))
    _told(out, stand)


@app.command("rebuild")
def rebuild(json: options.Json = False) -> None:
    """Throw the mirror away and make it anew from the chain."""
    out = Output(json)
    with _opened(for_rebuild=True) as (node, mirror), out.progress() as report:
        stand = mirror.rebuild(node, progress=lambda block, goal, _: report("mirror", block, goal))
    _told(out, stand)


@app.command("follow")
def follow() -> None:
    """Follow the chain until Ctrl-C."""
    out = Output()
    stop = threading.Event()
    with _opened() as (node, mirror):
        out.note("following the chain; Ctrl-C ends it")
        try:
            mirror.follow(node, stop, on_trouble=lambda error: out.note(error.message))
        except KeyboardInterrupt:
            stop.set()


@app.command("status")
def status(json: options.Json = False) -> None:
    """Show where the mirror stands, and whose it is. Asks no node."""
    out = Output(json)
    with closing(Queries(load_settings().mirror_file)) as queries:
        found = queries.status()
    data: dict[str, Any] = {
        **stand_object(found.head),
        "chain_id": found.chain_id,
        "registry": hexed(found.registry),
        "companies": found.companies,
        "entries": found.entries,
        "rewinds": found.rewinds,
    }
    out.result(data, lambda o: o.table("Mirror", [Column("what"), Column("value")], list(data.items())))


def _told(out: Output, stand: Stand) -> None:
    out.result(stand_object(stand), lambda o: o.line(f"the mirror stands at block {stand.block}"))
