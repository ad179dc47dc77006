"""The laws of dividends: LAW-15 to LAW-20 of SPECIFICATION.md, and again LAW-1 and LAW-3."""

from __future__ import annotations

from hypothesis.stateful import invariant

from registry.domain.entitlements import summary
from registry.domain.ids import PartyId
from registry.domain.payout_args import DistributionPhase, HolderRow, Settlement
from registry.domain.payouts import DistributionState
from tests.domain.payout_book import Told
from tests.domain.payout_steps import PaySteps


class PayLaws(PaySteps):
    """Asked of the state after every rule."""

    def all_hold(self) -> None:
        """At once, where nobody draws steps."""
        self.law_1_supply()
        self.law_3_replay()
        self.law_15_declared()
        self.law_16_record_date()
        self.law_17_order()
        self.law_18_carried()
        self.law_19_once()
        self.law_20_money()

    @invariant()
    def law_1_supply(self) -> None:
        """LAW-1: and what is kept free for dividends in shares is still there."""
        waiting = self.state.payouts.distributions.values()
        for c in self.state.classes.values():
            assert sum(h.balance for h in c.holdings.values()) == c.issued
            assert c.reserved == sum(d.reserved for d in waiting if d.terms.share_class == c.address)
            assert c.issued + c.reserved <= c.authorised

    @invariant()
    def law_3_replay(self) -> None:
        """LAW-3: the events alone give the same tables, and nothing in them is found wrong."""
        assert self.world.replay == self.world.state
        assert [f for f in self.world.replay.findings if f.is_fault] == []

    @invariant()
    def law_15_declared(self) -> None:
        """LAW-15: declared = paid + withheld + unclaimed + parked + carried, of each, counted from its lines."""
        for d in self.state.payouts.distributions.values():
            found = summary(d)
            assert found.is_whole
            lines = [told.line for told in self.lines.get(d.id, [])]
            assert found.paid == sum(line.net for line in lines if line.settlement == Settlement.PAID)
            assert found.withheld == sum(line.tax for line in lines)
            assert found.lapsed == sum(line.gross for line in lines if line.settlement == Settlement.LAPSED)
            assert min(found.paid, found.withheld, found.unclaimed, found.parked, found.carried) >= 0
            if d.phase == DistributionPhase.CLOSED:
                assert found.unclaimed == found.lapsed
                assert d.remainder == found.carried

    @invariant()
    def law_16_record_date(self) -> None:
        """LAW-16: who shares in it, and with how much, is what was held at the record date, whatever came after it."""
        for number in self.fixings:
            d = self.state.payouts.distributions[number]
            held = self.balances_at(d)
            assert held == self.asked_again(d)
            shares: dict[PartyId, int] = {}
            for (party, account), units in sorted(held.items()):
                if self.state.address_of((party, account)) not in d.excluded:
                    shares[party] = shares.get(party, 0) + units
            assert [(row.party, row.shares) for row in d.holders] == list(shares.items())

    @invariant()
    def law_17_order(self) -> None:
        """LAW-17: a part is a function of the holder's shares, the terms and its standing that day, of nothing else."""
        for number, lines in self.lines.items():
            d = self.state.payouts.distributions[number]
            rows = {row.party: row for row in d.holders}
            for told in lines:
                self.law_17_of(d, rows[told.line.party], told)

    def law_17_of(self, d: DistributionState, row: HolderRow, told: Told) -> None:
        line = told.line
        declared = self.fixings[d.id].declared
        per_share = d.terms.rate * row.shares // 10 ** (8 + d.decimals)
        shared_out = row.shares * declared // d.entitled
        assert line.gross == (per_share if d.terms.rate and not d.is_short else shared_out)
        is_parked = told.word.is_frozen or told.day > told.word.kyc_day
        assert (line.settlement == Settlement.PARKED) == is_parked
        if line.settlement == Settlement.PAID:
            assert (2 * line.gross * told.bps + 10_000) // 20_000 == line.tax
        else:
            assert line.tax == 0

    @invariant()
    def law_18_carried(self) -> None:
        """LAW-18: what roundings leave is less than a fen for each holder."""
        for number, fixing in self.fixings.items():
            if self.state.payouts.distributions[number].phase != DistributionPhase.CANCELLED:
                carried = summary(self.state.payouts.distributions[number]).carried
                assert 0 <= carried < max(len(fixing.holders), 1)

    @invariant()
    def law_19_once(self) -> None:
        """LAW-19: nobody is paid twice, nor paid and lapsed; parked at most once before."""
        for lines in self.lines.values():
            ended = [told.line.party for told in lines if told.line.settlement != Settlement.PARKED]
            parked = [told.line.party for told in lines if told.line.settlement == Settlement.PARKED]
            assert len(set(ended)) == len(ended)
            assert len(set(parked)) == len(parked)

    @invariant()
    def law_20_money(self) -> None:
        """LAW-20: the contract has what it owes of all dividends, to the fen, and what it was given besides."""
        assert all(d.held >= 0 for d in self.state.payouts.distributions.values())
        assert self.state.money.balance(self.distributions) == self.state.payouts.held + self.gifts
