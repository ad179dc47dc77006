"""The time for claims: how long it runs, what is due to shares that were sold, what lapsed and where that went."""

from __future__ import annotations

from api.pages import raising
from api.pages.look import Look
from api.pages.standing import Notice
from registry.mirror.views_raise import Escrow


class Claims:
    """Those of one escrow; `look` has met the party that gets what lapses."""

    def __init__(self, look: Look, escrow: Escrow) -> None:
        self.look, self.escrow, self.t = look, escrow, look.t
        self.offering = escrow.offering

    def clock(self) -> str:
        """Until when it runs; nothing where nobody has anything to claim any more."""
        t, offering, ends = self.t, self.offering, self.offering.claims_end
        is_owed = any(put.payer is None for put in self.escrow.puts)
        is_left = raising.going_back(self.escrow) or self.escrow.unheld or raising.may_put(self.escrow)
        if not ends or not (is_left or is_owed):
            return ""
        if offering.is_claim_over:
            return t.text("claims.over", day=t.day_at(offering.region.unix(ends)))
        return t.text("claims.runs", **self.times())

    def times(self) -> dict[str, str]:
        """The last moment, and how long it is until then."""
        t, region, ends = self.t, self.offering.region, self.offering.claims_end
        return {"until": t.moment(region.unix(ends)), "span": t.span(ends - region.clock)}

    def notices(self) -> list[Notice]:
        """Money that waits for subscribers to hold their shares again, or to be sent where the terms say."""
        t, money = self.t, raising.unheld(self.escrow)
        if not money:
            return []
        head = t.text("claims.sold", money=t.yuan(money))
        if self.offering.is_claim_over:
            return [Notice(head, t.text("claims.sold.over", who=self.heir()))]
        if self.offering.claims_end:
            return [Notice(head, t.text("claims.sold.runs", who=self.heir(), **self.times()))]
        span = t.span(self.escrow.terms.claims)
        return [Notice(head, t.text("claims.sold.early", who=self.heir(), span=span))]

    def lapsed(self) -> list[str]:
        """One line for each day and receiver."""
        t, sums = self.t, dict[tuple[str, str], int]()
        for each in self.escrow.lapses:
            key = (t.day_at(each.time), self._owner(each.account))
            sums[key] = sums.get(key, 0) + each.amount
        return [t.text("claims.lapsed", money=t.yuan(money), who=who, day=day) for (day, who), money in sums.items()]

    def heir(self) -> str:
        """Who gets what lapses."""
        return self._owner(self.escrow.terms.lapse_account)

    def _owner(self, account: bytes) -> str:
        party = raising.party_of(self.look, account)
        return self.look.name(party) if party else "0x" + account.hex()
