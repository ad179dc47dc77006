"""A bank's statement against the orders of a dividend: each line judged once, money that came back never burned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.bank_orders import Due, Fate, Receipts, Rule, compare, is_order_reference, order_reference
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.raise_words import Cash
from registry.domain.reconcile import Line, Movement

TODAY = Day(20_000)
PAID = Day(19_990)
DUE = Day(19_980)
AMOUNT = 114_80


def named(reference: str) -> Hash32:
    return Hash32(reference.encode().ljust(32, b"\0"))


def account(party: int) -> Address:
    return Address(party.to_bytes(20, "big"))


def burn(reference: str = "DV1-P12", party: int = 12, amount: int = AMOUNT, day: int = TODAY) -> Movement:
    return Movement(False, account(party), amount, named(reference), Day(day), Hash32(b"\1" * 32), 7)


def mint(reference: str, party: int = 12, amount: int = AMOUNT) -> Movement:
    return replace(burn(reference, party, amount), is_mint=True)


def due(party: int = 12, amount: int = AMOUNT, movement: Movement | None = None, cash: Cash | None = None) -> Due:
    lies = Cash(balance=amount) if cash is None else cash
    return Due(order_reference(1, PartyId(party)), PartyId(party), account(party), amount, DUE, lies, movement)


def paid(number: int = 1, reference: str = "DV1-P12", amount: int = AMOUNT, day: int = PAID) -> Line:
    return Line(number, Day(day), -amount, "CNY", reference, None, "")


def back(number: int = 2, order: str = "DV1-P12", amount: int = AMOUNT, reference: str = "R7") -> Line:
    return Line(number, Day(PAID + 1), amount, "CNY", reference, None, "", order, "AC04")


def judged(lines: list[Line], *dues: Due, moved: tuple[Movement, ...] = ()) -> Receipts:
    movements = {each.reference: each for each in (*moved, *(d.movement for d in dues if d.movement))}
    return compare(1, dues or (due(),), lines, movements, named, TODAY)


@pytest.mark.parametrize(
    ("line", "owed", "rule", "field", "right"),
    [
        (paid(reference="DV1-P012"), due(), Rule.REFERENCE, "reference", ""),
        (paid(reference="dv1-p12"), due(), Rule.REFERENCE, "reference", ""),
        (paid(reference="DV01-P12"), due(), Rule.REFERENCE, "reference", ""),
        (paid(reference="DV1-P13"), due(), Rule.PARTY, "reference", ""),
        (paid(amount=AMOUNT - 1), due(), Rule.AMOUNT, "amount", str(AMOUNT)),
        (paid(amount=AMOUNT + 1), due(movement=burn()), Rule.AMOUNT, "amount", str(AMOUNT)),
        (replace(paid(), account=account(13)), due(), Rule.ACCOUNT, "account", "0x" + account(12).hex()),
        (paid(day=TODAY + 1), due(), Rule.AHEAD, "date", "2024-10-04"),
        (paid(day=DUE - 1), due(), Rule.EARLY, "date", "2024-09-14"),
        (paid(), due(movement=burn(amount=1)), Rule.CHAIN, "amount", "1"),
        (paid(), due(movement=burn(party=13)), Rule.CHAIN, "amount", str(AMOUNT)),
        (paid(), due(movement=mint("DV1-P12")), Rule.CHAIN, "amount", str(-AMOUNT)),
        (paid(), due(movement=burn(day=PAID - 1)), Rule.AGAIN, "date", "2024-09-23"),
        (paid(), due(cash=Cash(balance=AMOUNT, is_frozen=True)), Rule.FROZEN, "amount", str(AMOUNT)),
        (paid(), due(cash=Cash(balance=AMOUNT - 1)), Rule.MISSING, "amount", str(AMOUNT - 1)),
    ],
)
def test_line__that_disagrees__is_told_with_field_value_and_rule(
    line: Line, owed: Due, rule: Rule, field: str, right: str
) -> None:
    found = judged([line], owed)
    (wrong,) = found.wrong
    assert (wrong.line, wrong.rule, wrong.field, wrong.right) == (line, rule, field, right)
    assert wrong.value
    assert (found.matched, found.before, found.returned) == ((), (), ())
    assert bool(found.outstanding) == (owed.movement is None)
    assert rule.text_en
    assert rule.text_zh


def test_lines__of_two_parties_and_of_others__are_matched_and_passed_over() -> None:
    others = [paid(3, "DV2-P12"), paid(4, "R-77"), paid(5, "DV11-P12"), replace(paid(6, "DV1-P99"), amount_fen=5)]
    dues = (due(12), due(13), due(14), due(15, movement=burn("DV1-P15", 15)))
    found = judged([paid(2), paid(1, "DV1-P13"), paid(7, "DV1-P15"), *others], *dues)
    assert [each.due.party for each in found.matched] == [13, 12]
    assert [each.due.party for each in found.before] == [15]
    assert [each.party for each in found.outstanding] == [14]
    assert (found.wrong, found.returned) == ((), ())


def test_lines__that_name_orders_of_other_dividends__are_counted_by_theirs() -> None:
    named = replace(paid(4, "R-1"), order="dv2-p13")
    deposit = replace(paid(6, "DV3-P12"), amount_fen=5)
    found = judged([paid(1), paid(2, "DV2-P12"), paid(3, "R-77"), named, back(5, "DV7-P12"), deposit])
    assert (len(found.matched), found.elsewhere, found.wrong) == (1, ((2, 2), (7, 1)), ())


@pytest.mark.parametrize("order", ["dv1-p12", "DV01-P12", "ＤＶ１－Ｐ１２"])
def test_line__whose_order_is_almost_one_of_ours__disagrees_under_the_banks_reference(order: str) -> None:
    for line in (replace(paid(reference="R1"), order=order), replace(back(order=""), order=order)):
        (wrong,) = judged([line]).wrong
        assert (wrong.rule, wrong.field, wrong.value, wrong.line) == (Rule.REFERENCE, "reference", order, line)


def test_payment__twice__is_matched_once() -> None:
    found = judged([paid(1), paid(2)])
    assert [each.line.number for each in found.matched] == [1]
    assert [(each.line.number, each.rule) for each in found.wrong] == [(2, Rule.AGAIN)]


# --- money that came back


def test_return__of_a_payment_in_the_same_statement__burns_nothing() -> None:
    found = judged([paid(), back()])
    assert [(each.line.reference, each.fate, each.is_open) for each in found.returned] == [("R7", Fate.DUE, True)]
    assert (found.matched, found.wrong, len(found.outstanding)) == ((), (), 1)


def test_return__and_paid_again__burns_the_second_payment() -> None:
    found = judged([paid(1), back(2), paid(3)])
    assert [each.line.number for each in found.matched] == [3]
    assert [(each.fate, each.is_open) for each in found.returned] == [(Fate.REPAID, False)]
    again = judged([paid(1), back(2), paid(3)], due(movement=burn()))
    assert ([each.line.number for each in again.before], again.wrong) == ([3], ())
    assert [each.fate for each in again.returned] == [Fate.REPAID]


def test_return__after_the_burn__is_owed_until_it_is_minted() -> None:
    burned = due(movement=burn())
    for lines in ([back()], [paid(), back()]):
        found = judged(lines, burned)
        assert [(each.fate, each.is_open) for each in found.returned] == [(Fate.BURNED, True)]
        assert (found.matched, found.wrong, found.outstanding) == ((), (), ())
        cured = judged(lines, burned, moved=(mint("R7"),))
        assert [(each.fate, each.is_open) for each in cured.returned] == [(Fate.MINTED, False)]


def test_return__minted_without_a_burn__lets_its_payment_be_burned() -> None:
    found = judged([paid(), back()], moved=(mint("R7"),))
    assert [each.fate for each in found.returned] == [Fate.MINTED]
    assert [each.due.party for each in found.matched] == [12]


def test_return__without_its_payment__is_told_and_the_order_stays_due() -> None:
    found = judged([back()])
    assert [each.fate for each in found.returned] == [Fate.DUE]
    assert len(found.outstanding) == 1


@pytest.mark.parametrize("lines", [[back(amount=AMOUNT - 5_00)], [paid(), back(amount=AMOUNT - 5_00)]])
def test_return__of_another_amount__disagrees_and_nothing_matches(lines: list[Line]) -> None:
    found = judged(lines)
    assert [(each.rule, each.value, each.right) for each in found.wrong] == [
        (Rule.RETURN, str(AMOUNT - 5_00), str(AMOUNT))
    ]
    assert (found.matched, found.returned) == ((), ())


def test_return__of_a_party_to_whom_nothing_is_due__disagrees() -> None:
    assert [each.rule for each in judged([back(order="DV1-P13")]).wrong] == [Rule.PARTY]


def test_return__in_a_table_under_the_orders_own_reference__is_no_mint_of_it() -> None:
    same = back(reference="DV1-P12")
    assert [each.fate for each in judged([paid(), same]).returned] == [Fate.DUE]
    found = judged([paid(), same], due(movement=burn()))
    assert [each.fate for each in found.returned] == [Fate.BURNED]
    assert [each.line.number for each in found.before] == [1]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_statement__in_any_order__gives_the_same_and_burns_each_order_once(data: st.DataObject) -> None:
    kinds = st.sampled_from(["paid", "back", "off"])
    drawn = data.draw(st.lists(st.tuples(st.integers(12, 15), kinds), max_size=12))
    lines = []
    for own, (party, kind) in enumerate(drawn, start=1):
        # Two by two of one batch, with one number.
        number = own // 2
        order = order_reference(1, PartyId(party))
        made = {
            "paid": paid(number, order),
            "off": paid(number, order, AMOUNT + 1),
            "back": back(number, order, reference=f"R{own}"),
        }
        lines.append(made[kind])
    burned = data.draw(st.sets(st.integers(12, 14)))
    dues = [
        due(each, movement=burn(order_reference(1, PartyId(each)), each) if each in burned else None)
        for each in range(12, 15)
    ]
    found = judged(lines, *dues)
    assert judged(data.draw(st.permutations(lines)), *dues) == found
    matched = [each.due.reference for each in found.matched]
    assert len(set(matched)) == len(matched)
    assert not {each.due.party for each in found.matched} & burned
    for each in found.matched:
        payments = sum(line.reference == each.due.reference for line in lines)
        assert payments > sum(line.returns == each.due.reference for line in lines) or found.wrong
    assert {each.reference for each in found.outstanding} | set(matched) == {
        each.reference for each in dues if each.movement is None
    }
    told = [each.line for part in (found.matched, found.before, found.returned, found.wrong) for each in part]
    assert len({id(line) for line in told}) == len(told)


@pytest.mark.parametrize("text", ["DV1-P12", "DV4294967295-P4294967295"])
def test_reference__of_an_order__is_recognised_and_fits_the_chain(text: str) -> None:
    assert is_order_reference(text)
    assert len(text) <= 31
