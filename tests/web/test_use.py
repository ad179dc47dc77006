"""The pages in use: chart and table agree, the day can be moved by keyboard, language and paging keep it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support import market as m
from tests.web.conftest import Looker, context_of

pytestmark = pytest.mark.browser

CAP_TABLE = "/companies/1"
SLICES = """() => [...document.querySelectorAll('svg.ring path')].map(path => [
  path.querySelector('title').textContent, getComputedStyle(path).fill])"""
ROWS = """() => [...document.querySelectorAll('#captable tbody tr')].map(row => [
  row.querySelector('bdi').textContent, row.querySelector('.part').textContent,
  getComputedStyle(row.querySelector('.sq')).backgroundColor])"""
ANGLES = """() => [...document.querySelectorAll('svg.ring path')].map(path => {
  const [x, y] = path.getAttribute('d').slice(1).split(/[,A]/).map(Number);
  return Math.atan2(x, -y) * 180 / Math.PI;
})"""


@pytest.mark.parametrize("query", ["lang=en", "lang=zh", "lang=en&effective_on=2023-12-31"])
def test_cap_table__ring_and_table__show_the_same_in_the_same_order_and_colours(desktop: Looker, query: str) -> None:
    desktop.open(f"{CAP_TABLE}?{query}")
    slices, rows = desktop.page.evaluate(SLICES), desktop.page.evaluate(ROWS)
    assert len(slices) == len(rows) > 1
    for (label, fill), (name, part, colour) in zip(slices, rows, strict=True):
        assert label.startswith(name)
        assert label.endswith(part)
        assert fill == colour
    assert len({colour for *_, colour in rows}) == len(rows)


def test_ring__its_arcs__are_as_long_as_the_parts_in_the_table(desktop: Looker) -> None:
    desktop.open(f"{CAP_TABLE}?lang=en")
    parts = [float(re.sub(r"[^\d.]", "", part)) for _, part, _ in desktop.page.evaluate(ROWS)]
    # Each path begins where its arc ends.
    ends = [angle % 360 for angle in desktop.page.evaluate(ANGLES)]
    reached = 0.0
    for part, end in zip(parts, ends, strict=True):
        reached += part * 3.6
        assert abs((end - reached + 180) % 360 - 180) < 1.5
    assert abs(reached - 360) < 0.2


def test_slider__moved_by_keyboard__shows_the_register_of_that_day(desktop: Looker) -> None:
    desktop.open(f"{CAP_TABLE}?lang=en")
    before = desktop.page.locator(".spelled").inner_text()
    desktop.page.locator("#asof-slider").focus()
    with desktop.page.expect_response(lambda answer: "effective_on=" in answer.url):
        desktop.page.keyboard.press("Home")
    expect(desktop.page.locator(".past")).to_contain_text("You are looking at")
    assert desktop.page.locator(".spelled").inner_text() != before
    rows = desktop.page.evaluate(ROWS)
    assert [name for name, *_ in rows] == [m.NAMES[m.FOUNDER], m.NAMES[m.PARTNER]]
    assert "effective_on=" in desktop.page.url
    assert desktop.page.evaluate("document.activeElement.id") == "asof-slider"
    desktop.page.get_by_role("link", name="Holders").click()
    expect(desktop.page.locator("#holders tbody tr")).to_have_count(2)
    desktop.page.get_by_role("link", name="Back to now").click()
    expect(desktop.page.locator("#holders tbody tr")).to_have_count(m.LAST)
    assert desktop.errors == []


def test_day__without_script__can_be_asked_for_all_the_same(browser: Browser, base: str) -> None:
    context = context_of(browser, 1180, java_script_enabled=False)
    looker = Looker(context.new_page(), base)
    looker.open(f"{CAP_TABLE}?lang=en")
    looker.page.locator(".asof summary").click()
    looker.page.get_by_label("Dated up to (legal date)").fill("2023-12-31")
    looker.page.get_by_role("button", name="Show").click()
    expect(looker.page.locator(".past")).to_contain_text("31 December 2023")
    context.close()


def test_language__switched__stays_on_the_page_and_the_day(phone: Looker) -> None:
    phone.open(f"{CAP_TABLE}/holders/{m.INVESTOR}?lang=en&effective_on=2026-06-30")
    phone.page.get_by_role("link", name="中文").click()
    expect(phone.page.locator("html")).to_have_attribute("lang", "zh-Hans-CN")
    expect(phone.page.locator(".past")).to_contain_text("2026年6月30日")
    phone.open("/")
    expect(phone.page.locator("h1")).to_have_text("公司")


def test_entries__next_page_and_back__swap_in_place(desktop: Looker) -> None:
    desktop.open(f"{CAP_TABLE}/entries?lang=en")
    first = desktop.page.locator("#entries tbody tr a").first.get_attribute("href")
    desktop.page.get_by_role("link", name="Next page").click()
    expect(desktop.page.get_by_role("link", name="Back to the first page")).to_be_visible()
    assert "cursor=" in desktop.page.url
    assert desktop.page.locator("#entries tbody tr a").first.get_attribute("href") != first
    desktop.page.go_back()
    expect(desktop.page.locator("#entries tbody tr a").first).to_have_attribute("href", first or "")
    assert desktop.errors == []


def test_phone__holder__sees_holding_then_attention_then_record(phone: Looker) -> None:
    phone.open(f"{CAP_TABLE}/holders/{m.INVESTOR}?lang=zh")
    places = [phone.page.locator(where).first.bounding_box() for where in ("#holding", ".notice", ".log")]
    tops = [place["y"] for place in places if place]
    assert tops == sorted(tops)
    assert len(tops) == 3
    assert tops[0] < 400
    expect(phone.page.locator(".notice strong")).to_have_text("合格投资者资格 12 天后到期")


def test_entry__its_hashes__are_one_click_away(desktop: Looker) -> None:
    desktop.open(f"{CAP_TABLE}/entries?lang=en")
    desktop.page.get_by_role("link", name="Transfer", exact=True).click()
    assert not desktop.page.locator(".hash").first.is_visible()
    desktop.page.get_by_text("show its fingerprint (hash)").click()
    expect(desktop.page.locator("details[open] .hash")).to_have_text(re.compile(r"^0x[0-9a-f]{64}$"))
    expect(desktop.page.locator("h1")).to_have_text("Transfer: 7,600 shares")


def test_day__opened_on_a_phone__stays_on_the_screen(phone: Looker) -> None:
    for path in (CAP_TABLE, "/", f"{CAP_TABLE}/holders/{m.INVESTOR}"):
        phone.open(f"{path}?lang=zh")
        phone.page.locator(".asof summary").click()
        box = phone.page.locator(".asof .pop").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert phone.width_beyond_the_screen() == 0
