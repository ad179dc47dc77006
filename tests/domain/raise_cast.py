"""Who and what the machine of raises works with: of the pure domain here, of a chain in tests/contracts.

Parties 1 to 5 invest, 3 and 5 without a wallet; 6 is the issuer, the founder and the payer of puts, 7 the platform;
8 to 10 verify, 11 is nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from registry.domain import commands as do
from registry.domain.args import CompanyTerms
from registry.domain.commands import Command, CreateCompany
from registry.domain.days import day_of, year_of
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Day, Hash32, PartyId, Timestamp
from registry.domain.raise_args import BankLine
from registry.domain.register import RegisterState
from tests.domain import world as w
from tests.domain.escrow_world import ARBITER, BANK, DAY, RAISING, REGION, Raised, appoint, key_of

INVESTORS = tuple(PartyId(p) for p in range(1, 6))
ISSUER, PLATFORMS, UNKNOWN = PartyId(6), PartyId(7), PartyId(11)
VERIFIERS = (PartyId(8), PartyId(9), PartyId(10))
WITH_WALLET = (1, 2, 4, ISSUER)
PRICE = 1_009
"""[fen] Of a share; no round number, so that nothing comes out even."""
CEILING, LIMIT, PURSE = 25 * PRICE, 20 * PRICE, 30 * PRICE
"""[fen] What one raise may bring, what one person may invest in a year, what everybody begins with."""
AUTHORISED, FOUNDERS = 90, 10
"""[shares] And how many of them the issuer holds."""
YEAR_IN = 88 * DAY
"""From the first day to the end of its civil year."""


class World(Protocol):
    """A register that is written by commands, and beside it one that follows from the events alone."""

    time: Timestamp
    """[unix s] When the next command is carried out."""
    state: RegisterState
    replay: RegisterState
    log: list[RegistryEvent]

    @property
    def today(self) -> Day: ...

    @property
    def clock(self) -> int:
        """[s] Of the region."""

    def run(self, command: Command, actor: Address) -> tuple[RegistryEvent, ...]:
        """Raises `Refusal`."""

    def balance(self, share_class: Address, account: Address) -> int: ...


@dataclass(frozen=True, slots=True)
class Cast:
    """Addresses, by what they are for."""

    company: Address
    share_class: Address
    other_class: Address
    heir: Address
    """A company that names this one as its predecessor."""
    platform: Address
    regulator: Address
    bank: Address
    admin: Address
    agent: Address
    stopper: Address
    kyc: Address
    arbiter: Address
    stranger: Address
    region: int
    tag: bytes
    start: int
    """[unix s] First second of the day on which everything begins."""
    wallet: Callable[[int], Address]
    """Of a party."""
    key: Callable[[int], Address]
    """Of verifiers, by number; `VERIFIERS` begin with the first three."""
    offerings: tuple[Address, Address]
    """Where the factory's first two raises will be."""
    escrows: tuple[Address, Address]

    @property
    def day(self) -> Day:
        return day_of(self.start)

    @property
    def year(self) -> int:
        return year_of(self.day)

    @property
    def accounts(self) -> list[Address]:
        """What is drawn from; the first five are the investors' own."""
        return [self.account(p) for p in (*INVESTORS, UNKNOWN)] + [self.book(1), self.book(2)]

    @property
    def known(self) -> list[Address]:
        """All that anybody here may hold something in."""
        return [*self.accounts, self.wallet(ISSUER), self.book(ISSUER), self.book(PLATFORMS), self.book(4)]

    def book(self, party: int) -> Address:
        return Address(self.tag + party.to_bytes(4, "big"))

    def account(self, party: int) -> Address:
        """What an investor mostly pays from."""
        return self.book(party) if party in (3, 5) else self.wallet(party)


def person(day: Day, party: int, weight: int = 1, risk_grade: int = 2) -> w.PartyWord:
    """Party 4 is a legal person and has no annual limit."""
    kind = 2 if party == 4 else 1
    return replace(w.word(party, day + 200, day + 150), kind=kind, risk_grade=risk_grade, weight=weight)


def reference(number: int) -> Hash32:
    """A bank's."""
    return Hash32((b"BANK-%d" % number).ljust(32, b"\0"))


PURE = Cast(
    w.COMPANY,
    w.ORDINARY,
    w.PREFERRED,
    w.address("heir"),
    w.PLATFORM,
    w.REGULATOR,
    BANK,
    w.ADMIN,
    w.AGENT,
    w.STOPPER,
    w.KYC,
    ARBITER,
    w.STRANGER,
    REGION,
    w.TAG,
    w.START,
    wallet=lambda party: w.wallet(party, 0),
    key=lambda number: key_of(VERIFIERS[number]) if number < 3 else w.address(f"key {number}"),
    offerings=(w.address("offering"), w.address("offering 2")),
    escrows=(w.address("escrow"), w.address("escrow 2")),
)


def founded(cap: int) -> Raised:
    """An open company, its people with money, a panel of three, an annual limit."""
    states = [RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING) for _ in range(2)]
    world = Raised(state=states[0], replay=states[1])
    w.opened(cap, AUTHORISED, world)
    heir = CompanyTerms("Heir", 1, REGION, cap, predecessor=PURE.company)
    world.run(CreateCompany(w.header(), heir, (), (), PURE.heir, ()), w.PLATFORM)
    for holder, roles in ((BANK, 8), (RAISING.offering_factory, 16)):
        world.run(do.SetRoles(w.header(), holder, roles), w.GOVERNOR)
    world.run(do.SetScheme(w.header(), REGION, 1, CEILING, 0), w.REGULATOR)
    world.run(do.SetAnnualLimit(w.header(), LIMIT), w.REGULATOR)
    w.onboard(world, *(person(PURE.day, p) for p in range(1, 11)))
    for party in WITH_WALLET:
        w.bind(world, party, 0)
    w.issue(world, PURE.wallet(ISSUER), FOUNDERS)
    lines = [BankLine(PURE.account(p), PURSE, reference(p)) for p in (*INVESTORS, ISSUER)]
    world.run(do.Mint(w.header(), tuple(lines)), BANK)
    for verifier in VERIFIERS:
        appoint(world, verifier)
    return world
