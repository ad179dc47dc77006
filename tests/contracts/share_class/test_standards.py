"""The standards a class answers to: ERC-20, 165, 1404, 2612, 5267, and the three questions of 7943."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from registry.domain.rules import BY_CODE, Rule
from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER, Contract
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import ALICE, BOB, DAVE, Ground, header, line, person, wallet_key
from tests.contracts.support.storage import encumber

# --- ERC-165 ---


def _id_of(*signatures: str) -> bytes:
    folded = 0
    for signature in signatures:
        folded ^= int.from_bytes(keccak(text=signature)[:4], "big")
    return folded.to_bytes(4, "big")


@pytest.mark.parametrize(
    ("interface", "answered"),
    [
        ("01ffc9a7", True),
        ("36372b07", True),
        ("a219a025", True),
        ("9d8ff7da", True),
        ("84b0196e", True),
        ("ab84a5c8", True),
        ("3edbb4c4", False),
        ("ffffffff", False),
        ("00000000", False),
    ],
)
def test_supports_interface__only_what_is_whole__answered(ground: Ground, interface: str, answered: bool) -> None:
    assert ground.common.read("supportsInterface", bytes.fromhex(interface)) is answered


def test_supports_interface__id_of_1404__is_that_of_its_two_functions() -> None:
    assert _id_of(
        "detectTransferRestriction(address,address,uint256)", "messageForTransferRestriction(uint8)"
    ) == bytes.fromhex("ab84a5c8")


# --- ERC-20 metadata, ERC-5267 ---


def test_metadata__of_two_clones__each_has_its_own(ground: Ground) -> None:
    assert [ground.common.read(f) for f in ("name", "symbol", "decimals")] == ["普通股", "XGBD-A", 0]
    assert [ground.preferred.read(f) for f in ("name", "symbol", "decimals")] == ["A轮优先股", "XGBD-P", 0]
    assert ground.common.read("company") == ground.company.address
    assert ground.common.read("identityRegistry") == ground.registry.address


def test_eip712_domain__of_a_clone__names_the_clone(ground: Ground) -> None:
    fields, name, version, chain, contract, salt, extensions = ground.preferred.read("eip712Domain")
    assert (fields, name, version, salt, extensions) == (b"\x0f", "Equity Share Class", "1", bytes(32), ())
    assert (chain, contract) == (int(node.ask("eth_chainId"), 16), ground.preferred.address)


# --- ERC-2612 ---


def permit(ground: Ground, signer: bytes, owner: str, spender: str, value: int, deadline: int, target: str) -> None:
    message = encode_typed_data(
        domain_data={
            "name": "Equity Share Class",
            "version": "1",
            "chainId": int(node.ask("eth_chainId"), 16),
            "verifyingContract": target,
        },
        message_types={
            "Permit": [
                {"name": "owner", "type": "address"},
                {"name": "spender", "type": "address"},
                {"name": "value", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ]
        },
        message_data={"owner": owner, "spender": spender, "value": value, "nonce": 0, "deadline": deadline},
    )
    signed = Account.sign_message(message, signer)
    r, s = (number.to_bytes(32, "big") for number in (signed.r, signed.s))
    ground.common.act("permit", owner, spender, value, deadline, signed.v, r, s, by=ground.stranger)


def test_permit__signed_by_another_or_for_another_class__refused(ground: Ground, alice: str, bob: str) -> None:
    deadline = node.now() + 100
    with raises("ERC2612InvalidSigner"):
        permit(ground, wallet_key(BOB, 0), alice, bob, 10, deadline, ground.common.address)
    with raises("ERC2612InvalidSigner"):
        permit(ground, wallet_key(ALICE, 0), alice, bob, 10, deadline, ground.preferred.address)


def test_permit__after_its_deadline__refused(ground: Ground, alice: str, bob: str) -> None:
    deadline = node.now()
    with raises("ERC2612ExpiredSignature", deadline):
        permit(ground, wallet_key(ALICE, 0), alice, bob, 10, deadline, ground.common.address)


def test_permit__sent_twice__the_second_time_refused(ground: Ground, alice: str, bob: str) -> None:
    deadline = node.now() + 100
    permit(ground, wallet_key(ALICE, 0), alice, bob, 10, deadline, ground.common.address)
    assert ground.common.read("allowance", alice, bob) == 10
    with raises("ERC2612InvalidSigner"):
        permit(ground, wallet_key(ALICE, 0), alice, bob, 10, deadline, ground.common.address)
    ground.common.act("transferFrom", alice, bob, 10, by=bob)
    assert ground.balance(ground.common, bob) == 10


def test_permit__of_a_closed_wallet__gives_an_allowance_that_moves_nothing(
    ground: Ground, alice: str, bob: str
) -> None:
    ground.close_wallet(alice)
    permit(ground, wallet_key(ALICE, 0), alice, bob, 10, node.now() + 100, ground.common.address)
    with refused(Rule.SENDER_WALLET_CLOSED):
        ground.common.act("transferFrom", alice, bob, 10, by=bob)


# --- ERC-1404 ---


def test_messages__each_code__the_texts_of_the_domain_in_two_languages(ground: Ground) -> None:
    for code, rule in BY_CODE.items():
        text = ground.common.read("messageForTransferRestriction", code)
        assert text == f"{rule.text_en} / {rule.text_zh}"
    assert ground.common.read("messageForTransferRestriction", 0).startswith("allowed")
    assert ground.common.read("messageForTransferRestriction", 20).startswith("unknown code")
    assert ground.common.read("messageForTransferRestriction", 255).startswith("unknown code")


# --- ERC-7943 ---


def test_can_send__frozen_closed_or_unknown__false(ground: Ground, alice: str, bob: str) -> None:
    assert ground.common.read("canSend", alice)
    assert ground.common.read("canSend", ground.book(BOB))
    ground.close_wallet(alice)
    ground.freeze(BOB)
    for account in (alice, bob, ground.book(BOB), STRANGER):
        assert not ground.common.read("canSend", account)


def test_can_receive__by_standing_and_category_of_the_class(ground: Ground, alice: str, dave: str) -> None:
    assert ground.common.read("canReceive", dave)
    assert not ground.preferred.read("canReceive", dave)
    assert not ground.common.read("canReceive", STRANGER)
    ground.restate(person(ALICE, kyc_day=node.TODAY - 1))
    assert not ground.common.read("canReceive", alice)
    assert ground.common.read("canSend", alice)
    ground.freeze(DAVE)
    assert not ground.common.read("canReceive", dave)


def test_can_transfer__balance_too_low__not_a_reason_by_the_standards_text(
    ground: Ground, alice: str, bob: str, carol: str
) -> None:
    assert ground.common.read("canTransfer", alice, bob, 10**9)
    assert ground.common.read("canTransfer", carol, bob, 1)
    assert ground.common.read("brokenRules", carol, bob, 1) == Rule.BALANCE
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    assert not ground.common.read("canTransfer", alice, bob, 1)


def test_can_transfer__no_seat_left__false_as_the_move_would_be_refused(ground: Ground, alice: str, carol: str) -> None:
    ground.set_cap(2)
    assert not ground.common.read("canTransfer", alice, carol, 1)
    assert ground.common.read("canTransfer", alice, carol, 1_000)
    ground.give(ground.common, alice, carol, 1_000)


# --- encumbered shares: no act sets them yet, the check is live ---


def test_transfer__part_encumbered__only_the_free_part_moves_BA2(ground: Ground, alice: str, bob: str) -> None:
    encumber(ground.common, alice, 600)
    assert ground.holding(ground.common, alice).encumbered == 600
    assert ground.common.read("brokenRules", alice, bob, 401) == Rule.ENCUMBERED
    with refused(Rule.ENCUMBERED):
        ground.give(ground.common, alice, bob, 401)
    ground.give(ground.common, alice, bob, 400)


def test_initialise__of_implementation_or_again_or_by_a_stranger__refused(ground: Ground) -> None:
    terms = ("x", "x", 1, 0, 2)
    with raises("NotAuthorised", ground.stranger, 0):
        ground.common.act("initialise", terms, 0, 0, by=ground.stranger)
    with raises("AlreadyInitialised"):
        ground.common.act("initialise", terms, 0, 0, by=ground.company.address)
    implementation = Contract("ShareClass", ground.company.read("shareClassImplementation"))
    with raises("NotAuthorised", ground.stranger, 0):
        implementation.act("initialise", terms, 0, 0, by=ground.stranger)


def test_issue__to_wallet_and_book__balances_stand_apart(ground: Ground, bob: str) -> None:
    ground.issue(ground.common, line(bob, 1))
    assert (ground.balance(ground.common, bob), ground.balance(ground.common, ground.book(BOB))) == (1, 500)
