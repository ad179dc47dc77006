"""`equity dividend receipts`: the bank's file looked at, burned, looked at again; what is wrong sends nothing."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.acts import bank, dividend_pay
from registry.chain.anvil import Anvil
from registry.domain.days import to_date
from registry.domain.ids import Day
from tests.support.camt import amount, detail, entry, message, statement
from tests.support.dividend_bench import DAY, FUND, DividendBench
from tests.support.raise_market import error_of
from tests.support.registry_home import Home, desk_of, furnished

KEYS = (f"receipts {n}" for n in itertools.count())
HEAD = "date,amount,currency,reference,text\n"


@dataclass
class Payer:
    """A company whose bank pays out, with its commands."""

    home: Home
    bench: DividendBench
    folder: Path

    def paid(self) -> tuple[int, list[dict[str, Any]]]:
        """A new dividend and the orders of its payment file."""
        number = self.bench.fixed(next(KEYS))
        dividend_pay.pay(self.bench.desk, number)
        made = self.home.equity_json("dividend", "payment-file", number, self.folder / f"orders-{number}.csv")
        return number, made["orders"]

    def day(self) -> str:
        return to_date(Day(self.bench.desk.today())).isoformat()

    def table(self, rows: list[tuple[str, str]], currency: str = "CNY") -> Path:
        lines = [f"{self.day()},{fen},{currency},{reference},\n" for reference, fen in rows]
        return self.written("bank.csv", (HEAD + "".join(lines)).encode())

    def batch(self, orders: list[dict[str, Any]]) -> Path:
        parts = "".join(detail(order=o["reference"], money=amount(cny(o["amount"]))) for o in orders)
        spent = cny(sum(o["amount"] for o in orders))
        booked = f"<BookgDt><Dt>{self.day()}</Dt></BookgDt>"
        one = entry(spent, "B1", sign="DBIT", booked=booked, details=parts)
        return self.written("bank.xml", message(statement(one, opening=spent, closing="0")))

    def written(self, name: str, content: bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content)
        return file

    def told(self, *arguments: object, code: int) -> dict[str, Any]:
        """The object of a command that exits with `code`."""
        done = self.home.equity("dividend", "receipts", *arguments, "--json")
        assert done.returncode == code, (done.stdout, done.stderr)
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found


def cny(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


@pytest.fixture(scope="module")
def payer(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payer]:
    folder = tmp_path_factory.mktemp("receipts")
    home = furnished(folder / "home", module_anvil)
    with desk_of(home) as desk:
        yield Payer(home, DividendBench(desk).furnish(), folder)


def test_receipts__previewed_burned_and_again__reconcile_with_the_statement(payer: Payer) -> None:
    number, orders = payer.paid()
    file, node = payer.batch(orders), payer.bench.desk.node
    head = node.head()
    seen = payer.told(number, file, "--preview", "--account", "4400", code=0)
    assert (seen["preview"], seen["burned"], seen["acts"], node.head()) == (True, 0, [], head)
    burned = payer.told(number, file, code=0)
    assert burned["document"] == "0x" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert [(each["reference"], each["amount"]) for each in burned["matched"]] == [
        (order["reference"], order["amount"]) for order in orders
    ]
    assert (burned["burned"], len(burned["acts"])) == (sum(order["amount"] for order in orders), 1)
    head = node.head()
    again = payer.told(number, file, code=0)
    assert (again["burned"], len(again["before"]), again["outstanding"], node.head()) == (0, 2, [], head)
    text = payer.home.equity("dividend", "receipts", number, file).stdout
    assert "burned before / 此前已销毁" in text
    assert "nothing to burn: 2 payments burned before; 0 outstanding" in text
    compared = payer.home.equity_json("bank", "reconcile", file)
    assert (compared["clean"], compared["matched"]) == (True, 2)


def test_receipts__one_line_that_disagrees__send_nothing_and_exit_1(payer: Payer) -> None:
    number, (fund, abroad) = payer.paid()
    rows = [(fund["reference"], f"-{cny(fund['amount'] + 1)}"), (abroad["reference"], f"-{cny(abroad['amount'])}")]
    file, head = payer.table([*rows, (f"DV{number}-P10", "-5.00")]), payer.bench.desk.node.head()
    found = payer.told(number, file, code=1)
    assert [(each["line"], each["code"], each["field"], each["value"], each["right"]) for each in found["wrong"]] == [
        (2, "amount_differs", "amount", str(fund["amount"] + 1), str(fund["amount"])),
        (4, "nothing_due", "reference", f"DV{number}-P10", ""),
    ]
    assert (found["burned"], found["acts"], payer.bench.desk.node.head()) == (0, [], head)
    text = payer.home.equity("dividend", "receipts", number, file).stdout
    assert "line 2" in text
    assert "not the amount that was ordered / 金额与付款指令不一致" in text
    assert "nothing is burned: 2 lines disagree" in text
    assert f"outstanding 待付: {fund['reference']}" in text


def test_receipts__money_that_came_back__is_told_and_exits_1(payer: Payer) -> None:
    number, (fund, abroad) = payer.paid()
    sums = [(order["reference"], cny(order["amount"])) for order in (fund, abroad)]
    file = payer.table([(name, f"-{fen}") for name, fen in sums] + [sums[0]])
    found = payer.told(number, file, code=1)
    assert [(each["reference"], each["fate"]) for each in found["returned"]] == [(fund["reference"], "due_again")]
    assert (found["burned"], [each["party"] for each in found["outstanding"]]) == (abroad["amount"], [FUND])
    text = payer.home.equity("dividend", "receipts", number, file).stdout
    assert "came back 退回" in text
    told = payer.home.equity("bank", "reconcile", file, "--days", 3).stdout
    assert "1 payment came back before it was burned" in told


def test_payment_file__money_that_is_frozen__is_held_and_named(payer: Payer) -> None:
    number, _ = payer.paid()
    bench = payer.bench
    bank.freeze(bench.desk, bench.request(next(KEYS)), bench.desk.book(FUND), True)
    made = payer.home.equity_json("dividend", "payment-file", number, payer.folder / "held.csv")
    assert [(each["party"], each["held"]) for each in made["held"]] == [(FUND, "money_frozen")]
    assert len(made["orders"]) == 1
    text = payer.home.equity("dividend", "payment-file", number, payer.folder / "held too.csv").stdout
    assert "1 order of" in text
    assert "the money is frozen by order / 资金已被依令冻结" in text
    bank.freeze(bench.desk, bench.request(next(KEYS)), bench.desk.book(FUND), False)


def test_payment_file__of_what_is_paid__is_none_and_an_older_one_is_never_taken_for_it(payer: Payer) -> None:
    number, orders = payer.paid()
    older, fresh = payer.folder / f"orders-{number}.csv", payer.folder / "fresh.csv"
    kept = older.read_bytes()
    again = error_of(payer.home.equity("dividend", "payment-file", number, older, "--json"), 65)
    assert (again["code"], again["value"], older.read_bytes()) == ("file_exists", str(older), kept)
    payer.told(number, payer.batch(orders), code=0)
    done = payer.home.equity_json("dividend", "payment-file", number, fresh)
    assert (done["file"], done["orders"], done["burned"], fresh.exists()) == (None, [], 2, False)
    assert "all paid" in payer.home.equity("dividend", "payment-file", number, fresh).stdout


def test_payment_file__before_the_holders_are_known_or_paid__says_what_comes_first(payer: Payer) -> None:
    bench, file = payer.bench, payer.folder / "early.csv"
    number = bench.declared(next(KEYS))
    early = error_of(payer.home.equity("dividend", "payment-file", number, file, "--json"), 1)
    assert (early["code"], f"`equity dividend fix {number}`" in early["message"]) == ("DistributionStateForbids", True)
    bench.later(3 * DAY)
    dividend_pay.fix(bench.desk, number)
    assert f"`equity dividend pay {number}`" in payer.home.equity("dividend", "payment-file", number, file).stdout
    assert not file.exists()


def test_receipts__lines_of_other_dividends__are_counted_by_theirs(payer: Payer) -> None:
    (first, orders), (second, _) = payer.paid(), payer.paid()
    file = payer.table([(order["reference"], f"-{cny(order['amount'])}") for order in orders])
    found = payer.told(second, file, code=0)
    assert (found["elsewhere"], found["matched"]) == ([{"dividend": first, "lines": 2}], [])
    text = payer.home.equity("dividend", "receipts", second, file).stdout
    assert f"2 lines name dividend {first}" in text
    assert f"`equity dividend receipts {first}" in text


def test_receipts__an_order_that_is_written_almost_right__in_camt_burns_nothing(payer: Payer) -> None:
    number, (fund, abroad) = payer.paid()
    file = payer.batch([fund | {"reference": f"dv{number} - p12"}, abroad])
    found = payer.told(number, file, code=1)
    assert [(each["code"], each["reference"]) for each in found["wrong"]] == [
        ("reference_malformed", f"dv{number} - p12")
    ]
    assert found["burned"] == 0
    assert f"entry 1: dv{number} - p12" in payer.home.equity("dividend", "receipts", number, file).stdout


def test_table__with_the_accounts_of_the_orders__is_burned_and_reconciles(payer: Payer) -> None:
    number, orders = payer.paid()
    rows = [f"{payer.day()},-{cny(o['amount'])},CNY,{o['reference']},{o['account']},\n" for o in orders]
    head = "date,amount,currency,reference,account,text\n"
    wrong = payer.written("bank.csv", (head + rows[0].replace("P12", "P13").replace("-P13", "-P12")).encode())
    found = payer.told(number, wrong, "--preview", code=1)
    assert [(each["code"], each["field"]) for each in found["wrong"]] == [("account_differs", "account")]
    file = payer.written("bank.csv", (head + "".join(rows)).encode())
    assert len(payer.told(number, file, code=0)["matched"]) == 2
    compared = payer.home.equity_json("bank", "reconcile", file)
    assert (compared["clean"], compared["matched"]) == (True, 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document>&x;</Document>', "document_type"),
        (b"<Document>", "malformed_xml"),
        (b"", "empty_file"),
        ((HEAD + "2027-07-10,-1.00,EUR,DV1-P12,\n").encode(), "foreign_currency"),
        ((HEAD + "2027-07-10,-1.00,CNY,DV1-P12,\n" * 2).encode(), "duplicate_reference"),
        ((HEAD + "2027-07-10,-1.005,CNY,DV1-P12,\n").encode(), "too_many_decimals"),
    ],
)
def test_receipts__a_file_that_is_no_statement__exit_65_and_send_nothing(
    payer: Payer, content: bytes, code: str
) -> None:
    file, head = payer.written("bad", content), payer.bench.desk.node.head()
    error = error_of(payer.home.equity("dividend", "receipts", 1, file, "--json"), 65)
    assert (error["code"], payer.bench.desk.node.head()) == (code, head)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((99, "bank.csv"), "dividend_unknown"),
        (("x", "bank.csv"), "dividend_malformed"),
        ((1, "nothing.csv"), "file"),
        ((1, "bank.csv", "--account", "4400"), "other_account"),
    ],
)
def test_receipts__what_cannot_be_meant__exit_65(payer: Payer, arguments: tuple[object, ...], code: str) -> None:
    payer.table([])
    number, name, *more = arguments
    file = payer.folder / str(name)
    assert error_of(payer.home.equity("dividend", "receipts", number, file, *more, "--json"), 65)["code"] == code
