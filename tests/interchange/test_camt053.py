"""camt.053 as a bank may send it, and as nobody should: balances to the fen, batches, reversals, hostile XML."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.days import from_date
from registry.errors import InputError
from registry.interchange.statements import Statement, read_statement
from registry.interchange.statements.xml import MOST_TAGS
from tests.support.camt import amount, balance, detail, entry, message, statement

VERSIONS = [f"{number:02}" for number in range(2, 15)]
ACCOUNT = "0x" + "ab" * 20
OTHER = "0x" + "cd" * 20


def read(data: bytes) -> Statement:
    return read_statement(data, "january.xml")


def outcome(data: bytes) -> Statement | InputError:
    try:
        return read(data)
    except InputError as error:
        return error


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(data)
    assert caught.value.message.startswith("january.xml")
    assert caught.value.message.isprintable()
    return caught.value


# -- hostile XML


def test_xml__billion_laughs__is_refused_at_once() -> None:
    rounds = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    prolog = f'<!DOCTYPE Document [<!ENTITY l0 "lol">{rounds}]>'
    began = time.perf_counter()
    assert refused(message(statement(entry("&l29;")), prolog=prolog)).code == "document_type"
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file://{secret}">]>',
        '<!DOCTYPE Document SYSTEM "file://{secret}">',
        '<!DOCTYPE Document [<!ENTITY % x SYSTEM "file://{secret}"> %x;]>',
        "<!DOCTYPE Document>",
    ],
)
def test_xml__external_entity_or_any_document_type__is_refused(prolog: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("100.00")
    error = refused(message(statement(entry(note="&x;")), prolog=prolog.replace("{secret}", str(secret))))
    assert error.code == "document_type"


@pytest.mark.parametrize("depth", [300, 100_000])
def test_xml__nested_too_deeply__is_refused(depth: int) -> None:
    assert refused(message("<a>" * depth + "</a>" * depth)).code == "malformed_xml"


def test_xml__too_many_elements__is_refused_before_they_take_memory() -> None:
    assert refused(message("<a/>" * (MOST_TAGS + 1))).code == "too_many_elements"


def test_xml__text_of_ten_megabytes__is_refused_and_not_repeated() -> None:
    error = refused(message(statement(entry(note="x" * 11_000_000))))
    assert error.code == "malformed_xml"
    assert len(error.message) < 1_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<", "malformed_xml"),
        (b"<Document>", "malformed_xml"),
        (message(statement(entry(note="\x00"))), "malformed_xml"),
        (message(statement(entry(note="&undeclared;"))), "malformed_xml"),
        (message(statement(entry())) + b"<again/>", "malformed_xml"),
        (message().replace(b"M", b"\xff"), "broken_encoding"),
        (message(prolog='<?xml version="1.0" encoding="ISO-8859-1"?>'), "unknown_encoding"),
        (message(prolog='<?xml version="1.0" encoding="UTF-16"?>'), "unknown_encoding"),
        (b"\xef\xbb\xbf" + message(prolog='<?xml version="1.0" encoding="GB18030"?>'), "unknown_encoding"),
        (message().decode().encode("utf-16"), "broken_encoding"),
        (b"<Document/>", "wrong_root"),
        (b"<html><body/></html>", "wrong_root"),
        (message().replace(b"camt.053", b"camt.052"), "wrong_root"),
        (message(version="01"), "wrong_root"),
        (message(version="15"), "wrong_root"),
        (message(version="088"), "wrong_root"),
        (message().replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt"), "missing_element"),
        (message(), "missing_element"),
    ],
)
def test_xml__that_is_no_statement__is_refused_with_its_name(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_xml__comment_within_an_amount__does_not_cut_it_short() -> None:
    found = read(message(statement(entry("1<!-- -->00<?pi?>.00"), closing="100.00")))
    assert found.lines[0].amount_fen == 10_000
    assert refused(message(statement(entry("1<b/>00"), closing="1"))).code == "malformed_text"


def test_xml__in_gb18030_as_declared__is_read() -> None:
    text = message(statement(entry(note="存管"), closing="100"), prolog='<?xml version="1.0" encoding="GB18030"?>')
    assert read(text.decode().encode("gb18030")).lines[0].text == "存管"


# -- entries that are refused


@pytest.mark.parametrize(
    ("bad", "code", "field", "value"),
    [
        (entry("1.005"), "too_many_decimals", "Amt", "1.005"),
        (entry("NaN"), "malformed_amount", "Amt", "NaN"),
        (entry("1e5"), "malformed_amount", "Amt", "1e5"),
        (entry("1,000.00"), "malformed_amount", "Amt", "1,000.00"),
        (entry("１００"), "malformed_amount", "Amt", "１００"),
        (entry("-100.00"), "malformed_amount", "Amt", "-100.00"),
        (entry("-0"), "malformed_amount", "Amt", "-0"),
        (entry("0.00"), "zero_amount", "Amt", "0.00"),
        (entry(""), "missing_field", "Amt", ""),
        (entry("184467440737095516.16"), "amount_too_large", "Amt", "184467440737095516.16"),
        (entry(currency="EUR"), "foreign_currency", "Amt/@Ccy", "EUR"),
        (entry(currency=""), "missing_field", "Amt/@Ccy", ""),
        (entry(sign="BOTH"), "unknown_value", "CdtDbtInd", "BOTH"),
        (entry(sign=""), "unknown_value", "CdtDbtInd", ""),
        (entry(status="<Cd>DONE</Cd>"), "unknown_status", "Sts", "DONE"),
        (entry(status="<Prtry>BOOK</Prtry>"), "malformed_text", "Sts", ""),
        (entry(reversal="yes"), "unknown_value", "RvslInd", "yes"),
        (entry(booked=""), "missing_element", "BookgDt", ""),
        (entry(booked="<BookgDt/>"), "missing_element", "BookgDt/Dt", ""),
        (entry(booked="<BookgDt><Dt>2026-13-01</Dt></BookgDt>"), "malformed_date", "BookgDt/Dt", "2026-13-01"),
        (entry(booked="<BookgDt><DtTm>soon</DtTm></BookgDt>"), "malformed_date", "BookgDt/DtTm", "soon"),
        (entry(reference=""), "missing_field", "AcctSvcrRef", ""),
        (entry(reference="NOTPROVIDED"), "missing_field", "AcctSvcrRef", ""),
        (entry().replace("</Ntry>", f"{amount('1')}</Ntry>"), "repeated_element", "Amt", ""),
    ],
)  # fmt: skip
def test_entry__field_that_is_wrong__is_refused_with_its_ordinal(bad: str, code: str, field: str, value: str) -> None:
    error = refused(message(statement(entry(reference="R0"), bad)))
    assert (error.code, error.object, error.field, error.value) == (code, "january.xml, entry 2", field, value)


def test_entry__reference_twice__names_both_entries() -> None:
    error = refused(message(statement(entry(), entry(reference="R2"), entry("50"), closing="250")))
    assert (error.code, error.object, error.value) == ("duplicate_reference", "january.xml, entry 3", "R1")
    assert "entry 1 already" in error.message


def test_account__missing_or_in_another_currency__is_refused() -> None:
    assert refused(message(statement(account="<Acct/>"))).code == "missing_element"
    foreign = "<Acct><Id><IBAN>CN1</IBAN></Id><Ccy>USD</Ccy></Acct>"
    assert refused(message(statement(account=foreign))).code == "foreign_currency"


# -- balances


@pytest.mark.parametrize("closing", ["99.99", "100.01", "0.00", "200.00"])
def test_balance__that_entries_do_not_explain__is_refused(closing: str) -> None:
    error = refused(message(statement(entry(), closing=closing)))
    assert (error.code, error.field) == ("balance_differs", "Bal")


def test_balance__missing_or_twice__is_refused() -> None:
    whole = statement(entry(), closing="100")
    assert refused(message(whole.replace("OPBD", "ITBD"))).code == "missing_balance"
    assert refused(message(whole.replace("CLBD", "CLAV"))).code == "missing_balance"
    assert refused(message(whole.replace("</Stmt>", balance("CLBD", "100") + "</Stmt>"))).code == "repeated_element"


def test_balance__overdrawn_or_of_the_day_before__is_read() -> None:
    parts = [balance("PRCD", "50.00", "DBIT"), balance("CLBD", "50"), balance("CLAV", "7"), entry()]
    found = read(message(f"<Stmt><Acct><Id><IBAN>CN1</IBAN></Id></Acct>{''.join(parts)}</Stmt>"))
    assert (found.account, found.opening, found.closing) == ("CN1", -5_000, 5_000)


def test_statements__several_that_follow_on__are_one() -> None:
    first = statement(entry(), closing="100.00")
    second = statement(entry("30", "R2", sign="DBIT"), entry("5", "R3"), opening="100", closing="75.00")
    found = read(message(first, second))
    assert (found.opening, found.closing) == (0, 7_500)
    assert [(line.number, line.amount_fen) for line in found.lines] == [(1, 10_000), (2, -3_000), (3, 500)]


def test_statements__with_a_gap_another_account_or_a_reference_again__are_refused() -> None:
    first = statement(entry(), closing="100.00")
    gap = refused(message(first, statement(opening="99.99", closing="99.99")))
    assert (gap.code, gap.object) == ("balance_differs", "january.xml, statement 2")
    other = statement(opening="100", closing="100", account="<Acct><Id><IBAN>CN2</IBAN></Id></Acct>")
    assert refused(message(first, other)).code == "other_account"
    again = refused(message(first, statement(entry(), opening="100", closing="200")))
    assert (again.code, again.object) == ("duplicate_reference", "january.xml, entry 2")


# -- what is read


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("prefix", [False, True])
def test_statement__every_version__is_read_alike(version: str, prefix: bool) -> None:
    status = "BOOK" if version < "07" else "<Cd>BOOK</Cd>"
    details = detail("T1", f"认购款 {ACCOUNT}")
    entries = [entry(status=status, details=details), entry("40.5", "R2", sign="DBIT", status=status)]
    text = message(statement(*entries, closing="59.5"), version=version).decode()
    if prefix:
        text = text.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?").replace("xmlns=", "xmlns:c=")
    found = read(text.encode())
    assert (found.account, found.opening, found.closing) == ("4400", 0, 5_950)
    deposit, withdrawal = found.lines
    assert (deposit.number, deposit.day, deposit.amount_fen) == (1, from_date(date(2026, 1, 5)), 10_000)
    assert (deposit.reference, deposit.account) == ("T1", bytes.fromhex(ACCOUNT[2:]))
    assert (withdrawal.number, withdrawal.amount_fen, withdrawal.reference) == (2, -4_050, "R2")
    assert withdrawal.account is None


@pytest.mark.parametrize("status", ["<Cd>PDNG</Cd>", "<Cd>INFO</Cd>", "<Cd>FUTR</Cd>", "PDNG"])
def test_entry__not_booked__is_no_line_and_in_no_balance(status: str) -> None:
    waiting = entry("7", "", status=status, booked="")
    found = read(message(statement(waiting, entry(), closing="100.00")))
    assert [line.number for line in found.lines] == [2]


@pytest.mark.parametrize(("sign", "closing"), [("DBIT", "0.00"), ("CRDT", "200.00")])
@pytest.mark.parametrize("reversal", ["true", "1", "false"])
def test_entry__reversal__is_signed_by_its_own_indicator(sign: str, closing: str, reversal: str) -> None:
    found = read(message(statement(entry(), entry("100", "R2", sign=sign, reversal=reversal), closing=closing)))
    assert found.lines[1].amount_fen == (10_000 if sign == "CRDT" else -10_000)


@pytest.mark.parametrize(
    ("booked", "day"),
    [
        ("<Dt>2026-01-05</Dt>", 5),
        ("<Dt>2026-01-05+08:00</Dt>", 5),
        ("<Dt>2026-01-05Z</Dt>", 5),
        ("<DtTm>2026-01-05T23:59:59</DtTm>", 5),
        ("<DtTm>2026-01-05T15:59:59Z</DtTm>", 5),
        ("<DtTm>2026-01-05T16:00:00.000Z</DtTm>", 6),
        ("<DtTm>2026-01-05T23:30:00+08:00</DtTm>", 5),
    ],
)
def test_entry__booked_at_a_moment__falls_on_the_registrys_day(booked: str, day: int) -> None:
    found = read(message(statement(entry(booked=f"<BookgDt>{booked}</BookgDt>"), closing="100")))
    assert found.lines[0].day == from_date(date(2026, 1, day))


@pytest.mark.parametrize("amounts", ["direct", "nested"])
def test_batch__its_transactions__are_lines_of_their_own(amounts: str) -> None:
    def money(text: str) -> str:
        return amount(text) if amounts == "direct" else f"<AmtDtls><TxAmt>{amount(text)}</TxAmt></AmtDtls>"

    details = "<Btch><NbOfTxs>3</NbOfTxs></Btch>" + "".join(
        [
            detail("T1", f"a {ACCOUNT}", money=money("80.00")),
            detail("T2", money=money("30.00"), sign="CRDT", note="second"),
            detail("T3", money=money("10.00"), sign="DBIT"),
        ]
    )
    found = read(message(statement(entry(details=details), entry("1", "R2"), closing="101")))
    assert [(x.number, x.amount_fen, x.reference) for x in found.lines] == [
        (1, 8_000, "T1"), (1, 3_000, "T2"), (1, -1_000, "T3"), (2, 100, "R2"),
    ]  # fmt: skip
    assert [x.text for x in found.lines[1:3]] == ["second", ""]


@pytest.mark.parametrize(
    ("details", "code", "object"),
    [
        (detail("T1", money=amount("80")) + detail("T2", money=amount("19.99")), "batch_differs", "entry 1"),
        (detail("T1", money=amount("80")) + detail("", money=amount("20")), "missing_field", "entry 1, detail 2"),
        (detail("T1", money=amount("80")) + detail("T2"), "missing_element", "entry 1, detail 2"),
        (
            detail("T1", money=amount("50")) * 2,
            "duplicate_reference",
            "entry 1, detail 2",
        ),
        (
            detail("T1", money=amount("80")) + detail("T2", money=amount("20", "USD")),
            "foreign_currency",
            "entry 1, detail 2",
        ),
        ("<Btch><NbOfTxs>3</NbOfTxs></Btch>" + detail("T1") * 2, "batch_differs", "entry 1"),
        ("<Btch><NbOfTxs>two</NbOfTxs></Btch>" + detail("T1") * 2, "batch_differs", "entry 1"),
    ],
)
def test_batch__that_does_not_add_up_or_names_no_reference__is_refused(details: str, code: str, object: str) -> None:
    error = refused(message(statement(entry(details=details), closing="100")))
    assert (error.code, error.object) == (code, f"january.xml, {object}")


def test_batch__without_its_transactions__is_one_line() -> None:
    found = read(message(statement(entry(details="<Btch><NbOfTxs>5</NbOfTxs></Btch>", note="five"), closing="100")))
    assert [(line.reference, line.text) for line in found.lines] == [("R1", "five")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"认购{ACCOUNT}款", ACCOUNT),
        (f"{ACCOUNT} {ACCOUNT.replace('ab', 'AB')}", ACCOUNT),
        (f"{ACCOUNT}/{OTHER}", None),
        (f"{ACCOUNT}0", None),
        (f"1{ACCOUNT}", None),
        ("0x12", None),
        ("x" * 2_000 + f" {ACCOUNT}", ACCOUNT),
    ],
)
def test_remittance__account_in_it__is_taken_only_where_it_is_one(text: str, named: str | None) -> None:
    found = read(message(statement(entry(details=detail(text=text)), closing="100")))
    assert found.lines[0].account == (bytes.fromhex(named[2:]) if named else None)
    assert found.lines[0].reference == "R1"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12).filter(bool), max_size=8), st.integers(0, 10**13))
def test_statement__any_amounts__add_up_from_opening_to_closing(fens: list[int], opening: int) -> None:
    def written(fen: int) -> str:
        return f"{abs(fen) // 100}.{abs(fen) % 100:02}"

    closing = opening + sum(fens)
    entries = [entry(written(fen), f"R{n}", sign="CRDT" if fen > 0 else "DBIT") for n, fen in enumerate(fens)]
    text = statement(*entries, opening=written(opening), closing="CLOSING")
    sign = "CRDT" if closing >= 0 else "DBIT"
    text = text.replace(balance("CLBD", "CLOSING"), balance("CLBD", written(closing), sign))
    found = read(message(text))
    assert [line.amount_fen for line in found.lines] == fens
    assert (found.opening, found.closing) == (opening, closing)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_file__damaged_anywhere__is_a_statement_or_an_input_error(data: st.DataObject) -> None:
    details = detail("T1", "存管", money=amount("100"))
    whole = message(statement(entry(details=details), entry("1", "R2"), closing="101"))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 12)))
    damaged = whole[:start] + data.draw(st.binary(max_size=6)) + whole[end:]
    found = outcome(damaged)
    if isinstance(found, InputError):
        assert found.message.startswith("january.xml")
    else:
        assert found.opening is not None
        assert found.closing == found.opening + sum(line.amount_fen for line in found.lines)
