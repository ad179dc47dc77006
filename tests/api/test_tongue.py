"""Both languages say the same things; figures are exact; hostile names are harmless."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from api.pages import ring
from api.pages.catalogue import MESSAGES
from api.pages.look import certificate
from api.pages.tongue import Tongue, choose, plain
from registry.domain.days import UTC_OFFSET
from registry.domain.ids import Day

EN, ZH = Tongue("en", UTC_OFFSET), Tongue("zh", UTC_OFFSET)
ROOM = Path(ring.__file__).parent.parent


def test_catalogues__both__have_the_same_keys_and_values() -> None:
    assert list(MESSAGES["en"]) == list(MESSAGES["zh"])
    for key, english in MESSAGES["en"].items():
        values = {frozenset(re.findall(r"{(\w+)}", form)) for form in english.split("|")}
        assert frozenset(re.findall(r"{(\w+)}", MESSAGES["zh"][key])) in values, key


def test_catalogues__every_sentence__is_used() -> None:
    sources = [*ROOM.rglob("*.py"), *ROOM.rglob("*.html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    made = [re.sub(r"\\{[^}]*\\}", ".+", re.escape(key)) for key in re.findall(r'f"([a-z]+\.[^"]*{[^"]*)"', text)]
    idle = [key for key in MESSAGES["en"] if f'"{key}"' not in text and f"'{key}'" not in text]
    assert [key for key in idle if not any(re.fullmatch(pattern, key) for pattern in made)] == []


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh", "en-GB,en;q=0.9", "zh"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "de-DE,zh-Hans;q=0.5", "zh"),
        ("klingon", "", "fr", "en"),
        (None, None, None, "en"),
        (None, None, "*", "en"),
    ],
)
def test_choose__address_cookie_browser__in_this_order(
    asked: str | None, remembered: str | None, accepted: str | None, expected: str
) -> None:
    assert choose(asked, remembered, accepted) == expected


def test_text__number__chooses_the_form() -> None:
    assert EN.text("company.holders", n=1) == "1 holder"
    assert EN.text("company.holders", n=1_200) == "1,200 holders"
    assert ZH.text("company.holders", n=1) == "1 位股东"


@pytest.mark.parametrize(
    ("company", "expected"),
    [
        ("Example Ltd", "Example Ltd 的分红"),
        ("新光（深圳）有限公司", "新光（深圳）有限公司的分红"),
        ("<b>Ltd</b>", "<b>Ltd</b>的分红"),
    ],
)
def test_text__latin_beside_chinese__does_not_touch_it(company: str, expected: str) -> None:
    assert ZH.text("dividends.of", company=company) == expected
    assert ZH.rich("dividends.of", company=Markup("<bdi>{}</bdi>").format("Ltd")) == "<bdi>Ltd</bdi> 的分红"
    assert EN.text("dividends.of", company="新光") == "Dividends of 新光"
    title = ZH.text("dividend.title", share_class="Ordinary A", company="新光", number="2")
    assert title == "新光：Ordinary A 第 2 号分红"


def test_figures__of_the_greatest_size__are_exact() -> None:
    assert EN.shares(2**64 - 1, 6) == "18,446,744,073,709.551615"
    largest = EN.money("CNY", 2**96 - 1, 2**64 - 1)
    assert largest == "CNY\xa0146,150,163,733,090,291,812,445,667,018,357,193,798.8679041025"
    assert EN.money("CNY", 42_500_000_000, 3) == "CNY\xa012.75"
    assert EN.percent(1, 3) == "33.33\xa0%"
    assert EN.percent(1, 2**64) == "0.00\xa0%"
    assert EN.percent(0, 0) == "–"


def test_rate__of_any_length__keeps_its_decimals_and_two_at_least() -> None:
    assert EN.rate(1_250_000_000) == "¥\xa00.125"
    assert ZH.rate(1) == "¥\xa00.0000000001"
    assert EN.per_share(2**72 - 1) == "472,236,648,286.9645213695"
    assert EN.per_share(0) == "0.00"


def test_country__by_its_number__has_a_name_or_shows_the_number() -> None:
    assert (EN.country(156), ZH.country(156)) == ("China", "中国")
    assert EN.country(840) == "United States"
    assert (EN.country(65_535), ZH.country(7)) == ("country 65535", "国家代码 7")


def test_days__by_locale__are_spelled_out() -> None:
    assert EN.day_long(Day(20_543)) == "31 March 2026"
    assert ZH.day_long(Day(20_543)) == "2026年3月31日"
    # A day field has 24 bits and can name years that no calendar here has.
    assert EN.day(Day(2**24 - 1)) == "∞"
    # The register's clock, not the machine's.
    assert ZH.moment(1_774_886_400).startswith("2026年3月31日 00:00")


def test_plain__controls_and_turns__become_visible() -> None:
    assert plain("\u202eevil\u202c\x00\u2066x\u200b") == "\ufffdevil\ufffd\ufffd\ufffdx\ufffd"
    assert plain("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("普-0001".encode().ljust(32, b"\0"), "普-0001"),
        (bytes(32), None),
        (b"\xff\xfe".ljust(32, b"\0"), None),
        (bytes(range(1, 33)), None),
        (None, None),
    ],
)
def test_certificate__number_or_hash__is_told_apart(ref: bytes | None, expected: str | None) -> None:
    assert certificate(ref) == expected


def test_ring__same_parts__gives_the_same_bytes_and_escapes_its_words() -> None:
    drawn = ring.draw([6, 3, 0, 1], ["a", "b", "c", "</script>"], "Who <owns>", "d")
    assert drawn == ring.draw([6, 3, 0, 1], ["a", "b", "c", "</script>"], "Who <owns>", "d")
    assert drawn.count("<path") == 3
    assert "slice-2" not in drawn
    assert "&lt;/script&gt;" in drawn
    assert "Who &lt;owns&gt;" in drawn


@pytest.mark.parametrize("parts", [[], [0], [0, 0]])
def test_ring__nothing_held__is_an_empty_ring(parts: list[int]) -> None:
    assert "slice-empty" in ring.draw(parts, ["x"] * len(parts), "t", "d")


def test_ring__one_tiny_part_of_the_greatest_sum__is_still_drawn() -> None:
    assert ring.draw([2**64, 1], ["x", "y"], "t", "d").count("<path") == 2
