"""The pages about raises in a real browser: nothing overflows, bar and table agree, everybody can read and use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.raise_home import LAPSED_RAISE, NAMES, RaisePlace
from tests.support.raise_storm import GRETA
from tests.support.raise_story import ANNA, BEN, CARL, FUND
from tests.web.conftest import WIDTHS, Looker, context_of, walk

pytestmark = pytest.mark.browser

PAGES = {
    "raises": "/companies/1/raises",
    "offer-open": "/raises/2",
    "offer-judged": f"/raises/2?party={CARL}&amount=1234.56",
    "offer-settled": "/raises/1",
    "escrow-subscribed": "/raises/1/escrow?as_of_block={subscribed}",
    "escrow-attested": "/raises/1/escrow?as_of_block={attested}",
    "escrow-missed": "/raises/1/escrow?as_of_block={missed}",
    "escrow-end": "/raises/1/escrow",
    "money": f"/parties/{ANNA}/money",
    "money-fund": f"/parties/{FUND}/money",
    "holder": f"/companies/1/holders/{ANNA}",
}
PARTS = """() => [...document.querySelectorAll('svg.money-bar rect')].map(part => [
  getComputedStyle(part).fill, Number(part.getAttribute('width'))])"""
ROWS = """() => [...document.querySelectorAll('#money tbody tr:not(.within)')].map(row => [
  getComputedStyle(row.querySelector('.sq')).backgroundColor, row.querySelector('.part').textContent])"""


@pytest.fixture
def desk(browser: Browser, raise_base: str) -> Iterator[Looker]:
    context = context_of(browser, 1180)
    yield Looker(context.new_page(), raise_base)
    context.close()


@pytest.fixture
def hand(browser: Browser, raise_base: str) -> Iterator[Looker]:
    context = context_of(browser, 390, has_touch=True, is_mobile=True)
    yield Looker(context.new_page(), raise_base)
    context.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", list(WIDTHS))
def test_pages__each_size_and_language__overflow_nothing_and_read_well(
    browser: Browser, raise_base: str, raised: RaisePlace, lang: str, size: str, tmp_path: Path
) -> None:
    pages = {name: path.format(**raised.steps) for name, path in PAGES.items()}
    walk(browser, raise_base, pages, lang, size, tmp_path)


@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("zh", 390), ("en", 1180)])
def test_pages__in_many_states__overflow_nothing_and_read_well(
    browser: Browser, storm_base: str, stormy: RaisePlace, lang: str, width: int, tmp_path: Path
) -> None:
    context = context_of(browser, width)
    looker = Looker(context.new_page(), storm_base)
    head = stormy.raiser.stage.node.head().number
    pages = [f"/raises/{number}{tab}?" for number in range(2, LAPSED_RAISE + 1) for tab in ("", "/escrow")]
    # The fifth is the longest: some of its states, its two pages in turns.
    pages += [f"/raises/5{('', '/escrow')[block % 2]}?as_of_block={block}&" for block in range(head - 70, head, 7)]
    pages += [f"/parties/{party}/money?" for party in (ANNA, BEN, GRETA)]
    # The last is told to its end in the newest blocks: claims that run, that are over, money that lapses.
    for path in (f"/raises/{LAPSED_RAISE}", f"/raises/{LAPSED_RAISE}/escrow", f"/parties/{GRETA}/money"):
        pages += [f"{path}?as_of_block={block}&" for block in (head - 3, head - 1)]
    troubles: dict[str, object] = {}
    for at, path in enumerate(pages):
        looker.open(f"{path}lang={lang}")
        looker.page.screenshot(path=tmp_path / f"{at}-{lang}-{width}.png", full_page=True)
        found: list[object] = [looker.width_beyond_the_screen()]
        if at % 4 == 0:
            found += looker.serious_violations()
        if any(found):
            troubles[path] = found
    assert troubles == {}
    assert looker.errors == []
    context.close()


@pytest.mark.parametrize("step", ["subscribed", "attested", "missed", "redeemed"])
def test_escrow__bar_and_table__show_the_same_in_the_same_order_and_colours(
    desk: Looker, raised: RaisePlace, step: str
) -> None:
    desk.open(f"/raises/1/escrow?lang=en&as_of_block={raised.steps[step]}")
    parts, rows = desk.page.evaluate(PARTS), desk.page.evaluate(ROWS)
    shown = [(colour, float(re.sub(r"[^\d.]", "", part))) for colour, part in rows]
    not_empty = [(colour, part) for colour, part in shown if part]
    assert [colour for colour, _ in parts] == [colour for colour, _ in not_empty]
    for (_, width), (_, part) in zip(parts, not_empty, strict=True):
        assert abs(width / 10 - part) < 0.5
    assert len({colour for colour, _ in shown}) == len(rows) == 5


def test_escrow__what_lapsed__stands_under_redeemed_in_the_same_column(browser: Browser, storm_base: str) -> None:
    context = context_of(browser, 1180)
    looker = Looker(context.new_page(), storm_base)
    looker.open(f"/raises/{LAPSED_RAISE}/escrow?lang=en")
    row, within = looker.page.locator("#money tr", has_text="Redeemed"), looker.page.locator("#money tr.within")
    expect(within.locator("th")).to_contain_text("of which lapsed")
    upper, lower = (each.locator("td").first.bounding_box() for each in (row, within))
    assert upper
    assert lower
    assert (upper["x"], upper["width"]) == (lower["x"], lower["width"])
    assert abs(upper["y"] + upper["height"] - lower["y"]) < 1
    context.close()


def test_escrow__milestones__lie_on_a_line_with_sign_and_amount(desk: Looker, raised: RaisePlace) -> None:
    desk.open(f"/raises/1/escrow?lang=en&as_of_block={raised.steps['missed']}")
    dots = desk.page.locator(".timeline .dot")
    expect(dots).to_have_text(["✓", "✕", "✕", "✕"])
    boxes = [box for box in (dots.nth(n).bounding_box() for n in range(4)) if box]
    assert len({box["x"] for box in boxes}) == 1
    assert [box["y"] for box in boxes] == sorted(box["y"] for box in boxes)
    expect(desk.page.locator(".timeline .sum").first).to_contain_text("1,251,625.00")
    details = desk.page.locator(".timeline details").first
    assert not details.locator(".hash").first.is_visible()
    details.locator("summary").click()
    expect(details.locator(".hash").first).to_have_text(re.compile(r"^0x[0-9a-f]{64}$"))


def test_offer__asked_by_keyboard__answers_in_place_with_every_reason(desk: Looker) -> None:
    desk.open("/raises/2?lang=en")
    desk.page.get_by_label("Party number").fill(str(ANNA))
    desk.page.get_by_label("Amount, CNY").fill("12750.50")
    desk.page.keyboard.press("Enter")
    answer = desk.page.locator("#judge .judged")
    expect(answer).to_contain_text(f"{NAMES[ANNA]} cannot subscribe")
    expect(answer.locator("li")).to_have_text(
        [
            "The amount buys a fraction of a share. Choose a multiple of the price.",
            "This investor has subscribed already; one may withdraw and subscribe anew.",
        ]
    )
    assert f"party={ANNA}" in desk.page.url
    desk.page.get_by_label("Party number").fill(str(BEN))
    desk.page.get_by_label("Amount, CNY").fill("4250")
    desk.page.get_by_role("button", name="Ask the chain").click()
    expect(answer).to_contain_text(f"{NAMES[BEN]} may subscribe")
    assert desk.errors == []


def test_offer__hostile_name__runs_nothing(desk: Looker) -> None:
    desk.open(f"/raises/2?lang=en&party={CARL}&amount=4250")
    expect(desk.page.locator("#judge .judged")).to_contain_text(NAMES[CARL])
    assert desk.page.title() != "taken"
    assert desk.errors == []


def test_tabs__between_offer_and_money__keep_the_day(desk: Looker, raised: RaisePlace) -> None:
    desk.open(f"/raises/1?lang=en&as_of_block={raised.steps['attested']}")
    desk.page.get_by_role("link", name="Where the money is").click()
    expect(desk.page.locator(".past")).to_contain_text("You are looking at")
    expect(desk.page.locator(".timeline .dot.current")).to_have_text("1")
    desk.page.get_by_role("link", name="Back to now").click()
    expect(desk.page.locator(".timeline .dot.current")).to_have_count(0)
    desk.page.get_by_role("link", name="中文").click()
    expect(desk.page.locator("h1")).to_contain_text("募集")


def test_phone__own_money__first_what_is_free_then_attention_then_the_record(hand: Looker, raised: RaisePlace) -> None:
    hand.open(f"/parties/{ANNA}/money?lang=zh&as_of_block={raised.steps['missed']}")
    places = [hand.page.locator(where).first.bounding_box() for where in ("#holding", ".notice", ".own", ".log")]
    tops = [place["y"] for place in places if place]
    assert len(tops) == 4
    assert tops == sorted(tops)
    expect(hand.page.locator(".notice strong")).to_have_text(re.compile("现在可以取回"))
    expect(hand.page.locator(".own dt").first).to_have_text("认购（元）")
    hand.open(f"/companies/1/holders/{ANNA}?lang=zh")
    hand.page.get_by_role("link", name="该主体在所有公司的资金").click()
    expect(hand.page.locator("h1")).to_have_text(NAMES[ANNA])
