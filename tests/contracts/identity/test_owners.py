"""What raises ask the registry: where a closed wallet's belongings go, who may act for an account, who is enrolled."""

from __future__ import annotations

from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.ground import ALICE, BOB, ZERO, Ground, actor, wallet_of
from tests.contracts.support.raising import ANNUAL_LIMIT, Raise


def destination(ground: Ground, account: str) -> str:
    answered: str = ground.registry.read("destinationOf", account)
    return answered


def may_act(ground: Ground, who: str, account: str) -> bool:
    answered: bool = ground.registry.read("mayActFor", who, account)
    return answered


def test_destination__open_wallet_book_account_or_stranger__itself(ground: Ground, alice: str) -> None:
    for account in (alice, ground.book(ALICE), ground.book(999_999), STRANGER, ZERO):
        assert destination(ground, account) == account


def test_destination__closed_wallet__its_partys_book_account_until_it_is_open_again(ground: Ground, alice: str) -> None:
    second = ground.bind(ALICE, 1)
    ground.close_wallet(alice)
    assert (destination(ground, alice), destination(ground, second)) == (ground.book(ALICE), second)
    ground.close_wallet(alice, False)
    assert destination(ground, alice) == alice


def test_may_act__party_for_its_accounts__with_an_open_wallet_only(ground: Ground, alice: str, bob: str) -> None:
    second = ground.bind(ALICE, 1)
    own = (alice, second, ground.book(ALICE))
    assert all(may_act(ground, alice, account) for account in own)
    assert not any(may_act(ground, who, account) for who in (bob, STRANGER, ZERO) for account in own)
    ground.close_wallet(alice)
    assert not any(may_act(ground, alice, account) for account in own)
    assert all(may_act(ground, second, account) for account in own)


def test_may_act__nobody_for_nobody__refused(ground: Ground) -> None:
    """Two accounts that nobody registered are not of one party."""
    assert not may_act(ground, STRANGER, STRANGER)
    assert not may_act(ground, STRANGER, ground.book(999_999))
    assert not may_act(ground, ZERO, ZERO)
    assert may_act(ground, wallet_of(BOB), ground.book(BOB))


def test_enrolled__raise_and_escrow__and_nobody_else(drafted: Raise) -> None:
    ground = drafted.ground
    enrolled = {drafted.offering.address, drafted.escrow.address}
    others = {ground.platform, ground.offerings.address, ground.token.address, STRANGER, actor("x")}
    assert {account for account in enrolled | others if ground.registry.read("isEnrolled", account)} == enrolled


def test_roles__of_the_deployment__each_holder_has_its_own_and_the_factory_enrols(ground: Ground) -> None:
    roles = {ground.governor: 1, ground.regulator: 2, ground.platform: 4, ground.custodian: 8}
    roles |= {ground.offerings.address: 16, ground.kyc_agent: 0, STRANGER: 0}
    assert {account: ground.registry.read("rolesOf", account) for account in roles} == roles
    assert ground.registry.read("annualLimit") == ANNUAL_LIMIT


def test_deploy__registry__tells_governor_and_limit_first(ground: Ground) -> None:
    created = node.ask("eth_getLogs", {"address": ground.registry.address, "fromBlock": "0x0", "toBlock": "latest"})
    first, second = created[:2]
    assert int(first["data"][66:], 16) == 1
    assert int(second["data"], 16) == ANNUAL_LIMIT
    assert first["transactionHash"] == second["transactionHash"]
