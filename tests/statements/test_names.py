"""Names of any length and any script: drawn, or told; never dropped, never a formula, never outside the page."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from registry.errors import InputError
from registry.statements.faces import can_draw, drawable
from registry.statements.model import HolderStatement
from registry.statements.render import render
from tests.support import statements as market
from tests.support.paper import squeezed, text_of


def named(name: str, id_number: str = "") -> HolderStatement:
    return market.year(replace(market.ALICE, name=name, id_number=id_number))


def cells(made: bytes) -> dict[str, str]:
    return next(csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "name",
    ["张䶮", "王㛃", "李𬱖", "赵𠅤", "钱𬸣", "阿依古丽·买买提", "Đặng Thị Ánh", "Жуков", "山田はな"],
)
def test_pdf__rare_characters__are_drawn(name: str) -> None:
    made = render(named(name), "zh")
    assert made.missing == ()
    assert squeezed(name) in text_of(made.pdf)


def test_faces__every_character_of_the_old_standard__is_there() -> None:
    gb18030_2000 = [*range(0x4E00, 0x9FA6), *range(0x3400, 0x4DB6)]
    assert [hex(code) for code in gb18030_2000 if not can_draw(chr(code))] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pdf__character_that_no_face_has__is_told_and_kept_in_the_csv(lang: str) -> None:
    made = render(named("张\U000323b0"), "en" if lang == "en" else "zh")
    assert made.missing == ("\U000323b0",)
    text = text_of(made.pdf)
    assert "张[U+323B0]" in text
    assert (
        squeezed("No typeface at hand has 1 character" if lang == "en" else "现有字体缺少本文件中的 1 个字符") in text
    )
    assert "张\U000323b0" in made.csv.decode("utf-8-sig")


def test_drawable__marks_that_turn_the_reading_direction__become_codes() -> None:
    assert drawable("a\u202egnp.exe\n\U0001f600") == (
        "a[U+202E]gnp.exe[U+000A][U+1F600]",
        {"\u202e", "\n", "\U0001f600"},
    )


def test_pdf__long_name_without_a_blank__stays_on_the_page() -> None:
    made = render(named("Wolfeschlegelsteinhausen" * 16), "en")
    assert "Wolfeschlegelsteinhausen" * 16 in text_of(made.pdf)
    for page in PdfReader(io.BytesIO(made.pdf)).pages:
        ends: list[float] = []

        def note(text: str, _: object, at: list[float], *rest: object, ends: list[float] = ends) -> None:
            if text.strip():
                ends.append(at[4])

        page.extract_text(visitor_text=note)
        assert max(ends) < float(page.mediabox.width) - 40


def test_csv__for_a_chinese_spreadsheet__has_a_mark_and_keeps_text_as_text() -> None:
    made = render(named('=HYPERLINK("x")', "440301199001011234"), "zh")
    assert made.csv.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in made.csv.replace(b"\r\n", b"")
    row = cells(made.csv)
    assert row["股东"] == '\'=HYPERLINK("x")'
    assert row["证件号码"] == "440301199001011234\t"
    assert row["税前[元]"] == "1500.00"
    assert row["税率[%]"] == "20"
    assert row["股数"] == "12000"


@pytest.mark.parametrize(
    ("name", "rule"),
    [("", "must have 1 to 400 characters"), ("x" * 401, "must have 1 to 400"), ("a\ud800", "half of a character")],
)
def test_name__that_no_file_can_hold__is_refused(name: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        render(named(name), "en")
