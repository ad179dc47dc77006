"""Money on a bank statement: what counts, what does not, and what leaves it in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oracles.verdict import Verdict
from oracles.wiring import fetch_all, judge
from registry.domain.attestation import NOT_REACHED, REACHED
from tests.oracles.conftest import MakeFeed
from tests.support.sources import Identity, Source, answer

AT = int(datetime(2026, 4, 10, 4, tzinfo=UTC).timestamp())
HEADER = "date,amount,currency,reference,text\n"
CRITERION = '[criterion]\nmarks = ["CAPITAL", "出资"]\nsince = 2026-01-01\nat_least = 1000000\n'

Look = Callable[..., Verdict]


@pytest.fixture
def look(feed: MakeFeed, tmp_path: Path) -> Look:
    """The verdict on a statement in a file of the bank's own."""

    def look(content: str | bytes, criterion: str = CRITERION, at: int = AT) -> Verdict:
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / "statement").write_bytes(raw)
        read = feed("bank_statement", criterion + '[[source]]\nname = "bank"\nfile = "statement"\n')
        return judge(read.terms, fetch_all(read.terms, read.folder, lambda: at), at)

    return look


def table(*rows: str) -> str:
    return HEADER + "".join(row + "\n" for row in rows)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


OLD = "2025-12-30,5.00,CNY,R0,interest"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "malformed"),
        (b"\xff\xff\xff", "malformed"),
        ("<Document/>", "malformed"),
        ("date,amount\n", "malformed"),
        (table("2026-02-01,ten thousand,CNY,R1,CAPITAL"), "malformed"),
        (table("2026-02-01,NaN,CNY,R1,CAPITAL"), "malformed"),
        (table("2026-02-01,10000.005,CNY,R1,CAPITAL"), "malformed"),
        (table("2026-02-30,10000.00,CNY,R1,CAPITAL"), "malformed"),
        (table("2026-02-01,99999999999999999999.00,CNY,R1,CAPITAL"), "huge"),
        (table("2026-02-01,10000.00,USD,R1,CAPITAL"), "other_currency"),
        (table("2026-04-01,10000.00,CNY,R1,CAPITAL", "2026-04-02,1.00,CNY,R1,CAPITAL"), "malformed"),
        (table(), "missing"),
        (table("2026-02-01,10000.00,CNY,R1,CAPITAL"), "stale"),
        (table("2026-04-12,10000.00,CNY,R1,CAPITAL"), "clock_skew"),
        (table("2026-04-01,9999.99,CNY,R1,CAPITAL"), "missing"),
    ],
)
def test_statement__in_doubt__is_a_reason(look: Look, content: str | bytes, code: str) -> None:
    verdict = look(content)
    assert codes(verdict) == [code]
    assert "\n" not in verdict.line


@pytest.mark.parametrize(
    ("rows", "received", "outcome"),
    [
        (["2026-04-01,10000.00,CNY,R1,CAPITAL from Alice"], 1_000_000, REACHED),
        (["2026-04-01,9999.99,CNY,R1,CAPITAL from Alice"], 999_999, NOT_REACHED),
        (["2026-04-01,10000.00,CNY,R1,loan"], 0, NOT_REACHED),
        (["2025-12-31,10000.00,CNY,R1,CAPITAL", "2026-04-01,1.00,CNY,R2,x"], 0, NOT_REACHED),
        (["2026-01-01,10000.00,CNY,R1,Ｃapital", "2026-04-01,1.00,CNY,R2,x"], 1_000_000, REACHED),
        (["2026-04-01,6000.00,CNY,R1,出资款", "2026-04-01,4000.00,CNY,CAPITAL-7,"], 1_000_000, REACHED),
        (["2026-04-01,10000.00,CNY,R1,CAPITAL", "2026-04-02,-0.01,CNY,R2,CAPITAL returned"], 999_999, NOT_REACHED),
    ],
)
def test_statement__in_order__is_summed_to_the_fen(look: Look, rows: list[str], received: int, outcome: int) -> None:
    verdict = look(table(OLD, *rows))
    assert (verdict.outcome, verdict.observed_at) == (outcome, AT)
    assert dict(verdict.readings[0].extracted)["received_fen"] == str(received)


def test_statement__entries_after_the_last_day__do_not_count(look: Look) -> None:
    rows = table(OLD, "2026-03-31,10000.00,CNY,R1,CAPITAL", "2026-04-01,5.00,CNY,R2,CAPITAL")
    verdict = look(rows, CRITERION + "until = 2026-03-31\n")
    assert dict(verdict.readings[0].extracted)["received_fen"] == "1000000"
    assert look(rows, CRITERION + "until = 2026-03-30\n").outcome == NOT_REACHED


CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-04-02T00:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-04-02T00:00:00</CreDtTm><Acct><Id><Othr><Id>6222</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-03-31</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-04-01</Dt></Dt></Bal>
<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-04-01</Dt></BookgDt>
<AcctSvcrRef>R1</AcctSvcrRef><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><RmtInf><Ustrd>CAPITAL from Alice</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


@pytest.mark.parametrize(("amount", "outcome"), [("10000.00", REACHED), ("9999.99", NOT_REACHED)])
def test_statement__as_camt__is_read_alike_and_covers_the_account_from_its_beginning(
    look: Look, amount: str, outcome: int
) -> None:
    assert look(CAMT.format(amount=amount)).outcome == outcome


def test_statement__that_is_not_there_or_too_long__is_a_reason(look: Look, feed: MakeFeed, tmp_path: Path) -> None:
    assert codes(look(table(OLD) + "\n" * 1_000_000)) == ["source_too_long"]
    (tmp_path / "statement").unlink()
    read = feed("bank_statement", CRITERION + '[[source]]\nname = "bank"\nfile = "statement"\n')
    assert codes(judge(read.terms, fetch_all(read.terms, read.folder, lambda: AT), AT)) == ["source_down"]


def test_statement__from_the_banks_pinned_address__is_taken(
    feed: MakeFeed, source: Source, server_identity: Identity
) -> None:
    import time

    at = int(time.time())
    today = time.strftime("%Y-%m-%d", time.gmtime(at))
    source.answers["/s.csv"] = answer(table(f"{today},10000.00,CNY,R1,CAPITAL").encode(), kind="text/csv")
    place = f'[[source]]\nname = "bank"\nurl = "{source.url("/s.csv")}"\npin = "{server_identity.pin}"\n'
    read = feed("bank_statement", CRITERION.replace("2026-01-01", today) + place)
    assert judge(read.terms, fetch_all(read.terms, read.folder, lambda: at), at).outcome == REACHED
    source.answers["/s.csv"] = answer(b"<html>", kind="text/html")
    assert codes(judge(read.terms, fetch_all(read.terms, read.folder, lambda: at), at)) == ["source_type"]


def test_two_statements__that_differ_by_a_fen__park_the_milestone(feed: MakeFeed, tmp_path: Path) -> None:
    for name, amount in (("a", "10000.00"), ("b", "10000.01")):
        (tmp_path / name).write_text(table(f"2026-04-01,{amount},CNY,R1,CAPITAL"))
    places = "".join(f'[[source]]\nname = "{name}"\nfile = "{name}"\n' for name in ("a", "b"))
    read = feed("bank_statement", CRITERION + places)
    verdict = judge(read.terms, fetch_all(read.terms, read.folder, lambda: AT), AT)
    assert verdict.is_parked
