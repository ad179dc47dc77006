"""Paying by signature: ERC-2612 permits and ERC-3009 authorisations of the settlement money, each once."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.support import node
from tests.contracts.support.contracts import Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import BOB, Ground, header, wallet_key, wallet_of
from tests.contracts.support.paying import authorisation, signed_money
from tests.contracts.support.raising import ERIN, FRANK, GRACE, MONEY, mint, money

NONCE = keccak(text="nonce")
ACCEPTS_ALL = "0x631626ba7e60e01b60005260206000f3"
"""A contract wallet's code that answers every ERC-1271 question with yes."""
REFUSES_ALL = "0x600060005260206000f3"
HIGHEST_S = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def split(signature: bytes) -> tuple[int, bytes, bytes]:
    return signature[64], signature[:32], signature[32:64]


def compact(signature: bytes) -> bytes:
    """EIP-2098, 64 bytes."""
    v, r, s = split(signature)
    return r + (int.from_bytes(s, "big") | (v - 27) << 255).to_bytes(32, "big")


def mirrored(signature: bytes) -> bytes:
    """The other signature of the same message that the curve allows."""
    v, r, s = split(signature)
    return r + (HIGHEST_S - int.from_bytes(s, "big")).to_bytes(32, "big") + bytes([55 - v])


def authorised(ground: Ground, giver: int, taker: str, value: int, **how: Any) -> bytes:
    key = how.pop("key", wallet_key(giver, 0))
    return authorisation(ground, key, wallet_of(giver), taker, value, how.pop("nonce", NONCE), **how)


def receive(
    ground: Ground, giver: str, taker: str, value: int, signature: bytes, *, nonce: bytes = NONCE, by: str | None = None
) -> list[Event]:
    arguments = (giver, taker, value, 0, 2**40, nonce, signature)
    return ground.token.act("receiveWithAuthorization/7", *arguments, by=by or taker)


# --- receive, with the signature in bytes ---


def test_receive__by_another_than_the_receiver__refused(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, 100)
    for actor in (ground.stranger, erin, wallet_of(GRACE)):
        with raises("ERC20InvalidReceiver", frank):
            receive(ground, erin, frank, 100, signature, by=actor)
    with raises("ERC3009InvalidSignature"):
        receive(ground, erin, wallet_of(GRACE), 100, signature)
    assert money(ground, erin) == MONEY


@pytest.mark.parametrize("changed", ["value", "nonce", "key", "kind", "short", "empty", "compact", "mirrored"])
def test_receive__signature_that_says_something_else__refused(ground: Ground, changed: str) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    good = authorised(ground, ERIN, frank, 100)
    signature = {
        "value": authorised(ground, ERIN, frank, 99),
        "nonce": authorised(ground, ERIN, frank, 100, nonce=bytes(32)),
        "key": authorised(ground, ERIN, frank, 100, key=wallet_key(FRANK, 0)),
        "kind": authorised(ground, ERIN, frank, 100, kind="TransferWithAuthorization"),
        "short": good[:63],
        "empty": b"",
        "compact": compact(good),
        "mirrored": mirrored(good),
    }[changed]
    with raises("ERC3009InvalidSignature"):
        receive(ground, erin, frank, 100, signature)
    assert money(ground, erin) == MONEY


def test_receive__signature_for_another_contract_or_chain__refused(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, 100)
    other = Ground.__new__(Ground)
    other.token = ground.preferred
    foreign = authorised(other, ERIN, frank, 100)
    assert foreign != signature
    with raises("ERC3009InvalidSignature"):
        receive(ground, erin, frank, 100, foreign)


@pytest.mark.parametrize(("after", "before"), [(2**40, 2**41), (0, 1), (0, 0), (5, 4)])
def test_receive__outside_its_time__refused(ground: Ground, after: int, before: int) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, 100, valid_after=after, valid_before=before)
    with raises("ERC3009InvalidAuthorizationTime", after, before):
        ground.token.act("receiveWithAuthorization/7", erin, frank, 100, after, before, NONCE, signature, by=frank)


def test_receive__in_the_last_second_of_its_time__passes_and_a_second_later_not(ground: Ground) -> None:
    erin, frank, end = wallet_of(ERIN), wallet_of(FRANK), node.now() + 100
    signature = authorised(ground, ERIN, frank, 100, valid_before=end)
    taken = node.snapshot()
    node.next_block_at(end)
    with raises("ERC3009InvalidAuthorizationTime", 0, end):
        ground.token.act("receiveWithAuthorization/7", erin, frank, 100, 0, end, NONCE, signature, by=frank)
    node.revert_to(taken)
    node.next_block_at(end - 1)
    ground.token.act("receiveWithAuthorization/7", erin, frank, 100, 0, end, NONCE, signature, by=frank)
    assert money(ground, frank) == MONEY + 100


def test_receive__twice_in_any_form__refused(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, 100)
    events = receive(ground, erin, frank, 100, signature)
    assert [e.name for e in events] == ["AuthorizationUsed", "Transfer"]
    assert ground.token.read("authorizationState", erin, NONCE)
    with raises("ERC3009UsedAuthorization", erin, NONCE):
        receive(ground, erin, frank, 100, signature)
    with raises("ERC3009UsedAuthorization", erin, NONCE):
        parts = split(signature)
        ground.token.act("receiveWithAuthorization/9", erin, frank, 100, 0, 2**40, NONCE, *parts, by=frank)
    assert (money(ground, erin), money(ground, frank)) == (MONEY - 100, MONEY + 100)


def test_receive__more_than_is_there__refused_and_the_nonce_stays_free(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, MONEY + 1)
    with raises("ERC20InsufficientBalance", erin, MONEY, MONEY + 1):
        receive(ground, erin, frank, MONEY + 1, signature)
    assert not ground.token.read("authorizationState", erin, NONCE)


@pytest.mark.parametrize("obstacle", ["stopped", "frozen"])
def test_receive__while_money_is_stopped_or_frozen__refused(ground: Ground, obstacle: str) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, 100)
    if obstacle == "stopped":
        ground.token.act("setStopped", header(), True, by=ground.custodian)
    else:
        ground.token.act("setFrozen", header(), erin, True, by=ground.regulator)
    with raises("MoneyIsStopped" if obstacle == "stopped" else "MoneyFrozen"):
        receive(ground, erin, frank, 100, signature)


def test_receive__contract_wallet__asked_by_1271(ground: Ground) -> None:
    smart, frank = "0x" + "c1" * 20, wallet_of(FRANK)
    node.ask("anvil_setCode", smart, ACCEPTS_ALL)
    ground.registry.act("bindWallet", header(), BOB, smart, node.now() + 9, b"any", by=ground.kyc_agent)
    mint(ground, (smart, 100))
    node.ask("anvil_setCode", smart, REFUSES_ALL)
    with raises("ERC3009InvalidSignature"):
        receive(ground, smart, frank, 100, b"whatever it accepts")
    node.ask("anvil_setCode", smart, ACCEPTS_ALL)
    receive(ground, smart, frank, 100, b"whatever it accepts")
    assert money(ground, smart) == 0
    with raises("ERC3009UsedAuthorization", smart, NONCE):
        receive(ground, smart, frank, 0, b"whatever it accepts")


def test_receive__from_a_book_account__nobody_signs_for_it(ground: Ground) -> None:
    mint(ground, (ground.book(ERIN), 100))
    book, frank = ground.book(ERIN), wallet_of(FRANK)
    signature = authorisation(ground, wallet_key(ERIN, 0), book, frank, 100, NONCE)
    for tried in (signature, b"", bytes(65)):
        with raises("ERC3009InvalidSignature"):
            receive(ground, book, frank, 100, tried)


# --- transfer and cancel ---


def test_transfer__with_an_authorisation_to_receive__refused(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    parts = split(authorised(ground, ERIN, frank, 100))
    with raises("ERC3009InvalidSignature"):
        ground.token.act("transferWithAuthorization", erin, frank, 100, 0, 2**40, NONCE, *parts, by=frank)


def test_transfer__with_its_authorisation__once_by_anybody(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    parts = split(authorised(ground, ERIN, frank, 100, kind="TransferWithAuthorization"))
    arguments = (erin, frank, 100, 0, 2**40, NONCE, *parts)
    ground.token.act("transferWithAuthorization", *arguments, by=ground.stranger)
    with raises("ERC3009UsedAuthorization", erin, NONCE):
        ground.token.act("transferWithAuthorization", *arguments, by=ground.stranger)
    assert (money(ground, erin), money(ground, frank)) == (MONEY - 100, MONEY + 100)


def cancellation(ground: Ground, party: int) -> tuple[int, bytes, bytes]:
    fields = {"authorizer": "address", "nonce": "bytes32"}
    stated = {"authorizer": wallet_of(ERIN), "nonce": NONCE}
    return split(signed_money(ground, wallet_key(party, 0), "CancelAuthorization", fields, stated))


def test_cancel__signed_by_another__refused(ground: Ground) -> None:
    with raises("ERC3009InvalidSignature"):
        arguments = (wallet_of(ERIN), NONCE, *cancellation(ground, FRANK))
        ground.token.act("cancelAuthorization", *arguments, by=wallet_of(FRANK))


def test_cancel__before_it_is_used__the_authorisation_is_void(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    signature = authorised(ground, ERIN, frank, 100)
    arguments = (erin, NONCE, *cancellation(ground, ERIN))
    events = ground.token.act("cancelAuthorization", *arguments, by=ground.stranger)
    assert [e.name for e in events] == ["AuthorizationCanceled"]
    with raises("ERC3009UsedAuthorization", erin, NONCE):
        receive(ground, erin, frank, 100, signature)
    with raises("ERC3009UsedAuthorization", erin, NONCE):
        ground.token.act("cancelAuthorization", *arguments, by=ground.stranger)


# --- permits ---


def permit(ground: Ground, value: int, deadline: int, nonce: int = 0, party: int = ERIN) -> tuple[Any, ...]:
    fields = {"owner": "address", "spender": "address", "value": "uint256", "nonce": "uint256", "deadline": "uint256"}
    stated = dict(zip(fields, (wallet_of(ERIN), wallet_of(FRANK), value, nonce, deadline), strict=True))
    signature = signed_money(ground, wallet_key(party, 0), "Permit", fields, stated)
    return wallet_of(ERIN), wallet_of(FRANK), value, deadline, *split(signature)


def test_permit__late_or_by_another__refused(ground: Ground) -> None:
    with raises("ERC2612ExpiredSignature", node.now()):
        ground.token.act("permit", *permit(ground, 10, node.now()), by=ground.stranger)
    with raises("ERC2612InvalidSigner", wallet_of(FRANK), wallet_of(ERIN)):
        ground.token.act("permit", *permit(ground, 10, 2**40, party=FRANK), by=ground.stranger)


def test_permit__signed__allows_once(ground: Ground) -> None:
    erin, frank = wallet_of(ERIN), wallet_of(FRANK)
    arguments = permit(ground, 10, 2**40)
    ground.token.act("permit", *arguments, by=ground.stranger)
    with raises("ERC2612InvalidSigner"):
        ground.token.act("permit", *arguments, by=ground.stranger)
    ground.token.act("transferFrom", erin, frank, 10, by=frank)
    assert money(ground, frank) == MONEY + 10
    assert ground.token.read("allowance", erin, frank) == 0
