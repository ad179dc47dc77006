"""The deployment plan carried out: roles as planned, resumable, and the deployer ends with nothing."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path

import pytest

from registry.chain import artifacts, contracts
from registry.chain.anvil import Anvil
from registry.chain.client import Node
from registry.chain.deploy import DEPLOYER, created_address, deploy, key_names, packaged_plan
from registry.chain.deployment import Deployment
from registry.chain.reads import book_account
from registry.domain.deployment import read_plan
from registry.domain.ids import Hash32, PartyId
from registry.domain.rules import RegistryRole
from registry.errors import HaltError, InputError, RejectedError, Unavailable
from tests.support.stage import Stage, signer

HOLDERS = {name: signer(name).address for name in key_names() if name != DEPLOYER}


def test_deploy__key_of_the_deployer_used_before__halts(stage: Stage, anvil: Anvil) -> None:
    used = signer("agent")
    stage.send("agent", stage.deployment.registry, b"", gas=60_000)
    with pytest.raises(HaltError, match="has sent 1 transactions, 0 were expected"):
        deploy(stage.node, used, signer("governor"), HOLDERS)


def test_deploy__holder_without_address__is_named(anvil: Anvil) -> None:
    holders = {"governor": signer("governor").address, "kyc_agent": signer("kyc_agent").address}
    with Node.connect(anvil.url) as node, pytest.raises(InputError, match="address for custodian, platform, regulator"):
        deploy(node, signer(DEPLOYER), signer("governor"), holders)


def test_deploy__governor_is_the_deployer__is_refused(anvil: Anvil) -> None:
    with Node.connect(anvil.url) as node, pytest.raises(InputError, match="the deployer is nobody else"):
        deploy(node, signer("governor"), signer("governor"), HOLDERS)


def test_deployer__afterwards__holds_nothing_and_may_do_nothing(stage: Stage) -> None:
    deployer = signer(DEPLOYER).address
    assert stage.reads.registry_roles(deployer) == 0
    assert stage.reads.provider(deployer) is None
    plan = packaged_plan()
    calldata = contracts.registry.set_roles(plan.header("seizure", stage.today), deployer, 4)
    with pytest.raises(RejectedError) as refusal:
        stage.send(DEPLOYER, stage.deployment.registry, calldata)
    assert refusal.value.code == "NotAuthorised"


def test_deploy__parts_with_a_role__hold_it_and_nobody_else_of_the_parts_does(stage: Stage) -> None:
    roles = {part: stage.reads.registry_roles(item.address) for part, item in stage.deployment.contracts.items()}
    assert {part: found for part, found in roles.items() if found} == {
        "offering_factory": RegistryRole.OFFERINGS,
        "distributions": RegistryRole.OFFERINGS,
    }


def test_deploy__done_before__sends_nothing_more(stage: Stage) -> None:
    before = stage.node.head()
    again = deploy(stage.node, signer(DEPLOYER), signer("governor"), HOLDERS)
    assert stage.node.head() == before
    assert {part: item.address for part, item in again.contracts.items()} == {
        part: item.address for part, item in stage.deployment.contracts.items()
    }
    assert again.first_block <= stage.deployment.first_block


def test_deploy__dead_after_two_contracts__goes_on(anvil: Anvil) -> None:
    class Died(Exception):
        pass

    def die(step: str) -> None:
        if step == "contract Company":
            raise Died

    with Node.connect(anvil.url) as node:
        with pytest.raises(Died):
            deploy(node, signer(DEPLOYER), signer("governor"), HOLDERS, progress=die)
        assert node.nonce(signer(DEPLOYER).address) == 2
        deployment = deploy(node, signer(DEPLOYER), signer("governor"), HOLDERS)
        assert node.nonce(signer(DEPLOYER).address) == len(packaged_plan().parts)
        node.verify(deployment)


def test_deployment__every_part__stands_where_the_deployers_nonce_says_with_the_packaged_code(stage: Stage) -> None:
    for nonce, (part, deployed) in enumerate(stage.deployment.contracts.items()):
        assert deployed.address == created_address(signer(DEPLOYER).address, nonce), part
        artifact = artifacts.load(deployed.contract)
        assert artifact.code_hash(stage.node.code(deployed.address)) == artifact.code_hash() == deployed.code_hash


def test_deployment__saved_and_loaded__is_the_same(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "home" / "deployment.json"
    stage.deployment.save(file)
    assert Deployment.load(file) == stage.deployment
    assert [path.name for path in file.parent.iterdir()] == ["deployment.json"]


def test_deployment__file_missing_or_damaged__is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nothing is deployed yet"):
        Deployment.load(tmp_path / "deployment.json")
    for content in ("{", "[]", '{"chain_id": 1}', '{"chain_id": 1, "genesis_hash": "0x12", "contracts": {}}'):
        (tmp_path / "deployment.json").write_text(content)
        with pytest.raises(HaltError, match="is not a deployment"):
            Deployment.load(tmp_path / "deployment.json")


def test_book_account__computed__is_what_the_contract_answers(stage: Stage) -> None:
    function = contracts.REGISTRY["bookAccount"]
    for party in (1, 77, 2**32 - 1):
        answer = function.decode(stage.node.call(stage.deployment.registry, function.encode(party)))[0]
        assert bytes.fromhex(answer[2:]) == book_account(stage.deployment, PartyId(party))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d["holders"].update(deployer=["PLATFORM"]), "nothing for the deployer"),
        (lambda d: d["holders"].update(governor=[]), "exactly one governor"),
        (lambda d: d["holders"].update(platform=["KING"]), "one of GOVERNOR, REGULATOR, PLATFORM"),
        (lambda d: d["parts"].update(mint=["OFFERINGS"]), "parts is 'mint'; rule: a contract of the plan"),
        (lambda d: d["parts"].update(token=["GOVERNOR"]), "parts is 'token'; rule: .* never the governor"),
        (lambda d: d["parts"].update(token=["KING"]), "parts.token is 'KING'; rule: one of GOVERNOR"),
        (lambda d: d["contract"].reverse(), "a holder or an earlier part"),
        (lambda d: d["provider"][0].update(holder="nobody"), "a provider is one of the holders"),
        (lambda d: d["provider"][0].update(until="2099"), "a date"),
    ],
)
def test_plan__that_cannot_be_carried_out__is_refused_with_its_field(spoil: object, words: str) -> None:
    text, data = artifacts.deployment_plan()
    spoiled = copy.deepcopy(data)
    spoil(spoiled)  # type: ignore[operator]
    with pytest.raises(InputError, match=words):
        read_plan(spoiled, text)


@pytest.mark.parametrize("change", ["chain", "genesis", "code", "address"])
def test_connect__another_chain_or_other_contracts__halts(stage: Stage, anvil: Anvil, change: str) -> None:
    deployment = stage.deployment
    registry = deployment.contracts["registry"]
    if change == "chain":
        deployment = dataclasses.replace(deployment, chain_id=1)
    elif change == "genesis":
        deployment = dataclasses.replace(deployment, genesis_hash=Hash32(bytes(32)))
    else:
        other = {"code": {"code_hash": Hash32(bytes(32))}, "address": {"address": signer("nobody").address}}[change]
        changed = dataclasses.replace(registry, **other)  # type: ignore[arg-type]
        deployment = dataclasses.replace(deployment, contracts={**deployment.contracts, "registry": changed})
    with pytest.raises(HaltError):
        Node.connect(anvil.url, deployment)


def test_connect__wiped_node_of_the_same_genesis__halts(stage: Stage, anvil: Anvil) -> None:
    head = stage.node.head()
    Node.connect(anvil.url, stage.deployment, newest=(head.number, head.hash)).close()
    with pytest.raises(HaltError, match="another history"):
        Node.connect(anvil.url, stage.deployment, newest=(head.number, bytes(32)))
    with pytest.raises(HaltError, match=f"ends before block {head.number + 1}"):
        Node.connect(anvil.url, stage.deployment, newest=(head.number + 1, bytes(32)))
    with Anvil() as wiped, pytest.raises(HaltError, match="no contract at"):
        Node.connect(wiped.url, stage.deployment)
