"""The steps of the machines of dividends: what is drawn, and what is done with it.

The same steps are taken on a chain by tests/contracts/test_payout_laws.py.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from registry.domain import commands as do
from registry.domain.args import ZERO_ADDRESS, Consideration
from registry.domain.commands import Command
from registry.domain.entitlements import accounts_to_fix
from registry.domain.ids import Address, Day, PartyId, Timestamp
from registry.domain.payout_args import DistributionPhase, DistributionTerms, Settlement
from registry.domain.payouts import DistributionState
from tests.domain import world as w
from tests.domain.escrow_world import DAY
from tests.domain.payout_book import PayBook
from tests.domain.payout_world import PROFIT, person
from tests.domain.raise_cast import ISSUER, PLATFORMS

HOLDERS = range(1, 11)
picks = st.integers(0, 59)
"""One of many; the largest mean something unlikely."""
parties = st.sampled_from([PartyId(p) for p in HOLDERS])
rarely = st.sampled_from([False, False, False, True])
either = st.sampled_from([0, 0, 0, 1])
"""The class that pays, and one that may come before it."""
TOTALS = (1, 3, 97, 1_000, 10_007, 123_457)
RATES = (0, 3_333_333_333, 0, 12_345_678_901, 10**11, 1)


class PaySteps(PayBook):
    """All that happens to shares, parties and dividends."""

    # --- time, and what happens to shares ---

    @rule(seconds=st.sampled_from([1, 3_600, DAY, DAY, 2 * DAY, 5 * DAY]))
    def wait(self, seconds: int) -> None:
        self.world.time = Timestamp(self.world.time + seconds)

    @rule(c=either, pick=picks, to=parties, units=st.integers(0, 300), whole=rarely)
    def move(self, c: int, pick: int, to: PartyId, units: int, whole: bool) -> None:
        share_class = self.classes[c]
        held = sorted(a for a, h in self.state.classes[share_class].holdings.items() if h.balance)
        if not held:
            return
        giver = self.state.address_of(held[pick % len(held)])
        taker = self.cast.book(to) if pick % 2 else self.account(to)
        units = self.world.balance(share_class, giver) if whole else units
        if self.state.is_book(giver):
            entry = w.entry(taker, units)
            command: Command = do.TransferFor(share_class, self.head(), Consideration(), giver, entry)
            self.take(command, self.cast.agent)
        else:
            self.take(do.Transfer(share_class, taker, units), giver)

    @rule(c=either, to=parties, units=st.integers(1, 90), ends=rarely)
    def issue_or_cancel(self, c: int, to: PartyId, units: int, ends: bool) -> None:
        share_class, entry = self.classes[c], w.entry(self.cast.book(to), units)
        if ends:
            self.take(do.Cancel(share_class, self.head(), 3, Consideration(), entry), self.cast.agent)
        else:
            self.take(do.Issue(share_class, self.head(), Consideration(), (entry,)), self.cast.agent)

    @rule(c=either, ahead=st.sampled_from([0, 3_600, DAY, DAY, 3 * DAY]))
    def announce(self, c: int, ahead: int) -> None:
        self.take(do.SetRecordDate(self.classes[c], self.head(), self.world.time + ahead), self.cast.agent)

    # --- parties ---

    @rule(party=parties, what=st.integers(0, 7), on=st.booleans(), pick=picks)
    def judge(self, party: PartyId, what: int, on: bool, pick: int) -> None:
        """What a registry says of a party, and its wallet."""
        self.take(*self.orders(party, what, on, pick))

    def orders(self, party: PartyId, what: int, on: bool, pick: int) -> tuple[Command, Address]:
        c, wallet = self.cast, self.cast.wallet(party if party in (1, 2, 4) else 1)
        word = person(Day(self.world.today - 100), party)
        if what < 3:
            lapsed = replace(word, kyc_day=Day(self.world.today - 1 if on else self.world.today + pick % 9))
            return do.SetStanding(self.head(), (lapsed,)), c.kyc
        if what == 3:
            return do.SetFrozen(self.head(), party, on), c.regulator
        if what == 4:
            return do.SetWalletClosed(self.head(), wallet, on), c.kyc
        if what == 5:
            moved = replace(word, category=1 + pick % 4, tax_residence=156 if on else 840)
            return do.SetStanding(self.head(), (moved,)), c.kyc
        bps = (0, 1, 500, 4_999, 10_000, 10_001)[pick % 6]
        stated = do.StateTaxRelief(self.head(), party, bps, Day(self.world.today + pick % 30 - 2))
        return stated, c.stranger if pick > 57 else c.platform

    @rule(what=st.integers(0, 5), on=rarely, party=parties)
    def rule_from_above(self, what: int, on: bool, party: PartyId) -> None:
        """Halts, stops and freezes, which mostly end again."""
        c = self.cast
        given: tuple[tuple[Command, Address], ...] = (
            (do.SetHalted(self.head(), c.region, on), c.regulator),
            (do.StopByRegulator(c.company, self.head(), on), c.regulator),
            (do.StopMoney(self.head(), on and party == 1), c.bank),
            (do.FreezeMoney(self.head(), self.account(party), on), c.regulator),
            (do.FreezeMoney(self.head(), self.distributions, on and party == 2), c.regulator),
            (do.SendMoney(self.distributions, int(party)), c.admin),
        )
        if self.take(*given[what]) is None and what == 5:
            self.gifts += party

    # --- the company ---

    @rule(pick=picks)
    def admit(self, pick: int) -> None:
        is_admitted = self.state.companies[self.cast.company].roles.get(self.distributions, 0)
        if is_admitted and pick < 50:
            return
        payouts = self.cast.stranger if pick > 55 else self.distributions
        command = do.AdmitPayouts(self.cast.company, self.head(), payouts)
        self.take(command, self.cast.stranger if pick == 55 else self.cast.admin)

    @rule(c=either, rank=st.sampled_from([1, 2, 2, 0]), rate=st.sampled_from([10**9, 10**11, 0]), pick=picks)
    def prefer(self, c: int, rank: int, rate: int, pick: int) -> None:
        if pick < 20:
            day = Day(self.world.today - pick)
            self.take(do.SetPreference(self.head(), self.classes[c], rank, rate, day), self.cast.admin)

    @rule(
        c=either,
        pick=picks,
        total=st.sampled_from(TOTALS),
        rate=st.sampled_from(RATES),
        scrip=st.sampled_from([0, 0, 7, 101]),
        out=st.lists(parties, max_size=2),
        span=st.sampled_from([1, DAY, 6 * DAY]),
    )
    def declare(self, c: int, pick: int, total: int, rate: int, scrip: int, out: list[PartyId], span: int) -> None:
        share_class = self.classes[c]
        times = self.state.classes[share_class].record_times
        if pick < 45 and (not times or times[-1] < self.world.time):
            self.announce(c, (3_600, DAY)[pick % 2])
            times = self.state.classes[share_class].record_times
        ahead = [epoch for epoch, time in enumerate(times, 1) if time >= self.world.time]
        epoch = ahead[0] if ahead else len(times)
        record = times[epoch - 1] if times else self.world.time
        clock = self.state.clock(self.cast.region, self.world.time)
        payable = max(clock + record - self.world.time + 1 + (pick % 3) * DAY, 1)
        terms = DistributionTerms(
            share_class,
            epoch,
            2 if pick % 7 == 0 else 1,
            self.cast.book(ISSUER) if pick % 2 else self.cast.admin,
            total,
            rate,
            PROFIT,
            payable,
            payable + span,
            self.cast.book(PLATFORMS) if pick % 5 == 0 else ZERO_ADDRESS,
            scrip,
        )
        if pick > 50:
            terms = self.spoilt(terms, pick - 51)
        excluded = tuple(self.account(p) for p in out)
        self.take(do.Declare(self.head(), terms, excluded), self.cast.stranger if pick == 50 else self.cast.admin)

    def spoilt(self, t: DistributionTerms, field: int) -> DistributionTerms:
        """One term that is refused."""
        return (
            replace(t, share_class=self.cast.stranger),
            replace(t, epoch=0),
            replace(t, schedule=9),
            replace(t, funded_by=self.cast.book(1)),
            replace(t, total=0),
            replace(t, profit=t.total - 1),
            replace(t, payable_from=t.payable_from - 3 * DAY if t.payable_from > 3 * DAY else 0),
            replace(t, expires_at=t.payable_from),
            replace(t, remainder_account=self.cast.stranger),
        )[field]

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        d = self.dividend(pick)
        if d is not None and pick > 40:
            actor = self.cast.stranger if pick == 59 else self.cast.admin
            self.take(do.CancelDistribution(self.head(), d.id), actor)

    # --- anybody ---

    @rule(pick=picks, moved=st.sampled_from([True, True, True, False]))
    def fix(self, pick: int, moved: bool) -> None:
        d = self.waiting(pick)
        if d is None:
            return
        c = self.state.classes[d.terms.share_class]
        if moved:
            record = c.record_times[d.terms.epoch - 1]
            self.world.time = Timestamp(max(self.world.time, record + 1))
        accounts = list(accounts_to_fix(self.state, d))
        if pick > 52:
            accounts = (accounts[1:], accounts[::-1], [*accounts, self.cast.book(10)], [*accounts, *d.excluded])[
                pick % 4
            ]
        self.take(do.FixDistribution(d.id, tuple(accounts)))

    def waiting(self, pick: int) -> DistributionState | None:
        """Mostly one that is not fixed yet."""
        declared = [d for d in self.state.payouts.distributions.values() if d.phase == DistributionPhase.DECLARED]
        return declared[pick % len(declared)] if declared and pick < 55 else self.dividend(pick)

    @rule(pick=picks, leaf=st.sampled_from([0, 0, 1, 1, 0, 7]), both=st.booleans(), due=st.booleans())
    def pay(self, pick: int, leaf: int, both: bool, due: bool) -> None:
        d = self.payable(pick, due)
        if d is not None:
            rows = d.holders[8 * leaf :] if both else d.leaf(leaf)
            rows = rows[1:] if pick == 59 else rows
            self.take(do.PayEntitlements(d.id, leaf, rows))

    @rule(pick=picks, row=st.integers(0, 10), due=st.booleans())
    def claim(self, pick: int, row: int, due: bool) -> None:
        d = self.payable(pick, due)
        if d is not None:
            row = row % len(d.holders) if d.holders and pick < 50 else row
            self.take(do.ClaimEntitlement(d.id, row // 8, d.leaf(row // 8), row % 8))

    def payable(self, pick: int, due: bool) -> DistributionState | None:
        """Mostly one that is fixed, and if none is, one that is fixed now; its payment date comes if that is drawn."""
        known = self.state.payouts.distributions.values()
        if pick < 45 and all(d.phase != DistributionPhase.FIXED for d in known):
            self.fix(0, moved=True)
        fixed = [d for d in self.state.payouts.distributions.values() if d.phase == DistributionPhase.FIXED]
        d = fixed[pick % len(fixed)] if fixed and pick < 50 else self.dividend(pick)
        if due and d is not None:
            missing = d.terms.payable_from - self.state.clock(d.region, self.world.time)
            if 0 < missing < 9 * DAY:
                self.world.time = Timestamp(self.world.time + missing)
        return d

    @rule(pick=picks)
    def cure(self, pick: int) -> None:
        """Somebody whose part is parked is in good standing again, and mostly claims it."""
        for d in self.state.payouts.distributions.values():
            for position, was in enumerate(d.settlements):
                if was == Settlement.PARKED:
                    self.cured(d, position, pick)
                    return

    def cured(self, d: DistributionState, position: int, pick: int) -> None:
        party = d.holders[position].party
        word = person(Day(self.world.today - 100), party)
        self.take(do.SetStanding(self.head(), (word,)), self.cast.kyc)
        self.take(do.SetFrozen(self.head(), party, False), self.cast.regulator)
        if pick < 50:
            leaf, row = divmod(position, 8)
            self.take(do.ClaimEntitlement(d.id, leaf, d.leaf(leaf), row))

    @rule(pick=picks, leaf=st.integers(0, 1), late=st.booleans())
    def lapse(self, pick: int, leaf: int, late: bool) -> None:
        d = self.payable(pick, due=False)
        if d is None:
            return
        missing = d.expires_at + 1 - self.state.clock(d.region, self.world.time)
        if late and 0 < missing < 9 * DAY:
            self.world.time = Timestamp(self.world.time + missing)
        self.take(do.LapseEntitlements(d.id, leaf, d.leaf(leaf)))

    @rule(pick=picks, closes=st.booleans())
    def close_or_remit(self, pick: int, closes: bool) -> None:
        d = self.dividend(pick)
        if d is not None:
            self.take(do.CloseDistribution(d.id) if closes else do.RemitTax(d.id))

    # --- holders ---

    @rule(pick=picks, party=parties, chosen=st.sampled_from([True, True, True, False]))
    def choose(self, pick: int, party: PartyId, chosen: bool) -> None:
        d = self.choosing(pick)
        if d is None:
            return
        if party in (1, 2, 4):
            self.take(do.ChooseScrip(d.id, chosen), self.cast.wallet(party))
        else:
            actor = self.cast.stranger if pick == 59 else self.cast.platform
            stated = PartyId(99) if pick == 58 else party
            self.take(do.ChooseScripFor(self.head(), d.id, stated, chosen), actor)

    def choosing(self, pick: int) -> DistributionState | None:
        """Mostly one in which shares can be chosen."""
        clock = self.state.clock(self.cast.region, self.world.time)
        known = self.state.payouts.distributions.values()
        waiting = [d for d in known if d.terms.scrip_price and clock < d.terms.payable_from]
        return waiting[pick % len(waiting)] if waiting else self.dividend(pick) if pick > 55 else None

    # --- what a history begins with ---

    def bring(self, stage: int, c: int, pick: int) -> None:
        """A dividend that stands somewhere in its life, so that the drawn steps reach all of it."""
        self.admit(0)
        if c:
            self.prefer(c, 1, 10**9, 10)
        self.announce(c, DAY)
        rate = RATES[2 * (pick % 3) + 1] if c else RATES[pick % len(RATES)]
        self.declare(c, pick % 45, 10_007, rate, (0, 7)[pick % 2], [], 6 * DAY)
        for party in HOLDERS:
            if (pick + party) % 3 == 0:
                self.choose(0, PartyId(party), chosen=True)
        for needed, step in enumerate((self.fix_now, self.pay_now, self.cure_now), 1):
            if stage > needed:
                step()

    def fix_now(self) -> None:
        self.fix(0, moved=True)

    def pay_now(self) -> None:
        for party in (1, 2, 9):
            self.judge(PartyId(party), 3, True, 0)
        self.pay(0, 0, False, True)

    def cure_now(self) -> None:
        self.wait(2 * DAY)
        self.cure(0)
