"""What owners of settlement money sign (EIP-712): ERC-3009 authorisations, permits, cancellations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.contracts.support import node
from tests.contracts.support.ground import Ground


def authorisation(
    ground: Ground,
    key: bytes,
    giver: str,
    taker: str,
    value: int,
    nonce: bytes,
    *,
    valid_after: int = 0,
    valid_before: int = 2**40,
    kind: str = "ReceiveWithAuthorization",
) -> bytes:
    """An ERC-3009 signature of the settlement token, 65 bytes."""
    fields = {"from": "address", "to": "address", "value": "uint256"}
    fields |= {"validAfter": "uint256", "validBefore": "uint256", "nonce": "bytes32"}
    stated = (giver, taker, value, valid_after, valid_before, nonce)
    return signed_money(ground, key, kind, fields, dict(zip(fields, stated, strict=True)))


def signed_money(ground: Ground, key: bytes, kind: str, fields: Mapping[str, str], stated: Mapping[str, Any]) -> bytes:
    """Typed data under the settlement token's domain."""
    message = encode_typed_data(
        domain_data={
            "name": "Equity Settlement Token",
            "version": "1",
            "chainId": int(node.ask("eth_chainId"), 16),
            "verifyingContract": ground.token.address,
        },
        message_types={kind: [{"name": name, "type": type_} for name, type_ in fields.items()]},
        message_data=dict(stated),
    )
    return bytes(Account.sign_message(message, key).signature)
