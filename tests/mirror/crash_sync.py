"""Run as a process of its own: catches up in small batches, slowly, saying each commit, so that it can be killed."""

from __future__ import annotations

import functools
import sys
import time
from pathlib import Path

from registry.chain import logs
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.mirror import Mirror, sync
from registry.mirror.project import Projection

if __name__ == "__main__":
    path, deployment, url = Path(sys.argv[1]), Deployment.load(Path(sys.argv[2])), sys.argv[3]
    flush = Projection.flush
    logs.FIRST_SPAN = 1
    sync.pages = functools.partial(logs.pages, page_events=1)

    def slow_flush(batch: Projection) -> int:
        """Rows are written, the commit is still to come: the moment at which a kill hurts most."""
        events = flush(batch)
        print("flushed", flush=True)
        time.sleep(0.03)
        return events

    Projection.flush = slow_flush
    with Mirror(path, deployment, finality=2, batch_events=1) as mirror:
        mirror.catch_up(Node.connect(url), progress=lambda block, *_: print(f"committed {block}", flush=True))
