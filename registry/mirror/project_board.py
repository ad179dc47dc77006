"""The attestation board: verifiers, cases, attestations, disputes. Companies and escrows stand as it names them."""

from __future__ import annotations

from collections.abc import Callable

from registry.chain.decode import LOG_BITS, Row
from registry.errors import HaltError
from registry.mirror.batch import Batch
from registry.mirror.working_raise import Member

APPOINTED, DISMISSED, SUSPENDED = 0, 1, 2


# --- verifiers ---


def verifier_appointed(batch: Batch, row: Row) -> None:
    company, kind, number, party, key, from_day, until_day = row.values
    member = Member(party, key, from_day, until_day, APPOINTED, batch.act_of(row)[0])
    batch.working.raises.set_member(company, kind, number, member)
    _put_member(batch, row, company, kind, number)


def verifier_key_rotated(batch: Batch, row: Row) -> None:
    company, kind, number, key = row.values
    batch.working.raises.member(company, kind, number).key = key
    _put_member(batch, row, company, kind, number)


def verifier_dismissed(batch: Batch, row: Row) -> None:
    company, kind, number, _ = row.values
    batch.working.raises.member(company, kind, number).state = DISMISSED
    _put_member(batch, row, company, kind, number)


def verifier_contradicted(batch: Batch, row: Row) -> None:
    company, kind, number, party, first, second = row.values
    batch.working.raises.member(company, kind, number).state = SUSPENDED
    _put_member(batch, row, company, kind, number)
    batch.put("contradictions", row.key, company, kind, number, party, first, second, b"", b"", row.key >> LOG_BITS)


def contradiction_signed(batch: Batch, row: Row) -> None:
    """Belongs to the contradiction directly before."""
    lines = batch.rows["contradictions"]
    if not lines or lines[-1][0] != row.key - 1:
        raise HaltError(f"{row.event} without its contradiction before it, in transaction {row.tx}")
    lines[-1] = (*lines[-1][:7], *row.values, lines[-1][9])


def _put_member(batch: Batch, row: Row, company: bytes, kind: int, number: int) -> None:
    member = batch.working.raises.member(company, kind, number)
    facts = (member.party, member.key, member.from_day, member.until_day, member.state, member.act)
    batch.put("verifiers", company, kind, number, row.key, *facts, row.key >> LOG_BITS)


# --- cases ---


def case_changed(batch: Batch, row: Row) -> None:
    escrow, milestone, word = row.values
    batch.put("cases", escrow, milestone, row.key, word.to_bytes(32, "big"), row.key >> LOG_BITS)


def attested(batch: Batch, row: Row) -> None:
    batch.put("attestations", row.key, *row.values, row.key >> LOG_BITS)


def attestation_retracted(batch: Batch, row: Row) -> None:
    batch.put("retractions", row.key, *row.values, row.key >> LOG_BITS)


def case_challenged(batch: Batch, row: Row) -> None:
    batch.put("challenges", row.key, *row.values, row.key >> LOG_BITS)


def case_ruled(batch: Batch, row: Row) -> None:
    batch.put("rulings", row.key, *row.values, row.key >> LOG_BITS)


HANDLERS: dict[str, Callable[[Batch, Row], None]] = {
    "AttestationRetracted": attestation_retracted,
    "Attested": attested,
    "CaseChallenged": case_challenged,
    "CaseChanged": case_changed,
    "CaseOpened": case_changed,
    "CaseRuled": case_ruled,
    "ContradictionSigned": contradiction_signed,
    "VerifierAppointed": verifier_appointed,
    "VerifierContradicted": verifier_contradicted,
    "VerifierDismissed": verifier_dismissed,
    "VerifierKeyRotated": verifier_key_rotated,
}
