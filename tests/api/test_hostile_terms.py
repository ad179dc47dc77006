"""Terms and statements as somebody hostile writes them: every page and every answer stands, and nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from registry.chain import contracts_raise
from registry.chain.anvil import running
from registry.domain.ids import Day
from registry.domain.raise_args import RatchetTerms
from tests.support.raise_home import kept
from tests.support.raise_stage import signer, tranche, usual_escrow, usual_terms
from tests.support.raise_story import AMOUNTS, ANNA, FOUNDER, FUND, ISSUER, PLATFORM, raise_ready
from tests.support.stage import set_up

LATEST = 2**40 - 1
"""[s] The year 36812, of which no calendar knows."""
SCRIPT = "<script>document.title='taken'</script>"
TITLES = [
    '{"title": "\\ud800 half a character"}',
    '{"title": {"en": "' + SCRIPT + "x" * 5_000 + '"}}',
    '{"title": {"en": "\\u202egnp.exe\\u0000"}}',
    "[" * 20_000,
    '{"title": "   ", "at_least": ' + "9" * 5_000 + "}",
    '{"title": [1]}',
    "no json at all",
    '{"title": "   "}',
]
URI = "javascript:alert('\u202e')//" + "x" * 3_000
PATHS = [
    "/api/v1/offerings/1",
    "/api/v1/offerings/1/escrow",
    "/api/v1/offerings/1/attestations",
    "/api/v1/companies/1/verifiers",
    f"/api/v1/parties/{ANNA}/money",
    "/companies/1/raises",
    "/raises/1",
    "/raises/1/escrow",
    f"/parties/{ANNA}/money",
    f"/companies/1/holders/{ANNA}",
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running() as chain:
        raiser = raise_ready(set_up(chain))
        terms = usual_terms(raiser, PLATFORM, lock_day=Day(2**24 - 1))
        lines = [replace(tranche(terms, 60, ("", ""), value=1_250), terms=stated) for stated in TITLES]
        ratchet = RatchetTerms(
            0, 1, raiser.account(FOUNDER), early_by=LATEST, early_bps=1, late_after=LATEST, late_bps=1
        )
        raiser.create(terms, usual_escrow(raiser, ISSUER), lines, ratchet)
        raiser.open()
        for party in (FUND, ANNA):
            raiser.subscribe(party, AMOUNTS[party])
        raiser.close()
        raiser.allot(FUND, ANNA)
        said = replace(raiser.statement(0), uri=URI, expires_at=LATEST)
        calldata = contracts_raise.board.attest(said, signer("lab").address, raiser.sign("lab", said))
        raiser.by("stranger", raiser.stage.deployment.board, calldata)
        settings = kept(raiser, tmp_path_factory.mktemp("hostile"), chain.url)
        with TestClient(create_app(settings), base_url="http://127.0.0.1:8080") as client:
            yield client
        raiser.stage.node.close()


@pytest.mark.parametrize("path", PATHS)
def test_read__of_hostile_terms__answers(client: TestClient, path: str) -> None:
    for lang in ("en", "zh"):
        answer = client.get(path, params=None if path.startswith("/api") else {"lang": lang})
        assert answer.status_code == 200, answer.text[:300]
        if not path.startswith("/api"):
            assert SCRIPT not in answer.text
            assert 'href="javascript' not in answer.text
            assert "\u202e" not in answer.text
            assert len(answer.text) < 100_000


def test_escrow__milestones_without_a_title_that_can_be_shown__are_named_by_number(client: TestClient) -> None:
    page = client.get("/raises/1/escrow", params={"lang": "en"}).text
    assert page.count("<bdi></bdi>") == page.count("<bdi>   </bdi>") == 0
    assert "\N{REPLACEMENT CHARACTER} half a character" in page


def test_attestation__valid_longer_than_calendars_go__reads_as_the_last_second(client: TestClient) -> None:
    found = client.get("/api/v1/offerings/1/attestations").json()["items"][0]
    assert found["expires_at"] == "9999-12-31T23:59:59Z"
    assert found["uri"] == URI
