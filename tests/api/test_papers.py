"""Papers of a dividend from the API and its pages: the command's very bytes, and only where holders are named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from registry.acts.story_dividend import ABROAD, LATE
from registry.chain.anvil import Anvil
from registry.settings import Settings
from tests.support.dividend_told import Told, dividend_told
from tests.support.registry_home import furnished

V1 = "/api/v1"
TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


@pytest.fixture(scope="module")
def told(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with dividend_told(furnished(tmp_path_factory.mktemp("papers") / "home", module_anvil), module_anvil) as found:
        yield found


@pytest.fixture(scope="module")
def client(told: Told) -> Iterator[TestClient]:
    with client_of(told.home.settings) as client:
        yield client


def client_of(settings: Settings) -> TestClient:
    return TestClient(create_app(settings), base_url="http://127.0.0.1:8080")


def paths_of(told: Told, year: int) -> dict[str, tuple[str, list[object]]]:
    """Of each paper its address without an ending, and the words of its command."""
    party, company = told.party(ABROAD), told.payer.created.number
    return {
        "statement": (f"/parties/{party}/statements/{year}", ["statement", year, "--party", party]),
        "report": (f"/distributions/{told.number}/report", ["report", told.number]),
        "tax-list": (f"/companies/{company}/tax-lists/{year}", ["tax-list", company, year]),
    }


def links_of(client: TestClient, path: str, **query: object) -> list[str]:
    page = client.get(path, params=query)
    assert page.status_code == 200
    return links_in(page.text)


def links_in(text: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+\.(?:pdf|csv)[^"]*)"', text)]


# --- refusals ---


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/parties/{party}/statements/2019.pdf", 404, "no_payments", "year"),
        ("/parties/4000/statements/{year}.pdf", 404, "party_unknown", "party"),
        ("/companies/{company}/tax-lists/2019.csv", 404, "no_payments", "first"),
        ("/companies/99/tax-lists/{year}.csv", 404, "company_unknown", "company"),
        ("/distributions/99/report.pdf", 404, "distribution_unknown", "distribution"),
        ("/distributions/{number}/report.pdf?as_of_block={declared}", 404, "not_fixed", "state"),
        ("/parties/{party}/statements/{year}.xls", 422, "invalid_value", "form"),
        ("/parties/{party}/statements/1970.pdf", 422, "invalid_value", "year"),
        ("/parties/{party}/statements/{year}.pdf?lang=fr", 422, "invalid_value", "lang"),
        ("/parties/{party}/statements/{year}.pdf?as_of_block=99999999", 422, "block_ahead", "as_of_block"),
    ],
)
def test_paper__what_is_not_there_or_malformed__is_named(
    client: TestClient, told: Told, path: str, status: int, code: str, field: str
) -> None:
    words = {"party": told.party(ABROAD), "company": told.payer.created.number, "year": told.year}
    asked = path.format(number=told.number, declared=told.declared.block, **words)
    answer = client.get(V1 + asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert field in {fault["field"] for fault in answer.json()["errors"]}
    page = client.get(asked)
    assert (page.status_code, "<html" in page.text) == (status, True)
    assert ("There is no such paper" in page.text) is (code in {"no_payments", "not_fixed"})


def test_paper__that_there_is_none_of__says_why_in_either_language_and_which_there_are(
    client: TestClient, told: Told
) -> None:
    party, company, year = told.party(ABROAD), told.payer.created.number, told.year
    for path, form, words in (
        (f"/parties/{party}/statements", "pdf", ("so there is no statement of that year", "2019 年没有向")),
        (f"/companies/{company}/tax-lists", "csv", ("so there is no list of that year", "2019 年没有派发分红")),
    ):
        for lang, title, why in (("en", "There is no such paper", words[0]), ("zh", "没有这份文件", words[1])):
            page = client.get(f"{path}/2019.{form}", params={"lang": lang})
            assert (page.status_code, title in page.text, why in unescape(page.text)) == (404, True, True)
            assert f"{path}/{year}.{form}?lang={lang}" in links_in(page.text)
    early = client.get(
        f"/distributions/{told.number}/report.pdf", params={"as_of_block": told.declared.block, "lang": "en"}
    )
    assert "are not fixed yet, so there is nothing to report" in early.text
    assert f'href="/dividends/{told.number}?lang=en&amp;as_of_block={told.declared.block}"' in early.text


def test_paper__where_others_can_ask__is_refused_and_no_page_leads_there(told: Told) -> None:
    settings = told.home.settings.model_copy(update={"bind_host": "0.0.0.0"})
    with client_of(settings) as client:
        for path, _ in paths_of(told, told.year).values():
            answer = client.get(f"{V1}{path}.pdf")
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        for page in (f"/parties/{told.party(ABROAD)}/money", f"/dividends/{told.number}", "/companies/1/dividends"):
            assert links_of(client, page) == []


def test_paper__no_node_answers__is_not_made_and_says_so(told: Told) -> None:
    with client_of(told.home.settings.model_copy(update={"rpc_url": "http://127.0.0.1:9"})) as client:
        answer = client.get(f"{V1}/distributions/{told.number}/report.pdf")
        assert answer.status_code == 503
        assert client.get(f"/distributions/{told.number}/report.pdf").status_code == 503


# --- what is handed out ---


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("which", ["statement", "report", "tax-list"])
def test_paper__of_the_same_block__has_the_bytes_of_the_command(
    client: TestClient, told: Told, tmp_path: Path, which: str, lang: str
) -> None:
    path, words = paths_of(told, told.year)[which]
    block = told.closed.block
    found = told.home.equity_json("dividend", *words, "--lang", lang, "--as-of", block, "--out", tmp_path)
    (written,) = found["papers"]
    for form, media in TYPES.items():
        answer = client.get(f"{V1}{path}.{form}", params={"lang": lang, "as_of_block": block})
        assert answer.status_code == 200
        assert answer.content == Path(written[form]).read_bytes()
        assert answer.headers["content-type"] == media
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"] == f'attachment; filename="{Path(written[form]).name}"'


def test_paper__of_an_earlier_block__says_what_was_so_then(client: TestClient, told: Told) -> None:
    answer = client.get(f"/distributions/{told.number}/report.csv", params={"as_of_block": told.parked.block})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["Block"] for row in rows} == {str(told.parked.block)}
    (state,) = (row["State"] for row in rows if row["Party"] == str(told.party(LATE)))
    assert state.startswith("parked")
    # Its holder was paid nothing by then.
    early = client.get(
        f"{V1}/parties/{told.party(LATE)}/statements/{told.year}.pdf", params={"as_of_block": told.parked.block}
    )
    assert early.json()["code"] == "no_payments"


# --- the way there ---


@pytest.mark.parametrize(("lang", "other"), [("en", "zh"), ("zh", "en")])
def test_pages__lead_to_every_paper__in_both_languages(client: TestClient, told: Told, lang: str, other: str) -> None:
    paths = paths_of(told, told.year)
    own = f"/parties/{told.party(ABROAD)}/money"
    wanted = {
        own: ["statement"],
        f"/dividends/{told.number}": ["report", "tax-list"],
        f"/companies/{told.payer.created.number}/dividends": ["tax-list"],
    }
    for page, papers in wanted.items():
        links = links_of(client, page, lang=lang)
        expected = [
            f"{paths[paper][0]}.{form}?lang={each}" for paper in papers for each in (lang, other) for form in TYPES
        ]
        assert links == expected
        assert all(client.head(link).status_code == 200 for link in links)


def test_pages__as_of_a_block__lead_to_the_papers_of_that_block(client: TestClient, told: Told) -> None:
    own = f"/parties/{told.party(LATE)}/money"
    assert links_of(client, own, as_of_block=told.parked.block) == []
    links = links_of(client, f"/dividends/{told.number}", as_of_block=told.parked.block)
    assert all(f"as_of_block={told.parked.block}" in link for link in links)
    assert links_of(client, f"/dividends/{told.number}", as_of_block=told.declared.block) == []


def test_party__its_dividends__tell_of_which_years_there_are_statements(client: TestClient, told: Told) -> None:
    def years(**query: object) -> object:
        return client.get(f"{V1}/parties/{told.party(LATE)}/dividends", params=query).json()["statement_years"]

    assert (years(), years(as_of_block=told.parked.block)) == ([told.year], [])
