"""What statements are made from: plain frozen records that whoever has the figures fills in.

Money is whole fen (1 CNY = 100 fen), shares are whole units of 10^-decimals, hashes are 32 bytes, addresses 20. Days
are civil days of the register. Nothing here reads a clock: what a document says is what these records say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from registry.domain.ids import Address, Hash32, PartyId, Shares

Lang = Literal["en", "zh"]


class Place(StrEnum):
    """Where money went: to a wallet, or to the book account of a holder without one."""

    WALLET = "wallet"
    BOOK = "book"


class Why(StrEnum):
    """Why money is parked. No expiry runs meanwhile."""

    KYC_LAPSED = "kyc_lapsed"
    FROZEN = "frozen"


class Exclusion(StrEnum):
    """Why an account takes no part."""

    TREASURY = "treasury"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures stand: one contract, as of one block. `time` [unix s] is the block's."""

    chain_id: int
    contract: Address
    block: int
    block_hash: Hash32
    time: int


@dataclass(frozen=True, slots=True)
class Company:
    """`number` on the register; the legal name as of today."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds. `id_number` is the document's number as the directory has it, "" where it has none or may not tell."""

    party: PartyId
    name: str
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class PerShare:
    """A stated rate [10^-10 CNY for a whole share]. Gross = floor(shares × rate)."""

    rate: int


@dataclass(frozen=True, slots=True)
class ShareOfTotal:
    """A total [fen] shared out by shares over `entitled`, all shares that take part. Gross = floor(total × part)."""

    total: int
    entitled: Shares


Measure = PerShare | ShareOfTotal


@dataclass(frozen=True, slots=True)
class Distribution:
    """The terms. `number` on the chain, `declared` [fen] after the record date's table was fixed, `expires` the last
    day on which it can be claimed. `decimals` are the class's."""

    number: int
    company: Company
    share_class: str
    decimals: int
    resolution: Hash32
    profit: int
    declared: int
    measure: Measure
    record_date: date
    payable_from: date
    expires: date
    schedule: int


@dataclass(frozen=True, slots=True)
class Relief:
    """A tax authority's certificate for one party, by its hash, in force through `until`."""

    certificate: Hash32
    until: date


@dataclass(frozen=True, slots=True)
class Tax:
    """What was applied when it was paid: rate [basis points], and the standing it rests on. `residence` is ISO 3166-1
    numeric, 0 where none is stated."""

    rate: int
    category: int
    residence: int
    relief: Relief | None = None


@dataclass(frozen=True, slots=True)
class Scrip:
    """Shares taken instead of money: their price [fen for a whole share], how many, what they cost [fen]."""

    price: int
    shares: Shares
    cost: int


@dataclass(frozen=True, slots=True)
class Paid:
    """Handled: `net` [fen] came in money, less what scrip cost; `withheld` [fen] went to the tax account."""

    on: date
    place: Place
    account: Address
    tax: Tax
    withheld: int
    net: int
    tx: Hash32
    scrip: Scrip | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """Kept apart until its holder is in order again; tax is settled when it is paid."""

    why: Why


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Neither paid nor claimed yet."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Not claimed in time, gone to the account that the terms name."""

    on: date


Fate = Paid | Parked | Unclaimed | Lapsed


@dataclass(frozen=True, slots=True)
class Part:
    """One holder's part of one distribution: shares at the record date, gross [fen], and what became of it."""

    shares: Shares
    gross: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class Payment:
    """A part together with the distribution that it is of."""

    distribution: Distribution
    part: Part


@dataclass(frozen=True, slots=True)
class HolderStatement:
    """A holder's dividends and taxes of a calendar year: what was paid in it, and what was still open at the block."""

    holder: Holder
    year: int
    payments: tuple[Payment, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Line:
    """A holder in a distribution's report."""

    holder: Holder
    part: Part


@dataclass(frozen=True, slots=True)
class Excluded:
    """An account whose shares took no part, and why."""

    holder: Holder
    account: Address
    shares: Shares
    why: Exclusion


@dataclass(frozen=True, slots=True)
class DistributionReport:
    """A company's report about one distribution whose table is fixed. `carried` [fen] is what roundings leave."""

    distribution: Distribution
    lines: tuple[Line, ...]
    carried: int
    source: Source
    excluded: tuple[Excluded, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxEntry:
    """One payment to one holder from which tax was withheld, at whatever rate, zero included."""

    holder: Holder
    payment: Payment


@dataclass(frozen=True, slots=True)
class TaxList:
    """What a company tells the tax authority: all that it paid from `first` through `last`."""

    company: Company
    first: date
    last: date
    entries: tuple[TaxEntry, ...]
    source: Source


Statement = HolderStatement | DistributionReport | TaxList


@dataclass(frozen=True, slots=True)
class Rendered:
    """Both files of a statement. `missing` are characters that no shipped face can draw: in the PDF their code stands
    in their place, and it says so; in the CSV they are as they are."""

    name: str
    pdf: bytes
    csv: bytes
    missing: tuple[str, ...]
