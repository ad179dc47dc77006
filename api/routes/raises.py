"""Raises: the offer, its subscriptions, its escrow with verdicts and evidence, who may still subscribe."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from api.asof import AttestationId, CompanyNumber, OfferingNumber, Question
from api.parts import Parts
from api.routes.paging import Cursor, Limit
from api.schemas import fill_raise as fill
from api.schemas import raises as s
from api.schemas.common import Listing
from registry.domain.ids import Hash32, PartyId
from registry.domain.subscription_rules import subscription_rules_in
from registry.errors import Unavailable

router = APIRouter(tags=["raises"])

MOST_FEN = 2**63 - 1

Party = Annotated[int, Query(ge=1, le=2**32 - 1, description="Party id.", examples=[1001])]
Amount = Annotated[int, Query(ge=1, le=MOST_FEN, description="Fen (1/100 CNY).", examples=[42500000])]


@router.get("/offerings", summary="Raises of all companies, the newest first")
async def offerings(request: Request, asked: Question, cursor: Cursor = None, limit: Limit = 50) -> Listing[s.Offering]:
    return _listing(request, asked, None, cursor, limit)


@router.get("/companies/{number}/offerings", summary="Raises of a company, the newest first")
async def offerings_of(
    request: Request, asked: Question, number: CompanyNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Offering]:
    _parts(request).register.company(number, asked.as_of)
    return _listing(request, asked, number, cursor, limit)


def _listing(
    request: Request, asked: Question, company: int | None, cursor: str | None, limit: int
) -> Listing[s.Offering]:
    found = _parts(request).register.offerings(company, asked.as_of, cursor=cursor, limit=limit)
    items = [fill.offering(offering) for offering in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/offerings/{offering}", summary="One raise: terms, money, seats left")
async def offering(request: Request, asked: Question, offering: OfferingNumber) -> s.OfferingAnswer:
    found = _parts(request).register.offering(offering, asked.as_of)
    return s.OfferingAnswer(as_of=asked.block, offering=fill.offering(found))


@router.get("/offerings/{offering}/subscriptions", summary="Its subscriptions, by party id")
async def subscriptions(
    request: Request, asked: Question, offering: OfferingNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Subscription]:
    found = _parts(request).register.subscriptions(offering, asked.as_of, cursor=cursor, limit=limit)
    names = _parts(request).names([row.party for row in found.items])
    items = [fill.subscription(row, names) for row in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/offerings/{offering}/escrow", summary="Its escrow: tranches, verdicts with evidence, disputes, puts")
async def escrow(request: Request, asked: Question, offering: OfferingNumber) -> s.EscrowAnswer:
    found = _parts(request).register.escrow(offering, asked.as_of)
    parties = {row.party for tranche in found.tranches for row in tranche.attestations}
    names = _parts(request).names(parties | {put.party for put in found.puts})
    return s.EscrowAnswer(as_of=asked.block, escrow=fill.escrow(found, names))


@router.get("/offerings/{offering}/attestations", summary="What verifiers stated about it, the newest first")
async def attestations(
    request: Request, asked: Question, offering: OfferingNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Attestation]:
    found = _parts(request).register.attestations(offering, None, asked.as_of, cursor=cursor, limit=limit)
    names = _parts(request).names({row.party for row in found.items})
    items = [fill.attestation(row, names) for row in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/attestations/{attestation_id}", summary="One attestation with its evidence")
async def attestation(request: Request, asked: Question, attestation_id: AttestationId) -> s.AttestationAnswer:
    found, number = _parts(request).register.attestation(attestation_id, asked.as_of)
    names = _parts(request).names([found.party])
    return s.AttestationAnswer(as_of=asked.block, offering=number, attestation=fill.attestation(found, names))


@router.get("/companies/{number}/verifiers", summary="Who may attest for a company, by type of milestones and place")
async def verifiers(request: Request, asked: Question, number: CompanyNumber) -> s.VerifiersAnswer:
    found = _parts(request).register.verifiers(number, None, asked.as_of)
    names = _parts(request).names({row.party for row in found})
    return s.VerifiersAnswer(as_of=asked.block, verifiers=[fill.verifier(row, names) for row in found])


@router.get("/offerings/{offering}/eligibility", summary="May this party subscribe this amount, and why not")
async def eligibility(
    request: Request, asked: Question, offering: OfferingNumber, party: Party, amount: Amount
) -> s.EligibilityAnswer:
    """Asked of the chain itself, at its newest block, with the account of the party that suits best."""
    parts = _parts(request)
    target = parts.register.offering(offering, asked.as_of)
    accounts = [row.account for row in parts.register.party_money(party, asked.as_of).accounts]
    signed = Hash32(target.terms.disclosure)
    found = await run_in_threadpool(parts.broken_rules, target.address, accounts, amount, signed)
    if found is None:
        raise Unavailable("the node gives no answer, so nobody can say who may subscribe just now")
    rules = subscription_rules_in(found.broken)
    return s.EligibilityAnswer(
        as_of=asked.block,
        block=found.block,
        party=PartyId(party),
        amount=str(amount),
        may_subscribe=not rules,
        rules=[s.BrokenRule(id=rule.id, en=rule.text_en, zh=rule.text_zh) for rule in rules],
    )


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts
