"""The register of one company, and one entry of it: from whom to whom, who recorded it, on what it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.asof import CompanyNumber, EntryId, Question
from api.pages.look import Look, act_name, certificate, certificate_words
from api.pages.rows import Fact
from api.pages.standing import Person
from api.pages.tongue import plain
from api.parts import Parts
from registry.domain.ids import BOOK, AccountNumber, PartyId
from registry.errors import InputError
from registry.interchange.currency import currency_code
from registry.mirror.views import Entry, ShareClass

router = APIRouter(include_in_schema=False)

LINES = 50


@dataclass(frozen=True, slots=True)
class Row:
    href: str
    what: str
    certificate: str
    day: str
    giver: Person | None
    taker: Person | None
    share_class: str
    shares: str


@dataclass(frozen=True, slots=True)
class EntriesPage:
    sub: str
    rows: Sequence[Row]
    first: str
    next: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    title: str
    share_class: str
    day: str
    giver: Person | None
    giver_account: str
    no_giver: str
    taker: Person | None
    taker_account: str
    no_taker: str
    sentence: str
    facts: Sequence[Fact]


@router.get("/companies/{number}/entries", response_class=HTMLResponse)
async def entries_page(request: Request, asked: Question, number: CompanyNumber, cursor: str = "") -> HTMLResponse:
    look = Look(request, asked, number, "entries")
    classes = look.classes()
    chosen = _chosen(request.query_params.get("class"), classes)
    class_id = chosen.class_id if chosen else None
    found = look.register.entries(look.as_of, company=number, class_id=class_id, cursor=cursor or None, limit=LINES)
    look.meet(party for entry in found.items for party in (entry.giver, entry.taker))
    root, kept = f"{look.root}/entries", {"class": chosen.position} if chosen else {}
    t = look.t
    page = EntriesPage(
        t.text("entries.sub.class", share_class=plain(chosen.name)) if chosen else t.text("entries.sub"),
        [_row(entry, look, classes) for entry in found.items],
        look.visit.url(root, **kept) if cursor else "",
        look.visit.url(root, **kept, cursor=found.next_cursor) if found.next_cursor else "",
    )
    return look.render("entries.html", page=page)


def _chosen(position: str | None, classes: dict[int, ShareClass]) -> ShareClass | None:
    if not position:
        return None
    for share_class in classes.values():
        if str(share_class.position) == position:
            return share_class
    raise InputError(
        f"the company has no class {position[:20]}", code="class_unknown", field="class", value=position[:20]
    )


def _row(entry: Entry, look: Look, classes: dict[int, ShareClass]) -> Row:
    share_class = classes[entry.class_id]
    return Row(
        look.visit.url(f"/entries/{entry.id}"),
        act_name(entry, look.t),
        certificate_words(entry.ref, look.t),
        look.t.day(entry.effective_on),
        _person(look, entry.giver),
        _person(look, entry.taker),
        plain(share_class.name),
        look.t.shares(entry.shares, share_class.decimals) if entry.shares else "–",
    )


def _person(look: Look, party: PartyId) -> Person | None:
    return look.person(party, with_tags=False) if party else None


@router.get("/entries/{entry_id}", response_class=HTMLResponse)
async def entry_page(request: Request, asked: Question, entry_id: EntryId) -> HTMLResponse:
    parts: Parts = request.app.state.parts
    entry = parts.register.entry(entry_id, asked.as_of)
    look = Look(request, asked, entry.company, "entries")
    look.meet([entry.giver, entry.taker])
    return look.render("entry.html", page=_entry(entry, look))


def _entry(entry: Entry, look: Look) -> EntryPage:
    t, share_class = look.t, look.classes()[entry.class_id]
    return EntryPage(
        _title(entry, share_class, look),
        plain(share_class.name),
        t.day_long(entry.effective_on),
        _person(look, entry.giver),
        _account(entry.giver_account, look),
        t.text("entry.issued"),
        _person(look, entry.taker),
        _account(entry.taker_account, look),
        t.text("entry.cancelled"),
        t.text("entry.by.agent", basis=_basis(entry.basis, look)) if entry.act else t.text("entry.by.holder"),
        _facts(entry, share_class, look),
    )


def _title(entry: Entry, share_class: ShareClass, look: Look) -> str:
    """A reissued certificate moves nothing."""
    t, what = look.t, act_name(entry, look.t)
    if not entry.shares:
        return what
    shares = t.text("holder.shares", shares=t.shares(entry.shares, share_class.decimals), n=entry.shares)
    return t.text("entry.title", what=what, shares=shares)


def _account(number: AccountNumber, look: Look) -> str:
    return look.t.text("entry.book") if number == BOOK else look.t.text("entry.wallet", number=number + 1)


def _basis(basis: int, look: Look) -> str:
    return look.t.text(f"basis.{basis}") if 0 <= basis <= 6 else look.t.text("basis.other", code=str(basis))


def _facts(entry: Entry, share_class: ShareClass, look: Look) -> list[Fact]:
    t = look.t
    recorded = t.text("fact.recorded.value", block=entry.block, time=t.moment(entry.time))
    facts = [Fact(t.text("fact.day"), t.day_long(entry.effective_on)), Fact(t.text("fact.recorded"), recorded)]
    facts.append(Fact(t.text("fact.basis"), _basis(entry.basis, look)))
    facts += _given(entry, share_class, look)
    if entry.ref and any(entry.ref):
        number = certificate(entry.ref)
        head = t.text("fact.certificate")
        facts.append(Fact(head, number) if number else Fact(head, t.text("fact.certificate.value"), _hex(entry.ref)))
    if entry.act:
        facts.append(Fact(t.text("fact.document"), t.text("fact.document.value"), _hex(entry.act.document)))
        facts.append(Fact(t.text("fact.who"), t.text("fact.actor.value"), _hex(entry.act.actor)))
        facts.append(Fact(t.text("fact.operation"), t.text("fact.operation.value"), _hex(entry.act.operation)))
    facts.append(Fact(t.text("fact.transaction"), t.text("fact.transaction.value"), _hex(entry.tx)))
    return facts


def _given(entry: Entry, share_class: ShareClass, look: Look) -> list[Fact]:
    """What was given for the shares, with the amount in the currency it was stated in."""
    given = entry.act.consideration if entry.act else None
    if given is None or given.kind == 0:
        return []
    t = look.t
    kind = t.text(f"given.{given.kind}") if given.kind <= 4 else t.text("given.other", code=str(given.kind))
    facts = [Fact(t.text("fact.consideration"), kind)]
    if given.price and given.currency:
        code = currency_code(given.currency) or f"ISO {given.currency:03}"
        facts.append(Fact(t.text("fact.price"), t.money(code, given.price)))
        facts.append(Fact(t.text("fact.amount"), t.money(code, given.price, entry.shares, share_class.decimals)))
    return facts


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
