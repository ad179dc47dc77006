"""Lives of a raise: each is lived to where something is decided, so that drawn steps begin there.

Terms are drawn; a life changes what it needs of them.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from registry.domain import commands as do
from registry.domain.board import CasePhase, arbitration_ends
from registry.domain.cut import proposed
from registry.domain.escrow import EscrowState, Miss, RatchetSource
from registry.domain.ids import Address, PartyId
from registry.domain.raising import Method, OfferingState, SubscriptionStatus
from tests.domain import raise_world as r
from tests.domain.escrow_world import DAY
from tests.domain.raise_cast import INVESTORS, ISSUER
from tests.domain.raise_escrow import EscrowSteps

_FEW = 4
"""[shares] At most, so that nobody is refused at first come and all five reach the minimum."""


class Fate(Enum):
    """Where a life leads."""

    BOOK = "subscribed"
    CUT = "more asked for than the maximum, cut and partly allotted"
    FAILED = "failed in one of four ways, partly refunded"
    PARKED = "settled, with one who was frozen"
    RELEASED = "the first milestone reached and released"
    DISPUTED = "a quorum disputed"
    EXTENDED = "the holders asked for more time"
    MISSED = "the first milestone missed, partly redeemed"
    PUT = "all milestones missed, and a put exercised"
    EARLY = "the ratchet's milestone reached early"
    LATE = "the ratchet's milestone reached late"


def fated(fate: Fate, scheme: r.Scheme) -> r.Scheme:
    """The drawn terms with what the life needs."""
    terms, escrow, scheduled, ratchet = scheme
    if fate == Fate.CUT:
        terms = replace(terms, method=Method.PRO_RATA, maximum=200, minimum=min(terms.minimum, 200))
    else:
        terms = replace(terms, minimum=50, maximum=250)
    misses = {Fate.EXTENDED: Miss.EXTEND, Fate.MISSED: Miss.REDEEM, Fate.PUT: Miss.PUT}
    if fate in misses:
        on_miss = misses[fate]
        extension = 5 * DAY if on_miss == Miss.EXTEND else 0
        scheduled = tuple(replace(t, on_miss=on_miss, extension=extension) for t in scheduled)
    if fate in (Fate.EARLY, Fate.LATE) and not ratchet.source:
        start = terms.opens_at
        ratchet = replace(
            ratchet,
            source=RatchetSource.NEW_SHARES,
            early_by=start + 12 * DAY,
            early_bps=1_000,
            late_after=start + 15 * DAY,
            late_bps=5_000,
        )
    return terms, escrow, scheduled, ratchet


class Lives(EscrowSteps):
    """Lived with the commands that the rules take, too."""

    def live(self, fate: Fate, scheme: r.Scheme, paid: list[int], pick: int) -> None:
        """`paid`: what five investors ask for, more or less."""
        self.create(0, fated(fate, scheme))
        is_cut = fate == Fate.CUT
        shares = [8 + n % 5 if is_cut else 2 + n % (_FEW - 1) for n in paid]
        self.bring(0, r.Stage.SUBSCRIBED, shares, 0)
        o = self.number(0)
        assert o is not None
        if fate == Fate.FAILED:
            self.fail_in(o, pick)
        elif fate == Fate.BOOK:
            self.take(do.Withdraw(o.address, self.cast.account(1)), self.cast.account(1))
        else:
            self.end(o, INVESTORS[pick % 5] if fate == Fate.PARKED else 0)
            self.cut_some(o, pick) if is_cut else self.settle(self.state.offerings[o.address])
            self.live_on(fate, self.state.escrows[o.escrow], pick)

    def fail_in(self, o: OfferingState, pick: int) -> None:
        way = pick % 4
        if way == 0:
            self.take(do.CancelOffering(o.address, self.head()), self.cast.admin)
        elif way == 1:
            self.take(do.StopOffering(o.address, self.head()), self.cast.regulator)
        elif way == 2:
            for party in INVESTORS[:3]:
                account = self.cast.account(party)
                if self.state.is_book(account):
                    self.take(do.WithdrawFor(o.address, self.head(), account), self.cast.platform)
                else:
                    self.take(do.Withdraw(o.address, account), account)
            self.end(o, 0)
        else:
            self.end(o, 0)
            self.wait(o.terms.settle_within)
            self.take(do.FailOffering(o.address))
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

    # --- milestones ---

    def live_on(self, fate: Fate, e: EscrowState, pick: int) -> None:
        if fate in (Fate.RELEASED, Fate.EARLY, Fate.LATE):
            self.reach(e, fate, pick)
        elif fate == Fate.DISPUTED:
            self.dispute(e, pick)
        elif fate == Fate.EXTENDED:
            self.miss_first(e)
            self.wait(1)
            self.take(do.Consent(e.address, 0, self.cast.account(1)), self.cast.account(1))
        elif fate == Fate.MISSED:
            self.miss_first(e)
            self.take(do.Redeem(e.address, self.allotted(e)[: 1 + pick % 3]))
        elif fate == Fate.PUT:
            self.put_all(e, pick)

    def reach(self, e: EscrowState, fate: Fate, pick: int) -> None:
        """Attested soon or late, released; shares of a ratchet delivered."""
        if fate == Fate.LATE:
            self.wait_until(e.ratchet.late_after + DAY)
        self.vote(e)
        self.wait(e.terms.window + 1)
        self.take(do.Release(e.address, 0))
        if pick % 3:
            self.take(do.Approve(e.share_class, e.address, 100), self.cast.account(ISSUER))
        page = () if fate == Fate.EARLY else self.allotted(e)[: 1 + pick % 4]
        self.take(do.DeliverRatchet(e.address, page))

    def vote(self, e: EscrowState) -> None:
        """As many as the quorum needs say that the first milestone is reached."""
        for member in range(e.tranches[0].quorum):
            self.take(do.Attest(self.attestation(e, 0, 1), self.key(member)))
        assert self.case(e, 0).phase == CasePhase.QUORATE

    def dispute(self, e: EscrowState, pick: int) -> None:
        """By the regulator; mostly decided, one way or the other, by the arbiter or by its silence."""
        self.vote(e)
        self.take(do.ChallengeByRegulator(self.head(), e.address, 0), self.cast.regulator)
        if pick % 4 == 1:
            self.wait_until(arbitration_ends(self.case(e, 0)) + 1)
            self.take(do.DecideBySilence(e.address, 0))
        elif pick % 4:
            self.take(do.Decide(self.head(), e.address, 0, pick % 4 == 2), self.cast.arbiter)

    def miss_first(self, e: EscrowState) -> None:
        self.wait_until(self.case(e, 0).deadline + 1)
        self.take(do.DeclareMissed(e.address, 0))

    def put_all(self, e: EscrowState, pick: int) -> None:
        """Redeemed by some, put by two: with the payer's allowance, which pays, and without, which owes."""
        self.miss_first(e)
        accounts = self.allotted(e)
        self.take(do.Redeem(e.address, accounts[: pick % 3]))
        for account, allowed in zip(accounts, (0, 500) if pick % 2 else (500, 0), strict=False):
            self.allow(e, allowed)
            if self.state.is_book(account):
                self.take(do.ExercisePutFor(e.address, self.head(), account), self.cast.platform)
            else:
                self.take(do.ExercisePut(e.address, account), account)

    def allotted(self, e: EscrowState) -> tuple[Address, ...]:
        lots = sorted(self.state.offerings[e.offering].subscriptions.items())
        found = [(party, s.account) for party, s in lots if s.status == SubscriptionStatus.ALLOTTED]
        return tuple(self.state.address_of(at) for at in found)
