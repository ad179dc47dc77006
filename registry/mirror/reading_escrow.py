"""Escrows with their tranches, the board's cases, attestations and disputes, panels of verifiers."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from registry.domain.ids import Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.raise_args import EscrowTerms, RatchetTerms
from registry.domain.raise_words import Case, Tranche
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, page_of
from registry.mirror.reading_parties import word_of_party
from registry.mirror.reading_raise import missed_of, offering_view, puts_of, word_of
from registry.mirror.views import AsOf, Page
from registry.mirror.views_lots import PARKED, Investment
from registry.mirror.views_raise import (
    AttestationRow,
    ChallengeRow,
    Contradiction,
    Escrow,
    Lapse,
    Offering,
    RatchetLine,
    Release,
    RulingRow,
    TrancheRow,
    Verifier,
    Vote,
)

_ENDLESS = (1 << 63) - 1
VOTING, MISSED = 3, 4
PUT = 3
_TERM_NAMES = tuple(field.name for field in fields(EscrowTerms))

_TERMS = """
SELECT issuer_account, arbiter, window, arbitration, silence_upholds, challenge_bps, consent_bps, voting, put_payer,
 is_payer_issuer, put_rate_bps, claims, lapse_account FROM escrows WHERE offering = ? AND id < ?
"""
_RATCHET = """
SELECT milestone, source, founder, fallback_account, early_by, early_bps, late_after, late_bps FROM ratchets
WHERE offering = ? AND id < ?
"""
_RATCHET_LINES = """
SELECT r.kind, r.account, r.shares, b.time,
 (SELECT hash FROM txs WHERE id <= r.id ORDER BY id DESC LIMIT 1) FROM ratchet_lines r
JOIN blocks b ON b.number = r.block WHERE r.offering = ? AND r.id < ? ORDER BY r.id
"""
_TRANCHES = """
SELECT t.milestone, t.word, t.criterion, t.terms,
 (SELECT word FROM tranche_versions v WHERE v.offering = t.offering AND v.milestone = t.milestone AND v.id < :bound
  ORDER BY v.id DESC LIMIT 1)
FROM tranches t WHERE t.offering = :offering AND t.id < :bound ORDER BY t.milestone
"""
_RELEASES = """
SELECT r.milestone, r.account, r.amount, b.time,
 (SELECT hash FROM txs WHERE id <= r.id ORDER BY id DESC LIMIT 1) FROM releases r
JOIN blocks b ON b.number = r.block WHERE r.offering = ? AND r.id < ?
"""
_LAPSES = """
SELECT l.account, l.amount, b.time, (SELECT hash FROM txs WHERE id <= l.id ORDER BY id DESC LIMIT 1) FROM lapses l
JOIN blocks b ON b.number = l.block WHERE l.offering = ? AND l.id < ? ORDER BY l.id
"""
_CHANGES = """
SELECT v.milestone, v.word, b.time FROM tranche_versions v JOIN blocks b ON b.number = v.block
WHERE v.offering = ? AND v.id < ? ORDER BY v.id
"""
_CASES = """
SELECT milestone, word FROM cases c WHERE escrow = :escrow AND id = (
 SELECT max(id) FROM cases WHERE escrow = c.escrow AND milestone = c.milestone AND id < :bound) ORDER BY milestone
"""
_ATTESTATIONS = """
SELECT a.id, a.escrow, a.milestone, a.round, a.party, a.outcome, a.evidence, a.uri, a.observed_at, a.expires_at,
 a.block, b.time, (SELECT hash FROM txs WHERE id <= a.id ORDER BY id DESC LIMIT 1),
 (SELECT f.time FROM retractions r JOIN blocks f ON f.number = r.block WHERE r.escrow = a.escrow
  AND r.milestone = a.milestone AND r.round = a.round AND r.party = a.party AND r.id > a.id AND r.id < :bound LIMIT 1)
FROM attestations a JOIN blocks b ON b.number = a.block
WHERE <scope> AND a.id < :bound AND a.id < :before ORDER BY a.id <order> LIMIT :limit
"""
_ATTESTED_OF = _ATTESTATIONS.replace("<scope>", "a.escrow = :escrow").replace("<order>", "ASC")
_ATTESTED = _ATTESTATIONS.replace(
    "<scope>", "(:escrow IS NULL OR a.escrow = :escrow) AND (:party IS NULL OR a.party = :party)"
).replace("<order>", "DESC")
_ATTESTATION = _ATTESTATIONS.replace("<scope>", "a.id = :id").replace("<order>", "ASC")
_CHALLENGES = """
SELECT c.milestone, c.round, c.challenger, c.document, b.time,
 (SELECT hash FROM txs WHERE id <= c.id ORDER BY id DESC LIMIT 1) FROM challenges c
JOIN blocks b ON b.number = c.block WHERE c.escrow = ? AND c.id < ? ORDER BY c.id
"""
_RULINGS = """
SELECT r.milestone, r.round, r.upheld, r.by_silence, b.time,
 (SELECT hash FROM txs WHERE id <= r.id ORDER BY id DESC LIMIT 1) FROM rulings r
JOIN blocks b ON b.number = r.block WHERE r.escrow = ? AND r.id < ? ORDER BY r.id
"""
_IS_RELEASED = """
SELECT 1 FROM releases r JOIN offerings o ON o.offering = r.offering
WHERE o.escrow = ? AND r.milestone = ? AND r.id < ?
"""
_PANEL = """
SELECT v.company, v.kind, v.member, v.party, v.key, v.from_day, v.until_day, v.state, a.document, b.time
FROM verifiers v LEFT JOIN acts a ON a.id = v.act JOIN blocks b ON b.number = v.block
WHERE v.company = :company AND (:kind IS NULL OR v.kind = :kind) AND v.id = (
 SELECT max(id) FROM verifiers WHERE company = v.company AND kind = v.kind AND member = v.member AND id < :bound)
ORDER BY v.kind, v.member
"""
_CONTRADICTIONS = """
SELECT c.company, c.kind, c.member, c.party, c.first, c.second, c.first_signature, c.second_signature, b.time,
 (SELECT hash FROM txs WHERE id <= c.id ORDER BY id DESC LIMIT 1)
FROM contradictions c JOIN blocks b ON b.number = c.block
WHERE c.company = ? AND c.id < ? ORDER BY c.id
"""


class EscrowQueries(Reader):
    """Reads about escrowed money and the verdicts that it waits for."""

    def escrow(self, offering: int | bytes, as_of: AsOf = NOW) -> Escrow:
        """Terms, tranches and verdicts of a raise's escrow, by the number or an address of the raise."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            return _escrow(connection, bound, offering_view(connection, bound, offering))

    def verifiers(self, company: int | bytes, kind: int | None = None, as_of: AsOf = NOW) -> tuple[Verifier, ...]:
        """Everybody ever appointed for a company (by number or address), by type of milestones and place."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            return _panel(connection, bound, _address_of(connection, bound, company), kind)

    def contradictions(self, company: int | bytes, as_of: AsOf = NOW) -> tuple[Contradiction, ...]:
        """Verifiers of a company who signed two outcomes, with both signatures."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            address = _address_of(connection, bound, company)
            found = connection.execute(_CONTRADICTIONS, (address, bound.id)).fetchall()
        return tuple(
            Contradiction(
                Address(row[0]),
                row[1],
                row[2],
                PartyId(row[3]),
                Hash32(row[4]),
                Hash32(row[5]),
                row[6],
                row[7],
                Timestamp(row[8]),
                Hash32(row[9]),
            )
            for row in found
        )

    def attestations(
        self,
        offering: int | bytes | None = None,
        party: int | None = None,
        as_of: AsOf = NOW,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AttestationRow]:
        """What verifiers stated, newest first; about a raise, by a party, or all."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            escrow = None if offering is None else offering_view(connection, bound, offering).escrow
            key = {"escrow": escrow, "party": party, "bound": bound.id, "before": checked_cursor(cursor, _ENDLESS)}
            found = connection.execute(_ATTESTED, {**key, "limit": checked_limit(limit) + 1}).fetchall()
            items = [_attestation(connection, bound, row) for row in found]
        return page_of(items, [item.id for item in items], limit, bound.stand)

    def attestation(self, attestation: int, as_of: AsOf = NOW) -> tuple[AttestationRow, int]:
        """One attestation by its id, and the number of its raise."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"id": attestation, "bound": bound.id, "before": _ENDLESS, "limit": 1}
            row = connection.execute(_ATTESTATION, key).fetchone()
            if row is None:
                raise InputError(
                    f"there is no attestation {attestation} as of block {bound.stand.block}",
                    code="attestation_unknown",
                    field="attestation",
                    value=attestation,
                )
            (offering,) = connection.execute("SELECT offering FROM offerings WHERE escrow = ?", (row[1],)).fetchone()
            return _attestation(connection, bound, row), int(offering)


# --- the parts, each inside a snapshot ---


def _escrow(connection: sqlite3.Connection, bound: Bound, offering: Offering) -> Escrow:
    key = (offering.number, bound.id)
    terms = connection.execute(_TERMS, key).fetchone()
    ratchet = connection.execute(_RATCHET, key).fetchone()
    tranches = _tranches(connection, bound, offering)
    missed = missed_of(connection, bound, offering)
    return Escrow(
        stand=bound.stand,
        offering=offering,
        terms=_terms(terms),
        ratchet=None if ratchet is None else RatchetTerms(*ratchet),
        ratchet_lines=tuple(
            RatchetLine(kind, Address(account), Shares(unsigned(shares)), Timestamp(time), Hash32(tx))
            for kind, account, shares, time, tx in connection.execute(_RATCHET_LINES, key)
        ),
        tranches=tranches,
        puts=puts_of(connection, bound, offering.number),
        is_put_open=any(tranche.is_cause and tranche.word.on_miss == PUT for tranche in tranches),
        unheld={each.subscription.party: each.unheld for each in missed if each.unheld},
        frozen=_frozen(connection, bound, offering, missed),
        lapses=tuple(
            Lapse(Address(account), unsigned(amount), Timestamp(time), Hash32(tx))
            for account, amount, time, tx in connection.execute(_LAPSES, key)
        ),
    )


def _frozen(
    connection: sqlite3.Connection, bound: Bound, offering: Offering, missed: Sequence[Investment]
) -> dict[PartyId, int]:
    """Of a parked lot that was cut only the part in the raise counts; the offering keeps the rest for it."""
    parked = sum(each.subscription.word.amount for each in missed if each.subscription.word.status == PARKED)
    found = {}
    for each in missed:
        due, party = each.due, each.subscription.party
        if each.subscription.word.status == PARKED:
            due = due * (parked - offering.held_by_offering) // parked
        word = word_of_party(connection, bound, party) if due else None
        if word is not None and word.is_frozen:
            found[party] = due
    return found


def _terms(row: Sequence[Any]) -> EscrowTerms:
    named = dict(zip(_TERM_NAMES, row, strict=True))
    flags = {name: bool(named[name]) for name in ("silence_upholds", "is_payer_issuer")}
    return EscrowTerms(**{**named, **flags})


def _tranches(connection: sqlite3.Connection, bound: Bound, offering: Offering) -> tuple[TrancheRow, ...]:
    key = (offering.number, bound.id)
    found = connection.execute(_TRANCHES, {"offering": offering.number, "bound": bound.id}).fetchall()
    escrow = {"escrow": offering.escrow, "bound": bound.id}
    cases = {each: Case.unpack(word_of(word)) for each, word in connection.execute(_CASES, escrow)}
    everything = {**escrow, "before": _ENDLESS, "limit": -1}
    attested = [
        _attestation(connection, bound, row, cases) for row in connection.execute(_ATTESTED_OF, everything).fetchall()
    ]
    challenges = [
        ChallengeRow(each, of, Address(who), Hash32(document), Timestamp(time), Hash32(tx))
        for each, of, who, document, time, tx in connection.execute(_CHALLENGES, (offering.escrow, bound.id))
    ]
    rulings = [
        RulingRow(each, of, bool(upheld), bool(silent), Timestamp(time), Hash32(tx))
        for each, of, upheld, silent, time, tx in connection.execute(_RULINGS, (offering.escrow, bound.id))
    ]
    releases = {
        each: Release(Address(account), unsigned(amount), Timestamp(time), Hash32(tx))
        for each, account, amount, time, tx in connection.execute(_RELEASES, key)
    }
    causes = {row[0] for row in connection.execute("SELECT milestone FROM misses WHERE offering = ? AND id < ?", key)}
    changes = [(each, Tranche.unpack(word_of(word)), time) for each, word, time in connection.execute(_CHANGES, key)]
    rows = []
    for milestone, scheduled, criterion, terms, word in found:
        tranche, case = Tranche.unpack(word_of(word)), cases.get(milestone)
        own = [(changed, time) for each, changed, time in changes if each == milestone]
        was_asked = any(changed.state == VOTING for changed, _ in own)
        missed = next((time for changed, time in own if changed.state == MISSED), None)
        rows.append(
            TrancheRow(
                milestone=milestone,
                scheduled=Tranche.unpack(word_of(scheduled)),
                word=tranche,
                criterion=Hash32(criterion),
                terms=terms,
                case=case,
                panel=_panel(connection, bound, offering.terms.company, tranche.kind),
                attestations=tuple(each for each in attested if each.milestone == milestone),
                challenges=tuple(each for each in challenges if each.milestone == milestone),
                rulings=tuple(each for each in rulings if each.milestone == milestone),
                release=releases.get(milestone),
                missed_at=None if missed is None else Timestamp(missed),
                is_cause=milestone in causes,
                vote=_vote(connection, bound, offering, milestone) if was_asked else None,
                deadline=case.deadline if case else tranche.deadline,
            )
        )
    return tuple(rows)


def _vote(connection: sqlite3.Connection, bound: Bound, offering: Offering, milestone: int) -> Vote:
    """Subscribers vote with what is left of their lots, out of all that the raise allotted."""
    consents = connection.execute(
        "SELECT shares FROM consents WHERE offering = ? AND milestone = ? AND id < ?",
        (offering.number, milestone, bound.id),
    )
    yes = sum(unsigned(shares) for (shares,) in consents)
    return Vote(Shares(yes), Shares(offering.totals.raised // offering.terms.price))


def _attestation(
    connection: sqlite3.Connection, bound: Bound, row: Any, cases: dict[int, Case] | None = None
) -> AttestationRow:
    key, escrow, milestone, of, party, outcome, evidence, uri, observed, expires, block, time, tx, retracted = row
    if cases is None:
        found = connection.execute(_CASES, {"escrow": escrow, "bound": bound.id})
        cases = {each: Case.unpack(word_of(word)) for each, word in found}
    company = connection.execute(
        "SELECT c.address FROM offerings o JOIN companies c ON c.company = o.company WHERE o.escrow = ?", (escrow,)
    ).fetchone()
    panel = _panel(connection, bound, company[0], cases[milestone].kind)
    voters = [verifier for verifier in panel if verifier.party == party]
    # A party that was dismissed and appointed again has two places; the later one is the one that may have voted.
    verifier = next((each for each in reversed(voters) if each.is_active), voters[-1] if voters else None)
    is_struck = verifier is None or not verifier.is_active
    # What was released on it stays so.
    is_final = connection.execute(_IS_RELEASED, (escrow, milestone, bound.id)).fetchone() is not None
    return AttestationRow(
        id=key,
        milestone=milestone,
        round=of,
        party=PartyId(party),
        member=verifier.member if verifier else None,
        outcome=outcome,
        evidence=Hash32(evidence),
        uri=uri,
        observed_at=Timestamp(observed),
        expires_at=Timestamp(expires),
        block=block,
        time=Timestamp(time),
        tx=Hash32(tx),
        retracted_at=None if retracted is None else Timestamp(retracted),
        is_void=of != cases[milestone].round or (is_struck and not is_final),
    )


def _panel(connection: sqlite3.Connection, bound: Bound, company: bytes, kind: int | None) -> tuple[Verifier, ...]:
    found = connection.execute(_PANEL, {"company": company, "kind": kind, "bound": bound.id}).fetchall()
    return tuple(
        Verifier(
            company=Address(owner),
            kind=of,
            member=member,
            party=PartyId(party),
            key=Address(key),
            from_day=Day(first),
            until_day=Day(last),
            state=state,
            mandate=Hash32(mandate),
            since=Timestamp(time),
        )
        for owner, of, member, party, key, first, last, state, mandate, time in found
    )


def _address_of(connection: sqlite3.Connection, bound: Bound, company: int | bytes) -> bytes:
    if isinstance(company, bytes):
        return company
    found = connection.execute(
        "SELECT address FROM companies WHERE company = ? AND id < ?", (company, bound.id)
    ).fetchone()
    if found is None:
        raise InputError(
            f"there is no company {company} as of block {bound.stand.block}",
            code="company_unknown",
            field="company",
            value=company,
        )
    return bytes(found[0])
