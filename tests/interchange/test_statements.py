"""A bank statement as a table: lines to the fen, or one InputError that names line, field, value and rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.days import from_date
from registry.errors import InputError
from registry.interchange.statements import Line, Statement, read_statement
from registry.interchange.statements.fields import MOST_BYTES

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "statements"
ACCOUNT = "0x" + "ab" * 20
HEADER = "date,amount,currency,reference,account,text"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def row(amount: str = "100.00", reference: str = "R1", **other: str) -> str:
    cells = {"day": "2026-01-05", "currency": "CNY", "account": ACCOUNT, "text": "first", **other}
    return f"{cells['day']},{amount},{cells['currency']},{reference},{cells['account']},{cells['text']}"


def outcome(data: bytes) -> Statement | InputError:
    try:
        return read_statement(data, "january.csv")
    except InputError as error:
        return error


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_statement(data, "january.csv")
    return caught.value


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "missing_field"),
        ("NaN", "malformed_amount"),
        ("inf", "malformed_amount"),
        ("1e5", "malformed_amount"),
        ("0x10", "malformed_amount"),
        ("1_000", "malformed_amount"),
        ('"1,000.00"', "malformed_amount"),
        ("1 000.00", "malformed_amount"),
        ("1.000,00", "wrong_number_of_cells"),
        ("１００.００", "malformed_amount"),
        ("¥100.00", "malformed_amount"),
        ("(100.00)", "malformed_amount"),
        ("--1", "malformed_amount"),
        (".50", "malformed_amount"),
        ("5.", "malformed_amount"),
        ("9" * 21, "malformed_amount"),
        ("1.005", "too_many_decimals"),
        ("1.000", "too_many_decimals"),
        ("0", "zero_amount"),
        ("-0", "zero_amount"),
        ("-0.00", "zero_amount"),
        ("184467440737095516.16", "amount_too_large"),
    ],
)
def test_table__amount_that_is_none__is_refused_with_its_line(amount: str, code: str) -> None:
    error = refused(table(row(reference="R0"), row(amount)))
    assert (error.code, error.object) == (code, "january.csv, line 3")
    assert error.message.startswith("january.csv, line 3: ")
    if code != "wrong_number_of_cells":
        assert (error.field, error.value) == ("amount", amount.strip('"'))


@pytest.mark.parametrize(
    ("line", "code", "field", "value"),
    [
        (row(day=""), "missing_field", "date", ""),
        (row(day="2026-02-29"), "malformed_date", "date", "2026-02-29"),
        (row(day="20260105"), "malformed_date", "date", "20260105"),
        (row(day="2026-W02-1"), "malformed_date", "date", "2026-W02-1"),
        (row(day="２０２６-01-05"), "malformed_date", "date", "２０２６-01-05"),
        (row(day="05/01/2026"), "malformed_date", "date", "05/01/2026"),
        (row(currency=""), "missing_field", "currency", ""),
        (row(currency="USD"), "foreign_currency", "currency", "USD"),
        (row(currency="cny"), "foreign_currency", "currency", "cny"),
        (row(reference=""), "missing_field", "reference", ""),
        (row(reference="R\u202e1"), "malformed_text", "reference", "R\ufffd1"),
        (row(reference="R\u20281"), "malformed_text", "reference", "R\ufffd1"),
        (row(account="0x12"), "malformed_address", "account", "0x12"),
        (row(account="12"), "malformed_address", "account", "12"),
        (row(account="P0"), "malformed_address", "account", "P0"),
        (row(account="P4294967296"), "malformed_address", "account", "P4294967296"),
        (row(account="ab" * 21), "malformed_address", "account", "ab" * 21),
        (row(account="0x" + "zz" * 20), "malformed_address", "account", "0x" + "zz" * 20),
    ],
)
def test_table__field_that_is_wrong__is_refused_with_field_and_value(
    line: str, code: str, field: str, value: str
) -> None:
    error = refused(table(line))
    assert (error.code, error.object, error.field, error.value) == (code, "january.csv, line 2", field, value)


def test_table__reference_longer_than_a_bank_writes__is_refused() -> None:
    assert refused(table(row(reference="R" * 141))).code == "malformed_text"
    assert len(read_statement(table(row(reference="R" * 140)), "s").lines) == 1


def test_table__reference_twice__names_both_lines() -> None:
    error = refused(table(row(), row(reference="R2"), "", row("5")))
    assert (error.code, error.object, error.value) == ("duplicate_reference", "january.csv, line 5", "R1")
    assert "line 2 already" in error.message


@pytest.mark.parametrize(
    ("header", "code", "value"),
    [
        ("date,amount,currency,text", "missing_column", "reference"),
        ("date,amount,reference,text", "missing_column", "currency"),
        ("date,amount,currency,reference", "missing_column", "text"),
        ("date,amount,currency,reference,acount,text", "unknown_column", "acount"),
        ("date,amount,currency,reference,text,", "unknown_column", ""),
        ("date,amount,currency,reference,text,日期", "duplicate_column", "日期"),
        ("2026-01-05,100.00,CNY,R1,,first", "unknown_column", "2026-01-05"),
        (HEADER.replace(",", ";"), "unknown_column", HEADER.replace(",", ";")),
    ],
)
def test_header__column_missing_unknown_or_twice__is_refused(header: str, code: str, value: str) -> None:
    error = refused(table(header=header))
    assert (error.code, error.object, error.field, error.value) == (code, "january.csv, line 1", "header", value)


@pytest.mark.parametrize("line", [row() + ",", "2026-01-05,100.00,CNY,R1", ",,"])
def test_table__row_of_another_width__is_refused(line: str) -> None:
    assert refused(table(line)).code == "wrong_number_of_cells"


@pytest.mark.parametrize("line", ['2026-01-05,1,CNY,R1,,"open', '2026-01-05,1,CNY,R1,,"a"b', '"'])
def test_table__quotes_that_do_not_fit__are_refused_where_they_stand(line: str) -> None:
    error = refused(table(line, row()))
    assert (error.code, error.object) == ("malformed_line", "january.csv, line 2")


@pytest.mark.parametrize("data", [b"", b" \n\r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", "\u3000\n".encode()])
def test_file__with_nothing_in_it__is_refused(data: bytes) -> None:
    assert refused(data).code == "empty_file"


@pytest.mark.parametrize(
    "data",
    [
        table(row()) + b"\xff\xfe",
        table(row()).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + table(row(text="存管")).decode().encode("gb18030"),
        table(row(text="存管")) + b"\xe5",
    ],
)
def test_file__broken_encoding__is_refused(data: bytes) -> None:
    assert refused(data).code == "broken_encoding"


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b[31m", "\x7f", "\x0b"])
def test_file__control_character__is_refused_with_its_line(control: str) -> None:
    error = refused(table(row(), row(reference="R2", text=f"a{control}b")))
    assert (error.code, error.object) == ("control_character", "january.csv, line 3")


@pytest.mark.parametrize("filler", ["x", ",", '"', "9", "存"])
def test_file__line_of_ten_megabytes__is_refused_and_not_repeated(filler: str) -> None:
    error = refused(table(row(text=filler * (10 * 1024 * 1024 // len(filler.encode())))))
    assert (error.code, error.object) == ("line_too_long", "january.csv, line 2")
    assert len(error.message) + len(error.value) < 1_000


def test_file__beyond_the_limit__is_refused_unread() -> None:
    assert refused(b"x" * (MOST_BYTES + 1)).code == "file_too_large"


def test_table__every_field__is_read_exactly() -> None:
    statement = read_statement(table(row(), row("-30.5", "R2", account="", text='"两期, 第一"')), "january.csv")
    day = from_date(date(2026, 1, 5))
    assert statement.lines == (
        Line(2, day, 10_000, "CNY", "R1", bytes.fromhex(ACCOUNT[2:]), "first"),  # type: ignore[arg-type]
        Line(3, day, -3_050, "CNY", "R2", None, "两期, 第一"),
    )
    assert (statement.account, statement.currency, statement.opening, statement.closing) == (None, "CNY", None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("header", ["日期,金额,币种,流水号,账户,摘要", HEADER, HEADER.title()])
def test_table__encodings_line_ends_and_headers__read_alike(encoding: str, end: str, header: str) -> None:
    text = table(row(text="林若溪　认购款"), row("+2", "R2", text="㐀\u2028䶮"), header=header).decode()
    statement = read_statement(text.replace("\n", end).encode(encoding), "s.csv")
    assert [(line.number, line.amount_fen) for line in statement.lines] == [(2, 10_000), (3, 200)]
    assert statement.lines[0].text.split() == ["林若溪", "认购款"]
    assert statement.lines[1].text == "㐀 䶮"


def test_table__columns_in_any_order_and_no_account__are_read() -> None:
    data = table("first , R1,\tCNY,1.5,2026-01-05", header="text,reference,currency,amount,date")
    (line,) = read_statement(data, "s.csv").lines
    assert (line.amount_fen, line.reference, line.account, line.text) == (150, "R1", None, "first")


def test_table__header_only__is_a_statement_without_lines() -> None:
    assert read_statement(table(), "s.csv").lines == ()


def test_table__text_too_long_or_invisible__is_cut_and_made_visible() -> None:
    (line,) = read_statement(table(row(text="a\u202eb" + "x" * 2_000)), "s.csv").lines
    assert line.text.startswith("a\ufffdbxx")
    assert len(line.text) == 1_001
    assert line.text.endswith("…")


def test_table__largest_amount__is_that_of_the_chain() -> None:
    (line,) = read_statement(table(row("184467440737095516.15")), "s.csv").lines
    assert line.amount_fen == 2**64 - 1


def test_examples__table_and_camt053__tell_the_same() -> None:
    csv, xml = (read_statement((EXAMPLES / name).read_bytes(), name) for name in ("2026-01.csv", "2026-01.camt053.xml"))
    assert [(x.day, x.amount_fen, x.currency, x.reference, x.account) for x in csv.lines] == [
        (x.day, x.amount_fen, x.currency, x.reference, x.account) for x in xml.lines
    ]
    assert all(x.text.startswith(c.text) for c, x in zip(csv.lines, xml.lines, strict=True))
    assert [line.amount_fen > 0 for line in csv.lines] == [True, True, True, False]
    assert (xml.opening, xml.closing) == (0, sum(line.amount_fen for line in csv.lines))


@given(fen=st.integers(-(2**64) + 1, 2**64 - 1).filter(bool))
def test_table__any_amount_in_fen__is_read_back(fen: int) -> None:
    whole, decimals = divmod(abs(fen), 100)
    (line,) = read_statement(table(row(f"{'-' if fen < 0 else ''}{whole}.{decimals:02}")), "s.csv").lines
    assert line.amount_fen == fen


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(table)))
def test_file__anything__is_a_statement_or_an_input_error(data: bytes) -> None:
    found = outcome(data)
    if isinstance(found, InputError):
        assert found.code
        assert found.message.startswith("january.csv")
        assert found.message.isprintable()
    else:
        assert all(line.amount_fen and line.reference for line in found.lines)
