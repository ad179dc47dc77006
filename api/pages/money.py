"""A party's own money: what it has, what it put into raises, what came back, what is held for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.asof import PartyNumber, Question
from api.pages.look import certificate, day_shown, shown
from api.pages.own import Amount, Invested, Own
from api.pages.received import Received, ahead, received
from api.pages.site import Visit, render
from api.pages.standing import Notice, State
from api.pages.tongue import SEPARATOR, Tongue, plain
from registry.domain.days import year_of
from registry.domain.ids import PartyId
from registry.domain.words import PartyWord
from registry.mirror.views_money import AccountName, AnnualUse, MoneyAccount, MoneyMove, PartyMoney

router = APIRouter(include_in_schema=False)

LINES = 30


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    by: str
    change: str
    tone: str


@dataclass(frozen=True, slots=True)
class Fact:
    head: str
    value: str
    state: State | None = None


@dataclass(frozen=True, slots=True)
class MoneyPage:
    name: str
    balance: str
    frozen: State | None
    note: str
    totals: Sequence[Amount]
    notices: Sequence[Notice]
    investments: Sequence[Invested]
    got: Received
    lines: Sequence[Line]
    facts: Sequence[Fact]
    first: str
    next: str


@router.get("/parties/{party}/money", response_class=HTMLResponse)
async def money_page(request: Request, asked: Question, party: PartyNumber, cursor: str = "") -> HTMLResponse:
    visit = Visit(request, "companies")
    register, t = visit.parts.register, visit.tongue
    found = register.party_money(party, asked.as_of)
    moves = register.money_moves(party, asked.as_of, cursor=cursor or None, limit=LINES)
    use = register.annual_use(party, year_of(day_shown(visit, asked)), asked.as_of)
    known = visit.parts.names([found.party]).get(found.party)
    word = register.words([found.party], asked.as_of)[found.party]
    own = Own(visit, asked, register.investments(party, asked.as_of), word.is_frozen)
    got = received(visit, asked, found.party, word)
    root = f"/parties/{party}/money"
    page = MoneyPage(
        name=plain(known) if known else t.text("party.id", id=str(party)),
        balance=t.yuan(found.balance - found.frozen),
        frozen=_held_by_order(found, t),
        note=t.text("money.page.note", n=len(found.accounts)),
        totals=own.totals(),
        notices=[
            *_frozen(found, word, t),
            *own.notices(),
            *got.notices(),
            *ahead(visit, asked, found.party),
        ],
        investments=own.invested(),
        got=got,
        lines=[_line(move, found.party, visit) for move in moves.items],
        facts=_facts(found, use, t),
        first=visit.url(root) if cursor else "",
        next=visit.url(root, cursor=moves.next_cursor) if moves.next_cursor else "",
    )
    return render(visit, "money.html", page=page, verdict=visit.chip(asked.stand.block), asof=shown(visit, asked))


# --- what moved, and what stands behind ---


def _held_by_order(found: PartyMoney, t: Tongue) -> State | None:
    if not found.frozen:
        return None
    return State(t.text("money.page.frozen", money=t.yuan(found.frozen)), "■", "bad")


def _frozen(found: PartyMoney, word: PartyWord, t: Tongue) -> list[Notice]:
    """Orders against the party, and against accounts with its money: one does not mean the other."""
    keys = ["own.frozen.party"] if word.is_frozen else []
    keys += ["own.frozen"] if any(account.is_frozen for account in found.accounts) else []
    return [Notice(t.text(key), t.text(f"{key}.body"), "bad") for key in keys]


def _line(move: MoneyMove, party: PartyId, visit: Visit) -> Line:
    t = visit.tongue
    came = move.taker is not None and move.taker.party == party
    went = move.giver is not None and move.giver.party == party
    other = move.giver if came else move.taker
    sign = "" if came and went else "+" if came else "−"
    tone = "soft" if came and went else "plus" if came else "minus"
    by = [t.day_at(move.time), (certificate(move.ref) or "") if move.ref else ""]
    what = _what(move, other, came, went, visit)
    return Line(what, SEPARATOR.join(text for text in by if text), sign + t.fen(move.amount), tone)


def _what(move: MoneyMove, other: AccountName | None, came: bool, went: bool, visit: Visit) -> str:
    t = visit.tongue
    if came and went:
        return t.text("move.own")
    if other is None:
        return t.text("move.deposit" if came else "move.payout")
    if other.is_dividends:
        return t.text("move.dividend" if came else "move.fund")
    if other.offering is not None:
        if other.is_escrow:
            return t.text("move.from_escrow", number=str(other.offering))
        return t.text("move.refund" if came else "move.subscription", number=str(other.offering))
    if other.party is not None:
        known = visit.parts.names([other.party]).get(other.party)
        who = plain(known) if known else t.text("party.id", id=str(other.party))
        return t.text("move.from" if came else "move.to", who=who)
    return t.text("move.from" if came else "move.to", who="0x" + other.address.hex()[:8] + "…")


def _facts(found: PartyMoney, use: AnnualUse, t: Tongue) -> list[Fact]:
    facts = [Fact(t.text("use.year", year=str(use.year)), t.yuan(use.own))]
    if use.outside:
        facts.append(
            Fact(
                t.text("use.outside"), t.text("use.outside.value", money=t.yuan(use.outside), day=t.day(use.until_day))
            )
        )
    if use.left is None:
        facts.append(Fact(t.text("use.left"), t.text("use.none")))
    else:
        facts.append(Fact(t.text("use.left"), t.text("use.left.value", left=t.yuan(use.left), limit=t.yuan(use.limit))))
    book = found.accounts[-1]
    facts.append(Fact(t.text("use.book"), _money_in(book, t)))
    for number, account in enumerate(found.accounts[:-1], 1):
        facts.append(Fact(t.text("entry.wallet", number=number), _money_in(account, t)))
    return facts


def _money_in(account: MoneyAccount, t: Tongue) -> str:
    money = t.yuan(account.balance)
    return t.text("use.frozen", money=money) if account.is_frozen else money
