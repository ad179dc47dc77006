"""The register as the events tell it: logs from the deployment's first block on, folded by the domain."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from registry.chain.client import BlockRef, Node
from registry.chain.decode import Emitters, to_events
from registry.chain.deployment import Deployment
from registry.chain.logs import pages
from registry.chain.reads import book_account
from registry.domain.event import RegistryEvent
from registry.domain.findings import Movement
from registry.domain.ids import NOBODY
from registry.domain.payouts import Paying
from registry.domain.raising import Raising
from registry.domain.register import RegisterState
from registry.domain.state import apply, settle
from registry.errors import RetryableError

Progress = Callable[[int, int], None]
"""Called with blocks replayed and blocks in all."""
Hear = Callable[[RegistryEvent], None]


def replay(
    node: Node,
    deployment: Deployment,
    block: BlockRef,
    progress: Progress | None = None,
    *,
    keep_lines: bool = False,
    hear: Hear | None = None,
) -> RegisterState:
    """The state after `block`. `keep_lines` keeps every line of the register too; `hear` is told each event."""
    tag = book_account(deployment, NOBODY)[:16]
    raising = Raising(deployment.token, deployment.regions, deployment.board, deployment.offering_factory)
    state = RegisterState(deployment.registry, deployment.factory, tag, deployment.utc_offset, raising)
    state.paying = Paying(deployment.distributions, deployment.tax_schedules, deployment.preferences)
    if keep_lines:
        state.trail.movements = []
    first = deployment.first_block
    emitters = Emitters(deployment)
    with _uncollected():
        for page in pages(node, first, block.number):
            for event in to_events(page.logs, emitters):
                apply(state, event)
                if hear is not None:
                    hear(event)
            if progress is not None:
                progress(page.last - first + 1, block.number - first + 1)
    settle(state)
    if node.block(block.number).hash != block.hash:
        raise RetryableError(f"block {block.number} was replaced while it was replayed")
    return state


@contextmanager
def _uncollected() -> Iterator[None]:
    """Events and holdings make no cycles; searching millions of them for some costs a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def lines(state: RegisterState) -> Iterator[Movement]:
    """The kept lines, in the order of the log."""
    yield from state.trail.movements or ()
