"""Brownie's executor of contracts/deployment.toml, for whoever deploys from a Brownie console or account.

    brownie run deploy             asks for accounts, deploys, writes deployment.json
    brownie run deploy describe    deploys on the development chain and prints what came out, for comparison

`equity deploy` executes the same plan. Of our own packages this environment holds registry.domain only.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from brownie import accounts, chain, project, web3  # noqa: E402

from registry.domain.days import day_of  # noqa: E402
from registry.domain.deployment import DEPLOYER, Plan, masked_code, read_plan  # noqa: E402


def plan() -> Plan:
    text = (ROOT / "contracts" / "deployment.toml").read_text(encoding="utf-8")
    return read_plan(tomllib.loads(text), text)


def deploy(plan: Plan, deployer, governor, holders: dict[str, str]) -> dict[str, object]:
    """Creates the parts and grants the rights; the contracts by part. `holders` maps each name to an address."""
    (loaded,) = project.get_loaded_projects()
    known = {name: _bytes(address) for name, address in holders.items()}
    parts = {}
    for part in plan.parts:
        arguments = [_argument(value) for value in plan.arguments_of(part, known)]
        parts[part.part] = getattr(loaded, part.contract).deploy(*arguments, {"from": deployer})
        known[part.part] = _bytes(parts[part.part].address)
    places = {**holders, **{name: contract.address for name, contract in parts.items()}}
    _grant(plan, parts["registry"], governor, places)
    return parts


def description(plan: Plan, parts: dict[str, object], holders: dict[str, str]) -> dict[str, object]:
    """Chain, contracts as deployment.json has them, and what every account ended with."""
    registry = parts["registry"]
    return {
        "chain_id": chain.id,
        "genesis_hash": "0x" + bytes(web3.eth.get_block(0)["hash"]).hex(),
        "contracts": {part.part: _described(part.contract, parts[part.part]) for part in plan.parts},
        "utc_offset": plan.utc_offset,
        "roles": {name: registry.rolesOf(address) for name, address in holders.items()},
        "part_roles": {name: registry.rolesOf(contract.address) for name, contract in parts.items()},
        "providers": {name: list(registry.providers(address)) for name, address in holders.items()},
    }


def main() -> None:
    """Asks which accounts of this machine sign, and where the others are."""
    the_plan = plan()
    deployer = accounts.load(input("account of the deployer: "))
    governor = accounts.load(input("account of the governor: "))
    holders = {
        name: governor.address if name == the_plan.governor else input(f"address of {name}: ").strip()
        for name in the_plan.holders
    }
    parts = deploy(the_plan, deployer, governor, holders)
    said = description(the_plan, parts, holders)
    kept = {key: said[key] for key in ("chain_id", "genesis_hash", "contracts", "utc_offset")}
    Path("deployment.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"deployed on chain {chain.id}; wrote deployment.json")


def describe() -> None:
    the_plan = plan()
    names = [DEPLOYER, *the_plan.holders]
    holders = {name: accounts[number].address for number, name in enumerate(names)}
    keys = dict(zip(names, accounts[: len(names)], strict=True))
    parts = deploy(the_plan, keys[DEPLOYER], keys[the_plan.governor], holders)
    print(json.dumps(description(the_plan, parts, holders)))


def _grant(plan: Plan, registry, governor, places: dict[str, str]) -> None:
    today = day_of(chain[-1]["timestamp"], plan.utc_offset)
    for name, roles in plan.grants():
        registry.setRoles(_tuple(plan.header(f"roles/{name}", today)), places[name], int(roles), {"from": governor})
    for name, terms in plan.providers.items():
        header = _tuple(plan.header(f"provider/{name}", today))
        registry.trustProvider(
            header, places[name], (terms.first_id, terms.last_id, terms.until_day), {"from": governor}
        )


def _described(name: str, contract) -> dict[str, object]:
    artifact = json.loads((ROOT / "registry" / "artifacts" / f"{name}.json").read_text(encoding="utf-8"))
    spots = [(spot["start"], spot["length"]) for spot in artifact["immutableReferences"]]
    code = masked_code(bytes(web3.eth.get_code(contract.address)), spots)
    return {
        "contract": name,
        "address": contract.address.lower(),
        "code_hash": "0x" + bytes(web3.keccak(code)).hex(),
        "block": contract.tx.block_number,
    }


def _tuple(header) -> tuple[bytes, int, bytes]:
    return header.operation, header.effective_on, header.document


def _argument(value: bytes | int) -> str | int:
    return value if isinstance(value, int) else web3.to_checksum_address("0x" + value.hex())


def _bytes(address: str) -> bytes:
    return bytes.fromhex(address[2:])
