"""What a bank did with orders of ours, as its statement says it: payments, batches of them, money that came back."""

from __future__ import annotations

import pytest

from registry.domain.reconcile import Line
from registry.errors import InputError
from registry.interchange.statements import read_statement
from tests.support.camt import amount, detail, entry, message, statement

ORDER, OTHER = "DV1-P12", "DV1-P13"
RETURNED = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>"


def lines(*entries: str, closing: str) -> tuple[Line, ...]:
    return read_statement(message(statement(*entries, opening="1000", closing=closing)), "june.xml").lines


def refused(data: bytes, name: str = "june.xml") -> InputError:
    with pytest.raises(InputError) as caught:
        read_statement(data, name)
    return caught.value


def payment(text: str = "100.00", reference: str = "R1", order: str = ORDER, **more: str) -> str:
    return entry(text, reference, sign="DBIT", details=detail(order=order), **more)


def test_payment__of_an_order__has_the_orders_reference() -> None:
    (line,) = lines(payment(), closing="900")
    assert (line.reference, line.amount_fen, line.returns) == (ORDER, -100_00, "")


def test_batch__of_orders__is_a_line_each_with_its_own_amount() -> None:
    details = "<Btch><NbOfTxs>3</NbOfTxs></Btch>" + "".join(
        detail(order=order, reference=own, money=amount(text))
        for order, own, text in [(ORDER, "", "60"), (OTHER, "T2", "39.99"), ("E", "T3", "0.01")]
    )
    found = lines(entry("100", "B1", sign="DBIT", details=details), closing="900")
    assert [(line.reference, line.amount_fen) for line in found] == [
        (ORDER, -60_00),
        (OTHER, -39_99),
        ("T3", -1),
    ]


def test_batch__of_orders_that_does_not_add_up__is_refused() -> None:
    details = "".join(detail(order=order, money=amount(text)) for order, text in [(ORDER, "60"), (OTHER, "39.99")])
    whole = message(statement(entry("100", "B1", sign="DBIT", details=details), opening="100", closing="0"))
    assert refused(whole).code == "batch_differs"


def test_batch__without_its_payments__is_one_line_of_the_banks() -> None:
    (line,) = lines(entry("100", "B1", sign="DBIT", details="<Btch><NbOfTxs>2</NbOfTxs></Btch>"), closing="900")
    assert line.reference == "B1"


ALMOST = ["dv1-p12", "DV01-P12", "DV1-P012", "DV1-P12x", "DV1-P", "DV 1 - P 12", "ＤＶ１－Ｐ１２", '"DV1-P12"']


@pytest.mark.parametrize("order", [*ALMOST, "NOTPROVIDED", "DVD", "P12"])
def test_payment__under_what_is_no_orders_reference__keeps_the_banks_own_beside_it(order: str) -> None:
    (line,) = lines(payment(order=order), closing="900")
    assert (line.reference, line.order) == ("R1", order if order in ALMOST else "")


def test_payment__under_almost_an_order_and_without_a_reference_of_the_bank__has_that() -> None:
    (line,) = lines(payment(reference="", order="dv1-p12"), closing="900")
    assert (line.reference, line.order) == ("dv1-p12", "dv1-p12")


def test_return__of_almost_an_order__says_which_and_a_deposit_that_is_none_does_not() -> None:
    back = entry("100", "R7", details=detail(order="dv1-p12", reason="AC04"))
    paid_in = entry("1", "R8", details=detail(order="dv1-p12"))
    taken_back = entry("1", "R9", sign="DBIT", reversal="true", details=detail(order="dv1-p12"))
    found = lines(back, paid_in, taken_back, closing="1100")
    assert [(line.reference, line.order, line.returns) for line in found] == [
        ("R7", "dv1-p12", ""),
        ("R8", "", ""),
        ("R9", "", ""),
    ]


def test_deposit__that_calls_itself_an_order__is_a_deposit() -> None:
    (line,) = lines(entry("0.01", "R9", details=detail(order=ORDER)), closing="1000.01")
    assert (line.reference, line.returns) == ("R9", "")


def test_deposit__taken_back_from_us__is_no_payment_of_ours() -> None:
    paid_in = entry("114.80", "R1", details=detail(order=ORDER))
    by_flag = entry("114.80", "R2", sign="DBIT", reversal="true", details=detail(order=ORDER))
    by_reason = entry("5", "R3", sign="DBIT", details=detail(order=ORDER, reason="FOCR"))
    assert [line.reference for line in lines(paid_in, by_flag, by_reason, closing="995")] == ["R1", "R2", "R3"]


@pytest.mark.parametrize(
    ("back", "reason"),
    [
        (entry("100", "R7", details=detail(order=ORDER, reason="AC04")), "AC04 closed 销户"),
        (entry("100", "R7", reversal="true", details=detail(order=ORDER)), ""),
        (entry("100", "R7", details=detail(order=ORDER)).replace("<NtryDtls>", f"{RETURNED}<NtryDtls>"), ""),
        (entry("100", "R7", details=detail(order=ORDER)).replace("</TxDtls>", f"{RETURNED}</TxDtls>"), ""),
    ],
    ids=["reason", "flag", "code", "code of the detail"],
)
def test_return__by_reason_flag_or_code__names_the_order_and_keeps_the_banks_reference(back: str, reason: str) -> None:
    paid, returned = lines(payment(), back, closing="1000")
    assert (paid.reference, paid.returns) == (ORDER, "")
    assert (returned.reference, returned.returns, returned.reason) == ("R7", ORDER, reason)
    assert returned.amount_fen == 100_00


def test_return__and_a_second_payment__are_read_with_both() -> None:
    back = entry("100", "R7", details=detail(order=ORDER, reason="AC04"))
    found = lines(payment(), back, payment(reference="R8"), closing="900")
    assert [line.reference for line in found] == [ORDER, "R7", ORDER]


def test_payment__twice_without_a_return__is_refused() -> None:
    twice = message(statement(payment(), payment(reference="R2"), opening="200", closing="0"))
    assert (refused(twice).code, refused(twice).object) == ("duplicate_reference", "june.xml, entry 2")
    back = entry("100", "R7", details=detail(order=ORDER, reason="AC04"))
    thrice = message(statement(*[payment(reference=f"R{n}") for n in range(3)], back, opening="300", closing="100"))
    assert refused(thrice).object == "june.xml, entry 3"


def test_table__payment_and_its_return__have_the_same_reference() -> None:
    head = "date,amount,currency,reference,text\n"
    rows = [f"2027-07-10,-100.00,CNY,{ORDER},分红", f"2027-07-11,100.00,CNY,{ORDER},账户已销户"]
    paid, back = read_statement((head + "\n".join(rows)).encode(), "june.csv").lines
    assert (paid.returns, back.returns, back.reason) == ("", ORDER, "账户已销户")
    again = head + "\n".join([*rows, rows[0]])
    assert len(read_statement(again.encode(), "june.csv").lines) == 3
    assert refused((head + "\n".join([rows[0], rows[0]])).encode(), "june.csv").code == "duplicate_reference"
    assert refused((head + "\n".join([*rows, rows[1]])).encode(), "june.csv").object == "june.csv, line 4"
    euros = head + rows[0].replace("CNY", "EUR")
    assert refused(euros.encode(), "june.csv").code == "foreign_currency"
