"""The cap table page: who owns this company, in one ring and one table with the same order and the same colours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_compact_decimal
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.asof import CompanyNumber, Question
from api.pages import dividing, ring
from api.pages.look import Look
from api.pages.site import link
from api.pages.standing import Person, State, category, state
from api.pages.tongue import Tongue, plain
from registry.domain.escrow import TrancheState
from registry.domain.ids import Day, PartyId
from registry.domain.payout_args import DistributionPhase
from registry.domain.raising import OfferingPhase
from registry.mirror.views import CapRow, CapTable, ShareClass

router = APIRouter(include_in_schema=False)

_STOPS = (1, 2, 16, 8, 4)
"""Bits of the class's stops, the one that says most first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; the last may stand for all that were folded."""

    slice: int
    person: Person
    share_class: str
    shares: str
    part: str
    size: int
    state: State | None = None
    expand: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    head: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class ClassCard:
    name: str
    href: str
    issued: str
    authorised: str
    admits: str
    state: State


@dataclass(frozen=True, slots=True)
class Change:
    """The newest entry of the register."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class CapPage:
    ring: Markup
    rows: Sequence[Row]
    figures: Sequence[Figure]
    classes: Sequence[ClassCard]
    whole: str
    whole_short: str
    whole_part: str
    last_change: Change | None
    fold: str
    entries_link: Markup


@router.get("/companies/{number}", response_class=HTMLResponse)
async def cap_table_page(request: Request, asked: Question, number: CompanyNumber, all: str = "") -> HTMLResponse:
    look = Look(request, asked, number, "cap")
    table = look.register.cap_table(number, look.as_of)
    look.meet(row.party for row in table.rows)
    return look.render("captable.html", look.head(table.classes), page=_Builder(look, table).page(bool(all)))


class _Builder:
    """Puts all classes on one scale: the one of the class with the most decimals."""

    def __init__(self, look: Look, table: CapTable) -> None:
        self.look, self.table, self.t = look, table, look.t
        self.classes = {c.class_id: c for c in table.classes}
        self.decimals = max((c.decimals for c in table.classes), default=0)
        self.sizes = [row.shares * 10 ** (self.decimals - self.classes[row.class_id].decimals) for row in table.rows]
        self.whole = sum(self.sizes)
        self.locks: dict[tuple[int, PartyId], Day] = defaultdict(lambda: Day(0))
        for held in look.register.holdings(table.company.number, look.as_of):
            key = held.class_id, held.party
            self.locks[key] = max(self.locks[key], held.lock_day if held.shares else Day(0))

    def page(self, unfolded: bool) -> CapPage:
        ranked = self._ranked()
        rows = self._rows(ranked, unfolded)
        entries = self.look.visit.url(f"{self.look.root}/entries")
        has_fold = len(ranked) > ring.SLICES
        return CapPage(
            ring=self._ring(self._rows(ranked, False)),
            rows=rows,
            figures=[self._issued(), self._holders(), *self._largest(), *self._raise(), *self._dividend()],
            classes=[class_card(c, self.look) for c in self.table.classes],
            whole=self.t.shares(self.whole, self.decimals),
            whole_short=self._short(),
            whole_part=self.t.percent(self.whole, self.whole),
            last_change=self._last_change(),
            fold=self.look.visit.url(self.look.root) if unfolded and has_fold else "",
            entries_link=link(entries, self.t.text("source.entries")),
        )

    def _ranked(self) -> list[tuple[int, CapRow]]:
        rows = [(size, row) for size, row in zip(self.sizes, self.table.rows, strict=True) if size]
        return sorted(rows, key=lambda sized: (-sized[0], sized[1].class_id, sized[1].party))

    def _rows(self, ranked: Sequence[tuple[int, CapRow]], unfolded: bool) -> list[Row]:
        """Six lines at most unless unfolded: the sixth then stands for all that is left."""
        if unfolded or len(ranked) <= ring.SLICES:
            return [self._row(min(n, ring.SLICES - 1), size, row) for n, (size, row) in enumerate(ranked)]
        shown, folded = ranked[: ring.SLICES - 1], ranked[ring.SLICES - 1 :]
        return [*(self._row(n, size, row) for n, (size, row) in enumerate(shown)), self._others(folded)]

    def _row(self, slice_: int, size: int, row: CapRow) -> Row:
        share_class, t = self.classes[row.class_id], self.t
        standing = state(self.look.word(row.party), self.look.today, t, self.locks[row.class_id, row.party])
        return Row(
            slice_,
            self.look.person(row.party),
            plain(share_class.name),
            t.shares(row.shares, share_class.decimals),
            t.percent(size, self.whole),
            size,
            standing,
        )

    def _others(self, folded: Sequence[tuple[int, CapRow]]) -> Row:
        t, size = self.t, sum(size for size, _ in folded)
        names = {plain(self.classes[row.class_id].name) for _, row in folded}
        return Row(
            ring.SLICES - 1,
            Person(t.text("cap.others", n=len(folded)), ""),
            names.pop() if len(names) == 1 else t.text("cap.others.classes", n=len(names)),
            t.shares(size, self.decimals),
            t.percent(size, self.whole),
            size,
            expand=self.look.visit.url(self.look.root, all=1),
        )

    def _ring(self, rows: Sequence[Row]) -> Markup:
        labels = [
            self.t.text("cap.ring.part", who=row.person.name, share_class=row.share_class, part=row.part)
            for row in rows
        ]
        title = self.t.text("cap.ring.title", company=plain(self.table.company.name))
        return ring.draw([row.size for row in rows], labels, title, "; ".join(labels))

    def _short(self) -> str:
        whole = self.whole // 10**self.decimals
        if whole < 100_000:
            return self.t.number(whole)
        return str(format_compact_decimal(whole, fraction_digits=2, locale=self.t.locale))

    def _issued(self) -> Figure:
        authorised = sum(c.authorised * 10 ** (self.decimals - c.decimals) for c in self.table.classes)
        note = self.t.text("figure.issued.note", authorised=self.t.shares(authorised, self.decimals))
        return Figure(self.t.text("figure.issued"), self.t.shares(self.whole, self.decimals), note)

    def _holders(self) -> Figure:
        company, t = self.table.company, self.t
        value = t.text("figure.holders.value", holders=company.holders, cap=company.cap)
        key = "figure.seats" if company.seats <= company.cap else "figure.over"
        return Figure(t.text("figure.holders"), value, t.text(key, n=company.seats, cap=company.cap))

    def _largest(self) -> list[Figure]:
        sums: dict[PartyId, int] = defaultdict(int)
        for size, row in zip(self.sizes, self.table.rows, strict=True):
            sums[row.party] += size
        if not self.whole:
            return []
        party = max(sums, key=lambda p: (sums[p], -p))
        word = category(self.look.word(party).category, self.t)
        note = self.t.text("figure.largest.note", who=self.look.name(party), category=word)
        return [Figure(self.t.text("figure.largest"), self.t.percent(sums[party], self.whole), note)]

    def _raise(self) -> list[Figure]:
        """The newest raise, and how many of its milestones were reached; a draft is nobody's business yet."""
        t, register = self.t, self.look.register
        found = register.offerings(self.table.company.number, self.look.as_of, limit=1).items
        if not found or found[0].phase == OfferingPhase.DRAFT:
            return []
        offering = found[0]
        tranches = register.escrow(offering.number, self.look.as_of).tranches
        reached = sum(1 for row in tranches if row.word.state == TrancheState.RELEASED)
        note = t.text("figure.raise.note", reached=reached, all=len(tranches))
        if offering.phase != OfferingPhase.SETTLED:
            note = t.text(f"raise.phase.{offering.phase}")
        money = offering.totals.raised or offering.totals.live
        return [Figure(t.text("figure.raise"), t.yuan(money), note)]

    def _dividend(self) -> list[Figure]:
        """The newest dividend and how far it is; one that was taken back is no figure of the company."""
        t = self.t
        found = self.look.register.distributions(self.table.company.number, self.look.as_of, limit=1).items
        if not found or found[0].phase == DistributionPhase.CANCELLED:
            return []
        money = t.yuan(found[0].summary.declared)
        return [Figure(t.text("figure.dividend"), money, dividing.state(found[0], t).text)]

    def _last_change(self) -> Change | None:
        page = self.look.register.entries(self.look.as_of, company=self.table.company.number, limit=1)
        if not page.items:
            return None
        newest = page.items[0]
        return Change(
            self.t.text("cap.change", day=self.t.day(newest.effective_on)), self.look.visit.url(f"/entries/{newest.id}")
        )


def class_card(share_class: ShareClass, look: Look) -> ClassCard:
    t = look.t
    return ClassCard(
        plain(share_class.name),
        look.visit.url(f"{look.root}/entries", **{"class": share_class.position}),
        t.shares(share_class.issued, share_class.decimals),
        t.shares(share_class.authorised, share_class.decimals),
        admitted(share_class.categories, t),
        stop_state(share_class.stops, t),
    )


def admitted(categories: int, t: Tongue) -> str:
    names = [category(n, t) for n in range(1, 16) if categories >> n & 1]
    return t.text("list.join").join(names) or t.text("category.nobody")


def stop_state(stops: int, t: Tongue) -> State:
    for bit in _STOPS:
        if stops & bit:
            return State(t.text(f"stop.{bit}"), "■" if bit != 8 else "○", "bad" if bit in (1, 2, 4) else "care")
    return State(t.text("stop.none"))
