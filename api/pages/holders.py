"""Holders of one company, and one holder: the holding first, then what needs attention, then what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.asof import CompanyNumber, PartyNumber, Question
from api.pages.look import Look, act_name, certificate_words
from api.pages.own import Amount, Invested, Own
from api.pages.received import Received, ahead, received
from api.pages.standing import QUALIFIED, Notice, Person, State, category, lock_notice, notices, state
from api.pages.tongue import SEPARATOR, plain
from registry.domain.ids import Day, PartyId
from registry.mirror.views import Entry, Holder, HoldingRow, Party, ShareClass

router = APIRouter(include_in_schema=False)

LINES = 50
ENTRIES = 20


@dataclass(frozen=True, slots=True)
class Held:
    share_class: str
    shares: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    person: Person
    holdings: Sequence[Held]
    part: str
    state: State


@dataclass(frozen=True, slots=True)
class HoldersPage:
    sub: str
    rows: Sequence[Row]
    first: str
    next: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry from the holder's side."""

    href: str
    what: str
    change: str
    tone: str
    day: str
    share_class: str
    other: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Fact:
    head: str
    value: str
    state: State | None = None


@dataclass(frozen=True, slots=True)
class HolderPage:
    sub: str
    holdings: Sequence[Held]
    notices: Sequence[Notice]
    money: Sequence[Amount]
    invested: Sequence[Invested]
    money_href: str
    got: Received
    entries: Sequence[Line]
    facts: Sequence[Fact]
    first: str
    next: str


@router.get("/companies/{number}/holders", response_class=HTMLResponse)
async def holders_page(request: Request, asked: Question, number: CompanyNumber, cursor: str = "") -> HTMLResponse:
    look = Look(request, asked, number, "holders")
    found = look.register.holders(number, look.as_of, cursor=cursor or None, limit=LINES)
    look.meet(holder.party for holder in found.items)
    classes = look.classes()
    root = f"{look.root}/holders"
    page = HoldersPage(
        look.t.text("holders.sub", n=look.company.holders),
        [_row(holder, look, classes) for holder in found.items],
        look.visit.url(root) if cursor else "",
        look.visit.url(root, cursor=found.next_cursor) if found.next_cursor else "",
    )
    return look.render("holders.html", page=page)


def _row(holder: Holder, look: Look, classes: dict[int, ShareClass]) -> Row:
    held = [_held(look, classes[row.class_id], row.shares) for row in holder.shares]
    size = sum(_size(row.shares, classes[row.class_id], classes) for row in holder.shares)
    part = look.t.percent(size, _whole(classes))
    return Row(look.person(holder.party), held, part, state(look.word(holder.party), look.today, look.t))


def _held(look: Look, share_class: ShareClass, shares: int) -> Held:
    return Held(plain(share_class.name), look.t.shares(shares, share_class.decimals))


def _size(shares: int, share_class: ShareClass, classes: dict[int, ShareClass]) -> int:
    """On the scale of the class with the most decimals, so that classes can be added."""
    return shares * int(10 ** (max(c.decimals for c in classes.values()) - share_class.decimals))


def _whole(classes: dict[int, ShareClass]) -> int:
    return sum(_size(c.issued, c, classes) for c in classes.values())


@router.get("/companies/{number}/holders/{party}", response_class=HTMLResponse)
async def holder_page(
    request: Request, asked: Question, number: CompanyNumber, party: PartyNumber, cursor: str = ""
) -> HTMLResponse:
    look = Look(request, asked, number, "holders")
    known = look.register.party(party, look.as_of)
    found = look.register.entries(look.as_of, company=number, party=known.id, cursor=cursor or None, limit=ENTRIES)
    look.meet([known.id, *(p for e in found.items for p in (e.giver, e.taker))])
    classes = look.classes()
    held = look.register.holder(known.id, number, look.as_of)
    root = f"{look.root}/holders/{party}"
    mine = [each for each in look.register.investments(known.id, look.as_of) if each.offering.company == number]
    own = Own(look.visit, asked, mine, known.word.is_frozen)
    got = received(look.visit, asked, known.id, known.word, number)
    page = HolderPage(
        _sub(known, look),
        _holdings(held, look, classes),
        [
            *own.notices(),
            *got.notices(),
            *_locks(held, look, classes),
            *notices(known.word, look.today, look.t),
            *ahead(look.visit, asked, known.id, number),
        ],
        own.totals() if mine else [],
        own.invested(),
        look.visit.url(f"/parties/{party}/money"),
        got,
        [_line(entry, known.id, look, classes) for entry in found.items],
        _facts(known, look),
        look.visit.url(root) if cursor else "",
        look.visit.url(root, cursor=found.next_cursor) if found.next_cursor else "",
    )
    return look.render("holder.html", person=look.person(known.id), page=page)


def _sub(party: Party, look: Look) -> str:
    return SEPARATOR.join([category(party.word.category, look.t), look.t.text("party.id", id=str(party.id))])


def _holdings(held: Sequence[HoldingRow], look: Look, classes: dict[int, ShareClass]) -> list[Held]:
    """Over all accounts; classes of which nothing is held any more are left out."""
    sums: dict[int, int] = {}
    for row in held:
        sums[row.class_id] = sums.get(row.class_id, 0) + row.shares
    return [_holding(classes[key], shares, look, classes) for key, shares in sums.items() if shares]


def _holding(share_class: ShareClass, shares: int, look: Look, classes: dict[int, ShareClass]) -> Held:
    t = look.t
    whole = t.percent(_size(shares, share_class, classes), _whole(classes))
    note = t.text("holder.part", part=t.percent(shares, share_class.issued), whole=whole)
    figure = t.text("holder.shares", shares=t.shares(shares, share_class.decimals), n=shares)
    return Held(plain(share_class.name), figure, note)


def _locks(held: Sequence[HoldingRow], look: Look, classes: dict[int, ShareClass]) -> list[Notice]:
    last: dict[int, Day] = {}
    for row in held:
        if row.shares:
            last[row.class_id] = max(last.get(row.class_id, Day(0)), row.lock_day)
    found = [lock_notice(plain(classes[key].name), day, look.today, look.t) for key, day in last.items()]
    return [notice for notice in found if notice]


def _line(entry: Entry, party: PartyId, look: Look, classes: dict[int, ShareClass]) -> Line:
    t, share_class = look.t, classes[entry.class_id]
    gained = (entry.taker == party) - (entry.giver == party)
    sign = {1: "+", 0: "", -1: "−"}[gained]
    other = entry.giver if gained > 0 else entry.taker if gained < 0 else PartyId(0)
    key = "holder.from" if gained > 0 else "holder.to"
    return Line(
        look.visit.url(f"/entries/{entry.id}"),
        act_name(entry, t),
        f"{sign}{t.shares(entry.shares, share_class.decimals)}" if entry.shares else "",
        {1: "plus", 0: "soft", -1: "minus"}[gained],
        t.day(entry.effective_on),
        plain(share_class.name),
        t.text(key, who=look.name(other)) if other else "",
        certificate_words(entry.ref, t),
    )


def _facts(party: Party, look: Look) -> list[Fact]:
    t, word = look.t, party.word
    frozen = t.text("frozen.yes") if word.is_frozen else t.text("frozen.no")
    facts = [
        Fact(t.text("fact.kind"), t.text(f"kind.{word.kind}" if 1 <= word.kind <= 3 else "kind.other")),
        Fact(t.text("fact.category"), category(word.category, t)),
        _until("fact.kyc", word.kyc_day, look),
    ]
    if word.category == QUALIFIED:
        facts.append(_until("fact.qualification", word.qualification_day, look))
    else:
        facts.append(Fact(t.text("fact.qualification"), t.text("fact.not")))
    wallets = t.text("fact.wallets.n", n=len(party.wallets)) if party.wallets else t.text("fact.wallets.none")
    return [
        *facts,
        Fact(t.text("fact.frozen"), "", State(frozen, "■" if word.is_frozen else "✓", "bad" if word.is_frozen else "")),
        Fact(t.text("fact.wallets"), wallets),
        Fact(t.text("fact.weight"), t.text("company.holders", n=word.weight)),
    ]


def _until(key: str, last: Day, look: Look) -> Fact:
    t = look.t
    if last <= 0:
        return Fact(t.text(key), "", State(t.text("until.never"), "○", "care"))
    in_force = last >= look.today
    words = t.text("until.valid" if in_force else "until.ended", day=t.day(last))
    return Fact(t.text(key), "", State(words, "✓" if in_force else "○", "" if in_force else "care"))
