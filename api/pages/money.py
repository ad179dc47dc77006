"""A party's own money: what it has, what it put into raises, what came back, what is held for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.asof import Asked, PartyNumber, Question
from api.pages.look import certificate, day_shown, shown
from api.pages.site import Visit, render
from api.pages.standing import Notice, State
from api.pages.tongue import SEPARATOR, Tongue, plain
from registry.domain.days import year_of
from registry.domain.ids import PartyId
from registry.domain.raising import OfferingPhase, SubscriptionStatus
from registry.mirror.views_money import AccountName, AnnualUse, MoneyMove, PartyMoney
from registry.mirror.views_raise import Investment

router = APIRouter(include_in_schema=False)

LINES = 30


@dataclass(frozen=True, slots=True)
class Amount:
    head: str
    value: str


@dataclass(frozen=True, slots=True)
class Invested:
    """One subscription as its subscriber sees it."""

    title: str
    company: str
    href: str
    escrow: str
    sentences: Sequence[str]
    amounts: Sequence[Amount]


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
    note: str
    totals: Sequence[Amount]
    notices: Sequence[Notice]
    investments: Sequence[Invested]
    lines: Sequence[Line]
    facts: Sequence[Fact]
    first: str
    next: str


@router.get("/parties/{party}/money", response_class=HTMLResponse)
async def money_page(request: Request, asked: Question, party: PartyNumber, cursor: str = "") -> HTMLResponse:
    visit = Visit(request, "companies")
    register, t = visit.parts.register, visit.tongue
    found = register.party_money(party, asked.as_of)
    investments = register.investments(party, asked.as_of)
    moves = register.money_moves(party, asked.as_of, cursor=cursor or None, limit=LINES)
    use = register.annual_use(party, year_of(day_shown(visit, asked)), asked.as_of)
    known = visit.parts.names([found.party]).get(found.party)
    is_frozen = register.words([found.party], asked.as_of)[found.party].is_frozen
    root = f"/parties/{party}/money"
    page = MoneyPage(
        name=plain(known) if known else t.text("party.id", id=str(party)),
        balance=t.yuan(found.balance),
        note=t.text("money.page.note", n=len(found.accounts)),
        totals=totals(investments, t),
        notices=[*_frozen(found, t), *notices(investments, t, is_frozen)],
        investments=invested(investments, visit, asked),
        lines=[_line(move, found.party, visit) for move in moves.items],
        facts=_facts(found, use, t),
        first=visit.url(root) if cursor else "",
        next=visit.url(root, cursor=moves.next_cursor) if moves.next_cursor else "",
    )
    return render(visit, "money.html", page=page, verdict=visit.chip(), asof=shown(visit, asked))


# --- what was invested; also for the page of a holder ---


def totals(investments: Sequence[Investment], t: Tongue) -> list[Amount]:
    """Over all of them: subscribed, refunded, redeemed, held."""
    paid = sum(each.subscription.paid for each in investments)
    returned = sum(each.subscription.returned for each in investments)
    redeemed = sum(each.subscription.word.redeemed for each in investments)
    return _amounts(paid, returned, redeemed, sum(each.held for each in investments), t)


def _amounts(paid: int, returned: int, redeemed: int, held: int, t: Tongue) -> list[Amount]:
    found = [("subscribed", paid), ("refunded", returned), ("redeemed", redeemed), ("held", held)]
    return [Amount(t.text(f"own.{name}"), t.fen(amount)) for name, amount in found]


def notices(investments: Sequence[Investment], t: Tongue, is_frozen: bool = False) -> list[Notice]:
    """What can be taken back now, or once an order is lifted, and what somebody else owes."""
    found = []
    due = sum(_due(each) for each in investments)
    failed = [each for each in investments if each.offering.phase == OfferingPhase.FAILED]
    waiting = sum(each.held for each in failed)
    if due:
        key = "own.due.frozen" if is_frozen else "own.due"
        found.append(Notice(t.text(key, money=t.yuan(due)), t.text("own.due.body")))
    if waiting:
        found.append(Notice(t.text("own.failed", money=t.yuan(waiting)), t.text("own.failed.body")))
    owed = sum(each.put.debt for each in investments if each.put and each.put.payer is None)
    if owed:
        found.append(Notice(t.text("own.owed", money=t.yuan(owed)), t.text("own.owed.body")))
    return found


def _due(investment: Investment) -> int:
    """[fen] What a call would pay. Nothing is paid for shares that wait, nor for a lot of which no share is left."""
    row = investment.subscription
    is_whole = row.word.status == SubscriptionStatus.ALLOTTED and row.word.cancelled < row.shares
    return investment.due if is_whole else 0


def invested(investments: Sequence[Investment], visit: Visit, asked: Asked) -> list[Invested]:
    """The newest raise first, each with sentences that say where its money is and what comes next."""
    register, found = visit.parts.register, []
    for each in investments:
        company = register.company(each.offering.company, asked.as_of)
        share_class = register.share_class(each.offering.class_id, asked.as_of)
        row, t = each.subscription, visit.tongue
        found.append(
            Invested(
                title=t.text("own.raise", share_class=plain(share_class.name), number=str(each.offering.number)),
                company=plain(company.name),
                href=visit.url(f"/raises/{each.offering.number}"),
                escrow=visit.url(f"/raises/{each.offering.number}/escrow"),
                sentences=_sentences(each, visit, asked),
                amounts=_amounts(row.paid, row.returned, row.word.redeemed, each.held, t),
            )
        )
    return found


def _sentences(each: Investment, visit: Visit, asked: Asked) -> list[str]:
    row, status, t = each.subscription, each.subscription.word.status, visit.tongue
    if status == SubscriptionStatus.ALLOTTED:
        return [*_of_lot(each, t), *_of_put(each, visit, asked)]
    if status == SubscriptionStatus.NONE:
        return [t.text("own.withdrawn", money=t.yuan(row.returned))]
    if status == SubscriptionStatus.REFUNDED:
        key = "own.refund" if each.offering.phase == OfferingPhase.FAILED else "own.back"
        return [t.text(key, money=t.yuan(row.returned))]
    return [t.text("own.parked") if status == SubscriptionStatus.PARKED else _of_frozen(each, t)]


def _of_frozen(each: Investment, t: Tongue) -> str:
    """Paid, and not yet decided."""
    offering, region, terms = each.offering, each.offering.region, each.offering.terms
    if offering.phase == OfferingPhase.FAILED:
        return t.text("own.paid.failed")
    until = each.subscription.word.paid_at + terms.cooling_off
    if offering.phase == OfferingPhase.OPEN and region.clock <= until:
        return t.text("own.paid.open", until=t.moment(region.unix(until)))
    last = terms.closes_at + terms.cooling_off + terms.settle_within
    return t.text("own.paid", until=t.day_at(region.unix(last)))


def _of_lot(each: Investment, t: Tongue) -> list[str]:
    """The shares that came, those that ended, the money that waits."""
    row, word, decimals = each.subscription, each.subscription.word, each.offering.decimals
    found = [t.text("own.allotted", n=row.shares, shares=t.shares(row.shares, decimals), money=t.yuan(word.amount))]
    sold = each.put.shares if each.put and each.put.payer else 0
    ended = word.cancelled - sold
    if ended:
        left = t.shares(row.shares - ended, decimals)
        found.append(t.text("own.ended", ended=t.shares(ended, decimals), money=t.yuan(word.redeemed), left=left))
    if _due(each):
        found.append(t.text("own.allotted.due", due=t.yuan(_due(each))))
    if each.in_escrow:
        found.append(t.text("own.allotted.waiting", waiting=t.yuan(each.in_escrow)))
    elif not _due(each):
        found.append(t.text("own.allotted.done"))
    return found


def _of_put(each: Investment, visit: Visit, asked: Asked) -> list[str]:
    """The shares that somebody has to buy, if a milestone with a put was missed."""
    t, put, row, offering = visit.tongue, each.put, each.subscription, each.offering
    if put is not None:
        key = "own.put.owed" if put.payer is None else "own.put.paid"
        return [t.text(key, n=put.shares, shares=t.shares(put.shares, offering.decimals), money=t.yuan(put.debt))]
    left, purse = row.shares - row.word.cancelled, offering.purse
    if not purse.redeemable or not left or purse.proceeds != purse.released + purse.redeemable:
        return []
    escrow = visit.parts.register.escrow(offering.number, asked.as_of)
    if not escrow.is_put_open:
        return []
    rate = t.percent(escrow.terms.put_rate_bps, 10_000)
    return [t.text("own.put.open", n=left, shares=t.shares(left, offering.decimals), rate=rate)]


# --- what moved, and what stands behind ---


def _frozen(found: PartyMoney, t: Tongue) -> list[Notice]:
    if not any(account.is_frozen for account in found.accounts):
        return []
    return [Notice(t.text("own.frozen"), t.text("own.frozen.body"), "bad")]


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
    facts.append(Fact(t.text("use.book"), t.yuan(book.balance)))
    for number, account in enumerate(found.accounts[:-1], 1):
        facts.append(Fact(t.text("entry.wallet", number=number), t.yuan(account.balance)))
    return facts
