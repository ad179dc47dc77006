"""What of a raise falls to one subscription: what waits for it, what it can take back, what it sold. Money in fen."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import Shares
from registry.mirror.views_raise import SETTLED, Offering, PutRow, SubscriptionRow

PAID, PARKED, ALLOTTED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Investment:
    """A subscription as its subscriber sees it, with the raise that it belongs to.

    `holding`: shares of the class in the account that subscribed and in the party's book account. `in_escrow`: what of
    it still waits for a milestone, an upper bound where shares of the lot were sold; `due`: what can be taken back now;
    `unheld`: what could be, were the shares still held. That lapses when the time for claims is over. What was paid is
    returned, redeemed, lapsed, released, fee, held, unheld and rounding together, to the fen.
    """

    subscription: SubscriptionRow
    offering: Offering
    put: PutRow | None
    holding: Shares

    @property
    def held(self) -> int:
        """All of it until the raise is settled, unless it went back; afterwards what the escrow still keeps of it."""
        word = self.subscription.word
        is_in = word.status in (PARKED, ALLOTTED)
        is_untouched = word.status == PAID or (is_in and self.offering.phase != SETTLED)
        return word.amount if is_untouched else self.in_escrow + self.due

    @property
    def fee(self) -> int:
        return part_of(self.subscription, self.offering, self.offering.fee)

    @property
    def released(self) -> int:
        return part_of(self.subscription, self.offering, self.offering.purse.released)

    @property
    def rounding(self) -> int:
        """[fen] What rounding its parts down leaves: never more than two."""
        word, purse = self.subscription.word, self.offering.purse
        if word.status not in (PARKED, ALLOTTED) or self.offering.phase != SETTLED:
            return 0
        others = part_of(self.subscription, self.offering, purse.proceeds - purse.released)
        return word.amount - self.fee - self.released - others

    @property
    def in_escrow(self) -> int:
        purse, row = self.offering.purse, self.subscription
        waiting = part_of(row, self.offering, purse.proceeds - purse.released)
        return waiting - part_of(row, self.offering, purse.redeemable)

    @property
    def due(self) -> int:
        return due_to(self.subscription, self.offering) - self.unheld

    @property
    def unheld(self) -> int:
        """[fen] What is due, less the part for shares that are held, which is rounded down."""
        word, offering = self.subscription.word, self.offering
        raised = offering.totals.raised
        if word.status != ALLOTTED or not raised:
            return 0
        lot = word.amount // offering.terms.price
        shares = max(lot * offering.purse.redeemable // raised - word.cancelled, 0)
        if self.holding and self.holding >= shares:
            return 0
        missed = due_to(self.subscription, offering)
        return missed - (missed * self.holding // shares if self.holding else 0)

    @property
    def left(self) -> Shares:
        """Shares of the lot that the party still holds."""
        return Shares(min(self.subscription.shares - self.subscription.word.cancelled, self.holding))


def part_of(row: SubscriptionRow, offering: Offering, amount: int) -> int:
    """[fen] Of an amount of the whole raise, what falls to this subscription; rounded down."""
    word, raised = row.word, offering.totals.raised
    return word.amount * amount // raised if word.status in (ALLOTTED, PARKED) and raised else 0


def due_to(row: SubscriptionRow, offering: Offering) -> int:
    """[fen] Missed money of this subscription that neither came back nor lapsed, whoever holds its shares."""
    return part_of(row, offering, offering.purse.redeemable) - row.word.redeemed
