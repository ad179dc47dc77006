"""The parts that acts work with, as one object: node, outbox and sender, mirror, directory, and the keys by name."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from registry.acts.keyring import KeyRing
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.chain.reads import ChainReads, book_account
from registry.chain.reads_payout import PayoutReads
from registry.chain.reads_raise import RaiseReads
from registry.directory import Directory
from registry.domain.days import day_of
from registry.domain.ids import Address, Day, Hash32, PartyId, Timestamp
from registry.errors import RetryableError, Unavailable
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror, Progress
from registry.mirror.views import Stand
from registry.outbox import Outbox, Sender

GOVERNOR, REGULATOR, PLATFORM, PROVIDER = "governor", "regulator", "platform", "kyc_agent"
CUSTODIAN = "custodian"
ADMIN, AGENT = "company_admin", "transfer_agent"
"""Names of the keys. The first five are those of the deployment plan; the admin heads companies, stops them and files
their documents, the agent keeps their registers."""


@dataclass(frozen=True, slots=True)
class ReadingDesk:
    """What is read from: chain, mirror and directory. Has no key and sends nothing."""

    node: Node
    deployment: Deployment
    directory: Directory
    queries: Queries

    @property
    def reads(self) -> ChainReads:
        return ChainReads(self.node, self.deployment)

    @property
    def raises(self) -> RaiseReads:
        return RaiseReads(self.node, self.deployment)

    @property
    def payouts(self) -> PayoutReads:
        return PayoutReads(self.node, self.deployment)

    def book(self, party: PartyId) -> Address:
        return book_account(self.deployment, party)


@dataclass(frozen=True, slots=True)
class Desk(ReadingDesk):
    """Where acts are done. Everything that touches the world is an argument."""

    outbox: Outbox
    sender: Sender
    mirror: Mirror
    keys: KeyRing
    documents: Path
    clock: Callable[[], float] = time.time

    def account(self, name: str) -> Address:
        """The address of a key by its name."""
        return self.keys.address(name)

    def today(self) -> Day:
        """The civil day of the next block: the clock's, or the head's where a chain's clock is ahead."""
        return day_of(max(int(self.clock()), self.node.head().time), self.deployment.utc_offset)

    def next_time(self) -> Timestamp:
        """[s] The time by which the chain will judge what is sent now."""
        return self.node.next_time(self.clock())

    def catch_up(self, progress: Progress | None = None) -> Stand:
        """Brings the mirror to the node's head; another process that does the same is no trouble."""
        for pause in (0.05, 0.1, 0.2, 0.4, 0.8):
            try:
                return self.mirror.catch_up(self.node, progress=progress)
            except Unavailable:
                raise
            except RetryableError:
                time.sleep(pause)
        return self.mirror.catch_up(self.node, progress=progress)

    def keep_document(self, content: bytes) -> Hash32:
        """Files a document by its hash, for whoever asks later what an act rested on."""
        digest = hashlib.sha256(content).digest()
        self.documents.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.documents / digest.hex()
        if not file.exists():
            draft = file.with_suffix(".draft")
            draft.write_bytes(content)
            draft.replace(file)
        return Hash32(digest)
