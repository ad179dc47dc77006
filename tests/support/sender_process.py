"""A sender in a process of its own, to be killed: enqueues N issues and settles them, or dies at a named step.

python -m tests.support.sender_process URL DEPLOYMENT DATABASE CLASS COUNT [STEP]
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.domain.ids import Address
from tests.support.outbox_bench import Bench


def main(url: str, deployment: str, database: str, share_class: str, count: str, step: str = "") -> None:
    def die(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    loaded = Deployment.load(Path(deployment))
    bench = Bench(Node.connect(url, loaded), loaded, Address(bytes.fromhex(share_class)), Path(database))
    operations = [bench.issue(f"op {number}") for number in range(int(count))]
    bench.outbox.enqueue(operations)
    die("enqueued")
    outcomes = bench.sender(die, window=4).settle([operation.id for operation in operations])
    print(*sorted({outcome.state for outcome in outcomes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
