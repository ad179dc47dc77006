"""Verifiers of a real raise on a real chain: a home and a feed each, and oracles over them."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from eth_utils.crypto import keccak

from oracles.alarms import Alarms
from oracles.commands import Place, explain
from oracles.daemon import Oracle, Result
from oracles.feed import Feed, read_feed
from oracles.keys import Keys
from oracles.metrics import Metrics
from oracles.onchain import Joined, join
from registry.chain.decode import Emitter, Kind
from registry.chain.deployment import Deployment
from registry.chain.raise_logs import events_of
from registry.chain.sign import Keystores, ensure_passphrase, passphrase_from
from registry.cli.demo_feeds import KEY, Verifier, Watched, verifier_home, write_feed
from registry.documents import Documents
from registry.domain.events_escrow import Attested
from registry.outbox import Outbox
from registry.settings import Settings
from registry.store import Identity, open_durable
from tests.support.raise_stage import NO_RATCHET, Raiser, tranche, usual_escrow, usual_terms
from tests.support.raise_story import AMOUNTS, ISSUER, LAB, PLATFORM, SUBSCRIBERS, TITLES, raise_ready
from tests.support.sources import Identity as ServerIdentity
from tests.support.sources import Source, answer
from tests.support.stage import Stage


def opened_raise(stage: Stage) -> Raiser:
    """A raise of four milestones that takes subscriptions; three verifiers, two of whom are a quorum."""
    raiser = raise_ready(stage)
    terms = usual_terms(raiser, PLATFORM)
    raiser.create(
        terms,
        usual_escrow(raiser, ISSUER),
        [tranche(terms, 60 * n, title) for n, title in enumerate(TITLES, 1)],
        NO_RATCHET,
    )
    raiser.open()
    return raiser


def settled_raise(stage: Stage) -> Raiser:
    """The same with its money in escrow: its milestones are before the board."""
    raiser = opened_raise(stage)
    for party in SUBSCRIBERS:
        raiser.subscribe(party, AMOUNTS[party])
    raiser.close()
    raiser.allot(*SUBSCRIBERS)
    return raiser


@contextmanager
def joined(
    feed: Feed, settings: Settings, keys: Keys, step: Callable[[str], None] = lambda _: None
) -> Iterator[Joined]:
    """The way to the board, as the command line opens it."""
    found = Deployment.load(settings.deployment_file)
    engine = open_durable(settings.durable_file, Identity(found.chain_id, found.genesis_hash, found.registry))
    try:
        yield join(feed, settings, Outbox(engine), keys, step=step)
    finally:
        engine.dispose()


@dataclass
class ChainBench:
    """Verifiers with the keys that the raise's panel has, over one source."""

    raiser: Raiser
    folder: Path
    source: Source
    identity: ServerIdentity
    url: str

    def says(self, users: object, path: str = "/stats") -> None:
        """What the source answers from now on."""

        def tell(out: BinaryIO) -> None:
            answer(f'{{"users": {users}}}'.encode())(out)  # with the date of this moment

        self.source.answers[path] = tell

    def verifier(self, key: str = "lab") -> Verifier:
        """A home of its own with a key of the panel."""
        home = self.folder / key
        if not home.exists():
            shutil.copytree(_furnished(key), home)
        return verifier_home(self.folder, key, self.raiser.stage.deployment)

    def feed(self, verifier: Verifier, milestone: int = 0, at_least: int = 100_000, more: str = "") -> Path:
        """Its feed about a milestone; `more` stands at the end of the file."""
        watched = Watched(
            self.raiser.company, self.raiser.escrow, milestone, self.source.url("/stats"), self.identity.pin,
            "$.users", at_least,
        )  # fmt: skip
        file = write_feed(verifier, watched)
        file.write_text(file.read_text() + more)
        return file

    @contextmanager
    def oracle(self, verifier: Verifier, file: Path, step: Callable[[str], None] = lambda _: None) -> Iterator[Oracle]:
        """The oracle of a feed, started anew."""
        settings = Settings(home=verifier.home, rpc_url=self.url)
        feed, place, keys = read_feed(file), Place(settings), Keys(settings, _nobody)
        with joined(feed, settings, keys, step) as chain:
            yield Oracle(
                feed=feed,
                documents=place.documents,
                journal=place.journal,
                alarms=Alarms(verifier.home / "oracles" / "alarms" / f"{feed.name}.jsonl"),
                metrics=Metrics(feed.name),
                clock=chain.cases.clock,
                cases=chain.cases,
                submitter=chain.submitter,
                signer=keys.signer(feed.signer),
                step=step,
            )

    def cycle(self, verifier: Verifier, file: Path) -> Result:
        with self.oracle(verifier, file) as oracle:
            return oracle.cycle()

    def attested(self) -> list[Attested]:
        """All that the board was told and still has."""
        stage = self.raiser.stage
        board = Emitter(stage.deployment.board, Kind.BOARD)
        found = events_of(stage.node, stage.deployment, [(board, "Attested")])
        return [event for event in found if isinstance(event, Attested)]


def check_stands_once(chain: ChainBench, verifier: Verifier, party: int = LAB) -> None:
    """LAW-14: the board has one statement of the verifier, and its evidence is in the store, hashes to it and gives it
    again."""
    (told,) = [event for event in chain.attested() if event.party == party]
    content = Documents(verifier.home / "documents").get(told.evidence)
    case = json.loads(content)["case"]
    assert (case["escrow"], case["milestone"], case["round"]) == (f"0x{told.escrow.hex()}", told.milestone, told.round)
    explained = explain(told.evidence.hex(), Settings(home=verifier.home))
    assert explained.stands
    assert explained.kept.now.outcome == told.outcome
    assert told.uri.endswith(told.evidence.hex())


@cache
def _furnished(key: str) -> Path:
    """A home with the passphrase and that key, to be copied: making a keystore takes its time."""
    home = Path(tempfile.mkdtemp(prefix="equity-test-home-"))
    atexit.register(shutil.rmtree, home)
    ensure_passphrase(home / "passphrase")
    keys = Keystores(home / "keystores", lambda: passphrase_from(home / "passphrase"))
    keys.add(KEY, keccak(text=f"equity test key {key}"))
    return home


def _nobody() -> str:
    raise AssertionError("the passphrase stands in a file")
