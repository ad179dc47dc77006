"""What the terms of every feed are made of: field types for the door, where a source lies, whose signature counts."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer

from oracles.exact import check_path, parse_decimal, plain

DOOR: Final = ConfigDict(extra="forbid", str_max_length=20_000)
"""A field nobody knows is refused."""


def _exact(value: object) -> Decimal:
    if isinstance(value, Decimal):  # a fraction of TOML, which was never a float
        if value.is_finite() and abs(value.adjusted()) < 30:
            return parse_decimal(plain(value))
        raise ValueError("a finite number of at most 30 digits")
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError('a whole number, or a plain decimal in quotes such as "0.5"')
    return parse_decimal(str(value))


def _pin(value: str) -> str:
    """SHA-256 of a public key (SPKI), as hex or as base64 the way curl and browsers write it; kept as hex."""
    text = value.removeprefix("sha256//").removeprefix("sha256/")
    try:
        raw = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError("SHA-256 of the public key (SPKI), 64 hex digits or base64") from error
    if len(raw) != 32:
        raise ValueError("SHA-256 of the public key (SPKI), 64 hex digits or base64")
    return raw.hex()


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or not value.isascii() or not value.isprintable() or " " in value or "@" in value.split("/")[2]:
        raise ValueError("http(s)://host[:port]/path, ASCII, without a password in it")
    return value


def _day(value: object) -> str:
    """TOML's own date, or its text."""
    text = value.isoformat() if type(value) is date else value
    if not isinstance(text, str):
        raise ValueError("a day YYYY-MM-DD")
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> str:
    raise ValueError("a day YYYY-MM-DD")


def _roots(pem: str) -> str:
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise ValueError("certificates in PEM form") from error
    if not found:
        raise ValueError("certificates in PEM form")
    return pem


def _key(*kinds: type) -> AfterValidator:
    def check(pem: str) -> str:
        names = " or ".join(_KEYS[kind] for kind in kinds)
        try:
            found = load_pem_public_key(pem.encode())
        except ValueError as error:
            raise ValueError(f"a public key in PEM form ({names})") from error
        if not isinstance(found, kinds):
            raise ValueError(f"a public key in PEM form ({names})")
        return pem

    return AfterValidator(check)


_KEYS: Final[dict[type, str]] = {
    Ed25519PublicKey: "Ed25519",
    EllipticCurvePublicKey: "elliptic curve",
    RSAPublicKey: "RSA",
}

Exactly = Annotated[Decimal, BeforeValidator(_exact), PlainSerializer(plain, return_type=str)]
"""An exact figure; floats are refused."""
Path = Annotated[str, Field(max_length=500), AfterValidator(check_path)]
Pin = Annotated[str, AfterValidator(_pin)]
Url = Annotated[str, Field(max_length=1_000), AfterValidator(_url)]
Day = Annotated[str, BeforeValidator(_day)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
"""A short text."""
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Age = Annotated[int, Field(strict=True, ge=1, le=400 * 86_400)]
"""[s]"""
Roots = Annotated[str, AfterValidator(_roots)]
EdKey = Annotated[str, _key(Ed25519PublicKey)]
JwsKey = Annotated[str, _key(Ed25519PublicKey, EllipticCurvePublicKey, RSAPublicKey)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Certificates: whoever is named `signer` (common name), certified under one of the roots (PEM)."""

    __pydantic_config__ = DOOR

    roots: Roots
    signer: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one source is: a file of this machine, or an address. A pinned key stands for any other trust in TLS.

    `timeout` [s] is for the whole exchange, `max_bytes` for the body.
    """

    __pydantic_config__ = DOOR

    name: Slug
    url: Url | None = None
    file: Line | None = None
    pin: Pin | None = None
    timeout: Annotated[int, Field(strict=True, ge=1, le=120)] = 10
    max_bytes: Annotated[int, Field(strict=True, ge=1, le=9_000_000)] = 1_000_000


def place_problem(place: Place, *, is_authentic: bool) -> str:
    """The rule that a source's place breaks, or nothing. `is_authentic`: its content proves itself by a signature."""
    if bool(place.url) == (place.file is not None):
        return "either url or file"
    if place.pin and not (place.url or "").startswith("https://"):
        return "a pin needs an https:// address"
    if place.url and not (place.pin or is_authentic):
        return "an address needs a pin, or a signature over its content"
    return ""
