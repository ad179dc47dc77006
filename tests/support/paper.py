"""The text of a PDF as a reader sees it."""

from __future__ import annotations

import io

from pypdf import PdfReader


def squeezed(text: str) -> str:
    """Without any blank: where lines break, and how wide gaps are, is the typesetter's affair."""
    return "".join(text.split())


def pages_of(pdf: bytes) -> list[str]:
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    return "".join(pages_of(pdf))
