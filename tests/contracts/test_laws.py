"""The laws of the register on chain: LAW-1 to LAW-6, drawn histories, the domain as the shadow.

Five parties with two wallets and a book account each, two classes, all acts, days that pass over expiries. Each step
is a real transaction; contract and domain must agree on refusal, events and every stored word.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck
from hypothesis import strategies as st

from registry.domain import commands as do
from registry.domain.args import Consideration
from registry.domain.commands import Command
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.rules import Rule, code_of
from registry.domain.views import broken_issue_rules, broken_rules
from registry.domain.words import PartyWord
from tests.contracts.support import node
from tests.contracts.support.calls import hexed, raw
from tests.contracts.support.ground import wallet_key, wallet_of
from tests.contracts.support.laws import NOBODY, PARTIES, Hands, foundation, names, taken
from tests.contracts.support.node import DAY
from tests.contracts.support.shadow import Said

NIGHT = bool(os.environ.get("NIGHT"))
EXAMPLES, STEPS, ENOUGH = (400, 60, 8_000) if NIGHT else (56, 50, 1_000)


class Register(Hands):
    """Rules and invariants; Brownie makes a Hypothesis machine of them and sets the chain back between histories.

    An argument's default is the name of the strategy that it is drawn from: that is how Brownie finds it.
    """

    st_class = st.integers(0, 1)
    st_pick = st.integers(0, 39)
    st_other = st.integers(0, 39)
    st_party = st.integers(0, 4)
    st_count = st.integers(0, 14)
    st_small = st.integers(0, 3)
    st_mostly_zero = st.sampled_from([0, 0, 0, 1])
    st_flag = st.booleans()
    st_offset = st.sampled_from([3, 2, 1, 0, 3, 3, -1, -2])
    st_lines = st.lists(
        st.tuples(st.integers(0, 39), st.integers(0, 14), st.sampled_from([0, 0, 0, 1, -1])), min_size=1, max_size=4
    )
    st_wait = st.sampled_from([1, 30, 3_600, 7_200, DAY, 2 * DAY])
    st_ahead = st.sampled_from([30, 3_600, DAY, 0, -5])
    st_ratio = st.sampled_from([(2, 1), (1, 2), (3, 2), (1, 1), (0, 1)])
    st_cap = st.sampled_from([2, 3, 4, 200])
    st_authorised = st.sampled_from([20, 60])
    st_terms = st.sampled_from([60, 80, 20, 5, 2**64 - 1])
    st_mask = st.sampled_from([0b11110, 0b11110, 0b01000, 0b00001])
    st_category = st.sampled_from([3, 3, 1, 0])
    st_chance = st.integers(0, 59)

    def initialize_company(
        self, cap: int = "st_cap", authorised: int = "st_authorised", is_open: bool = "st_flag"
    ) -> None:
        self.take(do.SetCap(self.twin.company, self.head(), cap), self.regulator)
        for c in self.twin.classes:
            self.take(do.SetAuthorised(c, self.head(), Shares(authorised)), self.agent())
        if is_open:
            self.take(do.Open(self.twin.company, self.head()), raw(self.ground.issuer))

    # --- time ---

    def rule_wait(self, wait: int = "st_wait") -> None:
        self.twin.time += wait
        node.jump_to(self.twin.time)

    # --- shares ---

    def rule_issue(self, class_: int = "st_class", lines: Any = "st_lines", strange: int = "st_mostly_zero") -> None:
        c = self.twin.classes[class_]
        entries = tuple(self.entry(self.account(pick), count, lock) for pick, count, lock in lines)
        command = do.Issue(c, self.head(-1), Consideration(1, 156, 5), entries)
        broken = Rule(self.chain(c).read("brokenIssueRules", hexed(entries[0].account), entries[0].shares))
        assert broken == broken_issue_rules(self.state, c, entries[0].account, entries[0].shares, self.twin.time)
        is_plain = len(entries) == 1 and not strange and self.state.companies[self.twin.company].phase != 1
        day = self.today
        refusal = self.take(command, self.agent(strange))
        if is_plain and self.today == day:
            self.same_answer(broken, refusal)

    def rule_transfer(
        self,
        class_: int = "st_class",
        pick: int = "st_pick",
        other: int = "st_other",
        count: int = "st_count",
        whole: int = "st_mostly_zero",
    ) -> None:
        """LAW-4: what the views say beforehand is what the execution does."""
        c = self.twin.classes[class_]
        giver, taker = self.holder(c, pick), self.account(other)
        count = self.balance(c, giver) if whole else count
        asked = (hexed(giver), hexed(taker), count)
        broken = Rule(self.chain(c).read("brokenRules", *asked))
        assert broken == broken_rules(self.state, c, giver, taker, count, self.twin.time)
        assert self.chain(c).read("detectTransferRestriction", *asked) == code_of(int(broken))
        assert self.chain(c).read("canTransfer", *asked) == (not broken & ~Rule.BALANCE)
        day = self.today
        refusal = self.take(do.Transfer(c, taker, count), giver)
        if self.today == day:
            self.same_answer(broken, refusal)

    def same_answer(self, broken: Rule, refusal: Said | None) -> None:
        """The cap is asked last and refuses alone."""
        if not broken:
            assert refusal is None, refusal
            return
        assert refusal is not None
        assert refusal[0] == "Refused"
        bitmap = int(broken & ~Rule.HOLDERS_CAP or broken)
        assert refusal[1][:2] == (code_of(bitmap), bitmap)

    def rule_transfer_from(
        self,
        class_: int = "st_class",
        actor: int = "st_pick",
        pick: int = "st_other",
        other: int = "st_chance",
        count: int = "st_count",
        approves: bool = "st_flag",
    ) -> None:
        c = self.twin.classes[class_]
        giver, spender = self.holder(c, pick), self.account(actor)
        if approves:
            self.take(do.Approve(c, spender, 8), giver)
        self.take(do.TransferFrom(c, giver, self.account(other), count), spender)

    def rule_own_account(
        self,
        class_: int = "st_class",
        pick: int = "st_pick",
        number: int = "st_small",
        count: int = "st_count",
        locks: bool = "st_flag",
    ) -> None:
        """From one account of a party into another, often with a lock-up to carry."""
        c = self.twin.classes[class_]
        giver = self.holder(c, pick)
        party = self.state.account_of(giver)[0] or PARTIES[0]
        at = 3 * PARTIES.index(party)
        book, first, _ = own = self.accounts[at : at + 3]
        if locks:
            self.take(do.SetLock(c, self.head(), giver, Day(self.today + 2)), self.agent())
        taker = own[number % 3]
        if giver == book:
            self.take(do.TransferFrom(c, giver, taker, count), first)
        else:
            self.take(do.Transfer(c, taker, count), giver)

    def rule_transfer_for(
        self,
        class_: int = "st_class",
        pick: int = "st_pick",
        lines: Any = "st_lines",
        strange: int = "st_mostly_zero",
    ) -> None:
        c = self.twin.classes[class_]
        other, count, lock = lines[0]
        entry = self.entry(self.account(other), count, lock)
        command = do.TransferFor(c, self.head(), Consideration(), self.holder(c, pick, book=True), entry)
        self.take(command, self.agent(strange))

    def rule_cancel(
        self,
        class_: int = "st_class",
        pick: int = "st_pick",
        count: int = "st_count",
        whole: bool = "st_flag",
    ) -> None:
        c = self.twin.classes[class_]
        account = self.holder(c, pick, book=True)
        count = self.balance(c, account) if whole else count
        command = do.Cancel(c, self.head(), 2 + pick % 5, Consideration(), self.entry(account, count))
        self.take(command, self.agent())

    def rule_convert(
        self,
        class_: int = "st_class",
        pick: int = "st_pick",
        count: int = "st_count",
        resulting: int = "st_small",
        strange: int = "st_mostly_zero",
    ) -> None:
        source = self.twin.classes[class_]
        target = source if strange and pick % 2 else self.twin.classes[1 - class_]
        account, ref = self.holder(source, pick, book=True), Hash32(bytes(32))
        what = (Consideration(4), source, target, account, Shares(count), Shares(resulting), ref)
        self.take(do.Convert(self.twin.company, self.head(), *what), self.agent(strange))

    def rule_split(self, class_: int = "st_class", pick: int = "st_pick", ratio: Any = "st_ratio") -> None:
        c = self.twin.classes[class_]
        n, d = ratio
        held = [(self.state.address_of(a), h.balance) for a, h in self.state.classes[c].holdings.items() if h.balance]
        lines = [self.entry(account, abs(balance * n // d - balance) if d else 1) for account, balance in held]
        if pick % 4 == 0:
            lines.append(self.entry(self.account(pick), 1))
        self.take(do.Split(c, self.head(), n, d, tuple(lines)), self.agent())

    def rule_reissue(self, class_: int = "st_class", pick: int = "st_pick") -> None:
        c = self.twin.classes[class_]
        ref = Hash32(b"CS-2".ljust(32, b"\0"))
        self.take(do.Reissue(c, self.head(), self.holder(c, pick, book=True), ref), self.agent())

    # --- terms of a class ---

    def rule_lock(self, class_: int = "st_class", pick: int = "st_pick", offset: int = "st_offset") -> None:
        c = self.twin.classes[class_]
        lock_day = Day(self.today + offset) if offset > 0 else Day(0)
        self.take(do.SetLock(c, self.head(), self.holder(c, pick), lock_day), self.agent())

    def rule_terms(
        self,
        class_: int = "st_class",
        terms: int = "st_terms",
        mask: int = "st_mask",
        is_size: bool = "st_flag",
        strange: int = "st_mostly_zero",
    ) -> None:
        c = self.twin.classes[class_]
        size, admitted = do.SetAuthorised(c, self.head(), Shares(terms)), do.AdmitCategories(c, self.head(), mask)
        self.take(size if is_size else admitted, self.agent(strange))

    def rule_record_date(self, class_: int = "st_class", ahead: int = "st_ahead") -> None:
        c = self.twin.classes[class_]
        self.take(do.SetRecordDate(c, self.head(), self.twin.time + 1 + ahead), self.agent())

    # --- parties ---

    def rule_restate(
        self,
        party: int = "st_party",
        kyc: int = "st_offset",
        qualification: int = "st_offset",
        category: int = "st_category",
        weight: int = "st_small",
    ) -> None:
        days = Day(self.today + kyc), Day(self.today + qualification)
        word = PartyWord(PARTIES[party], *days, category, weight=weight)
        assert self.take(do.SetStanding(self.head(), (word,)), raw(self.ground.kyc_agent)) is None

    def rule_judge(
        self,
        party: int = "st_party",
        what: int = "st_chance",
        on: int = "st_mostly_zero",
        number: int = "st_mostly_zero",
        strange: int = "st_mostly_zero",
        late: int = "st_mostly_zero",
    ) -> None:
        """Orders about a party, and its wallets."""
        p, kyc = PARTIES[party], self.stranger if strange else raw(self.ground.kyc_agent)
        wallet = raw(wallet_of(p, number))
        if what % 5 == 0:
            command: Command = do.SetFrozen(self.head(), p, bool(on))
            self.take(command, self.stranger if strange else self.regulator)
        elif what % 5 == 1:
            self.take(do.SetWalletClosed(self.head(), wallet, bool(on)), kyc)
        elif what % 5 == 2:
            self.take(self.binding(p, wallet, number, is_signed=not on, is_late=bool(late)), kyc)
        elif what % 5 == 3:
            self.take(do.Recount(self.twin.company, p), self.stranger)
        else:
            self.take(do.Revoke(self.head(), p), kyc if on else self.stranger)

    def binding(self, party: PartyId, wallet: Address, number: int, is_signed: bool, is_late: bool) -> Command:
        deadline = self.twin.time + (0 if is_late else 60)
        key = wallet_key(party, number if is_signed else number + 7)
        signature = self.ground.signature(party, hexed(wallet), deadline, key)
        return do.BindWallet(self.head(), party, wallet, deadline, signature, is_signed=is_signed)

    # --- the company ---

    def rule_stop(
        self,
        class_: int = "st_class",
        what: int = "st_small",
        stopped: int = "st_mostly_zero",
        strange: int = "st_mostly_zero",
    ) -> None:
        company, stops = self.twin.company, bool(stopped)
        stopper = self.stranger if strange else raw(self.ground.stopper)
        if what == 0:
            self.take(do.StopClass(company, self.head(), self.twin.classes[class_], stops), stopper)
        elif what == 1:
            self.take(do.StopCompany(company, self.head(), stops), stopper)
        elif what == 2:
            self.take(do.StopByRegulator(company, self.head(), stops), self.stranger if strange else self.regulator)
        else:
            self.take(do.StopClass(company, self.head(), company, stops), stopper)

    def rule_seats(
        self,
        party: int = "st_party",
        is_cap: bool = "st_flag",
        cap: int = "st_cap",
        fixed: bool = "st_flag",
        weight: int = "st_small",
    ) -> None:
        if is_cap:
            assert self.take(do.SetCap(self.twin.company, self.head(), cap), self.regulator) is None
        else:
            p = NOBODY if weight == 3 else PARTIES[party]
            self.take(do.FixWeight(self.twin.company, self.head(), p, fixed, weight), self.agent())

    def rule_live(self, chance: int = "st_chance") -> None:
        """Opens it; rarely ends it, since nothing moves afterwards."""
        issuer = raw(self.ground.issuer)
        if chance == 59:
            self.take(do.Abandon(self.twin.company, self.head()), issuer)
        elif chance == 58:
            self.take(do.NameSuccessor(self.twin.company, self.head(), self.twin.company), issuer)
        else:
            self.take(do.Open(self.twin.company, self.head()), issuer)

    def rule_hand_over(self, chance: int = "st_chance") -> None:
        """The admin's role goes to another and comes back."""
        issuer, other = raw(self.ground.issuer), raw(self.ground.secretary)
        if chance % 3 == 0:
            self.take(do.OfferAdmin(self.twin.company, self.head(), other), issuer)
            self.take(do.AcceptAdmin(self.twin.company), other if chance % 2 else self.stranger)
            self.take(do.OfferAdmin(self.twin.company, self.head(), issuer), other)
            self.take(do.AcceptAdmin(self.twin.company), issuer)
        elif chance % 3 == 1:
            self.take(do.SetCompanyRoles(self.twin.company, self.head(), self.stranger, chance % 40), issuer)
            self.take(do.SetCompanyRoles(self.twin.company, self.head(), self.stranger, 0), issuer)
        else:
            self.take(do.RecordDocument(self.twin.company, self.head(), 3, "documents/3"), other)

    def rule_repeat(self) -> None:
        """AC-1: an id that was carried out is refused, whoever sends it and whatever for."""
        done = self.state.done.get(self.twin.company, set())
        for used in self.used[-1:]:
            refusal = self.take(do.StopCompany(self.twin.company, used, False), raw(self.ground.stopper))
            assert (refusal is not None and refusal[0] == "OperationDone") == (used.operation in done)


def test_laws__drawn_histories_on_chain__contracts_and_domain_agree(state_machine: Any, capsys: Any) -> None:
    began = node.snapshot()
    settings = {
        "max_examples": EXAMPLES,
        "stateful_step_count": STEPS,
        "suppress_health_check": HealthCheck.all(),
        "deadline": None,
    }
    state_machine(Register, foundation(200, 60), settings=settings)
    node.revert_to(began)
    assert taken["steps"] >= ENOUGH, taken
    assert len(names) >= 28, names
    with capsys.disabled():
        print(f"\n{taken['steps']} steps on chain, {taken['refusals']} of them refused alike; {len(names)} acts")
