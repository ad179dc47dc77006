"""What the machine of the laws stands on: its people and company, how a step is taken, and what must hold after each.

The rules, which draw the steps, are in tests/contracts/test_laws.py.
"""

from __future__ import annotations

from typing import Any

from registry.domain.args import ActHeader, Entry
from registry.domain.commands import Command
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.register import UNKNOWN, RegisterState
from registry.domain.views import balance_on_record
from tests.contracts.support import node
from tests.contracts.support.calls import hexed, raw
from tests.contracts.support.contracts import Contract, read_all
from tests.contracts.support.ground import Ground, header, lay, line, person, wallet_of
from tests.contracts.support.history import history
from tests.contracts.support.shadow import Said, Twin

PARTIES = [PartyId(p) for p in (0x0A01, 0x0A02, 0x0A03, 0x0B11, 0x0B12)]
NOBODY = PartyId(0x0A06)
taken = {"steps": 0, "refusals": 0}
names: dict[str, int] = {}
"""How often each kind of command was sent."""


def foundation(cap: int, authorised: int) -> Ground:
    """A company whose register is being taken over, with a few holders."""
    ground = lay(cap)
    for share_class in (ground.common, ground.preferred):
        share_class.act("setAuthorised", header(), authorised, by=ground.migrator)
        share_class.act("admitCategories", header(), 0b11110, by=ground.migrator)
    words = [
        person(p, kyc_day=Day(node.TODAY + 6 + i % 3), qualification_day=Day(node.TODAY + 7), category=1 + i % 4)
        for i, p in enumerate(PARTIES)
    ]
    ground.onboard(*words)
    for i, party in enumerate(PARTIES):
        ground.bind(party, 0)
        if i % 2 == 0:
            ground.bind(party, 1)
    ground.issue(ground.common, line(ground.book(PARTIES[0]), 9), line(wallet_of(PARTIES[1]), 5))
    ground.issue(ground.preferred, line(ground.book(PARTIES[0]), 4))
    return ground


class Hands:
    """Takes steps on both sides and remembers the balances after each."""

    twin: Twin
    ground: Ground
    past: list[RegistryEvent]
    accounts: list[Address]
    used: list[ActHeader]
    kept: dict[Address, list[tuple[int, dict[Any, int]]]]

    def __init__(cls, ground: Ground) -> None:  # noqa: N805 (Brownie calls it with the class)
        cls.ground = ground
        cls.past = history(ground)

    def setup(self) -> None:
        node.jump_to(node.now() + 1)
        self.twin = Twin(self.ground, self.past)
        tag = self.twin.state.book_tag
        self.accounts = [
            account
            for party in [*PARTIES, NOBODY]
            for account in (Address(tag + party.to_bytes(4, "big")), raw(wallet_of(party)), raw(wallet_of(party, 1)))
        ]
        self.used = []
        self.kept = {c: [] for c in self.twin.classes}
        self.remember()

    # --- how a step is taken ---

    @property
    def state(self) -> RegisterState:
        return self.twin.state

    @property
    def regulator(self) -> Address:
        return raw(self.ground.regulator)

    @property
    def stranger(self) -> Address:
        return raw(self.ground.stranger)

    def take(self, command: Command, actor: Address) -> Said | None:
        refusal = self.twin.take(command, actor)
        taken["steps"] += 1
        taken["refusals"] += refusal is not None
        names[type(command).__name__] = names.get(type(command).__name__, 0) + 1
        if refusal is None:
            self.remember()
        return refusal

    def remember(self) -> None:
        for address in self.twin.classes:
            balances = {a: h.balance for a, h in self.state.classes[address].holdings.items()}
            self.kept[address].append((self.twin.time, balances))

    def head(self, day: int = 0) -> ActHeader:
        operation, effective_on, document = header(self.today + day)
        made = ActHeader(Hash32(operation), Day(effective_on), Hash32(document))
        self.used.append(made)
        return made

    @property
    def today(self) -> int:
        return (self.twin.time + node.UTC_OFFSET) // node.DAY

    def agent(self, strange: int = 0) -> Address:
        if strange:
            return self.stranger
        is_migrating = self.state.companies[self.twin.company].phase == 1
        return raw(self.ground.migrator if is_migrating else self.ground.registrar)

    def account(self, pick: int) -> Address:
        return self.accounts[pick % len(self.accounts)]

    def holder(self, c: Address, pick: int, book: bool = False) -> Address:
        """Mostly one who holds something; a book account where only those may act."""
        held = [a for a, h in sorted(self.state.classes[c].holdings.items()) if h.balance and (a[1] == 8 or not book)]
        if held and pick < 36:
            return self.state.address_of(held[pick % len(held)])
        return self.account(pick)

    def balance(self, c: Address, account: Address) -> int:
        found = self.state.classes[c].holdings.get(self.state.account_of(account))
        return found.balance if found else 0

    def entry(self, account: Address, count: int, lock: int = 0) -> Entry:
        lock_day = Day(self.today + lock) if lock else Day(0)
        return Entry(account, Shares(count), lock_day, Hash32(b"CS-1".ljust(32, b"\0")))

    def chain(self, c: Address) -> Contract:
        return self.twin.contract(c)

    # --- the laws ---

    def invariant_both_agree(self) -> None:
        """LAW-1 supply, LAW-2 seats, LAW-3 replay: chain, commands and events give the same words."""
        self.twin.compare(self.accounts, PARTIES)

    def invariant_seats(self) -> None:
        """LAW-2: seats are what one counts from the balances, from scratch."""
        company = self.state.companies[self.twin.company]
        counted = dict.fromkeys(PARTIES, 0)
        for c in self.twin.classes:
            for (party, _), h in self.state.classes[c].holdings.items():
                counted[party] += h.balance > 0
        assert all(company.seat_of(party).accounts == counted[party] for party in PARTIES)
        assert company.seats_taken == sum(company.seat_of(p).weight for p in PARTIES if counted[p])

    def invariant_record_dates(self) -> None:
        """LAW-5: what the chain says was held at the last record date is what it was then."""
        for c in self.twin.classes:
            times = self.state.classes[c].record_times
            passed = [epoch for epoch, time in enumerate(times, 1) if time < self.twin.time]
            some = self.accounts[:6]
            for epoch in passed[-1:] + passed[:1]:
                past = [balances for at, balances in self.kept[c] if at <= times[epoch - 1]]
                found = read_all(*((self.chain(c), "balanceAt", hexed(account), epoch) for account in some))
                for account, balance in zip(some, found, strict=True):
                    known = self.state.account_of(account)
                    held = past[-1].get(known, 0) if past and known != UNKNOWN else 0
                    assert balance == held
                    assert balance_on_record(self.state, c, account, epoch, self.twin.time) == held
