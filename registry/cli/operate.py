"""`equity deploy`, `equity serve`, `equity up`: what runs, and for how long."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from registry.acts.workplace import deploy_registry
from registry.chain.anvil import AnvilOptions
from registry.cli import options
from registry.cli.output import Column, Output
from registry.cli.serving import address_of, listener, serve_here
from registry.cli.session import ask
from registry.cli.show import hexed
from registry.cli.signals import Stopped, ended_by_signals
from registry.cli.stack import pages, running_stack, wait
from registry.settings import load_settings

# A chain that is killed loses at most what came since it last wrote its state [s].
_STATE_EVERY = 10

Host = Annotated[str | None, typer.Option(help="Address to listen on; names are shown on loopback only.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")]


def deploy(json: options.Json = False) -> None:
    """Deploy the contracts on the node and keep where they are.

    Makes the keys that are missing. Dead half way, the same command goes on; done before, it verifies.
    """
    out = Output(json)
    deployment = deploy_registry(load_settings(), ask, out.note)
    data: dict[str, Any] = deployment.as_json()
    rows = [[part, deployed.contract, hexed(deployed.address)] for part, deployed in deployment.contracts.items()]
    columns = [Column("part"), Column("contract"), Column("address")]
    out.result(data, lambda o: o.table(f"Deployed on chain {deployment.chain_id}", columns, rows))


def serve(host: Host = None, port: Port = None) -> None:
    """Serve API and pages from the mirror, until Ctrl-C. Without --host on loopback only, and with names.

    equity serve --port 8080
    """
    settings = load_settings()
    chosen = host or settings.bind_host
    os.environ["EQUITY_BIND_HOST"] = chosen
    bound = listener(chosen, settings.bind_port if port is None else port)
    with bound:
        Output().note(f"API and pages at {address_of(bound)}; Ctrl-C ends them")
        serve_here(bound, settings.log_level)


def up(
    port: Port = None,
    rpc_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the chain.")] = 8545,
) -> None:
    """Run a stack on this machine that keeps its state: chain, sender, mirror, API and pages. Ctrl-C ends it.

    Deploys when the home is new. Other commands work beside it: equity import, equity captable …
    """
    out = Output()
    settings = load_settings()
    kept = AnvilOptions(port=rpc_port, state=settings.chain_state, state_interval=_STATE_EVERY, keep_history=True)
    for folder in (settings.home, settings.chain_state.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with ended_by_signals(), running_stack(kept, out.note, sends=True) as running:
            chosen = settings.bind_port if port is None else port
            with pages(running.settings, settings.bind_host, chosen, may_move=False) as address:
                out.note(f"home {settings.home}, chain {running.chain.url}")
                out.line(f"open {address}")
                wait(running)
    except Stopped:
        out.note("ended; the state is kept")
