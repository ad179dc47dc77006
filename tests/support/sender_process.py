"""A sender in a process of its own, to be killed: enqueues N issues and settles them, or dies at a named step."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.domain.ids import Address
from tests.support.outbox_bench import Bench

_FORK = multiprocessing.get_context("fork")


def work(url: str, deployment: Deployment, share_class: Address, database: Path, count: int, step: str) -> None:
    """What the process does. Its exit code is 0 only if every operation is done."""

    def die(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    bench = Bench(Node.connect(url, deployment), deployment, share_class, database)
    operations = [bench.issue(f"op {number}") for number in range(count)]
    bench.outbox.enqueue(operations)
    die("enqueued")
    outcomes = bench.sender(die, window=4).settle([operation.id for operation in operations])
    os._exit(0 if {outcome.state for outcome in outcomes} == {"done"} else 1)


def run_all(bench: Bench, url: str, count: int, runs: list[tuple[Path, str]]) -> list[int | None]:
    """Starts one process for each (database, step at which it dies) at the same time; their exit codes."""
    bench.close()  # SQLite's connections do not survive a fork
    processes = [
        _FORK.Process(target=work, args=(url, bench.deployment, bench.share_class, database, count, step))
        for database, step in runs
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        if process.is_alive():
            process.kill()
            process.join()
    return [process.exitcode for process in processes]
