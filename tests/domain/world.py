"""A small register for tests of the domain: one deployment, named actors, a company with two classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from registry.domain.args import (
    ActHeader,
    ClassTerms,
    CompanyTerms,
    Consideration,
    Entry,
    Provider,
    RoleGrant,
)
from registry.domain.commands import (
    BindWallet,
    Command,
    CreateCompany,
    Issue,
    Onboard,
    Open,
    Outcome,
    SetRoles,
    TrustProvider,
    run,
)
from registry.domain.days import day_of, first_second
from registry.domain.events import At, RegistryEvent, RolesSet
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.register import RegisterState
from registry.domain.state import apply, settle
from registry.domain.words import PartyWord


def address(name: str) -> Address:
    """An address that can be read: letters behind zeros."""
    return Address(name.encode().rjust(20, b"\0"))


REGISTRY, FACTORY = address("registry"), address("factory")
GOVERNOR, REGULATOR, PLATFORM = address("governor"), address("regulator"), address("platform")
KYC, STRANGER = address("kyc"), address("stranger")
ADMIN, AGENT, MIGRATOR = address("admin"), address("agent"), address("migrator")
STOPPER, SECRETARY = address("stopper"), address("secretary")
COMPANY, ORDINARY, PREFERRED = address("company"), address("ordinary"), address("preferred")
TAG = b"book account tag"
START = first_second(Day(20_000))
CATEGORIES = 0b111110
LAST_PARTY = PartyId(1_000)

ids = count(1)


def header(day: int = 0, operation: int | None = None) -> ActHeader:
    """A header of its own each time."""
    number = next(ids) if operation is None else operation
    return ActHeader(Hash32(number.to_bytes(32, "big")), Day(day), Hash32(b"document".rjust(32, b"\1")))


def word(party: int, kyc_day: int = 30_000, qualification_day: int = 30_000, category: int = 3) -> PartyWord:
    return PartyWord(PartyId(party), Day(kyc_day), Day(qualification_day), category, kind=1)


def wallet(party: int, number: int) -> Address:
    return address(f"wallet {party}/{number}")


def entry(account: Address, shares: int, lock_day: int = 0) -> Entry:
    return Entry(account, Shares(shares), Day(lock_day), Hash32(b"CS-1".ljust(32, b"\0")))


@dataclass
class World:
    """A register that is written by commands, and beside it one that follows from the events alone."""

    time: Timestamp = START
    state: RegisterState = field(default_factory=lambda: RegisterState(REGISTRY, FACTORY, TAG, 28_800))
    replay: RegisterState = field(default_factory=lambda: RegisterState(REGISTRY, FACTORY, TAG, 28_800))
    block: int = 0
    log: list[RegistryEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        at = At(0, self.time, Hash32(bytes(32)), 0, REGISTRY)
        self.log.append(RolesSet(at, GOVERNOR, 1))
        apply(self.state, self.log[0])
        apply(self.replay, self.log[0])

    @property
    def today(self) -> Day:
        return day_of(self.time)

    def run(self, command: Command, actor: Address) -> tuple[RegistryEvent, ...]:
        """Carries out a command in a block of its own; raises `Refusal`."""
        self.block += 1
        outcome: Outcome = run(self.state, command, actor, self.time, block=self.block)
        self.state = outcome.state
        self.log.extend(outcome.events)
        for event in outcome.events:
            apply(self.replay, event)
        settle(self.replay)
        return outcome.events

    def book(self, party: int) -> Address:
        return self.state.book_account(PartyId(party))

    def balance(self, share_class: Address, account: Address) -> int:
        found = self.state.classes[share_class].holdings.get(self.state.account_of(account))
        return found.balance if found else 0


def deployed(world: World | None = None) -> World:
    """Roles given, one KYC provider trusted."""
    world = world or World()
    world.run(SetRoles(header(), REGULATOR, 2), GOVERNOR)
    world.run(SetRoles(header(), PLATFORM, 4), GOVERNOR)
    world.run(TrustProvider(header(), KYC, Provider(PartyId(1), LAST_PARTY, Day(30_000))), GOVERNOR)
    return world


def onboard(world: World, *words: PartyWord) -> None:
    dossiers = tuple(Hash32(w.id.to_bytes(32, "big")) for w in words)
    world.run(Onboard(header(), words, dossiers), KYC)


def bind(world: World, party: int, number: int) -> None:
    command = BindWallet(header(), PartyId(party), wallet(party, number), world.time + 60)
    world.run(command, KYC)


def migrating(cap: int = 200, authorised: int = 1_000, world: World | None = None) -> World:
    """A company with two classes that has not been opened yet."""
    world = deployed(world)
    terms = tuple(
        ClassTerms(name, name[:3].upper(), Shares(authorised), 0, CATEGORIES) for name in ("Ordinary", "Preferred")
    )
    roles = ((ADMIN, 1), (AGENT, 2), (MIGRATOR, 4), (STOPPER, 8), (SECRETARY, 16))
    grants = tuple(RoleGrant(account, mask) for account, mask in roles)
    command = CreateCompany(header(), CompanyTerms("Acme", 1, 44, cap), terms, grants, COMPANY, (ORDINARY, PREFERRED))
    world.run(command, PLATFORM)
    return world


def opened(cap: int = 200, authorised: int = 1_000, world: World | None = None) -> World:
    world = migrating(cap, authorised, world)
    world.run(Open(COMPANY, header()), ADMIN)
    return world


def issue(world: World, account: Address, shares: int, share_class: Address = ORDINARY, lock_day: int = 0) -> None:
    actor = MIGRATOR if world.state.companies[COMPANY].phase == 1 else AGENT
    world.run(Issue(share_class, header(), Consideration(), (entry(account, shares, lock_day),)), actor)
