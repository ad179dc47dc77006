"""The pages as text: languages, escaping, what is said first, how sure it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.parts import LastVerdict, Parts
from registry.mirror.queries import Queries
from tests.support import market as m
from tests.support.market import Market

PAGES = [
    "/",
    "/companies/1",
    "/companies/1/holders",
    f"/companies/1/holders/{m.INVESTOR}",
    "/companies/1/entries",
    "/verify",
]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("lang", "tag", "word"), [("en", "en", "Verify"), ("zh", "zh-Hans-CN", "核验")])
def test_page__each_language__says_so_and_offers_the_other(
    client: TestClient, path: str, lang: str, tag: str, word: str
) -> None:
    page = client.get(path, params={"lang": lang})
    assert page.status_code == 200
    assert f'<html lang="{tag}">' in page.text
    assert word in page.text
    assert f"lang={'zh' if lang == 'en' else 'en'}" in page.text
    assert page.cookies["lang"] == lang


def test_language__asked_once__is_remembered_and_the_browser_is_heard(place: Market) -> None:
    with TestClient(create_app(place.settings), base_url="http://localhost") as visitor:
        assert 'lang="zh-Hans-CN"' in visitor.get("/", headers={"accept-language": "zh-TW,zh;q=0.9"}).text
        visitor.get("/?lang=en")
        assert '<html lang="en">' in visitor.get("/", headers={"accept-language": "zh"}).text


@pytest.mark.parametrize("path", ["/companies/1?all=1", "/companies/1/holders?", f"/companies/1/holders/{m.HOSTILE}?"])
def test_name__with_markup__is_shown_and_never_run(client: TestClient, path: str) -> None:
    html = client.get(f"{path}&lang=en").text
    assert "&lt;/script&gt;&lt;script&gt;" in html
    assert "<script>document" not in html
    assert re.findall(r"<script(?! src=\"/static/)", html) == []
    assert re.findall(r"\s(?:style|on\w+)=", html) == []


def test_name__that_turns_the_direction__is_made_visible(client: TestClient) -> None:
    html = client.get("/companies/1/holders").text
    assert "\u202e" not in html
    assert "<bdi>\ufffdreversed\ufffd &amp; Co</bdi>" in html


def test_holder_page__qualification_about_to_end__tells_days_and_consequence(client: TestClient) -> None:
    said = text_of(client.get(f"/companies/1/holders/{m.INVESTOR}?lang=en").text)
    assert "The investor qualification ends in 12 days" in said  # EL-3
    assert "may sell them and gets dividends, but cannot buy more" in said
    assert said.index("1,252,400 shares") < said.index("ends in 12 days") < said.index("newest first")


def test_holder_page__without_a_name__shows_the_id(client: TestClient) -> None:
    assert f"Party {m.NAMELESS}" in client.get(f"/companies/1/holders/{m.NAMELESS}?lang=en").text


def test_holder_page__party_that_never_held__says_so(client: TestClient, place: Market) -> None:
    said = text_of(client.get(f"/companies/1/holders/{m.INVESTOR}?lang=en&effective_on=1990-01-01").text)
    assert "No shares as at this day" in said
    assert "1 January 1990" in said


def test_cap_table__folded_and_unfolded__sum_to_the_same_total(client: TestClient) -> None:
    folded, unfolded = (client.get(f"/companies/1?lang=en{more}").text for more in ("", "&all=1"))
    assert folded.count("<tr data-slice") == 6
    assert unfolded.count("<tr data-slice") == m.LAST
    for html in (folded, unfolded):
        figures = [int(f.replace(",", "")) for f in re.findall(r'class="num shares[^"]*">([\d,]+)<', html)]
        assert sum(figures[:-1]) == figures[-1]
    assert "32 other holdings" in folded


def test_cap_table__an_earlier_day__says_which_and_links_keep_it(client: TestClient) -> None:
    html = client.get("/companies/1?lang=en&effective_on=2023-12-31").text
    assert "You are looking at 31 December 2023" in html
    assert 'href="/companies/1/holders?lang=en&amp;effective_on=2023-12-31"' in html
    assert 'href="/companies/1?lang=en">Back to now' in html


def test_entry_page__of_an_issue__tells_who_why_and_what_was_given(client: TestClient) -> None:
    entries = client.get("/api/v1/companies/1/entries?order=oldest&limit=1").json()["items"]
    said = text_of(client.get(f"/entries/{entries[0]['id']}?lang=en").text)
    for part in (m.NAMES[m.FOUNDER], "newly issued", "earlier records", m.CERTIFICATE, "CNY\xa04.25", "20,400,000.00"):
        assert part.replace("\xa0", " ") in said
    assert entries[0]["transaction"] in said


@pytest.mark.parametrize(
    ("verdict", "chip", "step"),
    [
        (None, "not yet compared with the chain", "equity audit"),
        (LastVerdict(True, 9, 1_774_886_400, 0), "compared up to block 9; this page is newer", ""),
        (LastVerdict(True, 9_999, 1_774_886_400, 0), "register = chain, block 9,999", ""),
        (LastVerdict(False, 9, 1_774_886_400, 2), "differ at block 9", "equity mirror rebuild"),
    ],
)
def test_verdict__whatever_it_was__stands_on_each_page_with_the_next_step(
    place: Market, verdict: LastVerdict | None, chip: str, step: str
) -> None:
    register = Queries(place.settings.mirror_file)
    head = place.stage.node.head().number
    parts = Parts(register, lambda _: {}, lambda: verdict, lambda: head, True)
    with TestClient(create_app(parts=parts), base_url="http://localhost") as visitor:
        for path in PAGES:
            assert chip in visitor.get(f"{path}?lang=en").text
        assert step in visitor.get("/verify?lang=en").text
    behind = replace(parts, head=lambda: head + 3)
    with TestClient(create_app(parts=behind), base_url="http://localhost") as visitor:
        assert "3 blocks" in visitor.get("/verify?lang=en").text
