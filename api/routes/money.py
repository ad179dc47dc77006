"""Settlement money: a party's own, its movements, and the lines of the custodian bank."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.asof import Asked, PartyNumber, Question
from api.parts import Parts
from api.routes.paging import Cursor, Limit
from api.schemas import fill_raise as fill
from api.schemas import raises as s
from api.schemas.common import Listing
from registry.domain.days import day_of, year_of
from registry.domain.ids import PartyId
from registry.mirror.views import Page
from registry.mirror.views_money import MoneyMove

router = APIRouter(tags=["money"])

_YEAR = Query(ge=2000, le=2255, description="Civil year of the annual use; that of the block if absent.")


@router.get("/parties/{party}/money", summary="A party's own money and investments")
async def party_money(
    request: Request, asked: Question, party: PartyNumber, year: Annotated[int | None, _YEAR] = None
) -> s.MoneyAnswer:
    parts, register = _parts(request), _parts(request).register
    found = register.party_money(party, asked.as_of)
    names = parts.names([found.party])
    year = year or year_of(day_of(asked.stand.time, parts.utc_offset))
    return s.MoneyAnswer(
        as_of=asked.block,
        party=party,
        name=names.get(found.party),
        balance=str(found.balance),
        accounts=[fill.account(row) for row in found.accounts],
        annual_use=fill.annual_use(register.annual_use(party, year, asked.as_of)),
        investments=[fill.investment(each, names) for each in register.investments(party, asked.as_of)],
    )


@router.get("/parties/{party}/money/movements", summary="What came to and went from its accounts, the newest first")
async def movements(
    request: Request, asked: Question, party: PartyNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Movement]:
    found = _parts(request).register.money_moves(party, asked.as_of, cursor=cursor, limit=limit)
    return _listing(request, asked, found)


@router.get("/bank/movements", summary="Deposits and withdrawals at the custodian bank, the newest first")
async def bank_movements(
    request: Request, asked: Question, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Movement]:
    found = _parts(request).register.bank_movements(asked.as_of, cursor=cursor, limit=limit)
    return _listing(request, asked, found)


def _listing(request: Request, asked: Asked, found: Page[MoneyMove]) -> Listing[s.Movement]:
    ends = [end for move in found.items for end in (move.giver, move.taker) if end]
    names = _parts(request).names({PartyId(end.party) for end in ends if end.party is not None})
    items = [fill.movement(move, names) for move in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts
