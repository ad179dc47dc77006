"""Papers of dividends as files, each PDF or CSV: compared with the chain at their block, the command's very bytes.

They name holders. Where others than this machine can ask, there are none: there is no login yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from api.asof import Asked, CompanyNumber, DistributionNumber, PartyNumber, Question
from api.parts import Parts
from registry.acts import dividend_papers as papers
from registry.acts.desk import ReadingDesk
from registry.domain.ids import PartyId
from registry.mirror.queries import AsOf
from registry.statements.model import Statement
from registry.statements.render import name_of, render, render_csv

router = APIRouter(tags=["papers"])

MEDIA_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/pdf": {}, "text/csv": {}}},
    403: {"description": "Holders are not named here"},
}

Year = Annotated[int, Path(ge=1971, le=9998, description="Civil year of the payments.", examples=[2026])]
Form = Annotated[Literal["pdf", "csv"], Path(description="Kind of the file.", examples=["pdf"])]
Language = Annotated[Literal["en", "zh"], Query(description="Language of the file.", examples=["zh"])]


@router.get(
    "/parties/{party}/statements/{year}.{form}",
    summary="A holder's dividend and tax statement of a year",
    response_class=Response,
    responses=_FILE,
)
def statement(
    request: Request, asked: Question, party: PartyNumber, year: Year, form: Form, lang: Language = "en"
) -> Response:
    """Over all companies: what was paid or lapsed in it, and what is still open at the block."""

    def make(desk: ReadingDesk, as_of: AsOf) -> Statement:
        (made,) = papers.holder_statements(desk, [PartyId(party)], year, as_of)
        return made

    return _file(request, asked, make, form, lang)


@router.get(
    "/distributions/{distribution}/report.{form}",
    summary="The company's report about a dividend",
    response_class=Response,
    responses=_FILE,
)
def report(
    request: Request, asked: Question, distribution: DistributionNumber, form: Form, lang: Language = "en"
) -> Response:
    """Every holder's part and what became of it; none before its holders are fixed."""
    return _file(request, asked, lambda desk, at: papers.distribution_report(desk, distribution, at), form, lang)


@router.get(
    "/companies/{number}/tax-lists/{year}.{form}",
    summary="What a company tells the tax authority of a year",
    response_class=Response,
    responses=_FILE,
)
def tax_list(
    request: Request, asked: Question, number: CompanyNumber, year: Year, form: Form, lang: Language = "en"
) -> Response:
    """All payments of dividends in the year, with their tax."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return _file(request, asked, lambda desk, at: papers.tax_list(desk, number, first, last, at), form, lang)


def _file(
    request: Request,
    asked: Asked,
    make: Callable[[ReadingDesk, AsOf], Statement],
    form: Literal["pdf", "csv"],
    lang: Literal["en", "zh"],
) -> Response:
    parts: Parts = request.app.state.parts
    if not parts.show_names:
        rule = "papers name holders and this server answers others than its own machine; `equity dividend` makes them"
        raise HTTPException(HTTPStatus.FORBIDDEN, rule)
    with parts.reading() as desk:
        made = make(desk, AsOf(asked.stand.block))
    content = render_csv(made, lang) if form == "csv" else render(made, lang).pdf
    headers = {
        "Content-Disposition": f'attachment; filename="{name_of(made, lang)}.{form}"',
        # Personal data; and an earlier block is asked for by its number, never found in a cache.
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
