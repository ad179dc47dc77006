"""The attestation board: verifiers of a company, what they state, and disputes about it."""

from __future__ import annotations

from collections.abc import Sequence

from registry.acts.desk import PLATFORM, REGULATOR, Desk
from registry.acts.operations import Done, Request, carry_out, carry_out_once, header_for
from registry.acts.raising import Raise
from registry.chain import contracts_raise
from registry.chain.decode import Emitter, Kind
from registry.chain.raise_logs import events_of
from registry.domain.attestation import Attestation, Signed
from registry.domain.board import NOTICE, CasePhase
from registry.domain.days import to_date
from registry.domain.events_escrow import CaseRuled
from registry.domain.ids import Address, Day, Hash32
from registry.domain.raise_args import Appointment
from registry.domain.raise_words import Case
from registry.errors import InputError, RejectedError


def appoint(desk: Desk, request: Request, appointment: Appointment) -> Done:
    """A verifier for a company and a type of milestones. The document is its mandate, with its declaration that it has
    no conflict of interest. InputError where it would be in force sooner than the panel's notice allows."""
    header = header_for(desk, "appoint", request)
    if desk.outbox.get(header.operation) is None:
        _require_notice(desk, appointment)
    calldata = contracts_raise.board.appoint(header, appointment)
    label = f"appoint party {appointment.party}"
    return carry_out(desk, PLATFORM, desk.deployment.board, calldata, header.operation, label)


def first_day(desk: Desk, company: Address, kind: int) -> Day:
    """The earliest day from which a verifier who is appointed now may vote: once a case came before the panel, the
    notice is kept, so that nobody packs it over night."""
    return Day(desk.today() + (NOTICE if desk.raises.is_judging(company, kind) else 0))


def rotate_key(desk: Desk, request: Request, company: Address, kind: int, signer: str, new: Address) -> Done:
    """Another key for a verifier, which signs for it with the key it has: nobody else may."""
    header = header_for(desk, "rotate_key", request)
    calldata = contracts_raise.board.rotate_key(header, company, kind, desk.account(signer), new)
    return carry_out(desk, signer, desk.deployment.board, calldata, header.operation, "another key for a verifier")


def dismiss(desk: Desk, request: Request, company: Address, kind: int, key: Address) -> Done:
    """A verifier votes no more; its votes in open cases are void."""
    header = header_for(desk, "dismiss", request)
    calldata = contracts_raise.board.dismiss(header, company, kind, key)
    return carry_out(desk, PLATFORM, desk.deployment.board, calldata, header.operation, "dismiss a verifier")


def attest(desk: Desk, attestation: Attestation, key: Address, signature: bytes) -> Done | None:
    """Brings a verifier's signed statement to the board. None where the verifier has spoken in this round already."""

    def is_there() -> bool:
        (case,) = desk.raises.cases_now(attestation.company, attestation.escrow, [attestation.milestone])
        verifiers, _ = desk.raises.panel(attestation.company, case.kind)
        spoken = case.yes | case.no | case.out
        return case.round == attestation.round and any(
            spoken >> place & 1 for place, verifier in enumerate(verifiers) if verifier.key == key
        )

    digest = desk.raises.digest_of(attestation)
    calldata = contracts_raise.board.attest(attestation, key, signature)
    work = f"attest {digest.hex()} {key.hex()}"
    return carry_out_once(desk, PLATFORM, desk.deployment.board, calldata, work, "bring an attestation", is_there)


def accuse(desk: Desk, first: Signed, second: Signed) -> Done | None:
    """Two statements of one verifier that contradict each other: it is suspended. None where it is struck already."""
    about = first.attestation

    def is_there() -> bool:
        (case,) = desk.raises.cases_of(about.escrow, [about.milestone])
        verifiers, struck = desk.raises.panel(about.company, case.kind)
        keys = {first.key, second.key}
        return any(struck >> place & 1 for place, verifier in enumerate(verifiers) if verifier.key in keys)

    calldata = contracts_raise.board.accuse(first, second)
    digests = [desk.raises.digest_of(signed.attestation).hex() for signed in (first, second)]
    work = f"accuse {first.key.hex()} {' '.join(digests)}"
    return carry_out_once(desk, PLATFORM, desk.deployment.board, calldata, work, "accuse a verifier", is_there)


def retract(desk: Desk, wallet: str, company: Address, target: Raise, milestone: int) -> Done | None:
    """A verifier takes its vote of this round back, under its own key. None where it did."""
    key = desk.account(wallet)
    before = case_of(desk, target, milestone)

    def is_there() -> bool:
        now = case_of(desk, target, milestone)
        verifiers, _ = desk.raises.panel(company, now.kind)
        places = [place for place, verifier in enumerate(verifiers) if verifier.key == key]
        return now.round != before.round or any(now.out >> place & 1 for place in places)

    calldata = contracts_raise.board.retract(target.escrow, milestone)
    work = f"retract {target.escrow.hex()} {milestone} {before.round} {key.hex()}"
    return carry_out_once(desk, wallet, desk.deployment.board, calldata, work, "take a vote back", is_there)


def recheck(desk: Desk, target: Raise, milestone: int) -> Done | None:
    """Writes down what became of a case since somebody touched it last: votes that are void, a quorum that is lost, a
    round that has come to nothing. None where the case stands as it was written."""
    (before,) = desk.raises.cases_of(target.escrow, [milestone])

    def is_there() -> bool:
        (stored,) = desk.raises.cases_of(target.escrow, [milestone])
        return stored == case_of(desk, target, milestone)

    calldata = contracts_raise.board.recheck(target.escrow, milestone)
    work = f"recheck {target.escrow.hex()} {milestone} {before.pack()}"
    return carry_out_once(desk, PLATFORM, desk.deployment.board, calldata, work, "look at a case again", is_there)


def challenge(desk: Desk, target: Raise, milestone: int, document: Hash32, wallets: Sequence[str]) -> Done | None:
    """Holders who together have enough shares dispute a quorum inside its window, each with a signature. None where it
    is disputed already."""
    case = case_of(desk, target, milestone)
    accounts = [desk.account(wallet) for wallet in wallets]
    parties = [word.id for word, _ in desk.reads.standings_of(accounts)]
    order = [account for _, account in sorted(zip(parties, accounts, strict=True))]
    signatures = [
        desk.keys[account].sign_challenge(desk.deployment, target.escrow, milestone, case.round, document)
        for account in order
    ]

    def is_there() -> bool:
        now = case_of(desk, target, milestone)
        return now.round != case.round or now.phase in {CasePhase.CHALLENGED, CasePhase.UPHELD}

    calldata = contracts_raise.board.challenge(target.escrow, milestone, document, order, signatures)
    work = f"challenge {target.escrow.hex()} {milestone} {case.round} {document.hex()}"
    return carry_out_once(desk, PLATFORM, desk.deployment.board, calldata, work, "challenge a verdict", is_there)


def challenge_by_regulator(desk: Desk, request: Request, target: Raise, milestone: int) -> Done:
    """The regulator disputes a quorum inside its window."""
    header = header_for(desk, "challenge", request)
    calldata = contracts_raise.board.challenge_by_regulator(header, target.escrow, milestone)
    return carry_out(desk, REGULATOR, desk.deployment.board, calldata, header.operation, "challenge a verdict")


def decide(desk: Desk, request: Request, target: Raise, milestone: int, arbiter: str, upheld: bool) -> Done:
    """The arbiter's ruling on a challenge, under its key; RejectedError naming the arbiter where it is another's."""
    named, signer = desk.raises.escrow_terms(target.escrow).arbiter, desk.account(arbiter)
    if signer != named:
        message = (
            f"NotAuthorised: the terms of raise {target.number} name 0x{named.hex()} as arbiter, who alone decides"
        )
        values = {"actor": "0x" + signer.hex(), "role": 0, "arbiter": "0x" + named.hex()}
        raise RejectedError(message, code="NotAuthorised", values=values)
    header = header_for(desk, "decide", request)
    calldata = contracts_raise.board.decide(header, target.escrow, milestone, upheld)
    return carry_out(desk, arbiter, desk.deployment.board, calldata, header.operation, "rule on a challenge")


def decide_by_silence(desk: Desk, target: Raise, milestone: int) -> Done | None:
    """Once the arbiter's time is over: what the terms say about its silence. None where the challenge is decided."""
    case = case_of(desk, target, milestone)
    if case.phase != CasePhase.CHALLENGED and _was_ruled(desk, target, milestone, case.round):
        return None

    def is_there() -> bool:
        now = case_of(desk, target, milestone)
        return now.round != case.round or now.phase == CasePhase.UPHELD

    calldata = contracts_raise.board.decide_by_silence(target.escrow, milestone)
    work = f"silence {target.escrow.hex()} {milestone} {case.round}"
    return carry_out_once(desk, PLATFORM, desk.deployment.board, calldata, work, "the arbiter was silent", is_there)


def case_of(desk: Desk, target: Raise, milestone: int) -> Case:
    """The milestone before the board as it is now; InputError where it is not there (yet)."""
    (case,) = desk.raises.cases_now(target.company, target.escrow, [milestone], time=desk.next_time())
    if not case.phase:
        message = f"milestone {milestone} of raise {target.number} is not before the board"
        raise InputError(message, code="milestone_unknown", field="milestone", value=milestone)
    return case


def _require_notice(desk: Desk, appointment: Appointment) -> None:
    earliest = first_day(desk, appointment.company, appointment.kind)
    if earliest > desk.today() and appointment.from_day < earliest:
        message = (
            f"a case came before this panel: who is appointed now votes from {to_date(earliest)} on at the earliest"
        )
        raise InputError(message, code="notice", field="from_day", value=to_date(appointment.from_day))


def _was_ruled(desk: Desk, target: Raise, milestone: int, round_: int) -> bool:
    """Was a challenge decided in this round, which was upheld, or in the one before, which this one follows?"""
    emitter = Emitter(desk.deployment.board, Kind.BOARD)
    return any(
        isinstance(event, CaseRuled)
        and (event.escrow, event.milestone) == (target.escrow, milestone)
        and event.round in {round_, round_ - 1}
        for event in events_of(desk.node, desk.deployment, [(emitter, "CaseRuled")])
    )
