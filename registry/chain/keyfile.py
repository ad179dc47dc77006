"""The Web3 Secret Storage format, version 3: a key sealed with a passphrase, readable by other programs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from eth_utils.crypto import keccak

_N, _R, _P = 1 << 14, 8, 1
"""Light, as for keys that open at every start of a daemon; the passphrase is long and random."""
_MOST_MEMORY = 1 << 29


def seal_key(key: bytes, address: bytes, passphrase: str) -> dict[str, Any]:
    salt, iv = secrets.token_bytes(32), secrets.token_bytes(16)
    params = {"dklen": 32, "n": _N, "r": _R, "p": _P, "salt": salt.hex()}
    derived = _derive("scrypt", params, passphrase)
    sealed = _aes_ctr(derived[:16], iv, key)
    return {
        "address": address.hex(),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": sealed.hex(),
            "kdf": "scrypt",
            "kdfparams": params,
            "mac": keccak(derived[16:32] + sealed).hex(),
        },
        "id": str(uuid.uuid4()),
        "version": 3,
    }


def open_key(content: dict[str, Any], passphrase: str) -> bytes:
    """ValueError, KeyError or TypeError for whatever does not open."""
    crypto = content.get("crypto") or content["Crypto"]
    if content.get("version") != 3 or crypto["cipher"] != "aes-128-ctr":
        raise ValueError("not a keystore of version 3 with aes-128-ctr")
    derived = _derive(crypto["kdf"], crypto["kdfparams"], passphrase)
    sealed = bytes.fromhex(crypto["ciphertext"])
    if not hmac.compare_digest(keccak(derived[16:32] + sealed), bytes.fromhex(crypto["mac"])):
        raise ValueError("the passphrase does not fit")
    key = _aes_ctr(derived[:16], bytes.fromhex(crypto["cipherparams"]["iv"]), sealed)
    if len(key) != 32:
        raise ValueError("the sealed key is not 32 bytes")
    return key


def _derive(kdf: str, params: dict[str, Any], passphrase: str) -> bytes:
    secret, salt, length = passphrase.encode(), bytes.fromhex(params["salt"]), int(params["dklen"])
    if length < 32:
        raise ValueError("a derived key of less than 32 bytes")
    if kdf == "scrypt":
        n, r, p = int(params["n"]), int(params["r"]), int(params["p"])
        return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=_MOST_MEMORY)
    if kdf == "pbkdf2" and params["prf"] == "hmac-sha256":
        return hashlib.pbkdf2_hmac("sha256", secret, salt, int(params["c"]), length)
    raise ValueError(f"unknown key derivation {kdf!r}")


def _aes_ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    step = Cipher(AES(key), CTR(iv)).encryptor()
    return step.update(data) + step.finalize()
