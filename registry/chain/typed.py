"""Typed data (EIP-712) of what verifiers sign: the full message as a remote signer wants it, its digest, its signer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.crypto import keccak

from registry.domain.attestation import Attestation, Disclosure
from registry.domain.ids import Address, Hash32
from registry.errors import InputError

Statement = Attestation | Disclosure

_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_TYPES: Final = {
    "EIP712Domain": "string name,string version,uint256 chainId,address verifyingContract",
    "Attestation": "address company,address escrow,uint8 milestone,uint16 round,uint8 outcome,bytes32 evidence,"
    "string uri,uint40 observedAt,uint40 expiresAt",
    "Disclosure": "address company,uint24 month,bytes32 record",
}


@dataclass(frozen=True, slots=True)
class Board:
    """The attestation board that statements are bound to."""

    chain_id: int
    address: Address


def typed_data(statement: Statement, board: Board) -> dict[str, Any]:
    """The whole message in the JSON form of `eth_signTypedData_v4`."""
    name = type(statement).__name__
    return {
        "types": {part: _fields(part) for part in ("EIP712Domain", name)},
        "primaryType": name,
        "domain": {
            "name": "Equity Attestation Board",
            "version": "1",
            "chainId": board.chain_id,
            "verifyingContract": "0x" + board.address.hex(),
        },
        "message": _message(statement),
    }


def signable(statement: Statement, board: Board) -> SignableMessage:
    return encode_typed_data(full_message=typed_data(statement, board))


def checked_signable(statement: Statement, board: Board) -> SignableMessage:
    """What a key of ours signs; InputError for a statement that no board would take."""
    statement.check()
    return signable(statement, board)


def digest(statement: Statement, board: Board) -> Hash32:
    """What is signed."""
    message = signable(statement, board)
    return Hash32(keccak(b"\x19" + message.version + message.header + message.body))


def signer_of(statement: Statement, board: Board, signature: bytes) -> Address:
    """Who signed; InputError unless it is a 65-byte signature with v of 27 or 28 and the lower s."""
    if len(signature) != 65 or signature[64] not in (27, 28) or int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise _not_one(signature)
    try:
        found = Account.recover_message(signable(statement, board), signature=signature)
    except Exception as error:  # the library's errors have no common base
        raise _not_one(signature) from error
    return Address(bytes.fromhex(found[2:]))


def _not_one(signature: bytes) -> InputError:
    shown = "0x" + signature[:66].hex()
    return InputError(
        f"{shown} is not a signature; rule: 65 bytes r, s, v with the lower s and v of 27 or 28",
        code="signature_malformed",
        field="signature",
        value=shown,
    )


def _fields(part: str) -> list[dict[str, str]]:
    pairs = (field.split(" ") for field in _TYPES[part].split(","))
    return [{"name": name, "type": kind} for kind, name in pairs]


def _message(statement: Statement) -> dict[str, Any]:
    if isinstance(statement, Disclosure):
        return {
            "company": "0x" + statement.company.hex(),
            "month": statement.month,
            "record": "0x" + statement.record.hex(),
        }
    return {
        "company": "0x" + statement.company.hex(),
        "escrow": "0x" + statement.escrow.hex(),
        "milestone": statement.milestone,
        "round": statement.round,
        "outcome": statement.outcome,
        "evidence": "0x" + statement.evidence.hex(),
        "uri": statement.uri,
        "observedAt": statement.observed_at,
        "expiresAt": statement.expires_at,
    }
