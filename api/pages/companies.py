"""The first page: which companies are kept here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.asof import Question
from api.pages.look import form, shown
from api.pages.site import Visit, render
from api.pages.tongue import SEPARATOR, Tongue, plain
from registry.mirror.views import Company

router = APIRouter(include_in_schema=False)

LINES = 50


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    href: str
    sub: str
    holders: str


@dataclass(frozen=True, slots=True)
class CompaniesPage:
    total: int
    rows: Sequence[Row]
    first: str
    next: str


@router.get("/", response_class=HTMLResponse)
async def companies_page(request: Request, asked: Question, cursor: str = "") -> HTMLResponse:
    visit = Visit(request, "companies")
    register = visit.parts.register
    found = register.companies(asked.as_of, cursor=cursor or None, limit=LINES)
    page = CompaniesPage(
        register.status().companies,
        [_row(company, visit) for company in found.items],
        visit.url("/") if cursor else "",
        visit.url("/", cursor=found.next_cursor) if found.next_cursor else "",
    )
    return render(visit, "companies.html", page=page, verdict=visit.chip(asked.stand.block), asof=shown(visit, asked))


def _row(company: Company, visit: Visit) -> Row:
    t: Tongue = visit.tongue
    phase = t.text(f"phase.{company.phase}")
    sub = SEPARATOR.join([form(company.form, t), phase, t.text("company.number", number=str(company.number))])
    holders = t.text("company.holders", n=company.holders)
    return Row(plain(company.name), visit.url(f"/companies/{company.number}"), sub, holders)
