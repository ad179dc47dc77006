"""Files of a statement in a folder: whole or not at all, readable by their owner only, since names stand in them."""

from __future__ import annotations

import os
from pathlib import Path

from registry.errors import InputError
from registry.statements.model import Rendered

_OWNER_ONLY = 0o600


def write_papers(folder: Path, rendered: Rendered) -> tuple[Path, Path]:
    """PDF and CSV under the statement's name; what stood there before is replaced once both are written.

    InputError for a folder that cannot be written to."""
    pdf, csv = (folder / f"{rendered.name}.{ending}" for ending in ("pdf", "csv"))
    drafts = [file.with_name(f".{file.name}.{os.getpid()}.draft") for file in (pdf, csv)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for draft, content in zip(drafts, (rendered.pdf, rendered.csv), strict=True):
            _write(draft, content)
        for draft, file in zip(drafts, (pdf, csv), strict=True):
            draft.replace(file)
    except OSError as error:
        message = f"cannot write there: {error.strerror or error}"
        raise InputError(message, code="file", field="out", value=str(folder)) from None
    finally:
        for draft in drafts:
            if draft.is_file():
                draft.unlink()
    return pdf, csv


def _write(file: Path, content: bytes) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
