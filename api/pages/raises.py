"""The raises of a company, and one of them as an offer: how far it is, who subscribed, who may still, why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from api.asof import CompanyNumber, OfferingNumber, Question
from api.pages import raising
from api.pages.captable import admitted
from api.pages.claims import Claims
from api.pages.look import Look
from api.pages.next_steps import next_step
from api.pages.raising import Part
from api.pages.rows import Fact
from api.pages.standing import Notice, State
from api.pages.subscribers import Row, Subscribers, Sums
from api.pages.tongue import plain
from registry.domain.ids import Hash32, PartyId
from registry.domain.raising import Method, OfferingPhase
from registry.domain.subscription_rules import subscription_rules_in
from registry.errors import InputError
from registry.mirror.views_raise import Escrow, Offering

router = APIRouter(include_in_schema=False)

LINES = 50
MOST_FEN = 2**63 - 1


@dataclass(frozen=True, slots=True)
class RaiseCard:
    title: str
    href: str
    escrow: str
    sub: str
    state: State
    bar: Markup
    figures: str


@dataclass(frozen=True, slots=True)
class RaisesPage:
    rows: Sequence[RaiseCard]
    first: str
    next: str


@dataclass(frozen=True, slots=True)
class Figure:
    head: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chain says about one party and one amount."""

    state: State
    reasons: Sequence[str]
    note: str


@dataclass(frozen=True, slots=True)
class OfferPage:
    heading: Markup
    title: str
    sub: str
    tabs: Sequence[raising.Tab]
    law: State
    state: State
    notices: Sequence[Notice]
    answer: str
    answer_note: str
    lapsed: Sequence[str]
    step: str
    bar: Markup
    legend: Sequence[tuple[int | None, str, str]]
    figures: Sequence[Figure]
    is_open: bool
    party: str
    amount: str
    wanted: Sequence[Fact]
    judged: Answer | None
    rows: Sequence[Row]
    sums: Sums
    facts: Sequence[Fact]
    first: str
    next: str


@router.get("/companies/{number}/raises", response_class=HTMLResponse)
async def raises_page(request: Request, asked: Question, number: CompanyNumber, cursor: str = "") -> HTMLResponse:
    look = Look(request, asked, number, "raise")
    found = look.register.offerings(number, look.as_of, cursor=cursor or None, limit=LINES)
    root = f"{look.root}/raises"
    page = RaisesPage(
        [_card(look, offering) for offering in found.items],
        look.visit.url(root) if cursor else "",
        look.visit.url(root, cursor=found.next_cursor) if found.next_cursor else "",
    )
    return look.render("raises.html", page=page)


def _card(look: Look, offering: Offering) -> RaiseCard:
    t = look.t
    return RaiseCard(
        raising.title(look, offering),
        look.visit.url(f"/raises/{offering.number}"),
        look.visit.url(f"/raises/{offering.number}/escrow"),
        raising.summary(offering, t),
        raising.phase_state(offering, t),
        _progress(look, offering)[0],
        t.text("raise.of", money=t.yuan(_taken(offering)), maximum=t.yuan(offering.terms.maximum)),
    )


@router.get("/raises/{offering}", response_class=HTMLResponse)
async def offer_page(
    request: Request,
    asked: Question,
    offering: OfferingNumber,
    cursor: str = "",
    party: Annotated[str, Query(max_length=12)] = "",
    amount: Annotated[str, Query(max_length=24)] = "",
) -> HTMLResponse:
    escrow = request.app.state.parts.register.escrow(offering, asked.as_of)
    found = escrow.offering
    look = Look(request, asked, found.company, "raise")
    lines = look.register.subscriptions(offering, look.as_of, cursor=cursor or None, limit=LINES)
    asking = PartyId(_whole(party, "party", 2**32 - 1)) if party else None
    heirs = raising.heirs(look, escrow)
    look.meet([*(row.party for row in lines.items), *heirs, *([asking] if asking else [])])
    t, root = look.t, f"/raises/{offering}"
    money = _fen(amount) if amount else found.terms.investor_minimum
    judged = await _judge(look, found, asking, money) if asking else None
    chart, legend = _progress(look, found)
    answer, note = _answer(look, escrow)
    subscribers = Subscribers(look, escrow)
    page = OfferPage(
        heading=raising.heading(look, found),
        title=raising.title(look, found),
        sub=raising.summary(found, t),
        tabs=raising.tabs(look, found, "offer"),
        law=raising.law_state(found, t),
        state=raising.phase_state(found, t),
        notices=raising.halt_notices(found.region, t),
        answer=answer,
        answer_note=note,
        lapsed=Claims(look, escrow).lapsed(),
        step=next_step(look, escrow),
        bar=chart,
        legend=legend,
        figures=_figures(look, found),
        is_open=_is_open(found) and not look.shown().is_past,
        party=party,
        amount=f"{money // 100}.{money % 100:02}",
        wanted=_wanted(look, found),
        judged=judged,
        rows=subscribers.rows(lines.items),
        sums=subscribers.sums(),
        facts=_facts(look, found),
        first=look.visit.url(root) if cursor else "",
        next=look.visit.url(root, cursor=lines.next_cursor) if lines.next_cursor else "",
    )
    return look.render("offering.html", page=page)


def _is_open(offering: Offering) -> bool:
    return offering.phase == OfferingPhase.OPEN and offering.region.clock <= offering.terms.closes_at


# --- how far it is ---


def _taken(offering: Offering) -> int:
    """What was raised, or is subscribed so far."""
    return offering.totals.raised or offering.totals.live


def _progress(look: Look, offering: Offering) -> tuple[Markup, list[tuple[int | None, str, str]]]:
    t, terms, taken = look.t, offering.terms, _taken(offering)
    within = min(taken, terms.maximum)
    is_over = taken > terms.maximum
    words = "progress.asked" if is_over else "progress.taken" if not offering.totals.raised else "progress.raised"
    parts = [
        Part(0, within, t.text(words)),
        Part(None, terms.maximum - within, t.text("progress.open")),
    ]
    title = t.text("progress.title", money=t.yuan(taken), minimum=t.yuan(terms.minimum), maximum=t.yuan(terms.maximum))
    legend: list[tuple[int | None, str, str]] = [
        (0, t.text(words), t.fen(taken)),
        (None, t.text("progress.minimum"), t.fen(terms.minimum)),
        (None, t.text("progress.maximum"), t.fen(terms.maximum)),
    ]
    return raising.bar(parts, title, [terms.minimum]), legend


def _answer(look: Look, escrow: Escrow) -> tuple[str, str]:
    """The first line: what it comes to. The second: what follows from it."""
    t, offering = look.t, escrow.offering
    terms, live, phase = offering.terms, offering.totals.live, offering.phase
    if phase == OfferingPhase.DRAFT:
        return t.text("offer.draft"), t.text("offer.draft.body")
    if phase == OfferingPhase.FAILED and not offering.totals.money_in:
        return t.text("offer.cancelled"), t.text("offer.cancelled.body")
    if phase == OfferingPhase.FAILED:
        key = "offer.failed.body" if live else "offer.failed.all"
        return t.text("offer.failed"), t.text(key, back=t.yuan(offering.totals.refunded))
    if phase == OfferingPhase.SETTLED:
        return t.text("offer.settled", money=t.yuan(offering.totals.raised)), _since_settled(look, escrow)
    is_over = offering.region.clock > terms.closes_at
    if live < terms.minimum:
        key = "offer.short.late" if is_over else "offer.short.body"
        return t.text("offer.short", money=t.yuan(live)), t.text(key, short=t.yuan(terms.minimum - live))
    if live > terms.maximum:
        return t.text("offer.over", money=t.yuan(live)), t.text("offer.over.body", maximum=t.yuan(terms.maximum))
    key = "offer.reached.closing" if phase == OfferingPhase.CLOSING else "offer.reached.body"
    return t.text("offer.reached", money=t.yuan(live)), t.text(key, minimum=t.yuan(terms.minimum))


def _since_settled(look: Look, escrow: Escrow) -> str:
    """Where the money of a raise that succeeded is now, as far as milestones were reached or missed."""
    t, money, purse = look.t, escrow.offering.money, escrow.offering.purse
    sums = {name: t.yuan(getattr(money, name)) for name in ("held", "released")}
    sums["redeemed"] = t.yuan(money.taken_back)
    back = raising.going_back(escrow)
    if back and not raising.due_now(escrow):
        return t.text("offer.missed.frozen", **sums, back=t.yuan(raising.waits_frozen(escrow)))
    if back:
        return t.text("offer.missed.due", **sums, back=t.yuan(back))
    if purse.redeemable:
        is_open = not escrow.offering.claims_end or escrow.unheld
        return t.text("offer.missed.part" if is_open else "offer.missed", **sums)
    if purse.released == purse.proceeds:
        return t.text("offer.reached.all", **sums)
    return t.text("offer.settled.part" if purse.released else "offer.settled.body", **sums)


def _figures(look: Look, offering: Offering) -> list[Figure]:
    t, terms = look.t, offering.terms
    cap, company = look.company.cap, look.company
    taken = t.text("offer.seats.note", n=company.seats + company.pending, cap=cap)
    least, most = t.yuan(terms.investor_minimum), t.yuan(terms.investor_maximum)
    return [
        Figure(t.text("offer.price"), t.yuan(_price(offering)), t.text("offer.price.note")),
        Figure(t.text("offer.subscribers"), t.number(offering.totals.subscribers), _waiting(look, offering)),
        Figure(t.text("offer.seats"), t.number(offering.seats_left), taken),
        Figure(t.text("offer.each"), least, t.text("offer.each.note", most=most)),
    ]


def _waiting(look: Look, offering: Offering) -> str:
    pending = look.company.pending
    return look.t.text("offer.pending", n=pending) if pending else look.t.text("offer.pending.none")


# --- who may still subscribe ---


def _wanted(look: Look, offering: Offering) -> list[Fact]:
    """What the contract asks of everybody, as far as it can be told without knowing who asks."""
    t, terms = look.t, offering.terms
    ceiling = offering.region.word.investor_ceiling
    most = min(terms.investor_maximum, ceiling) if ceiling else terms.investor_maximum
    room = max(terms.maximum - offering.totals.live, 0)
    admits = admitted(look.classes()[offering.class_id].categories, t)
    limits = {"least": t.yuan(terms.investor_minimum), "most": t.yuan(most), "price": t.yuan(_price(offering))}
    risk = t.text("wanted.risk.value", n=terms.risk_grade) if terms.risk_grade else t.text("wanted.risk.any")
    facts = [
        Fact(t.text("wanted.kind"), admits),
        Fact(t.text("wanted.standing"), t.text("wanted.standing.value")),
        Fact(t.text("wanted.risk"), risk),
        Fact(t.text("wanted.amount"), t.text("wanted.amount.value", **limits)),
        Fact(t.text("wanted.year"), t.text("wanted.year.value")),
        Fact(t.text("wanted.seats"), t.text("wanted.seats.value", n=offering.seats_left)),
    ]
    if terms.method == Method.FIRST_COME:
        facts.append(Fact(t.text("wanted.room"), t.text("wanted.room.value", money=t.yuan(room))))
    return facts


def _price(offering: Offering) -> int:
    """[fen] of one whole share."""
    return int(offering.terms.price * 10**offering.decimals)


async def _judge(look: Look, offering: Offering, party: PartyId, amount: int) -> Answer:
    t = look.t
    accounts = [row.account for row in look.register.party_money(party, look.as_of).accounts]
    signed = Hash32(offering.terms.disclosure)
    found = await run_in_threadpool(look.visit.parts.broken_rules, offering.address, accounts, amount, signed)
    who = look.name(party)
    if found is None:
        return Answer(State(t.text("judge.unknown"), "?", "care"), [], t.text("judge.unknown.body"))
    note = t.text("judge.note", block=found.block)
    if not found.broken:
        return Answer(State(t.text("judge.yes", who=who, money=t.yuan(amount)), "✓", "good"), [], note)
    reasons = [t.text(f"rule.{rule.id}") for rule in subscription_rules_in(found.broken)]
    return Answer(State(t.text("judge.no", who=who, money=t.yuan(amount)), "■", "bad"), reasons, note)


def _whole(text: str, field: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise InputError(
            f"{field} must be a whole number from 1 to {most}", code="invalid_value", field=field, value=text
        )
    return int(text)


def _fen(text: str) -> int:
    """Yuan with at most two decimals."""
    whole, _, part = text.replace(",", "").partition(".")
    if not (whole + part).isascii() or not (whole + part).isdigit() or len(part) > 2:
        raise InputError("amount must be yuan such as 42500.00", code="invalid_value", field="amount", value=text)
    return _whole(whole + part.ljust(2, "0"), "amount", MOST_FEN)


# --- terms ---


def _facts(look: Look, offering: Offering) -> list[Fact]:
    t, terms, region = look.t, offering.terms, offering.region
    window = t.text(
        "terms.window.value", first=t.day_at(region.unix(terms.opens_at)), last=t.day_at(region.unix(terms.closes_at))
    )
    facts = [
        Fact(t.text("terms.class"), plain(look.classes()[offering.class_id].name)),
        Fact(t.text("terms.window"), window),
        Fact(t.text("terms.cooling"), t.text("terms.cooling.value", span=t.span(terms.cooling_off))),
        Fact(t.text("terms.settle"), t.text("terms.settle.value", span=t.span(terms.settle_within))),
        Fact(t.text("terms.method"), t.text(f"terms.method.{int(Method(terms.method))}")),
        Fact(t.text("terms.fee"), t.text("terms.fee.value", fee=t.percent(terms.fee_bps, 10_000))),
        Fact(t.text("terms.risk"), t.text("terms.risk.value", n=terms.risk_grade) if terms.risk_grade else "–"),
    ]
    if terms.lock_day:
        facts.append(Fact(t.text("terms.lock"), t.day(terms.lock_day)))
    ceiling = t.text(
        "terms.region.value",
        code=str(region.region),
        version=str(region.word.version),
        money=t.yuan(region.word.raise_ceiling),
    )
    return [
        *facts,
        Fact(t.text("terms.region"), ceiling),
        Fact(t.text("terms.memorandum"), t.text("fact.document.value"), "0x" + terms.memorandum.hex()),
        Fact(t.text("terms.disclosure"), t.text("fact.document.value"), "0x" + terms.disclosure.hex()),
    ]
