"""What the mirror answers: frozen records, each about a stated block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.words import PartyWord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AsOf:
    """Two times: what was known after `block` (None: the newest), and what was in force on `effective_on`."""

    block: int | None = None
    effective_on: Day | None = None

    def at(self, stand: Stand) -> AsOf:
        """The same question about that very block."""
        return replace(self, block=stand.block)


@dataclass(frozen=True, slots=True)
class Stand:
    """The block an answer is about: the last one with events of the register, or the newest."""

    block: int
    hash: Hash32
    time: Timestamp


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page in a stated order. `next_cursor` goes back in for the next one; None ends."""

    items: tuple[T, ...]
    next_cursor: str | None
    stand: Stand

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Status:
    """Where the mirror stands and whose it is."""

    head: Stand
    chain_id: int
    genesis_hash: Hash32
    registry: Address
    factory: Address
    utc_offset: int
    first_block: int
    companies: int
    entries: int
    rewinds: int


@dataclass(frozen=True, slots=True)
class Company:
    """A company's facts as of a block.

    `seats`: weights of all holders of record; `holders`: persons; `pending`: weights of subscribers without shares yet.
    """

    number: int
    address: Address
    name: str
    form: int
    region: int
    cap: int
    phase: int
    stops: int
    predecessor: Address | None
    successor: Address | None
    created_in: int
    seats: int
    holders: int
    pending: int = 0

    @property
    def seats_left(self) -> int:
        return max(0, self.cap - self.seats - self.pending)


@dataclass(frozen=True, slots=True)
class ShareClass:
    """A class as of a block. Amounts in [shares × 10^decimals]; `categories`: bit n admits category n.

    `reserved`: of the authorised shares, kept free for raises.
    """

    class_id: int
    company: int
    position: int
    address: Address
    name: str
    symbol: str
    decimals: int
    authorised: Shares
    issued: Shares
    stops: int
    categories: int
    reserved: Shares = Shares(0)


@dataclass(frozen=True, slots=True)
class CapRow:
    """What one holder of record holds in one class, over all accounts."""

    class_id: int
    party: PartyId
    shares: Shares


@dataclass(frozen=True, slots=True)
class CapTable:
    """The register of one company. Rows by class, then by shares (most first), then by party."""

    stand: Stand
    effective_on: Day | None
    company: Company
    classes: tuple[ShareClass, ...]
    rows: tuple[CapRow, ...]


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """One account's holding in one class; lock day 0 is none. `last_entry` 0: none."""

    company: int
    class_id: int
    party: PartyId
    account: AccountNumber
    shares: Shares
    lock_day: Day
    last_entry: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder of record of one company: the shares by class, and the weight counted for it."""

    party: PartyId
    shares: tuple[CapRow, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class SeatRow:
    """What a party occupies in a company: accounts with shares, the weight counted, subscriptions that wait."""

    party: PartyId
    accounts: int
    is_fixed: bool
    weight: int
    subscriptions: int = 0

    @property
    def is_pending(self) -> bool:
        """A seat that is kept for a subscriber who holds nothing yet."""
        return self.accounts == 0 and self.subscriptions != 0


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet bound to a party for ever."""

    party: PartyId
    number: AccountNumber
    address: Address
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Party:
    """A party as of a block."""

    id: PartyId
    word: PartyWord
    dossier: Hash32
    wallets: tuple[Wallet, ...]
    onboarded_in: int


@dataclass(frozen=True, slots=True)
class Consideration:
    """What was given; price in 10^-10 of the currency unit a share."""

    kind: int
    currency: int
    price: int


@dataclass(frozen=True, slots=True)
class Act:
    """An agent's act. `class_id` is None for acts of the company, `company` None for acts of the registry."""

    id: int
    block: int
    time: Timestamp
    tx: Hash32
    operation: Hash32
    actor: Address
    company: int | None
    class_id: int | None
    kind: int
    basis: int
    effective_on: Day
    document: Hash32
    consideration: Consideration | None
    ratio: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register, holder to holder; party 0 is nobody (issue, cancellation).

    `kind` and `basis` are the act's; of a holder's own transfer, which has no act, those of a transfer.
    `ref`: certificate number as the chain has it, None where none was stated.
    """

    id: int
    block: int
    time: Timestamp
    tx: Hash32
    company: int
    class_id: int
    giver: PartyId
    giver_account: AccountNumber
    taker: PartyId
    taker_account: AccountNumber
    shares: Shares
    effective_on: Day
    kind: int
    basis: int
    ref: Hash32 | None
    act: Act | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document that a company recorded; its hash is the act's."""

    id: int
    company: int
    kind: int
    uri: str
    hash: Hash32
    effective_on: Day
    block: int


@dataclass(frozen=True, slots=True)
class RoleRow:
    """All roles of an account, in a company or (company 0) in the registry."""

    company: int
    account: Address
    roles: int


@dataclass(frozen=True, slots=True)
class Provider:
    """A trusted KYC provider and its range of party ids."""

    address: Address
    first_id: PartyId
    last_id: PartyId
    until_day: Day


@dataclass(frozen=True, slots=True)
class RecordDate:
    """A record date of a class: the register after the last block not later than `time`."""

    class_id: int
    epoch: int
    time: Timestamp


@dataclass(frozen=True, slots=True)
class Alarm:
    """More seats taken than the cap allows."""

    id: int
    block: int
    company: int
    seats: int
    cap: int


@dataclass(frozen=True, slots=True)
class Rewind:
    """What a reorganisation undid."""

    id: int
    from_block: int
    from_hash: Hash32
    to_block: int
    to_hash: Hash32
    blocks: int
    entries: int
