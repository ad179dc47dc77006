"""The master key, and sealing with a key of its own for each party, wrapped by the master key.

Erasing a party's wrapped key makes its data unreadable even where an old copy of the sealed bytes survives.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.errors import HaltError

KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """A party's data as it lies on disk."""

    wrapped_key: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens under one master key."""

    _master: bytes = field(repr=False)

    def seal(self, party: int, content: bytes) -> Sealed:
        key = secrets.token_bytes(KEY_BYTES)
        return Sealed(_encrypt(self._master, key, _label("key", party)), _encrypt(key, content, _label("data", party)))

    def open(self, party: int, sealed: Sealed) -> bytes:
        key = _decrypt(self._master, sealed.wrapped_key, _label("key", party), party)
        return _decrypt(key, sealed.data, _label("data", party), party)

    def tag(self, source: str) -> bytes:
        """Recognises a source without storing it: of use only to one who holds the master key."""
        return hmac.new(self._derived(b"tag"), source.encode(), hashlib.sha256).digest()

    @property
    def check(self) -> bytes:
        """Tells whether a database belongs to this key; says nothing about the key."""
        return self._derived(b"check")

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.new(self._master, b"equity directory " + purpose, hashlib.sha256).digest()


def load_vault(key_file: Path, *, may_create: bool) -> Vault:
    """The vault under the key in a file of mode 0600, which is made on first use."""
    if may_create and not key_file.exists():
        _create(key_file)
    try:
        mode = stat.S_IMODE(key_file.stat().st_mode)
        key = key_file.read_bytes()
    except FileNotFoundError:
        text = f"the directory's key file {key_file} is not there; names cannot be read without it: put it back"
        raise HaltError(text) from None
    except OSError as error:
        raise HaltError(f"the directory's key file {key_file} cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise HaltError(f"the directory's key file {key_file} is open to others (mode {mode:o}): chmod 600 it")
    if len(key) != KEY_BYTES:
        raise HaltError(f"the directory's key file {key_file} holds {len(key)} bytes, a key has {KEY_BYTES}")
    return Vault(key)


def _create(key_file: Path) -> None:
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked into place: whoever comes second finds a whole key and uses that one.
    aside = key_file.with_name(f".{key_file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, key_file)
        except FileExistsError:
            return
    finally:
        aside.unlink()


def _label(purpose: str, party: int) -> bytes:
    """Binds sealed bytes to their row, so that two parties' rows cannot be exchanged."""
    return f"{purpose}:{party}".encode()


def _encrypt(key: bytes, content: bytes, label: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, label)


def _decrypt(key: bytes, sealed: bytes, label: bytes, party: int) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label)
    except InvalidTag:
        text = f"the directory's data of party {party} cannot be opened with this key, or was changed on disk"
        raise HaltError(text) from None
