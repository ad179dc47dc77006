"""Carries out the packaged deployment plan: creates, grants, verifies. Dead half way, the same call goes on.

Addresses follow from the deployer's key and its first nonces, acts from the plan's digest: nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from web3 import Web3
from web3.types import Nonce
from web3.utils import get_create_address

from registry.chain import artifacts, contracts
from registry.chain.client import Node, Receipt
from registry.chain.deployment import Deployed, Deployment
from registry.chain.reads import ChainReads
from registry.chain.refusals import as_error
from registry.chain.rpc import NodeRefusal
from registry.chain.send import send_and_wait
from registry.chain.sign import Fields, Signer
from registry.domain.days import day_of
from registry.domain.deployment import DEPLOYER, Part, Plan, read_plan
from registry.domain.ids import Address
from registry.errors import HaltError, InputError, RejectedError

Progress = Callable[[str], None]


def packaged_plan() -> Plan:
    text, data = artifacts.deployment_plan()
    return read_plan(data, text)


def key_names(plan: Plan | None = None) -> list[str]:
    """Whose keys the plan names; the deployer's and the governor's sign, of the others only the address is needed."""
    return [DEPLOYER, *(plan or packaged_plan()).holders]


def deploy(
    node: Node,
    deployer: Signer,
    governor: Signer,
    holders: Mapping[str, Address],
    plan: Plan | None = None,
    progress: Progress = lambda _: None,
) -> Deployment:
    """Deploys what is missing and returns the verified deployment."""
    plan = plan or packaged_plan()
    missing = sorted(plan.holders.keys() - holders.keys())
    if missing:
        raise InputError(
            f"the deployment plan needs an address for {', '.join(missing)}",
            code="holder_missing",
            field="holders",
            value=", ".join(missing),
        )
    if holders[plan.governor] != governor.address or deployer.address in holders.values():
        raise InputError(
            "the governor signs for itself, and the deployer is nobody else",
            code="holder_mixed",
            field="holders",
            value=plan.governor,
        )
    deployment = _create(node, deployer, holders, plan, progress)
    places = {**holders, **{part: deployed.address for part, deployed in deployment.contracts.items()}}
    _grant(node, governor, places, plan, deployment, progress)
    _verify(node, deployer, places, plan, deployment)
    return deployment


def _create(node: Node, deployer: Signer, holders: Mapping[str, Address], plan: Plan, progress: Progress) -> Deployment:
    known = {name: holders[name] for name in plan.holders}
    created: dict[str, Deployed] = {}
    for nonce, part in enumerate(plan.parts):
        progress(f"contract {part.contract}")
        deployed = _create_one(node, deployer, plan, part, known, nonce)
        created[part.part] = deployed
        known[part.part] = deployed.address
    return Deployment(node.chain_id, node.genesis_hash(), created, plan.utc_offset)


def _create_one(
    node: Node, deployer: Signer, plan: Plan, part: Part, known: Mapping[str, Address], nonce: int
) -> Deployed:
    artifact = artifacts.load(part.contract)
    address = created_address(deployer.address, nonce)
    code = node.code(address)
    block = 0  # of a run that died: the exact block is not known any more, and 0 is not too late
    if not code:
        used = node.nonce(deployer.address, "latest")
        if used != nonce:
            raise HaltError(
                f"the deployer's key has sent {used} transactions, {nonce} were expected: use a key of its own"
            )
        receipt = _send(node, deployer, None, _creation(artifact, plan.arguments_of(part, known)), nonce)
        block, code = receipt.block, node.code(address)
    if artifact.code_hash(code) != artifact.code_hash():
        raise HaltError(f"0x{address.hex()} holds other code than the packaged {part.contract}")
    return Deployed(part.contract, address, artifact.code_hash(code), block)


def _grant(
    node: Node,
    governor: Signer,
    places: Mapping[str, Address],
    plan: Plan,
    deployment: Deployment,
    progress: Progress,
) -> None:
    """`places`: addresses of holders and parts by name."""
    reads = ChainReads(node, deployment)
    today = day_of(node.head().time, plan.utc_offset)
    acts = []
    for name, roles in plan.grants():
        header = plan.header(f"roles/{name}", today)
        acts.append((name, header, contracts.registry.set_roles(header, places[name], roles)))
    for name, terms in plan.providers.items():
        header = plan.header(f"provider/{name}", today)
        acts.append((name, header, contracts.registry.trust_provider(header, places[name], terms)))
    for name, header, calldata in acts:
        progress(f"rights of {name}")
        if not reads.is_done(deployment.registry, header.operation):
            _send(node, governor, deployment.registry, calldata, node.nonce(governor.address, "latest"))


def _verify(node: Node, deployer: Signer, places: Mapping[str, Address], plan: Plan, deployment: Deployment) -> None:
    """Code, roles and ranges are as planned, and the deployer ends with nothing."""
    node.verify(deployment)
    reads = ChainReads(node, deployment)
    for name, roles in {**plan.holders, **plan.part_roles}.items():
        found = reads.registry_roles(places[name])
        if found != roles:
            raise HaltError(f"{name} has the roles {found} in the registry, the plan says {int(roles)}")
    for name, terms in plan.providers.items():
        if reads.provider(places[name]) != terms:
            raise HaltError(f"{name} is not trusted with the range of the plan")
    if reads.registry_roles(deployer.address) or reads.provider(deployer.address):
        raise HaltError("the deployer still holds something in the registry")


def _send(node: Node, signer: Signer, target: Address | None, calldata: bytes, nonce: int) -> Receipt:
    try:
        gas = node.estimate_gas(signer.address, target, calldata)
        max_fee, tip = node.fees()
        raw = signer.sign_transaction(Fields(node.chain_id, nonce, target, calldata, gas, max_fee, tip))
        receipt = send_and_wait(node, raw)
    except NodeRefusal as refusal:
        raise as_error(refusal) from refusal
    if not receipt.has_succeeded:
        raise RejectedError(f"transaction 0x{receipt.tx.hex()} of the deployment failed", code="deployment_failed")
    return receipt


def _creation(artifact: artifacts.Artifact, arguments: Sequence[object]) -> bytes:
    """Code that creates the contract, arguments included."""
    factory = Web3().eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    return bytes.fromhex(factory.constructor(*arguments).data_in_transaction.removeprefix("0x"))


def created_address(creator: Address, nonce: int) -> Address:
    """Where a contract comes to stand that an account creates with a nonce."""
    created = get_create_address(Web3.to_checksum_address(creator), Nonce(nonce))
    return Address(bytes.fromhex(created[2:]))
