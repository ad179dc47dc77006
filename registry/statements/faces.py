"""The typefaces that are shipped, which characters they can draw, and what stands in place of those that none can."""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "fonts"
FACE = "register-sans.otf"
"""What a character is looked for in. The bold face has fewer, and this one stands behind it."""

_UCS4 = 12
Groups = tuple[tuple[int, int], ...]


@cache
def _covered(name: str) -> Groups:
    """First and last code of each run of characters, ascending."""
    with (FOLDER / name).open("rb") as file:
        (tables,) = struct.unpack(">4xH6x", file.read(12))
        entries = [struct.unpack(">4s4xII", file.read(16)) for _ in range(tables)]
        offset, length = next((at, size) for tag, at, size in entries if tag == b"cmap")
        file.seek(offset)
        cmap = file.read(length)
    for place in range(struct.unpack_from(">H", cmap, 2)[0]):
        (at,) = struct.unpack_from(">I", cmap, 8 + 8 * place)
        if struct.unpack_from(">H", cmap, at)[0] == _UCS4:
            (count,) = struct.unpack_from(">I", cmap, at + 12)
            runs = struct.iter_unpack(">III", cmap[at + 16 : at + 16 + 12 * count])
            return tuple((first, last) for first, last, _ in runs)
    raise ValueError(f"{name} has no table of all its characters")


def can_draw(char: str) -> bool:
    """False for controls and marks that turn the reading direction, whatever a face has for them."""
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return False
    return _has(_covered(FACE), ord(char))


def _has(groups: Groups, code: int) -> bool:
    place = bisect_right(groups, (code, 0x110000)) - 1
    return place >= 0 and groups[place][0] <= code <= groups[place][1]


def drawable(text: str) -> tuple[str, set[str]]:
    """The text with the code of each character that cannot be drawn in brackets in its place, and those characters."""
    missing = {char for char in set(text) if not can_draw(char)}
    return "".join(f"[{code(char)}]" if char in missing else char for char in text) if missing else text, missing


def code(char: str) -> str:
    return f"U+{ord(char):04X}"
