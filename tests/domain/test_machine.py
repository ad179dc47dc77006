"""The laws of the register over drawn histories: LAW-1 to LAW-7 of SPECIFICATION.md.

Five parties with two wallets and a book account each, two classes, all acts, days that pass over expiries. The same
laws are asked of the contracts by the machine in tests/contracts, whose shadow is this domain.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from registry.domain import commands as do
from registry.domain.args import ZERO_ADDRESS, ActHeader, Consideration, Entry
from registry.domain.commands import Command, Refusal
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.register import Seat
from registry.domain.rules import Rule, code_of
from registry.domain.state import holdings_on
from registry.domain.views import balance_on_record, broken_issue_rules, broken_rules
from registry.domain.words import PartyWord
from tests.domain import world as w

PARTIES = range(1, 6)
CLASSES = (w.ORDINARY, w.PREFERRED)
DAY = 86_400

shares = st.integers(0, 14)
parties = st.sampled_from([PartyId(p) for p in PARTIES])
share_classes = st.sampled_from(CLASSES)
rarely = st.sampled_from([False, False, False, True])
picks = st.integers(0, 39)
days = st.sampled_from([3, 2, 1, 0, 3, 3, -1, -2])


def account(party: int, number: int) -> Address:
    """Two wallets and the book account of a party; not all of them are bound, and party 6 is unknown."""
    return w.wallet(party, number) if number < 2 else Address(w.TAG + party.to_bytes(4, "big"))


ACCOUNTS = [account(party, number) for party in range(1, 7) for number in (2, 0, 1)]
accounts = st.sampled_from(ACCOUNTS)
lines = st.tuples(accounts, shares, st.sampled_from([0, 0, 0, 1, -1]))


class Register(RuleBasedStateMachine):
    """The commands write one register, the events another; the laws hold for both."""

    world: w.World

    @initialize(cap=st.sampled_from([2, 3, 4, 200]), is_open=st.booleans(), authorised=st.sampled_from([20, 60]))
    def found(self, cap: int, is_open: bool, authorised: int) -> None:
        self.world = w.opened(cap, authorised) if is_open else w.migrating(cap, authorised)
        self.world.replay.trail.movements = []
        self.snapshots: dict[Address, list[tuple[int, dict[Any, int]]]] = {c: [] for c in CLASSES}
        self.used: list[ActHeader] = []
        words = tuple(w.word(p, 20_008 + p % 3, 20_009, category=1 + p % 4) for p in PARTIES)
        w.onboard(self.world, *words)
        for party in PARTIES:
            w.bind(self.world, party, 0)
            if party % 2:
                w.bind(self.world, party, 1)
        w.issue(self.world, account(1, 2), 9)
        w.issue(self.world, account(2, 0), 5)
        w.issue(self.world, account(1, 2), 4, w.PREFERRED)

    # --- how a step is taken ---

    def head(self, day: int = 0) -> ActHeader:
        header = w.header(self.world.today + day)
        self.used.append(header)
        return header

    def take(self, command: Command, actor: Address) -> Refusal | None:
        """One step. A refusal changes nothing (LAW-6)."""
        before = self.world.state.copy()
        try:
            self.world.run(command, actor)
        except Refusal as refusal:
            assert self.world.state == before
            return refusal
        for address in CLASSES:
            balances = {a: h.balance for a, h in self.world.state.classes[address].holdings.items()}
            self.snapshots[address].append((self.world.time, balances))
        return None

    def day(self, offset: int) -> Day:
        return Day(self.world.today + offset)

    def agent(self, is_strange: bool) -> Address:
        if is_strange:
            return w.STRANGER
        return w.MIGRATOR if self.world.state.companies[w.COMPANY].phase == 1 else w.AGENT

    def holder(self, c: Address, pick: int, book: bool = False) -> Address:
        """Mostly one who holds something; a book account where only those may act."""
        state = self.world.state
        held = [a for a, h in sorted(state.classes[c].holdings.items()) if h.balance]
        held = [a for a in held if a[1] == 8] if book else held
        if held and pick < 36:
            return state.address_of(held[pick % len(held)])
        return ACCOUNTS[pick % len(ACCOUNTS)]

    def line(self, drawn: tuple[Address, int, int]) -> Entry:
        a, count, lock = drawn
        return w.entry(a, count, self.day(lock) if lock else 0)

    # --- time ---

    @rule(seconds=st.sampled_from([1, 30, 3_600, 7_200, DAY, 2 * DAY]))
    def wait(self, seconds: int) -> None:
        self.world.time = Timestamp(self.world.time + seconds)

    # --- shares ---

    @rule(c=share_classes, drawn=st.lists(lines, min_size=1, max_size=4), strange=rarely, ahead=rarely)
    def issue(self, c: Address, drawn: list[tuple[Address, int, int]], strange: bool, ahead: bool) -> None:
        entries = tuple(self.line(d) for d in drawn)
        state, time = self.world.state, self.world.time
        expected = broken_issue_rules(state, c, entries[0].account, entries[0].shares, time)
        header = self.head(1 if ahead and strange else -1)
        command = do.Issue(c, header, Consideration(1, 156, 5), entries if not ahead else entries[:1])
        refusal = self.take(command, self.agent(strange))
        if len(command.entries) == 1 and not strange and state.companies[w.COMPANY].phase != 1:
            self.same_answer(expected, refusal)

    @rule(c=share_classes, pick=picks, b=accounts, count=shares, whole=rarely)
    def transfer(self, c: Address, pick: int, b: Address, count: int, whole: bool) -> None:
        a = self.holder(c, pick)
        count = self.world.balance(c, a) if whole else count
        expected = broken_rules(self.world.state, c, a, b, count, self.world.time)
        self.same_answer(expected, self.take(do.Transfer(c, b, count), a))

    def same_answer(self, expected: Rule, refusal: Refusal | None) -> None:
        """LAW-4: what the view says is what the execution does; the cap is asked last and refuses alone."""
        if not expected:
            assert refusal is None, refusal
            return
        assert refusal is not None
        assert refusal.name == "Refused"
        assert refusal.values[1] == int(expected & ~Rule.HOLDERS_CAP or expected)
        assert refusal.values[0] == code_of(int(refusal.values[1]))

    @rule(c=share_classes, actor=accounts, pick=picks, b=accounts, count=shares, approves=st.booleans())
    def transfer_from(self, c: Address, actor: Address, pick: int, b: Address, count: int, approves: bool) -> None:
        a = self.holder(c, pick)
        if approves:
            self.take(do.Approve(c, actor, 8), a)
        self.take(do.TransferFrom(c, a, b, count), actor)

    @rule(c=share_classes, pick=picks, drawn=lines, strange=rarely)
    def transfer_for(self, c: Address, pick: int, drawn: tuple[Address, int, int], strange: bool) -> None:
        a = self.holder(c, pick, book=True)
        command = do.TransferFor(c, self.head(), Consideration(), a, self.line(drawn))
        self.take(command, self.agent(strange))

    @rule(c=share_classes, pick=picks, count=shares, whole=rarely, kind=st.integers(2, 6))
    def cancel(self, c: Address, pick: int, count: int, whole: bool, kind: int) -> None:
        a = self.holder(c, pick, book=True)
        count = self.world.balance(c, a) if whole else count
        command = do.Cancel(c, self.head(), kind, Consideration(), w.entry(a, count))
        self.take(command, self.agent(False))

    @rule(pick=picks, count=shares, resulting=shares, back=st.booleans(), same=rarely, strange=rarely)
    def convert(self, pick: int, count: int, resulting: int, back: bool, same: bool, strange: bool) -> None:
        pair = CLASSES[::-1] if back else CLASSES
        a = self.holder(pair[0], pick, book=True)
        target = pair[0] if same and strange else pair[1]
        header, ref = self.head(), Hash32(bytes(32))
        command = do.Convert(
            w.COMPANY, header, Consideration(4), pair[0], target, a, Shares(count), Shares(resulting), ref
        )
        self.take(command, self.agent(strange))

    @rule(c=share_classes, pick=picks, ratio=st.sampled_from([(2, 1), (1, 2), (3, 2), (1, 1), (0, 1)]))
    def split_or_reissue(self, c: Address, pick: int, ratio: tuple[int, int]) -> None:
        n, d = ratio
        state = self.world.state
        differences = []
        for held, h in state.classes[c].holdings.items():
            if h.balance:
                differences.append(w.entry(state.address_of(held), abs(h.balance * n // d - h.balance)))
        if pick % 4 == 0:
            differences.append(w.entry(ACCOUNTS[pick % len(ACCOUNTS)], 1))
        self.take(do.Split(c, self.head(), n, d, tuple(differences)), self.agent(False))
        again = do.Reissue(c, self.head(), self.holder(c, pick, book=True), Hash32(b"CS-2".ljust(32, b"\0")))
        self.take(again, self.agent(False))

    # --- terms of a class ---

    @rule(
        c=share_classes,
        what=st.integers(0, 3),
        pick=picks,
        mask=st.sampled_from([0b11110, 0b11110, 0b01000, 0b00001]),
        count=st.sampled_from([60, 80, 20, 5, 2**64 - 1]),
        ahead=st.sampled_from([30, 3_600, DAY, 0, -5]),
        lock=days,
        strange=rarely,
    )
    def set_terms(
        self, c: Address, what: int, pick: int, mask: int, count: int, ahead: int, lock: int, strange: bool
    ) -> None:
        lock_day = self.day(lock) if lock > 0 else Day(0)
        commands: tuple[Command, ...] = (
            do.SetLock(c, self.head(), self.holder(c, pick), lock_day),
            do.SetAuthorised(c, self.head(), Shares(count)),
            do.AdmitCategories(c, self.head(), mask),
            do.SetRecordDate(c, self.head(), self.world.time + ahead),
        )
        self.take(commands[what], self.agent(strange))

    @rule(c=share_classes, ahead=st.sampled_from([30, 0, 3_600]), wait=st.sampled_from([0, 30, 31]))
    def record_date(self, c: Address, ahead: int, wait: int) -> None:
        """Often enough that dates pass between moves."""
        self.take(do.SetRecordDate(c, self.head(), self.world.time + ahead), self.agent(False))
        self.world.time = Timestamp(self.world.time + wait)

    # --- parties ---

    @rule(party=parties, kyc=days, qualification=days, category=st.sampled_from([3, 3, 1, 0]), weight=st.integers(1, 3))
    def restate(self, party: PartyId, kyc: int, qualification: int, category: int, weight: int) -> None:
        word = PartyWord(party, self.day(kyc), self.day(qualification), category, weight=weight)
        assert self.take(do.SetStanding(self.head(), (word,)), w.KYC) is None

    @rule(party=parties, what=st.integers(0, 4), on=rarely, number=st.integers(0, 1), strange=rarely, late=rarely)
    def judge(self, party: PartyId, what: int, on: bool, number: int, strange: bool, late: bool) -> None:
        """Orders about a party, and its wallets."""
        kyc = w.STRANGER if strange else w.KYC
        wallet, deadline = w.wallet(party, number), self.world.time - late
        commands: tuple[tuple[Command, Address], ...] = (
            (do.SetFrozen(self.head(), party, on), w.STRANGER if strange else w.REGULATOR),
            (do.SetWalletClosed(self.head(), wallet, on), kyc),
            (do.BindWallet(self.head(), party, wallet, deadline, is_signed=not on), kyc),
            (do.Recount(w.COMPANY, party), w.STRANGER),
            (do.Revoke(self.head(), party), kyc if on else w.STRANGER),
        )
        self.take(*commands[what])

    # --- the company ---

    @rule(c=share_classes, what=st.integers(0, 3), stopped=rarely, strange=rarely)
    def stop(self, c: Address, what: int, stopped: bool, strange: bool) -> None:
        commands: tuple[tuple[Command, Address], ...] = (
            (do.StopClass(w.COMPANY, self.head(), c, stopped), w.STOPPER),
            (do.StopCompany(w.COMPANY, self.head(), stopped), w.STOPPER),
            (do.StopByRegulator(w.COMPANY, self.head(), stopped), w.REGULATOR),
            (do.StopClass(w.COMPANY, self.head(), w.COMPANY, stopped), w.STOPPER),
        )
        command, actor = commands[what]
        self.take(command, w.STRANGER if strange else actor)

    @rule(what=st.integers(0, 1), cap=st.integers(0, 6), party=st.integers(1, 6), fixed=st.booleans())
    def count_seats(self, what: int, cap: int, party: int, fixed: bool) -> None:
        if what:
            assert self.take(do.SetCap(w.COMPANY, self.head(), cap), w.REGULATOR) is None
        else:
            command = do.FixWeight(w.COMPANY, self.head(), PartyId(party), fixed, cap % 4)
            self.take(command, self.agent(False))

    @rule(chance=st.integers(0, 59))
    def live(self, chance: int) -> None:
        """Opens it; rarely ends it, since nothing moves afterwards."""
        if chance == 59:
            self.take(do.Abandon(w.COMPANY, self.head()), w.ADMIN)
        elif chance == 58:
            self.take(do.NameSuccessor(w.COMPANY, self.head(), w.STRANGER), w.ADMIN)
        else:
            self.take(do.Open(w.COMPANY, self.head()), w.ADMIN)

    @rule()
    def repeat(self) -> None:
        """AC-1: an id that was carried out is refused, whoever sends it and whatever for."""
        done = self.world.state.done.get(w.COMPANY, set())
        for used in self.used[-1:]:
            refusal = self.take(do.StopCompany(w.COMPANY, used, False), w.STOPPER)
            assert (refusal is not None and refusal.name == "OperationDone") == (used.operation in done)

    # --- the laws ---

    @invariant()
    def law_1_supply(self) -> None:
        """LAW-1: balances sum to the issued shares, which never exceed the authorised ones."""
        for c in self.world.state.classes.values():
            assert sum(h.balance for h in c.holdings.values()) == c.issued <= c.authorised
            assert all(0 <= h.encumbered <= h.balance for h in c.holdings.values())

    @invariant()
    def law_2_seats(self) -> None:
        """LAW-2: accounts and seats are what one counts from the holdings, from scratch."""
        company = self.world.state.companies[w.COMPANY]
        counted: dict[PartyId, int] = {}
        for c in self.world.state.classes.values():
            for (party, _), h in c.holdings.items():
                counted[party] = counted.get(party, 0) + (h.balance > 0)
        for party in {*counted, *company.seats}:
            assert company.seats.get(party, Seat()).accounts == counted.get(party, 0)
        assert company.seats_taken == sum(s.weight for s in company.seats.values() if s.accounts)

    @invariant()
    def law_3_replay(self) -> None:
        """LAW-3: the events alone give the same register, and nothing in them is found wrong."""
        assert self.world.replay == self.world.state
        assert [f for f in self.world.replay.findings if f.is_fault] == []

    @invariant()
    def law_5_record_dates(self) -> None:
        """LAW-5: what was held at a record date is what the register said after the last block before its end."""
        state, now = self.world.state, self.world.time
        for address in CLASSES:
            times = state.classes[address].record_times
            for epoch, time in enumerate(times, 1):
                if now <= time:
                    continue
                past = [balances for at, balances in self.snapshots[address] if at <= time]
                held = past[-1] if past else {}
                for account in state.classes[address].holdings:
                    found = balance_on_record(state, address, state.address_of(account), epoch, now)
                    assert found == held.get(account, 0)

    @invariant()
    def law_7_lines(self) -> None:
        """LAW-7: all lines of the register together, whatever their dates, sum to the balances."""
        movements = self.world.replay.trail.movements
        assert movements is not None
        sums = holdings_on(movements, 99_999)
        for address in CLASSES:
            held = {a: h.balance for a, h in self.world.state.classes[address].holdings.items()}
            assert {a: s for a, s in sums.get(address, {}).items() if s} == {a: b for a, b in held.items() if b}
        assert ZERO_ADDRESS not in self.world.state.wallets


NIGHT = bool(os.environ.get("NIGHT"))
TestLaws = Register.TestCase
TestLaws.settings = settings(
    max_examples=2_000 if NIGHT else 300,
    stateful_step_count=80 if NIGHT else 50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
