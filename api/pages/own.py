"""What a party put into raises: sums, what needs attention, and for each raise where its money is, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.asof import Asked
from api.pages.site import Visit
from api.pages.standing import Notice
from api.pages.tongue import plain
from registry.domain.raising import OfferingPhase, SubscriptionStatus
from registry.mirror.views_lots import Investment

_ALWAYS = ("subscribed", "refunded", "redeemed", "held")


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


class Own:
    """A party's subscriptions, the newest raise first; for its own page and for that of a holder."""

    def __init__(self, visit: Visit, asked: Asked, investments: Sequence[Investment], is_frozen: bool) -> None:
        self.visit, self.asked, self.t = visit, asked, visit.tongue
        self.investments, self.is_frozen = investments, is_frozen
        register = visit.parts.register
        # Only where something was missed is there more to say than the subscription itself knows.
        missed = [each.offering for each in investments if each.offering.purse.redeemable or each.offering.claims_end]
        self.escrows = {each.number: register.escrow(each.number, asked.as_of) for each in missed}

    # --- sums ---

    def totals(self) -> list[Amount]:
        """Over all of them: what was subscribed, and where it is now."""
        return self._amounts(self.investments)

    def _amounts(self, found: Sequence[Investment]) -> list[Amount]:
        """The first is the sum of the others, to the fen; those that are rare stand only where there is something."""
        sums = {
            "subscribed": sum(each.subscription.paid for each in found),
            "refunded": sum(each.subscription.returned for each in found),
            "redeemed": sum(each.subscription.redeemed for each in found),
            "lapsed": sum(each.subscription.lapsed for each in found),
            "released": sum(each.released for each in found),
            "fee": sum(each.fee for each in found),
            "rounding": sum(each.rounding for each in found),
            "unheld": sum(each.unheld for each in found),
            "held": sum(each.held for each in found),
        }
        shown = [(name, amount) for name, amount in sums.items() if amount or name in _ALWAYS]
        return [Amount(self.t.text(f"own.{name}"), self.t.fen(amount)) for name, amount in shown]

    # --- what needs attention ---

    def notices(self) -> list[Notice]:
        """What can be taken back now, or once an order is lifted, what ends at a time, and what somebody else owes."""
        t, found = self.t, []
        due = sum(_due(each) for each in self.investments)
        failed = [each for each in self.investments if each.offering.phase == OfferingPhase.FAILED]
        waiting = sum(each.held for each in failed)
        if due:
            key = "own.due.frozen" if self.is_frozen else "own.due"
            found.append(Notice(t.text(key, money=t.yuan(due)), t.text(f"{key}.body")))
        if waiting:
            found.append(Notice(t.text("own.failed", money=t.yuan(waiting)), t.text("own.failed.body")))
        found += [notice for each in self.investments for notice in self._ending(each)]
        owed = sum(each.put.debt for each in self.investments if each.put and each.put.payer is None)
        if owed:
            found.append(Notice(t.text("own.owed", money=t.yuan(owed)), t.text("own.owed.body")))
        return found

    def _ending(self, each: Investment) -> list[Notice]:
        """What ends with the time for claims."""
        t, offering, found = self.t, each.offering, []
        if not offering.claims_end or offering.is_claim_over:
            return []
        until, number = self._until(each), str(offering.number)
        span = t.span(offering.claims_end - offering.region.clock)
        if self._may_put(each):
            head = t.text("own.put.clock", until=until)
            found.append(Notice(head, t.text("own.put.clock.body", number=number, span=span), "calm"))
        if each.unheld:
            head = t.text("own.sold", money=t.yuan(each.unheld), until=until)
            found.append(Notice(head, t.text("own.sold.body", number=number, span=span, who=self._heir(each))))
        return found

    # --- raise by raise ---

    def invested(self) -> list[Invested]:
        register, visit, found = self.visit.parts.register, self.visit, []
        for each in self.investments:
            company = register.company(each.offering.company, self.asked.as_of)
            share_class = register.share_class(each.offering.class_id, self.asked.as_of)
            number = each.offering.number
            found.append(
                Invested(
                    title=self.t.text("own.raise", share_class=plain(share_class.name), number=str(number)),
                    company=plain(company.name),
                    href=visit.url(f"/raises/{number}"),
                    escrow=visit.url(f"/raises/{number}/escrow"),
                    sentences=self._sentences(each),
                    amounts=self._amounts([each]),
                )
            )
        return found

    def _sentences(self, each: Investment) -> list[str]:
        row, status, t = each.subscription, each.subscription.word.status, self.t
        if status == SubscriptionStatus.ALLOTTED:
            return [*self._of_lot(each), *self._of_sold(each), *self._of_put(each)]
        if status == SubscriptionStatus.NONE:
            return [t.text("own.withdrawn", money=t.yuan(row.returned))]
        if status == SubscriptionStatus.REFUNDED:
            key = "own.refund" if each.offering.phase == OfferingPhase.FAILED else "own.back"
            return [t.text(key, money=t.yuan(row.returned))]
        return [t.text("own.parked") if status == SubscriptionStatus.PARKED else self._of_frozen(each)]

    def _of_frozen(self, each: Investment) -> str:
        """Paid, and not yet decided."""
        t, offering, region, terms = self.t, each.offering, each.offering.region, each.offering.terms
        if offering.phase == OfferingPhase.FAILED:
            return t.text("own.paid.failed")
        until = each.subscription.word.paid_at + terms.cooling_off
        if offering.phase == OfferingPhase.OPEN and region.clock <= until:
            return t.text("own.paid.open", until=t.moment(region.unix(until)))
        last = terms.closes_at + terms.cooling_off + terms.settle_within
        return t.text("own.paid", until=t.day_at(region.unix(last)))

    def _of_lot(self, each: Investment) -> list[str]:
        """The shares that came, those that ended, the money that waits."""
        t, row, word, decimals = self.t, each.subscription, each.subscription.word, each.offering.decimals
        found = [t.text("own.allotted", n=row.shares, shares=t.shares(row.shares, decimals), money=t.yuan(word.amount))]
        sold = each.put.shares if each.put and each.put.payer else 0
        ended = row.ended - sold
        if ended:
            # What is left is told below, where some were sold to others.
            key = "own.ended.part" if each.unheld or row.lapsed else "own.ended"
            left = t.shares(row.shares - ended, decimals)
            found.append(t.text(key, ended=t.shares(ended, decimals), money=t.yuan(row.redeemed), left=left))
        if _due(each):
            key = "own.allotted.due.frozen" if self.is_frozen else "own.allotted.due"
            found.append(t.text(key, due=t.yuan(_due(each))))
        if each.in_escrow:
            found.append(t.text("own.allotted.waiting", waiting=t.yuan(each.in_escrow)))
        elif not _due(each) and not each.unheld:
            found.append(t.text("own.allotted.done"))
        return found

    def _of_sold(self, each: Investment) -> list[str]:
        """Money of shares that are held no more: until when it waits, or where it went."""
        t, offering, found = self.t, each.offering, []
        money, lapsed = t.yuan(each.unheld), each.subscription.lapsed
        if each.unheld and offering.is_claim_over:
            found.append(t.text("own.allotted.sold.over", money=money, who=self._heir(each)))
        elif each.unheld and offering.claims_end:
            found.append(t.text("own.allotted.sold", money=money, until=self._until(each)))
        elif each.unheld:
            span = t.span(self.escrows[offering.number].terms.claims)
            found.append(t.text("own.allotted.sold.early", money=money, span=span))
        if lapsed:
            found.append(t.text("own.allotted.lapsed", money=t.yuan(lapsed), who=self._heir(each)))
        return found

    def _of_put(self, each: Investment) -> list[str]:
        """The shares that somebody has to buy, if a milestone with a put was missed."""
        t, put, offering = self.t, each.put, each.offering
        if put is not None:
            key = "own.put.owed" if put.payer is None else "own.put.paid"
            return [t.text(key, n=put.shares, shares=t.shares(put.shares, offering.decimals), money=t.yuan(put.debt))]
        escrow = self.escrows.get(offering.number)
        if escrow is None or not escrow.is_put_open or not offering.claims_end or not each.left:
            return []
        if offering.is_claim_over:
            return [t.text("own.put.over", day=t.day_at(offering.region.unix(offering.claims_end)))]
        shares, rate = t.shares(each.left, offering.decimals), t.percent(escrow.terms.put_rate_bps, 10_000)
        return [t.text("own.put.open", n=each.left, shares=shares, rate=rate, until=self._until(each))]

    def _may_put(self, each: Investment) -> bool:
        escrow = self.escrows.get(each.offering.number)
        is_open = escrow is not None and escrow.is_put_open and each.offering.claims_end != 0
        return is_open and not each.offering.is_claim_over and each.put is None and each.left > 0

    def _until(self, each: Investment) -> str:
        return self.t.moment(each.offering.region.unix(each.offering.claims_end))

    def _heir(self, each: Investment) -> str:
        """Who gets what lapses."""
        parts, account = self.visit.parts, self.escrows[each.offering.number].terms.lapse_account
        party = parts.register.account_owner(account, self.asked.as_of).party
        if party is None:
            return "0x" + account.hex()
        known = parts.names([party]).get(party)
        return plain(known) if known else self.t.text("party.id", id=str(party))


def _due(investment: Investment) -> int:
    """[fen] What a call would pay. Nothing is paid for shares that wait, nor for a lot of which no share is left."""
    row = investment.subscription
    is_whole = row.word.status == SubscriptionStatus.ALLOTTED and row.word.cancelled < row.shares
    return investment.due if is_whole else 0
