"""A chain with the contracts on it, for measuring gas: deploys, sends one transaction a block, answers what it used.

Actors and ids have no zero bytes, so that no figure is flattered by cheap calldata.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from eth_utils.crypto import keccak

from registry.chain.rpc import Rpc
from registry.domain.ids import Day, PartyId
from registry.domain.words import PartyWord

ARTIFACTS = Path(__file__).resolve().parents[1] / "registry" / "artifacts"
UTC_OFFSET = 28_800
FAR_DAY = Day(40_000)
QUALIFIED = 3
NO_CONSIDERATION = (0, 0, 0)
CASH = (1, 156, 52_700_000_000)


class GasStageError(Exception):
    """A transaction of the measurement was refused: the figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Person:
    """A party with the account that it holds in, and the key of its wallet if it has one."""

    party: int
    account: str
    key: bytes | None


@dataclass(slots=True)
class Contract:
    """One deployed contract: its address and how its calls are written."""

    address: str
    functions: dict[str, tuple[bytes, list[str]]]
    receipts: list[dict[str, Any]] = field(default_factory=list)

    def calldata(self, name: str, arguments: Sequence[Any]) -> str:
        selector, types = self.functions[name]
        return "0x" + (selector + encode(types, arguments)).hex()


class Stage:
    """Sends and reads; every figure is `gasUsed` of a receipt."""

    def __init__(self, rpc: Rpc, artifacts: Path = ARTIFACTS) -> None:
        self._rpc = rpc
        self._artifacts = artifacts
        self._operations = itertools.count(1)
        self.chain_id = int(rpc.call("eth_chainId"), 16)
        rpc.call("anvil_autoImpersonateAccount", True)

    # --- contracts ---

    def at(self, name: str, address: str) -> Contract:
        abi = json.loads((self._artifacts / f"{name}.json").read_text(encoding="utf-8"))["abi"]
        functions = {
            entry["name"]: (function_abi_to_4byte_selector(entry), [collapse_if_tuple(i) for i in entry["inputs"]])
            for entry in abi
            if entry["type"] == "function"
        }
        return Contract(address, functions)

    def deploy(self, sender: str, name: str, types: list[str], arguments: Sequence[Any]) -> Contract:
        bytecode = json.loads((self._artifacts / f"{name}.json").read_text(encoding="utf-8"))["bytecode"]
        receipt = self._submit({"from": sender, "data": bytecode + encode(types, arguments).hex()}, f"deploy {name}")
        return self.at(name, receipt["contractAddress"])

    def send(self, sender: str, contract: Contract, name: str, *arguments: Any) -> int:
        call = {"from": sender, "to": contract.address, "data": contract.calldata(name, arguments)}
        receipt = self._submit(call, name)
        contract.receipts.append(receipt)
        return int(receipt["gasUsed"], 16)

    def read(self, contract: Contract, name: str, *arguments: Any) -> bytes:
        call = {"to": contract.address, "data": contract.calldata(name, arguments)}
        return bytes.fromhex(self._rpc.call("eth_call", call, "latest")[2:])

    def read_int(self, contract: Contract, name: str, *arguments: Any) -> int:
        return int.from_bytes(self.read(contract, name, *arguments)[:32], "big")

    def now(self) -> int:
        return int(self._rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def jump(self, seconds: int) -> None:
        self._rpc.call("evm_increaseTime", seconds)
        self._rpc.call("evm_mine")

    def header(self) -> tuple[bytes, int, bytes]:
        """A fresh act header, dated a day of a real history."""
        number = next(self._operations).to_bytes(8, "big")
        return full(keccak(b"operation" + number)), 19_723, full(keccak(b"document" + number))

    def _submit(self, transaction: dict[str, Any], what: str) -> dict[str, Any]:
        sent = self._rpc.call("eth_sendTransaction", {"gas": hex(16_000_000), "gasPrice": "0x0", **transaction})
        receipt = self._receipt(sent)
        if receipt is None or receipt["status"] != "0x1":
            raise GasStageError(f"{what} was {'never mined' if receipt is None else 'refused'}: {sent}")
        return receipt

    def _receipt(self, sent: str) -> dict[str, Any] | None:
        """The node answers a moment before it mines."""
        for _ in range(1_000):
            receipt: dict[str, Any] | None = self._rpc.call("eth_getTransactionReceipt", sent)
            if receipt is not None:
                return receipt
            time.sleep(0.005)
        return None


# --- who acts ---------------------------------------------------------------------------------------------------------


def full(data: bytes) -> bytes:
    """The same bytes with every zero replaced."""
    return bytes(b or 0x5A for b in data)


def actor(name: str) -> str:
    return "0x" + full(keccak(name.encode())[12:]).hex()


def wallet(party: int) -> tuple[bytes, str]:
    """Key and address of a party's wallet; the address has no zero byte."""
    for nonce in itertools.count():
        key = keccak(party.to_bytes(4, "big") + nonce.to_bytes(4, "big"))
        address: str = Account.from_key(key).address.lower()
        if 0 not in bytes.fromhex(address[2:]):
            return key, address
    raise AssertionError("unreachable: the counter does not end")


def word(party: int, kyc_day: Day = FAR_DAY) -> int:
    return PartyWord(
        PartyId(party),
        kyc_day=kyc_day,
        qualification_day=FAR_DAY,
        category=QUALIFIED,
        kind=1,
        country=156,
        tax_residence=156,
        risk_grade=4,
    ).pack()


def binding(registry: str, chain_id: int, person: Person, deadline: int) -> tuple[bytes, bytes]:
    """The wallet's signature of `BindWallet` in the 64-byte form."""
    message = encode_typed_data(
        domain_data={
            "name": "Equity Identity Registry",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": registry,
        },
        message_types={
            "BindWallet": [
                {"name": "party", "type": "uint32"},
                {"name": "wallet", "type": "address"},
                {"name": "deadline", "type": "uint64"},
            ]
        },
        message_data={"party": person.party, "wallet": person.account, "deadline": deadline},
    )
    signed = Account.sign_message(message, person.key)
    odd = int(signed.v) - 27
    return int(signed.r).to_bytes(32, "big"), (int(signed.s) | odd << 255).to_bytes(32, "big")


def permit(share_class: str, chain_id: int, owner: Person, spender: str, value: int, deadline: int) -> tuple[Any, ...]:
    """ERC-2612: v, r, s of the owner's first permit."""
    message = encode_typed_data(
        domain_data={
            "name": "Equity Share Class",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": share_class,
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
        message_data={
            "owner": owner.account,
            "spender": spender,
            "value": value,
            "nonce": 0,
            "deadline": deadline,
        },
    )
    signed = Account.sign_message(message, owner.key)
    return int(signed.v), int(signed.r).to_bytes(32, "big"), int(signed.s).to_bytes(32, "big")
