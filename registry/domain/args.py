"""What the contracts' functions are called with (contracts/types/Act.sol): the same names, the same units."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import PartyWord

ZERO_HASH = Hash32(bytes(32))
ZERO_ADDRESS = Address(bytes(20))


@dataclass(frozen=True, slots=True)
class ActHeader:
    """Heads every act of an agent: carried out once, resting on a document, with a legal effective date."""

    operation: Hash32
    effective_on: Day
    document: Hash32


@dataclass(frozen=True, slots=True)
class Consideration:
    """What was given: 0 none stated, 1 cash, 2 services, 3 intellectual property, 4 conversion.

    `currency` is ISO 4217 numeric; `price` is for one whole share in 10^-10 of the currency unit.
    """

    kind: int = 0
    currency: int = 0
    price: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an act. `ref` is the certificate number: UTF-8 padded with zeros, or its hash if it is longer."""

    account: Address
    shares: Shares
    lock_day: Day = Day(0)
    ref: Hash32 = ZERO_HASH


@dataclass(frozen=True, slots=True)
class ClassTerms:
    """Terms of a new class; bit n of `categories` admits category n, bit 0 is never set."""

    name: str
    symbol: str
    authorised: Shares
    decimals: int
    categories: int


@dataclass(frozen=True, slots=True)
class CompanyTerms:
    """Terms of a new company; form 1 is limited by shares, 2 a limited-liability company."""

    name: str
    form: int
    region: int
    cap: int
    predecessor: Address = ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """Roles of an account, as a mask."""

    account: Address
    roles: int


@dataclass(frozen=True, slots=True)
class Provider:
    """A KYC provider's range of party ids, until a day that is included."""

    first_id: PartyId
    last_id: PartyId
    until_day: Day


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A party with its first wallet, which signed the binding (64-byte form of EIP-2098)."""

    word: PartyWord
    dossier: Hash32
    wallet: Address
    r: Hash32 = ZERO_HASH
    vs: Hash32 = ZERO_HASH
