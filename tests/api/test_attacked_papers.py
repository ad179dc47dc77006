"""Papers under pressure: many at once, forged addresses, hostile names, a mirror that is not where the chain is."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from registry.acts.story_dividend import ABROAD
from registry.chain.anvil import Anvil
from registry.directory import Dossier
from tests.support.dividend_told import Told, dividend_told
from tests.support.registry_home import ROOT, furnished

V1 = "/api/v1"
AT_ONCE = 20
NAMES = (
    '=HYPERLINK("http://x","y")',
    "＝1＋1",
    "<script>alert(1)</script>&<b>'\"",
    "\u202egnp.exe\u2066 张三",
    "a\r\nSet-Cookie: x=1\tb\x00c\x1b[31m",
    '#eval("1") $x$ *b* _i_ `r` @ref <lab> \\ // /* */ #{',
    "Ann 🐉👨‍👩‍👧 \U000323b0",
    "n" * 400,
    "王" * 400,
    "\ufeff\u200b\u2028x",
    "{{ 7*7 }}{% raw %}",
)


@pytest.fixture(scope="module")
def told(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with dividend_told(furnished(tmp_path_factory.mktemp("attacked") / "home", module_anvil), module_anvil) as found:
        yield found


@pytest.fixture(scope="module")
def client(told: Told) -> Iterator[TestClient]:
    app = create_app(told.home.settings)
    with TestClient(app, base_url="http://127.0.0.1:8080", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def report(told: Told) -> str:
    return f"{V1}/distributions/{told.number}/report"


# --- the address ---


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (".PDF", 422),
        (".pdf%00", 422),
        (".pdf%2f..", 404),
        (".pdf.csv", 422),
        ("%2epdf", 200),
        (".pdf?lang=EN", 422),
        (".pdf?lang=en%0d%0aX-Y:1", 422),
        (".pdf?as_of_block=-1", 422),
        (".pdf?as_of_block=1e1", 422),
        (".pdf?as_of_block=0", 404),
        (".pdf?as_of_block=1&as_of=2026-01-01", 422),
        (".pdf?as_of=9999-12-31", 200),
    ],
)
def test_address__that_somebody_forged__is_answered_in_kind(
    client: TestClient, report: str, end: str, status: int
) -> None:
    answer = client.get(report + end)
    assert answer.status_code == status
    assert "x-y" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    kind = answer.headers["content-type"]
    assert kind == ("application/pdf" if status == 200 else "application/problem+json")


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_method__other_than_get_and_head__is_refused(client: TestClient, report: str, method: str) -> None:
    answer = client.request(method, f"{report}.pdf")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_head__of_a_paper__tells_its_size_and_has_no_body(client: TestClient, report: str) -> None:
    whole, head = client.get(f"{report}.csv"), client.head(f"{report}.csv")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(whole.content)))
    for name in ("content-disposition", "cache-control", "content-type", "content-security-policy"):
        assert head.headers[name] == whole.headers[name]


def test_host__of_somebody_elses__gets_no_paper(client: TestClient, report: str) -> None:
    assert client.get(f"{report}.pdf", headers={"Host": "papers.example"}).status_code == 421


# --- what stands in it ---


@pytest.mark.parametrize("name", NAMES)
def test_name__of_any_kind__comes_out_as_text(client: TestClient, told: Told, name: str) -> None:
    party, directory = told.party(ABROAD), told.desk.directory
    before = directory.get(party)
    assert before is not None
    directory.put(party, Dossier(name, tax_ids=("=1+1",)))
    try:
        for path in (f"/parties/{party}/statements/{told.year}", f"/distributions/{told.number}/report"):
            assert client.get(f"{path}.pdf").content.startswith(b"%PDF")
            content = client.get(f"{path}.csv").content.decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(content, newline="")))
            assert len({len(row) for row in rows}) == 1
            cells = [cell for row in rows for cell in row]
            assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠\t\r\n"))] == []
            assert any(cell in (name, f"'{name}") for cell in cells)
        for page in (f"/parties/{party}/money", f"/dividends/{told.number}"):
            answer = client.get(page)
            assert (answer.status_code, "<script>alert" in answer.text, ">49<" in answer.text) == (200, False, False)
    finally:
        directory.put(party, before)


# --- many at once, and a mirror on the move ---


def test_papers__asked_for_by_many_at_once__are_all_the_same(client: TestClient, report: str) -> None:
    alone = [client.get(f"{report}.pdf", params={"lang": lang}).content for lang in ("en", "zh")]

    def ask(turn: int) -> httpx.Response:
        return client.get(f"{report}.pdf", params={"lang": ("en", "zh")[turn % 2]})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(2 * AT_ONCE)))
    assert [answer.content for answer in answers] == alone * AT_ONCE


def test_paper__while_the_mirror_is_made_anew__is_the_same_or_there_is_none(
    client: TestClient, told: Told, report: str
) -> None:
    asked = f"{report}.pdf?as_of_block={told.closed.block}"
    whole = client.get(asked).content
    command = told.home.command("mirror", "rebuild", "--json")
    with subprocess.Popen(command, cwd=ROOT, env=told.home.environment, stdout=subprocess.DEVNULL) as rebuilding:
        answers = [client.get(asked)]
        while rebuilding.poll() is None:
            answers.append(client.get(asked))
    assert rebuilding.returncode == 0
    assert {answer.status_code for answer in answers} <= {200, 404, 422, 503}
    assert {answer.content for answer in answers if answer.status_code == 200} == {whole}
    assert client.get(asked).content == whole


def test_paper__of_a_block_that_the_chain_gave_up__waits_for_the_mirror(
    client: TestClient, told: Told, report: str
) -> None:
    rpc = told.desk.node.rpc
    kept = rpc.call("evm_snapshot")
    rpc.call("evm_mine")
    told.desk.catch_up()
    assert client.get(f"{report}.csv").status_code == 200
    rpc.call("evm_revert", kept)
    rpc.call("evm_increaseTime", hex(77))
    for _ in range(2):
        rpc.call("evm_mine")
    answer = client.get(f"{report}.csv")
    assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
    stand = told.desk.catch_up()
    assert f"0x{stand.hash.hex()}" in client.get(f"{report}.csv").text
