"""Papers that can be taken along: a holder's statement of a year, a dividend's report, a company's tax list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.asof import Asked, asked
from api.pages.catalogue import Lang
from api.pages.site import Trouble, Visit, link, render
from api.pages.tongue import plain
from registry.domain.days import day_of, year_of
from registry.domain.ids import PartyId
from registry.domain.payout_args import DistributionPhase
from registry.mirror.views_payout import Distribution

ABSENT = frozenset({"no_payments", "not_fixed"})
"""Codes of papers that there is nothing for."""
_NAMES: dict[Lang, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Edition:
    """A paper in one language, as two files."""

    lang: Lang
    language: str
    pdf: str
    csv: str


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    editions: Sequence[Edition]


def statements(visit: Visit, asked: Asked, party: int) -> list[Paper]:
    """Of each year in which something was paid to the party, the newest first."""
    years = visit.parts.register.dividend_years(asked.as_of, party=party)
    return _papers(visit, [("paper.statement", f"/parties/{party}/statements/{year}", year) for year in years])


def of_dividend(visit: Visit, asked: Asked, found: Distribution) -> list[Paper]:
    """Its report once its holders are fixed, and the company's tax lists of the years that it may be paid in."""
    if found.phase not in (DistributionPhase.FIXED, DistributionPhase.CLOSED):
        return []
    number, first = found.number, year_of(day_of(found.region.unix(found.terms.payable_from), visit.parts.utc_offset))
    report = _papers(visit, [("paper.report", f"/distributions/{number}/report", number)])
    return [*report, *tax_lists(visit, asked, found.company, first)]


def tax_lists(visit: Visit, asked: Asked, company: int, first: int = 0) -> list[Paper]:
    """Of each year from the first on in which the company paid something, the newest first."""
    years = visit.parts.register.dividend_years(asked.as_of, company=company)
    found = [year for year in years if year >= first]
    return _papers(visit, [("paper.taxes", f"/companies/{company}/tax-lists/{year}", year) for year in found])


def _papers(visit: Visit, found: Iterable[tuple[str, str, int]]) -> list[Paper]:
    """Of keys, addresses and numbers; none where holders are not named, for these papers name them."""
    if not visit.parts.show_names:
        return []
    # The reader's own language comes first.
    order = sorted(_NAMES, key=lambda lang: lang != visit.tongue.lang)
    return [
        Paper(
            visit.tongue.text(key, number=str(number)),
            [
                Edition(
                    lang,
                    _NAMES[lang],
                    visit.url(f"{path}.pdf", lang=lang),
                    visit.url(f"{path}.csv", lang=lang),
                )
                for lang in order
            ],
        )
        for key, path, number in found
    ]


# --- one that there is none of ---


async def absent(request: Request) -> HTMLResponse | None:
    """Why, in the reader's language, and which there are instead; None where the address is not that of a paper."""
    visit, known, query = Visit(request), request.path_params, request.query_params
    question = await asked(request, *(query.get(name) for name in ("as_of_block", "as_of", "effective_on")))
    if {"party", "year"} <= known.keys():
        found = _no_statement(visit, question, int(known["party"]), known["year"], known["form"])
    elif {"number", "year"} <= known.keys():
        found = _no_tax_list(visit, question, int(known["number"]), known["year"], known["form"])
    elif "distribution" in known:
        found = _no_report(visit, question, int(known["distribution"]))
    else:
        return None
    return render(visit, "problem.html", HTTPStatus.NOT_FOUND, page=found)


def _no_statement(visit: Visit, question: Asked, party: int, year: str, form: str) -> Trouble:
    register, t = visit.parts.register, visit.tongue
    name = visit.parts.names([register.party(party, question.as_of).id]).get(PartyId(party))
    who = plain(name) if name else t.text("party.id", id=str(party))
    years = register.dividend_years(question.as_of, party=party)
    return _no_year(
        visit, t.text("paper.none.statement", who=who, year=year), f"/parties/{party}/statements", years, form
    )


def _no_tax_list(visit: Visit, question: Asked, company: int, year: str, form: str) -> Trouble:
    register, t = visit.parts.register, visit.tongue
    name = plain(register.company(company, question.as_of).name)
    years = register.dividend_years(question.as_of, company=company)
    return _no_year(
        visit, t.text("paper.none.taxes", who=name, year=year), f"/companies/{company}/tax-lists", years, form
    )


def _no_year(visit: Visit, why: str, root: str, years: Sequence[int], form: str) -> Trouble:
    t = visit.tongue
    links = [link(visit.url(f"{root}/{each}.{form}"), f"{each} ({form.upper()})") for each in years]
    return Trouble(t.text("paper.none"), why, instead=t.text("paper.instead"), links=links)


def _no_report(visit: Visit, question: Asked, number: int) -> Trouble:
    t, found = visit.tongue, visit.parts.register.distribution(number, question.as_of)
    key = "cancelled" if found.phase == DistributionPhase.CANCELLED else "early"
    why = t.text(f"paper.none.report.{key}", number=str(number), record=t.day(found.record_day))
    page = link(visit.url(f"/dividends/{number}"), t.text("paper.instead.dividend", number=str(number)))
    return Trouble(t.text("paper.none"), why, instead=t.text("paper.instead.page"), links=[page])
