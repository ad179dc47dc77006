"""What the attestation board's events do to the state: panels, and cases recomputed from votes, panels and the clock.

A case is written where its cause is told; `CaseChanged` is compared with that. Without a cause it must be what panel
and clock alone make of the case: a recheck, or the end of one whose deadline passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from registry.domain.args import ZERO_HASH
from registry.domain.attestation import NOT_REACHED, REACHED
from registry.domain.board import (
    NOTICE,
    CaseKey,
    CasePhase,
    Panel,
    arbitration_ends,
    has_quorum,
    is_reached,
    judged,
    next_round,
)
from registry.domain.days import day_of
from registry.domain.escrow import EscrowState
from registry.domain.event import At
from registry.domain.events import RegistryEvent
from registry.domain.events_escrow import (
    AttestationRetracted,
    Attested,
    CaseChallenged,
    CaseChanged,
    CaseOpened,
    CaseRuled,
    ContradictionSigned,
    VerifierAppointed,
    VerifierContradicted,
    VerifierDismissed,
    VerifierKeyRotated,
)
from registry.domain.findings import Check
from registry.domain.ids import Address, PartyId
from registry.domain.raise_words import Case, Verifier
from registry.domain.register import RegisterState
from registry.domain.rules import ActKind
from registry.domain.state_notes import note


def is_board(state: RegisterState, at: At) -> bool:
    if state.raising is not None and at.emitter == state.board.address:
        return True
    note(state, Check.EMITTER, at, f"{at.emitter.hex()} is not the attestation board")
    return False


def clock_of(state: RegisterState, case: Case, at: At) -> int:
    return state.clock(case.region, at.time)


def tell(state: RegisterState, key: CaseKey, case: Case) -> None:
    """Writes a case that the board has to tell of later in this transaction."""
    state.board.cases[key] = case
    state.trail.cases[key] = case


# --- panels ---


def _appointed(state: RegisterState, e: VerifierAppointed) -> None:
    if not is_board(state, e.at):
        return
    _require_act(state, e.at, ActKind.APPOINT)
    company = state.companies.get(e.company)
    panel = state.board.panels.setdefault((e.company, e.kind), Panel())
    if company is None or e.party not in state.parties:
        note(state, Check.PARTY, e.at, f"verifier {e.party} of {e.company.hex()}: one of them is unknown")
    elif company.seat_of(e.party).is_taken:
        note(state, Check.CASE, e.at, f"verifier {e.party} holds shares of the company")
    if e.member != len(panel.members) or e.key in panel.places:
        note(state, Check.ORDER, e.at, f"member {e.member} cannot follow {len(panel.members)} members")
    if panel.is_judging and e.from_day < day_of(e.at.time, state.utc_offset) + NOTICE:
        note(state, Check.CASE, e.at, f"verifier {e.party} may vote from day {e.from_day} on, without notice")
    panel.places[e.key] = len(panel.members)
    panel.members.append(Verifier(e.key, e.party, e.from_day, e.until_day))


def _rotated(state: RegisterState, e: VerifierKeyRotated) -> None:
    if not is_board(state, e.at):
        return
    _require_act(state, e.at, ActKind.ROTATE_KEY)
    panel = _panel_with(state, e.at, e.company, e.kind, e.member)
    if panel is None:
        return
    act = state.trail.acts.get(e.at.emitter)
    if act is not None and act.actor != panel.members[e.member].key:
        note(state, Check.ACT, e.at, f"member {e.member} has a new key, and not by its own act")
    if e.key in panel.places:
        note(state, Check.KNOWN, e.at, f"key {e.key.hex()} was a member's before")
    panel.members[e.member] = replace(panel.members[e.member], key=e.key)
    panel.places[e.key] = e.member


def _dismissed(state: RegisterState, e: VerifierDismissed) -> None:
    if is_board(state, e.at):
        _require_act(state, e.at, ActKind.DISMISS)
        _strike(state, e.at, e.company, e.kind, e.member, e.party)


def _contradicted(state: RegisterState, e: VerifierContradicted) -> None:
    if not is_board(state, e.at):
        return
    if e.first == e.second:
        note(state, Check.CASE, e.at, f"verifier {e.party} is accused of one attestation")
    _strike(state, e.at, e.company, e.kind, e.member, e.party)


def _strike(state: RegisterState, at: At, company: Address, kind: int, member: int, party: PartyId) -> None:
    panel = _panel_with(state, at, company, kind, member)
    if panel is None:
        return
    if panel.is_struck(member) or panel.members[member].party != party:
        note(state, Check.CASE, at, f"member {member} is struck already, or is not party {party}")
    panel.struck |= 1 << member


def _panel_with(state: RegisterState, at: At, company: Address, kind: int, member: int) -> Panel | None:
    panel = state.board.panels.get((company, kind))
    if panel is None or member >= len(panel.members):
        note(state, Check.KNOWN, at, f"nobody is member {member} of panel {kind}")
        return None
    return panel


def _require_act(state: RegisterState, at: At, kind: ActKind) -> None:
    act = state.trail.acts.get(at.emitter)
    if act is None or act.kind != kind:
        note(state, Check.ACT, at, f"without the act {kind.name}")


# --- votes ---


def _attested(state: RegisterState, e: Attested) -> None:
    found = _case_at(state, e.at, e.escrow, e.milestone)
    if found is None:
        return
    escrow, case = found
    panel = state.board.panel_of(escrow.company, case.kind)
    case = judged(case, panel, clock_of(state, case, e.at))
    member = next((i for i, v in enumerate(panel.members) if v.party == e.party and not panel.is_struck(i)), None)
    if member is None:
        note(state, Check.CASE, e.at, f"party {e.party} is no verifier of panel {case.kind}")
        return
    clock, bit = clock_of(state, case, e.at), 1 << member
    _check_form(state, e, case, clock)
    _check_voter(state, e, escrow, panel.members[member])
    if (case.yes | case.no | case.out) & bit:
        note(state, Check.CASE, e.at, f"verifier {e.party} votes twice in round {case.round}")
    voted = replace(case, yes=case.yes | bit) if e.outcome == REACHED else replace(case, no=case.no | bit)
    tell(state, (e.escrow, e.milestone), judged(voted, panel, clock))


def _check_form(state: RegisterState, e: Attested, case: Case, clock: int) -> None:
    last = case.deadline if case.phase == CasePhase.COLLECTING else case.window_ends
    if case.phase > CasePhase.QUORATE or clock > last:
        note(state, Check.CASE, e.at, f"attested in phase {case.phase} at {clock}, the last moment was {last}")
    if e.round != case.round:
        note(state, Check.CASE, e.at, f"attested for round {e.round}, the case is in round {case.round}")
    if e.outcome not in (REACHED, NOT_REACHED) or e.evidence == ZERO_HASH:
        note(state, Check.CASE, e.at, f"attested outcome {e.outcome} on evidence {e.evidence.hex()}")
    if not e.observed_at <= e.at.time <= e.expires_at:
        note(state, Check.CASE, e.at, f"an attestation from {e.observed_at} to {e.expires_at} is not in force")


def _check_voter(state: RegisterState, e: Attested, escrow: EscrowState, v: Verifier) -> None:
    if not v.from_day <= day_of(e.at.time, state.utc_offset) <= v.until_day:
        note(state, Check.CASE, e.at, f"verifier {v.party} is appointed from day {v.from_day} to {v.until_day}")
    if state.companies[escrow.company].seat_of(v.party).is_taken:
        note(state, Check.CASE, e.at, f"verifier {v.party} holds shares of the company")


def _retracted(state: RegisterState, e: AttestationRetracted) -> None:
    found = _case_at(state, e.at, e.escrow, e.milestone)
    if found is None:
        return
    escrow, case = found
    panel, clock = state.board.panel_of(escrow.company, case.kind), clock_of(state, case, e.at)
    case = judged(case, panel, clock)
    votes = (case.yes | case.no) & panel.active
    member = next((i for i, v in enumerate(panel.members) if v.party == e.party and votes >> i & 1), None)
    is_final = case.phase > CasePhase.CHALLENGED or (case.phase == CasePhase.QUORATE and clock > case.window_ends)
    if member is None or is_final or e.round != case.round:
        note(state, Check.CASE, e.at, f"verifier {e.party} has no vote in round {e.round} that it could take back")
    if member is None:
        return
    bit = 1 << member
    bare = replace(case, yes=case.yes & ~bit, no=case.no & ~bit, out=case.out | bit)
    tell(state, (e.escrow, e.milestone), judged(bare, panel, clock))


# --- disputes ---


def _challenged(state: RegisterState, e: CaseChallenged) -> None:
    found = _case_at(state, e.at, e.escrow, e.milestone)
    if found is None:
        return
    escrow, case = found
    clock = clock_of(state, case, e.at)
    case = judged(case, state.board.panel_of(escrow.company, case.kind), clock)
    if case.phase != CasePhase.QUORATE or clock > case.window_ends or e.round != case.round:
        note(state, Check.CASE, e.at, f"round {e.round} challenged outside the dispute window")
    tell(state, (e.escrow, e.milestone), replace(case, phase=CasePhase.CHALLENGED))


def _ruled(state: RegisterState, e: CaseRuled) -> None:
    found = _case_at(state, e.at, e.escrow, e.milestone)
    if found is None:
        return
    escrow, case = found
    is_late = clock_of(state, case, e.at) > arbitration_ends(case)
    if case.phase != CasePhase.CHALLENGED or e.round != case.round or is_late != e.by_silence:
        note(state, Check.CASE, e.at, f"round {e.round} ruled upon in phase {case.phase}, or out of time")
    if e.by_silence and e.upheld != case.silence_upholds:
        note(state, Check.CASE, e.at, "silence was taken for what the terms do not say")
    act = state.trail.acts.get(e.at.emitter)
    if not e.by_silence and (act is None or act.actor != escrow.terms.arbiter):
        note(state, Check.ACT, e.at, "a ruling without an act of the arbiter")
    stands = e.upheld and has_quorum(case, state.board.panel_of(escrow.company, case.kind))
    tell(state, (e.escrow, e.milestone), replace(case, phase=CasePhase.UPHELD) if stands else next_round(case))


# --- cases as they are told ---


def _told(state: RegisterState, e: CaseOpened | CaseChanged) -> None:
    if not is_board(state, e.at):
        return
    key = e.escrow, e.milestone
    if isinstance(e, CaseOpened) and e.escrow in state.escrows:
        panel = state.escrows[e.escrow].company, e.word.kind
        state.board.panels.setdefault(panel, Panel()).is_judging = True
    expected = state.trail.cases.pop(key, None)
    if expected is None:
        expected = _uncaused(state, e)
        if expected is None:
            return
        state.board.cases[key] = expected
    if expected != e.word:
        note(state, Check.CASE, e.at, f"the event shows {e.word}, the register {expected}")


def _uncaused(state: RegisterState, e: CaseOpened | CaseChanged) -> Case | None:
    found = _case_at(state, e.at, e.escrow, e.milestone)
    if found is None:
        return None
    escrow, case = found
    panel, clock = state.board.panel_of(escrow.company, case.kind), clock_of(state, case, e.at)
    after = judged(case, panel, clock)
    if e.word.phase != CasePhase.CLOSED or case.phase == CasePhase.CLOSED:
        return after
    reached = is_reached(case, panel, clock)
    if not reached and (after.phase != CasePhase.COLLECTING or clock <= after.deadline):
        note(state, Check.CASE, e.at, f"closed in phase {after.phase} at {clock}, the deadline is {after.deadline}")
    state.trail.closing[e.escrow, e.milestone] = reached
    return replace(after, phase=CasePhase.CLOSED)


def _case_at(state: RegisterState, at: At, escrow: Address, milestone: int) -> tuple[EscrowState, Case] | None:
    if not is_board(state, at):
        return None
    known, case = state.escrows.get(escrow), state.board.cases.get((escrow, milestone))
    if known is None or case is None:
        note(state, Check.KNOWN, at, f"milestone {milestone} of {escrow.hex()} is not before the board")
        return None
    return known, case


def _signed(state: RegisterState, e: ContradictionSigned) -> None:
    is_board(state, e.at)


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    VerifierAppointed: _appointed,
    VerifierKeyRotated: _rotated,
    VerifierDismissed: _dismissed,
    VerifierContradicted: _contradicted,
    ContradictionSigned: _signed,
    Attested: _attested,
    AttestationRetracted: _retracted,
    CaseChallenged: _challenged,
    CaseRuled: _ruled,
    CaseOpened: _told,
    CaseChanged: _told,
}
