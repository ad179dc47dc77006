"""The board on its chain: what it takes from a verifier now, and how an attestation gets there through the outbox."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from oracles.feed import Feed
from oracles.fetching import Clock
from oracles.keys import Keys
from oracles.seam import OpenCase, State
from registry.chain import contracts_raise
from registry.chain.client import BlockRef, Node
from registry.chain.decode import Emitter, Kind
from registry.chain.deployment import Deployment
from registry.chain.raise_logs import events_of
from registry.chain.reads_raise import RaiseReads
from registry.chain.rpc import NodeRefusal, Rpc
from registry.chain.typed import Board, digest
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation
from registry.domain.board import CasePhase, Panel, judged
from registry.domain.days import day_of
from registry.domain.events_escrow import Attested
from registry.domain.ids import Address, Day, Hash32
from registry.domain.raise_words import Case
from registry.errors import InputError, RejectedError, RetryableError, Unavailable
from registry.outbox import Operation, Outbox, Sender
from registry.settings import Settings

ASKED_BEFORE: Final = 86_400
"""[s] So long before a deadline, and after it, the board is told what was not reached."""
_PATIENCE: Final = 20.0
_SILENCE: Final = 5.0
"""[s] How long one cycle waits for a receipt, and for a node that does not answer."""

Step = Callable[[str], None]
_NOTHING: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Joined:
    """A feed's way to the board; `submitter` is None for a feed that sends nothing."""

    cases: OnChainCases
    submitter: OnChainSubmitter | None


def join(
    feed: Feed,
    settings: Settings,
    outbox: Outbox | None,
    keys: Keys,
    clock: Clock = lambda: int(time.time()),
    step: Step = lambda _: None,
) -> Joined:
    """The board of the home's deployment. No node is asked yet: one that is down is no reason not to start. Without an
    outbox nothing is ever sent."""
    deployment = Deployment.load(settings.deployment_file)
    node = Node(Rpc(settings.rpc_url, settings.rpc_timeout))
    verifier = keys.verifier(feed.signer)
    cases = OnChainCases(node, deployment, outbox, verifier, clock)
    if feed.signer is None or verifier is None or feed.escrow is None:
        return Joined(cases, None)
    relay = keys.relay(feed.signer)
    if outbox is None:
        return Joined(cases, None)
    sender = Sender(outbox, node, {relay.address: relay}, patience=_PATIENCE, silence=_SILENCE, checkpoint=step)
    return Joined(cases, OnChainSubmitter(node, deployment, outbox, sender, verifier, relay.address))


@dataclass(frozen=True, slots=True)
class Taken:
    """What the board takes: the outcomes, a word for where the case stands (a key of PHASES), and whether this verifier
    has spoken in the round."""

    outcomes: frozenset[int]
    phase: str
    has_spoken: bool = False


def taken(case: Case, panel: Panel, verifier: Address | None, clock: int, today: Day) -> Taken:
    """What the board would take at the region's `clock` [s], by the rules of AttestationBoard.attest. Pure.

    `verifier` None is any member. NOT_REACHED is taken within a day of the deadline: sooner it may still be reached.
    """
    if case.phase not in (CasePhase.COLLECTING, CasePhase.QUORATE):
        return Taken(_NOTHING, CasePhase(case.phase).name.lower())
    if clock > (case.deadline if case.phase == CasePhase.COLLECTING else case.window_ends):
        return Taken(_NOTHING, "overdue" if case.phase == CasePhase.COLLECTING else "reached")
    phase = CasePhase(case.phase).name.lower()
    outcomes = {REACHED, NOT_REACHED} if clock >= case.deadline - ASKED_BEFORE else {REACHED}
    if verifier is None:
        return Taken(frozenset(outcomes), phase)
    place = next((at for at, member in enumerate(panel.members) if member.key == verifier), None)
    if place is None:
        return Taken(_NOTHING, "no_member")
    if panel.is_struck(place):
        return Taken(_NOTHING, "struck")
    if case.out >> place & 1:
        return Taken(_NOTHING, "retracted")
    # Its own vote is taken still: where a reorganisation takes it away, it is sent again.
    if (case.yes | case.no) >> place & 1:
        return Taken(frozenset({REACHED if case.yes >> place & 1 else NOT_REACHED}), phase, has_spoken=True)
    member = panel.members[place]
    if not member.from_day <= today <= member.until_day:
        return Taken(_NOTHING, "not_in_force")
    return Taken(frozenset(outcomes), phase)


@dataclass(frozen=True, slots=True)
class OnChainCases:
    """Reads the board at the node's head, for one verifier or for none. The node is verified every time: another chain
    may stand at its address."""

    node: Node
    deployment: Deployment
    outbox: Outbox | None
    verifier: Address | None
    clock: Clock

    @property
    def board(self) -> Board:
        return Board(self.deployment.chain_id, self.deployment.board)

    def case(self, company: Address, escrow: Address, milestone: int) -> OpenCase:
        head = self._head()
        reads = RaiseReads(self.node, self.deployment)
        (found,) = reads.cases_of(escrow, [milestone], head.hash)
        if found.phase == CasePhase.NONE:
            self._require_milestone(reads, company, escrow, milestone, head)
            return OpenCase(company, escrow, milestone, 1, "not_open", _NOTHING, head.time)
        self._require_company(reads, company, escrow, head)
        members, struck = reads.panel(company, found.kind, head.hash)
        panel = Panel(members, struck)
        # A chain on which nothing happens has an old head; what is sent now is judged in a block of now.
        now = max(self.clock(), head.time)
        clock = reads.region_word(found.region, head.hash).clock_at(now)
        # What became void since the last vote counts before the next one does.
        current = judged(found, panel, clock)
        here = taken(current, panel, self.verifier, clock, day_of(now, self.deployment.utc_offset))
        return OpenCase(
            company, escrow, milestone, current.round, here.phase, here.outcomes, head.time, here.has_spoken
        )

    def _head(self) -> BlockRef:
        """The newest block of the right chain; HaltError where it lost what can be lost no more."""
        self.node.verify(self.deployment)
        head, finality = self.node.head(), self.node.engine.finality
        newest = None if self.outbox is None else self.outbox.newest_block(finality)
        if newest is not None and abs(newest[0] - head.number) > finality:
            self.node.verify(self.deployment, newest)
        return head

    def _require_milestone(
        self, reads: RaiseReads, company: Address, escrow: Address, milestone: int, head: BlockRef
    ) -> None:
        if not reads.is_enrolled(escrow, head.hash):
            raise _unknown("escrow", "0x" + escrow.hex(), "an escrow of this registry")
        try:
            tranches = len(reads.tranches(escrow, head.hash))
        except RejectedError as error:
            raise _unknown("escrow", "0x" + escrow.hex(), "an escrow, not its raise") from error
        self._require_company(reads, company, escrow, head)
        if milestone >= tranches:
            raise _unknown("number", milestone, f"0 to {tranches - 1} in this escrow")

    def _require_company(self, reads: RaiseReads, company: Address, escrow: Address, head: BlockRef) -> None:
        owner = reads.company_of_escrow(escrow, head.hash)
        if owner != company:
            raise _unknown("company", "0x" + company.hex(), f"0x{owner.hex()}, whose escrow it is")


@dataclass(frozen=True, slots=True)
class OnChainSubmitter:
    """Brings one verifier's attestations to the board, sent by `relay`."""

    node: Node
    deployment: Deployment
    outbox: Outbox
    sender: Sender
    verifier: Address
    relay: Address

    def submit(self, attestation: Attestation, signature: bytes) -> State:
        operation = self._operation(attestation, signature)
        self.sender.recheck()
        self.outbox.enqueue([operation])
        try:
            (outcome,) = self.sender.settle([operation.id])
        except (NodeRefusal, Unavailable):
            raise
        except RetryableError:
            # Not mined within one cycle's patience: the next one looks again.
            return self.outbox.states([operation.id])[operation.id]
        if outcome.error is None:
            return outcome.state
        code = outcome.error.code
        if code == "AlreadyAttested" and self._stands(attestation):
            return "done"  # somebody else has brought it
        if code == "AttestationNotInForce" and attestation.observed_at > self.node.head().time:
            return "queued"  # some nodes judge by their newest block; the next one is younger than the observation
        raise outcome.error

    def _operation(self, attestation: Attestation, signature: bytes) -> Operation:
        board = Board(self.deployment.chain_id, self.deployment.board)
        said = digest(attestation, board)
        return Operation(
            id=Hash32(hashlib.sha256(b"equity attestation\0" + said + self.relay).digest()),
            sender=self.relay,
            target=board.address,
            calldata=contracts_raise.board.attest(attestation, self.verifier, signature),
            label=f"attest milestone {attestation.milestone} of 0x{attestation.escrow.hex()}",
        )

    def _stands(self, attestation: Attestation) -> bool:
        """Is it this very statement that the board has of this verifier?"""
        a, reads = attestation, RaiseReads(self.node, self.deployment)
        (case,) = reads.cases_of(a.escrow, [a.milestone])
        members, _ = reads.panel(a.company, case.kind)
        party = next((member.party for member in members if member.key == self.verifier), None)
        said = (a.escrow, a.milestone, a.round, party, a.outcome, a.evidence, a.observed_at, a.expires_at, a.uri)
        told = events_of(self.node, self.deployment, [(Emitter(self.deployment.board, Kind.BOARD), "Attested")])
        return any(
            (e.escrow, e.milestone, e.round, e.party, e.outcome, e.evidence, e.observed_at, e.expires_at, e.uri) == said
            for e in told
            if isinstance(e, Attested)
        )


def _unknown(field: str, value: object, rule: str) -> InputError:
    message = f"milestone: {field} is {value}; rule: {rule}"
    return InputError(message, code=f"{field}_unknown", object="milestone", field=field, value=value)
