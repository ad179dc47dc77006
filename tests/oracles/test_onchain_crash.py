"""kill -9 at every step of a real daemon before the real board: attested once, never twice, never lost (LAW-14)."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from oracles.daemon import STEPS
from registry.cli.demo_feeds import Verifier
from registry.outbox.sender import STEPS as SENDING
from tests.support.oracle_onchain import ChainBench, check_stands_once
from tests.support.oracle_process import OUTBOX, run_once, start

KILLED = -signal.SIGKILL
ALL = [*(step for step in STEPS if step != "disclosed"), *(OUTBOX + step for step in SENDING)]


@pytest.fixture
def lab(chain: ChainBench) -> Verifier:
    return chain.verifier("lab")


@pytest.fixture
def feed(chain: ChainBench, lab: Verifier) -> Path:
    return chain.feed(lab)


@pytest.mark.parametrize("step", ALL)
def test_daemon__killed_at_a_step__goes_on_and_is_attested_once(
    chain: ChainBench, lab: Verifier, feed: Path, step: str
) -> None:
    assert run_once(feed, lab.home, chain.url, step) == KILLED
    chain.says(200_000)
    assert run_once(feed, lab.home, chain.url) == 0
    check_stands_once(chain, lab)
    assert chain.raiser.stage.node.nonce(lab.address) == 1


def test_daemon__killed_at_every_step_in_turn__is_attested_once(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    for step in ALL:
        assert run_once(feed, lab.home, chain.url, step) in (KILLED, 0)  # what is done is not done again
    assert run_once(feed, lab.home, chain.url) == 0
    check_stands_once(chain, lab)
    assert chain.raiser.stage.node.nonce(lab.address) == 1


def test_daemon__killed_from_outside_at_any_moment__is_attested_once(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    moments = random.Random(int(os.environ.get("SEED", "1")))
    for _ in range(40 if os.environ.get("NIGHT") else 5):
        process = start(feed, lab.home, chain.url)
        time.sleep(moments.uniform(0.0, 0.5))
        process.kill()
        process.join(20)
    assert run_once(feed, lab.home, chain.url) == 0
    check_stands_once(chain, lab)
    assert chain.raiser.stage.node.nonce(lab.address) == 1


def test_two_daemons__started_by_mistake__attest_once(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    processes = [start(feed, lab.home, chain.url) for _ in range(3)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    check_stands_once(chain, lab)


def test_daemon__killed_and_the_chain_reorganised__sends_the_same_again(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    node = chain.raiser.stage.node
    before = node.read("evm_snapshot")
    assert run_once(feed, lab.home, chain.url, "submitted") == KILLED
    (first,) = chain.attested()
    assert node.read("evm_revert", before)
    chain.says(999_999)
    assert run_once(feed, lab.home, chain.url) == 0
    (again,) = chain.attested()
    assert (again.evidence, again.observed_at) == (first.evidence, first.observed_at)
    check_stands_once(chain, lab)
