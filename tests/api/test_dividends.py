"""The routes about dividends, over dividends on a real chain."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.test_register import all_pages, ask
from tests.support.dividend_home import (
    AHEAD,
    ANNA,
    BEN,
    CANCELLED,
    CARL,
    CHOSEN,
    CORRECTED,
    DORA,
    FOUNDER,
    FUND,
    HELD,
    LAPSED,
    NAMES,
    NEXT_RELIEF,
    PAID,
    RATE,
    RELIEF,
    SCRIP_PRICE,
    SHORT,
    STEPS,
    DividendPlace,
)

V1 = "/api/v1"
EVERY_READ = [
    f"{V1}/companies/1/distributions",
    f"{V1}/companies/1/preferences",
    f"{V1}/distributions/1",
    f"{V1}/distributions/1/lines",
    f"{V1}/distributions/1/preview",
    f"{V1}/distributions/1/differences",
    f"{V1}/parties/{ANNA}/dividends",
    f"{V1}/tax-schedules",
    f"{V1}/tax-schedules/1",
]
BPS = {FOUNDER: 2_000, FUND: 0, ANNA: RELIEF, BEN: 2_000, CARL: 2_000, DORA: 1_000}
RATE_UNIT = 10**8
PARTS = ("paid", "withheld", "unclaimed", "parked", "carried")


def money_of(client: TestClient, number: int, **query: object) -> dict[str, int]:
    found = ask(client, f"{V1}/distributions/{number}", **query)["distribution"]["money"]
    return {name: int(amount) for name, amount in found.items()}


def lines_of(client: TestClient, number: int, **query: object) -> dict[int, Any]:
    return {line["party"]: line for line in all_pages(client, f"{V1}/distributions/{number}/lines", 4, **query)}


def steps_of(client: TestClient, number: int) -> list[Any]:
    steps: list[Any] = ask(client, f"{V1}/distributions/{number}")["distribution"]["steps"]
    return steps


# --- refusals ---


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/distributions/99", 404, "distribution_unknown", "distribution"),
        ("/distributions/99/lines", 404, "distribution_unknown", "distribution"),
        ("/distributions/99/preview", 404, "distribution_unknown", "distribution"),
        ("/distributions/99/differences", 404, "distribution_unknown", "distribution"),
        ("/companies/99/distributions", 404, "company_unknown", "company"),
        ("/companies/99/preferences", 404, "company_unknown", "company"),
        ("/parties/9999/dividends", 404, "party_unknown", "party"),
        ("/tax-schedules/99", 404, "schedule_unknown", "schedule"),
        ("/distributions/0", 422, "invalid_value", "distribution"),
        ("/distributions/1/lines?limit=201", 422, "invalid_value", "limit"),
        ("/distributions/1/lines?cursor=x", 422, "cursor_malformed", "cursor"),
        (f"/distributions/{CANCELLED}/preview", 422, "distribution_cancelled", "distribution"),
        ("/tax-schedules?cursor=x", 422, "cursor_malformed", "cursor"),
        ("/tax-schedules?limit=0", 422, "invalid_value", "limit"),
        ("/companies/1/preferences?cursor=x", 422, "cursor_malformed", "cursor"),
        ("/companies/1/preferences?limit=201", 422, "invalid_value", "limit"),
        ("/distributions/1?as_of_block=x", 422, "invalid_as_of", "as_of_block"),
    ],
)
def test_problem__what_is_not_there_or_malformed__names_it(
    dividend_client: TestClient, path: str, status: int, code: str, field: str
) -> None:
    answer = dividend_client.get(V1 + path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert field in {fault["field"] for fault in answer.json()["errors"]}


# --- what every read says ---


@pytest.mark.parametrize("path", EVERY_READ)
def test_read__any__says_block_hash_and_time_also_of_an_earlier_one(
    dividend_client: TestClient, paying: DividendPlace, path: str
) -> None:
    head = paying.payer.raiser.stage.node.head()
    as_of = ask(dividend_client, path)["as_of"]
    assert (as_of["block"], as_of["hash"]) == (head.number, "0x" + head.hash.hex())
    earlier = paying.steps["paid"]
    assert ask(dividend_client, path, as_of_block=earlier)["as_of"]["block"] == earlier


def test_names__where_others_can_read__are_left_out(paying: DividendPlace) -> None:
    settings = paying.settings.model_copy(update={"bind_host": "0.0.0.0"})
    with TestClient(create_app(settings)) as client:
        for path in (f"{V1}/distributions/1/lines", f"{V1}/parties/{ANNA}/dividends", "/dividends/1", "/dividends/6"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert not any(name in answer.text for party, name in NAMES.items() if party in HELD)


# --- distributions ---


def test_distributions__newest_first__page_by_page(dividend_client: TestClient) -> None:
    found = all_pages(dividend_client, f"{V1}/companies/1/distributions", 2)
    assert [each["number"] for each in found] == [AHEAD, CHOSEN, SHORT, CANCELLED, LAPSED, PAID]
    assert [each["phase"] for each in found] == ["declared", "fixed", "fixed", "cancelled", "closed", "closed"]
    assert found[-1] == ask(dividend_client, f"{V1}/distributions/{PAID}")["distribution"]


@pytest.mark.parametrize("step", STEPS)
def test_money__at_every_step__is_accounted_for_to_the_fen(
    dividend_client: TestClient, paying: DividendPlace, step: str
) -> None:
    money = money_of(dividend_client, PAID, as_of_block=paying.steps[step])
    assert money["declared"] == sum(money[part] for part in PARTS)
    assert money["declared"] == (120_000_000 if step == "declared" else sum(HELD.values()) * RATE // RATE_UNIT)


@pytest.mark.parametrize("number", [PAID, LAPSED, CANCELLED, SHORT, CHOSEN, AHEAD])
def test_money__of_each_dividend__is_accounted_for_and_the_lines_agree(
    dividend_client: TestClient, number: int
) -> None:
    money, lines = money_of(dividend_client, number), lines_of(dividend_client, number).values()
    assert money["declared"] == sum(money[part] for part in PARTS)
    assert money["lapsed"] <= money["unclaimed"]
    for part, settlements, field in (("parked", {"parked"}, "gross"), ("paid", {"paid"}, "net")):
        assert money[part] == sum(int(line[field]) for line in lines if line["settlement"] in settlements)
    assert money["lapsed"] == sum(int(line["gross"]) for line in lines if line["settlement"] == "lapsed")


def test_lines__each__is_its_own_arithmetic(dividend_client: TestClient, paying: DividendPlace) -> None:
    lines = lines_of(dividend_client, PAID, as_of_block=paying.steps["paid"])
    assert {party: int(line["shares"]) for party, line in lines.items()} == HELD
    assert {party: line["bps"] for party, line in lines.items()} == BPS
    for party, line in lines.items():
        gross = HELD[party] * int(line["numerator"]) // int(line["denominator"])
        tax = (gross * BPS[party] + 5_000) // 10_000
        assert (int(line["gross"]), int(line["tax"]), int(line["net"])) == (gross, tax, gross - tax)
        assert gross == HELD[party] * RATE // RATE_UNIT
    assert {party for party, line in lines.items() if line["settlement"] == "parked"} == {BEN, CARL}
    later = lines_of(dividend_client, PAID)
    assert (later[BEN]["settlement"], later[CARL]["settlement"]) == ("paid", "parked")
    assert later[BEN]["parked_at"] <= later[BEN]["settled_at"]
    assert later[BEN]["transaction"] != lines[BEN]["transaction"]
    assert (lines[ANNA]["name"], lines[CARL]["would_park"]) == (NAMES[ANNA], True)


def test_lines__before_the_record_date__are_none_and_the_preview_tells(dividend_client: TestClient) -> None:
    assert lines_of(dividend_client, AHEAD) == {}
    preview = ask(dividend_client, f"{V1}/distributions/{AHEAD}/preview")
    assert preview["is_final"] is False
    assert {line["party"] for line in preview["lines"]} == set(HELD)
    assert int(preview["declared"]) + int(preview["returned"]) == 90_000_000
    gross = sum(int(line["gross"]) for line in preview["lines"])
    assert int(preview["declared"]) == gross + int(preview["carried"])
    assert {line["party"] for line in preview["lines"] if line["would_park"]} == {CARL}


def test_scrip__chosen__is_paid_in_whole_shares_and_the_rest_in_cash(dividend_client: TestClient) -> None:
    line = lines_of(dividend_client, SHORT)[ANNA]
    shares = int(line["net"]) // SCRIP_PRICE
    assert (int(line["scrip_shares"]), int(line["scrip_cost"])) == (shares, shares * SCRIP_PRICE)
    terms = ask(dividend_client, f"{V1}/distributions/{SHORT}")["distribution"]
    assert (terms["is_short"], terms["terms"]["scrip_price"]) == (True, str(SCRIP_PRICE))
    assert lines_of(dividend_client, CHOSEN)[ANNA]["wants_scrip"] is True


def test_scrip__chosen_before_the_holders_are_fixed__is_told_by_the_preview(dividend_client: TestClient) -> None:
    declared, fixed = (step["block"] for step in steps_of(dividend_client, CHOSEN))
    for block, expected in ((declared, set()), (fixed - 1, {ANNA})):
        lines = ask(dividend_client, f"{V1}/distributions/{CHOSEN}/preview", as_of_block=block)["lines"]
        assert {line["party"] for line in lines if line["wants_scrip"]} == expected
        assert lines_of(dividend_client, CHOSEN, as_of_block=block) == {}


def test_cancelled__after_its_holders_were_fixed__owes_nobody_anything(dividend_client: TestClient) -> None:
    _, fixed, cancelled = (step["block"] for step in steps_of(dividend_client, CANCELLED))
    before = lines_of(dividend_client, CANCELLED, as_of_block=cancelled - 1)
    assert sum(int(line["gross"]) for line in before.values()) > 0
    assert cancelled > fixed
    assert lines_of(dividend_client, CANCELLED) == {}
    assert ask(dividend_client, f"{V1}/distributions/{CANCELLED}/differences")["differences"] == []
    assert set(money_of(dividend_client, CANCELLED).values()) == {0}


def test_differences__correction_that_came_later__changes_nothing_and_is_told(dividend_client: TestClient) -> None:
    found = {
        each["party"]: each for each in ask(dividend_client, f"{V1}/distributions/{PAID}/differences")["differences"]
    }
    assert {party: int(each["difference"]) for party, each in found.items()} == {FUND: -20_000, DORA: 20_000}
    assert int(found[DORA]["corrected_shares"]) == HELD[DORA] + CORRECTED
    assert lines_of(dividend_client, PAID)[DORA]["shares"] == str(HELD[DORA])


def test_party__its_dividends__newest_first_with_its_certificate(dividend_client: TestClient) -> None:
    found = ask(dividend_client, f"{V1}/parties/{ANNA}/dividends")
    assert [line["distribution"] for line in found["dividends"]] == [CHOSEN, SHORT, LAPSED, PAID]
    assert [line["settlement"] for line in found["dividends"]] == ["none", "paid", "paid", "paid"]
    assert found["relief"]["bps"] == NEXT_RELIEF
    assert ask(dividend_client, f"{V1}/parties/{BEN}/dividends")["relief"] is None


def test_schedules_and_preferences__as_stated__are_there(dividend_client: TestClient, paying: DividendPlace) -> None:
    (schedule,) = ask(dividend_client, f"{V1}/tax-schedules")["items"]
    assert schedule == ask(dividend_client, f"{V1}/tax-schedules/1")["schedule"]
    rules = {(rule["category"], rule["residence"]): rule["bps"] for rule in schedule["rules"]}
    assert (rules["qualified", 156], rules["qualified", None], rules["institution", None]) == (2_000, 1_000, 0)
    assert rules[None, None] == 1_500
    (preference,) = ask(dividend_client, f"{V1}/companies/1/preferences")["items"]
    assert (preference["share_class"], preference["rank"]) == (1, 1)
    assert preference["arrears"] == str(3_000_000_000 * 146 // 365)
    assert ask(dividend_client, f"{V1}/companies/1/preferences", as_of_block=paying.steps["paid"])["items"] == []
    assert ask(dividend_client, f"{V1}/tax-schedules", cursor="1")["items"] == []
