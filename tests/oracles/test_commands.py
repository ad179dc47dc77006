"""What the three commands answer: run until stopped, check that sends nothing, explain years later."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from oracles import commands
from oracles.commands import check, explain
from oracles.daemon import Result
from oracles.feed import FeedError, read_feed
from oracles.keys import Keys
from registry.chain.sign import Keystores
from registry.documents import Documents
from registry.domain.attestation import NOT_REACHED, REACHED
from registry.errors import HaltError, InputError, Unavailable
from registry.settings import Settings
from tests.oracles.conftest import Write
from tests.support.oracle_bench import FileBoard
from tests.support.sources import Identity, Source, answer

PHRASE = "a long passphrase"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    Keystores(settings.keystores, lambda: PHRASE).create("verifier")
    return settings


@pytest.fixture
def board(tmp_path: Path) -> FileBoard:
    return FileBoard(tmp_path / "chain")


@pytest.fixture
def file(write: Write, source: Source, server_identity: Identity) -> Path:
    source.answers["/"] = answer(b'{"users": 123456}')
    return write(
        "http_json",
        '[criterion]\npath = "$.users"\nat_least = 100000\n[signer]\nkey = "verifier"\n'
        f'[[source]]\nname = "stats"\nurl = "{source.url()}"\npin = "{server_identity.pin}"\n',
    )


def ask() -> str:
    return PHRASE


def run(file: Path, settings: Settings, board: FileBoard | None, cycles: int = 1) -> list[Result]:
    stop, results = threading.Event(), []

    def report(result: Result) -> None:
        results.append(result)
        if len(results) == cycles:
            stop.set()

    commands.run(read_feed(file), settings, board, board, keys=Keys(settings, ask), report=report, stop=stop)
    return results


def files_in(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


def test_check__feed_with_problems__tells_them_and_asks_nobody(
    write: Write, settings: Settings, source: Source
) -> None:
    with pytest.raises(FeedError):
        check(
            read_feed(write("http_json", f'[[source]]\nname = "s"\nurl = "{source.url()}"\n')),
            settings,
            None,
            keys=Keys(settings, ask),
        )
    assert source.asked == []


def test_check__key_unknown_or_passphrase_wrong__is_named(file: Path, settings: Settings) -> None:
    with pytest.raises(HaltError, match="wrong passphrase"):
        check(read_feed(file), None, keys=Keys(settings, lambda: "another"))
    file.write_text(file.read_text().replace('key = "verifier"', 'key = "nobody"'))
    with pytest.raises(InputError, match="no key named 'nobody'"):
        check(read_feed(file), None, keys=Keys(settings, ask))


def test_check__node_down_or_wrong_chain__is_raised(file: Path, settings: Settings, board: FileBoard) -> None:
    for trouble in (Unavailable("no answer"), HaltError("another chain")):
        board.trouble = trouble
        with pytest.raises(type(trouble)):
            check(read_feed(file), board, keys=Keys(settings, ask))


def test_check__everything_in_order__says_what_would_be_attested_and_leaves_no_trace(
    file: Path, settings: Settings, board: FileBoard
) -> None:
    before = files_in(settings.home)
    checked = check(read_feed(file), board, keys=Keys(settings, ask))
    assert checked.would_attest
    assert checked.signer == Keystores(settings.keystores, ask).address("verifier")
    assert checked.verdict.outcome == REACHED
    assert "stats $.users 123456, at_least 100000" in checked.verdict.line
    assert checked.verdict.line_zh.startswith("已达成：")
    assert (board.lines, files_in(settings.home)) == ([], before)


def test_check__source_in_doubt__gives_its_reasons(
    file: Path, settings: Settings, board: FileBoard, source: Source
) -> None:
    source.answers["/"] = answer(b'{"users": "many"}')
    checked = check(read_feed(file), board, keys=Keys(settings, ask))
    assert not checked.would_attest
    assert [reason.as_json()["code"] for reason in checked.verdict.reasons] == ["wrong_type"]
    assert "stats $.users: the value is of another type (the text 'many'); rule: a number" in checked.verdict.line


def test_check__without_a_key__is_dry(file: Path, settings: Settings, board: FileBoard) -> None:
    file.write_text(file.read_text().replace('[signer]\nkey = "verifier"\n', ""))
    checked = check(read_feed(file), board, keys=Keys(settings, ask))
    assert (checked.signer, checked.would_attest) == (None, False)
    assert [result.state for result in run(file, settings, board)] == ["dry"]
    assert board.lines == []


def test_run__until_stopped__reports_each_cycle_and_serves_metrics(
    file: Path, settings: Settings, board: FileBoard
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file.write_text(
        file.read_text().replace('name = "feed"', 'name = "feed"\nevery = 1') + f"\n[metrics]\nport = {port}\n"
    )
    results = run(file, settings, board, cycles=2)
    assert [result.state for result in results] == ["confirmed", "confirmed"]
    assert len(set(board.lines)) == 1
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(Unavailable, match="metrics cannot be served"):
            run(file, settings, board)


# --- explain ---


@pytest.fixture
def attested(file: Path, settings: Settings, board: FileBoard) -> Result:
    return run(file, settings, board)[0]


def test_explain__by_digest_or_evidence__makes_the_same_verdict_from_the_store_alone(
    attested: Result, settings: Settings, source: Source, file: Path
) -> None:
    assert attested.decided is not None
    file.unlink()
    asked = len(source.asked)
    for name in (attested.decided.digest, attested.decided.attestation.evidence):
        explained = explain("0x" + name.hex(), settings)
        assert explained.stands
        assert explained.kept.now == attested.verdict
        assert explained.decided == attested.decided
        assert explained.kept.record["feed"] == "feed"
    assert len(source.asked) == asked


def test_explain__evidence_of_another_machine__needs_no_journal(attested: Result, settings: Settings) -> None:
    assert attested.decided is not None
    for path in (settings.home / "oracles" / "attestations").iterdir():
        path.unlink()
    explained = explain(attested.decided.attestation.evidence.hex(), settings)
    assert (explained.stands, explained.decided) == (True, None)


@pytest.mark.parametrize("text", ["", "0x12", "0x" + "zz" * 32, "escrow 1", "0x" + "ab" * 33])
def test_explain__no_hash__is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(InputError, match="no attestation"):
        explain(text, settings)


def test_explain__unknown_or_no_evidence__is_named(settings: Settings) -> None:
    with pytest.raises(InputError, match="no document"):
        explain("0x" + "ab" * 32, settings)
    documents = Documents(settings.home / "documents")
    for content in (b"{}", b"[]", b"\xff", b'{"type": "equity evidence", "format": 9}'):
        digest = documents.keep(content, "evidence")
        with pytest.raises(InputError, match="not an evidence record"):
            explain(digest.hex(), settings)


def forged(settings: Settings, evidence: bytes, change: Callable[[dict[str, object]], None]) -> str:
    """The same record with something changed, under its own hash."""
    documents = Documents(settings.home / "documents")
    record = json.loads(documents.get(evidence))
    change(record)
    return documents.keep(json.dumps(record).encode(), "evidence").hex()


def test_explain__verdict_that_its_sources_do_not_give__differs(attested: Result, settings: Settings) -> None:
    assert attested.decided is not None
    evidence = attested.decided.attestation.evidence

    def lie(record: dict[str, object]) -> None:
        record["verdict"]["outcome"] = NOT_REACHED  # type: ignore[index]

    explained = explain(forged(settings, evidence, lie), settings)
    assert not explained.stands
    assert explained.kept.differences == ("outcome: then 2, now 1",)

    def later(record: dict[str, object]) -> None:
        record["at"] += 10 * 86_400  # type: ignore[operator]

    assert "reasons" in " ".join(explain(forged(settings, evidence, later), settings).kept.differences)


def test_explain__attestation_that_says_something_else_than_its_evidence__is_told(
    attested: Result, settings: Settings
) -> None:
    from dataclasses import replace

    from oracles.journal import Journal
    from registry.domain.ids import Address

    assert attested.decided is not None
    other = replace(attested.decided.attestation, milestone=9)
    journal = Journal(settings.home / "oracles")
    decided = journal.decide(attested.decided.board, Address(b"\7" * 20), other)
    explained = explain(decided.digest.hex(), settings)
    assert explained.contradictions == ("milestone: attested 9, evidence 2",)
    assert not explained.stands


def test_explain__source_gone_or_changed__is_said(attested: Result, settings: Settings) -> None:
    assert attested.decided is not None
    documents = Documents(settings.home / "documents")
    evidence = attested.decided.attestation.evidence
    body = json.loads(documents.get(evidence))["samples"][0]["body"][2:]
    (documents.folder / body).write_bytes(b'{"users": 999999}')
    with pytest.raises(HaltError, match="changed on disk"):
        explain(evidence.hex(), settings)
    (documents.folder / body).unlink()
    with pytest.raises(InputError, match="no document"):
        explain(evidence.hex(), settings)
