"""What acts of dividends are given, and the rows and lines that their events carry. Money in fen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from registry.domain.args import ZERO_ADDRESS
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.raise_words import Packed

LEAF = 8
"""Rows of a fixed register that are hashed together."""
RATE_UNIT = 10**8
"""A rate is in 10^-10 CNY for a whole share, so many to a fen."""


class Settlement(IntEnum):
    """What happened to a holder's part of a distribution."""

    NONE = 0
    PAID = 1
    PARKED = 2
    LAPSED = 3


class DistributionPhase(IntEnum):
    """`DistributionState` of the contracts."""

    NONE = 0
    DECLARED = 1
    FIXED = 2
    CANCELLED = 3
    CLOSED = 4


@dataclass(frozen=True, slots=True)
class TaxRule:
    """What is withheld from a category (0: everybody else) with a tax residence (ISO 3166-1 numeric, 0: every other)
    [basis points]."""

    category: int
    residence: int
    bps: int


@dataclass(frozen=True, slots=True)
class DistributionTerms:
    """`rate` in 10^-10 CNY for a whole share, 0: `total` is shared out. Times on the region's clock.

    `remainder_account` zero: the account that funded it. `scrip_price` for a whole share, 0: no choice."""

    share_class: Address
    epoch: int
    schedule: int
    funded_by: Address
    total: int
    rate: int
    profit: int
    payable_from: int
    expires_at: int
    remainder_account: Address = ZERO_ADDRESS
    scrip_price: int = 0


@dataclass(frozen=True, slots=True)
class HolderRow(Packed):
    """One holder of record at a record date: `shares` of all its accounts together, and the account that is paid."""

    party: PartyId
    shares: Shares
    account: Address

    LAYOUT: ClassVar = (("party", 0, 32), ("shares", 32, 64), ("account", 96, 160))


@dataclass(frozen=True, slots=True)
class Payment(Packed):
    """What happened to one holder's part in a page; `settlement`: see `Settlement`."""

    party: PartyId
    gross: int
    tax: int
    settlement: int

    LAYOUT: ClassVar = (("party", 0, 32), ("gross", 32, 64), ("tax", 96, 64), ("settlement", 160, 8))

    @property
    def net(self) -> int:
        return self.gross - self.tax
