"""Every read route, over a register on a real chain: what it says, in which order, as of when."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.support import market as m
from tests.support.market import Market

ROOT = "/api/v1/companies/1"
EVERY_READ = [
    "/api/v1/status",
    "/api/v1/companies",
    ROOT,
    f"{ROOT}/classes",
    f"{ROOT}/captable",
    f"{ROOT}/holders",
    f"{ROOT}/holders/{m.INVESTOR}",
    f"{ROOT}/entries",
]


def ask(client: TestClient, path: str, **query: object) -> Any:
    answer = client.get(path, params={key: str(value) for key, value in query.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def all_pages(client: TestClient, path: str, limit: int, **query: object) -> list[Any]:
    items: list[Any] = []
    query["limit"] = limit
    for _ in range(100):
        page = ask(client, path, **query)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("path", EVERY_READ)
def test_read__any__says_block_hash_and_time(client: TestClient, place: Market, path: str) -> None:
    head = place.stage.node.head()
    as_of = ask(client, path)["as_of"]
    assert (as_of["block"], as_of["hash"]) == (head.number, "0x" + head.hash.hex())
    assert as_of["time"].endswith("Z")


@pytest.mark.parametrize("path", EVERY_READ)
def test_read__as_of_block__is_about_that_block(client: TestClient, place: Market, path: str) -> None:
    before = ask(client, f"{ROOT}/entries")["items"][0]["block"] - 1
    block = place.stage.node.block(ask(client, path, as_of_block=before)["as_of"]["block"])
    answer = ask(client, path, as_of_block=before)
    assert answer["as_of"]["block"] <= before
    assert answer["as_of"]["hash"] == "0x" + block.hash.hex()


@pytest.mark.parametrize("path", EVERY_READ)
def test_read__as_of_a_time__is_about_the_last_block_not_after_it(client: TestClient, path: str) -> None:
    head = ask(client, path)["as_of"]
    assert ask(client, path, as_of=head["time"])["as_of"] == head
    assert ask(client, path, as_of="2100-01-01")["as_of"] == head


def test_status__everything_read__has_no_lag_and_the_last_verdict(client: TestClient, place: Market) -> None:
    found = ask(client, "/api/v1/status")
    head = place.stage.node.head().number
    assert (found["head"], found["indexed"], found["lag"]) == (head, head, 0)
    assert found["last_verdict"] == {
        "verdict": "equal", "block": head, "time": found["as_of"]["time"], "differences": 0,
    }  # fmt: skip
    assert found["registry"] == "0x" + place.stage.deployment.registry.hex()


def test_company__of_the_list__is_the_one_asked_alone(client: TestClient) -> None:
    (listed,) = ask(client, "/api/v1/companies")["items"]
    assert ask(client, ROOT)["company"] == listed
    assert (listed["name"], listed["phase"], listed["holders"]) == (m.COMPANY, "open", m.LAST)
    # Vehicles are looked through: the fund counts for sixteen (HC-1).
    assert (listed["seats"], listed["cap"]) == (m.LAST + 15, 200)


def test_classes__quantities__are_decimal_texts(client: TestClient, place: Market) -> None:
    ordinary, preferred = ask(client, f"{ROOT}/classes")["classes"]
    assert ordinary["issued"] == str(place.stage.reads.class_word(place.classes[0]).issued)
    assert (preferred["authorised"], preferred["issued"]) == ("5000000", "3298400")
    assert preferred["admits"] == ["qualified", "institution"]
    assert preferred["stops"] == []


def test_cap_table__its_rows__are_ordered_and_sum_to_what_is_issued(client: TestClient) -> None:
    table = ask(client, f"{ROOT}/captable")
    rows = table["rows"]
    keys = [(row["share_class"], -int(row["shares"]), row["party"]) for row in rows]
    assert keys == sorted(keys)
    for share_class in table["classes"]:
        held = sum(int(row["shares"]) for row in rows if row["share_class"] == share_class["position"])
        assert str(held) == share_class["issued"]
    assert rows[0]["name"] == m.NAMES[m.FOUNDER]


def test_cap_table__effective_on_an_earlier_day__sums_the_entries_dated_up_to_it(
    client: TestClient, place: Market
) -> None:
    from registry.domain.days import to_date

    day = to_date(place.today).toordinal() - 1000
    iso = type(to_date(place.today)).fromordinal(day).isoformat()
    table = ask(client, f"{ROOT}/captable", effective_on=iso)
    assert table["as_of"]["effective_on"] == iso
    assert [(row["party"], row["shares"]) for row in table["rows"]] == [(m.FOUNDER, "4800000"), (m.PARTNER, "1847600")]


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_holders__page_by_page__are_all_there_once_by_party(client: TestClient, limit: int) -> None:
    parties = [holder["party"] for holder in all_pages(client, f"{ROOT}/holders", limit)]
    assert parties == list(range(1, m.LAST + 1))


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_entries__page_by_page__are_all_there_once_in_order(client: TestClient, order: str) -> None:
    ids = [entry["id"] for entry in all_pages(client, f"{ROOT}/entries", 9, order=order)]
    assert ids == sorted(set(ids), reverse=order == "newest")
    assert len(ids) == ask(client, "/api/v1/status")["entries"]


def test_entries__of_a_class_or_a_party__are_those_only(client: TestClient) -> None:
    of_class = ask(client, f"{ROOT}/entries", **{"class": 1})["items"]
    assert [entry["taker"]["party"] for entry in of_class] == [m.INVESTOR, m.FUND]
    of_party = ask(client, f"{ROOT}/entries", party=m.PARTNER)["items"]
    assert [(entry["kind"], entry["shares"]) for entry in of_party] == [
        ("transfer", "1000"), ("transfer", "7600"), ("issue", "1847600"),
    ]  # fmt: skip


def test_holder__with_a_wallet_and_a_lock__shows_standing_and_accounts(client: TestClient) -> None:
    found = ask(client, f"{ROOT}/holders/{m.FOUNDER}")
    assert found["standing"]["category"] == "founder"
    assert [(h["account"], h["shares"]) for h in found["holdings"]] == [("book", "4800000")]
    assert found["holdings"][0]["locked_through"] is not None
    (wallet,) = ask(client, f"{ROOT}/holders/{m.PARTNER}")["wallets"]
    assert not wallet["is_closed"]
    assert ask(client, f"{ROOT}/holders/{m.FROZEN}")["standing"]["is_frozen"]


def test_entry__an_agents_act__carries_document_transaction_certificate_and_price(client: TestClient) -> None:
    oldest = ask(client, f"{ROOT}/entries", order="oldest", limit=1)["items"][0]
    entry = ask(client, f"/api/v1/entries/{oldest['id']}")["entry"]
    assert entry == oldest
    assert (entry["kind"], entry["basis"], entry["giver"]) == ("issue", "migration", None)
    assert entry["taker"] == {"party": m.FOUNDER, "name": m.NAMES[m.FOUNDER], "account": "book"}
    assert entry["certificate"] == m.CERTIFICATE
    assert entry["act"]["consideration"] == {"kind": "cash", "currency": "CNY", "price": "4.25"}
    assert len(entry["act"]["document"]) == len(entry["transaction"]) == 66


def test_entry__a_holders_own_transfer__has_no_act(client: TestClient) -> None:
    newest = ask(client, f"{ROOT}/entries", limit=1)["items"][0]
    assert (newest["act"], newest["basis"], newest["shares"]) == (None, "agreement", "1000")
