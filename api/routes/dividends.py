"""Dividends: what was declared, who gets what of it and why, tax schedules, classes that are paid before others."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.asof import CompanyNumber, DistributionNumber, PartyNumber, Question, ScheduleNumber
from api.parts import Parts
from api.routes.paging import Cursor, Limit
from api.schemas import dividends as s
from api.schemas import fill_dividends as fill
from api.schemas.common import Listing
from registry.domain.payout_args import DistributionPhase

router = APIRouter(tags=["dividends"])


@router.get("/companies/{number}/distributions", summary="Dividends of a company, the newest first")
async def distributions_of(
    request: Request, asked: Question, number: CompanyNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Distribution]:
    register = _parts(request).register
    register.company(number, asked.as_of)
    found = register.distributions(number, asked.as_of, cursor=cursor, limit=limit)
    items = [fill.distribution(each) for each in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/distributions/{distribution}", summary="One dividend: terms, where its money is, what happened to it")
async def distribution(request: Request, asked: Question, distribution: DistributionNumber) -> s.DistributionAnswer:
    found = _parts(request).register.distribution(distribution, asked.as_of)
    return s.DistributionAnswer(as_of=asked.block, distribution=fill.distribution(found))


@router.get("/distributions/{distribution}/lines", summary="Who gets what of it and why, by party id")
async def lines(
    request: Request, asked: Question, distribution: DistributionNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.DividendLine]:
    """None before its holders are fixed; see the preview. None of a cancelled dividend: it owes nobody anything."""
    register = _parts(request).register
    found = register.dividend_lines(distribution, asked.as_of, cursor=cursor, limit=limit)
    if register.distribution(distribution, asked.as_of).phase == DistributionPhase.CANCELLED:
        return Listing(as_of=asked.block, items=[])
    names = _parts(request).names([line.party for line in found.items])
    items = [fill.line(line, names) for line in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/distributions/{distribution}/preview", summary="What each holder would get, as the register stands")
async def preview(request: Request, asked: Question, distribution: DistributionNumber) -> s.PreviewAnswer:
    found = _parts(request).register.preview_distribution(distribution, asked.as_of)
    names = _parts(request).names([line.party for line in found.lines])
    return s.PreviewAnswer(
        as_of=asked.block,
        distribution=distribution,
        is_final=found.register.is_final,
        declared=str(found.declared),
        returned=str(found.returned),
        carried=str(found.carried),
        lines=[fill.preview_line(line, found, names) for line in found.lines],
    )


@router.get("/distributions/{distribution}/differences", summary="What corrections recorded later would change")
async def differences(request: Request, asked: Question, distribution: DistributionNumber) -> s.DifferencesAnswer:
    """Entries dated up to the record date that came after it. The dividend stays what it is."""
    found = _parts(request).register.dividend_differences(distribution, asked.as_of)
    names = _parts(request).names([each.party for each in found])
    return s.DifferencesAnswer(
        as_of=asked.block, distribution=distribution, differences=[fill.difference(each, names) for each in found]
    )


@router.get("/parties/{party}/dividends", summary="A party's parts of dividends, the newest first")
async def dividends(request: Request, asked: Question, party: PartyNumber) -> s.DividendsAnswer:
    parts, register = _parts(request), _parts(request).register
    known = register.party(party, asked.as_of)
    names = parts.names([known.id])
    relief = register.tax_relief(party, asked.as_of)
    return s.DividendsAnswer(
        as_of=asked.block,
        party=party,
        name=names.get(known.id),
        relief=fill.relief(relief) if relief else None,
        statement_years=list(register.dividend_years(asked.as_of, party=party)),
        dividends=[fill.line(each.line, names) for each in register.party_dividends(party, asked.as_of)],
    )


@router.get("/companies/{number}/preferences", summary="Classes that are paid before others, and their arrears")
async def preferences(
    request: Request, asked: Question, number: CompanyNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Preference]:
    """By rank."""
    register = _parts(request).register
    register.company(number, asked.as_of)
    found = register.preferences(number, asked.as_of, day=asked.as_of.effective_on, cursor=cursor, limit=limit)
    items = [fill.preference(each) for each in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/tax-schedules", summary="What is withheld from whom, by number of the schedule")
async def schedules(
    request: Request, asked: Question, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.TaxSchedule]:
    found = _parts(request).register.tax_schedules(asked.as_of, cursor=cursor, limit=limit)
    items = [fill.schedule(each) for each in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/tax-schedules/{schedule}", summary="One tax schedule")
async def schedule(request: Request, asked: Question, schedule: ScheduleNumber) -> s.ScheduleAnswer:
    found = _parts(request).register.tax_schedule(schedule, asked.as_of)
    return s.ScheduleAnswer(as_of=asked.block, schedule=fill.schedule(found))


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts
