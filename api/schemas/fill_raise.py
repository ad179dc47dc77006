"""Fills the shapes of money and raises from the mirror's records."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.look import certificate
from api.schemas import raises as s
from api.schemas.common import day_text, hexed, time_text
from registry.chain.decode import CLASSES_PER_COMPANY
from registry.domain.board import CasePhase
from registry.domain.escrow import Miss, TrancheState
from registry.domain.ids import BOOK, PartyId
from registry.domain.raise_words import Case
from registry.domain.raising import Method, OfferingPhase, SubscriptionStatus
from registry.mirror import views_money as m
from registry.mirror import views_raise as v
from registry.mirror.views_lots import Investment

Names = Mapping[PartyId, str]
_OUTCOMES = {1: "reached", 2: "not_reached"}
_VERIFIERS = {0: "appointed", 1: "dismissed", 2: "suspended"}


def offering(found: v.Offering) -> s.Offering:
    return s.Offering(
        number=found.number,
        company=found.company,
        share_class=found.class_id % CLASSES_PER_COMPANY,
        address=hexed(found.address),
        escrow=hexed(found.escrow),
        phase=_phase(found.phase),
        phases=[
            s.Phase(
                phase=_phase(each.phase),
                block=each.block,
                time=time_text(each.time),
                transaction=hexed(each.tx),
                document=hexed(each.document) if each.document else None,
            )
            for each in found.phases
        ],
        terms=_terms(found),
        money=money(found.money),
        live=str(found.totals.live),
        raised=str(found.totals.raised),
        subscribers=found.totals.subscribers,
        seats_left=found.seats_left,
        region=_region(found.region),
    )


def money(found: v.MoneySummary) -> s.Money:
    return s.Money(
        money_in=str(found.money_in),
        held=str(found.held),
        released=str(found.released),
        fee=str(found.fee),
        refunded=str(found.refunded),
        redeemed=str(found.redeemed),
    )


def subscription(row: v.SubscriptionRow, names: Names) -> s.Subscription:
    word = row.word
    return s.Subscription(
        offering=row.offering,
        party=row.party,
        name=names.get(row.party),
        account=hexed(row.account),
        status="withdrawn" if row.is_withdrawn else SubscriptionStatus(word.status).name.lower(),
        amount=str(word.amount),
        shares=str(row.shares),
        shares_ended=str(row.ended),
        paid=str(row.paid),
        returned=str(row.returned),
        redeemed=str(row.redeemed),
        lapsed=str(row.lapsed),
        disclosure=hexed(row.disclosure),
        block=row.block,
        time=time_text(row.time),
        transaction=hexed(row.tx),
    )


def escrow(found: v.Escrow, names: Names) -> s.Escrow:
    terms = found.terms
    return s.Escrow(
        offering=found.offering.number,
        address=hexed(found.offering.escrow),
        terms=s.EscrowTerms(
            issuer_account=hexed(terms.issuer_account),
            arbiter=hexed(terms.arbiter),
            window=terms.window,
            arbitration=terms.arbitration,
            silence_upholds=terms.silence_upholds,
            challenge_bps=terms.challenge_bps,
            consent_bps=terms.consent_bps,
            voting=terms.voting,
            put_payer=hexed(terms.put_payer) if any(terms.put_payer) else None,
            is_payer_issuer=terms.is_payer_issuer,
            put_rate_bps=terms.put_rate_bps,
            claims=terms.claims,
            lapse_account=hexed(terms.lapse_account),
        ),
        money=money(found.offering.money),
        redeemable=str(found.offering.purse.redeemable),
        claims_end=_claims_end(found.offering),
        lapsed=str(found.offering.lapsed),
        tranches=[_tranche(row, found.offering.region, names) for row in found.tranches],
        puts=[put(each, names) for each in found.puts],
    )


def attestation(row: v.AttestationRow, names: Names) -> s.Attestation:
    return s.Attestation(
        id=row.id,
        milestone=row.milestone,
        round=row.round,
        party=row.party,
        name=names.get(row.party),
        outcome=_OUTCOMES.get(row.outcome, f"outcome_{row.outcome}"),
        evidence=hexed(row.evidence),
        uri=row.uri,
        observed_at=time_text(row.observed_at),
        expires_at=time_text(row.expires_at),
        retracted_at=None if row.retracted_at is None else time_text(row.retracted_at),
        is_void=row.is_void,
        block=row.block,
        time=time_text(row.time),
        transaction=hexed(row.tx),
    )


def verifier(row: v.Verifier, names: Names) -> s.Verifier:
    return s.Verifier(
        company=hexed(row.company),
        kind=row.kind,
        member=row.member,
        party=row.party,
        name=names.get(row.party),
        key=hexed(row.key),
        valid_from=day_text(row.from_day),
        valid_through=day_text(row.until_day),
        state=_VERIFIERS[row.state],
        mandate=hexed(row.mandate),
    )


def put(row: v.PutRow, names: Names) -> s.Put:
    return s.Put(
        party=row.party,
        name=names.get(row.party),
        shares=str(row.shares),
        rest=str(row.rest),
        interest=str(row.interest),
        payer=hexed(row.payer) if row.payer else None,
        exercised_at=time_text(row.exercised_at),
        settled_at=None if row.settled_at is None else time_text(row.settled_at),
    )


def investment(found: Investment, names: Names) -> s.Investment:
    return s.Investment(
        company=found.offering.company,
        subscription=subscription(found.subscription, names),
        held=str(found.held),
        in_escrow=str(found.in_escrow),
        due=str(found.due),
        unheld=str(found.unheld),
        claims_end=_claims_end(found.offering),
        put=put(found.put, names) if found.put else None,
    )


def account(row: m.MoneyAccount) -> s.MoneyAccount:
    return s.MoneyAccount(address=hexed(row.account), balance=str(row.balance), is_frozen=row.is_frozen)


def annual_use(found: m.AnnualUse) -> s.AnnualUse:
    binds = found.is_limited and found.limit
    return s.AnnualUse(
        year=found.year,
        own=str(found.own),
        outside=str(found.outside),
        limit=str(found.limit) if binds else None,
        left=None if found.left is None else str(found.left),
    )


def movement(found: m.MoneyMove, names: Names) -> s.Movement:
    ref = found.ref
    return s.Movement(
        id=found.id,
        giver=_end(found.giver, names),
        taker=_end(found.taker, names),
        amount=str(found.amount),
        bank_reference=None if ref is None else certificate(ref) or hexed(ref),
        operation=hexed(found.operation) if found.operation else None,
        document=hexed(found.document) if found.document else None,
        block=found.block,
        time=time_text(found.time),
        transaction=hexed(found.tx),
    )


def _end(found: m.AccountName | None, names: Names) -> s.End | None:
    if found is None:
        return None
    number = found.account
    return s.End(
        address=hexed(found.address),
        party=found.party,
        name=None if found.party is None else names.get(found.party),
        account=None if number is None else "book" if number == BOOK else f"wallet:{number}",
        offering=found.offering,
        is_escrow=found.is_escrow,
    )


def _terms(found: v.Offering) -> s.Terms:
    terms, region = found.terms, found.region
    return s.Terms(
        price=str(terms.price),
        minimum=str(terms.minimum),
        maximum=str(terms.maximum),
        investor_minimum=str(terms.investor_minimum),
        investor_maximum=str(terms.investor_maximum),
        opens_at=time_text(region.unix(terms.opens_at)),
        closes_at=time_text(region.unix(terms.closes_at)),
        cooling_off=terms.cooling_off,
        settle_within=terms.settle_within,
        fee_bps=terms.fee_bps,
        fee_recipient=hexed(terms.fee_recipient),
        risk_grade=terms.risk_grade,
        method=Method(terms.method).name.lower(),
        locked_through=day_text(terms.lock_day) if terms.lock_day else None,
        memorandum=hexed(terms.memorandum),
        disclosure=hexed(terms.disclosure),
    )


def _claims_end(found: v.Offering) -> str | None:
    return time_text(found.region.unix(found.claims_end)) if found.claims_end else None


def _region(found: m.RegionView) -> s.Region:
    word = found.word
    return s.Region(
        code=found.region,
        scheme_version=word.version,
        raise_ceiling=str(word.raise_ceiling),
        investor_ceiling=str(word.investor_ceiling),
        is_halted=word.is_halted,
    )


def _tranche(row: v.TrancheRow, region: m.RegionView, names: Names) -> s.Tranche:
    word = row.word
    return s.Tranche(
        milestone=row.milestone,
        state=TrancheState(word.state).name.lower(),
        amount=str(word.value),
        is_share=row.scheduled.is_share,
        kind=word.kind,
        quorum=word.quorum,
        deadline=time_text(region.unix(row.deadline)),
        on_miss=Miss(word.on_miss).name.lower(),
        criterion=hexed(row.criterion),
        terms=row.terms,
        case=_case(row.case, region) if row.case else None,
        attestations=[attestation(each, names) for each in row.attestations],
        challenges=[
            s.Challenge(
                round=each.round,
                challenger=hexed(each.challenger),
                document=hexed(each.document),
                time=time_text(each.time),
                transaction=hexed(each.tx),
            )
            for each in row.challenges
        ],
        rulings=[
            s.Ruling(
                round=each.round,
                is_upheld=each.is_upheld,
                by_silence=each.by_silence,
                time=time_text(each.time),
                transaction=hexed(each.tx),
            )
            for each in row.rulings
        ],
        release=_release(row.release) if row.release else None,
        missed_at=None if row.missed_at is None else time_text(row.missed_at),
        vote=s.Vote(yes=str(row.vote.yes), allotted=str(row.vote.allotted)) if row.vote else None,
    )


def _case(word: Case, region: m.RegionView) -> s.Case:
    ends = word.window_ends
    return s.Case(
        phase=CasePhase(word.phase).name.lower(),
        round=word.round,
        yes=word.yes.bit_count(),
        no=word.no.bit_count(),
        quorum=word.quorum,
        window_ends=time_text(region.unix(ends)) if ends else None,
        arbitration_ends=time_text(region.unix(ends + word.arbitration)) if ends else None,
    )


def _release(found: v.Release) -> s.Release:
    return s.Release(
        account=hexed(found.account),
        amount=str(found.amount),
        time=time_text(found.time),
        transaction=hexed(found.tx),
    )


def _phase(phase: int) -> str:
    return OfferingPhase(phase).name.lower()
