"""Dividends of the ground's company: usual terms, hands that act on them, and the same arithmetic in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from registry.domain.payout_args import LEAF, DistributionTerms, HolderRow, Payment
from tests.contracts.support import node
from tests.contracts.support.calls import plain, raw
from tests.contracts.support.contracts import Contract, Event, abi_of, read_all
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    EMPLOYEE,
    FOUNDER,
    INSTITUTION,
    QUALIFIED,
    TREASURY,
    Ground,
    header,
    person,
    wallet_of,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import ISSUER, IVAN, clock, clock_to, mint, money

OFFICE = 803
"""The tax office, which has a wallet."""
USA = 840
RULES = [
    (FOUNDER, 0, 2_000),
    (EMPLOYEE, 0, 2_000),
    (QUALIFIED, 0, 2_000),
    (QUALIFIED, USA, 1_000),
    (INSTITUTION, 0, 0),
    (TREASURY, 0, 0),
    (0, 0, 1_500),
]
"""Category, tax residence, basis points."""
PEOPLE = (ALICE, BOB, CAROL, DAVE, IVAN)
CHEST = 100_000_000
"""[fen] What the company has in its wallet, and as much in its book account."""
NONE, PAID, PARKED, LAPSED = 0, 1, 2, 3
DECLARED, FIXED, CANCELLED, CLOSED = 1, 2, 3, 4
UNIT = 10**8
"""A rate of so much is one fen for a share of a class without decimals."""


def part(shares: int, numerator: int, denominator: int) -> int:
    """[fen] Rounded down once for a holder."""
    return shares * numerator // denominator


def tax_on(gross: int, bps: int) -> int:
    """[fen] Rounded half up."""
    return (2 * gross * bps + 10_000) // 20_000


@dataclass(slots=True)
class Dividend:
    """One distribution, whatever it has come to."""

    payouts: Payouts
    terms: DistributionTerms
    id: int
    excluded: Sequence[str] = ()
    rows: list[HolderRow] = field(default_factory=list)

    @property
    def contract(self) -> Contract:
        return self.payouts.ground.distributions

    @property
    def ground(self) -> Ground:
        return self.payouts.ground

    # --- acts ---

    def past_record(self) -> None:
        """Jumps behind the record date."""
        share_class = Contract("ShareClass", "0x" + self.terms.share_class.hex())
        time = share_class.read("recordTimes")[self.terms.epoch - 1]
        if node.now() <= time:
            node.jump_to(time + 1)

    def payable(self) -> None:
        """Jumps to the first second of the payment date, if it is ahead."""
        if clock(self.ground) < self.terms.payable_from:
            clock_to(self.ground, self.terms.payable_from)

    def overdue(self) -> None:
        """Jumps behind the expiry."""
        clock_to(self.ground, self.now().expiresAt + 1)

    def fix(self, *accounts: str) -> list[Event]:
        """With these accounts, or else with all that held and share in it."""
        self.past_record()
        named = list(accounts) or self.payouts.holders(self.terms, self.excluded)
        events = self.contract.act("fix", self.id, named, by=self.ground.stranger)
        told = next(event.values for event in events if event.name == "DistributionFixed")
        self.rows = [HolderRow.unpack(row) for row in told["holders"]]
        return events

    def page(self, leaf: int, leaves: int | None = None) -> list[int]:
        """Rows as they are brought along."""
        end = None if leaves is None else (leaf + leaves) * LEAF
        return [row.pack() for row in self.rows[leaf * LEAF : end]]

    def pay(self, leaf: int = 0, leaves: int | None = None) -> list[Event]:
        return self.contract.act("pay", self.id, leaf, self.page(leaf, leaves), by=self.ground.stranger)

    def claim(self, party: int, by: str | None = None) -> list[Event]:
        leaf, row = divmod(self.position(party), LEAF)
        return self.contract.act("claim", self.id, leaf, self.page(leaf, 1), row, by=by or self.ground.stranger)

    def lapse(self, leaf: int = 0, leaves: int | None = None) -> list[Event]:
        return self.contract.act("lapse", self.id, leaf, self.page(leaf, leaves), by=self.ground.stranger)

    def close(self) -> list[Event]:
        return self.contract.act("close", self.id, by=self.ground.stranger)

    def remit(self) -> list[Event]:
        return self.contract.act("remit", self.id, by=self.ground.stranger)

    def cancel(self, by: str | None = None) -> list[Event]:
        return self.contract.act("cancel", header(), self.id, by=by or self.payouts.admin)

    def choose(self, party: int, chosen: bool = True) -> list[Event]:
        return self.contract.act("chooseScrip", self.id, chosen, by=wallet_of(party))

    def choose_for(self, party: int, chosen: bool = True) -> list[Event]:
        return self.contract.act("chooseScripFor", header(), self.id, party, chosen, by=self.ground.platform)

    # --- reads ---

    def position(self, party: int) -> int:
        return [row.party for row in self.rows].index(party)  # type: ignore[arg-type]

    def now(self) -> SimpleNamespace:
        """The distribution as it is kept, by the names of the contract."""
        return named("Distributions", "distribution", self.contract.read("distribution", self.id))

    def settlement(self, party: int) -> int:
        found: int = self.contract.read("settlementOf", self.id, self.position(party))
        return found

    def settlements(self) -> list[int]:
        return read_all(*((self.contract, "settlementOf", self.id, row) for row in range(len(self.rows))))

    # --- the same in Python ---

    def gross(self, party: int) -> int:
        """[fen] By the fixed register alone."""
        d, row = self.now(), self.rows[self.position(party)]
        if self.terms.rate and not d.isShort:
            return part(row.shares, self.terms.rate, UNIT * 10**d.decimals)
        return part(row.shares, d.declared, d.entitled)

    def balanced(self) -> None:
        """declared = paid + withheld + unclaimed + parked + carried, the last less than there are holders."""
        d, states = self.now(), self.settlements()
        by_state = dict.fromkeys((NONE, PAID, PARKED, LAPSED), 0)
        for row, state in zip(self.rows, states, strict=True):
            by_state[state] += self.gross(row.party)
        assert d.paid + d.withheld == by_state[PAID]
        assert (d.parked, d.lapsed) == (by_state[PARKED], by_state[LAPSED])
        carried = d.declared - d.paid - d.withheld - d.parked - d.lapsed - by_state[NONE]
        assert 0 <= carried < len(self.rows)
        assert d.handled == sum(r.shares for r, s in zip(self.rows, states, strict=True) if s != NONE)


@dataclass(slots=True)
class Payouts:
    """The company's officer with money, and one tax schedule."""

    ground: Ground
    admin: str
    parties: list[int]

    @property
    def contract(self) -> Contract:
        return self.ground.distributions

    def announce(self, share_class: Contract | None = None, time: int | None = None) -> int:
        """A record date, usually the end of today; the one that stands, if it is that. Its number."""
        share_class, time = share_class or self.ground.common, time or node.last_second_of(node.today())
        standing = share_class.read("recordTimes")
        if time in standing:
            return int(standing.index(time)) + 1
        events = share_class.act("setRecordDate", header(), time, by=self.ground.registrar)
        epoch: int = event(events, "RecordDateSet")["epoch"]
        return epoch

    def terms(self, share_class: Contract | None = None, **changes: Any) -> DistributionTerms:
        """10 000 yuan shared out among the common shares, payable two days from now for 30 days."""
        share_class = share_class or self.ground.common
        epoch = changes.pop("epoch", None) or self.announce(share_class)
        payable_from = clock(self.ground) + 2 * DAY
        usual = DistributionTerms(
            raw(share_class.address), epoch, 1, raw(self.admin), 1_000_000, 0, 5_000_000, payable_from, 0
        )
        stated = replace(usual, **changes)
        return replace(stated, expires_at=changes.get("expires_at", stated.payable_from + 30 * DAY))

    def declare(
        self, share_class: Contract | None = None, excluded: Sequence[str] = (), by: str | None = None, **changes: Any
    ) -> Dividend:
        terms = self.terms(share_class, **changes)
        return self.declare_as(terms, excluded, by)

    def declare_as(self, terms: DistributionTerms, excluded: Sequence[str] = (), by: str | None = None) -> Dividend:
        events = self.contract.act("declare", header(), plain(terms), list(excluded), by=by or self.admin)
        told = next(event.values for event in events if event.name == "DistributionDeclared")
        return Dividend(self, terms, told["id"], excluded)

    def fixed(self, *arguments: Any, **changes: Any) -> Dividend:
        """Declared, and its register fixed; not payable yet."""
        dividend = self.declare(*arguments, **changes)
        dividend.fix()
        return dividend

    def ripe(self, *arguments: Any, **changes: Any) -> Dividend:
        """Declared, fixed, and payable."""
        dividend = self.fixed(*arguments, **changes)
        dividend.payable()
        return dividend

    def prefer(self, share_class: Contract, rank: int, per_year: int, from_day: int) -> list[Event]:
        arguments = (share_class.address, rank, per_year, from_day)
        return self.ground.preferences.act("setPreference", header(), *arguments, by=self.admin)

    def relieve(self, party: int, bps: int, until_day: int) -> list[Event]:
        return self.ground.registry.act("stateTaxRelief", header(), party, bps, until_day, by=self.ground.platform)

    def holders(self, terms: DistributionTerms, excluded: Sequence[str] = ()) -> list[str]:
        """All accounts that held something at the record date, as the contract wants them."""
        share_class = Contract("ShareClass", "0x" + terms.share_class.hex())
        words = [self.ground.word(party) for party in sorted(self.parties)]
        asked = [wallet_of(w.id, n) for w in words for n in range(w.wallet_count)]
        asked += [self.ground.book(w.id) for w in words]
        balances = read_all(*((share_class, "balanceAt", account, terms.epoch) for account in asked))
        left_out = {account.lower() for account in excluded}
        held = [a for a, balance in zip(asked, balances, strict=True) if balance and a not in left_out]
        return sorted(held, key=lambda account: _order(self.ground, share_class, account))

    def owed(self) -> int:
        """[fen] What the contract must have, from what it says of each distribution."""
        held = 0
        for number in range(1, self.contract.read("distributionCount") + 1):
            d = named("Distributions", "distribution", self.contract.read("distribution", number))
            if d.state in (DECLARED, FIXED):
                held += d.declared - d.paid - d.remitted - d.lapsed
            elif d.state == CLOSED:
                held += d.parked + d.withheld - d.remitted
        return held

    def covered(self) -> None:
        """The contract has exactly what it owes."""
        assert money(self.ground, self.contract.address) == self.owed()


def _order(ground: Ground, share_class: Contract, account: str) -> tuple[int, int]:
    h = ground.holding(share_class, account)
    return h.party, h.account


def named(contract: str, function: str, answer: Sequence[Any]) -> SimpleNamespace:
    """A struct that a function answers, by the names of its fields."""
    entry = next(e for e in abi_of(contract) if e.get("name") == function and e["type"] == "function")
    names = [component["name"] for component in entry["outputs"][0]["components"]]
    return SimpleNamespace(**dict(zip(names, answer, strict=True)))


def payments(events: Sequence[Event]) -> list[Payment]:
    """What the pages told."""
    told = [event.values["payments"] for event in events if event.name == "EntitlementsHandled"]
    return [Payment.unpack(payment) for page in told for payment in page]


def event(events: Sequence[Event], name: str) -> dict[str, Any]:
    """The values of the only event of this name."""
    (found,) = [event.values for event in events if event.name == name]
    return found


def equip_payouts(ground: Ground) -> Payouts:
    """The company's wallet is its ADMIN and has money; schedule 1; the tax office is a party."""
    ground.onboard(person(OFFICE, category=INSTITUTION, kind=2))
    ground.bind(OFFICE)
    admin = wallet_of(ISSUER)
    ground.company.act("offerAdmin", header(), admin, by=ground.issuer)
    ground.company.act("acceptAdmin", by=admin)
    mint(ground, (admin, CHEST), (ground.book(ISSUER), CHEST))
    ground.token.act("approve", ground.distributions.address, 2**256 - 1, by=admin)
    ground.schedules.act("createSchedule", header(), wallet_of(OFFICE), RULES, by=ground.platform)
    return Payouts(ground, admin, list(PEOPLE))


def refused_at(field_number: int) -> Any:
    """The terms of a distribution are refused for this field, counted from 1."""
    return raises("DistributionMalformed", field_number)
