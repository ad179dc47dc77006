"""The dividends of a company, and one of them: where its money is, who gets what and why, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.asof import CompanyNumber, DistributionNumber, Question
from api.pages import dividing
from api.pages.dividend_history import Change, Step, changes, happened
from api.pages.dividend_lines import Line, Lines, Sums
from api.pages.dividend_money import DividendMoney, Rule, rules
from api.pages.dividing import Owners
from api.pages.look import Look
from api.pages.papers import Paper, of_dividend, tax_lists
from api.pages.rows import Fact, MoneyRow
from api.pages.standing import Notice, State
from api.pages.tongue import Tongue, plain
from registry.domain.payout_args import DistributionPhase
from registry.mirror.reading_tax import YEAR_IN_DAYS
from registry.mirror.views_payout import Distribution, Preference

router = APIRouter(include_in_schema=False)

CARDS = 50
STEPS = 12
"""Of what happened, so many are shown at once; the earlier ones open."""


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    href: str
    sub: str
    state: State
    bar: Markup
    figures: str


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    share_class: str
    rank: str
    per_year: str
    since: str
    arrears: str
    first: str


@dataclass(frozen=True, slots=True)
class DividendsPage:
    rows: Sequence[Card]
    preferences: Sequence[PreferenceRow]
    papers: Sequence[Paper]
    first: str
    next: str


@dataclass(frozen=True, slots=True)
class DividendPage:
    heading: Markup
    title: str
    sub: str
    law: State
    state: State
    notices: Sequence[Notice]
    lead: str
    told: Sequence[str]
    step: str
    bar: Markup
    rows: Sequence[MoneyRow]
    declared: str
    lines_title: str
    lines_note: str
    lines: Sequence[Line]
    sums: Sums | None
    changes: Sequence[Change]
    facts: Sequence[Fact]
    tax_title: str
    rules: Sequence[Rule]
    papers: Sequence[Paper]
    happened: Sequence[Step]
    happened_first: int
    first: str
    next: str


@router.get("/companies/{number}/dividends", response_class=HTMLResponse)
async def dividends_page(request: Request, asked: Question, number: CompanyNumber, cursor: str = "") -> HTMLResponse:
    look = Look(request, asked, number, "dividends")
    found = look.register.distributions(number, look.as_of, cursor=cursor or None, limit=CARDS)
    root = f"{look.root}/dividends"
    page = DividendsPage(
        [_card(look, each) for each in found.items],
        _preferences(look),
        tax_lists(look.visit, asked, number),
        look.visit.url(root) if cursor else "",
        look.visit.url(root, cursor=found.next_cursor) if found.next_cursor else "",
    )
    return look.render("dividends.html", page=page)


def _card(look: Look, found: Distribution) -> Card:
    t = look.t
    return Card(
        dividing.title(found, t),
        look.visit.url(f"/dividends/{found.number}"),
        dividing.summary(found, t),
        dividing.state(found, t),
        dividing.bar(found, t),
        _figures(found, t),
    )


def _figures(found: Distribution, t: Tongue) -> str:
    if found.phase == DistributionPhase.CANCELLED:
        return t.text("dividend.figures.cancelled", money=t.yuan(found.steps[-1].amount))
    return t.text("dividend.figures", paid=t.yuan(found.summary.paid), declared=t.yuan(found.summary.declared))


def _preferences(look: Look) -> list[PreferenceRow]:
    """By rank, with what is open on the day that is shown; a company has fewer classes than a page lines."""
    found = look.register.preferences(look.company.number, look.as_of, day=look.today)
    classes = look.classes()
    return [_preference(look, each, plain(classes[each.class_id].name)) for each in found]


def _preference(look: Look, found: Preference, share_class: str) -> PreferenceRow:
    t = look.t
    return PreferenceRow(
        share_class,
        t.number(found.rank),
        t.per_share(found.per_year),
        t.day(found.from_day),
        t.per_share(found.arrears),
        _first(found, t),
    )


def _first(found: Preference, t: Tongue) -> str:
    """What has to be declared for it before a class behind it can declare, and what each day adds to that."""
    words = {"day": t.day(found.day), "a_day": t.rate(found.per_year // YEAR_IN_DAYS)}
    if not found.arrears:
        return t.text("arrears.first.none", **words)
    return t.text("arrears.first", arrears=t.rate(found.arrears), **words)


@router.get("/dividends/{distribution}", response_class=HTMLResponse)
async def dividend_page(
    request: Request, asked: Question, distribution: DistributionNumber, cursor: str = ""
) -> HTMLResponse:
    found = request.app.state.parts.register.distribution(distribution, asked.as_of)
    look = Look(request, asked, found.company, "dividends")
    t, owners = look.t, Owners(look.visit, asked, dividing.accounts_of(found))
    schedule = look.register.tax_schedule(found.terms.schedule, look.as_of)
    money, lines = DividendMoney(found, owners, t), Lines(look, found, cursor)
    root = f"/dividends/{distribution}"
    page = DividendPage(
        heading=dividing.heading(found, t),
        title=dividing.title(found, t),
        sub=dividing.summary(found, t),
        law=dividing.law_state(found, t),
        state=dividing.state(found, t),
        notices=[*money.notices(), *lines.notices],
        lead=money.lead(),
        told=[*money.told(), *([lines.choice] if lines.choice else [])],
        step=money.step(),
        bar=dividing.bar(found, t),
        rows=money.rows(),
        declared=t.fen(found.summary.declared),
        lines_title=lines.title,
        lines_note=lines.note,
        lines=lines.rows,
        sums=lines.sums,
        changes=changes(look, found),
        facts=money.facts(),
        tax_title=t.text("tax.title", number=str(schedule.number)),
        rules=rules(schedule, t),
        papers=of_dividend(look.visit, asked, found),
        happened=happened(look, found),
        happened_first=STEPS,
        first=look.visit.url(root) if cursor else "",
        next=look.visit.url(root, cursor=lines.next_cursor) if lines.next_cursor else "",
    )
    return look.render("dividend.html", page=page)
