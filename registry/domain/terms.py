"""What an act states, as the contracts take it (contracts/types/Act.sol): headers, lines, terms and grants."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import PartyWord

ZERO_ADDRESS = Address(bytes(20))
ZERO_HASH = Hash32(bytes(32))


@dataclass(frozen=True, slots=True)
class ActHeader:
    """Heads every act of an agent: carried out once, on a date, on the ground of a document."""

    operation: Hash32
    effective_on: Day
    document: Hash32


@dataclass(frozen=True, slots=True)
class Consideration:
    """What was given for shares; price in 10^-10 of the currency unit for one whole share."""

    kind: int = 0
    currency: int = 0
    price: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an act. `ref`: certificate number, UTF-8 padded with zeros up to 31 bytes, else its keccak256."""

    account: Address
    shares: Shares
    lock_day: Day = Day(0)
    ref: Hash32 = ZERO_HASH


@dataclass(frozen=True, slots=True)
class ClassTerms:
    """Terms of a new class; bit n of `categories` admits category n, bit 0 must be clear."""

    name: str
    symbol: str
    authorised: Shares
    decimals: int = 0
    categories: int = 0


@dataclass(frozen=True, slots=True)
class CompanyTerms:
    """Terms of a new company: form 1 limited by shares, 2 limited liability."""

    name: str
    form: int
    region: int
    cap: int
    predecessor: Address = ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """Roles that an account holds from the company's birth."""

    account: Address
    roles: int


@dataclass(frozen=True, slots=True)
class ProviderTerms:
    """A KYC provider's range of party ids, `until_day` included."""

    first_id: PartyId
    last_id: PartyId
    until_day: Day


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A party with its first wallet, which signed the binding (EIP-2098: r, vs)."""

    word: PartyWord
    dossier: Hash32
    wallet: Address
    r: Hash32
    vs: Hash32
