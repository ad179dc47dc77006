"""Lives of a raise: each is lived to where something is decided, at the edges of times and rights.

The machines begin with them, and both worlds live each of them several times. Terms are drawn or thrown; a life changes
what it needs of them. `pick` is one of many, as in the rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain import commands as do
from registry.domain.attestation import Signed
from registry.domain.board import NOTICE, CasePhase, arbitration_ends
from registry.domain.cut import proposed
from registry.domain.escrow import EscrowState
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.raise_args import Appointment
from registry.domain.raising import OfferingState, SubscriptionStatus
from tests.domain import raise_world as r
from tests.domain.escrow_world import DAY
from tests.domain.raise_cast import INVESTORS, ISSUER, PRICE, VERIFIERS
from tests.domain.raise_escrow import DIGESTS, ENOUGH
from tests.domain.raise_fates import Fate, fated
from tests.domain.raise_laws import Laws


class Lives(Laws):
    """Lived with the commands that the rules take, too."""

    def live(self, fate: Fate, scheme: r.Scheme, paid: list[int], pick: int) -> None:
        """`paid`: what five investors ask for, more or less."""
        self.create(0, fated(fate, scheme))
        is_cut = fate == Fate.CUT
        self.bring(0, r.Stage.SUBSCRIBED, [8 + n % 5 if is_cut else 2 + n % 3 for n in paid], 0)
        o = self.number(0)
        assert o is not None
        if fate == Fate.BOOK:
            self.withdraw_late(o, pick)
        elif fate == Fate.FAILED:
            self.fail_in(o, pick)
        elif is_cut:
            self.end(o, 0)
            self.cut_some(o, pick)
        else:
            self.end(o, INVESTORS[pick % 5] if fate == Fate.PARKED else 0)
            self.allot_all(o, pick) if fate == Fate.PARKED else self.settle(self.state.offerings[o.address])
            self.live_on(fate, self.state.escrows[o.escrow], pick)

    def withdraw_late(self, o: OfferingState, pick: int) -> None:
        """In the last second of the cooling-off period, or one too late."""
        account = self.cast.account(1)
        self.wait_until(o.subscriptions[INVESTORS[0]].paid_at + o.terms.cooling_off + pick % 2)
        self.take(do.Withdraw(o.address, account), account)
        self.subscribe_one(o.address, INVESTORS[0], 3 * PRICE)

    def fail_in(self, o: OfferingState, pick: int) -> None:
        way, ends = pick % 4, o.terms.closes_at + o.terms.cooling_off
        if way == 0:
            self.take(do.CancelOffering(o.address, self.head()), self.cast.admin)
        elif way == 1:
            self.take(do.StopOffering(o.address, self.head()), self.cast.regulator)
        elif way == 2:
            for party in INVESTORS[:3]:
                self.act_for(do.Withdraw, do.WithdrawFor, o.address, self.cast.account(party))
            self.end(o, 0)
        else:
            self.end(o, 0)
            self.wait_until(ends + o.terms.settle_within + 1 - pick // 4 % 2)
            self.take(do.FailOffering(o.address))
        if pick % 3 == 2:
            self.close_wallet(2)
        self.take(do.Refund(o.address, self.subscribers(o.address, r.LIVE, pick % 50)))

    def cut_some(self, o: OfferingState, pick: int) -> None:
        """Proposed wrongly, then well, and a first page."""
        o = self.state.offerings[o.address]
        known, last = proposed(o)
        wrong = ((known[1:], last), (known[::-1], last), (known, PartyId(pick % 8)), (known[:1] * len(known), last))
        if pick % 5 < 4 and wrong[pick % 5] != (known, last):
            assert self.take(do.VerifyCut(o.address, *wrong[pick % 5])) is not None
        if pick % 2:
            self.take(do.Allot(o.address, self.subscribers(o.address, r.LIVE, 0)))
        self.take(do.VerifyCut(o.address, known, last))
        self.take(do.Allot(o.address, self.subscribers(o.address, r.LIVE, pick % 4)))
        self.take(do.CancelOffering(o.address, self.head()), self.cast.admin)

    def allot_all(self, o: OfferingState, pick: int) -> None:
        """One is parked in the first page, and pushed again before the others, after them, or not."""
        parked = INVESTORS[pick % 5]
        accounts = [self.cast.account(p) for p in INVESTORS if p != parked]
        if pick % 3 == 1:
            self.close_wallet(2)
        self.take(do.Allot(o.address, (self.cast.account(parked), accounts[0])))
        for page in (accounts[1:], []):
            if pick % 2 or not page:
                self.take(do.SetFrozen(self.head(), parked, not pick % 4), self.cast.regulator)
                self.take(do.Allot(o.address, (self.cast.account(parked),)))
            if page:
                self.take(do.Allot(o.address, tuple(page)))

    # --- milestones ---

    def live_on(self, fate: Fate, e: EscrowState, pick: int) -> None:
        lives = {
            Fate.RELEASED: self.reach,
            Fate.LOST: self.lose,
            Fate.DISPUTED: self.dispute,
            Fate.EXTENDED: self.extend,
            Fate.MISSED: self.redeem_some,
            Fate.LAPSED: self.lapse_some,
            Fate.PUT: self.put_two,
            Fate.OVERDUE: self.put_late,
            Fate.EARLY: self.fall_early,
            Fate.LATE: self.fall_late,
        }
        if fate in lives:
            lives[fate](e, pick)

    def reach(self, e: EscrowState, pick: int) -> None:
        """Released in the first second in which it can be, or asked for one before."""
        self.vote(e, self.clock)
        self.wait_until(self.case(e, 0).window_ends + (1, 0, 1, DAY)[pick % 4])
        self.take(do.Release(e.address, 0))

    def lose(self, e: EscrowState, pick: int) -> None:
        """Taken back, dismissed, contradicted, or all taken back, within the window or after it; then votes against."""
        self.vote(e, self.clock)
        key, late = self.key(0), pick // 4 % 2
        if late:
            self.wait_until(self.case(e, 0).window_ends + 1)
        if pick % 4 == 0:
            self.take(do.Retract(e.address, 0), key)
        elif pick % 4 == 1:
            self.take(do.Dismiss(self.head(), e.company, r.KIND, key), self.cast.platform)
            self.appoint_again(late)
        elif pick % 4 == 2:
            yes, no = (Signed(self.attestation(e, 0, outcome), key, b"") for outcome in (1, 2))
            self.take(do.Accuse(yes, no, DIGESTS))
        else:
            for member in range(3):
                self.take(do.Attest(self.attestation(e, 0, 1), self.key(member)))
            for member in range(3):
                self.take(do.Retract(e.address, 0), self.key(member))
        self.take(do.Release(e.address, 0))
        for member in (3, 2, 1):
            self.take(do.Attest(self.attestation(e, 0, 1 + late), self.key(member)))
        self.take(do.Recheck(e.address, 0))

    def appoint_again(self, days: int) -> None:
        """The first verifier with another key, for one day after the notice, or so many days too early."""
        day = Day(self.world.today + NOTICE - days)
        terms = Appointment(self.cast.company, r.KIND, VERIFIERS[0], self.new_key(), day, day)
        refusal = self.take(do.Appoint(self.head(), terms), self.cast.platform)
        assert (refusal is not None) == (days > 0)
        self.wait((NOTICE - days) * DAY)

    def dispute(self, e: EscrowState, pick: int) -> None:
        """By the regulator, or by holders in the last second of the window or too late; decided in one way or another,
        or not, in one case when the quorum has been lost meanwhile."""
        self.vote(e, self.clock)
        who, how = pick // 4 % 3, pick % 4
        if who:
            wallets = tuple(self.cast.wallet(party) for party in (1, 2, 4))
            self.wait_until(self.case(e, 0).window_ends + who - 1)
            self.take(do.Challenge(e.address, 0, r.DOCUMENT, wallets, (b"",) * 3))
        else:
            self.take(do.ChallengeByRegulator(self.head(), e.address, 0), self.cast.regulator)
        if who and how == 2:
            self.take(do.Dismiss(self.head(), e.company, r.KIND, self.key(0)), self.cast.platform)
        last = arbitration_ends(self.case(e, 0))
        if how == 1:
            self.wait_until(last + 1)
            self.take(do.DecideBySilence(e.address, 0))
        elif how:
            self.wait_until(last)
            self.take(do.Decide(self.head(), e.address, 0, how == 2), self.cast.arbiter)
        self.take(do.Release(e.address, 0))

    def extend(self, e: EscrowState, pick: int) -> None:
        """One has sold a share before, or bought one; the last one votes at the end, or too late."""
        first, account = self.cast.account(1), self.cast.account(ISSUER)
        if pick % 3:
            ends = (first, account) if pick % 3 == 1 else (account, first)
            self.take(do.Transfer(e.share_class, ends[1], Shares(1)), ends[0])
        self.miss_first(e)
        self.wait(1)
        *accounts, late = self.allotted(e)
        for account in accounts:
            self.act_for(do.Consent, do.ConsentFor, e.address, account, 0)
        self.wait_until(self.state.escrows[e.address].tranches[0].vote_ends + pick // 4 % 2)
        if pick % 2:
            self.take(do.CloseVote(e.address, 0))
        self.act_for(do.Consent, do.ConsentFor, e.address, late, 0)
        self.take(do.CloseVote(e.address, 0))

    def redeem_some(self, e: EscrowState, pick: int) -> None:
        """One has sold all but a share, or all, or moved them into its book account; one has its wallet closed."""
        first, lot = self.cast.account(1), self.balance(1)
        taker, shares = ((4, 0), (4, lot - 1), (4, lot), (0, lot))[pick % 4]
        to = self.cast.account(taker) if taker else self.cast.book(1)
        self.take(do.Transfer(e.share_class, to, Shares(shares)), first)
        self.miss_first(e)
        if pick % 8 > 3:
            self.close_wallet(2)
        accounts = self.allotted(e)
        self.freeze(3, pick % 3 == 2)
        self.take(do.Redeem(e.address, accounts[: 2 + pick % 3] + accounts[:1]))
        self.take(do.Redeem(e.address, (self.cast.book(1),)))

    def lapse_some(self, e: EscrowState, pick: int) -> None:
        """One has sold all, or all but a share, before the miss or after it; another moved its lot into its book
        account, or sold it to one who is frozen. What lapses goes to an account that may be closed."""
        first, second, lot = self.cast.account(1), self.cast.account(2), self.balance(1)
        sale = do.Transfer(e.share_class, self.cast.account(4), Shares(lot - pick % 2))
        to = self.cast.book(2) if pick % 4 < 2 else self.cast.account(3)
        for when in (pick // 2 % 2, 1 - pick // 2 % 2):
            if when:
                self.miss_first(e)
            else:
                self.take(sale, first)
        self.take(do.Transfer(e.share_class, to, Shares(self.balance(2))), second)
        self.freeze(3, pick % 3 == 2)
        accounts = self.allotted(e)
        self.take(do.Redeem(e.address, accounts[3:]))
        if pick // 4 % 2:
            self.close_wallet(ISSUER)
        for after in (0, 1):
            self.wait_until(self.state.escrows[e.address].claims_end + after)
            self.take(do.Lapse(e.address, accounts[: 1 + pick % 4]))
        assert self.double() is not None, "lots that are held are owed their part"
        self.take(do.Lapse(e.address, accounts))
        self.freeze(3, False)
        self.take(do.Redeem(e.address, accounts))
        self.take(do.Redeem(e.address, (self.cast.book(2),)))
        assert self.double() is None, "nothing is owed any more"

    def put_two(self, e: EscrowState, pick: int) -> None:
        """With the payer's allowance, so that it is paid, and without: it is owed, and another may pay it."""
        self.miss_first(e)
        self.wait(pick * 10_000)
        accounts = self.allotted(e)
        self.freeze(1, pick % 8 == 7)
        self.take(do.Redeem(e.address, accounts[: pick % 3]))
        for account, allowed in zip(accounts, (0, ENOUGH) if pick % 2 else (ENOUGH, 0), strict=False):
            self.allow(e, allowed)
            self.act_for(do.ExercisePut, do.ExercisePutFor, e.address, account)
        other = self.cast.account(4)
        if pick % 4 > 1:
            self.take(do.Transfer(e.share_class, other, Shares(1)), self.cast.account(1))
        self.take(do.AllowMoney(e.address, ENOUGH), other)
        for account in accounts[:2]:
            self.take(do.PayPut(e.address, account), other)

    def put_late(self, e: EscrowState, pick: int) -> None:
        """Exercised and paid in the last second for claims, or in the first one after it; then the class is free."""
        self.miss_first(e)
        accounts = self.allotted(e)
        self.take(do.Redeem(e.address, accounts))
        ends, other = self.state.escrows[e.address].claims_end, self.cast.account(4)
        self.take(do.AllowMoney(e.address, ENOUGH), other)
        for account, wait in zip(accounts, (pick % 3 - 2, pick % 2, 1), strict=False):
            self.allow(e, ENOUGH if pick % 4 == 3 else 0)
            self.wait_until(ends + wait)
            self.act_for(do.ExercisePut, do.ExercisePutFor, e.address, account)
            self.take(do.PayPut(e.address, account), other)
        self.wait_until(ends + 1)
        assert self.double() is None, "nobody is bound by a put that can be exercised no more"

    def fall_early(self, e: EscrowState, pick: int) -> None:
        """In the last second that is early, or the first that is not."""
        self.fall(e, e.ratchet.early_by + (0, 1, -DAY, 0)[pick % 4], ())

    def fall_late(self, e: EscrowState, pick: int) -> None:
        """In the first second that is late, or the last that is not; one has sold all, the founder may allow it."""
        if pick % 2:
            self.take(do.Transfer(e.share_class, self.cast.account(4), Shares(self.balance(1))), self.cast.account(1))
        if pick % 3:
            self.take(do.Approve(e.share_class, e.address, 100), self.cast.account(ISSUER))
        accounts = self.allotted(e)
        self.freeze(2, pick % 4 == 3)
        self.fall(e, e.ratchet.late_after + (1, 1, 0, DAY)[pick % 4], accounts[: 2 + pick % 4] + accounts[:1])

    def fall(self, e: EscrowState, at: int, page: Sequence[Address]) -> None:
        self.vote(e, at)
        self.wait_until(self.case(e, 0).window_ends + 1)
        self.take(do.Release(e.address, 0))
        self.take(do.DeliverRatchet(e.address, tuple(page)))

    # --- what lives share ---

    @property
    def clock(self) -> int:
        """[s] Of the region, when the next step is taken."""
        return self.state.clock(self.cast.region, self.world.time)

    def vote(self, e: EscrowState, at: int) -> None:
        """As many as the quorum needs say that the first milestone is reached, the last of them at that time."""
        self.wait_until(at - 2)
        for left in reversed(range(e.tranches[0].quorum)):
            if not left:
                self.wait_until(at)
            self.take(do.Attest(self.attestation(e, 0, 1), self.key(left)))
        assert self.case(e, 0).phase == CasePhase.QUORATE

    def miss_first(self, e: EscrowState) -> None:
        """In the last second in which it cannot be said, and after it."""
        for after in (0, 1):
            self.wait_until(self.case(e, 0).deadline + after)
            self.take(do.DeclareMissed(e.address, 0))

    def act_for(self, own: type, on_instruction: type, contract: Address, account: Address, *values: int) -> None:
        """What a wallet does itself, and the platform for a book account."""
        if self.state.is_book(account):
            self.take(on_instruction(contract, self.head(), *values, account), self.cast.platform)
        else:
            self.take(own(contract, *values, account), account)

    def close_wallet(self, party: int) -> None:
        self.take(do.SetWalletClosed(self.head(), self.cast.wallet(party), True), self.cast.kyc)

    def freeze(self, party: int, frozen: bool) -> None:
        self.take(do.SetFrozen(self.head(), PartyId(party), frozen), self.cast.regulator)

    def balance(self, party: int) -> int:
        """[shares] Of an investor's own account."""
        return self.world.balance(self.cast.share_class, self.cast.account(party))

    def allotted(self, e: EscrowState) -> tuple[Address, ...]:
        lots = sorted(self.state.offerings[e.offering].subscriptions.items())
        found = [(party, s.account) for party, s in lots if s.status == SubscriptionStatus.ALLOTTED]
        return tuple(self.state.address_of(at) for at in found)
