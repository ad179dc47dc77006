"""`python scripts/faces.py FOLDER` makes the faces of the statements from the original fonts; it needs fontTools.

FOLDER holds NotoSansCJK-Regular.ttc, NotoSansCJK-Bold.ttc (Debian's fonts-noto-cjk).
Needed once, when a face is to be replaced; registry/statements/fonts/README.md says what is in which.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parents[1] / "registry" / "statements" / "fonts"
SIMPLIFIED = 2
"""Place of the Simplified Chinese face in Noto's collections."""

HAN = [(0x2E80, 0x2FD5), (0x3005, 0x3007), (0x3021, 0x3029), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)]
BEYOND = [(0x20000, 0x3FFFF)]
LATIN = [(0x20, 0x24F), (0x370, 0x52F), (0x1E00, 0x1EFF)]
SIGNS = [
    *[(0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x218B), (0x2190, 0x2199), (0x2200, 0x22FF), (0x2460, 0x24FF)],
    *[(0x2500, 0x25FF), (0x2605, 0x2606), (0x2713, 0x2717), (0x3000, 0x3020), (0x3040, 0x312F), (0x31A0, 0x33FF)],
    *[(0xFE30, 0xFE4F), (0xFF00, 0xFFEF)],
]


def characters(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


def gb2312() -> set[int]:
    """The 6 763 Chinese characters of the standard of 1980."""
    pairs = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(char) for pair in pairs for char in pair.decode("gb2312", "ignore")}


def face(source: Path, wanted: set[int], target: str, family: str, place: int = -1) -> set[int]:
    """Writes one face and says what it covers."""
    font = TTFont(source, fontNumber=place, recalcTimestamp=False)
    options = subset.Options()
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.layout_features = ["kern", "halt", "palt"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    options.name_languages = [0x409]
    subsetter = subset.Subsetter(options)
    covered = wanted & set(font.getBestCmap())
    subsetter.populate(unicodes=covered)
    subsetter.subset(font)
    _rename(font, family)
    font.save(TARGET / target)
    return covered


def _rename(font: TTFont, family: str) -> None:
    """Names of ours, since it is no longer the original; who made it, and under which licence, stays. The bold one is a
    family of its own, so that the regular one can stand behind it for the characters that it lacks."""
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 5, 7, 8, 9, 10, 11, 12, 13, 14)]
    for number, text in ((1, family), (2, "Regular"), (3, family), (4, family), (6, family.replace(" ", ""))):
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 400
    font["OS/2"].fsSelection = 0x40
    font["head"].macStyle = 0
    if "CFF " in font:
        top = font["CFF "].cff
        top.fontNames = [family.replace(" ", "")]
        top.topDictIndex[0].FullName = top.topDictIndex[0].FamilyName = family
        top.topDictIndex[0].Weight = "Regular"


def main(folder: Path) -> None:
    regular, bold = folder / "NotoSansCJK-Regular.ttc", folder / "NotoSansCJK-Bold.ttc"
    most = characters([*HAN, *BEYOND, *LATIN, *SIGNS])
    face(regular, most, "register-sans.otf", "Register Sans", SIMPLIFIED)
    few = characters([*LATIN, *SIGNS]) | gb2312()
    face(bold, few, "register-strong.otf", "Register Strong", SIMPLIFIED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
