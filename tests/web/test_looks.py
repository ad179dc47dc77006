"""Every page in both languages on a desk and on a phone: nothing overflows or is foreign, everybody can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support import market as m
from tests.web.conftest import WIDTHS, Looker, walk

pytestmark = pytest.mark.browser

COMPANY = "/companies/1"
PAGES = {
    "companies": "/",
    "captable": COMPANY,
    "captable-all": f"{COMPANY}?all=1",
    "captable-earlier": f"{COMPANY}?effective_on=2023-12-31",
    "holders": f"{COMPANY}/holders",
    "holder-ending": f"{COMPANY}/holders/{m.INVESTOR}",
    "holder-locked": f"{COMPANY}/holders/{m.FOUNDER}",
    "holder-hostile": f"{COMPANY}/holders/{m.HOSTILE}",
    "holder-wordy": f"{COMPANY}/holders/{m.UNBROKEN_ID}",
    "holder-frozen": f"{COMPANY}/holders/{m.FROZEN}",
    "entries": f"{COMPANY}/entries",
    "verify": "/verify",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("size", list(WIDTHS))
def test_pages__each_size_and_language__overflow_nothing_and_read_well(
    browser: Browser, base: str, desktop: Looker, lang: str, size: str, tmp_path: Path
) -> None:
    walk(browser, base, _with_entries(PAGES, desktop), lang, size, tmp_path)


def _with_entries(pages: dict[str, str], looker: Looker) -> dict[str, str]:
    """The newest entry is a holder's own, the oldest an agent's issue."""
    ids = {}
    for order in ("newest", "oldest"):
        answer = looker.page.request.get(f"{looker.base}/api/v1{COMPANY}/entries?limit=1&order={order}")
        ids[f"entry-{order}"] = f"/entries/{answer.json()['items'][0]['id']}"
    return pages | ids


def test_type__chinese_and_ticks__come_from_the_face_that_is_shipped(desktop: Looker) -> None:
    desktop.open(f"{COMPANY}?lang=zh")
    loaded = desktop.page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').length")
    assert loaded >= 2
    client = desktop.page.context.new_cdp_session(desktop.page)
    client.send("DOM.enable")
    client.send("CSS.enable")
    root = client.send("DOM.getDocument")["root"]["nodeId"]
    node = client.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    faces = client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert {face["isCustomFont"] for face in faces} == {True}


def test_hostile_name__in_title_and_page__runs_nothing(desktop: Looker) -> None:
    desktop.open(f"{COMPANY}/holders/{m.HOSTILE}?lang=en")
    assert desktop.page.title().startswith(m.SCRIPT)
    assert desktop.page.locator("h1").inner_text() == m.SCRIPT
    assert desktop.errors == []


def test_print__any_page__leaves_the_chrome_out(desktop: Looker) -> None:
    desktop.open(f"{COMPANY}?lang=en")
    desktop.page.emulate_media(media="print")
    assert not desktop.page.locator(".nav").is_visible()
    assert not desktop.page.locator("#asof-slider").is_visible()
    assert desktop.page.locator("#captable").is_visible()
    assert desktop.page.locator(".spelled").is_visible()
