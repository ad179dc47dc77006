"""Orders and receipts of the bank under attack: money ordered twice, frozen in between, hostile names, processes that
die or run at the same time."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry.acts import bank, dividend_bank, identity
from registry.acts.shares import reference
from registry.chain.anvil import Anvil
from registry.chain.raise_logs import bank_movements
from registry.directory import Dossier
from registry.domain.bank_orders import Rule
from registry.domain.ids import PartyId
from registry.domain.raise_args import BankLine
from registry.errors import RejectedError
from registry.interchange.payments import as_csv
from registry.interchange.statements import read_statement
from tests.acts.test_dividend_bank import Counter, cny, payments, total
from tests.acts.test_raise_crash import all_at_once, killed
from tests.support.dividend_bench import ABROAD, ALICE, FUND, DividendBench
from tests.support.registry_home import Home, desk_of, furnished

KEYS = (f"attack {n}" for n in itertools.count())
MORE = 203


@pytest.fixture(scope="module")
def counter(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with desk_of(furnished(tmp_path_factory.mktemp("attacked") / "home", module_anvil)) as desk:
        yield Counter(DividendBench(desk).furnish())


def held(counter: Counter, number: int) -> dict[PartyId, Rule | None]:
    """Of each party whether its order is held, and why."""
    found = dividend_bank.orders_of(counter.bench.desk, number)
    return {PartyId(int(order.account[1:])): None for order in found.orders} | {
        due.party: due.hindrance for due in found.held
    }


def test_dividends__that_wait_on_one_account__are_ordered_as_far_as_its_money_goes(counter: Counter) -> None:
    """A holder spent what the first dividend left: what is there is ordered once, not under each dividend."""
    bench, book = counter.bench, counter.bench.desk.book(FUND)
    first, orders = counter.paid()
    second, _ = counter.paid()
    third, _ = counter.paid()
    due = orders[0].amount
    assert (held(counter, first), held(counter, third)) == ({FUND: None, ABROAD: None},) * 2
    bank.burn(bench.desk, bench.request(next(KEYS)), [BankLine(book, due + 1, reference(next(KEYS)))])
    assert held(counter, first) == {FUND: None, ABROAD: None}
    assert held(counter, second) == held(counter, third) == {FUND: Rule.MISSING, ABROAD: None}
    counter.burn(counter.read(first, counter.table([(orders[0].reference, -due)])))
    assert held(counter, second) == {FUND: Rule.MISSING, ABROAD: None}
    bank.mint(bench.desk, bench.request(next(KEYS)), [BankLine(book, 1, reference(next(KEYS)))])
    assert (held(counter, second)[FUND], held(counter, third)[FUND]) == (None, Rule.MISSING)
    # The chain burns whatever the bank has paid, whichever dividend it was for.
    found = counter.read(third, counter.table(payments((replace(orders[0], reference=f"DV{third}-P{FUND}"),))))
    assert [each.due.party for each in found.matched] == [FUND]
    counter.burn(found)
    assert held(counter, second)[FUND] is Rule.MISSING
    bank.mint(bench.desk, bench.request(next(KEYS)), [BankLine(book, 2 * due, reference(next(KEYS)))])


def test_wallet__closed_or_opened_since__does_not_change_where_a_dividend_went(counter: Counter) -> None:
    """Paid to the wallet, it is no money of the book account, whatever else lies there; and the other way round."""
    bench, desk = counter.bench, counter.bench.desk
    wallet, book = desk.account("alice"), desk.book(ALICE)
    bank.mint(desk, bench.request(next(KEYS)), [BankLine(book, 1_000_00, reference(next(KEYS)))])
    to_wallet, _ = counter.paid()
    identity.close_wallet(desk, bench.request(next(KEYS)), wallet, True)
    to_book, _ = counter.paid()
    for is_closed in (True, False):
        identity.close_wallet(desk, bench.request(next(KEYS)), wallet, is_closed)
        assert ALICE not in held(counter, to_wallet)
        assert held(counter, to_book)[ALICE] is None
        wrong = counter.read(to_wallet, counter.table([(f"DV{to_wallet}-P{ALICE}", -5)])).wrong
        assert [each.rule for each in wrong] == [Rule.PARTY]


def test_account__frozen_between_preview_and_burn__is_refused_and_nothing_is_burned(counter: Counter) -> None:
    number, orders = counter.paid()
    desk, bench = counter.bench.desk, counter.bench
    found = counter.read(number, counter.table(payments(orders)))
    assert len(found.matched) == 2
    bank.freeze(desk, bench.request(next(KEYS)), desk.book(ABROAD), True)
    supply = desk.raises.supply()
    with pytest.raises(RejectedError) as refused:
        counter.burn(found)
    assert (refused.value.code, desk.raises.supply()) == ("MoneyFrozen", supply)
    bank.freeze(desk, bench.request(next(KEYS)), desk.book(ABROAD), False)
    assert len(counter.burn(found)) == 1


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2020-01-01"])
def test_payment__booked_before_the_dividend_was_paid__is_told_and_not_burned(counter: Counter, day: str) -> None:
    number, orders = counter.paid()
    rows = [f"{day},-{cny(order.amount)},CNY,{order.reference}," for order in orders]
    table = "\n".join(["date,amount,currency,reference,text", *rows])
    found = counter.read(number, read_statement(table.encode(), "bank.csv"))
    assert [(each.rule, each.value, each.right) for each in found.wrong] == [(Rule.EARLY, day, counter.day())] * 2
    assert found.matched == ()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("前海　基金\u200b", "前海 基金"),
        ("\u202eexe.slx", "exe.slx"),
        ("a\nb,c", '"a b,c"'),
        ("Ann 🐉" + "n" * 390, "Ann 🐉" + "n" * 135),
        ("\u2066\u0007", f"party {FUND}"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ],
)
def test_name__that_no_bank_takes__keeps_nobody_unpaid(counter: Counter, name: str, written: str) -> None:
    number, _ = counter.paid()
    counter.bench.desk.directory.put(FUND, Dossier(name))
    orders = dividend_bank.orders_of(counter.bench.desk, number).orders
    assert f",P{FUND},{written}," in as_csv(orders).decode()
    assert len(orders) == 2


def test_receipts__of_processes_that_die_and_of_two_files_at_once__burn_each_order_once(
    home: Home, tmp_path: Path
) -> None:
    chance = random.Random(os.environ.get("SEED", "1"))
    with desk_of(home) as desk:
        counter = Counter(DividendBench(desk).furnish(more=MORE))
        number, orders = counter.paid()
        supply = desk.raises.supply()
        counter.bench.later(86_400)
        head = "date,amount,currency,reference,text\n"
        rows = [
            f"{counter.day(-(n % 2))},-{cny(order.amount)},CNY,{order.reference},\n" for n, order in enumerate(orders)
        ]
        files = {name: tmp_path / f"{name}.csv" for name in ("half", "whole")}
        files["half"].write_text(head + "".join(rows[50:150]))
        files["whole"].write_text(head + "".join(rows))
        killed(home, chance, "dividend", "receipts", number, files["whole"])
        killed(home, chance, "dividend", "receipts", number, files["half"])
        all_at_once(home, "dividend", "receipts", number, files["whole"])
        assert desk.raises.supply() == supply - total(orders)
        names = {reference(order.reference) for order in orders}
        burned = [each for each in bank_movements(desk.node, desk.deployment) if each.reference in names]
        assert (len(burned), {each.is_mint for each in burned}) == (len(orders), {False})
        assert counter.read(number, counter.table(payments(orders))).outstanding == ()
