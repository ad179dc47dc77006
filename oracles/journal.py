"""What this machine has decided to say: written once, before it is signed, so that it never says two different things.

attestations/<chain>-<board>-<signer>-<escrow>-<milestone>-<round>.json   the attestation, before its signature
attestations/….sig                                                        the signature, before it is sent
attestations/….done                                                       it has been on the chain
disclosures/<chain>-<board>-<signer>-<company>-<month>.json               the record of a month's figures
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.chain.typed import Board, digest, signer_of
from registry.domain.attestation import Attestation, Disclosure
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, InputError, Unavailable


@dataclass(frozen=True, slots=True)
class Decided:
    """An attestation that this signer gives, and the only one in its round."""

    attestation: Attestation
    board: Board
    signer: Address

    @property
    def digest(self) -> Hash32:
        return digest(self.attestation, self.board)


class Journal:
    """In one folder. Two processes may decide at the same time: the first one's decision is both's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def decided(self, board: Board, signer: Address, escrow: Address, milestone: int, round: int) -> Decided | None:
        """What was decided for a round, if anything. HaltError when the file is damaged."""
        file = self._file(board, signer, escrow, milestone, round)
        content = _read(file)
        return None if content is None else _decided(file, content)

    def decide(self, board: Board, signer: Address, attestation: Attestation) -> Decided:
        """Writes it down, unless another one stands there already, which is then returned."""
        a = attestation
        file = self._file(board, signer, a.escrow, a.milestone, a.round)
        wanted = Decided(attestation, board, signer)
        return _decided(file, _write_once(file, _json(wanted)))

    def signature(self, decided: Decided) -> bytes | None:
        """The kept signature, which is its signer's; HaltError otherwise."""
        content = _read(self._beside(decided, ".sig"))
        if content is None:
            return None
        signature = bytes.fromhex(content.decode("ascii", "replace")) if _is_hex(content) else b""
        _check(decided, signature, self._beside(decided, ".sig"))
        return signature

    def keep_signature(self, decided: Decided, signature: bytes) -> None:
        file = self._beside(decided, ".sig")
        _check(decided, signature, file)
        _write_once(file, signature.hex().encode())

    def mark_done(self, decided: Decided) -> None:
        _write_once(self._beside(decided, ".done"), b"")

    def is_done(self, decided: Decided) -> bool:
        return self._beside(decided, ".done").exists()

    def all(self) -> Iterator[Decided]:
        """Everything that was decided here."""
        for file in sorted((self.folder / "attestations").glob("*.json")):
            content = _read(file)
            if content is not None:
                yield _decided(file, content)

    def disclosed(self, board: Board, signer: Address, company: Address) -> dict[str, dict[str, Any]]:
        """What was written down of each month (`YYYY-MM`)."""
        folder, prefix = self.folder / "disclosures", f"{_prefix(board, signer)}-{company.hex()}-"
        found = {}
        for file in sorted(folder.glob(f"{prefix}*.json")):
            month = file.stem.removeprefix(prefix)
            found[f"{month[:4]}-{month[4:]}"] = _object(file, _read(file) or b"")
        return found

    def disclose(self, board: Board, signer: Address, disclosure: Disclosure, entry: dict[str, Any]) -> dict[str, Any]:
        """Writes a month down, unless it stands there already; what stands there."""
        name = f"{_prefix(board, signer)}-{disclosure.company.hex()}-{disclosure.month}.json"
        file = self.folder / "disclosures" / name
        return _object(file, _write_once(file, json.dumps(entry, sort_keys=True).encode()))

    def _file(self, board: Board, signer: Address, escrow: Address, milestone: int, round: int) -> Path:
        name = f"{_prefix(board, signer)}-{escrow.hex()}-{milestone}-{round}.json"
        return self.folder / "attestations" / name

    def _beside(self, decided: Decided, suffix: str) -> Path:
        a = decided.attestation
        return self._file(decided.board, decided.signer, a.escrow, a.milestone, a.round).with_suffix(suffix)


def attestation_json(attestation: Attestation) -> dict[str, Any]:
    """An attestation's fields by name, bytes as 0x… hex."""
    a = attestation
    return {
        "company": "0x" + a.company.hex(),
        "escrow": "0x" + a.escrow.hex(),
        "milestone": a.milestone,
        "round": a.round,
        "outcome": a.outcome,
        "evidence": "0x" + a.evidence.hex(),
        "uri": a.uri,
        "observed_at": a.observed_at,
        "expires_at": a.expires_at,
    }


def _prefix(board: Board, signer: Address) -> str:
    return f"{board.chain_id}-{board.address.hex()}-{signer.hex()}"


def _json(decided: Decided) -> bytes:
    content = {
        "chain_id": decided.board.chain_id,
        "board": "0x" + decided.board.address.hex(),
        "signer": "0x" + decided.signer.hex(),
        "digest": "0x" + decided.digest.hex(),
        "attestation": attestation_json(decided.attestation),
    }
    return json.dumps(content, sort_keys=True, indent=1).encode()


def _decided(file: Path, content: bytes) -> Decided:
    data = _object(file, content)
    try:
        fields = dict(data["attestation"])
        fields |= {name: bytes.fromhex(fields[name][2:]) for name in ("company", "escrow", "evidence")}
        board = Board(data["chain_id"], Address(bytes.fromhex(data["board"][2:])))
        found = Decided(Attestation(**fields), board, Address(bytes.fromhex(data["signer"][2:])))
        if "0x" + found.digest.hex() != data["digest"]:
            raise ValueError("its digest is another")
    except (KeyError, TypeError, ValueError, InputError) as error:
        raise HaltError(f"{file} is damaged: {error}") from error
    return found


def _object(file: Path, content: bytes) -> dict[str, Any]:
    try:
        data = json.loads(content)
        if isinstance(data, dict):
            return data
    except ValueError:
        pass
    raise HaltError(f"{file} is damaged: no JSON object")


def _check(decided: Decided, signature: bytes, file: Path) -> None:
    try:
        signer = signer_of(decided.attestation, decided.board, signature)
    except InputError as error:
        raise HaltError(f"{file}: {error.message}") from error
    if signer != decided.signer:
        raise HaltError(f"{file}: signed by 0x{signer.hex()}, not by 0x{decided.signer.hex()}")


def _is_hex(content: bytes) -> bool:
    return len(content) == 130 and all(digit in b"0123456789abcdef" for digit in content)


def _read(file: Path) -> bytes | None:
    with _translated(file):
        try:
            return file.read_bytes()
        except FileNotFoundError:
            return None


def _write_once(file: Path, content: bytes) -> bytes:
    """On disk, whole, under its name, before this returns; what stood there before stays. Returns what stands there."""
    with _translated(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return file.read_bytes()


@contextlib.contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the journal {file.parent} is not to be had: {error.strerror or error}") from error
