"""What goes wrong is told as RFC 9457 problems with field, value and rule; names stay on this machine."""

from __future__ import annotations

import json
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.parts import Parts, is_loopback
from registry.errors import HaltError, Unavailable
from registry.mirror import Mirror
from registry.mirror.database import mark_goal, open_writer
from registry.mirror.queries import Company, Page, Queries
from registry.settings import Settings
from tests.support import market as m
from tests.support.market import Market

ROOT = "/api/v1/companies/1"


@pytest.mark.parametrize(
    ("path", "status", "code", "field", "value"),
    [
        ("/api/v1/companies/99", 404, "company_unknown", "company", "99"),
        (f"{ROOT}/holders/99999", 404, "party_unknown", "party", "99999"),
        ("/api/v1/entries/77", 404, "entry_unknown", "entry", "77"),
        (f"{ROOT}/entries?class=9", 404, "class_unknown", "class", "9"),
        (f"{ROOT}/holders?limit=0", 422, "invalid_value", "limit", "0"),
        (f"{ROOT}/holders?limit=201", 422, "invalid_value", "limit", "201"),
        (f"{ROOT}/holders?limit=many", 422, "invalid_value", "limit", "many"),
        (f"{ROOT}/holders?cursor=yesterday", 422, "cursor_malformed", "cursor", "yesterday"),
        (f"{ROOT}/captable?as_of_block=-1", 422, "invalid_as_of", "as_of_block", "-1"),
        (f"{ROOT}/captable?as_of_block=999999", 422, "block_ahead", "as_of_block", "999999"),
        (f"{ROOT}/captable?as_of_block=99999999999999999999", 422, "invalid_as_of", "as_of_block", "9" * 20),
        (f"{ROOT}/captable?as_of=noon", 422, "invalid_as_of", "as_of", "noon"),
        (f"{ROOT}/captable?as_of=1999-01-01", 422, "time_too_old", "as_of", None),
        (f"{ROOT}/captable?effective_on=2022-13-31", 422, "invalid_as_of", "effective_on", "2022-13-31"),
        (f"{ROOT}/captable?as_of=2026-01-01&as_of_block=3", 422, "invalid_as_of", "as_of", "2026-01-01"),
        ("/api/v1/companies/0", 422, "invalid_value", "number", "0"),
        (f"/api/v1/entries/{2**63}", 422, "invalid_value", "entry_id", str(2**63)),
    ],
)
def test_problem__bad_value__names_field_value_and_rule(
    client: TestClient, path: str, status: int, code: str, field: str, value: str | None
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["instance"]) == (status, code, path.split("?")[0])
    assert body["type"].endswith(code)
    (fault,) = body["errors"]
    assert fault["field"] == field
    assert value is None or fault["value"] == value
    assert len(fault["rule"]) > 8


def test_problem__unknown_address__is_a_problem_in_the_api_and_a_page_elsewhere(client: TestClient) -> None:
    assert client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
    page = client.get("/nothing", headers={"accept-language": "zh-CN"})
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert 'href="/"' in page.text


def test_problem__page_with_a_bad_as_of__has_a_way_back_without_it(client: TestClient) -> None:
    page = client.get("/companies/1?effective_on=never&lang=en")
    assert page.status_code == 422
    assert "effective_on = never" in page.text
    assert 'href="/?effective_on' not in page.text


def test_database__not_there__is_503_and_nothing_is_made(place: Market, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, rpc_url=place.settings.rpc_url)
    place.stage.deployment.save(settings.deployment_file)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        answer = client.get("/api/v1/companies")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert client.get("/").status_code == 503
    assert not settings.mirror_file.exists()


@pytest.mark.parametrize(("lang", "title"), [("en", "The mirror is being rebuilt"), ("zh", "镜像重建中")])
def test_mirror__being_rebuilt__is_503_and_nothing_is_said_not_to_exist(
    place: Market, tmp_path: Path, lang: str, title: str
) -> None:
    settings = Settings(home=tmp_path, rpc_url=place.settings.rpc_url)
    place.stage.deployment.save(settings.deployment_file)

    node = place.stage.node
    with Mirror(settings.mirror_file, place.stage.deployment) as mirror:
        mirror.catch_up(node, until=place.stage.deployment.first_block)
        with closing(open_writer(settings.mirror_file, place.stage.deployment)) as connection:
            mark_goal(connection, node.head().number)
        with TestClient(create_app(settings), base_url="http://localhost") as client:
            for path in ("/companies/1", "/companies/1/holders/1", "/companies/1?as_of_block=5"):
                answer = client.get(f"/api/v1{path}")
                assert (answer.status_code, answer.json()["code"]) == (503, "rebuilding")
            page = client.get("/companies/1", params={"lang": lang})
            assert (page.status_code, title in page.text) == (503, True)
            mirror.catch_up(node)
            assert client.get("/companies/1").status_code == 200


def test_start__nothing_deployed__says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="equity deploy"):
        create_app(Settings(home=tmp_path))


def test_start__mirror_of_another_deployment__halts(place: Market, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, rpc_url=place.settings.rpc_url)
    settings.mirror_file.write_bytes(place.settings.mirror_file.read_bytes())
    other = place.stage.deployment.as_json()
    other["genesis_hash"] = "0x" + "11" * 32
    settings.deployment_file.write_text(json.dumps(other))
    with pytest.raises(HaltError, match="another chain or deployment"):
        create_app(settings)


def test_status__node_gone__still_answers_without_head(place: Market) -> None:
    settings = place.settings.model_copy(update={"rpc_url": "http://127.0.0.1:9"})
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        found = client.get("/api/v1/status").json()
        assert (found["head"], found["lag"]) == (None, None)
        assert "the node gave no answer" in client.get("/verify?lang=en").text


def test_names__bound_elsewhere__are_in_no_answer_and_no_page(place: Market) -> None:
    settings = place.settings.model_copy(update={"bind_host": "0.0.0.0"})
    with TestClient(create_app(settings), base_url="http://register.example") as client:
        paths = [
            f"{ROOT}/captable", f"{ROOT}/holders", f"{ROOT}/holders/1", f"{ROOT}/entries",
            "/companies/1", "/companies/1?all=1", "/companies/1/holders", "/companies/1/holders/1",
            "/companies/1/entries",
        ]  # fmt: skip
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200
            shown = unescape(answer.text)
            assert [name for name in m.NAMES.values() if name in shown] == []
        assert client.get(f"{ROOT}/holders/1").json()["name"] is None


def test_names__asked_through_a_foreign_host_name__are_refused(place: Market) -> None:
    with TestClient(create_app(place.settings), base_url="http://rebound.example") as client:
        assert client.get(f"{ROOT}/holders").status_code == 421
    with TestClient(create_app(place.settings), base_url="http://[::1]:8080") as client:
        assert client.get(f"{ROOT}/holders").status_code == 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.4", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_loopback__host__is_told_apart(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("path", ["/", "/companies/1", "/api/v1/companies", "/api/v1/companies/99", "/static/site.css"])
def test_headers__any_answer__allow_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_openapi__describes_every_read_with_as_of_and_problems(client: TestClient) -> None:
    found = client.get("/api/v1/openapi.json").json()
    assert len(found["paths"]) == 33
    for path, methods in found["paths"].items():
        asked = {parameter["name"] for parameter in methods["get"]["parameters"]}
        assert {"as_of_block", "as_of", "effective_on"} <= asked, path
        assert {"200", "404", "422", "503"} <= set(methods["get"]["responses"])
    for schema in ("Company", "Entry", "CapRow", "Offering", "Tranche", "Movement"):
        fields = found["components"]["schemas"][schema]["properties"].values()
        assert any("examples" in field for field in fields)


def test_writing__any_method_but_get__is_refused(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, f"{ROOT}/holders").status_code == 405


class Broken(Queries):
    """A reader with a mistake in it."""

    def companies(self, *_: object, **__: object) -> Page[Company]:
        raise ZeroDivisionError("a mistake of ours")


@pytest.mark.parametrize("path", ["/", "/api/v1/companies"])
def test_mistake__of_ours__is_500_in_plain_words_with_all_headers_and_no_insides(place: Market, path: str) -> None:
    parts = Parts(Broken(place.settings.mirror_file), lambda _: {}, lambda: None, lambda: None, True)
    with TestClient(create_app(parts=parts), base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.get(path)
        assert answer.status_code == 500
        assert "mistake" not in answer.text
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/v1/companies", "/", "/companies/1", "/static/site.css", "/api/v1/companies/99"])
def test_head__of_what_get_answers__has_its_status_and_headers_and_no_body(client: TestClient, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_method__that_would_change__is_405_and_says_what_may_be_asked(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/v1/companies")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["code"] == "method_not_allowed"
