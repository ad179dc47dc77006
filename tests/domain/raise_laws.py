"""The laws of raises: LAW-8 to LAW-13 of SPECIFICATION.md, and again LAW-1 and LAW-3; LAW-10 is `raise_verdicts`'s."""

from __future__ import annotations

from hypothesis.stateful import invariant

from registry.domain.ids import PartyId
from registry.domain.raise_views import money_of
from registry.domain.raising import SubscriptionStatus
from tests.domain import raise_world as r
from tests.domain.raise_cast import PRICE
from tests.domain.raise_escrow import EscrowSteps


class Laws(EscrowSteps):
    """Asked of the state after every rule."""

    def all_hold(self) -> None:
        """At once, where nobody draws steps."""
        self.law_1_supply()
        self.law_3_replay()
        self.law_8_money()
        self.law_9_parts()
        self.law_11_solvent()
        self.law_12_seats()
        self.law_13_annual_use()

    @invariant()
    def law_1_supply(self) -> None:
        """LAW-1: and what is kept free for raises is still there."""
        for c in self.state.classes.values():
            assert sum(h.balance for h in c.holdings.values()) == c.issued
            assert c.issued + c.reserved <= c.authorised

    @invariant()
    def law_3_replay(self) -> None:
        """LAW-3: the events alone give the same register, money and raises, and nothing in them is found wrong."""
        assert self.world.replay == self.world.state
        assert [f for f in self.world.replay.findings if f.is_fault] == []

    @invariant()
    def law_8_money(self) -> None:
        """LAW-8: of each raise, at all times; and the token's supply is the sum of all that there is."""
        money = self.state.money
        assert money.supply == sum(cash.balance for cash in money.accounts.values()) >= 0
        for address in self.state.offerings:
            assert money_of(self.state, address).is_whole

    @invariant()
    def law_9_parts(self) -> None:
        """LAW-9: no one gets back more than its part, of a missed tranche or in all; what lapsed is no more of it."""
        for key, amount in self.back.items():
            assert amount + self.lapsed.get(key, 0) <= self.paid[key]
        for o in self.state.offerings.values():
            purse = self.state.escrows[o.escrow].purse
            for party, s in o.subscriptions.items():
                if s.status == SubscriptionStatus.ALLOTTED:
                    key = o.address, party
                    assert s.redeemed == self.redeemed.get(key, 0) + self.lapsed.get(key, 0)
                    assert s.redeemed <= s.amount * purse.redeemable // o.totals.raised
                    assert s.cancelled <= s.amount // PRICE

    @invariant()
    def law_11_solvent(self) -> None:
        """LAW-11: raise and escrow can pay what they owe from themselves."""
        for o in self.state.offerings.values():
            purse = self.state.escrows[o.escrow].purse
            assert self.state.money.balance(o.address) >= o.held >= 0
            assert self.state.money.balance(o.escrow) >= purse.held >= purse.redeemable - purse.redeemed >= 0

    @invariant()
    def law_12_seats(self) -> None:
        """LAW-12: seats are counted from holdings and live subscriptions; above the cap only after an alarm."""
        company = self.state.companies[self.cast.company]
        holders = {account[0] for c in self.state.classes.values() for account, h in c.holdings.items() if h.balance}
        waiting: dict[PartyId, int] = {}
        for o in self.state.offerings.values():
            for party, s in o.subscriptions.items():
                waiting[party] = waiting.get(party, 0) + (s.status in r.LIVE)
        for party, seat in company.seats.items():
            assert seat.subscriptions == waiting.get(party, 0)
        assert company.seats_taken == sum(company.seat_of(party).weight for party in holders)
        subscribers = {party for party, count in waiting.items() if count} - holders
        assert company.pending == sum(company.seat_of(party).weight for party in subscribers)
        assert company.is_within_cap or self.was_above or self.alarmed
        self.was_above, self.alarmed = not company.is_within_cap, False

    @invariant()
    def law_13_annual_use(self) -> None:
        """LAW-13: a party's use of a year's limit is the sum of its live subscriptions of that year."""
        sums: dict[tuple[PartyId, int], int] = {}
        for o in self.state.offerings.values():
            for party, s in o.subscriptions.items():
                if s.status in (*r.LIVE, SubscriptionStatus.ALLOTTED):
                    key = party, 2_000 + s.year
                    sums[key] = sums.get(key, 0) + s.amount
        assert self.state.annual_use == sums
