"""Signed statements of verifiers from files: as an oracle keeps them, or with the signature inside."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from registry.domain.attestation import Attestation, Signed
from registry.domain.ids import Address
from registry.errors import InputError

_MOST_BYTES = 100_000
_BYTES = {"company": 20, "escrow": 20, "evidence": 32}


def read_signed(text: str, home: Path, field: str) -> Signed:
    """A statement by its file, or by its digest among those that an oracle of this home has decided.

    The file is JSON: `{"attestation": {"company": "0x…", "escrow": "0x…", "milestone": 0, …}, "signer": "0x…",
    "signature": "0x…"}`; the signature may stand in a file of the same name that ends in `.sig`. InputError names what
    is missing or wrong."""
    file = _kept(text, home / "oracles" / "attestations", field) if text.startswith("0x") else Path(text)
    data = _object(file, field)
    said = data.get("attestation")
    if not isinstance(said, dict):
        raise _wrong(field, file, "attestation", "an object")
    attestation = Attestation(**{each.name: _value(said, each.name, field, file) for each in fields(Attestation)})
    attestation.check()
    signer = Address(_hex(data.get("signer"), 20, "signer", field, file))
    signature = data.get("signature")
    if signature is None:
        signature = "0x" + _read(file.with_suffix(".sig"), field).decode("ascii", "replace").strip()
    return Signed(attestation, signer, _hex(signature, None, "signature", field, file))


def _kept(digest: str, folder: Path, field: str) -> Path:
    for file in sorted(folder.glob("*.json")):
        if _object(file, field).get("digest") == digest.lower():
            return file
    message = "no statement of this digest was decided in this home"
    raise InputError(message, code="statement_unknown", field=field, value=digest)


def _object(file: Path, field: str) -> dict[str, Any]:
    try:
        data = json.loads(_read(file, field))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise InputError("a signed statement is a JSON object", code="statement", field=field, value=str(file))
    return data


def _read(file: Path, field: str) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        message = f"no such file: {error.strerror or 'not readable'}"
        raise InputError(message, code="file", field=field, value=str(file)) from None
    if len(content) > _MOST_BYTES:
        message = f"a signed statement has at most {_MOST_BYTES} bytes"
        raise InputError(message, code="file_too_large", field=field, value=str(file))
    return content


def _value(said: dict[str, Any], name: str, field: str, file: Path) -> Any:
    found = said.get(name)
    if name in _BYTES:
        return _hex(found, _BYTES[name], f"attestation.{name}", field, file)
    if name == "uri":
        if isinstance(found, str):
            return found
        raise _wrong(field, file, "attestation.uri", "a text")
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise _wrong(field, file, f"attestation.{name}", "a whole number")


def _hex(found: Any, length: int | None, name: str, field: str, file: Path) -> bytes:
    """Bytes of a given length; None: some, of any even number of digits."""
    digits = f"{{{2 * length}}}" if length else "{2,4096}"
    if isinstance(found, str) and re.fullmatch(f"0x[0-9a-fA-F]{digits}", found) and len(found) % 2 == 0:
        return bytes.fromhex(found[2:])
    raise _wrong(
        field, file, name, f"0x and {2 * length} hex digits" if length else "0x and an even number of hex digits"
    )


def _wrong(field: str, file: Path, name: str, rule: str) -> InputError:
    return InputError(f"{name} is {rule}", code="statement", object=name, field=field, value=str(file))
