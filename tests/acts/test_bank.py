"""The custodian bank's acts, and its statements compared with the chain to the fen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from registry.acts import bank, identity
from registry.acts.desk import Desk
from registry.acts.identity import Newcomer
from registry.acts.operations import Request
from registry.acts.shares import reference
from registry.directory import Dossier
from registry.domain.days import to_date
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.reconcile import Kind
from registry.errors import InputError, RejectedError
from registry.interchange.statements import Statement, read_statement

DOCUMENT = Hash32(b"\xd1" * 32)
LONG = "20260105-a-reference-of-the-bank-that-is-longer-than-a-word"


@pytest.fixture(scope="module")
def desk(module_desk: Desk) -> Desk:
    """With two parties and three deposits of today."""
    people = [Newcomer(Dossier(legal_name=name), category=3) for name in ("Ann", "Bo")]
    identity.onboard(module_desk, asked("onboard"), people)
    book = module_desk.book
    bank.mint(module_desk, asked("m1"), [line(book(PartyId(1)), 50_000_00, "R-1"), line(book(PartyId(2)), 1, LONG)])
    bank.burn(module_desk, asked("b1"), [line(book(PartyId(1)), 10_000_00, "R-2")])
    return module_desk


def asked(key: str) -> Request:
    return Request(key, DOCUMENT)


def line(account: Address, amount: int, ref: str) -> BankLine:
    return BankLine(account, amount, reference(ref))


def statement(desk: Desk, *rows: str, day: int = 0) -> Statement:
    """A table with the given lines `reference,amount`, of today or so many days later."""
    when = (to_date(desk.today()) + timedelta(days=day)).isoformat()
    text = "date,reference,amount,currency,account,text\n" + "".join(
        f"{when},{row.split(',')[0]},{row.split(',')[1]},CNY,,\n" for row in rows
    )
    return read_statement(text.encode(), "statement.csv")


GOOD = ("R-1,50000.00", f"{LONG},0.01", "R-2,-10000.00")


def test_mint__reference_used_before__is_refused_by_its_error(desk: Desk) -> None:
    supply = desk.raises.supply()
    with pytest.raises(RejectedError) as refused:
        bank.mint(desk, asked("m2"), [line(desk.book(PartyId(1)), 5, "R-1")])
    assert refused.value.code == "ReferenceUsed"
    assert desk.raises.supply() == supply == 40_000_01
    assert desk.raises.are_used([reference("R-1"), reference("R-9")]) == [True, False]


@pytest.mark.parametrize(
    ("refs", "amount", "code"),
    [([], 1, "too_many_entries"), (["A", "A"], 1, "reference_twice"), (["A"], 0, "amount"), (["A"], 2**64, "amount")],
)
def test_mint__lines_that_cannot_be__are_bad_input(desk: Desk, refs: list[str], amount: int, code: str) -> None:
    with pytest.raises(InputError) as refused:
        bank.mint(desk, asked("bad"), [line(desk.book(PartyId(1)), amount, ref) for ref in refs])
    assert refused.value.code == code


def test_mint__to_nobody_and_burn_of_a_wallet__are_refused(desk: Desk) -> None:
    stranger = Address(b"\x5e" * 20)
    for act, code in ((bank.mint, "AccountUnknown"), (bank.burn, "NotABookAccount")):
        with pytest.raises(RejectedError) as refused:
            act(desk, asked(f"nobody {code}"), [line(stranger, 5, "R-5")])
        assert refused.value.code == code


def test_mint__with_one_key_twice__is_one_deposit(desk: Desk) -> None:
    lines = [line(desk.book(PartyId(1)), 50_000_00, "R-1"), line(desk.book(PartyId(2)), 1, LONG)]
    assert bank.mint(desk, asked("m1"), lines).block < desk.node.head().number + 1
    assert desk.raises.supply() == 40_000_01


def test_freeze_and_stop__hold_money_until_lifted(desk: Desk) -> None:
    book = desk.book(PartyId(2))
    bank.freeze(desk, asked("freeze"), book, True)
    assert desk.raises.cash_of([book])[0].is_frozen
    with pytest.raises(RejectedError) as refused:
        bank.burn(desk, asked("b2"), [line(book, 1, "R-7")])
    assert refused.value.code == "MoneyFrozen"
    bank.freeze(desk, asked("free"), book, False)
    bank.stop(desk, asked("stop"), True)
    assert desk.raises.is_money_stopped()
    with pytest.raises(RejectedError) as refused:
        bank.burn(desk, asked("b3"), [line(book, 1, "R-7")])
    assert refused.value.code == "MoneyIsStopped"
    bank.stop(desk, asked("go on"), False, by_regulator=True)
    assert not desk.raises.is_money_stopped()


def test_reconcile__equal_books__differ_by_nothing(desk: Desk) -> None:
    compared = bank.reconcile(desk, statement(desk, *GOOD))
    result = compared.result
    assert result.is_clean
    assert (len(result.matched), result.difference, result.net) == (3, 0, 0)
    assert (result.deposits, result.withdrawals, result.mints, result.burns) == (
        50_000_01,
        10_000_00,
        50_000_01,
        10_000_00,
    )
    assert compared.first == compared.last == desk.today()


@pytest.mark.parametrize(
    ("rows", "kinds", "gap"),
    [
        (GOOD[:2], [Kind.NOT_IN_STATEMENT], 10_000_00),
        ((*GOOD, "R-9,0.02"), [Kind.NOT_ON_CHAIN], 2),
        (("R-1,49999.99", *GOOD[1:]), [Kind.AMOUNT], 1),
        ((*GOOD[:2], "R-2,10000.00"), [Kind.DIRECTION], 20_000_00),
    ],
)
def test_reconcile__one_line_differs__is_told_with_its_line_and_gap(
    desk: Desk, rows: tuple[str, ...], kinds: list[Kind], gap: int
) -> None:
    result = bank.reconcile(desk, statement(desk, *rows)).result
    assert [each.kind for each in result.differences] == kinds
    assert result.difference == gap


def test_reconcile__days_apart__pass_within_the_days_that_are_allowed(desk: Desk) -> None:
    later = statement(desk, *GOOD, day=2)
    assert {each.kind for each in bank.reconcile(desk, later, most_days=1).result.differences} == {Kind.DAY}
    assert bank.reconcile(desk, later, most_days=2).result.is_clean


def test_reconcile__a_period__answers_for_its_days_only(desk: Desk) -> None:
    empty = Statement(None, "CNY", None, None, ())
    with pytest.raises(InputError) as refused:
        bank.reconcile(desk, empty)
    assert refused.value.code == "period_missing"
    long_ago = Day(desk.today() - 40)
    assert bank.reconcile(desk, empty, long_ago, Day(long_ago + 5)).result.is_clean
    assert len(bank.reconcile(desk, empty, long_ago, desk.today()).result.differences) == 3
    with pytest.raises(InputError) as refused:
        bank.reconcile(desk, empty, desk.today(), long_ago)
    assert refused.value.code == "period"
    with pytest.raises(InputError) as refused:
        bank.reconcile(desk, Statement(None, "USD", None, None, ()), long_ago, long_ago)
    assert refused.value.code == "currency"
    assert date.fromisoformat(to_date(long_ago).isoformat())
