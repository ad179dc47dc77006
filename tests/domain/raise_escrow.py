"""Steps of the machine of raises that escrow and board take, and LAW-10."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from registry.domain import commands as do
from registry.domain.attestation import Attestation, Signed
from registry.domain.board import NOTICE, CasePhase, Panel, arbitration_ends
from registry.domain.commands import Command
from registry.domain.escrow import EscrowState, TrancheState
from registry.domain.escrow_views import Standing, Step, Waiting, escrow_money, if_missed, timeline
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.lots import NOTHING, due, lapsing, subscription_of
from registry.domain.raise_args import Appointment
from registry.domain.raise_words import Case
from registry.domain.raising import SubscriptionStatus
from tests.domain import raise_world as r
from tests.domain.escrow_world import DAY, DOCUMENT, KIND
from tests.domain.raise_cast import ISSUER, PRICE, VERIFIERS
from tests.domain.raise_verdicts import Watch

DIGESTS = (Hash32(b"\1" * 32), Hash32(b"\2" * 32))
ENOUGH = 50 * PRICE
"""[fen] For any put."""
MONEY_RULES = {"MoneyIsStopped", "MoneyFrozen"}
numbers = st.integers(0, 11)
"""One of those that fit."""
members = st.sampled_from([0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4, 16])
_Rule = TypeVar("_Rule")


Found = tuple[EscrowState, Standing]


def where(*wanted: Waiting | Step) -> Callable[[_Rule], _Rule]:
    """Only where a tranche waits for one of these, or one of these steps can be taken."""
    return precondition(lambda self: bool(self.found_in(*wanted)))


class EscrowSteps(r.RaiseSteps):
    """Attestations, disputes, releases, misses, redemptions, puts, the ratchet."""

    def begin(self, cap: int) -> None:
        super().begin(cap)
        self.watch = Watch()
        for event in self.world.log:
            self.watch.hear(self.state, event, self.world.clock)

    def hear(self, events: Iterable[RegistryEvent]) -> None:
        """LAW-10: the watch objects to what moves without quorum, window and deadline in order."""
        events = tuple(events)
        super().hear(events)
        for event in events:
            self.watch.hear(self.state, event, self.world.clock)

    # --- what is drawn from ---

    def funded(self) -> list[EscrowState]:
        return [e for e in self.state.escrows.values() if e.purse.proceeds]

    def found_in(self, *wanted: Waiting | Step) -> list[Found]:
        found = []
        for e in self.funded():
            for s in timeline(self.state, e, self.world.time):
                if s.waiting in wanted or (s.waiting == Waiting.STEP and s.follows in wanted):
                    found.append((e, s))
        return found

    def any_of(self, number: int, *wanted: Waiting | Step) -> Found:
        found = self.found_in(*wanted)
        return found[number % len(found)]

    def again(self, e: EscrowState, s: Standing) -> Standing:
        """The same tranche, after some time."""
        return timeline(self.state, e, self.world.time)[s.milestone]

    def case(self, e: EscrowState, milestone: int) -> Case:
        return self.state.board.cases[e.address, milestone]

    @property
    def panel(self) -> Panel:
        return self.state.board.panel_of(self.cast.company, KIND)

    def key(self, member: int) -> Address:
        """Mostly a member's newest key."""
        panel = self.panel.members
        return panel[member].key if member < len(panel) else self.cast.stranger

    def new_key(self) -> Address:
        return self.cast.key(len(self.panel.places))

    def attestation(self, e: EscrowState, milestone: int, outcome: int) -> Attestation:
        case, now = timeline(self.state, e, self.world.time)[milestone].case, self.world.time
        assert case is not None
        return Attestation(
            self.cast.company, e.address, milestone, case.round, outcome, DOCUMENT, "https://a.example", now, now + DAY
        )

    def step(self, command: Command, standing: Standing, expected: Step, *excused: str) -> None:
        """LAW-4: what the timeline says can be done is done, and nothing else."""
        refusal = self.take(command)
        if standing.waiting == Waiting.STEP and standing.follows == expected:
            assert refusal is None or refusal.name in excused, refusal
        else:
            assert refusal is not None

    # --- verifiers ---

    @where(Waiting.VERDICT, Waiting.WINDOW)
    @rule(
        number=numbers,
        member=members,
        outcome=st.sampled_from([1, 1, 1, 1, 2]),
        bad=st.sampled_from(["", "", "", "", "", "", "round", "company", "old", "outcome", "evidence", "forged"]),
    )
    def attest(self, number: int, member: int, outcome: int, bad: str) -> None:
        e, s = self.any_of(number, Waiting.VERDICT, Waiting.WINDOW)
        a, now = self.attestation(e, s.milestone, outcome), self.world.time
        wrong = {
            "round": replace(a, round=a.round + 1),
            "company": replace(a, company=self.cast.stranger),
            "old": replace(a, observed_at=now - 9, expires_at=now - 1),
            "outcome": replace(a, outcome=3),
            "evidence": replace(a, evidence=Hash32(bytes(32))),
        }
        refusal = self.take(do.Attest(wrong.get(bad, a), self.key(member), is_signed=bad != "forged"))
        assert refusal is not None or not bad

    @where(Waiting.VERDICT)
    @rule(number=numbers, last=st.booleans(), wait=st.sampled_from([None, 0, 0, 1, 1]))
    def agree(self, number: int, last: bool, wait: int | None) -> None:
        """All who can say that it is reached, perhaps in the last second; the dispute window may run out."""
        e, s = self.any_of(number, Waiting.VERDICT)
        if last:
            self.wait_until(s.due - number % 2)
        for member in range(len(self.panel.members)):
            self.take(do.Attest(self.attestation(e, s.milestone, 1), self.key(member)))
        case = self.case(e, s.milestone)
        if wait is not None and case.phase == CasePhase.QUORATE:
            self.wait_until(case.window_ends + wait)

    @where(Waiting.VERDICT, Waiting.WINDOW, Waiting.RULING, Step.RELEASE)
    @rule(number=numbers, member=members)
    def retract(self, number: int, member: int) -> None:
        e, s = self.any_of(number, Waiting.VERDICT, Waiting.WINDOW, Waiting.RULING, Step.RELEASE)
        self.take(do.Retract(e.address, s.milestone), self.key(member))

    @where(Waiting.VERDICT, Waiting.WINDOW, Waiting.RULING, Step.RELEASE)
    @rule(number=numbers, member=members, pick=r.picks)
    def strike(self, number: int, member: int, pick: int) -> None:
        """Dismissed, or suspended for two outcomes; in its place another one, or the same."""
        e, s = self.any_of(number, Waiting.VERDICT, Waiting.WINDOW, Waiting.RULING, Step.RELEASE)
        key, panel = self.key(member), self.panel
        active = {v.party for i, v in enumerate(panel.members) if not panel.is_struck(i)}
        gone = [party for party in VERIFIERS if party not in active]
        if gone or pick < 10:
            party, today = PartyId(1 + member) if pick > 50 else (gone or VERIFIERS)[0], self.world.today
            begins = today + NOTICE + pick % 3 - 1
            days = Day(begins), Day(begins + (pick % 4 - 1) * 10)
            terms = Appointment(self.cast.company, KIND, party, self.new_key(), *days)
            self.take(do.Appoint(self.head(), terms), self.cast.platform)
        elif pick < 30:
            self.take(do.Dismiss(self.head(), self.cast.company, KIND, key), self.cast.platform)
        else:
            yes, no = (Signed(self.attestation(e, s.milestone, outcome), key, b"") for outcome in (1, 2))
            self.take(do.Accuse(yes, no if pick < 58 else yes, DIGESTS, (key,) if pick in (31, 57) else ()))
        if pick % 2:
            self.take(do.Recheck(e.address, s.milestone))

    @where(Waiting.VERDICT, Waiting.WINDOW)
    @rule(member=members, pick=r.picks)
    def rotate(self, member: int, pick: int) -> None:
        old = self.key(member)
        new = self.new_key() if pick < 50 else self.key(pick % 3)
        command = do.RotateKey(self.head(), self.cast.company, KIND, old, new)
        self.take(command, old if pick % 4 else self.cast.platform)

    # --- disputes ---

    @where(Waiting.WINDOW)
    @rule(number=numbers, pick=r.picks, wait=st.sampled_from([None, None, 0, 0, 1]))
    def challenge(self, number: int, pick: int, wait: int | None) -> None:
        """By one or two holders, or by the regulator; in the last second of the window, or one too late."""
        e, s = self.any_of(number, Waiting.WINDOW)
        if wait is not None and s.until is not None:
            self.wait_until(s.until + wait)
        if pick % 3 == 0:
            self.take(do.ChallengeByRegulator(self.head(), e.address, s.milestone), self.cast.regulator)
            return
        wallets = tuple(self.cast.wallet(party) for party in ((1, 2), (4,), (2, 1))[pick // 20])
        forged = wallets[-1:] if pick in (19, 37) else ()
        signatures = (b"",) * len(wallets)
        self.take(do.Challenge(e.address, s.milestone, DOCUMENT, wallets, signatures, forged))

    @where(Waiting.RULING, Step.SILENCE)
    @rule(number=numbers, upheld=st.booleans(), wait=st.sampled_from([None, 0, 1]), pick=r.picks)
    def decide(self, number: int, upheld: bool, wait: int | None, pick: int) -> None:
        e, s = self.any_of(number, Waiting.RULING, Step.SILENCE)
        if wait is not None:
            self.wait_until(arbitration_ends(self.case(e, s.milestone)) + wait)
        if pick % 2:
            self.step(do.DecideBySilence(e.address, s.milestone), self.again(e, s), Step.SILENCE)
            return
        command = do.Decide(self.head(), e.address, s.milestone, upheld)
        self.take(command, self.cast.stranger if pick > 54 else self.cast.arbiter)

    # --- tranches ---

    @where(Step.RELEASE, Waiting.WINDOW, Waiting.RULING)
    @rule(number=numbers)
    def release(self, number: int) -> None:
        e, s = self.any_of(number, Step.RELEASE, Waiting.WINDOW, Waiting.RULING)
        self.step(do.Release(e.address, s.milestone), s, Step.RELEASE, *MONEY_RULES)

    @where(Step.MISS, Waiting.VERDICT)
    @rule(number=numbers, wait=st.booleans())
    def miss(self, number: int, wait: bool) -> None:
        """What was said that it would mean is what it means."""
        e, s = self.any_of(number, Step.MISS, Waiting.VERDICT)
        if wait and s.waiting == Waiting.VERDICT:
            self.wait_until(s.due + 1)
            s = self.again(e, s)
        subscribers = self.subscribers(e.offering, (SubscriptionStatus.ALLOTTED,), 3)
        told = {a: if_missed(self.state, e, s.milestone, a, self.world.time) for a in subscribers}
        self.step(do.DeclareMissed(e.address, s.milestone), s, Step.MISS)
        e = self.state.escrows[e.address]
        if e.tranches[s.milestone].state != TrancheState.MISSED:
            return
        for account, expected in told.items():
            o = self.state.offerings[e.offering]
            _, lot = subscription_of(self.state, o, account)
            found = NOTHING if lot is None else due(self.state, o, account, lot, e.purse.redeemable)
            assert expected.due == found

    @where(Waiting.CONSENT)
    @rule(number=numbers, party=r.parties, wait=st.booleans(), pick=r.picks)
    def consent(self, number: int, party: PartyId, wait: bool, pick: int) -> None:
        e, s = self.any_of(number, Waiting.CONSENT)
        if wait:
            self.wait(1)
        account = self.cast.account(party) if pick < 50 else self.cast.book(party)
        if self.state.is_book(account) and pick < 55:
            self.take(do.ConsentFor(e.address, self.head(), s.milestone, account), self.cast.platform)
        else:
            actor = self.cast.account(1) if pick == 59 else self.cast.account(party)
            self.take(do.Consent(e.address, s.milestone, account), actor)

    @where(Waiting.CONSENT, Step.CLOSE_VOTE)
    @rule(number=numbers, wait=r.rarely)
    def close_vote(self, number: int, wait: bool) -> None:
        e, s = self.any_of(number, Waiting.CONSENT, Step.CLOSE_VOTE)
        if wait and s.until is not None:
            self.wait_until(s.until + 1)
            s = self.again(e, s)
        self.step(do.CloseVote(e.address, s.milestone), s, Step.CLOSE_VOTE)

    @precondition(lambda self: self.funded())
    @rule(number=numbers, milestone=st.integers(0, 4), what=st.integers(0, 7))
    def try_anything(self, number: int, milestone: int, what: int) -> None:
        """Whatever the state: what does not fit it is refused by a name."""
        e = self.funded()[number % len(self.funded())]
        commands: tuple[Command, ...] = (
            do.Release(e.address, milestone),
            do.DeclareMissed(e.address, milestone),
            do.CloseVote(e.address, milestone),
            do.Consent(e.address, milestone, self.cast.account(1)),
            do.DecideBySilence(e.address, milestone),
            do.DeliverRatchet(e.address, (self.cast.account(1),)),
            do.ExercisePut(e.address, self.cast.account(1)),
            do.Lapse(e.address, (self.cast.account(1),)),
        )
        self.take(commands[what], self.cast.account(1))

    # --- what subscribers get ---

    @precondition(lambda self: self.funded())
    @rule(number=numbers, pick=r.picks, twice=st.booleans(), book=r.rarely)
    def redeem(self, number: int, pick: int, twice: bool, book: bool) -> None:
        """A page, with somebody named twice, or by the book account beside the wallet."""
        e = self.funded()[number % len(self.funded())]
        page = self.subscribers(e.offering, (SubscriptionStatus.ALLOTTED, SubscriptionStatus.PARKED), pick)
        again = tuple(self.state.book_account(self.state.account_of(a)[0]) for a in page) if book else page[:1]
        self.take(do.Redeem(e.address, page + (again if twice or book else ())))
        self.adds_up(e.offering)

    @precondition(lambda self: any(e.claims_end for e in self.funded()))
    @rule(number=numbers, pick=r.picks, wait=st.sampled_from([None, 0, 1, 1, 1]), twice=st.booleans())
    def lapse(self, number: int, pick: int, wait: int | None, twice: bool) -> None:
        """A page, perhaps in the last second for claims; nothing is left of what is due to shares that are gone."""
        begun = [e for e in self.funded() if e.claims_end]
        e = begun[number % len(begun)]
        if wait is not None:
            self.wait_until(e.claims_end + wait)
        page = self.subscribers(e.offering, (SubscriptionStatus.ALLOTTED, SubscriptionStatus.PARKED), pick)
        is_early = self.state.clock(e.region, self.world.time) <= e.claims_end
        refusal = self.take(do.Lapse(e.address, page + page[: int(twice)]))
        if is_early or refusal is not None:
            assert refusal is not None
            assert refusal.name in ({"NotDue"} if is_early else {"SubscriptionUnknown", *MONEY_RULES})
            return
        o = self.state.offerings[e.offering]
        for account in page:
            _, lot = subscription_of(self.state, o, account)
            assert lot is not None
            assert lapsing(self.state, o, account, lot, e.purse.redeemable) == NOTHING
        self.adds_up(e.offering)

    def adds_up(self, offering: Address) -> None:
        """What the escrow paid back is what the lots got, and its view of the money is its balance."""
        o = self.state.offerings[offering]
        e = self.state.escrows[o.escrow]
        money = escrow_money(e)
        assert money.held == money.waiting + money.claimable <= self.state.money.balance(e.address)
        assert e.purse.redeemed == sum(s.redeemed for s in o.subscriptions.values())

    @precondition(lambda self: any(e.is_put_open for e in self.funded()))
    @rule(
        number=numbers,
        party=r.parties,
        pick=r.picks,
        pays=st.booleans(),
        wait=st.sampled_from([None, None, None, None, 0, 1]),
    )
    def put(self, number: int, party: PartyId, pick: int, pays: bool, wait: int | None) -> None:
        """With or without the payer's allowance, perhaps in the last second for it; paid later by somebody else."""
        opened = [e for e in self.funded() if e.is_put_open]
        e, account = opened[number % len(opened)], self.cast.account(party)
        if wait is not None and e.claims_end:
            self.wait_until(e.claims_end + wait)
        self.allow(e, ENOUGH if pays else 0)
        if self.state.is_book(account):
            self.take(do.ExercisePutFor(e.address, self.head(), account), self.cast.platform)
        else:
            self.take(do.ExercisePut(e.address, account), account if pick < 50 else self.cast.account(ISSUER))
        if pick % 6 == 0 and not self.state.is_book(account):
            # Fewer than the debt is for.
            self.take(do.Transfer(self.cast.share_class, self.cast.account(4), Shares(1)), account)
        if pick % 3 == 0:
            self.take(do.AllowMoney(e.address, ENOUGH), self.cast.account(4))
            self.take(do.PayPut(e.address, account), self.cast.account(4))

    def allow(self, e: EscrowState, amount: int) -> None:
        """Money and shares of the payer of puts, who is the founder."""
        self.take(do.AllowMoney(e.address, amount), self.cast.account(ISSUER))
        self.take(do.Approve(self.cast.share_class, e.address, amount), self.cast.account(ISSUER))

    @precondition(lambda self: any(e.fell for e in self.funded()))
    @rule(number=numbers, pick=r.picks, allowed=st.sampled_from([0, 1, 3, 100]))
    def ratchet(self, number: int, pick: int, allowed: int) -> None:
        fallen = [e for e in self.funded() if e.fell]
        e = fallen[number % len(fallen)]
        if pick % 2:
            self.allow(e, allowed)
        page = self.subscribers(e.offering, (SubscriptionStatus.ALLOTTED, SubscriptionStatus.PARKED), pick)
        self.take(do.DeliverRatchet(e.address, page + page[:1]))
