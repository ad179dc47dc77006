"""What the bank paid of a dividend, by its statement, on a real chain: burned once, or nothing at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from registry.acts import bank, dividend_bank, dividend_pay
from registry.acts.operations import Done
from registry.acts.shares import reference
from registry.chain.anvil import Anvil
from registry.domain.bank_orders import Due, Fate, Receipts, Rule
from registry.domain.days import to_date
from registry.domain.ids import Day, Hash32, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.reconcile import Kind
from registry.errors import InputError, RejectedError
from registry.interchange.payments import Order
from registry.interchange.statements import Statement, read_statement
from tests.support.camt import amount, detail, entry, message, statement
from tests.support.dividend_bench import ABROAD, FUND, ISSUER, DividendBench
from tests.support.registry_home import Home, desk_of, furnished

PAPER = Hash32(b"\xba" * 32)
KEYS = (f"paid out {n}" for n in itertools.count())
MORE = 203
Table = list[tuple[str, int]]


def cny(fen: int) -> str:
    return f"{abs(fen) // 100}.{abs(fen) % 100:02}"


@dataclass
class Counter:
    """The bank's side of a company that pays dividends."""

    bench: DividendBench

    def paid(self) -> tuple[int, tuple[Order, ...]]:
        """A new dividend whose parts lie on book accounts, and the orders for the bank."""
        desk = self.bench.desk
        number = self.bench.fixed(next(KEYS))
        dividend_pay.pay(desk, number)
        return number, dividend_bank.orders_of(desk, number).orders

    def day(self, later: int = 0) -> str:
        return to_date(Day(self.bench.desk.today() + later)).isoformat()

    def table(self, rows: Table, later: int = 0) -> Statement:
        """By reference and signed amount, all of today or so many days later."""
        head = "date,amount,currency,reference,text"
        lines = [f"{self.day(later)},{'-' if fen < 0 else ''}{cny(fen)},CNY,{name}," for name, fen in rows]
        return read_statement("\n".join([head, *lines]).encode(), "bank.csv")

    def camt(self, *entries: str, spent: int) -> Statement:
        """Of the account 4400, which all its entries together leave empty."""
        return read_statement(message(statement(*entries, opening=cny(spent), closing="0.00")), "bank.xml")

    def booked(self) -> str:
        return f"<BookgDt><Dt>{self.day()}</Dt></BookgDt>"

    def batch(self, orders: tuple[Order, ...], own: str) -> str:
        """One debit for all orders, each with its amount."""
        parts = "".join(detail(order=order.reference, money=amount(cny(order.amount))) for order in orders)
        details = f"<Btch><NbOfTxs>{len(orders)}</NbOfTxs></Btch>{parts}"
        return entry(cny(total(orders)), own, sign="DBIT", booked=self.booked(), details=details)

    def back(self, order: Order, own: str) -> str:
        return entry(cny(order.amount), own, booked=self.booked(), details=detail(order=order.reference, reason="AC04"))

    def read(self, number: int, read: Statement, account: str = "") -> Receipts:
        return dividend_bank.read_receipts(self.bench.desk, number, read, account)

    def burn(self, found: Receipts, count: int | None = None) -> tuple[Done, ...]:
        """Of the first parties only, if there is a `count`: a run that died."""
        by_party = sorted(found.matched, key=lambda each: each.due.party)
        return dividend_bank.burn_receipts(self.bench.desk, PAPER, by_party[:count]).acts


def total(orders: tuple[Order, ...]) -> int:
    return sum(order.amount for order in orders)


def payments(orders: tuple[Order, ...]) -> Table:
    return [(order.reference, -order.amount) for order in orders]


@pytest.fixture(scope="module")
def counter(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with desk_of(furnished(tmp_path_factory.mktemp("bank") / "home", module_anvil)) as desk:
        yield Counter(DividendBench(desk).furnish())


def parties(dues: tuple[Due, ...]) -> list[PartyId]:
    return [due.party for due in dues]


# --- refused: nothing is matched, or nothing is sent


def test_amount__that_differs__is_told_with_both_and_the_rest_is_outstanding(counter: Counter) -> None:
    number, (fund, abroad) = counter.paid()
    found = counter.read(number, counter.table([(fund.reference, -fund.amount + 1), *payments((abroad,))]))
    assert [(each.rule, each.value, each.right) for each in found.wrong] == [
        (Rule.AMOUNT, str(fund.amount - 1), str(fund.amount))
    ]
    assert [each.due.party for each in found.matched] == [ABROAD]
    assert parties(found.outstanding) == [FUND]


def test_party__to_whom_nothing_is_due__is_told(counter: Counter) -> None:
    number, _ = counter.paid()
    in_a_wallet, unknown = f"DV{number}-P10", f"DV{number}-P4000000000"
    found = counter.read(number, counter.table([(in_a_wallet, -5), (unknown, -5), ("DV999-P12", -5)]))
    assert [(each.line.reference, each.rule) for each in found.wrong] == [
        (in_a_wallet, Rule.PARTY),
        (unknown, Rule.PARTY),
    ]


def test_statement__of_another_account_or_currency__is_refused(counter: Counter) -> None:
    number, orders = counter.paid()
    mine = counter.camt(counter.batch(orders, "B1"), spent=total(orders))
    assert len(counter.read(number, mine, "4400").matched) == 2
    for other in (mine, counter.table(payments(orders))):
        with pytest.raises(InputError) as refused:
            counter.read(number, other, "4401")
        assert (refused.value.code, refused.value.field) == ("other_account", "account")
    with pytest.raises(InputError) as refused:
        counter.read(number, Statement(None, "USD", None, None, ()))
    assert refused.value.code == "currency"
    with pytest.raises(InputError) as refused:
        counter.read(999, mine)
    assert refused.value.code == "dividend_unknown"


def test_money__frozen_or_gone__is_neither_ordered_nor_burned(counter: Counter) -> None:
    number, orders = counter.paid()
    bench, book = counter.bench, counter.bench.desk.book(FUND)
    lies = bench.balance(FUND)
    bank.freeze(bench.desk, bench.request(next(KEYS)), book, True)
    held = dividend_bank.orders_of(bench.desk, number)
    assert [order.account for order in held.orders] == [f"P{ABROAD}"]
    assert [(due.party, due.hindrance) for due in held.held] == [(FUND, Rule.FROZEN)]
    found = counter.read(number, counter.table(payments(orders)))
    assert [(each.line.reference, each.rule) for each in found.wrong] == [(orders[0].reference, Rule.FROZEN)]
    bank.freeze(bench.desk, bench.request(next(KEYS)), book, False)
    spent = lies - orders[0].amount + 1
    bank.burn(bench.desk, bench.request(next(KEYS)), [BankLine(book, spent, reference(f"spent {number}"))])
    assert [due.hindrance for due in dividend_bank.orders_of(bench.desk, number).held] == [Rule.MISSING]
    found = counter.read(number, counter.table(payments(orders)))
    assert [(each.rule, each.right) for each in found.wrong] == [(Rule.MISSING, str(orders[0].amount - 1))]
    bank.mint(bench.desk, bench.request(next(KEYS)), [BankLine(book, spent, reference(f"back {number}"))])


def test_money__that_stands_still__is_refused_before_anything_is_sent(counter: Counter) -> None:
    number, orders = counter.paid()
    bench = counter.bench
    found = counter.read(number, counter.table(payments(orders)))
    bank.stop(bench.desk, bench.request(next(KEYS)), True)
    head = bench.desk.node.head()
    with pytest.raises(RejectedError) as refused:
        counter.burn(found)
    assert (refused.value.code, bench.desk.node.head()) == ("MoneyIsStopped", head)
    bank.stop(bench.desk, bench.request(next(KEYS)), False)
    assert len(counter.burn(found)) == 1


# --- burned


def test_batch__of_all_orders__is_burned_once_and_agrees_with_the_chain(counter: Counter) -> None:
    number, orders = counter.paid()
    desk = counter.bench.desk
    supply = desk.raises.supply()
    read = counter.camt(counter.batch(orders, f"B{number}"), spent=total(orders))
    found = counter.read(number, read)
    assert {each.due.reference for each in found.matched} == {order.reference for order in orders}
    assert desk.raises.supply() == supply
    (done,) = counter.burn(found)
    assert desk.raises.supply() == supply - total(orders)
    assert counter.burn(found) == (done,)
    again = counter.read(number, read)
    assert (again.matched, again.wrong, again.outstanding, len(again.before)) == ((), (), (), 2)
    compared = bank.reconcile(desk, read)
    named = {pair.line.reference for pair in compared.result.matched}
    assert named == {order.reference for order in orders}
    assert [each for each in compared.result.differences if each.line is not None] == []


def test_statements__that_overlap__burn_what_the_first_did_not(counter: Counter) -> None:
    number, (fund, abroad) = counter.paid()
    counter.burn(counter.read(number, counter.table(payments((fund,)))))
    found = counter.read(number, counter.table(payments((abroad, fund))))
    assert [each.due.party for each in found.matched] == [ABROAD]
    assert [each.due.party for each in found.before] == [FUND]
    counter.burn(found)
    assert counter.read(number, counter.table(payments((abroad, fund)))).matched == ()


def test_days__of_booking__are_acts_of_their_own_with_that_date(counter: Counter) -> None:
    number, orders = counter.paid()
    desk, head = counter.bench.desk, "date,amount,currency,reference,text\n"
    counter.bench.later(86_400)
    rows = [f"{counter.day(-n)},-{cny(o.amount)},CNY,{o.reference},\n" for n, o in enumerate(orders)]
    done = counter.burn(counter.read(number, read_statement((head + "".join(rows)).encode(), "bank.csv")))
    begun = [desk.outbox.get(each.operation) for each in done]
    dates = [int.from_bytes(each.calldata[36:68], "big") for each in begun if each is not None]
    assert dates == [desk.today() - 1, desk.today()]


def test_day__that_has_not_come__is_told(counter: Counter) -> None:
    number, orders = counter.paid()
    found = counter.read(number, counter.table(payments(orders), later=1))
    assert [each.rule for each in found.wrong] == [Rule.AHEAD, Rule.AHEAD]


def test_payment__booked_again_after_its_burn__is_told_as_the_second(counter: Counter) -> None:
    number, orders = counter.paid()
    counter.burn(counter.read(number, counter.table(payments(orders))))
    counter.bench.later(2 * 86_400)
    found = counter.read(number, counter.table(payments(orders)))
    assert [each.rule for each in found.wrong] == [Rule.AGAIN, Rule.AGAIN]


# --- money that came back


def test_return__in_the_same_statement__is_never_burned_and_cancels_out(counter: Counter) -> None:
    number, (fund, abroad) = counter.paid()
    batch, back = counter.batch((fund, abroad), f"B{number}"), counter.back(fund, f"R{number}")
    read = counter.camt(batch, back, spent=abroad.amount)
    found = counter.read(number, read)
    assert [each.due.party for each in found.matched] == [ABROAD]
    assert [(each.due.party, each.fate) for each in found.returned] == [(FUND, Fate.DUE)]
    assert parties(found.outstanding) == [FUND]
    counter.burn(found)
    compared = bank.reconcile(counter.bench.desk, read)
    assert (compared.returned, [d for d in compared.result.differences if d.line]) == (1, [])
    assert dividend_bank.orders_of(counter.bench.desk, number).orders == (fund,)
    again = counter.camt(batch, back, counter.batch((fund,), f"C{number}"), spent=total((fund, abroad)))
    found = counter.read(number, again)
    assert ([each.due.party for each in found.matched], [each.fate for each in found.returned]) == (
        [FUND],
        [Fate.REPAID],
    )
    counter.burn(found)
    assert [d for d in bank.reconcile(counter.bench.desk, again).result.differences if d.line] == []


def test_return__after_the_burn__differs_until_it_is_minted_again(counter: Counter) -> None:
    number, (fund, abroad) = counter.paid()
    bench = counter.bench
    counter.burn(counter.read(number, counter.table(payments((fund, abroad)))))
    own = f"R{number}"
    read = counter.camt(counter.batch((fund, abroad), f"B{number}"), counter.back(fund, own), spent=abroad.amount)
    assert [each.fate for each in counter.read(number, read).returned] == [Fate.BURNED]
    differences = [d for d in bank.reconcile(bench.desk, read).result.differences if d.line]
    assert [(d.kind, d.gap_fen) for d in differences] == [(Kind.NOT_ON_CHAIN, fund.amount)]
    line = BankLine(bench.desk.book(FUND), fund.amount, reference(own))
    bank.mint(bench.desk, bench.request(next(KEYS)), [line])
    assert [each.fate for each in counter.read(number, read).returned] == [Fate.MINTED]
    assert [d for d in bank.reconcile(bench.desk, read).result.differences if d.line] == []


def test_deposit__under_an_orders_name__neither_returns_it_nor_keeps_it_from_being_burned(counter: Counter) -> None:
    number, orders = counter.paid()
    forged = entry("0.01", f"F{number}", booked=counter.booked(), details=detail(order=orders[0].reference))
    found = counter.read(number, counter.camt(counter.batch(orders, "B"), forged, spent=total(orders) - 1))
    assert (len(found.matched), found.returned, found.wrong) == (2, (), ())


# --- pages


def test_pages__of_more_than_one_act__go_on_where_they_stopped(home: Home) -> None:
    with desk_of(home) as desk:
        counter = Counter(DividendBench(desk).furnish(more=MORE))
        number, orders = counter.paid()
        read = counter.camt(counter.batch(orders, "B1"), spent=total(orders))
        found = counter.read(number, read)
        assert len(found.matched) == len(orders) == MORE + 2
        (first,) = counter.burn(found, bank.MOST_LINES)
        seen: list[tuple[int, int]] = []
        done = dividend_bank.burn_receipts(desk, PAPER, found.matched, lambda _, d, t: seen.append((d, t))).acts
        assert (done[0], len(done)) == (first, 2)
        assert counter.read(number, read).matched == ()
        assert seen == [(0, 205), (200, 205), (205, 205)]
        assert bank.reconcile(desk, read).result.burns == total(orders)
        lies = desk.raises.cash_of([desk.book(PartyId(20 + each)) for each in range(MORE)])
        assert sum(each.balance for each in lies) == 0
        assert counter.bench.balance(ISSUER) > 0
