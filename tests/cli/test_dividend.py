"""A dividend from the command line, from the tax schedule to the bank's statement; what is wrong is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.acts import identity
from registry.chain.anvil import Anvil
from registry.domain.days import from_date, to_date
from registry.domain.ids import Day
from tests.support.dividend_bench import ABROAD, ALICE, BO, DAY, FUND, HELD, ISSUER, RATE, DividendBench
from tests.support.raise_market import PAPER, error_of
from tests.support.registry_home import ROOT, Home, desk_of, furnished

EXAMPLE = ROOT / "examples" / "dividends" / "tax-cn.toml"
GROSS = {party: shares * RATE // 10**8 for party, shares in HELD.items()}


class Payer:
    """Company 1 of `bench`, whose chain `home` commands."""

    def __init__(self, home: Home, bench: DividendBench) -> None:
        self.home, self.bench, self.say = home, bench, home.equity_json

    def day(self, later: int) -> str:
        return to_date(Day(self.bench.desk.today() + later)).isoformat()

    def terms(self, **changed: str) -> list[str]:
        """Options of a declaration that can be."""
        options = {
            "rate": "0.12345",
            "profit": "5000000",
            "schedule": "1",
            "record": self.day(0),
            "pays": self.day(1),
            "expires": self.day(30),
        } | changed
        return [word for name, value in options.items() if value for word in (f"--{name}", value)]

    def refused(self, *arguments: object, code: int = 65) -> dict[str, Any]:
        return error_of(self.home.equity("dividend", *arguments, "--json"), code)


@pytest.fixture(scope="module")
def payer(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payer]:
    home = furnished(tmp_path_factory.mktemp("payer") / "home", module_anvil)
    with desk_of(home) as desk:
        yield Payer(home, DividendBench(desk).furnish())


def test_life__of_a_dividend__from_the_tax_schedule_to_the_banks_statement(payer: Payer, tmp_path: Path) -> None:
    say, bench = payer.say, payer.bench
    assert say("dividend", "schedule", EXAMPLE, *PAPER)["schedule"] == 2
    say("dividend", "relief", ABROAD, "--percent", "5", "--until", payer.day(100), *PAPER)
    seen = say("dividend", "preview", 1, "ORD", "--rate", "0.12345", "--schedule", 2)
    assert [(each["party"], each["gross"], each["bps"]) for each in seen["holders"]] == [
        (ALICE, GROSS[ALICE], 2_000),
        (BO, GROSS[BO], 2_000),
        (FUND, GROSS[FUND], 1_000),
        (ABROAD, GROSS[ABROAD], 500),
    ]
    declared = say("dividend", "declare", 1, "ORD", *payer.terms(schedule="2"), *PAPER, "--key", "first")
    number = declared["dividend"]
    assert say("dividend", "declare", 1, "ORD", *payer.terms(schedule="2"), *PAPER, "--key", "first") == declared
    assert declared["total"] == RATE * 1_000 // 10**8
    assert payer.refused("fix", number)["code"] == "record_date_ahead"
    bench.later(3 * DAY)
    assert say("dividend", "fix", number)["was_there"] is False
    identity.freeze(bench.desk, bench.request("freeze"), BO, True)
    assert say("dividend", "claim", number, ALICE, "--wallet", "alice")["was_there"] is False
    paid = say("dividend", "pay", number)
    assert (paid["rows"], paid["parked"]) == ({"none": 0, "paid": 3, "parked": 1, "lapsed": 0}, GROSS[BO])
    names = ("paid", "withheld", "unclaimed", "parked", "carried")
    assert paid["declared"] == sum(paid[name] for name in names)
    shown = say("dividend", "show", number)
    assert {name: shown[name] for name in ("declared", *names)} == {name: paid[name] for name in ("declared", *names)}
    assert [(line["party"], line["state"]) for line in shown["lines"]][:2] == [(ALICE, "paid"), (BO, "parked")]
    say("dividend", "remit", number)
    say("dividend", "close", number)
    identity.freeze(bench.desk, bench.request("release"), BO, False)
    assert say("dividend", "pay", number)["rows"]["paid"] == 4
    listed = say("dividend", "list", "--company", 1)["dividends"]
    assert [(each["dividend"], each["phase"], each["parked"]) for each in listed] == [(number, "closed", 0)]
    _pay_out(payer, number, tmp_path)


def _pay_out(payer: Payer, number: int, folder: Path) -> None:
    """The bank pays the orders; its statement and the burns agree."""
    say = payer.say
    orders = say("dividend", "payment-file", number, folder / "orders.csv")["orders"]
    assert [each["reference"] for each in orders] == [f"DV{number}-P12", f"DV{number}-P13"]
    sent = folder / "orders.xml"
    payed_from = ("--payer", "Custodian Bank", "--account", "6222000000000001")
    say("dividend", "payment-file", number, sent, "--format", "pain001", *payed_from)
    assert f"DV{number}-P12" in sent.read_text()
    lines = [f"{each['account']}:{each['amount'] / 100:.2f}:{each['reference']}" for each in orders]
    day = payer.day(0)
    say("bank", "burn", *lines, *PAPER)
    rows = [f"{day},-{each['amount'] / 100:.2f},CNY,{each['reference']},dividend" for each in orders]
    statement = folder / "statement.csv"
    statement.write_text("date,amount,currency,reference,text\n" + "\n".join(rows) + "\n")
    compared = say("bank", "reconcile", statement, "--days", 3)
    assert (compared["clean"], compared["matched"]) == (True, 2)
    assert say("dividend", "payment-file", number, folder / "none.csv")["orders"] == []
    assert not (folder / "none.csv").exists()


def test_scrip_cancel_and_prefer__from_the_command_line(payer: Payer) -> None:
    say = payer.say
    early = payer.refused("declare", 1, "ORD", *payer.terms(), "--scrip-price", "2.00", *PAPER)
    assert (early["code"], early["value"]) == ("scrip_not_admitted", "2.00")
    assert "`equity dividend admit 1 --document FILE`" in early["message"]
    assert say("dividend", "admit", 1, *PAPER)["was_there"] is False
    head = payer.bench.desk.node.head()
    assert say("dividend", "admit", 1, *PAPER) == {"was_there": True}
    many = payer.refused("declare", 1, "ORD", *payer.terms(total="100000"), "--scrip-price", "0.05", *PAPER)
    assert (many["code"], payer.bench.desk.node.head()) == ("authorised_too_few", head)
    assert "`equity class authorise 1 ORD 2001000 --document FILE`" in many["message"]
    number = say("dividend", "declare", 1, "ORD", *payer.terms(), "--scrip-price", "2.00", *PAPER)["dividend"]
    assert say("dividend", "scrip", number, "--wallet", "alice")["was_there"] is False
    say("dividend", "scrip", number, "--party", FUND, *PAPER)
    say("dividend", "scrip", number, "--party", FUND, "--cash", *PAPER)
    assert payer.bench.desk.payouts.have_chosen_scrip(number, [ALICE, FUND]) == [True, False]
    say("dividend", "cancel", number, *PAPER)
    assert say("dividend", "show", number)["phase"] == "cancelled"
    say("class", "create", "1", "Preferred", "1000", "--symbol", "PREF", *PAPER)
    say("dividend", "prefer", 1, "PREF", "--rank", 1, "--rate", "0.48", "--from", "2025-01-01", *PAPER)
    head = payer.bench.desk.node.head()
    later = payer.terms(record=payer.day(5), pays=payer.day(6))
    blocked = payer.refused("declare", 1, "ORD", *later, *PAPER, code=1)
    assert (blocked["code"], payer.bench.desk.node.head()) == ("ArrearsFirst", head)
    days = payer.bench.desk.today() + 5 - from_date(date(2025, 1, 1))
    open_ = f"{4_800_000_000 * days // 365 / 10**10:.10f}".rstrip("0")
    assert blocked["values"] == {"class": "PREF", "arrears": f"{open_} CNY a share", "record_date": payer.day(5)}
    assert f"equity dividend declare 1 PREF --rate {open_} --profit 5000000.00 --schedule 1" in blocked["message"]
    assert f"--record {payer.day(5)} --pays {payer.day(6)} --expires {payer.day(30)} " in blocked["message"]
    asked = ("dividend", "preview", 1, "ORD", "--rate", "0.12345", "--schedule", 1, "--record", payer.day(5))
    seen = say(*asked)
    assert seen["record_date"] == payer.day(5)
    assert seen["arrears"] == [{"class": "PREF", "rank": 1, "rate": open_, "comes_first": True}]
    told = payer.home.equity(*asked).stdout
    assert f"PREF has {open_} CNY a share in arrears" in told
    assert f"equity dividend preview 1 PREF --rate {open_} --schedule 1 --record {payer.day(5)}" in told


def test_declare__a_rate_of_a_preferred_class__pays_what_counts_on_all_that_is_issued(payer: Payer) -> None:
    payer.say("issue", 1, "PREF", f"{ISSUER}:100", f"{FUND}:50", *PAPER)
    terms = payer.terms(rate="0.5", record=payer.day(5), pays=payer.day(6))
    asked = ("declare", 1, "PREF", *terms, "--exclude", ISSUER, *PAPER)
    few = payer.refused(*asked, "--total", "74.99")
    assert (few["code"], "need 75.00 CNY" in few["message"]) == ("total_too_small", True)
    found = payer.say("dividend", *asked)
    assert found["total"] == 75_00
    payer.say("dividend", "cancel", found["dividend"], *PAPER)


def test_preview__somebody_excluded__leaves_out_all_accounts_of_it_or_one_by_its_address(payer: Payer) -> None:
    desk = payer.bench.desk
    wallet, book = (account.hex() for account in (desk.account("alice"), desk.book(ALICE)))
    asked = ("dividend", "preview", 1, "ORD", "--rate", "0.12345", "--schedule", 1, "--exclude")
    shares = {each: payer.say(*asked, each)["excluded"] for each in ("10", "P10", "alice", f"0x{wallet}", f"0x{book}")}
    assert list(shares.values()) == ["600", "600", "600", "600", "0"]
    assert payer.say(*asked, "10", "--exclude", "alice", "--exclude", "12")["excluded"] == "693"
    commas = payer.refused(*asked[1:], "10,12")
    assert (commas["code"], commas["message"]) == ("exclude_list", "one at a time: --exclude 10 --exclude 12")
    stranger = payer.refused(*asked[1:], f"0x{'77' * 20}")
    assert (stranger["code"], stranger["field"]) == ("account_unknown", "exclude")


def test_relief__taken_back_or_over__never_takes_the_place_of_one_that_counts_unseen(payer: Payer) -> None:
    asked = ("dividend", "preview", 1, "ORD", "--rate", "0.12345", "--schedule", 1)

    def rate() -> int:
        return next(int(each["bps"]) for each in payer.say(*asked)["holders"] if each["party"] == FUND)

    payer.say("dividend", "relief", FUND, "--percent", "7", "--until", payer.day(0), *PAPER)
    over = payer.refused("relief", FUND, "--percent", "3", "--until", payer.day(-1), *PAPER)
    assert (over["code"], over["field"], over["value"], rate()) == ("relief_over", "until", payer.day(-1), 700)
    taken = payer.say("dividend", "relief", FUND, "--withdraw", *PAPER, "--key", "back")
    assert (payer.say("dividend", "relief", FUND, "--withdraw", *PAPER, "--key", "back"), rate()) == (taken, 0)
    assert payer.refused("relief", FUND, "--withdraw", *PAPER)["code"] == "relief_missing"


def test_declare__what_cannot_be__is_told_in_the_units_and_names_of_the_options(payer: Payer) -> None:
    def refused(**changed: str) -> dict[str, Any]:
        return payer.refused("declare", "1", "ORD", *payer.terms(**changed), *PAPER)

    profit, money = refused(profit="1"), refused(total="2000000")
    assert (profit["value"], "123.45 CNY" in profit["message"]) == ("1.00", True)
    assert (money["code"], money["value"]) == ("money_missing", "2000000.00")
    assert "less than the dividend, 2 000 000.00 CNY" in money["message"]
    pays = refused(pays=payer.day(0))
    assert (pays["code"], pays["value"]) == ("payment_before_record_date", f"{payer.day(0)} 00:00:00+08:00")
    short = refused(total="100")
    assert (short["code"], short["value"]) == ("total_too_small", "100.00")
    assert short["message"].startswith("0.12345 CNY a share need 123.45 CNY for ")
    little = refused(rate="0.0000000001")
    assert little["message"].startswith("0.0000000001 CNY a share leave not a fen")


@pytest.mark.parametrize(
    ("arguments", "changed", "code", "field"),
    [
        ((), {"rate": "", "total": "0"}, "amount_out_of_range", "total"),
        ((), {"rate": "", "total": "0.01"}, "amount_indivisible", "total"),
        ((), {"rate": "0.0000000001"}, "amount_indivisible", "rate"),
        ((), {"rate": "0.00000000001"}, "rate", "rate"),
        ((), {"rate": "", "total": ""}, "amount", "total"),
        ((), {"record": "2020-01-01"}, "record_date_past", "record"),
        ((), {"expires": "2020-01-01"}, "expiry_before_payment", "expires"),
        ((), {"profit": "1"}, "profit_too_small", "profit"),
        ((), {"currency": "EUR"}, "currency_unknown", "currency"),
        ((), {"schedule": "99"}, "schedule_unknown", "schedule"),
        (("1", "GOLD"), {}, "class_unknown", "class"),
        (("99", "ORD"), {}, "company_unknown", "company"),
        ((), {"from": "12"}, "funding_account", "from"),
        ((), {"exclude": "10", "scrip-price": "x"}, "amount", "scrip-price"),
        ((), {"exclude": "99"}, "party_unknown", "exclude"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_declare__what_cannot_be__exits_65_before_money_moves(
    payer: Payer, arguments: tuple[str, ...], changed: dict[str, str], code: str, field: str
) -> None:
    head = payer.bench.desk.node.head()
    where = arguments or ("1", "ORD")
    error = payer.refused("declare", *where, *payer.terms(**changed), *PAPER)
    assert (error["code"], error["field"]) == (code, field)
    assert payer.bench.desk.node.head() == head


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("relief", "12", "--percent", "100.01", "--until", "2099-01-01", *PAPER), "tax_above_whole"),
        (("relief", "12", "--percent", "-1", "--until", "2099-01-01", *PAPER), "percent"),
        (("relief", "99", "--percent", "1", "--until", "2099-01-01", *PAPER), "party_unknown"),
        (("relief", "99", "--withdraw", *PAPER), "party_unknown"),
        (("relief", "12", "--percent", "1", *PAPER), "relief_terms"),
        (("relief", "12", "--withdraw", "--percent", "1", *PAPER), "relief_terms"),
        (("prefer", "1", "ORD", "--rank", "1", "--rate", "1", "--from", "2099-01-01", *PAPER), "from_ahead"),
        (("scrip", "1", "--party", "99", *PAPER), "party_unknown"),
        (("scrip", "99", "--party", "12", *PAPER), "dividend_unknown"),
        (("scrip", "99", "--wallet", "alice"), "dividend_unknown"),
        (("cancel", "99", *PAPER), "dividend_unknown"),
        (("pay", "99"), "dividend_unknown"),
        (("pay", "x"), "dividend_malformed"),
        (("show", "99"), "distribution_unknown"),
        (("scrip", "1"), "holder"),
        (("scrip", "1", "--party", "12"), "document"),
        (("payment-file", "1", "x.xml", "--format", "pain001"), "payer_missing"),
        (("schedule", "nothing.toml", *PAPER), "file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_command__what_cannot_be_meant__exits_65(payer: Payer, arguments: tuple[str, ...], code: str) -> None:
    assert payer.refused(*arguments)["code"] == code


def test_schedule__tax_for_a_party_that_is_not_there__names_its_number(payer: Payer, tmp_path: Path) -> None:
    file, text = tmp_path / "tax.toml", EXAMPLE.read_text()
    file.write_text(re.sub(r"^tax_account = \S+", "tax_account = 777", text, flags=re.MULTILINE))
    error = payer.refused("schedule", file, *PAPER)
    assert (error["code"], error["field"], error["value"]) == ("party_unknown", "tax_account", "777")
    assert "party 777" in error["message"]


def test_preview_and_show__for_people__tell_holders_money_and_both_languages(payer: Payer) -> None:
    preview = payer.home.equity("dividend", "preview", 1, "ORD", "--total", "100", "--schedule", "1").stdout
    assert "What each holder would get" in preview
    assert "Party 10" in preview
    shown = payer.home.equity("dividend", "show", 1).stdout
    assert "carried 结转余数" in shown
    assert "20.00 %" in shown
    assert json.loads(payer.home.equity("dividend", "list", "--json").stdout)["dividends"]
