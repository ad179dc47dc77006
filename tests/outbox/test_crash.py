"""kill -9 at every step, lost replies, older copies, two senders: nothing lost, nothing doubled, the same command
goes on."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.chain.anvil import Anvil
from registry.chain.client import Node
from registry.outbox.sender import STEPS
from tests.support.outbox_bench import Bench
from tests.support.relay import Relay
from tests.support.sender_process import run_all

COUNT = 12
KILLED = -signal.SIGKILL
Run = Callable[..., int | None]


@pytest.fixture
def run(bench: Bench, anvil: Anvil) -> Run:
    """A sender in a process of its own that dies at a step, or at none; its exit code."""

    def run(step: str = "", database: Path | None = None) -> int | None:
        return run_all(bench, anvil.url, COUNT, [(database or bench.file, step)])[0]

    return run


def check_once_each(bench: Bench) -> None:
    """Every operation is on the chain exactly once, and so are its shares."""
    operations = [bench.issue(f"op {number}") for number in range(COUNT)]
    assert [bench.times_done(operation.id) for operation in operations] == [1] * COUNT
    assert bench.issued() == 10 * COUNT


@pytest.mark.parametrize("step", ["enqueued", *STEPS])
def test_sender__killed_at_a_step__goes_on_with_the_same_command(bench: Bench, run: Run, step: str) -> None:
    before = bench.transactions()
    assert run(step) == KILLED
    assert run() == 0
    check_once_each(bench)
    assert bench.transactions() == before + COUNT


def test_sender__killed_again_and_again__ends_with_each_done_once(bench: Bench, run: Run) -> None:
    before = bench.transactions()
    for step in STEPS:
        assert run(step) == KILLED
    assert run() == 0
    check_once_each(bench)
    assert bench.transactions() == before + COUNT


def test_two_senders__started_by_mistake_as_two_processes__double_nothing(bench: Bench, anvil: Anvil) -> None:
    before = bench.transactions()
    assert run_all(bench, anvil.url, COUNT, [(bench.file, ""), (bench.file, "")]) == [0, 0]
    check_once_each(bench)
    assert bench.transactions() == before + COUNT


@pytest.mark.parametrize("step", ["enqueued", "signed", "sent"])
def test_database__restored_from_an_older_copy__finds_on_the_chain_what_it_does_not_know(
    bench: Bench, run: Run, tmp_path: Path, step: str
) -> None:
    copy = tmp_path / "copy" / "durable.db"
    copy.parent.mkdir()
    assert run(step) == KILLED
    with sqlite3.connect(bench.file) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    assert run() == 0
    count = bench.transactions()
    assert run(database=copy) == 0
    check_once_each(bench)
    assert bench.transactions() == count


def test_database__lost_altogether__the_same_operations_are_recognised(bench: Bench, run: Run, tmp_path: Path) -> None:
    assert run() == 0
    count = bench.transactions()
    assert run(database=tmp_path / "fresh.db") == 0
    check_once_each(bench)
    assert bench.transactions() == count


@pytest.mark.parametrize("method", [b"eth_sendRawTransaction", b"eth_getTransactionReceipt", b"eth_"])
def test_reply_lost__of_every_other_request__is_settled_by_asking_for_the_hash(
    bench: Bench, anvil: Anvil, method: bytes
) -> None:
    before = bench.transactions()
    met = 0

    def loses(request: bytes) -> bool:
        nonlocal met
        met += method in request
        return method in request and met % 2 == 1

    relay = Relay(anvil.port, loses)
    bench.node = Node.connect(relay.url, bench.deployment)
    operations = [bench.issue(f"op {number}") for number in range(COUNT)]
    outcomes = bench.settle(operations, window=4)
    bench.node = Node.connect(anvil.url)
    relay.close()
    assert relay.lost > 0
    assert {outcome.state for outcome in outcomes} == {"done"}
    check_once_each(bench)
    assert bench.transactions() == before + COUNT


def test_database__copied_while_a_sender_works__both_copies_end_with_each_done_once(
    bench: Bench, anvil: Anvil, run: Run, tmp_path: Path
) -> None:
    """Two homes with the same keys: nonces collide, and the contract's memory of ids decides."""
    assert run("enqueued") == KILLED
    copy = tmp_path / "copy.db"
    with sqlite3.connect(bench.file) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(bench.file, copy)
    assert run_all(bench, anvil.url, COUNT, [(bench.file, ""), (copy, "")]) == [0, 0]
    check_once_each(bench)
