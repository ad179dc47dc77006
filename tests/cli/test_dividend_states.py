"""What a dividend's commands answer where nothing can be done: the state or the holder in words, and the next step."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from registry.acts import dividend_pay, dividends, identity
from registry.chain.anvil import Anvil
from registry.domain.days import to_date
from registry.domain.ids import Day
from tests.support.dividend_bench import ALICE, BO, DAY, FUND, ISSUER, DividendBench
from tests.support.raise_market import PAPER, error_of
from tests.support.registry_home import Home, desk_of, furnished

KEYS = (f"states {n}" for n in itertools.count())
UNTIL = Day(60_000)


class Teller:
    """The commands of a home whose company 1 pays dividends."""

    def __init__(self, home: Home, bench: DividendBench) -> None:
        self.home, self.bench = home, bench

    def told(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """The object of a command that exits with `code`."""
        done = self.home.equity("dividend", *arguments, "--json")
        assert done.returncode == code, (done.stdout, done.stderr)
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    def text(self, *arguments: object) -> str:
        """What people read."""
        return self.home.equity("dividend", *arguments).stdout

    def refused(self, *arguments: object) -> dict[str, Any]:
        """The error of a command that exits with 1, and sent nothing."""
        head = self.bench.desk.node.head()
        error = error_of(self.home.equity("dividend", *arguments, "--json"), 1)
        assert self.bench.desk.node.head() == head
        return error

    def freeze(self, frozen: bool) -> None:
        identity.freeze(self.bench.desk, self.bench.request(next(KEYS)), BO, frozen)

    def kyc(self, until: Day) -> None:
        standing = identity.Standing(kyc_day=until)
        identity.set_standing(self.bench.desk, self.bench.request(next(KEYS)), FUND, standing)


@pytest.fixture(scope="module")
def teller(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    home = furnished(tmp_path_factory.mktemp("states") / "home", module_anvil)
    with desk_of(home) as desk:
        yield Teller(home, DividendBench(desk).furnish())


@pytest.mark.parametrize(
    "command", [("pay",), ("claim", ALICE), ("lapse",), ("remit",), ("close",)], ids=lambda c: c[0]
)
def test_command__without_holders_yet_or_any_more__says_in_which_state_the_dividend_is(
    teller: Teller, command: tuple[object, ...]
) -> None:
    number = teller.bench.declared(next(KEYS))
    word, *more = command
    early = teller.refused(word, number, *more)
    assert (early["code"], early["values"]["phase"]) == ("DistributionStateForbids", "declared")
    assert f"`equity dividend fix {number}`" in early["message"]
    dividends.cancel(teller.bench.desk, teller.bench.request(next(KEYS)), number)
    late = teller.refused(word, number, *more)
    assert late["values"]["phase"] == "cancelled"
    assert "all its money went back" in late["message"]


def test_cancelled__its_show_and_list__tell_what_went_back(teller: Teller) -> None:
    number = teller.bench.declared(next(KEYS), total=123_45, rate=0)
    dividends.cancel(teller.bench.desk, teller.bench.request(next(KEYS)), number)
    shown = teller.text("show", number)
    assert "123.45 CNY went back" in shown
    assert "0.00" not in shown
    assert "went back" in teller.text("list")
    assert teller.told("list")["dividends"][0]["returned"] == 123_45
    assert f"dividend {number} cancelled: it is on the chain already" in teller.text("fix", number)


def test_fix__of_which_nothing_is_due__says_why_it_is_cancelled(teller: Teller) -> None:
    number = teller.bench.emptied(next(KEYS))
    assert "cancelled, since nothing was due to anybody: " in teller.text("fix", number)


def test_parked__by_pay_and_claim__is_named_with_its_reason_and_cure(teller: Teller) -> None:
    bench = teller.bench
    number = bench.fixed(next(KEYS))
    assert "no tax is withheld yet" in teller.text("remit", number)
    ended = Day(bench.desk.today() - 1)
    teller.freeze(True)
    teller.kyc(ended)
    begun = teller.told("claim", number, FUND, code=1)
    assert (begun["state"], begun["was_there"]) == ("parked", False)
    text = teller.text("pay", number)
    assert f"party {BO}, Party {BO}: frozen by order" in text
    assert f"party {FUND}, Party {FUND}: KYC ended on {to_date(ended)}" in text
    assert f"`equity party classify {FUND} --kyc-until DATE" in text
    again = teller.told("pay", number)
    assert [(each["party"], each["why"]) for each in again["parked_parties"]] == [(BO, "frozen"), (FUND, "kyc_ended")]
    assert again["parked_parties"][1]["kyc_until"] == to_date(ended).isoformat()
    waits = teller.told("claim", number, BO, code=1)
    assert (waits["state"], waits["parked"]["why"]) == ("parked", "frozen")
    assert "frozen by order" in teller.text("claim", number, BO)
    teller.freeze(False)
    teller.kyc(UNTIL)
    assert "nothing keeps it from being paid any more" in teller.text("lapse", number)
    assert teller.told("claim", number, BO)["state"] == "paid"
    assert "claimed for party 11: it is on the chain already" not in teller.text("claim", number, FUND)


def test_tax__of_who_is_cured_after_a_remittance__is_told_until_it_is_sent(teller: Teller) -> None:
    bench = teller.bench
    number = bench.fixed(next(KEYS))
    teller.freeze(True)
    dividend_pay.pay(bench.desk, number)
    dividend_pay.remit(bench.desk, number)
    assert (teller.told("show", number)["unsent"], "未解缴" in teller.text("show", number)) == (0, False)
    teller.freeze(False)
    paid = teller.told("pay", number)
    shown = teller.told("show", number)
    assert paid["unsent"] == shown["unsent"] == shown["withheld"] - shown["remitted"] > 0
    for text in (teller.text("pay", number), teller.text("show", number)):
        assert f"`equity dividend remit {number}`" in text
    teller.told("remit", number)
    assert teller.told("show", number)["unsent"] == 0


def test_expiry__before_and_after__pay_claim_and_lapse_name_the_next_step(teller: Teller) -> None:
    number = teller.bench.fixed(next(KEYS))
    early = teller.refused("lapse", number)
    assert (early["code"], "what nobody got lapses from" in early["message"]) == ("NotDue", True)
    open_ = teller.refused("close", number)
    assert (open_["code"], "4 of 4 holders were neither paid" in open_["message"]) == ("SharesUnhandled", True)
    teller.told("claim", number, ALICE)
    teller.bench.later(40 * DAY)
    late = teller.told("pay", number, code=1)
    assert (late["rows"]["none"], late["expired"] is not None) == (3, True)
    for text in (teller.text("pay", number), teller.text("claim", number, FUND)):
        assert f"`equity dividend lapse {number}`" in text
    assert teller.told("claim", number, FUND, code=1)["state"] == "none"
    lapsed = teller.told("lapse", number)["lapsed"]
    assert teller.told("claim", number, FUND, code=1)["state"] == "lapsed"
    teller.told("close", number)
    shown = teller.told("show", number)
    assert (shown["lapsed"], shown["unclaimed"]) == (lapsed, lapsed)
    text = teller.text("show", number)
    assert f"lapsed 已失权: {lapsed / 100:.2f} CNY went to 0x" in text
    assert f"party {ISSUER}'s: Party {ISSUER}" in text
    (row,) = (line for line in text.splitlines() if f"Party {FUND}" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][4:] == ["–", "–", "–", "lapsed 失权"]


def test_scrip__chosen_and_delivered__is_shown(teller: Teller) -> None:
    bench = teller.bench
    dividends.admit_payouts(bench.desk, bench.request(next(KEYS)), bench.company)
    number = bench.declared(next(KEYS), scrip_price=2_00)
    dividends.choose_scrip(bench.desk, number, "alice", True)
    assert teller.told("show", number)["chosen"] == [ALICE]
    assert f"party {ALICE}, Party {ALICE}" in teller.text("show", number)
    bench.later(3 * DAY)
    dividend_pay.fix(bench.desk, number)
    dividend_pay.pay(bench.desk, number)
    text = teller.text("show", number)
    assert "shares taken 以股代息" in text
    (line,) = (each for each in teller.told("show", number)["lines"] if each["party"] == ALICE)
    (row,) = (each for each in text.splitlines() if f"Party {ALICE}" in each)
    assert [cell.strip() for cell in row.strip("│").split("│")][-2:] == [
        line["scrip_shares"],
        f"{line['scrip_cost'] / 100:.2f}",
    ]


def test_preview__of_who_would_wait__has_a_head_for_it(teller: Teller) -> None:
    asked = ("preview", 1, "ORD", "--total", "100", "--schedule", "1")
    assert "if paid today" not in teller.text(*asked)
    teller.freeze(True)
    text = teller.text(*asked)
    teller.freeze(False)
    assert "if paid today 若今日支付" in text
    (row,) = (line for line in text.splitlines() if f"Party {BO}" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert (cells[0], cells[-1]) == (str(BO), "parked 暂存")


def test_paper__of_a_dividend_without_holders__says_its_state_in_words(teller: Teller) -> None:
    number = teller.bench.declared(next(KEYS))
    error = error_of(teller.home.equity("dividend", "report", number, "--json"), 65)
    assert (error["code"], error["value"]) == ("not_fixed", "declared")
    assert f"`equity dividend fix {number}`" in error["message"]
    teller.told("cancel", number, *PAPER)
    error = error_of(teller.home.equity("dividend", "report", number, "--json"), 65)
    assert error["value"] == "cancelled"
