"""The routes about money and raises, over raises on a real chain."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.test_register import all_pages, ask
from tests.support.raise_home import NAMES, OPEN_RAISE, SUBSCRIBED, RaisePlace
from tests.support.raise_story import (
    AMOUNTS,
    ANNA,
    AUDITOR,
    BEN,
    CARL,
    FEE,
    FUND,
    LAB,
    PLATFORM,
    RAISED,
    REGISTRAR,
    TITLES,
    TRANCHE,
)
from tests.support.stage import document

V1 = "/api/v1"
EVERY_READ = [
    f"{V1}/offerings",
    f"{V1}/companies/1/offerings",
    f"{V1}/offerings/1",
    f"{V1}/offerings/1/subscriptions",
    f"{V1}/offerings/1/escrow",
    f"{V1}/offerings/1/attestations",
    f"{V1}/companies/1/verifiers",
    f"{V1}/parties/{ANNA}/money",
    f"{V1}/parties/{ANNA}/money/movements",
    f"{V1}/bank/movements",
]


# --- refusals ---


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/offerings/99", 404, "offering_unknown", "offering"),
        ("/offerings/99/escrow", 404, "offering_unknown", "offering"),
        ("/offerings/99/subscriptions", 404, "offering_unknown", "offering"),
        ("/offerings/99/attestations", 404, "offering_unknown", "offering"),
        ("/companies/99/offerings", 404, "company_unknown", "company"),
        ("/companies/99/verifiers", 404, "company_unknown", "company"),
        ("/attestations/77", 404, "attestation_unknown", "attestation"),
        ("/parties/9999/money", 404, "party_unknown", "party"),
        ("/parties/9999/money/movements", 404, "party_unknown", "party"),
        ("/offerings/0", 422, "invalid_value", "offering"),
        ("/offerings/1/subscriptions?limit=201", 422, "invalid_value", "limit"),
        ("/bank/movements?cursor=x", 422, "cursor_malformed", "cursor"),
        (f"/parties/{ANNA}/money?year=1999", 422, "invalid_value", "year"),
        ("/offerings/2/eligibility", 422, "invalid_value", "party"),
        (f"/offerings/2/eligibility?party={ANNA}&amount=0", 422, "invalid_value", "amount"),
        ("/offerings/2/eligibility?party=9999&amount=425", 404, "party_unknown", "party"),
        (f"/offerings/2/eligibility?party={ANNA}&amount={2**63}", 422, "invalid_value", "amount"),
    ],
)
def test_problem__what_is_not_there_or_malformed__names_it(
    raise_client: TestClient, path: str, status: int, code: str, field: str
) -> None:
    answer = raise_client.get(V1 + path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert field in {fault["field"] for fault in answer.json()["errors"]}


def test_eligibility__node_gone__is_503(raised: RaisePlace) -> None:
    settings = raised.settings.model_copy(update={"rpc_url": "http://127.0.0.1:9"})
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        answer = client.get(f"{V1}/offerings/{OPEN_RAISE}/eligibility?party={BEN}&amount=425000")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        page = client.get(f"/raises/{OPEN_RAISE}?party={BEN}&amount=4250&lang=en")
        assert page.status_code == 200
        assert "The chain gave no answer" in page.text


# --- what every read says ---


@pytest.mark.parametrize("path", EVERY_READ)
def test_read__any__says_block_hash_and_time_also_of_an_earlier_one(
    raise_client: TestClient, raised: RaisePlace, path: str
) -> None:
    head = raised.raiser.stage.node.head()
    as_of = ask(raise_client, path)["as_of"]
    assert (as_of["block"], as_of["hash"]) == (head.number, "0x" + head.hash.hex())
    earlier = raised.steps["settled"]
    assert ask(raise_client, path, as_of_block=earlier)["as_of"]["block"] == earlier


def test_offerings__newest_first__page_by_page(raise_client: TestClient) -> None:
    found = all_pages(raise_client, f"{V1}/offerings", 1)
    assert [each["number"] for each in found] == [2, 1]
    assert found == all_pages(raise_client, f"{V1}/companies/1/offerings", 50)
    offering = ask(raise_client, f"{V1}/offerings/1")["offering"]
    assert offering == found[1]
    assert (offering["phase"], offering["subscribers"], offering["seats_left"]) == ("settled", 3, 197)
    assert [each["phase"] for each in offering["phases"]] == ["draft", "open", "closing", "settled"]
    assert (offering["terms"]["method"], offering["terms"]["fee_bps"]) == ("first_come", 500)
    assert (offering["region"]["code"], offering["region"]["is_halted"]) == (110, False)


@pytest.mark.parametrize("step", ["drafted", "subscribed", "settled", "attested", "released", "missed", "redeemed"])
def test_money__at_every_step__is_accounted_for_to_the_fen(
    raise_client: TestClient, raised: RaisePlace, step: str
) -> None:
    found = ask(raise_client, f"{V1}/offerings/1", as_of_block=raised.steps[step])["offering"]["money"]
    money = {name: int(amount) for name, amount in found.items()}
    assert money.pop("money_in") == sum(money.values())
    if step == "redeemed":
        held = RAISED - FEE - TRANCHE
        assert money == {"held": 0, "released": TRANCHE, "fee": FEE, "refunded": AMOUNTS[CARL], "redeemed": held}


def test_subscriptions__by_party__with_names_and_what_became_of_them(raise_client: TestClient) -> None:
    found = all_pages(raise_client, f"{V1}/offerings/1/subscriptions", 2)
    assert [each["party"] for each in found] == [FUND, ANNA, BEN, CARL]
    assert [each["status"] for each in found] == ["allotted", "allotted", "allotted", "withdrawn"]
    anna = found[1]
    assert (anna["name"], anna["amount"], anna["shares"]) == (NAMES[ANNA], str(AMOUNTS[ANNA]), "200000")
    assert (anna["redeemed"], anna["shares_ended"]) == ("60562500", "142500")
    assert found[3]["returned"] == str(AMOUNTS[CARL])


def test_escrow__its_tranches__tell_verdict_evidence_and_release(raise_client: TestClient) -> None:
    escrow = ask(raise_client, f"{V1}/offerings/1/escrow")["escrow"]
    first, second, third, _ = escrow["tranches"]
    assert [each["state"] for each in escrow["tranches"]] == ["released", "missed", "missed", "missed"]
    assert [each["on_miss"] for each in escrow["tranches"]] == ["redeem", "redeem", "put", "redeem"]
    assert first["release"]["amount"] == str(TRANCHE)
    assert (first["case"]["yes"], first["case"]["quorum"]) == (2, 2)
    assert [(each["party"], each["name"], each["outcome"]) for each in first["attestations"]] == [
        (LAB, NAMES[LAB], "reached"),
        (REGISTRAR, NAMES[REGISTRAR], "reached"),
    ]
    assert first["attestations"][0]["evidence"] == "0x" + document("evidence 0").hex()
    assert first["attestations"][0]["uri"].startswith("https://evidence")
    assert TITLES[0][0] in first["terms"]
    assert second["missed_at"] == third["missed_at"]
    assert (escrow["terms"]["put_rate_bps"], escrow["terms"]["window"]) == (500, 259_200)
    assert escrow["redeemable"] == escrow["money"]["redeemed"]


def test_escrow__in_the_dispute_window__says_when_it_ends(raise_client: TestClient, raised: RaisePlace) -> None:
    answer = ask(raise_client, f"{V1}/offerings/1/escrow", as_of_block=raised.steps["attested"])
    case = answer["escrow"]["tranches"][0]["case"]
    assert case["phase"] == "quorate"
    assert answer["as_of"]["time"] < case["window_ends"] < case["arbitration_ends"]


def test_attestations__newest_first__each_can_be_asked_for(raise_client: TestClient) -> None:
    found = all_pages(raise_client, f"{V1}/offerings/1/attestations", 2)
    assert [(each["party"], each["milestone"]) for each in found] == [(LAB, 1), (REGISTRAR, 0), (LAB, 0)]
    one = ask(raise_client, f"{V1}/attestations/{found[0]['id']}")
    assert (one["offering"], one["attestation"]) == (1, found[0])
    assert ask(raise_client, f"{V1}/offerings/2/attestations")["items"] == []


def test_verifiers__of_a_company__with_mandate_and_days(raise_client: TestClient) -> None:
    found = ask(raise_client, f"{V1}/companies/1/verifiers")["verifiers"]
    assert [(each["party"], each["state"], each["kind"]) for each in found] == [
        (LAB, "appointed", 1),
        (AUDITOR, "appointed", 1),
        (REGISTRAR, "appointed", 1),
    ]
    assert found[0]["mandate"] == "0x" + document("resolution").hex()


# --- an investor's own money ---


def test_party_money__own__is_subscribed_back_held_and_limited(raise_client: TestClient) -> None:
    found = ask(raise_client, f"{V1}/parties/{ANNA}/money")
    assert found["name"] == NAMES[ANNA]
    newest, older = found["investments"]
    assert (newest["subscription"]["offering"], newest["held"]) == (OPEN_RAISE, str(SUBSCRIBED))
    assert (older["subscription"]["redeemed"], older["held"], older["due"]) == ("60562500", "0", "0")
    assert int(found["balance"]) == sum(int(account["balance"]) for account in found["accounts"])
    use = found["annual_use"]
    assert (use["year"], use["own"], use["limit"]) == (2027, str(SUBSCRIBED), "100000000")
    assert int(use["left"]) == 100_000_000 - SUBSCRIBED
    before = ask(raise_client, f"{V1}/parties/{ANNA}/money", year=2026)["annual_use"]
    assert before["own"] == str(AMOUNTS[ANNA])
    assert ask(raise_client, f"{V1}/parties/{FUND}/money")["annual_use"]["limit"] is None


def test_movements__of_a_party__sum_to_its_balance(raise_client: TestClient) -> None:
    for party in (FUND, ANNA, BEN, CARL, PLATFORM):
        moves = all_pages(raise_client, f"{V1}/parties/{party}/money/movements", 2)
        balance = sum(_signed(move, party) for move in moves)
        assert str(balance) == ask(raise_client, f"{V1}/parties/{party}/money")["balance"]
    back = ask(raise_client, f"{V1}/parties/{CARL}/money/movements")["items"][0]
    assert (back["giver"]["offering"], back["giver"]["is_escrow"], back["giver"]["party"]) == (1, False, None)
    assert (back["taker"]["party"], back["taker"]["account"]) == (CARL, "wallet:0")


def _signed(move: dict[str, Any], party: int) -> int:
    came = bool(move["taker"]) and move["taker"]["party"] == party
    went = bool(move["giver"]) and move["giver"]["party"] == party
    return int(move["amount"]) * (came - went)


def test_bank_movements__each__with_the_banks_reference(raise_client: TestClient) -> None:
    found = all_pages(raise_client, f"{V1}/bank/movements", 3)
    assert [move["bank_reference"] for move in found] == [f"BANK-{n:05}" for n in (4, 3, 2, 1)]
    assert all(move["giver"] is None and move["document"] for move in found)


# --- who may still subscribe ---


def test_eligibility__asked_of_the_chain__tells_all_rules_that_refuse(raise_client: TestClient) -> None:
    path = f"{V1}/offerings/{OPEN_RAISE}/eligibility"
    assert ask(raise_client, path, party=BEN, amount=425_000)["may_subscribe"] is True
    twice = ask(raise_client, path, party=ANNA, amount=425_000)
    assert (twice["may_subscribe"], [rule["id"] for rule in twice["rules"]]) == (False, ["SB-19"])
    poor = ask(raise_client, path, party=CARL, amount=12_750_123)
    assert {"SB-14", "SB-16", "SB-23"} <= {rule["id"] for rule in poor["rules"]}
    assert all(rule["en"] and rule["zh"] for rule in poor["rules"])
    over = ask(raise_client, f"{V1}/offerings/1/eligibility", party=BEN, amount=425_000)
    assert "SB-1" in {rule["id"] for rule in over["rules"]}


def test_names__bound_elsewhere__are_in_no_answer_and_no_page_about_raises(raised: RaisePlace) -> None:
    settings = raised.settings.model_copy(update={"bind_host": "0.0.0.0"})
    pages = [
        "/companies/1/raises", "/raises/1", "/raises/1/escrow", f"/raises/2?party={BEN}&amount=4250",
        f"/parties/{ANNA}/money", f"/companies/1/holders/{ANNA}",
    ]  # fmt: skip
    with TestClient(create_app(settings), base_url="http://register.example") as client:
        for path in [*EVERY_READ, *pages]:
            text = client.get(path).text
            assert [name for name in NAMES.values() if name in text] == [], path
