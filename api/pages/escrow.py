"""Where the money of a raise is: a bar with its table, milestones on a timeline, verdicts, who is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.asof import OfferingNumber, Question
from api.pages import raising
from api.pages.claims import Claims
from api.pages.look import Look
from api.pages.milestones import Milestone, Milestones
from api.pages.next_steps import next_step
from api.pages.raising import Part
from api.pages.rows import Fact, MoneyPart, MoneyRow
from api.pages.standing import Notice, Person, State
from registry.domain.ids import PartyId
from registry.domain.raising import OfferingPhase
from registry.mirror.views_raise import Escrow, Offering, PutRow, Verifier

router = APIRouter(include_in_schema=False)

_MONEY = (("fee", 5), ("released", 0), ("held", 3), ("refunded", 1), ("redeemed", 4))
"""Parts of the money in the order of the bar, with their colours."""


@dataclass(frozen=True, slots=True)
class VerifierRow:
    person: Person
    until: str
    state: State
    mandate: str


@dataclass(frozen=True, slots=True)
class PutLine:
    person: Person
    shares: str
    rest: str
    interest: str
    debt: str
    state: State


@dataclass(frozen=True, slots=True)
class EscrowPage:
    heading: Markup
    title: str
    sub: str
    tabs: Sequence[raising.Tab]
    law: State
    notices: Sequence[Notice]
    answer: str
    lapsed: Sequence[str]
    clock: str
    step: str
    bar: Markup
    rows: Sequence[MoneyRow]
    money_in: str
    milestones: Sequence[Milestone]
    puts: Sequence[PutLine]
    verifiers: Sequence[VerifierRow]
    facts: Sequence[Fact]


@router.get("/raises/{offering}/escrow", response_class=HTMLResponse)
async def escrow_page(request: Request, asked: Question, offering: OfferingNumber) -> HTMLResponse:
    escrow = request.app.state.parts.register.escrow(offering, asked.as_of)
    found = escrow.offering
    look = Look(request, asked, found.company, "raise")
    panel = {verifier.party: verifier for row in escrow.tranches for verifier in row.panel}
    owners = [raising.party_of(look, account) for account in (escrow.terms.put_payer, escrow.terms.issuer_account)]
    heirs = raising.heirs(look, escrow)
    look.meet([*panel, *heirs, *(put.party for put in escrow.puts), *(owner for owner in owners if owner)])
    t, claims = look.t, Claims(look, escrow)
    page = EscrowPage(
        heading=raising.heading(look, found),
        title=raising.title(look, found),
        sub=raising.summary(found, t),
        tabs=raising.tabs(look, found, "escrow"),
        law=raising.law_state(found, t),
        notices=[*raising.halt_notices(found.region, t), *_due(look, escrow, owners[0], claims)],
        answer=_answer(look, escrow),
        lapsed=claims.lapsed(),
        clock=claims.clock(),
        step=next_step(look, escrow),
        bar=_bar(look, found),
        rows=_rows(look, found, claims),
        money_in=t.fen(found.money.money_in),
        milestones=Milestones(look, escrow, owners[0]).lines(),
        puts=[_put(look, found, put) for put in escrow.puts],
        verifiers=[_verifier(look, verifier) for verifier in panel.values()],
        facts=[*_facts(look, escrow, owners), *_claims_facts(look, escrow, claims)],
    )
    return look.render("escrow.html", page=page)


# --- where it is ---


def _answer(look: Look, escrow: Escrow) -> str:
    t, offering = look.t, escrow.offering
    money = offering.money
    if offering.phase != OfferingPhase.SETTLED:
        return _before_settling(look, offering)
    sums = {name: t.yuan(getattr(money, name)) for name in ("held", "released")}
    sums["redeemed"] = t.yuan(money.taken_back)
    if raising.left_by_rounding(offering):
        return t.text("escrow.decided", **sums)
    if not money.held:
        return t.text("escrow.done" if money.redeemed else "escrow.done.all", **sums)
    back = raising.going_back(escrow)
    if not back and offering.claims_end:
        return t.text("escrow.sold", **sums)
    if back:
        key = "escrow.back.all" if back == money.held else "escrow.back"
        if not raising.due_now(escrow):
            key, back = "escrow.back.frozen", raising.waits_frozen(escrow)
        return t.text(key, **sums, back=t.yuan(back))
    return t.text("escrow.held" if money.released else "escrow.held.all", **sums)


def _before_settling(look: Look, offering: Offering) -> str:
    t, held = look.t, offering.money.held
    if offering.phase == OfferingPhase.FAILED and offering.totals.money_in:
        return t.text("escrow.failed", money=t.yuan(held)) if held else t.text("escrow.failed.done")
    return t.text("escrow.waiting", money=t.yuan(held)) if held else t.text("escrow.empty")


def _bar(look: Look, offering: Offering) -> Markup:
    t, money = look.t, offering.money
    parts = [
        Part(colour, getattr(money, name), f"{t.text(f'money.{name}')}: {t.yuan(getattr(money, name))}")
        for name, colour in _MONEY
    ]
    return raising.bar(parts, t.text("escrow.bar", money=t.yuan(money.money_in)))


def _rows(look: Look, offering: Offering, claims: Claims) -> list[MoneyRow]:
    t, money = look.t, offering.money
    notes = {name: t.text(f"money.{name}.note") for name, _ in _MONEY}
    if raising.left_by_rounding(offering):
        notes["held"] = t.text("money.rounding")
    within = {}
    if money.lapsed:
        notes["redeemed"] = t.text("money.redeemed.lapsed")
        lapsed = MoneyPart(t.text("money.lapsed"), t.text("money.lapsed.note", who=claims.heir()), t.fen(money.lapsed))
        within["redeemed"] = lapsed
    return [
        MoneyRow(
            colour,
            t.text(f"money.{name}"),
            notes[name],
            t.fen(getattr(money, name)),
            t.percent(getattr(money, name), money.money_in),
            within.get(name),
        )
        for name, colour in _MONEY
    ]


def _due(look: Look, escrow: Escrow, payer: PartyId | None, claims: Claims) -> list[Notice]:
    """What subscribers can take back, now or later, what they may sell, what they sold, and what is owed for puts."""
    t, offering, found = look.t, escrow.offering, []
    now, frozen = raising.due_now(escrow), raising.waits_frozen(escrow)
    if now:
        found.append(Notice(t.text("escrow.due", money=t.yuan(now)), t.text("escrow.due.body")))
    if frozen:
        head = t.text("escrow.due.frozen", money=t.yuan(frozen))
        found.append(Notice(head, t.text("escrow.due.frozen.body"), "calm"))
    if raising.may_put(escrow) and payer:
        rate = t.percent(escrow.terms.put_rate_bps, 10_000)
        span = t.span(escrow.terms.claims)
        body = t.text("put.later.body", rate=rate, span=span)
        if offering.claims_end:
            body = t.text("put.open.body", rate=rate, **claims.times())
        found.append(Notice(t.text("put.open", who=look.name(payer)), body, "calm"))
    found += claims.notices()
    owed = sum(put.debt for put in escrow.puts if put.payer is None)
    if owed:
        key, until = "escrow.owed.over" if offering.is_claim_over else "escrow.owed.body", claims.times()["until"]
        found.append(Notice(t.text("escrow.owed", money=t.yuan(owed)), t.text(key, until=until)))
    return found


# --- who is behind it ---


def _put(look: Look, offering: Offering, put: PutRow) -> PutLine:
    t = look.t
    state = State(t.text("put.owed"), "○", "care")
    if put.settled_at is not None:
        state = State(t.text("put.paid", day=t.day_at(put.settled_at)), "✓")
    return PutLine(
        look.person(put.party, with_tags=False),
        t.shares(put.shares, offering.decimals),
        t.fen(put.rest),
        t.fen(put.interest),
        t.fen(put.debt),
        state,
    )


def _verifier(look: Look, verifier: Verifier) -> VerifierRow:
    t = look.t
    states = {0: ("✓", ""), 1: ("○", "care"), 2: ("■", "bad")}
    sign, tone = states[verifier.state]
    return VerifierRow(
        look.person(verifier.party, with_tags=False),
        t.day(verifier.until_day),
        State(t.text(f"verifier.{verifier.state}"), sign, tone),  # type: ignore[arg-type]
        "0x" + verifier.mandate.hex(),
    )


def _facts(look: Look, escrow: Escrow, owners: Sequence[PartyId | None]) -> list[Fact]:
    t, terms = look.t, escrow.terms
    payer, issuer = (look.name(owner) if owner else "" for owner in owners)
    silence = t.text("escrow.silence.1" if terms.silence_upholds else "escrow.silence.0")
    arbiter = t.text("escrow.arbiter.value", span=t.span(terms.arbitration), silence=silence)
    facts = [
        Fact(t.text("escrow.issuer"), t.text("escrow.issuer.value", who=issuer), "0x" + terms.issuer_account.hex()),
        Fact(t.text("escrow.window"), t.text("escrow.window.value", span=t.span(terms.window))),
        Fact(t.text("escrow.challenge"), t.text("escrow.challenge.value", part=t.percent(terms.challenge_bps, 10_000))),
        Fact(t.text("escrow.arbiter"), arbiter, "0x" + terms.arbiter.hex()),
        Fact(t.text("escrow.consent"), t.text("escrow.consent.value", part=t.percent(terms.consent_bps, 10_000))),
    ]
    if payer and raising.may_come_to_put(escrow):
        rate = t.percent(terms.put_rate_bps, 10_000)
        facts.append(Fact(t.text("escrow.put"), t.text("escrow.put.value", who=payer, rate=rate)))
    return facts


def _claims_facts(look: Look, escrow: Escrow, claims: Claims) -> list[Fact]:
    """How long claims can be made once everything is decided, and what happens afterwards."""
    t, terms = look.t, escrow.terms
    key = "escrow.claims.put" if raising.may_come_to_put(escrow) else "escrow.claims.value"
    return [
        Fact(t.text("escrow.claims"), t.text(key, span=t.span(terms.claims))),
        Fact(t.text("escrow.lapse"), t.text("escrow.lapse.value", who=claims.heir()), "0x" + terms.lapse_account.hex()),
    ]
