"""Keys in encrypted keystores, and what they sign: transactions, wallet bindings, statements of verifiers."""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from eth_account import Account
from eth_utils.crypto import keccak

from registry.chain.deployment import Deployment
from registry.chain.typed import Board, Statement, checked_signable
from registry.domain.ids import Address, Hash32, PartyId
from registry.errors import HaltError, InputError

# A library beneath raises this a hundredfold; a text of brackets would then take the process down, not be refused.
sys.setrecursionlimit(1_000)

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_ADDRESS = re.compile(r"(0x)?[0-9a-fA-F]{40}")
_SCRYPT_N = 1 << 14
"""Light, as for keys that open at every start of a daemon; the passphrase is long and random."""
_BINDING = {
    "BindWallet": [
        {"name": "party", "type": "uint32"},
        {"name": "wallet", "type": "address"},
        {"name": "deadline", "type": "uint64"},
    ]
}
"""What a wallet signs to be bound (EIP-712); the domain is the identity registry's own."""
_PAYMENT = {
    "ReceiveWithAuthorization": [
        {"name": "from", "type": "address"},
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "validAfter", "type": "uint256"},
        {"name": "validBefore", "type": "uint256"},
        {"name": "nonce", "type": "bytes32"},
    ]
}
"""What a subscriber signs (ERC-3009); the domain is the settlement token's own."""
_CHALLENGE = {
    "Challenge": [
        {"name": "escrow", "type": "address"},
        {"name": "milestone", "type": "uint8"},
        {"name": "round", "type": "uint16"},
        {"name": "document", "type": "bytes32"},
    ]
}
"""What a holder signs to dispute a verdict; the domain is the attestation board's own."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A subscription's money in one signature: to one raise, of one amount [fen], on one signed disclosure. The payer's
    signature is used before `valid_before` [unix s]; the same disclosure and `salt` are used once."""

    offering: Address
    amount: int
    disclosure: Hash32
    salt: Hash32
    valid_before: int

    @property
    def nonce(self) -> Hash32:
        """Binds the disclosure to the payment."""
        return Hash32(keccak(self.disclosure + self.salt))


@dataclass(frozen=True, slots=True)
class Fields:
    """What a transaction says before it is signed. No target creates a contract."""

    chain_id: int
    nonce: int
    target: Address | None
    calldata: bytes
    gas: int
    max_fee: int = 0
    tip: int = 0


class Signer(Protocol):
    """Signs for one address; where the key is, is its own affair."""

    @property
    def address(self) -> Address: ...

    def sign_transaction(self, fields: Fields) -> bytes: ...

    def sign_binding(self, deployment: Deployment, party: PartyId, deadline: int) -> bytes: ...

    def sign_payment(self, deployment: Deployment, payment: Payment) -> bytes: ...

    def sign_challenge(
        self, deployment: Deployment, escrow: Address, milestone: int, round: int, document: Hash32
    ) -> bytes: ...


class StatementSigner(Protocol):
    """Signs what a verifier states; a key on this machine or a signer elsewhere."""

    @property
    def address(self) -> Address: ...

    def sign_statement(self, statement: Statement, board: Board) -> bytes: ...


class LocalSigner:
    """A key in memory."""

    def __init__(self, key: bytes) -> None:
        self._account = Account.from_key(key)

    def __repr__(self) -> str:
        return f"LocalSigner({self._account.address})"

    @classmethod
    def random(cls) -> LocalSigner:
        return cls(secrets.token_bytes(32))

    @cached_property
    def address(self) -> Address:
        return Address(bytes.fromhex(self._account.address[2:]))

    def sign_transaction(self, fields: Fields) -> bytes:
        """The whole signed transaction (EIP-1559), ready to be sent. The same fields give the same bytes (RFC 6979)."""
        transaction = {
            "chainId": fields.chain_id,
            "nonce": fields.nonce,
            "to": "" if fields.target is None else fields.target,
            "data": fields.calldata,
            "value": 0,
            "gas": fields.gas,
            "maxFeePerGas": fields.max_fee,
            "maxPriorityFeePerGas": fields.tip,
        }
        return bytes(self._account.sign_transaction(transaction).raw_transaction)

    def sign_binding(self, deployment: Deployment, party: PartyId, deadline: int) -> bytes:
        """65 bytes with which this wallet agrees to belong to a party for ever."""
        domain = _domain("Equity Identity Registry", deployment, deployment.registry)
        message = {"party": party, "wallet": self._account.address, "deadline": deadline}
        return bytes(self._account.sign_typed_data(domain, _BINDING, message).signature)

    def sign_payment(self, deployment: Deployment, payment: Payment) -> bytes:
        """65 bytes with which this wallet subscribes: money, raise, amount and disclosure in one."""
        message = {
            "from": self._account.address,
            "to": "0x" + payment.offering.hex(),
            "value": payment.amount,
            "validAfter": 0,
            "validBefore": payment.valid_before,
            "nonce": payment.nonce,
        }
        domain = _domain("Equity Settlement Token", deployment, deployment.token)
        return bytes(self._account.sign_typed_data(domain, _PAYMENT, message).signature)

    def sign_challenge(
        self, deployment: Deployment, escrow: Address, milestone: int, round: int, document: Hash32
    ) -> bytes:
        """65 bytes with which a holder disputes the verdict of one round."""
        message = {"escrow": "0x" + escrow.hex(), "milestone": milestone, "round": round, "document": document}
        domain = _domain("Equity Attestation Board", deployment, deployment.board)
        return bytes(self._account.sign_typed_data(domain, _CHALLENGE, message).signature)

    def sign_statement(self, statement: Statement, board: Board) -> bytes:
        """65 bytes with which a verifier states something to one board. The same statement gives the same bytes,
        a malformed one an InputError."""
        return bytes(self._account.sign_message(checked_signable(statement, board)).signature)


def _domain(name: str, deployment: Deployment, contract: Address) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1",
        "chainId": deployment.chain_id,
        "verifyingContract": "0x" + contract.hex(),
    }


def compact(signature: bytes) -> tuple[Hash32, Hash32]:
    """The 64-byte form (EIP-2098) of a 65-byte signature: r, and s with the parity in its highest bit."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    return Hash32(r), Hash32((s | (v - 27) << 255).to_bytes(32, "big"))


class Keystores:
    """Encrypted keys by name in one folder (V3 files, mode 0600). `passphrase` is asked once, when first needed."""

    def __init__(self, folder: Path, passphrase: Callable[[], str]) -> None:
        self.folder = folder
        self._ask = passphrase

    @cached_property
    def _passphrase(self) -> str:
        return self._ask()

    def names(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.json"))

    def address(self, name: str) -> Address:
        """Known without the passphrase."""
        found = self._read(name)["address"]
        if not isinstance(found, str) or not _ADDRESS.fullmatch(found):
            raise HaltError(f"{self._file(name)} is not a keystore: its address is {found!r}")
        return Address(bytes.fromhex(found[-40:]))

    def load(self, name: str) -> LocalSigner:
        content = self._read(name)
        try:
            return LocalSigner(bytes(Account.decrypt(content, self._passphrase)))
        except (ValueError, KeyError, TypeError) as error:
            raise HaltError(f"key {name!r} does not open: wrong passphrase, or a damaged file") from error

    def create(self, name: str) -> LocalSigner:
        """A new random key under a name that is free."""
        return self.add(name, secrets.token_bytes(32))

    def ensure(self, name: str) -> LocalSigner:
        return self.load(name) if self._file(name).exists() else self.create(name)

    def add(self, name: str, key: bytes) -> LocalSigner:
        file = self._file(name)
        if file.exists():
            raise InputError(
                f"a key named {name!r} exists already; it is not replaced", code="key_exists", field="name", value=name
            )
        signer = LocalSigner(key)
        content = Account.encrypt(key, self._passphrase, kdf="scrypt", iterations=_SCRYPT_N)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(file, json.dumps(content))
        return signer

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"key name {name!r}: small letters, digits, '_', '.', '-'", code="key_name", field="name", value=name
            )
        return self.folder / f"{name}.json"

    def _read(self, name: str) -> dict[str, Any]:
        file = self._file(name)
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(
                f"there is no key named {name!r} in {self.folder}", code="key_unknown", field="key", value=name
            ) from error
        except (ValueError, RecursionError) as error:
            raise HaltError(f"{file} is not a keystore") from error
        except OSError as error:
            raise HaltError(f"the keystore {file} cannot be read: {error.strerror}") from error
        if not isinstance(content, dict) or "address" not in content:
            raise HaltError(f"{file} is not a keystore")
        return content


def passphrase_from(file: Path) -> str:
    """First line of a file that nobody else can read."""
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except FileNotFoundError as error:
        raise HaltError(f"the passphrase file {file} is not there (EQUITY_PASSPHRASE_FILE)") from error
    except OSError as error:
        raise HaltError(f"the passphrase file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise HaltError(f"the passphrase file {file} is not a text") from error
    if mode & 0o077:
        raise HaltError(f"the passphrase file {file} can be read by others; `chmod 600` it")
    if not text:
        raise HaltError(f"the passphrase file {file} is empty")
    return text


def ensure_passphrase(file: Path) -> str:
    """The file's passphrase; on first use a random one is made, readable by its owner only."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(file, secrets.token_urlsafe(32) + "\n")
    return passphrase_from(file)


def write_secret(file: Path, text: str) -> None:
    """Whole or not at all, mode 0600; a file that is there stays."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # somebody else was first, and theirs is as good
    finally:
        draft.unlink()
