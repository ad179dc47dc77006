"""A board in a file and an oracle in a home of its own: what stands at the daemon's edge towards the chain."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from oracles.alarms import Alarms
from oracles.daemon import Oracle
from oracles.feed import Feed
from oracles.journal import Journal, attestation_json
from oracles.metrics import Metrics
from oracles.seam import OpenCase, State
from registry.chain.sign import StatementSigner
from registry.chain.typed import Board
from registry.documents import Documents
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation
from registry.domain.ids import Address
from registry.errors import RegistryError
from tests.support.stage import signer

BOARD = Board(31337, Address(b"\xb0" * 20))
BOTH = frozenset({REACHED, NOT_REACHED})


@dataclass
class FileBoard:
    """Takes attestations as lines of an append-only file; a line that stands there is on the chain."""

    file: Path
    round: int = 1
    phase: str = "collecting"
    outcomes: frozenset[int] = frozenset({REACHED})
    time: int = 0
    has_spoken: bool = False
    trouble: RegistryError | None = None
    """Raised instead of an answer."""
    states: list[State] = field(default_factory=list)
    """What to answer before `done`, one a call."""

    @property
    def board(self) -> Board:
        return BOARD

    def case(self, company: Address, escrow: Address, milestone: int) -> OpenCase:
        if self.trouble is not None:
            raise self.trouble
        return OpenCase(company, escrow, milestone, self.round, self.phase, self.outcomes, self.time, self.has_spoken)

    def submit(self, attestation: Attestation, signature: bytes) -> State:
        if self.trouble is not None:
            raise self.trouble
        line = json.dumps({**attestation_json(attestation), "signature": signature.hex()}, sort_keys=True) + "\n"
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a") as out:
            out.write(line)
            out.flush()
            os.fsync(out.fileno())
        return self.states.pop(0) if self.states else "done"

    @property
    def lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []


@dataclass
class OracleBench:
    """Builds oracles over one home; every one of them is a process that was started anew."""

    home: Path
    feed: Feed
    now: int
    board: FileBoard
    signer: StatementSigner | None = field(default_factory=lambda: signer("verifier"))

    @property
    def documents(self) -> Documents:
        return Documents(self.home / "documents")

    @property
    def journal(self) -> Journal:
        return Journal(self.home / "oracles")

    @property
    def alarms(self) -> Alarms:
        return Alarms(self.home / "oracles" / "alarms" / f"{self.feed.name}.jsonl")

    def oracle(self, step: Callable[[str], None] = lambda _: None) -> Oracle:
        return Oracle(
            feed=self.feed,
            documents=self.documents,
            journal=self.journal,
            alarms=self.alarms,
            metrics=Metrics(self.feed.name),
            clock=lambda: self.now,
            cases=self.board,
            submitter=self.board,
            signer=self.signer,
            step=step,
        )
