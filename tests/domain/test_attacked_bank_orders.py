"""What a bank, or a person at its counter, makes of an order's reference; days that contradict each other."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from registry.domain.bank_orders import Fate, Rule
from registry.domain.ids import Day
from tests.domain.test_bank_orders import AMOUNT, DUE, PAID, TODAY, back, burn, due, judged, mint, paid

TYPED = [
    "ＤＶ１－Ｐ１２",
    "DV1—P12",
    "dv1–p12",
    "DV1_P12",
    "DV1 P12",
    "DV1P12",
    "DV-1-P12",
    "/DV1/P12",
    " DV1-P12",
    "DV1-P12 ",
    "DV001 - P12",
]


@pytest.mark.parametrize("reference", TYPED)
def test_payment__under_what_somebody_typed__is_told_and_not_passed_over(reference: str) -> None:
    found = judged([paid(reference=reference)])
    assert [(each.rule, each.value) for each in found.wrong] == [(Rule.REFERENCE, reference)]
    assert (found.matched, len(found.outstanding)) == ((), 1)


@pytest.mark.parametrize("reference", TYPED)
def test_return__under_what_somebody_typed__keeps_its_payment_from_being_burned(reference: str) -> None:
    found = judged([paid(1), replace(paid(2, reference), amount_fen=AMOUNT)])
    assert [(each.line.number, each.rule) for each in found.wrong] == [(2, Rule.REFERENCE)]


@pytest.mark.parametrize(
    "reference", ["DV11-P12", "DV2-P12", "DV10P12", "ＤＶ１１-P12", "DV1234", "ADV1-P12", "DV1X-P12"]
)
def test_payment__of_another_dividend_or_of_none__is_passed_over(reference: str) -> None:
    found = judged([paid(reference=reference)])
    assert (found.wrong, found.matched, len(found.outstanding)) == ((), (), 1)


def test_return__booked_before_a_payment__is_not_its_return() -> None:
    """The return is of a payment in an earlier statement; the one that is here was made since, and stands."""
    early = replace(back(1), day=Day(PAID - 3))
    found = judged([early, paid(2)])
    assert [each.line.number for each in found.matched] == [2]
    assert [(each.fate, each.is_open) for each in found.returned] == [(Fate.REPAID, False)]
    assert (found.wrong, found.outstanding) == ((), ())


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_payment_return_and_payment__in_whichever_order__leave_the_last(order: tuple[int, ...]) -> None:
    """Many banks write the newest line first."""
    first, second = paid(day=PAID), paid(day=PAID + 2)
    lines = [replace(line, number=n) for n, line in zip(order, (first, back(), second), strict=True)]
    found = judged(lines)
    assert [each.line.day for each in found.matched] == [PAID + 2]
    assert [each.fate for each in found.returned] == [Fate.REPAID]


def test_lines__of_one_order_in_thousands__are_judged_in_one_sitting() -> None:
    others = [paid(n, f"DV2-P{n}") for n in range(1, 10_001)]
    burned = due(13, movement=burn("DV1-P13", 13))
    found = judged([*others, paid(10_001), paid(10_002, "DV1-P13")], due(), burned)
    assert ([each.due.party for each in found.matched], [each.due.party for each in found.before]) == ([12], [13])


@pytest.mark.parametrize("day", [DUE, TODAY])
def test_day__first_and_last_that_a_payment_may_be_booked__is_matched(day: Day) -> None:
    assert [each.line.day for each in judged([paid(day=day)]).matched] == [day]


def test_payment__booked_on_the_day_of_its_burn__is_no_second_one() -> None:
    found = judged([paid(day=PAID)], due(movement=burn(day=PAID)))
    assert (len(found.before), found.wrong) == (1, ())


def test_return__on_the_day_of_its_payment__is_its_return() -> None:
    found = judged([paid(1, day=PAID + 1), back(2)])
    assert ([each.fate for each in found.returned], found.matched) == ([Fate.DUE], ())


def test_returns__two_with_their_payments_the_newest_first__settle_all_but_the_third() -> None:
    """Each takes the payment before it, though the file has them the other way round."""
    again = replace(back(2, reference="R8"), day=Day(PAID + 4))
    found = judged([paid(1, day=PAID + 5), again, paid(3, day=PAID + 2), back(4), paid(5, day=PAID)])
    assert [each.line.day for each in found.matched] == [PAID + 5]
    assert [each.fate for each in found.returned] == [Fate.REPAID, Fate.REPAID]


def test_return__in_a_table_of_a_first_payment__leaves_the_second_as_the_one_burned() -> None:
    same = back(2, reference="DV1-P12")
    found = judged([paid(1), same, paid(3, day=PAID + 2)], due(movement=burn()))
    assert ([each.line.number for each in found.before], found.wrong) == ([3], ())
    assert [each.fate for each in found.returned] == [Fate.REPAID]


def test_return__minted_with_another_amount__is_owed_still() -> None:
    found = judged([back()], due(movement=burn()), moved=(mint("R7", amount=AMOUNT - 1),))
    assert [each.fate for each in found.returned] == [Fate.BURNED]
