"""How long an oracle takes from its evidence on disk to its attestation on the chain."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Outcome, Say, Series
from oracles import commands
from oracles.daemon import Result
from oracles.feed import read_feed
from oracles.keys import Keys
from oracles.onchain import join
from registry.acts import story_raise as story
from registry.acts.desk import Desk
from registry.acts.places import durable_engine
from registry.acts.raising import Raise
from registry.acts.workplace import deploy_registry, ensure_local_passphrase, open_desk
from registry.chain import contracts_raise
from registry.chain.anvil import Anvil, running
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.chain.send import send_and_wait
from registry.chain.sign import Fields, Keystores, LocalSigner, passphrase_from
from registry.chain.typed import Board
from registry.cli.demo_feeds import KEY, Source, Verifier, Watched, serving_figures, verifier_home, write_feed
from registry.domain.attestation import REACHED, Attestation
from registry.domain.ids import Hash32
from registry.errors import RegistryError
from registry.outbox import Outbox
from registry.settings import Settings

NAME = "attestation"
SUMMARY = "seconds from evidence on disk to the attestation confirmed on a local chain, by a verifier's daemon"
TARGET = 1.0
MILESTONES = (0, 1)
_USERS = 123_456


@dataclass(frozen=True, slots=True)
class Ground:
    """A raise with its money in escrow, and three verifiers, each with a home of its own."""

    chain: Anvil
    target: Raise
    verifiers: Sequence[Verifier]
    source: Source


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    daemon, bare = [], []
    for run in range(runs):
        with (
            tempfile.TemporaryDirectory(prefix="equity-bench-") as home,
            running() as chain,
            serving_figures(Path(home) / "source") as source,
        ):
            ground = _prepare(Path(home), chain, source)
            first, second, third = ground.verifiers
            took = [_attest(ground, verifier, number) for verifier in (first, second) for number in MILESTONES]
            sent = [_send_bare(ground, third, number) for number in MILESTONES]
        daemon += took
        bare += sent
        say(f"run {run + 1}: daemon {_shown(took)} ms, bare transaction {_shown(sent)} ms")
    figure = Series("evidence on disk to confirmed attestation", "s", tuple(daemon))
    baseline = Series("floor: statement and transaction signed and sent, nothing kept", "s", tuple(bare))
    return Outcome(
        figure=figure,
        target=TARGET,
        is_at_least=False,
        baseline=baseline,
        facts={"attestations": len(daemon), "verifiers": 2, "milestones": len(MILESTONES)},
    )


def _prepare(home: Path, chain: Anvil, source: Source) -> Ground:
    settings = Settings(home=home / "platform", rpc_url=chain.url)
    ensure_local_passphrase(settings)
    deploy_registry(settings, _nobody, lambda _: None)
    with open_desk(settings, _nobody) as desk:
        names = ("first", "second", "third")
        verifiers = [verifier_home(home, name, desk.deployment) for name in names]
        target = _settled(desk, chain, verifiers)
    source.tell("stats", users=_USERS)
    return Ground(chain, target, verifiers, source)


def _settled(desk: Desk, chain: Anvil, verifiers: Sequence[Verifier]) -> Raise:
    firm = story.found(desk, [verifier.address for verifier in verifiers])
    story.deposit(desk, firm)
    target = story.start(desk, firm)
    for investor in firm.investors:
        story.subscribe(desk, target, investor)
    chain.advance(story.until(desk, target.terms.closes_at + story.COOLING_OFF))
    story.settle(desk, target)
    return target


def _attest(ground: Ground, verifier: Verifier, number: int) -> float:
    """Seconds, of a daemon that was started anew."""
    target, source = ground.target, ground.source
    watched = Watched(target.company, target.escrow, number, source.url("stats"), source.pin, "$.users", 100_000)
    feed = read_feed(write_feed(verifier, watched))
    settings = Settings(home=verifier.home, rpc_url=ground.chain.url)
    kept: list[float] = []
    ended: list[tuple[float, Result]] = []
    stop = threading.Event()

    def step(name: str) -> None:
        if name == "kept":
            kept.append(time.perf_counter())

    def report(result: Result) -> None:
        ended.append((time.perf_counter(), result))
        stop.set()

    engine = durable_engine(settings, Deployment.load(settings.deployment_file))
    keys = Keys(settings, _nobody)
    joined = join(feed, settings, Outbox(engine), keys)
    commands.run(feed, settings, joined.cases, joined.submitter, keys=keys, report=report, stop=stop, step=step)
    engine.dispose()
    at, result = ended[0]
    if result.state != "confirmed":
        raise RegistryError(f"the measured cycle ended {result.state}: {result.line}")
    return at - kept[0]


def _send_bare(ground: Ground, verifier: Verifier, number: int) -> float:
    """Seconds of the same without a daemon: signed, estimated, sent, its receipt awaited."""
    settings = Settings(home=verifier.home, rpc_url=ground.chain.url)
    deployment = Deployment.load(settings.deployment_file)
    board = Board(deployment.chain_id, deployment.board)
    key: LocalSigner = Keystores(settings.keystores, lambda: passphrase_from(verifier.home / "passphrase")).load(KEY)
    target = ground.target
    with Node.connect(ground.chain.url, deployment) as node:
        now = node.head().time
        evidence = Hash32(bytes([number + 1]) * 32)
        uri = f"https://{verifier.name}.example/evidence/{evidence.hex()}"
        said = Attestation(target.company, target.escrow, number, 1, REACHED, evidence, uri, now, now + 86_400)
        began = time.perf_counter()
        calldata = contracts_raise.board.attest(said, key.address, key.sign_statement(said, board))
        gas = node.estimate_gas(key.address, board.address, calldata)
        fields = Fields(board.chain_id, node.nonce(key.address, "pending"), board.address, calldata, gas)
        if not send_and_wait(node, key.sign_transaction(fields)).has_succeeded:
            raise RegistryError("the bare attestation was refused")
        return time.perf_counter() - began


def _shown(seconds: Sequence[float]) -> str:
    return ", ".join(f"{value * 1_000:.0f}" for value in seconds)


def _nobody() -> str:
    raise RegistryError("a benchmark asks nobody for a passphrase")
