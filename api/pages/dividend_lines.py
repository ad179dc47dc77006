"""Who gets what of a dividend, each line with its arithmetic; before the record date what each would get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages import dividing
from api.pages.dividend_money import WHOLE, arithmetic, short_notice
from api.pages.look import Look
from api.pages.standing import Notice, Person, State
from api.pages.tongue import Tongue
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.domain.words import PartyWord
from registry.errors import InputError
from registry.mirror.reading_record import NOTHING_TO_SHARE
from registry.mirror.views_payout import Distribution, DividendLine, PreviewLine

LINES = 200
OPEN = (Settlement.NONE, Settlement.PARKED)
"""Not paid yet."""


@dataclass(frozen=True, slots=True)
class Line:
    person: Person
    why: str
    shares: str
    gross: str
    tax: str
    net: str
    state: State
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    shares: str
    gross: str
    tax: str
    net: str


class Lines:
    """One page of them, by party id; summed where all fit the page."""

    def __init__(self, look: Look, found: Distribution, cursor: str) -> None:
        self.look, self.found, self.t = look, found, look.t
        self.title, self.note, self.next_cursor = "", "", ""
        self.notices: list[Notice] = []
        self.rows: Sequence[Line] = ()
        self.sums: Sums | None = None
        self._foreseen: Sequence[PreviewLine] = ()
        if found.phase == DistributionPhase.DECLARED:
            self._foresee()
        elif found.phase != DistributionPhase.CANCELLED:
            self._tell(cursor)
        self.choice = self._chosen() if found.terms.scrip_price else ""

    # --- before the holders are known ---

    def _foresee(self) -> None:
        self.title = self.t.text("lines.preview")
        key = "lines.final.note" if self.found.is_record_passed else "lines.preview.note"
        self.note = self.t.text(key, record=self.t.day(self.found.record_day))
        try:
            preview = self.look.register.preview_distribution(self.found.number, self.look.as_of)
        except InputError as nothing:
            # As things stand nobody would get anything; the page says so with an empty table.
            if nothing.code not in NOTHING_TO_SHARE:
                raise
            return
        self._foreseen = preview.lines
        if preview.is_short:
            self.notices = [short_notice(self.found, preview.declared, preview.register.entitled, self.t)]
        self.look.meet(line.party for line in preview.lines)
        self.rows = [self._would(line, preview.numerator, preview.denominator) for line in preview.lines]
        self.sums = self._sums(preview.register.entitled, preview.lines)

    def _would(self, line: PreviewLine, numerator: int, denominator: int) -> Line:
        t, word = self.t, self.look.word(line.party)
        why = arithmetic(self.found, line.shares, numerator, denominator, t)
        state = would_state(word, t) if line.would_park else State(t.text("line.would"), "✓")
        return self._line(line, why, state, t.text("line.chosen") if line.wants_scrip else "")

    # --- afterwards ---

    def _tell(self, cursor: str) -> None:
        page = self.look.register.dividend_lines(self.found.number, self.look.as_of, cursor=cursor or None, limit=LINES)
        self.look.meet(line.party for line in page.items)
        self.title, self.next_cursor = self.t.text("lines.title"), page.next_cursor or ""
        self.rows = [self._told(line) for line in page.items]
        if any(line.settlement in OPEN for line in page.items):
            self.note = self.t.text("lines.note")
        if not cursor and not page.next_cursor:
            self.sums = self._sums(self.found.entitled, page.items)

    def _told(self, line: DividendLine) -> Line:
        t = self.t
        why = arithmetic(self.found, line.shares, line.numerator, line.denominator, t)
        choice = t.text("line.chosen") if line.wants_scrip and line.settlement in OPEN else ""
        state = line_state(line, self.found, self.look.word(line.party), t)
        return self._line(line, why, state, choice)

    # --- both ---

    def _chosen(self) -> str:
        """How many of those who share in it chose shares instead of cash, and until when that can be changed."""
        t, found = self.t, self.found
        if found.phase == DistributionPhase.DECLARED:
            chosen, holders = sum(line.wants_scrip for line in self._foreseen), len(self._foreseen)
        elif found.phase != DistributionPhase.CANCELLED:
            chosen, holders = len(self.look.register.scrip_choosers(found.number, self.look.as_of)), found.holders
        else:
            return ""
        until = dividing.moment(found, found.terms.payable_from, t)
        words = {"chosen": chosen, "n": holders, "price": t.yuan(found.terms.scrip_price), "until": until}
        return t.text("lines.chosen" if found.is_choosable else "lines.chosen.over", **words)

    def _line(self, line: DividendLine | PreviewLine, why: str, state: State, choice: str = "") -> Line:
        t, tax = self.t, self._tax(line)
        return Line(
            person=self.look.person(line.party, with_tags=False),
            why=t.text("line.why", sum=why, tax=tax) if tax else why,
            shares=t.shares(line.shares, self.found.decimals),
            gross=t.fen(line.gross),
            tax="–" if is_lapsed(line) else t.fen(line.tax),
            net="–" if is_lapsed(line) else t.fen(line.net),
            state=state,
            choice=choice,
        )

    def _tax(self, line: DividendLine | PreviewLine) -> str:
        t = self.t
        if is_lapsed(line):
            return ""
        return t.text("line.tax.relief" if line.by_relief else "line.tax", part=t.percent(line.bps, WHOLE))

    def _sums(self, shares: int, lines: Sequence[DividendLine] | Sequence[PreviewLine]) -> Sums:
        t = self.t
        due = [line for line in lines if not is_lapsed(line)]
        gross, tax, net = (
            sum(line.gross for line in lines),
            sum(line.tax for line in due),
            sum(line.net for line in due),
        )
        return Sums(t.shares(shares, self.found.decimals), t.fen(gross), t.fen(tax), t.fen(net))


def is_lapsed(line: DividendLine | PreviewLine) -> bool:
    """It went elsewhere: there is neither tax nor net."""
    return isinstance(line, DividendLine) and line.settlement == Settlement.LAPSED


def line_state(line: DividendLine, found: Distribution, word: PartyWord, t: Tongue) -> State:
    """What became of a holder's part."""
    day = t.day_at(line.settled.time) if line.settled else ""
    if line.settlement == Settlement.PAID and line.scrip_shares:
        shares = t.shares(line.scrip_shares, found.decimals)
        cost = t.yuan(line.scrip_cost)
        return State(t.text("line.scrip", n=line.scrip_shares, day=day, shares=shares, cost=cost), "✓", "good")
    if line.settlement == Settlement.PAID:
        return State(t.text("line.paid", day=day), "✓", "good")
    if line.settlement == Settlement.LAPSED:
        return State(t.text("line.lapsed", day=day), "✕", "bad")
    if line.settlement == Settlement.PARKED:
        if not line.would_park:
            return State(t.text("line.parked.cured"), "◐", "care")
        return State(t.text("line.parked.frozen" if word.is_frozen else "line.parked.kyc"), "■", "care")
    return would_state(word, t) if line.would_park else State(t.text("line.none"), "○")


def would_state(word: PartyWord, t: Tongue) -> State:
    """Why a part would be parked, were it paid now."""
    return State(t.text("line.would.frozen" if word.is_frozen else "line.would.kyc"), "○", "care")
