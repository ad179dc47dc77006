"""LAW-10, kept by a watch of its own: it hears what verifiers, arbiter and holders said, and no words of cases.

From votes, strikes, challenges and rulings alone it knows what may be released or missed, and objects where the escrow
does otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.domain.attestation import REACHED
from registry.domain.escrow import EscrowState, Miss, TrancheState
from registry.domain.event import RegistryEvent
from registry.domain.events_escrow import (
    AttestationRetracted,
    Attested,
    CaseChallenged,
    CaseOpened,
    CaseRuled,
    MilestoneMissed,
    TrancheChanged,
    TrancheReleased,
    VerifierAppointed,
    VerifierContradicted,
    VerifierDismissed,
)
from registry.domain.ids import Address, PartyId
from registry.domain.register import RegisterState


@dataclass
class Milestone:
    """What was said about one milestone."""

    kind: int
    quorum: int
    deadline: int
    round: int = 1
    yes: set[int] = field(default_factory=set)
    """Members of the panel who said in this round that it is reached, and whose votes are not void."""
    since: int | None = None
    """[s] Region clock at which the quorum came about that stands."""
    is_challenged: bool = False
    is_upheld: bool = False

    def begin(self, number: int) -> None:
        self.round = number
        self.yes.clear()
        self.is_challenged = self.is_upheld = False
        self.since = None

    def count(self, clock: int) -> None:
        if len(self.yes) < self.quorum:
            self.since, self.is_upheld = None, False
        elif self.since is None:
            self.since = clock


@dataclass
class Watch:
    """All milestones of all escrows."""

    milestones: dict[tuple[Address, int], Milestone] = field(default_factory=dict)
    members: dict[tuple[Address, int], list[PartyId]] = field(default_factory=dict)
    struck: set[tuple[Address, int, int]] = field(default_factory=set)
    states: dict[tuple[Address, int], int] = field(default_factory=dict)
    released: int = 0
    missed: int = 0

    def hear(self, state: RegisterState, e: RegistryEvent, clock: int) -> None:
        """One event, in the order of the log; `state` is what it led to."""
        if isinstance(e, CaseOpened):
            self.milestones[e.escrow, e.milestone] = Milestone(e.word.kind, e.word.quorum, e.word.deadline)
        elif isinstance(e, VerifierAppointed):
            self.members.setdefault((e.company, e.kind), []).append(e.party)
        elif isinstance(e, Attested):
            self._attested(state, e, clock)
        elif isinstance(e, AttestationRetracted):
            self._retracted(state, e, clock)
        elif isinstance(e, (VerifierDismissed, VerifierContradicted)):
            self._struck(state, e, clock)
        elif isinstance(e, CaseChallenged):
            self._challenged(state, e, clock)
        elif isinstance(e, CaseRuled):
            self._ruled(state, e, clock)
        elif isinstance(e, TrancheChanged):
            self._changed(state.escrows[e.at.emitter], e, clock)
        elif isinstance(e, TrancheReleased):
            self._released(state.escrows[e.at.emitter], e, clock)
        elif isinstance(e, MilestoneMissed):
            self._missed(state.escrows[e.at.emitter], e, clock)

    def _member(self, state: RegisterState, escrow: Address, kind: int, party: PartyId) -> int:
        """The place of a party's newest appointment."""
        company = state.escrows[escrow].company
        places = [i for i, p in enumerate(self.members[company, kind]) if p == party]
        return places[-1]

    def _attested(self, state: RegisterState, e: Attested, clock: int) -> None:
        m = self.milestones[e.escrow, e.milestone]
        if e.round != m.round:
            assert e.round > m.round, "no round comes twice"
            m.begin(e.round)
        member = self._member(state, e.escrow, m.kind, e.party)
        assert (state.escrows[e.escrow].company, m.kind, member) not in self.struck
        assert clock <= m.deadline or m.since is not None, "after the deadline only a quorum's window takes votes"
        assert not state.companies[state.escrows[e.escrow].company].seat_of(e.party).is_taken
        if e.outcome == REACHED:
            m.yes.add(member)
            m.count(clock)

    def _retracted(self, state: RegisterState, e: AttestationRetracted, clock: int) -> None:
        m = self.milestones[e.escrow, e.milestone]
        m.yes.discard(self._member(state, e.escrow, m.kind, e.party))
        m.count(clock)

    def _struck(self, state: RegisterState, e: VerifierDismissed | VerifierContradicted, clock: int) -> None:
        self.struck.add((e.company, e.kind, e.member))
        for (escrow, _), m in self.milestones.items():
            if state.escrows[escrow].company == e.company and m.kind == e.kind:
                m.yes.discard(e.member)
                m.count(clock)

    def _challenged(self, state: RegisterState, e: CaseChallenged, clock: int) -> None:
        m = self.milestones[e.escrow, e.milestone]
        assert m.since is not None
        assert clock <= m.since + state.escrows[e.escrow].terms.window
        m.is_challenged = True

    def _ruled(self, state: RegisterState, e: CaseRuled, clock: int) -> None:
        m = self.milestones[e.escrow, e.milestone]
        assert m.is_challenged
        if e.upheld and m.since is not None:
            m.is_upheld, m.is_challenged = True, False
        else:
            m.begin(m.round + 1)

    def _changed(self, e: EscrowState, told: TrancheChanged, clock: int) -> None:
        key = e.address, told.milestone
        before, now = self.states.get(key, TrancheState.SCHEDULED), told.tranche.state
        assert (before, now) in _PATHS, f"from {before} to {now}"
        self.states[key] = now
        m = self.milestones.get(key)
        if m is None:
            return
        if (before, now) == (TrancheState.VOTING, TrancheState.WAITING):
            m.begin(m.round + 1)
            m.deadline = clock + told.tranche.extension
        if now in (TrancheState.VOTING, TrancheState.MISSED):
            assert m.since is None, "a quorum that stands is decided first"
        if now == TrancheState.VOTING:
            assert clock > m.deadline
            assert told.tranche.on_miss == Miss.EXTEND

    def _released(self, e: EscrowState, told: TrancheReleased, clock: int) -> None:
        """Quorum, window and deadline in order."""
        m = self.milestones[e.address, told.milestone]
        assert len(m.yes) >= m.quorum
        assert m.since is not None
        assert m.since <= m.deadline
        assert not m.is_challenged
        assert m.is_upheld or clock > m.since + e.terms.window
        self.released += 1

    def _missed(self, e: EscrowState, told: MilestoneMissed, clock: int) -> None:
        m = self.milestones[e.address, told.milestone]
        assert clock > m.deadline
        assert m.since is None
        self.missed += 1


_PATHS = {
    (TrancheState.SCHEDULED, TrancheState.WAITING),
    (TrancheState.WAITING, TrancheState.RELEASED),
    (TrancheState.WAITING, TrancheState.VOTING),
    (TrancheState.WAITING, TrancheState.MISSED),
    (TrancheState.VOTING, TrancheState.WAITING),
    (TrancheState.VOTING, TrancheState.MISSED),
}
"""The drawn state machine; every other transition is refused."""
