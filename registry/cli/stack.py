"""A whole stack on one machine: chain, deployment, desk, mirror that follows, API. Ended in the reverse order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass

from registry.acts.desk import Desk
from registry.acts.places import connect
from registry.acts.workplace import deploy_registry, ensure_local_passphrase, open_desk
from registry.chain.anvil import Anvil, AnvilOptions
from registry.chain.deployment import Deployment
from registry.cli.serving import listener, serving
from registry.cli.session import ask
from registry.errors import HaltError, RegistryError, Unavailable
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror
from registry.settings import Settings, load_settings

Say = Callable[[str], None]
_JOIN = 10.0


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs."""

    settings: Settings
    desk: Desk
    chain: Anvil
    failed: list[RegistryError]
    stop: threading.Event


@contextmanager
def running_stack(options: AnvilOptions, say: Say, *, sends: bool = False) -> Iterator[Stack]:
    """Chain, contracts, desk and a mirror that follows, in the home that the environment names."""
    with ExitStack() as stack:
        chain = Anvil(options)
        stack.callback(chain.stop)
        say("starting the chain")
        chain.start()
        # The API reads its settings from the environment, as a process of its own would.
        os.environ["EQUITY_RPC_URL"] = chain.url
        settings = load_settings()
        ensure_local_passphrase(settings)
        if not settings.deployment_file.exists():
            say("deploying the contracts")
            deploy_registry(settings, ask, lambda _: None)
        _stand_in_for_lost_blocks(settings, chain, say)
        desk = stack.enter_context(open_desk(settings, ask))
        running = Stack(settings, desk, chain, [], threading.Event())
        for name, work in (("mirror", _follow), ("sender", _send)):
            if name == "mirror" or sends:
                thread = threading.Thread(target=_guarded, args=(work, running), name=name, daemon=True)
                thread.start()
                stack.callback(thread.join, _JOIN)
        stack.callback(running.stop.set)
        yield running


@contextmanager
def pages(settings: Settings, host: str, port: int, *, may_move: bool) -> Iterator[str]:
    """API and pages; the address to open."""
    os.environ["EQUITY_BIND_HOST"] = host
    bound = listener(host, port, may_move=may_move)
    with bound, serving(bound) as address:
        yield address


def wait(running: Stack) -> None:
    """Until something of the stack fails; a signal ends it from outside."""
    while not running.stop.wait(0.5):
        if running.failed:
            raise running.failed[0]
        if not running.chain.is_running:
            raise HaltError("the chain's process has ended")


def _stand_in_for_lost_blocks(settings: Settings, chain: Anvil, say: Say) -> None:
    """A chain that was killed comes back without its last blocks, and nobody else has them. With others in their place
    it is a chain that took another way: the mirror undoes what is gone, the sender sends its transactions again."""
    if not settings.mirror_file.exists():
        return
    with suppress(Unavailable), closing(Queries(settings.mirror_file)) as queries:
        lost = chain.grow_to(queries.status().head.block)
        if lost:
            say(f"the chain lost its last {lost} blocks when it was killed; what was in them is sent again")


def _follow(running: Stack) -> None:
    deployment = Deployment.load(running.settings.deployment_file)
    with connect(running.settings, deployment) as node, Mirror(running.settings.mirror_file, deployment) as mirror:
        mirror.follow(node, running.stop)


def _send(running: Stack) -> None:
    with open_desk(running.settings, ask) as desk:
        desk.sender.run_forever(running.stop.is_set)


def _guarded(work: Callable[[Stack], None], running: Stack) -> None:
    try:
        work(running)
    except RegistryError as error:
        if not running.stop.is_set():
            running.failed.append(error)
