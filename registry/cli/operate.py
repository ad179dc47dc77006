"""`equity deploy`, `equity serve`, `equity up`: what runs, and for how long."""

from __future__ import annotations

from typing import Any

from registry.acts.workplace import deploy_registry
from registry.cli import options
from registry.cli.output import Column, Output
from registry.cli.session import ask
from registry.cli.show import hexed
from registry.settings import load_settings


def deploy(json: options.Json = False) -> None:
    """Deploy the contracts on the node and keep where they are.

    Makes the keys that are missing. Dead half way, the same command goes on; done before, it verifies.
    """
    out = Output(json)
    settings = load_settings()
    deployment = deploy_registry(settings, ask, out.note)
    data: dict[str, Any] = deployment.as_json()
    rows = [[part, deployed.contract, hexed(deployed.address)] for part, deployed in deployment.contracts.items()]
    columns = [Column("part"), Column("contract"), Column("address")]
    out.result(data, lambda o: o.table(f"Deployed on chain {deployment.chain_id}", columns, rows))
