"""Bank against chain: each difference is found, named once, and carries its money; order never matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.acts.shares import reference
from registry.domain.days import from_date
from registry.domain.ids import Address, Day, Hash32
from registry.domain.reconcile import Difference, Kind, Line, Movement, Pair, Reconciliation, concerning, reconcile

MONDAY = from_date(date(2026, 1, 5))
DAYS = 3
ALICE, BO = Address(b"\xa1" * 20), Address(b"\xb0" * 20)
LONG = "存管银行流水号二零二六年一月五日第十七笔"
# What shows itself as money; the other kinds leave the sums alone.
OF_MONEY = {Kind.NOT_ON_CHAIN, Kind.NOT_IN_STATEMENT, Kind.TWICE, Kind.DIRECTION, Kind.AMOUNT}


def line(fen: int = 10_000, ref: str = "R1", *, number: int = 2, account: Address | None = ALICE, day: int = 0) -> Line:
    return Line(number, Day(MONDAY + day), fen, "CNY", ref, account, "")


def movement(fen: int = 10_000, ref: str = "R1", *, account: Address = ALICE, day: int = 0, block: int = 7) -> Movement:
    tx = Hash32(reference(f"{ref} in {block}"))
    return Movement(fen > 0, account, abs(fen), reference(ref), Day(MONDAY + day), tx, block)


def compared(lines: list[Line], movements: list[Movement]) -> Reconciliation:
    return reconcile(lines, movements, reference, DAYS)


# -- each difference by itself


@pytest.mark.parametrize(
    ("lines", "movements", "expected"),
    [
        ([line()], [], Difference(Kind.NOT_ON_CHAIN, line(), None, 10_000)),
        ([line(-500)], [], Difference(Kind.NOT_ON_CHAIN, line(-500), None, -500)),
        ([], [movement()], Difference(Kind.NOT_IN_STATEMENT, None, movement(), -10_000)),
        ([], [movement(-500)], Difference(Kind.NOT_IN_STATEMENT, None, movement(-500), 500)),
        ([line(9_999)], [movement()], Difference(Kind.AMOUNT, line(9_999), movement(), -1)),
        ([line(-700)], [movement(-500)], Difference(Kind.AMOUNT, line(-700), movement(-500), -200)),
        ([line(-500)], [movement(500)], Difference(Kind.DIRECTION, line(-500), movement(500), -1_000)),
        ([line(500)], [movement(-300)], Difference(Kind.DIRECTION, line(500), movement(-300), 800)),
        ([line(account=BO)], [movement()], Difference(Kind.ACCOUNT, line(account=BO), movement(), 0)),
        ([line(day=-4)], [movement()], Difference(Kind.DAY, line(day=-4), movement(), 0)),
        ([line(day=4)], [movement()], Difference(Kind.DAY, line(day=4), movement(), 0)),
        (
            [line(), line(300, number=5)],
            [movement()],
            Difference(Kind.TWICE, line(300, number=5), None, 300),
        ),
        (
            [line()],
            [movement(), movement(300, block=9)],
            Difference(Kind.TWICE, None, movement(300, block=9), -300),
        ),
    ],
)
def test_reconcile__one_fault__is_one_difference_with_its_line_or_transaction(
    lines: list[Line], movements: list[Movement], expected: Difference
) -> None:
    found = compared(lines, movements)
    assert found.differences == (expected,)
    assert not found.is_clean
    assert found.net == expected.gap_fen
    assert found.difference == abs(expected.gap_fen)


def test_reconcile__everything_wrong_with_one_pair__is_told_one_by_one() -> None:
    found = compared([line(1, account=BO, day=9)], [movement(2)])
    assert [difference.kind for difference in found.differences] == [Kind.AMOUNT, Kind.ACCOUNT, Kind.DAY]
    assert found.matched == ()


def test_reconcile__faults_that_cancel_out__still_show_in_the_difference() -> None:
    found = compared([line(100, "A"), line(200, "B", number=3)], [movement(200, "A"), movement(100, "B")])
    assert found.net == 0
    assert found.difference == 200


def test_reconcile__reference_used_again_on_chain_without_a_line__is_told_as_both() -> None:
    found = compared([], [movement(block=9), movement(-5, block=8)])
    assert [(d.kind, d.gap_fen) for d in found.differences] == [(Kind.NOT_IN_STATEMENT, 5), (Kind.TWICE, -10_000)]


# -- what agrees


@pytest.mark.parametrize("ref", ["R1", "0", "R" * 31, "R" * 32, "R" * 140, "流水号十七", LONG])
def test_reconcile__reference_short_or_hashed__is_found(ref: str) -> None:
    found = compared([line(ref=ref)], [movement(ref=ref)])
    assert found.matched == (Pair(line(ref=ref), movement(ref=ref)),)
    assert found.is_clean


@pytest.mark.parametrize(("ref", "other"), [("R1", "r1"), ("R1", "R1 "), ("R" * 31, "R" * 32), ("R1", "Ｒ１")])
def test_reconcile__reference_that_only_resembles__is_another(ref: str, other: str) -> None:
    kinds = {difference.kind for difference in compared([line(ref=ref)], [movement(ref=other)]).differences}
    assert kinds == {Kind.NOT_ON_CHAIN, Kind.NOT_IN_STATEMENT}


@pytest.mark.parametrize("day", [-3, 0, 3])
def test_reconcile__days_within_the_bound_and_no_account_named__agree(day: int) -> None:
    assert compared([line(account=None, day=day)], [movement()]).is_clean


def test_reconcile__nothing_on_either_side__is_clean() -> None:
    assert compared([], []) == Reconciliation((), (), 0, 0, 0, 0)


def test_reconcile__sums__are_of_everything_given() -> None:
    found = compared([line(100), line(-30, "R2"), line(7, "R3")], [movement(100), movement(-30, "R2")])
    assert (found.deposits, found.withdrawals, found.mints, found.burns) == (107, 30, 100, 30)
    assert (found.net, found.difference) == (7, 7)


def test_concerning__statement_of_a_week__answers_for_its_days_and_its_references() -> None:
    named, early, late = movement(day=8), movement(ref="R2", day=-1), movement(ref="R3", day=7)
    inside = [movement(ref="R4", day=0), movement(ref="R5", day=6)]
    chosen = concerning([line()], [named, early, *inside, late], MONDAY, Day(MONDAY + 6), reference)
    assert chosen == [named, *inside]


def test_kinds__all_of_them__are_told_in_both_languages() -> None:
    assert all(kind.text_en and kind.text_zh for kind in Kind)
    assert len({kind.text_zh for kind in Kind}) == len(Kind)


# -- any books

FEN = st.integers(1, 2**64 - 1)
ACCOUNTS = st.sampled_from([ALICE, BO])
REFERENCES = st.text("AB1流水", min_size=1, max_size=45)
LINES = st.builds(
    line,
    st.one_of(FEN, FEN.map(lambda fen: -fen)),
    REFERENCES,
    number=st.integers(1, 30),
    account=st.one_of(st.none(), ACCOUNTS),
    day=st.integers(-9, 9),
)
MOVEMENTS = st.builds(
    movement,
    st.one_of(FEN, FEN.map(lambda fen: -fen)),
    REFERENCES,
    account=ACCOUNTS,
    day=st.integers(-9, 9),
    block=st.integers(1, 5),
)


@st.composite
def any_side(draw: st.DrawFn) -> tuple[list[Line], list[Movement]]:
    """Lines and movements that partly share their references, also several times."""
    lines = draw(st.lists(LINES, max_size=8))
    movements = draw(st.lists(MOVEMENTS, max_size=8))
    for shared in draw(st.lists(st.sampled_from(lines), max_size=4)) if lines else []:
        movements.append(draw(st.sampled_from([movement(shared.amount_fen, shared.reference), movement(5, "B")])))
    return lines, movements


@st.composite
def equal_books(draw: st.DrawFn) -> tuple[list[Line], list[Movement]]:
    """Books that agree in everything, with at least one line."""
    references = draw(st.lists(REFERENCES, unique=True, min_size=1, max_size=8))
    lines, movements = [], []
    for number, ref in enumerate(references, start=2):
        found = replace(draw(LINES), number=number, reference=ref)
        account = found.account or draw(ACCOUNTS)
        shift = found.day - MONDAY + draw(st.integers(-DAYS, DAYS))
        lines.append(found)
        movements.append(movement(found.amount_fen, ref, account=account, day=shift, block=number))
    return lines, movements


def doubled(found: Line, _: Movement) -> Line:
    return replace(found, amount_fen=found.amount_fen * 2)


def turned(found: Line, _: Movement) -> Line:
    return replace(found, amount_fen=-found.amount_fen)


def readdressed(found: Line, moved: Movement) -> Line:
    return replace(found, account=BO if moved.account == ALICE else ALICE)


def redated(found: Line, moved: Movement) -> Line:
    return replace(found, day=Day(moved.day + DAYS + 1))


ALTERATIONS: list[tuple[Callable[[Line, Movement], Line], Kind]] = [
    (doubled, Kind.AMOUNT),
    (turned, Kind.DIRECTION),
    (readdressed, Kind.ACCOUNT),
    (redated, Kind.DAY),
]


@given(books=equal_books())
def test_reconcile__equal_books__match_line_by_line(books: tuple[list[Line], list[Movement]]) -> None:
    lines, movements = books
    found = compared(lines, movements)
    assert found.is_clean
    assert found.matched == tuple(Pair(*both) for both in zip(lines, movements, strict=True))
    assert found.net == found.difference == 0
    assert (found.deposits, found.withdrawals) == (found.mints, found.burns)


@given(books=equal_books(), data=st.data())
def test_reconcile__a_single_altered_line__gives_exactly_one_difference(
    books: tuple[list[Line], list[Movement]], data: st.DataObject
) -> None:
    lines, movements = books
    at = data.draw(st.integers(0, len(lines) - 1))
    alter, kind = data.draw(st.sampled_from(ALTERATIONS))
    altered = alter(lines[at], movements[at])
    found = compared([*lines[:at], altered, *lines[at + 1 :]], movements)
    assert [(d.kind, d.line, d.movement) for d in found.differences] == [(kind, altered, movements[at])]
    assert found.net == altered.amount_fen - lines[at].amount_fen
    assert bool(found.difference) == (kind in OF_MONEY)
    assert len(found.matched) == len(lines) - 1


@given(books=equal_books(), data=st.data())
def test_reconcile__a_single_line_or_movement_lost__gives_exactly_one_difference(
    books: tuple[list[Line], list[Movement]], data: st.DataObject
) -> None:
    lines, movements = books
    at = data.draw(st.integers(0, len(lines) - 1))
    gap = lines[at].amount_fen
    lost_line = compared(lines[:at] + lines[at + 1 :], movements)
    assert lost_line.differences == (Difference(Kind.NOT_IN_STATEMENT, None, movements[at], -gap),)
    lost_movement = compared(lines, movements[:at] + movements[at + 1 :])
    assert lost_movement.differences == (Difference(Kind.NOT_ON_CHAIN, lines[at], None, gap),)
    again = replace(lines[at], number=99)
    assert compared([*lines, again], movements).differences == (Difference(Kind.TWICE, again, None, gap),)


@settings(max_examples=300)
@given(books=any_side(), data=st.data())
def test_reconcile__any_permutation__gives_the_same(
    books: tuple[list[Line], list[Movement]], data: st.DataObject
) -> None:
    lines, movements = books
    shuffled = compared(data.draw(st.permutations(lines)), data.draw(st.permutations(movements)))
    assert shuffled == compared(lines, movements)


@settings(max_examples=300)
@given(books=any_side())
def test_reconcile__any_books__add_up_and_leave_nothing_out(books: tuple[list[Line], list[Movement]]) -> None:
    lines, movements = books
    found = compared(lines, movements)
    assert found.deposits - found.withdrawals == sum(item.amount_fen for item in lines)
    assert found.mints - found.burns == sum(item.signed_fen for item in movements)
    assert found.net == sum(d.gap_fen for d in found.differences)
    assert (found.difference == 0) == all(d.kind not in OF_MONEY for d in found.differences)
    told_lines = {d.line for d in found.differences if d.line} | {pair.line for pair in found.matched}
    told_movements = {d.movement for d in found.differences if d.movement} | {pair.movement for pair in found.matched}
    assert told_lines == set(lines)
    assert told_movements == set(movements)
