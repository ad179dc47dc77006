"""Pages to PDF, by Typst: an archive file (PDF/A-2a: tagged, faces embedded) that depends on its input only.

No clock, no system font, no network: the creation time is the block's, the document's id is a digest of its content.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from registry.statements import faces
from registry.statements.model import Lang
from registry.statements.page import Note, Page
from registry.statements.tongue import Tongue

_TEMPLATES = Path(__file__).parent / "templates"
_STANDARD: Literal["a-2a"] = "a-2a"


@cache
def fonts() -> typst.Fonts:
    """The faces that are shipped, and no other."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(faces.FOLDER)])


def typeset(page: Page, time: int, lang: Lang) -> tuple[bytes, tuple[str, ...]]:
    """The file, and the characters that no face can draw, in order of their codes. `time` [unix s] is when its figures
    were so."""
    _, missing = _drawable(page.as_json())
    found = tuple(sorted(missing))
    if found:
        page = replace(page, blocks=(*page.blocks, _about(found, Tongue(lang))))
    data, _ = _drawable({**page.as_json(), "lang": lang, "page_of": Tongue(lang).text("page", page="%1", pages="%2")})
    compiler = typst.Compiler(str(_TEMPLATES / "statement.typ"), root=str(_TEMPLATES), font_paths=fonts())
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=time, pdf_standards=_STANDARD)
    assert isinstance(made, bytes)
    return made, found


def _about(missing: tuple[str, ...], tongue: Tongue) -> Note:
    codes = ", ".join(faces.code(char) for char in missing)
    return Note(tongue.text("missing", n=len(missing), codes=codes))


def _drawable(value: Any) -> tuple[Any, set[str]]:
    """The same with every text made drawable, and what could not be drawn in any of them."""
    if isinstance(value, str):
        return faces.drawable(value)
    if isinstance(value, dict):
        pairs = {key: _drawable(item) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, {char for _, found in pairs.values() for char in found}
    if isinstance(value, list | tuple):
        items = [_drawable(item) for item in value]
        return [item for item, _ in items], {char for _, found in items for char in found}
    return value, set()
