"""Monthly figures: judged over months, disclosed as figures of their own, missed when they stay silent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from oracles.feed import Feed
from oracles.kpi.disclosure import FIGURES, SIGNATURE, Discloser
from oracles.kpi.evidence import silent_months
from oracles.kpi.terms import Disclosed, Source, Terms
from oracles.verdict import Verdict
from oracles.wiring import fetch_all, judge
from registry.chain.typed import signer_of
from registry.domain.attestation import NOT_REACHED, REACHED, Disclosure
from registry.domain.ids import Hash32
from registry.errors import HaltError
from tests.oracles.conftest import COMPANY, MakeFeed
from tests.support.oracle_bench import BOARD, FileBoard, OracleBench
from tests.support.papers import public_pem, sign_jws
from tests.support.stage import signer

AT = int(datetime(2026, 4, 10, 4, tzinfo=UTC).timestamp())
KEY = ed25519.Ed25519PrivateKey.generate()
DISCLOSED = '[disclosed]\nfigures = ["users", "revenue_fen"]\nfirst = "2026-01"\ndue_day = 12\nleast = 0\n'
CRITERION = '[criterion]\nfigure = "users"\nmonths = 3\nfold = "each"\nat_least = 100\n'
SOURCE = '[[source]]\nname = "issuer"\nfile = "report.json"\ned25519_file = "key.pem"\n'
NO_MILESTONE = f'name = "feed"\ncompany = "{COMPANY}"\n'

Report = Callable[..., None]


def month(name: str, users: Any, revenue: Any = 1, **more: Any) -> dict[str, Any]:
    return {"month": name, "figures": {"users": users, "revenue_fen": revenue, **more}}


THREE = [month("2026-01", 100), month("2026-02", 120), month("2026-03", 110)]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Puts down a signed report."""
    (tmp_path / "key.pem").write_text(public_pem(KEY))

    def report(months: Any, company: str = COMPANY, at: Any = AT - 3_600, name: str = "report.json") -> None:
        body = json.dumps({"company": company, "reported_at": at, "months": months}).encode()
        (tmp_path / name).write_bytes(body)
        (tmp_path / f"{name}.sig").write_bytes(KEY.sign(body))

    return report


def verdict_of(feed: Feed, at: int = AT) -> Verdict:
    return judge(feed.terms, fetch_all(feed.terms, feed.folder, lambda: at), at)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


@pytest.mark.parametrize(
    ("months", "code"),
    [
        ([*THREE[:2], month("2026-03", "110")], "wrong_type"),
        ([*THREE[:2], month("2026-03", True)], "wrong_type"),
        ([*THREE[:2], month("2026-03", None)], "wrong_type"),
        ([*THREE[:2], month("2026-03", -1)], "out_of_bounds"),
        ([*THREE[:2], month("2026-03", 10**16)], "out_of_bounds"),
        ([*THREE[:2], month("2026-03", 10**50)], "huge"),
        ([*THREE[:2], {"month": "2026-03", "figures": {"users": 1}}], "missing"),
        ([*THREE, THREE[0]], "ambiguous"),
        ([THREE[0], THREE[2]], "missing"),
        (THREE[:2], "missing"),
        ([], "missing"),
        ({}, "wrong_type"),
        ([*THREE, month("2026-04", 110)], "clock_skew"),
        ([month("2026-13", 1)], "wrong_type"),
        ([month("26-01", 1)], "wrong_type"),
        ([7], "wrong_type"),
        ([{"figures": {}}], "missing"),
    ],
)
def test_report__in_doubt__is_a_reason(feed: MakeFeed, report: Report, months: Any, code: str) -> None:
    report(months)
    assert codes(verdict_of(feed("kpi", DISCLOSED + CRITERION + SOURCE))) == [code]


def test_report__of_another_company_old_or_ahead__is_a_reason(feed: MakeFeed, report: Report) -> None:
    read = None
    for change, code in (
        ({"company": "0x" + "dd" * 20}, "mismatch"),
        ({"at": AT - 50 * 86_400}, "stale"),
        ({"at": AT + 3_600}, "clock_skew"),
        ({"at": "yesterday"}, "wrong_type"),
    ):
        report(THREE, **change)
        read = read or feed("kpi", DISCLOSED + CRITERION + SOURCE)
        assert codes(verdict_of(read)) == [code]


def test_report__unsigned_or_changed__is_a_reason(feed: MakeFeed, report: Report, tmp_path: Path) -> None:
    report(THREE)
    read = feed("kpi", DISCLOSED + CRITERION + SOURCE)
    file = tmp_path / "report.json"
    file.write_bytes(file.read_bytes().replace(b"120", b"999"))
    assert codes(verdict_of(read)) == ["signature_broken"]
    (tmp_path / "report.json.sig").unlink()
    assert codes(verdict_of(read)) == ["source_down"]


@pytest.mark.parametrize(
    ("criterion", "figure", "outcome"),
    [
        ("fold = 'each'\nat_least = 100", "100", REACHED),
        ("fold = 'each'\nat_least = 101", "100", NOT_REACHED),
        ("fold = 'sum'\nat_least = 330", "330", REACHED),
        ("fold = 'sum'\nat_least = 330.5", "330", NOT_REACHED),
    ],
)
def test_report__in_order__is_folded_over_its_newest_months(
    feed: MakeFeed, report: Report, criterion: str, figure: str, outcome: int
) -> None:
    report([month("2025-12", 5), *THREE])
    verdict = verdict_of(feed("kpi", f'{DISCLOSED}[criterion]\nfigure = "users"\nmonths = 3\n{criterion}\n{SOURCE}'))
    assert verdict.outcome == outcome
    assert verdict.readings[0].as_json()["figure"] == figure
    assert verdict.observed_at == AT - 3_600


def test_report__as_jws__is_read_alike(feed: MakeFeed, tmp_path: Path) -> None:
    content = {"company": COMPANY, "reported_at": AT, "months": THREE}
    (tmp_path / "r").write_bytes(sign_jws(content, KEY))
    source = f'[[source]]\nname = "issuer"\nfile = "r"\njws = """{public_pem(KEY)}"""\n'
    assert verdict_of(feed("kpi", DISCLOSED + CRITERION + source)).outcome == REACHED


def test_report__exact_decimals__do_not_round(feed: MakeFeed, tmp_path: Path) -> None:
    months = json.dumps([month(f"2026-0{n}", 1) for n in (1, 2, 3)])
    months = re.sub(r'"users": 1', '"users": 0.1', months)
    body = f'{{"company": "{COMPANY}", "reported_at": {AT}, "months": {months}}}'.encode()
    (tmp_path / "r").write_bytes(sign_jws(body, KEY))
    source = f'[[source]]\nname = "issuer"\nfile = "r"\njws = """{public_pem(KEY)}"""\n'
    criterion = '[criterion]\nfigure = "users"\nmonths = 3\nfold = "sum"\nat_least = 0.3\n'
    assert verdict_of(feed("kpi", DISCLOSED + criterion + source)).outcome == REACHED


# --- disclosed ---


@pytest.fixture
def bench(feed: MakeFeed, report: Report, tmp_path: Path) -> OracleBench:
    report(THREE)
    return OracleBench(
        tmp_path / "home", feed("kpi", DISCLOSED + SOURCE, NO_MILESTONE), AT, FileBoard(tmp_path / "chain")
    )


def test_months__told_for_the_first_time__are_kept_hashed_and_signed(bench: OracleBench) -> None:
    result = bench.oracle().cycle()
    assert (result.state, [one.month for one in result.disclosed]) == (
        "disclosing",
        ["2026-01", "2026-02", "2026-03"],
    )
    one = result.disclosed[1]
    assert one.figures == {"users": "120", "revenue_fen": "1"}
    record = json.loads(bench.documents.get(one.record))
    assert (record["month"], record["company"], record["figures"]) == ("2026-02", COMPANY, one.figures)
    for part in record["sources"]["issuer"]:
        bench.documents.get(Hash32(bytes.fromhex(part[2:])))
    signed = json.loads(bench.documents.get(one.signature))
    statement = Disclosure(bench.feed.company, 202602, one.record)
    assert signer_of(statement, BOARD, bytes.fromhex(signed["signature"][2:])) == signer("verifier").address
    assert len(bench.documents.of_kind(FIGURES)) == len(bench.documents.of_kind(SIGNATURE)) == 3
    assert bench.board.lines == []


def test_months__told_again__are_not_disclosed_again(bench: OracleBench, report: Report) -> None:
    bench.oracle().cycle()
    report([*THREE[1:]], at=AT - 60)  # another report, with fewer months
    assert bench.oracle().cycle().disclosed == ()
    assert len(bench.documents.of_kind(FIGURES)) == 3
    assert bench.alarms.active == ()


def test_month__restated__is_an_alarm_the_first_figures_stand_and_nothing_is_attested(
    feed: MakeFeed, bench: OracleBench, report: Report
) -> None:
    bench.oracle().cycle()
    report([month("2026-01", 100), month("2026-02", 999), month("2026-03", 110)])
    bench.feed = feed("kpi", DISCLOSED + CRITERION + SOURCE)
    result = bench.oracle().cycle()
    assert (result.state, bench.alarms.codes) == ("refused", ("restated",))
    assert "2026-02.users" in result.line
    assert bench.board.lines == []
    known = Discloser(bench.documents, bench.journal, signer("verifier"), BOARD, bench.feed.company).known()
    assert known["2026-02"].figures["users"] == "120"


def test_month__silent_after_its_due_day__is_an_alarm_until_it_is_told(bench: OracleBench, report: Report) -> None:
    report(THREE[:2])
    assert bench.oracle().cycle().alarms == ()  # the 10th of April: March is due on the 12th
    bench.now = AT + 3 * 86_400
    result = bench.oracle().cycle()
    assert [(reason.code, reason.field) for reason in result.alarms] == [("month_silent", "2026-03")]
    assert len(bench.alarms.active) == 1
    report(THREE)
    bench.oracle().cycle()
    assert bench.alarms.active == ()


def test_source__down__leaves_what_was_disclosed_and_alarms(bench: OracleBench) -> None:
    bench.oracle().cycle()
    (bench.feed.folder / "report.json").unlink()
    bench.now = AT + 40 * 86_400
    result = bench.oracle().cycle()
    assert {reason.code for reason in result.alarms} == {"source_down", "month_silent"}
    assert {r.field for r in result.alarms if r.code == "month_silent"} == {"2026-04"}


def test_months__with_a_milestone__are_disclosed_and_attested(feed: MakeFeed, bench: OracleBench) -> None:
    bench.feed = feed("kpi", DISCLOSED + CRITERION + SOURCE)
    result = bench.oracle().cycle()
    assert (result.state, len(result.disclosed), len(bench.board.lines)) == ("confirmed", 3, 1)


def test_months__go_on_when_the_milestone_is_settled(feed: MakeFeed, bench: OracleBench) -> None:
    bench.feed = feed("kpi", DISCLOSED + CRITERION + SOURCE)
    bench.board.outcomes = frozenset()
    result = bench.oracle().cycle()
    assert (result.state, len(result.disclosed)) == ("closed", 3)


def test_two_sources__that_tell_a_month_differently__disclose_the_others(
    feed: MakeFeed, bench: OracleBench, report: Report
) -> None:
    report([THREE[0], month("2026-02", 121), THREE[2]], name="b.json")
    other = SOURCE.replace("issuer", "auditor").replace("report.json", "b.json")
    bench.feed = feed("kpi", DISCLOSED + SOURCE + other, NO_MILESTONE)
    result = bench.oracle().cycle()
    assert [one.month for one in result.disclosed] == ["2026-01", "2026-03"]
    assert bench.alarms.codes == ("sources_disagree", "month_silent")  # February is past its day and not settled


def test_dry__no_key__discloses_nothing(bench: OracleBench) -> None:
    bench.signer = None
    result = bench.oracle().cycle()
    assert (result.state, result.disclosed) == ("disclosing", ())
    assert bench.documents.of_kind(FIGURES) == []


def test_record__changed_on_disk__halts(bench: OracleBench) -> None:
    one = bench.oracle().cycle().disclosed[0]
    (bench.documents.folder / one.record.hex()).write_bytes(b"{}")
    with pytest.raises(HaltError, match="changed on disk"):
        bench.oracle().cycle()


def terms(first: str, due_day: int) -> Terms:
    disclosed = Disclosed(figures=["users"], first=first, due_day=due_day, least=Decimal(0))
    return Terms(kind="kpi", company=COMPANY, disclosed=disclosed, source=[Source(name="s", file="f")])


@given(
    year=st.integers(2000, 2100),
    first=st.integers(1, 12),
    due=st.integers(1, 28),
    days=st.integers(0, 3000),
    data=st.data(),
)
def test_silent_months__any_calendar__are_those_past_due_and_untold(
    year: int, first: int, due: int, days: int, data: st.DataObject
) -> None:
    begin = datetime(year, first, 1, tzinfo=UTC)
    at = int(begin.timestamp()) + days * 86_400
    asked = terms(f"{year:04d}-{first:02d}", due)
    every = silent_months(asked, frozenset(), at)
    assert list(every) == sorted(set(every))
    today = datetime.fromtimestamp(at + 8 * 3600, UTC)
    months = (today.year - year) * 12 + today.month - first
    assert len(every) == max(0, months if today.day > due else months - 1)
    told = frozenset(data.draw(st.sets(st.sampled_from(every)))) if every else frozenset()
    assert set(silent_months(asked, told, at)) == set(every) - told
