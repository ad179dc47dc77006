"""Does content come from whom it should? Signatures checked from bytes and public keys alone, so again years later.
What rests on certificates stands in `certified`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import warnings
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from oracles.reasons import Refused

_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


def check_hmac(body: bytes, stated: bytes, secret: bytes) -> None:
    """A header with hex HMAC-SHA256 of the body, as it is or behind `sha256=`."""
    if not stated:
        raise Refused("signature_missing", "hmac")
    digits = stated.strip().lower().removeprefix(b"sha256=")
    if not hmac.compare_digest(hmac.new(secret, body, hashlib.sha256).hexdigest().encode(), digits):
        raise Refused("signature_broken", "hmac")


def open_jws(body: bytes, key_pem: str) -> bytes:
    """The payload of a compact JWS. The algorithm follows from the key, never from the header."""
    compact = body.strip()
    if compact.count(b".") != 2:
        raise Refused("signature_missing", "jws", "", "a compact JWS of three parts")
    key, algorithms = _jwk(key_pem)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # EdDSA by its old name is what most signers still say
            opened = jws.deserialize_compact(compact, key, algorithms=algorithms)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(
            "signature_broken", "jws", type(error).__name__, f"{' or '.join(algorithms)} under the feed's key"
        ) from error
    return bytes(opened.payload)


def check_ed25519(body: bytes, signature: bytes, key_pem: str) -> None:
    """A detached signature: 64 bytes, or their base64."""
    if not signature:
        raise Refused("signature_missing", "signature")
    raw = signature
    if len(raw) != 64:
        try:
            raw = base64.b64decode(signature.strip(), validate=True)
        except (ValueError, binascii.Error) as error:
            raise Refused("signature_broken", "signature", "", "64 bytes, or their base64") from error
    key = load_pem_public_key(key_pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise Refused("signer_untrusted", "signature", "", "an Ed25519 key")
    try:
        key.verify(raw, body)
    except InvalidSignature as error:
        raise Refused("signature_broken", "signature") from error


def _jwk(key_pem: str) -> tuple[OKPKey | ECKey | RSAKey, list[str]]:
    key = load_pem_public_key(key_pem.encode())
    if isinstance(key, Ed25519PublicKey):
        return OKPKey.import_key(key_pem), ["EdDSA", "Ed25519"]
    if isinstance(key, EllipticCurvePublicKey):
        return ECKey.import_key(key_pem), [_CURVES.get(key.curve.name, "ES256")]
    return RSAKey.import_key(key_pem), ["RS256", "PS256"]
