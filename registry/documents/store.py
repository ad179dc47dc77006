"""A store of files by their SHA-256: what was kept once is found under its hash, unchanged, or that is said.

documents/<hash>               the content, mode 0600
documents/kinds/<kind>/<hash>  an empty mark, so that all documents of a kind can be listed
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from registry.domain.ids import Hash32
from registry.errors import HaltError, InputError, Unavailable

_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NAME = re.compile(r"[0-9a-f]{64}")


class Documents:
    """The store in one folder, which is made on first use. Several processes may keep the same document at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes, kind: str) -> Hash32:
        """Its hash, once content and mark are on disk. What is there already stays; what was damaged is made whole.

        Unavailable when the disk does not take it.
        """
        if not _KIND.fullmatch(kind):
            message = f"document kind {kind!r}; rule: small letters, digits, '_', at most 32"
            raise InputError(message, code="document_kind", field="kind", value=kind)
        digest = hashlib.sha256(content).digest()
        mark = self.folder / "kinds" / kind / digest.hex()
        with self._translated():
            self._make(mark.parent)
            if not self._holds(digest, content):
                self._write(self.folder / digest.hex(), content)
            if not mark.exists():
                self._write(mark, b"")
        return Hash32(digest)

    def get(self, digest: bytes) -> bytes:
        """The content. InputError when nothing was kept under this hash, HaltError when it does not hash to it."""
        file = self.folder / digest.hex()
        with self._translated():
            try:
                content = file.read_bytes()
            except FileNotFoundError:
                raise InputError(
                    f"no document with the hash 0x{digest.hex()} in {self.folder}",
                    code="document_unknown",
                    field="hash",
                    value="0x" + digest.hex(),
                ) from None
        if hashlib.sha256(content).digest() != digest:
            raise HaltError(f"the document {file} was changed on disk: it does not hash to its name")
        return content

    def __contains__(self, digest: bytes) -> bool:
        return (self.folder / digest.hex()).is_file()

    def of_kind(self, kind: str) -> list[Hash32]:
        """All hashes of a kind, in their own order."""
        with self._translated():
            try:
                names = os.listdir(self.folder / "kinds" / kind)
            except FileNotFoundError:
                return []
        return sorted(Hash32(bytes.fromhex(name)) for name in names if _NAME.fullmatch(name))

    def _holds(self, digest: bytes, content: bytes) -> bool:
        try:
            return (self.folder / digest.hex()).read_bytes() == content
        except FileNotFoundError:
            return False

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        for step in (self.folder, folder.parent, folder):
            step.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(step.parent)

    def _write(self, file: Path, content: bytes) -> None:
        """Whole or not at all: written aside, on disk, then renamed, and the name is on disk as well."""
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            draft.rename(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync(file.parent)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(f"the documents in {self.folder} are not to be had: {error.strerror or error}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
