"""The subscribers of a raise: what each paid, shares got, shares ended, and what became of it in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.pages.look import Look
from api.pages.standing import Person, State
from registry.domain.raising import OfferingPhase, SubscriptionStatus
from registry.mirror.views_lots import due_to
from registry.mirror.views_raise import Escrow, PutRow, SubscriptionRow

EVERYBODY = 200
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    person: Person
    paid: str
    shares: str
    ended: str
    back: str
    state: State


@dataclass(frozen=True, slots=True)
class Sums:
    """Over all subscribers, on whichever page they stand."""

    paid: str
    shares: str
    ended: str
    back: str


class Subscribers:
    """Those of one raise; `look` has met the ones that are shown."""

    def __init__(self, look: Look, escrow: Escrow) -> None:
        self.look, self.t = look, look.t
        self.offering = escrow.offering
        self.puts = {put.party: put for put in escrow.puts}
        self.unheld = escrow.unheld

    def rows(self, found: Sequence[SubscriptionRow]) -> list[Row]:
        return [self._row(row) for row in found]

    def sums(self) -> Sums:
        t, offering = self.t, self.offering
        shares = ended = 0
        if offering.phase >= OfferingPhase.CLOSING:
            everybody = list(self._everybody())
            shares = sum(row.shares for row in everybody)
            ended = sum(row.ended for row in everybody)
        return Sums(
            t.fen(offering.totals.money_in),
            self._shares(shares),
            self._shares(ended),
            t.fen(offering.totals.refunded + offering.money.taken_back),
        )

    def _everybody(self) -> Iterator[SubscriptionRow]:
        cursor: str | None = None
        while True:
            page = self.look.register.subscriptions(
                self.offering.number, self.look.as_of, cursor=cursor, limit=EVERYBODY
            )
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _row(self, row: SubscriptionRow) -> Row:
        t, back = self.t, row.returned + row.redeemed
        return Row(
            self.look.person(row.party),
            t.fen(row.paid),
            self._shares(row.shares),
            self._shares(row.ended),
            t.fen(back) if back else NOTHING,
            self._state(row),
        )

    def _shares(self, shares: int) -> str:
        return self.t.shares(shares, self.offering.decimals) if shares else NOTHING

    # --- what became of it ---

    def _state(self, row: SubscriptionRow) -> State:
        t, status = self.t, row.word.status
        if status == SubscriptionStatus.NONE:
            return State(t.text("subscription.withdrawn"), "○")
        if status == SubscriptionStatus.PAID:
            return self._paid(row)
        if status == SubscriptionStatus.PARKED:
            return State(t.text("subscription.parked"), "■", "care")
        if status == SubscriptionStatus.REFUNDED:
            is_failed = self.offering.phase == OfferingPhase.FAILED
            return State(t.text("subscription.refunded" if is_failed else "subscription.none"), "○")
        return self._allotted(row)

    def _paid(self, row: SubscriptionRow) -> State:
        t, offering, region = self.t, self.offering, self.offering.region
        if offering.phase == OfferingPhase.FAILED:
            return State(t.text("subscription.failed"), "◐", "care")
        if offering.phase == OfferingPhase.CLOSING:
            return State(t.text("subscription.closing"), "◐")
        until = row.word.paid_at + offering.terms.cooling_off
        if region.clock > until:
            return State(t.text("subscription.bound"), "◐")
        return State(t.text("subscription.cooling", until=t.moment(region.unix(until))), "◐")

    def _allotted(self, row: SubscriptionRow) -> State:
        t, put, ended = self.t, self.puts.get(row.party), row.ended
        if put is not None:
            return self._put(put)
        sold = self.unheld.get(row.party, 0)
        due = due_to(row, self.offering) - sold
        if due:
            key = "subscription.due.frozen" if self.look.word(row.party).is_frozen else "subscription.due"
            return State(t.text(key, money=t.yuan(due)), "◐", "care")
        if sold:
            return State(t.text("subscription.unheld", money=t.yuan(sold)), "◐", "care")
        if row.lapsed:
            key = "subscription.lapsed.part" if ended else "subscription.lapsed"
            return State(t.text(key, n=ended, shares=self._shares(ended), money=t.yuan(row.lapsed)), "✕")
        if not ended:
            return State(t.text("subscription.allotted"), "✓")
        key = "subscription.ended.all" if ended >= row.shares else "subscription.ended"
        return State(t.text(key, n=ended, shares=self._shares(ended)), "✕")

    def _put(self, put: PutRow) -> State:
        words = {"n": put.shares, "shares": self._shares(put.shares), "money": self.t.yuan(put.debt)}
        if put.payer is None:
            return State(self.t.text("subscription.put", **words), "○", "care")
        return State(self.t.text("subscription.sold", **words), "✓")
