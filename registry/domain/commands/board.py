"""Commands of the AttestationBoard, and what an escrow asks of it (contracts/oracle/AttestationBoard.sol).

Signatures and digests come with a command: `is_signed`, `forged`, `digests`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain.args import ZERO_HASH, ActHeader
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation, Signed
from registry.domain.board import CasePhase, Panel, arbitration_ends, has_quorum, is_reached, judged, next_round
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.panels import require_unstruck, suspend, verifier_at, voter
from registry.domain.escrow import EscrowState, challenge_threshold
from registry.domain.events_escrow import (
    AttestationRetracted,
    Attested,
    CaseChallenged,
    CaseChanged,
    CaseOpened,
    CaseRuled,
    ContradictionSigned,
    VerifierContradicted,
)
from registry.domain.ids import BOOK, NOBODY, Address, Hash32, PartyId
from registry.domain.raise_words import Case
from registry.domain.rules import ActKind, RegistryRole


@dataclass(frozen=True, slots=True)
class Attest:
    """A verifier's statement, brought by anybody."""

    attestation: Attestation
    key: Address
    signature: bytes = b""
    is_signed: bool = True

    def run(self, draft: Draft) -> None:
        a = self.attestation
        case = _current(draft, a.escrow, a.milestone)
        company = _company(draft, a.escrow)
        _require_fits(draft, a, case, company)
        clock = _clock(draft, case)
        last = case.deadline if case.phase == CasePhase.COLLECTING else case.window_ends
        if clock > last:
            raise Refusal("Overdue", clock, last)
        member, v = voter(draft, company, case.kind, self.key)
        if (case.yes | case.no | case.out) >> member & 1:
            raise Refusal("AlreadyAttested", v.party, case.round)
        if not self.is_signed:
            raise Refusal("SignatureInvalid", self.key)
        _tell(draft, a, v.party)
        _store(draft, a.escrow, a.milestone, _judged(draft, a.escrow, _with_vote(case, member, a.outcome)))


@dataclass(frozen=True, slots=True)
class Accuse:
    """Two statements that contradict each other, each under a key that is or was the same member's: it is suspended.

    `forged`: keys whose signature is not their own.
    """

    first: Signed
    second: Signed
    digests: tuple[Hash32, Hash32]
    forged: tuple[Address, ...] = ()

    def run(self, draft: Draft) -> None:
        a, b = self.first.attestation, self.second.attestation
        is_same = (a.company, a.escrow, a.milestone, a.round) == (b.company, b.escrow, b.milestone, b.round)
        if not is_same or a.outcome == b.outcome:
            raise Refusal("NoContradiction")
        case = _known(draft, a.escrow, a.milestone)
        for key in (self.first.key, self.second.key):
            if key in self.forged:
                raise Refusal("SignatureInvalid", key)
        company, board = _company(draft, a.escrow), draft.state.board.address
        member, party = suspend(draft, company, case.kind, self.first.key, self.second.key)
        draft.emit(VerifierContradicted(draft.at(board), company, case.kind, member, party, *self.digests))
        draft.emit(ContradictionSigned(draft.at(board), self.first.signature, self.second.signature))
        _store(draft, a.escrow, a.milestone, _judged(draft, a.escrow, case))


@dataclass(frozen=True, slots=True)
class Retract:
    """The verifier takes its vote of this round back, before the verdict is final."""

    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        case = _current(draft, self.escrow, self.milestone)
        clock = _clock(draft, case)
        if case.phase > CasePhase.CHALLENGED:
            raise Refusal("CasePhaseForbids", case.phase)
        if case.phase == CasePhase.QUORATE and clock > case.window_ends:
            raise Refusal("Overdue", clock, case.window_ends)
        company = _company(draft, self.escrow)
        member, v = verifier_at(draft, company, case.kind, draft.actor)
        # The votes of who is struck are void; so the event's party is one member.
        require_unstruck(draft, company, case.kind, member, v)
        bit = 1 << member
        if not (case.yes | case.no) & bit:
            raise Refusal("NothingAttested", v.party)
        at = draft.at(draft.state.board.address)
        draft.emit(AttestationRetracted(at, self.escrow, self.milestone, case.round, v.party))
        bare = replace(case, yes=case.yes & ~bit, no=case.no & ~bit, out=case.out | bit)
        _store(draft, self.escrow, self.milestone, _judged(draft, self.escrow, bare))


@dataclass(frozen=True, slots=True)
class Recheck:
    """Applies what became void since."""

    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        _store(draft, self.escrow, self.milestone, _current(draft, self.escrow, self.milestone))


@dataclass(frozen=True, slots=True)
class Challenge:
    """Holders who together hold enough, each with its signature. `forged`: wallets whose signature is not their own."""

    escrow: Address
    milestone: int
    document: Hash32
    wallets: tuple[Address, ...]
    signatures: tuple[bytes, ...]
    forged: tuple[Address, ...] = ()

    def run(self, draft: Draft) -> None:
        if len(self.wallets) != len(self.signatures):
            raise Refusal("LengthsDiffer", len(self.wallets), len(self.signatures))
        if not any(self.document):
            raise Refusal("DocumentMissing", self.document)
        case = _challengeable(draft, self.escrow, self.milestone)
        escrow = draft.state.escrows[self.escrow]
        held = self._held(draft, escrow)
        issued, o = draft.share_class(escrow.share_class).issued, draft.offering(escrow.offering)
        needed = challenge_threshold(escrow.terms.challenge_bps, issued, o.totals.raised // o.terms.price)
        if held < needed or held == 0:
            raise Refusal("ChallengeTooSmall", held, needed)
        _challenge(draft, self.escrow, self.milestone, case, self.document)

    def _held(self, draft: Draft, escrow: EscrowState) -> int:
        """[shares × 10^decimals] In the wallets and their parties' book accounts; each party once."""
        holdings = draft.share_class(escrow.share_class).holdings
        held, previous = 0, NOBODY
        for wallet in self.wallets:
            if wallet in self.forged:
                raise Refusal("SignatureInvalid", wallet)
            party, number = draft.state.account_of(wallet)
            if party == NOBODY or draft.state.party_word(party).is_closed(number):
                raise Refusal("AccountUnknown", wallet)
            if party <= previous:
                raise Refusal("ChallengersUnordered", party, previous)
            previous = party
            for account in ((party, number), (party, BOOK)):
                held += holdings[account].balance if account in holdings else 0
        return held


@dataclass(frozen=True, slots=True)
class ChallengeByRegulator:
    """REGULATOR, inside the window."""

    header: ActHeader
    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.REGULATOR)
        case = _challengeable(draft, self.escrow, self.milestone)
        draft.record(draft.state.board.address, self.header, ActKind.CHALLENGE)
        _challenge(draft, self.escrow, self.milestone, case, self.header.document)


@dataclass(frozen=True, slots=True)
class Decide:
    """The arbiter, until its time is over."""

    header: ActHeader
    escrow: Address
    milestone: int
    upheld: bool

    def run(self, draft: Draft) -> None:
        case = _in(draft, self.escrow, self.milestone, CasePhase.CHALLENGED)
        if draft.actor != draft.state.escrows[self.escrow].terms.arbiter:
            draft.refuse_actor(0)
        clock, last = _clock(draft, case), arbitration_ends(case)
        if clock > last:
            raise Refusal("Overdue", clock, last)
        draft.record(draft.state.board.address, self.header, ActKind.RULING)
        _rule(draft, self.escrow, self.milestone, case, self.upheld, by_silence=False)


@dataclass(frozen=True, slots=True)
class DecideBySilence:
    """Anybody, once the arbiter's time is over."""

    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        case = _in(draft, self.escrow, self.milestone, CasePhase.CHALLENGED)
        clock, last = _clock(draft, case), arbitration_ends(case)
        if clock <= last:
            raise Refusal("NotDue", clock, last + 1)
        _rule(draft, self.escrow, self.milestone, case, case.silence_upholds, by_silence=True)


# --- for escrows ---


def open_case(draft: Draft, escrow: EscrowState, milestone: int, case: Case) -> None:
    """A funded milestone comes before the board."""
    board = draft.state.board
    board.cases[escrow.address, milestone] = case
    board.panels.setdefault((escrow.company, case.kind), Panel()).is_judging = True
    draft.emit(CaseOpened(draft.at(draft.state.board.address), escrow.address, milestone, case))


def close_overdue(draft: Draft, escrow: EscrowState, milestone: int) -> None:
    """Refuses unless the deadline passed and no quorum stands."""
    case = _current(draft, escrow.address, milestone)
    clock = _clock(draft, case)
    if case.phase != CasePhase.COLLECTING:
        raise Refusal("CasePhaseForbids", case.phase)
    if clock <= case.deadline:
        raise Refusal("NotDue", clock, case.deadline + 1)
    _store(draft, escrow.address, milestone, replace(case, phase=CasePhase.CLOSED))


def close_undecided(draft: Draft, escrow: EscrowState, milestone: int) -> bool:
    """False if a quorum stands, which has to be decided first."""
    case = _current(draft, escrow.address, milestone)
    if case.phase != CasePhase.COLLECTING:
        return False
    _store(draft, escrow.address, milestone, replace(case, phase=CasePhase.CLOSED))
    return True


def close_reached(draft: Draft, escrow: EscrowState, milestone: int) -> bool:
    """False if the verdict is not final."""
    case = _known(draft, escrow.address, milestone)
    panel = draft.state.board.panel_of(escrow.company, case.kind)
    if not is_reached(case, panel, _clock(draft, case)):
        return False
    _store(draft, escrow.address, milestone, replace(case, phase=CasePhase.CLOSED))
    return True


def reopen(draft: Draft, escrow: EscrowState, milestone: int, deadline: int) -> None:
    """A new round with a new deadline."""
    case = _in(draft, escrow.address, milestone, CasePhase.CLOSED)
    _store(draft, escrow.address, milestone, replace(next_round(case), deadline=deadline))


# --- internal ---


def _company(draft: Draft, escrow: Address) -> Address:
    return draft.state.escrows[escrow].company


def _clock(draft: Draft, case: Case) -> int:
    return draft.state.clock(case.region, draft.time)


def _known(draft: Draft, escrow: Address, milestone: int) -> Case:
    case = draft.state.board.cases.get((escrow, milestone))
    if case is None:
        raise Refusal("CaseUnknown", escrow, milestone)
    return case


def _current(draft: Draft, escrow: Address, milestone: int) -> Case:
    """A case as votes and panel have it now: what became void since counts before anything else does."""
    return _judged(draft, escrow, _known(draft, escrow, milestone))


def _in(draft: Draft, escrow: Address, milestone: int, phase: CasePhase) -> Case:
    case = _known(draft, escrow, milestone)
    if case.phase != phase:
        raise Refusal("CasePhaseForbids", case.phase)
    return case


def _challengeable(draft: Draft, escrow: Address, milestone: int) -> Case:
    """Inside the window, its last second included."""
    case = _current(draft, escrow, milestone)
    if case.phase != CasePhase.QUORATE:
        raise Refusal("CasePhaseForbids", case.phase)
    clock = _clock(draft, case)
    if clock > case.window_ends:
        raise Refusal("Overdue", clock, case.window_ends)
    return case


def _require_fits(draft: Draft, a: Attestation, case: Case, company: Address) -> None:
    if case.phase > CasePhase.QUORATE:
        raise Refusal("CasePhaseForbids", case.phase)
    if a.company != company:
        raise Refusal("AttestationMalformed", 1)
    if a.round != case.round:
        raise Refusal("AttestationMalformed", 4)
    if a.outcome not in (REACHED, NOT_REACHED):
        raise Refusal("AttestationMalformed", 5)
    if a.evidence == ZERO_HASH:
        raise Refusal("AttestationMalformed", 6)
    if a.observed_at > draft.time or a.expires_at < draft.time:
        raise Refusal("AttestationNotInForce", a.observed_at, a.expires_at)


def _with_vote(case: Case, member: int, outcome: int) -> Case:
    bit = 1 << member
    return replace(case, yes=case.yes | bit) if outcome == REACHED else replace(case, no=case.no | bit)


def _tell(draft: Draft, a: Attestation, party: PartyId) -> None:
    at = draft.at(draft.state.board.address)
    times = a.observed_at, a.expires_at
    draft.emit(Attested(at, a.escrow, a.milestone, a.round, party, a.outcome, a.evidence, *times, a.uri))


def _judged(draft: Draft, escrow: Address, case: Case) -> Case:
    panel = draft.state.board.panel_of(_company(draft, escrow), case.kind)
    return judged(case, panel, _clock(draft, case))


def _store(draft: Draft, escrow: Address, milestone: int, case: Case) -> None:
    draft.state.board.cases[escrow, milestone] = case
    draft.emit(CaseChanged(draft.at(draft.state.board.address), escrow, milestone, case))


def _challenge(draft: Draft, escrow: Address, milestone: int, case: Case, document: Hash32) -> None:
    at = draft.at(draft.state.board.address)
    draft.emit(CaseChallenged(at, escrow, milestone, case.round, draft.actor, document))
    _store(draft, escrow, milestone, replace(case, phase=CasePhase.CHALLENGED))


def _rule(draft: Draft, escrow: Address, milestone: int, case: Case, upheld: bool, by_silence: bool) -> None:
    at = draft.at(draft.state.board.address)
    draft.emit(CaseRuled(at, escrow, milestone, case.round, upheld, by_silence))
    # Upheld without a quorum that stands is a new round all the same.
    panel = draft.state.board.panel_of(_company(draft, escrow), case.kind)
    stands = upheld and has_quorum(case, panel)
    _store(draft, escrow, milestone, replace(case, phase=CasePhase.UPHELD) if stands else next_round(case))
