"""The state of the register: parties, companies, classes, holdings and seats, as the contracts store them.

Only records and look-ups are here. What changes them: `state.apply` from events, `commands` as the contracts do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.domain.args import ZERO_ADDRESS, Provider
from registry.domain.board import BoardState
from registry.domain.escrow import EscrowState
from registry.domain.event import At
from registry.domain.findings import Finding, Trail
from registry.domain.ids import BOOK, NOBODY, AccountNumber, Address, Day, Hash32, PartyId, Shares
from registry.domain.payouts import Paying, PayoutState
from registry.domain.raise_words import RegionWord
from registry.domain.raising import MoneyState, OfferingState, Raising
from registry.domain.words import Charter, ClassWord, Holding, PartyWord

Account = tuple[PartyId, AccountNumber]
"""An account of the register: the party and the number of its wallet or book account."""

NO_PARTY = PartyWord(NOBODY, weight=0)
"""The word of an unknown party."""

NO_REGION = RegionWord()
"""A region without a scheme, never halted."""

UNKNOWN: Account = (NOBODY, AccountNumber(0))


@dataclass(slots=True)
class Seat:
    """What a party occupies in a company: accounts that hold something, subscriptions that wait, the weight counted."""

    accounts: int = 0
    is_fixed: bool = False
    weight: int = 0
    subscriptions: int = 0

    @property
    def is_taken(self) -> bool:
        return bool(self.accounts or self.subscriptions)

    def pack(self) -> int:
        return self.accounts | self.subscriptions << 9 | (0x8000 if self.is_fixed else 0) | self.weight << 16

    @classmethod
    def unpack(cls, word: int) -> Seat:
        return cls(word & 0x1FF, bool(word & 0x8000), word >> 16, word >> 9 & 0x3F)

    def weighing(self, weight: int) -> int:
        """The weight that the company fixed, else the one given."""
        return self.weight if self.is_fixed else weight

    def copy(self) -> Seat:
        return Seat(self.accounts, self.is_fixed, self.weight, self.subscriptions)


@dataclass(slots=True)
class ClassState:
    """One share class."""

    address: Address
    company: Address
    index: int
    name: str
    symbol: str
    authorised: int
    decimals: int
    categories: int
    stops: int
    issued: int = 0
    epoch: int = 0
    queued: int = 0
    record_time: int = 0
    reserved: int = 0
    """Authorised shares that are kept free for raises."""
    supply_epoch: int = 0
    """Last record date for which what was issued is fixed."""
    record_times: list[int] = field(default_factory=list)
    holdings: dict[Account, Holding] = field(default_factory=dict)
    saved: dict[Account, dict[int, int]] = field(default_factory=dict)
    saved_supply: dict[int, int] = field(default_factory=dict)
    """Issued at a record date."""
    allowances: dict[tuple[Address, Address], int] = field(default_factory=dict, compare=False)
    """Spending an allowance leaves no event (ERC-20), so a replay knows only what was approved."""
    last_entry: dict[Account, At] = field(default_factory=dict, compare=False)
    """Where the last entry of an account stands; kept by a replay."""

    @property
    def word(self) -> ClassWord:
        return ClassWord(
            Shares(self.issued),
            Shares(self.authorised),
            self.stops,
            self.decimals,
            self.categories,
            self.epoch,
            self.queued,
            self.index,
            self.record_time,
            self.reserved != 0,
            self.supply_epoch,
        )

    @property
    def room(self) -> int:
        """[shares × 10^decimals] That can still be issued by anybody but a raise."""
        return self.authorised - self.issued - self.reserved

    def copy(self) -> ClassState:
        return ClassState(
            self.address,
            self.company,
            self.index,
            self.name,
            self.symbol,
            self.authorised,
            self.decimals,
            self.categories,
            self.stops,
            self.issued,
            self.epoch,
            self.queued,
            self.record_time,
            self.reserved,
            self.supply_epoch,
            list(self.record_times),
            dict(self.holdings),
            {account: dict(saved) for account, saved in self.saved.items()},
            dict(self.saved_supply),
            dict(self.allowances),
            dict(self.last_entry),
        )


@dataclass(slots=True)
class CompanyState:
    """One company."""

    address: Address
    number: int
    name: str
    form: int
    region: int
    cap: int
    predecessor: Address
    phase: int = 1
    seats_taken: int = 0
    pending: int = 0
    stops: int = 0
    classes: list[Address] = field(default_factory=list)
    roles: dict[Address, int] = field(default_factory=dict)
    seats: dict[PartyId, Seat] = field(default_factory=dict)
    successor: Address = ZERO_ADDRESS
    offered_admin: Address = ZERO_ADDRESS
    offering_admin: Address = ZERO_ADDRESS

    @property
    def charter(self) -> Charter:
        return Charter(
            self.form,
            self.phase,
            self.region,
            self.cap,
            self.seats_taken,
            self.pending,
            len(self.classes),
            self.stops,
        )

    @property
    def is_within_cap(self) -> bool:
        return self.seats_taken + self.pending <= self.cap

    def seat_of(self, party: PartyId) -> Seat:
        """A copy: to be read only."""
        seat = self.seats.get(party)
        return seat.copy() if seat else Seat()

    def copy(self) -> CompanyState:
        return CompanyState(
            self.address,
            self.number,
            self.name,
            self.form,
            self.region,
            self.cap,
            self.predecessor,
            self.phase,
            self.seats_taken,
            self.pending,
            self.stops,
            list(self.classes),
            dict(self.roles),
            {party: seat.copy() for party, seat in self.seats.items()},
            self.successor,
            self.offered_admin,
            self.offering_admin,
        )


@dataclass(slots=True)
class RegisterState:
    """All that one deployment knows: one identity registry, one factory, and what they made.

    `book_tag` is the first 16 bytes of every book account (`IdentityRegistry.bookTag`).
    """

    registry: Address
    factory: Address
    book_tag: bytes
    utc_offset: int
    raising: Raising | None = None
    """Without it nothing is raised: whatever tells of a raise comes from a stranger."""
    paying: Paying | None = None
    """Without it no dividend is paid."""
    parties: dict[PartyId, PartyWord] = field(default_factory=dict)
    wallets: dict[Address, Account] = field(default_factory=dict)
    addresses: dict[Account, Address] = field(default_factory=dict)
    roles: dict[Address, int] = field(default_factory=dict)
    providers: dict[Address, Provider] = field(default_factory=dict)
    offered_governor: Address = ZERO_ADDRESS
    offering_governor: Address = ZERO_ADDRESS
    companies: dict[Address, CompanyState] = field(default_factory=dict)
    classes: dict[Address, ClassState] = field(default_factory=dict)
    done: dict[Address, set[Hash32]] = field(default_factory=dict)
    annual_limit: int = 0
    """Most that an individual may invest in a civil year [fen]; 0 none."""
    annual_use: dict[tuple[PartyId, int], int] = field(default_factory=dict)
    """By party and civil year [fen]: its live subscriptions of the year."""
    outside_use: dict[tuple[PartyId, int], tuple[int, Day]] = field(default_factory=dict)
    """By party and civil year: what was stated of elsewhere [fen], and until when it counts."""
    enrolled: set[Address] = field(default_factory=set)
    money: MoneyState = field(default_factory=MoneyState)
    regions: dict[int, RegionWord] = field(default_factory=dict)
    offerings: dict[Address, OfferingState] = field(default_factory=dict)
    escrows: dict[Address, EscrowState] = field(default_factory=dict)
    board: BoardState = field(default_factory=BoardState)
    payouts: PayoutState = field(default_factory=PayoutState)
    findings: list[Finding] = field(default_factory=list, compare=False)
    trail: Trail = field(default_factory=Trail, compare=False)

    def __post_init__(self) -> None:
        if self.raising is not None:
            self.board.address = self.raising.board

    def book_account(self, party: PartyId) -> Address:
        return Address(self.book_tag + party.to_bytes(4, "big"))

    def is_book(self, address: Address) -> bool:
        return address[:16] == self.book_tag

    def account_of(self, address: Address) -> Account:
        """The account behind an address; `UNKNOWN` for a stranger."""
        account = self.wallets.get(address)
        if account is not None:
            return account
        if self.is_book(address):
            party = PartyId(int.from_bytes(address[16:], "big"))
            if party in self.parties:
                return party, BOOK
        return UNKNOWN

    def is_registered(self, address: Address) -> bool:
        return self.account_of(address)[0] in self.parties

    def address_of(self, account: Account) -> Address:
        """The address of an account that is known."""
        return self.book_account(account[0]) if account[1] == BOOK else self.addresses[account]

    def destination_of(self, address: Address) -> Address:
        """Where what belongs to an account goes now: to itself, or to the book account once the wallet is closed."""
        account = self.wallets.get(address)
        if account is None or not self.parties[account[0]].is_closed(account[1]):
            return address
        return self.book_account(account[0])

    def may_act_for(self, actor: Address, address: Address) -> bool:
        """Is the actor an open wallet, or the account itself, of the party that the account belongs to?"""
        party, number = self.account_of(actor)
        word = self.parties.get(party)
        return word is not None and not word.is_closed(number) and self.account_of(address)[0] == party

    def clock(self, region: int, time: int) -> int:
        """A region's clock [s]: block time less all halts."""
        return self.regions.get(region, NO_REGION).clock_at(time)

    def use(self, party: PartyId, year: int, amount: int) -> None:
        """Adds to a party's use of its annual limit [fen]; takes away if the amount is negative."""
        left = self.annual_use.get((party, year), 0) + amount
        self.annual_use[party, year] = left
        if not left:
            del self.annual_use[party, year]

    def party_word(self, party: PartyId) -> PartyWord:
        return self.parties.get(party, NO_PARTY)

    def company_of(self, share_class: ClassState) -> CompanyState:
        return self.companies[share_class.company]

    def copy(self) -> RegisterState:
        """A state of its own with the same facts; findings and trail stay behind."""
        return RegisterState(
            self.registry,
            self.factory,
            self.book_tag,
            self.utc_offset,
            self.raising,
            self.paying,
            dict(self.parties),
            dict(self.wallets),
            dict(self.addresses),
            dict(self.roles),
            dict(self.providers),
            self.offered_governor,
            self.offering_governor,
            {address: company.copy() for address, company in self.companies.items()},
            {address: share_class.copy() for address, share_class in self.classes.items()},
            {address: set(done) for address, done in self.done.items()},
            self.annual_limit,
            dict(self.annual_use),
            dict(self.outside_use),
            set(self.enrolled),
            self.money.copy(),
            dict(self.regions),
            {address: offering.copy() for address, offering in self.offerings.items()},
            {address: escrow.copy() for address, escrow in self.escrows.items()},
            self.board.copy(),
            self.payouts.copy(),
        )
