"""The cycle: what it does with every verdict and every trouble, and what it never does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from oracles.record import recompute
from oracles.seam import State
from registry.chain.typed import signer_of
from registry.domain.attestation import NOT_REACHED, REACHED
from registry.domain.ids import Hash32
from registry.errors import HaltError, InputError, RejectedError, RetryableError, Unavailable
from tests.oracles.conftest import MakeFeed
from tests.support.oracle_bench import BOARD, BOTH, FileBoard, OracleBench
from tests.support.stage import signer

AT = 1_775_800_000
TERMS = (
    '[criterion]\nmarks = ["CAPITAL"]\nsince = 2026-01-01\nat_least = 1000000\n'
    '[[source]]\nname = "bank"\nfile = "a.csv"\n'
)
HEADER = "date,amount,currency,reference,text\n2025-12-30,5.00,CNY,R0,interest\n"


@pytest.fixture
def says(tmp_path: Path) -> Callable[[str], None]:
    """What the bank's statement says was received."""

    def says(amount: str, name: str = "a.csv") -> None:
        (tmp_path / name).write_text(f"{HEADER}2026-04-01,{amount},CNY,R1,CAPITAL\n")

    return says


@pytest.fixture
def bench(feed: MakeFeed, tmp_path: Path, says: Callable[[str], None]) -> OracleBench:
    says("10000.00")
    return OracleBench(tmp_path / "home", feed("bank_statement", TERMS), AT, FileBoard(tmp_path / "chain"))


def test_cycle__criterion_met__is_attested_once_with_its_evidence(bench: OracleBench) -> None:
    result = bench.oracle().cycle()
    assert (result.state, result.submission) == ("confirmed", "done")
    assert result.decided is not None
    attestation = result.decided.attestation
    assert (attestation.outcome, attestation.round, attestation.milestone) == (REACHED, 1, 2)
    assert attestation.uri == "https://verifier.example/evidence/" + attestation.evidence.hex()
    assert (attestation.observed_at, attestation.expires_at) == (AT, AT + 30 * 86_400)
    (line,) = bench.board.lines
    signature = bytes.fromhex(json.loads(line)["signature"])
    assert signer_of(attestation, BOARD, signature) == signer("verifier").address
    assert recompute(bench.documents, attestation.evidence).differences == ()
    assert bench.alarms.active == ()


def test_cycle__again_and_again__sends_the_same_bytes(bench: OracleBench, says: Callable[[str], None]) -> None:
    bench.oracle().cycle()
    says("99999.00")  # the source goes on; what was said stays said
    for later in (10, 86_400):
        bench.now = AT + later
        assert bench.oracle().cycle().state == "confirmed"
    assert len(set(bench.board.lines)) == 1
    assert len(bench.documents.of_kind("evidence")) == 1


def test_cycle__next_round__is_attested_anew(bench: OracleBench) -> None:
    bench.oracle().cycle()
    bench.board.round = 2
    result = bench.oracle().cycle()
    assert result.decided is not None
    assert result.decided.attestation.round == 2
    assert len(set(bench.board.lines)) == 2


def test_cycle__criterion_not_met__waits_and_attests_only_if_the_board_asks(
    bench: OracleBench, says: Callable[[str], None]
) -> None:
    says("1.00")
    assert bench.oracle().cycle().state == "waiting"
    assert bench.board.lines == []
    assert bench.alarms.active == ()
    assert bench.documents.of_kind("evidence") == []
    bench.board.outcomes = BOTH
    result = bench.oracle().cycle()
    assert result.decided is not None
    assert result.decided.attestation.outcome == NOT_REACHED


def test_cycle__board_takes_nothing__asks_no_source(bench: OracleBench, tmp_path: Path) -> None:
    bench.board.outcomes, bench.board.phase = frozenset(), "challenged"
    (tmp_path / "a.csv").unlink()
    result = bench.oracle().cycle()
    assert (result.state, result.alarms) == ("closed", ())
    assert "the verdict is disputed" in result.line
    assert "核验结果存在异议" in result.line_zh


def test_cycle__source_in_doubt__says_why_raises_one_alarm_and_attests_nothing(
    bench: OracleBench, says: Callable[[str], None]
) -> None:
    says("NaN")
    first, second = bench.oracle().cycle(), bench.oracle().cycle()
    assert first.state == second.state == "refused"
    assert "bank amount: the content cannot be read" in first.line
    assert "内容无法读取" in first.line_zh
    assert (len(bench.alarms.active), bench.board.lines) == (1, [])
    assert not (bench.home / "oracles" / "attestations").exists()
    entries = [json.loads(line) for line in bench.alarms.file.read_text().splitlines()]
    assert [(entry["event"], entry["code"]) for entry in entries] == [("raised", "malformed")]
    says("10000.00")
    assert bench.oracle().cycle().state == "confirmed"
    assert bench.alarms.active == ()
    assert json.loads(bench.alarms.file.read_text().splitlines()[-1])["event"] == "cleared"


def test_cycle__two_sources_disagree__parks_until_they_agree(
    feed: MakeFeed, bench: OracleBench, says: Callable[..., None]
) -> None:
    says("10000.01", "b.csv")
    bench.feed = feed("bank_statement", TERMS + '[[source]]\nname = "other"\nfile = "b.csv"\n')
    result = bench.oracle().cycle()
    assert result.state == "parked"
    assert "the sources disagree" in result.line
    assert (len(bench.alarms.active), bench.board.lines) == (1, [])
    says("10000.00", "b.csv")
    assert bench.oracle().cycle().state == "confirmed"
    assert bench.alarms.active == ()


def test_cycle__no_key__is_dry(bench: OracleBench) -> None:
    bench.signer = None
    result = bench.oracle().cycle()
    assert result.state == "dry"
    assert "would attest reached" in result.line
    assert (bench.board.lines, bench.documents.of_kind("evidence")) == ([], [])


@pytest.mark.parametrize("trouble", [Unavailable("no answer from the node"), RetryableError("the node is behind")])
def test_cycle__node_down__is_an_alarm_and_goes_on_when_it_is_back(bench: OracleBench, trouble: RetryableError) -> None:
    bench.board.trouble = trouble
    assert bench.oracle().cycle().state == "retry"
    assert trouble.message in bench.alarms.active[0]
    bench.board.trouble = None
    assert bench.oracle().cycle().state == "confirmed"
    assert (len(bench.board.lines), bench.alarms.active) == (1, ())


@pytest.mark.parametrize("trouble", [HaltError("another chain"), InputError("no such milestone", code="case_unknown")])
def test_cycle__wrong_chain_or_milestone__ends_the_daemon(bench: OracleBench, trouble: Exception) -> None:
    bench.board.trouble = trouble  # type: ignore[assignment]
    with pytest.raises(type(trouble)):
        bench.oracle().cycle()
    assert not (bench.home / "oracles" / "attestations").exists()


def test_cycle__board_refuses__is_an_alarm_that_names_its_reason(bench: OracleBench) -> None:
    bench.oracle().cycle()
    bench.board.trouble = None

    class Refusing(FileBoard):
        def submit(self, *_: object) -> State:
            raise RejectedError("a verifier holds shares", code="VerifierHolds", values={"party": 7, "key": b"\1"})

    bench.board = Refusing(bench.board.file)
    result = bench.oracle().cycle()
    assert result.state == "rejected"
    assert "VerifierHolds" in result.line
    assert "party 7, key 0x01" in result.line


@pytest.mark.parametrize(
    ("state", "expected"),
    [("queued", "submitted"), ("sent", "submitted"), ("parked", "rejected"), ("rejected", "rejected")],
)
def test_cycle__submission_under_way_or_refused__is_said(bench: OracleBench, state: State, expected: str) -> None:
    bench.board.states = [state]
    result = bench.oracle().cycle()
    assert (result.state, result.submission) == (expected, state)
    assert bench.oracle().cycle().state == "confirmed"
    assert len(set(bench.board.lines)) == 1


def test_cycle__taken_away_by_a_reorganisation__is_sent_again(bench: OracleBench) -> None:
    bench.oracle().cycle()
    (before,) = bench.board.lines
    bench.board.file.unlink()
    assert bench.oracle().cycle().state == "confirmed"
    assert bench.board.lines == [before]


def test_cycle__expired_before_it_was_on_the_chain__is_an_alarm_and_no_other_is_signed(bench: OracleBench) -> None:
    bench.board.states = ["sent"]
    bench.oracle().cycle()
    bench.now = AT + 31 * 86_400
    result = bench.oracle().cycle()
    assert result.state == "expired"
    assert len(bench.board.lines) == 1
    assert bench.alarms.codes == ("expired",)


def test_cycle__chain_ahead_of_this_machine__judges_and_expires_by_the_chain(bench: OracleBench) -> None:
    bench.board.states = ["sent"]
    bench.board.time = AT + 86_400
    result = bench.oracle().cycle()
    assert result.decided is not None
    assert result.decided.attestation.observed_at == AT + 86_400
    bench.board.time = AT + 32 * 86_400
    assert bench.oracle().cycle().state == "expired"


def test_cycle__has_spoken_without_this_home_knowing__signs_nothing(bench: OracleBench) -> None:
    bench.board.has_spoken = True
    result = bench.oracle().cycle()
    assert (result.state, bench.board.lines) == ("closed", [])
    assert "has said something else in this round" in result.line
    assert not (bench.home / "oracles" / "attestations").exists()


def test_cycle__board_has_another_outcome_of_it_than_was_decided__signs_nothing(
    bench: OracleBench, says: Callable[[str], None]
) -> None:
    class Stop(Exception):
        pass

    def stop(step: str) -> None:
        if step == "decided":
            raise Stop

    with pytest.raises(Stop):
        bench.oracle(stop).cycle()
    bench.board.has_spoken, bench.board.outcomes = True, frozenset({NOT_REACHED})
    assert bench.oracle().cycle().state == "closed"
    assert not list((bench.home / "oracles" / "attestations").glob("*.sig"))


def test_cycle__expired_after_it_was_on_the_chain__is_no_alarm(bench: OracleBench) -> None:
    bench.oracle().cycle()
    bench.now = AT + 31 * 86_400
    assert bench.oracle().cycle().state == "confirmed"
    assert bench.alarms.active == ()


def test_cycle__evidence_gone_or_changed_before_it_was_signed__signs_nothing(bench: OracleBench) -> None:
    class Stop(Exception):
        pass

    def stop(step: str) -> None:
        if step == "decided":
            raise Stop

    with pytest.raises(Stop):
        bench.oracle(stop).cycle()
    (evidence,) = bench.documents.of_kind("evidence")
    file = bench.documents.folder / evidence.hex()
    whole = file.read_bytes()
    file.write_bytes(whole + b" ")
    with pytest.raises(HaltError, match="changed on disk"):
        bench.oracle().cycle()
    file.unlink()
    with pytest.raises(InputError, match="no document"):
        bench.oracle().cycle()
    assert bench.board.lines == []
    file.write_bytes(whole)
    assert bench.oracle().cycle().state == "confirmed"


def test_cycle__signer_down__is_an_alarm_and_the_same_is_signed_later(bench: OracleBench) -> None:
    good = bench.signer
    assert good is not None

    class Down:
        address = good.address

        def sign_statement(self, *_: object) -> bytes:
            raise Unavailable("no answer from the signer")

    bench.signer = Down()
    assert bench.oracle().cycle().state == "retry"
    (evidence,) = bench.documents.of_kind("evidence")
    bench.signer, bench.now = good, AT + 3_600
    result = bench.oracle().cycle()
    assert result.decided is not None
    assert result.decided.attestation.evidence == evidence
    assert result.decided.attestation.observed_at == AT


def test_cycle__signed_by_another_key__halts_and_sends_nothing(bench: OracleBench) -> None:
    class Wrong:
        address = signer("verifier").address

        def sign_statement(self, *arguments: object) -> bytes:
            return signer("thief").sign_statement(*arguments)  # type: ignore[arg-type]

    bench.signer = Wrong()
    with pytest.raises(HaltError, match="not by"):
        bench.oracle().cycle()
    assert bench.board.lines == []


def test_two_oracles__that_decide_at_the_same_time__say_one_thing(bench: OracleBench) -> None:
    """The second is at its decision when the first has gone through."""
    oracle = bench.oracle()

    def other_goes_first(step: str) -> None:
        if step == "kept":
            bench.now += 5
            oracle.cycle()

    bench.oracle(other_goes_first).cycle()
    assert len(bench.board.lines) == 2
    assert len(set(bench.board.lines)) == 1


def test_metrics__heartbeat_lag_alarms_and_cycles__are_told(bench: OracleBench, says: Callable[[str], None]) -> None:
    import urllib.request

    oracle = bench.oracle()
    oracle.cycle()
    bench.now = AT + 60
    bench.board.round = 2
    says("NaN")
    oracle.cycle()
    with oracle.metrics.served(0) as port:
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    value = {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if not line.startswith("#")}
    assert value['equity_oracle_heartbeat_timestamp_seconds{feed="feed"}'] == AT + 60
    assert value['equity_oracle_lag_seconds{feed="feed"}'] == 60
    assert value['equity_oracle_alarms{feed="feed"}'] == 1
    assert value['equity_oracle_alarms_raised_total{code="malformed",feed="feed"}'] == 1
    assert value['equity_oracle_cycles_total{feed="feed",state="confirmed"}'] == 1


def test_alarms__file_torn_by_a_killed_process__is_read_on(bench: OracleBench, says: Callable[[str], None]) -> None:
    says("NaN")
    bench.oracle().cycle()
    with bench.alarms.file.open("a") as out:
        out.write('{"at": 1, "event": "cle')
    assert len(bench.alarms.active) == 1
    says("10000.00")
    bench.oracle().cycle()
    assert bench.alarms.active == ()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"attestation": {}}', b"{"])
def test_journal__damaged__halts(bench: OracleBench, content: bytes) -> None:
    bench.oracle().cycle()
    (file,) = (bench.home / "oracles" / "attestations").glob("*.json")
    file.write_bytes(content)
    with pytest.raises(HaltError, match="damaged"):
        bench.oracle().cycle()


def test_journal__another_attestation_slipped_in__halts(bench: OracleBench) -> None:
    bench.oracle().cycle()
    (file,) = (bench.home / "oracles" / "attestations").glob("*.json")
    data = json.loads(file.read_text())
    data["attestation"]["outcome"] = NOT_REACHED
    file.write_text(json.dumps(data))
    with pytest.raises(HaltError, match="digest"):
        bench.oracle().cycle()


def test_evidence__kept__hashes_to_the_attestation_and_names_its_parts(bench: OracleBench) -> None:
    result = bench.oracle().cycle()
    assert result.decided is not None
    record = json.loads(bench.documents.get(result.decided.attestation.evidence))
    assert record["case"]["round"] == 1
    assert record["at"] == AT
    assert record["software"].startswith("equity-registry ")
    body = bench.documents.get(Hash32(bytes.fromhex(record["samples"][0]["body"][2:])))
    assert body == (bench.feed.folder / "a.csv").read_bytes()
