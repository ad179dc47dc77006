"""A daemon in a process of its own, to be killed: runs a feed, or dies at a named step of its nth cycle."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from pathlib import Path

from oracles import commands
from oracles.daemon import Result
from oracles.feed import read_feed
from oracles.keys import Keys
from oracles.seam import Cases, Submitter
from registry.settings import Settings
from registry.store import migrations
from tests.support.oracle_bench import FileBoard
from tests.support.oracle_onchain import joined

_FORK = multiprocessing.get_context("fork")
assert migrations  # loaded before the fork, once for all processes that begin with an empty home

Board = FileBoard | str
"""A board in a file, or the address of the node that has the real one."""
OUTBOX = "outbox "
"""Stands before the names of the sender's steps."""


def work(feed: Path, home: Path, board: Board, step: str, cycles: int) -> None:
    """What the process does. Its exit code is 0 if the last cycle ended confirmed."""
    stop = threading.Event()
    results: list[Result] = []

    def die(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def report(result: Result) -> None:
        results.append(result)
        if len(results) == cycles:
            stop.set()

    settings = Settings(home=home) if isinstance(board, FileBoard) else Settings(home=home, rpc_url=board)
    wanted, keys = read_feed(feed), Keys(settings, _nobody)

    def run(cases: Cases, submitter: Submitter | None) -> None:
        commands.run(wanted, settings, cases, submitter, keys=keys, report=report, stop=stop, step=die)

    if isinstance(board, FileBoard):
        run(board, board)
    else:
        with joined(wanted, settings, keys, lambda name: die(OUTBOX + name)) as chain:
            run(chain.cases, chain.submitter)
    os._exit(0 if results[-1].state == "confirmed" else 1)


def start(feed: Path, home: Path, board: Board, step: str = "", cycles: int = 1) -> multiprocessing.Process:
    process = _FORK.Process(target=work, args=(feed, home, board, step, cycles))
    process.start()
    return process  # type: ignore[return-value]


def run_once(feed: Path, home: Path, board: Board, step: str = "", cycles: int = 1) -> int | None:
    """Its exit code."""
    process = start(feed, home, board, step, cycles)
    process.join(60)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode


def _nobody() -> str:
    raise AssertionError("the passphrase stands in a file")
