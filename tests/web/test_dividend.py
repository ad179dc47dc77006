"""The pages about dividends in a real browser: nothing overflows, bar and table agree, everybody can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from registry.mirror import Queries
from tests.support.dividend_home import (
    AHEAD,
    ANNA,
    BEN,
    CANCELLED,
    CARL,
    CHOSEN,
    FOUNDER,
    LAPSED,
    PAID,
    SHORT,
    DividendPlace,
)
from tests.web.conftest import WIDTHS, Looker, context_of, walk
from tests.web.test_raise import PARTS, ROWS

pytestmark = pytest.mark.browser

PAGES = {
    "dividends": "/companies/1/dividends",
    "paid": f"/dividends/{PAID}",
    "parked": f"/dividends/{PAID}?as_of_block={{paid}}",
    "declared": f"/dividends/{PAID}?as_of_block={{declared}}",
    "lapsed": f"/dividends/{LAPSED}",
    "cancelled": f"/dividends/{CANCELLED}",
    "short": f"/dividends/{SHORT}",
    "chosen": f"/dividends/{CHOSEN}",
    "ahead": f"/dividends/{AHEAD}",
    "choosing": f"/dividends/{CHOSEN}?as_of_block={{chosen}}",
    "holder-choosing": f"/companies/1/holders/{ANNA}?as_of_block={{chosen}}",
    "holder": f"/companies/1/holders/{ANNA}",
    "holder-parked": f"/companies/1/holders/{BEN}?as_of_block={{paid}}",
    "holder-frozen": f"/companies/1/holders/{CARL}",
    "money": f"/parties/{ANNA}/money",
}


@pytest.fixture
def desk(browser: Browser, dividend_base: str) -> Iterator[Looker]:
    context = context_of(browser, 1180)
    yield Looker(context.new_page(), dividend_base)
    context.close()


def chosen_by(paying: DividendPlace) -> int:
    """The last block in which shares can be chosen of a dividend whose holders are not fixed."""
    with Queries(paying.settings.mirror_file) as queries:
        return queries.distribution(CHOSEN).steps[-1].at.block - 1


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", list(WIDTHS))
def test_pages__each_size_and_language__overflow_nothing_and_read_well(
    browser: Browser, dividend_base: str, paying: DividendPlace, lang: str, size: str, tmp_path: Path
) -> None:
    pages = {name: path.format(**paying.steps, chosen=chosen_by(paying)) for name, path in PAGES.items()}
    walk(browser, dividend_base, pages, lang, size, tmp_path)


@pytest.mark.parametrize("number", [PAID, LAPSED, SHORT, AHEAD])
def test_dividend__bar_and_table__show_the_same_in_the_same_order_and_colours(desk: Looker, number: int) -> None:
    desk.open(f"/dividends/{number}?lang=en")
    parts, rows = desk.page.evaluate(PARTS), desk.page.evaluate(ROWS)
    shown = [(colour, float(re.sub(r"[^\d.]", "", part))) for colour, part in rows]
    # What is too small to be told in two decimals is still drawn.
    assert [colour for colour, part in shown if part] == [colour for colour, width in parts if width > 2]
    for (_, width), (_, part) in zip(
        [each for each in parts if each[1] > 2], [each for each in shown if each[1]], strict=True
    ):
        assert abs(width / 10 - part) < 0.25


def test_dividend__resolution__is_one_click_away(desk: Looker) -> None:
    desk.open(f"/dividends/{PAID}?lang=en")
    fact = desk.page.locator(".facts details.code").first
    expect(fact.locator(".hash")).not_to_be_visible()
    fact.locator("summary").click()
    expect(fact.locator(".hash")).to_have_text(re.compile(r"^0x[0-9a-f]{64}$"))


def test_company__from_its_page__leads_to_dividend_and_holder(desk: Looker) -> None:
    desk.open("/companies/1?lang=en")
    desk.page.get_by_role("link", name="Dividends", exact=True).click()
    desk.page.get_by_role("link", name=re.compile("dividend no. 1 of")).click()
    expect(desk.page.locator("#lines tbody tr")).to_have_count(6)
    desk.page.locator("#lines tbody a").first.click()
    expect(desk.page).to_have_url(re.compile(f"/companies/1/holders/{FOUNDER}"))
    desk.page.locator("#dividends a").first.click()
    expect(desk.page).to_have_url(re.compile("/dividends/"))
    assert desk.errors == []


def test_papers__from_the_own_page__come_as_files(desk: Looker, tmp_path: Path) -> None:
    desk.open(f"/parties/{ANNA}/money?lang=zh")
    links = desk.page.locator("#dividends .papers a")
    expect(links.first).to_have_attribute("hreflang", "zh")
    years = links.count() // 4
    for link in links.all()[:4]:
        with desk.page.expect_download() as waiting:
            link.click()
        waiting.value.save_as(tmp_path / waiting.value.suggested_filename)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert len(names) == 4
    assert all(re.fullmatch(rf"statement-\d{{4}}-{ANNA}-(en|zh)\.(csv|pdf)", name) for name in names)
    assert next(tmp_path.glob("*-zh.pdf")).read_bytes().startswith(b"%PDF-")
    assert years == 2
    assert desk.errors == []


def test_print__dividend__leaves_the_chrome_out_and_keeps_bar_and_table(desk: Looker) -> None:
    desk.open(f"/dividends/{PAID}?lang=zh")
    desk.page.emulate_media(media="print")
    assert not desk.page.locator(".nav").is_visible()
    for shown in ("#money", "#lines", "svg.money-bar", "#tax"):
        assert desk.page.locator(shown).is_visible()


def test_hostile_name__in_lines__runs_nothing(desk: Looker) -> None:
    desk.open(f"/dividends/{PAID}?lang=en")
    assert "taken" not in desk.page.title()
    assert desk.page.locator("#lines").get_by_text("<script>").count() == 1
