"""What verifiers sign: the typed data, its digest by another program, and whose signature it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from registry.chain.sign import LocalSigner
from registry.chain.typed import Board, Statement, digest, signer_of, typed_data
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation, Disclosure
from registry.domain.ids import Address, Hash32
from registry.errors import InputError
from tests.support.stage import signer

BOARD = Board(31337, Address(b"\xb0" * 20))
ATTESTATION = Attestation(
    company=Address(b"\xc0" * 20),
    escrow=Address(b"\xe5" * 20),
    milestone=2,
    round=7,
    outcome=REACHED,
    evidence=Hash32(b"\x11" * 32),
    uri="https://verifier.example/证据/1",
    observed_at=1_775_800_000,
    expires_at=1_778_392_000,
)
DISCLOSURE = Disclosure(Address(b"\xc0" * 20), 202603, Hash32(b"\x22" * 32))


def word(value: int | bytes) -> bytes:
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


def test_digest__of_an_attestation__is_what_the_standard_says() -> None:
    """Put together by hand from EIP-712, word by word."""
    domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    kind = (
        b"Attestation(address company,address escrow,uint8 milestone,uint16 round,uint8 outcome,bytes32 evidence,"
        b"string uri,uint40 observedAt,uint40 expiresAt)"
    )
    domain = keccak(
        keccak(domain_type) + keccak(b"Equity Attestation Board") + keccak(b"1") + word(31337) + word(b"\xb0" * 20)
    )
    a = ATTESTATION
    fields = (a.company, a.escrow, a.milestone, a.round, a.outcome, a.evidence, keccak(a.uri.encode()), a.observed_at)
    message = keccak(keccak(kind) + b"".join(map(word, (*fields, a.expires_at))))
    assert digest(ATTESTATION, BOARD) == keccak(b"\x19\x01" + domain + message)


def test_digest__of_a_disclosure__is_what_the_standard_says() -> None:
    domain = typed_data(DISCLOSURE, BOARD)["domain"]
    assert domain == typed_data(ATTESTATION, BOARD)["domain"]
    kind = keccak(b"Disclosure(address company,uint24 month,bytes32 record)")
    message = keccak(kind + word(DISCLOSURE.company) + word(202603) + DISCLOSURE.record)
    domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    separator = keccak(
        keccak(domain_type) + keccak(b"Equity Attestation Board") + keccak(b"1") + word(31337) + word(b"\xb0" * 20)
    )
    assert digest(DISCLOSURE, BOARD) == keccak(b"\x19\x01" + separator + message)


CHANGES: list[dict[str, Any]] = [
    {"company": Address(b"\1" * 20)},
    {"escrow": Address(b"\1" * 20)},
    {"milestone": 3},
    {"round": 8},
    {"outcome": NOT_REACHED},
    {"evidence": Hash32(b"\1" * 32)},
    {"uri": ""},
    {"observed_at": 1_775_800_001},
    {"expires_at": 1_778_392_001},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_signature__of_anything_else__is_not_this_signers(change: dict[str, Any]) -> None:
    key = signer("verifier")
    signature = key.sign_statement(ATTESTATION, BOARD)
    assert signer_of(ATTESTATION, BOARD, signature) == key.address
    assert signer_of(replace(ATTESTATION, **change), BOARD, signature) != key.address


@pytest.mark.parametrize("board", [Board(1, BOARD.address), Board(31337, Address(b"\xb1" * 20))])
@pytest.mark.parametrize("statement", [ATTESTATION, DISCLOSURE])
def test_signature__for_another_chain_or_board__is_not_this_signers(board: Board, statement: Statement) -> None:
    key = signer("verifier")
    assert signer_of(statement, board, key.sign_statement(statement, BOARD)) != key.address


def test_signature__same_statement__is_the_same_bytes() -> None:
    key = LocalSigner.random()
    assert key.sign_statement(ATTESTATION, BOARD) == key.sign_statement(ATTESTATION, BOARD)


def test_signature__malformed__is_refused() -> None:
    good = signer("verifier").sign_statement(ATTESTATION, BOARD)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = good[:32] + (order - int.from_bytes(good[32:64], "big")).to_bytes(32, "big") + bytes([55 - good[64]])
    for bad in (b"", good[:-1], good + b"\0", good[:64] + b"\x00", good[:64] + b"\x1d", bytes(64) + b"\x1b", high):
        with pytest.raises(InputError, match="not a signature"):
            signer_of(ATTESTATION, BOARD, bad)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", Address(bytes(20))),
        ("escrow", Address(b"\1" * 19)),
        ("milestone", 256),
        ("milestone", -1),
        ("round", 0),
        ("round", 65_536),
        ("outcome", 0),
        ("outcome", 3),
        ("evidence", Hash32(bytes(32))),
        ("observed_at", 0),
        ("observed_at", 2**40),
        ("expires_at", 1_775_800_000),
        ("expires_at", 2**40),
    ],
)
def test_attestation__field_out_of_range__is_named(field: str, value: Any) -> None:
    with pytest.raises(InputError) as refused:
        signer("verifier").sign_statement(replace(ATTESTATION, **{field: value}), BOARD)
    assert refused.value.code == "attestation_malformed"
    assert refused.value.field in (field, "expires_at")


@pytest.mark.parametrize("month", [0, 202600, 202613, 9_999_99, 1_000_001])
def test_disclosure__no_month__is_refused(month: int) -> None:
    with pytest.raises(InputError, match="month"):
        signer("verifier").sign_statement(replace(DISCLOSURE, month=month), BOARD)
