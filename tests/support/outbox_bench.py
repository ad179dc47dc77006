"""A deployed company and an outbox in front of it: what the outbox's tests, and the processes they kill, work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.chain import contracts
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.chain.reads import ChainReads
from registry.domain.args import ActHeader, Entry
from registry.domain.days import day_of
from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.outbox import Operation, Outbox, Outcome, Sender
from registry.store import Identity, open_durable
from tests.support.stage import NOTHING_GIVEN, Stage, document, signer

AGENT = signer("agent")


def identity_of(deployment: Deployment) -> Identity:
    return Identity(deployment.chain_id, deployment.genesis_hash, deployment.registry)


@dataclass
class Bench:
    """One open class with parties 1 to 9, and an outbox in `file`."""

    node: Node
    deployment: Deployment
    share_class: Address
    file: Path

    def __post_init__(self) -> None:
        self.outbox = Outbox(open_durable(self.file, identity_of(self.deployment)))
        self.reads = ChainReads(self.node, self.deployment)

    def close(self) -> None:
        self.outbox.engine.dispose()

    def sender(self, checkpoint: Callable[[str], None] = lambda _: None, **settings: Any) -> Sender:
        settings = {"patience": 20.0, "resend_after": 0.2, **settings}
        signers = {signer(name).address: signer(name) for name in ("agent", "platform", "kyc_agent", "wallet")}
        return Sender(self.outbox, self.node, signers, checkpoint=checkpoint, **settings)

    def issue(self, name: str, party: int = 1, shares: int = 10, **more: Any) -> Operation:
        """One issue; the same name is the same operation."""
        today = day_of(self.node.block(0).time, self.deployment.utc_offset)
        header = ActHeader(document(f"operation {name}"), today, document("resolution"))
        entry = Entry(self.reads.book_account(PartyId(party)), Shares(shares))
        calldata = contracts.share_class.issue(header, NOTHING_GIVEN, [entry])
        return Operation(header.operation, AGENT.address, self.share_class, calldata, f"issue {name}", **more)

    def settle(self, operations: list[Operation], **settings: Any) -> list[Outcome]:
        self.outbox.enqueue(operations)
        return self.sender(**settings).settle([operation.id for operation in operations])

    def issued(self) -> int:
        return self.reads.class_word(self.share_class).issued

    def times_done(self, operation: Hash32) -> int:
        """How often the log has this act."""
        return len(self.node.logs_with(self.share_class, [contracts.SHARE_CLASS.topic("ActRecorded"), operation]))

    def transactions(self) -> int:
        return self.node.nonce(AGENT.address)


def bench_of(stage: Stage, file: Path) -> Bench:
    company, classes = stage.create_company()
    stage.onboard(*range(1, 10))
    stage.open(company)
    return Bench(stage.node, stage.deployment, classes[0], file)
