"""Companies, their classes, cap table, holders, and the entries of their register."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from api.asof import CompanyNumber, EntryId, PartyNumber, Question
from api.parts import Parts
from api.routes.paging import Cursor, Limit
from api.schemas import fill
from api.schemas import register as s
from api.schemas.common import Listing
from registry.domain.ids import PartyId
from registry.errors import InputError
from registry.mirror.views import AsOf

router = APIRouter(tags=["register"])

_POSITION = Query(alias="class", ge=0, le=255, description="Only this class, by its position.", examples=[0])
_PARTY = Query(ge=1, le=2**32 - 1, description="Only what this party gave or took.", examples=[1001])


@router.get("/companies", summary="Companies, by register number")
async def companies(request: Request, asked: Question, cursor: Cursor = None, limit: Limit = 50) -> Listing[s.Company]:
    found = _parts(request).register.companies(asked.as_of, cursor=cursor, limit=limit)
    items = [fill.company(company) for company in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/companies/{number}", summary="One company")
async def company(request: Request, asked: Question, number: CompanyNumber) -> s.CompanyAnswer:
    found = _parts(request).register.company(number, asked.as_of)
    return s.CompanyAnswer(as_of=asked.block, company=fill.company(found))


@router.get("/companies/{number}/classes", summary="Its share classes, by position")
async def classes(request: Request, asked: Question, number: CompanyNumber) -> s.ClassesAnswer:
    known = _known(request, number, asked.as_of)
    return s.ClassesAnswer(as_of=asked.block, classes=list(known.values()))


@router.get("/companies/{number}/captable", summary="Who holds how much of which class")
async def cap_table(request: Request, asked: Question, number: CompanyNumber) -> s.CapTableAnswer:
    table = _parts(request).register.cap_table(number, asked.as_of)
    names = _parts(request).names({row.party for row in table.rows})
    known = fill.classes(table.classes)
    return s.CapTableAnswer(
        as_of=asked.block,
        company=fill.company(table.company),
        classes=list(known.values()),
        rows=[fill.cap_row(row, known, names) for row in table.rows],
    )


@router.get("/companies/{number}/holders", summary="Holders of record, by party id")
async def holders(
    request: Request, asked: Question, number: CompanyNumber, cursor: Cursor = None, limit: Limit = 50
) -> Listing[s.Holder]:
    found = _parts(request).register.holders(number, asked.as_of, cursor=cursor, limit=limit)
    known = _known(request, number, asked.as_of)
    names = _parts(request).names([holder.party for holder in found.items])
    items = [fill.holder(holder, known, names) for holder in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/companies/{number}/holders/{party}", summary="One holder: standing, wallets, holdings by account")
async def holder(request: Request, asked: Question, number: CompanyNumber, party: PartyNumber) -> s.HolderAnswer:
    register = _parts(request).register
    known = _known(request, number, asked.as_of)
    found = register.party(party, asked.as_of)
    return s.HolderAnswer(
        as_of=asked.block,
        party=party,
        name=_parts(request).names([found.id]).get(found.id),
        standing=fill.standing(found.word),
        wallets=[fill.wallet(wallet) for wallet in found.wallets],
        holdings=[fill.holding(row, known) for row in register.holder(party, number, asked.as_of)],
    )


@router.get("/companies/{number}/entries", summary="Entries of the register, in the order of the log")
async def entries(
    request: Request,
    asked: Question,
    number: CompanyNumber,
    position: Annotated[int | None, _POSITION] = None,
    party: Annotated[int | None, _PARTY] = None,
    order: Literal["newest", "oldest"] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[s.Entry]:
    known = _known(request, number, asked.as_of)
    found = _parts(request).register.entries(
        asked.as_of,
        company=number,
        class_id=None if position is None else _class_id(known, position),
        party=party,
        newest_first=order == "newest",
        cursor=cursor,
        limit=limit,
    )
    names = _parts(request).names({p for entry in found.items for p in (entry.giver, entry.taker) if p})
    items = [fill.entry(entry, known, names) for entry in found.items]
    return Listing(as_of=asked.block, items=items, next_cursor=found.next_cursor)


@router.get("/entries/{entry_id}", summary="One entry: who, why, document, transaction")
async def entry(request: Request, asked: Question, entry_id: EntryId) -> s.EntryAnswer:
    found = _parts(request).register.entry(entry_id, asked.as_of)
    known = _known(request, found.company, asked.as_of)
    names = _parts(request).names([PartyId(party) for party in (found.giver, found.taker) if party])
    return s.EntryAnswer(as_of=asked.block, entry=fill.entry(found, known, names))


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _known(request: Request, number: int, as_of: AsOf) -> dict[int, s.ShareClass]:
    return fill.classes(_parts(request).register.classes(number, as_of))


def _class_id(known: dict[int, s.ShareClass], position: int) -> int:
    for class_id, share_class in known.items():
        if share_class.position == position:
            return class_id
    raise InputError(f"the company has no class {position}", code="class_unknown", field="class", value=position)
