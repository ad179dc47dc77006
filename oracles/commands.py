"""What `equity oracle run`, `check` and `explain` do: plain results, which the command line shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oracles.alarms import Alarms
from oracles.daemon import Oracle, Result
from oracles.feed import Feed
from oracles.fetching import Clock
from oracles.journal import Decided, Journal
from oracles.keys import Keys
from oracles.metrics import Metrics
from oracles.record import Kept, recompute
from oracles.seam import Cases, OpenCase, Submitter
from oracles.verdict import Sample, Verdict
from oracles.wiring import judge, look
from registry.chain.sign import StatementSigner
from registry.chain.typed import Board, signer_of
from registry.documents import Documents
from registry.domain.attestation import REACHED, Attestation
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, InputError
from registry.settings import Settings

Report = Callable[[Result], None]

_NOWHERE = Board(1, Address(b"\0" * 19 + b"\1"))
"""A board that cannot exist: what is signed for it is worth nothing anywhere."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an oracle's things lie in a home."""

    settings: Settings

    @property
    def documents(self) -> Documents:
        return Documents(self.settings.home / "documents")

    @property
    def journal(self) -> Journal:
        return Journal(self.settings.home / "oracles")

    def alarms(self, feed: str) -> Alarms:
        return Alarms(self.settings.home / "oracles" / "alarms" / f"{feed}.jsonl")


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found. `signer` is None where the feed is dry, `case` where nobody was asked for it."""

    feed: Feed
    samples: tuple[Sample, ...]
    verdict: Verdict
    signer: Address | None
    case: OpenCase | None

    @property
    def would_attest(self) -> bool:
        """Would `run` sign now, if nothing was signed in this round before?"""
        if self.signer is None or self.case is None or self.case.has_spoken:
            return False
        return self.verdict.outcome in self.case.outcomes


@dataclass(frozen=True, slots=True)
class Explained:
    """An attestation's evidence and the verdict that it gives today. `decided` is None where only the evidence is
    known on this machine."""

    evidence: Hash32
    kept: Kept
    decided: Decided | None
    contradictions: tuple[str, ...]

    @property
    def stands(self) -> bool:
        return not self.kept.differences and not self.contradictions


def run(
    feed: Feed,
    settings: Settings,
    cases: Cases | None,
    submitter: Submitter | None,
    *,
    keys: Keys,
    report: Report,
    stop: threading.Event,
    clock: Clock = lambda: int(time.time()),
    step: Callable[[str], None] = lambda _: None,
) -> None:
    """Runs a feed until `stop` is set; every cycle's result goes to `report`. HaltError and InputError end it."""
    place = Place(settings)
    metrics = Metrics(feed.name)
    oracle = Oracle(
        feed=feed,
        documents=place.documents,
        journal=place.journal,
        alarms=place.alarms(feed.name),
        metrics=metrics,
        clock=clock,
        cases=cases,
        submitter=submitter,
        signer=keys.signer(feed.signer),
        step=step,
    )
    with metrics.served(feed.metrics_port):
        while not stop.is_set():
            report(oracle.cycle())
            stop.wait(feed.every)


def check(feed: Feed, cases: Cases | None, *, keys: Keys, clock: Clock = lambda: int(time.time())) -> Checked:
    """Tries everything: key (by a signature that is worth nothing), case, sources, verdict. Sends nothing, and
    writes nothing down. Errors of the project's family say what did not work."""
    signer = keys.signer(feed.signer)
    if signer is not None:
        _try(signer)
    case = None
    if cases is not None and feed.escrow is not None:
        case = cases.case(feed.company, feed.escrow, feed.milestone)
    samples, at = look(feed.terms, feed.folder, clock, 0 if case is None else case.time)
    verdict = judge(feed.terms, samples, at)
    return Checked(feed, tuple(samples), verdict, None if signer is None else signer.address, case)


def explain(attestation: str, settings: Settings) -> Explained:
    """Makes the verdict again from what was kept; no network, no clock, no key.

    `attestation` is the digest of an attestation that was decided on this machine, or the hash of its evidence, as
    0x… hex. InputError when neither is known.
    """
    place = Place(settings)
    asked = _hash(attestation)
    decided = next((one for one in place.journal.all() if asked in (one.digest, one.attestation.evidence)), None)
    evidence = asked if decided is None else decided.attestation.evidence
    kept = recompute(place.documents, evidence)
    return Explained(evidence, kept, decided, () if decided is None else _contradictions(kept.record, decided))


def _try(signer: StatementSigner) -> None:
    nobody = _NOWHERE.address
    probe = Attestation(nobody, nobody, 0, 1, REACHED, Hash32(b"\1" * 32), "", 1, 2)
    if signer_of(probe, _NOWHERE, signer.sign_statement(probe, _NOWHERE)) != signer.address:
        raise HaltError(f"the signer of 0x{signer.address.hex()} signs with another key")


def _contradictions(record: dict[str, Any], decided: Decided) -> tuple[str, ...]:
    """Where the attestation says something else than its evidence."""
    a, board = decided.attestation, decided.board
    case, verdict = record["case"], record["verdict"]
    told = {
        "chain_id": (board.chain_id, case["chain_id"]),
        "board": ("0x" + board.address.hex(), case["board"]),
        "company": ("0x" + a.company.hex(), case["company"]),
        "escrow": ("0x" + a.escrow.hex(), case["escrow"]),
        "milestone": (a.milestone, case["milestone"]),
        "round": (a.round, case["round"]),
        "outcome": (a.outcome, verdict["outcome"]),
        "observed_at": (a.observed_at, verdict["observed_at"]),
    }
    return tuple(f"{name}: attested {said}, evidence {kept}" for name, (said, kept) in told.items() if said != kept)


def _hash(text: str) -> Hash32:
    digits = text.removeprefix("0x")
    try:
        if len(digits) == 64 and digits.isalnum():
            return Hash32(bytes.fromhex(digits))
    except ValueError:
        pass
    message = f"{text!r} is no attestation; rule: 0x and 64 hex digits of its digest or of its evidence"
    raise InputError(message, code="hash", field="attestation", value=text)
