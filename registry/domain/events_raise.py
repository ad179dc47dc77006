"""Events of raises: money, regions, subscriptions, lots. One frozen record each, as in `events`.

A record of terms has the fields of the contract's struct, flattened in its order. Money in fen.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.event import RegistryEvent
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares


@dataclass(frozen=True, slots=True)
class AnnualLimitSet(RegistryEvent):
    """Most that an individual may invest in a civil year [fen]; 0 none."""

    limit: int


@dataclass(frozen=True, slots=True)
class Enrolled(RegistryEvent):
    """A contract of a raise may use seats and limits from now on."""

    account: Address


@dataclass(frozen=True, slots=True)
class OutsideUseStated(RegistryEvent):
    """What a party invested elsewhere in a year [fen], counting until a day."""

    party: PartyId
    year: int
    amount: int
    until_day: Day


@dataclass(frozen=True, slots=True)
class SharesReserved(RegistryEvent):
    """Authorised shares kept free for raises, in all."""

    reserved: Shares


@dataclass(frozen=True, slots=True)
class AccountFrozen(RegistryEvent):
    """A money account was frozen by order, or released."""

    account: Address
    frozen: bool


@dataclass(frozen=True, slots=True)
class AuthorizationCanceled(RegistryEvent):
    """ERC-3009: an authorisation that will not be used."""

    authorizer: Address
    nonce: Hash32


@dataclass(frozen=True, slots=True)
class AuthorizationUsed(RegistryEvent):
    """ERC-3009: an authorisation was used."""

    authorizer: Address
    nonce: Hash32


@dataclass(frozen=True, slots=True)
class Burned(RegistryEvent):
    """Money went back to the bank."""

    account: Address
    amount: int
    ref: Hash32


@dataclass(frozen=True, slots=True)
class Minted(RegistryEvent):
    """A deposit at the bank became money on chain."""

    account: Address
    amount: int
    ref: Hash32


@dataclass(frozen=True, slots=True)
class MoneyStopped(RegistryEvent):
    """All money was stopped, or released."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class RegionHalted(RegistryEvent):
    """Every clock of a region stands still, or goes on."""

    region: int
    halted: bool


@dataclass(frozen=True, slots=True)
class SchemeSet(RegistryEvent):
    """Ceilings of a region, 0 for an investor none [fen]."""

    region: int
    version: int
    raise_ceiling: int
    investor_ceiling: int


@dataclass(frozen=True, slots=True)
class OfferingCreated(RegistryEvent):
    """A raise and its escrow, with the raise's terms."""

    offering: Address
    escrow: Address
    number: int
    company: Address
    share_class: Address
    fee_recipient: Address
    price: int
    minimum: int
    maximum: int
    investor_minimum: int
    investor_maximum: int
    opens_at: int
    closes_at: int
    cooling_off: int
    settle_within: int
    fee_bps: int
    region: int
    risk_grade: int
    method: int
    lock_day: Day
    memorandum: Hash32
    disclosure: Hash32


@dataclass(frozen=True, slots=True)
class AllotmentParked(RegistryEvent):
    """Frozen after subscribing: the shares wait."""

    party: PartyId


@dataclass(frozen=True, slots=True)
class CutVerified(RegistryEvent):
    """More was asked for than the maximum: who gets the last extra share."""

    last: PartyId
    raised: int


@dataclass(frozen=True, slots=True)
class LotRedeemed(RegistryEvent):
    """A part of a lot was paid back and its shares ended."""

    party: PartyId
    account: Address
    amount: int
    shares: Shares


@dataclass(frozen=True, slots=True)
class LotLapsed(RegistryEvent):
    """What was due to shares of a lot that its subscriber no longer holds will not be paid back to it [fen]."""

    party: PartyId
    amount: int
    shares: Shares


@dataclass(frozen=True, slots=True)
class LotRatcheted(RegistryEvent):
    """The ratchet's shares of a lot, and who gets them; nobody: they lapse."""

    party: PartyId
    account: Address
    shares: Shares


@dataclass(frozen=True, slots=True)
class OfferingPhaseChanged(RegistryEvent):
    """1 draft, 2 open, 3 closing, 4 settled, 5 failed."""

    phase: int


@dataclass(frozen=True, slots=True)
class RaiseSettled(RegistryEvent):
    """What was raised, the fee, and what went into the escrow [fen]."""

    raised: int
    fee: int
    proceeds: int


@dataclass(frozen=True, slots=True)
class Subscribed(RegistryEvent):
    """Money frozen for a subscription; `paid_at` on the region's clock."""

    party: PartyId
    account: Address
    amount: int
    paid_at: int
    disclosure: Hash32


@dataclass(frozen=True, slots=True)
class SubscriptionAllotted(RegistryEvent):
    """What was allotted, and what of the money went back [fen]."""

    party: PartyId
    account: Address
    amount: int
    shares: Shares
    refund: int


@dataclass(frozen=True, slots=True)
class SubscriptionRefunded(RegistryEvent):
    """The raise failed, the whole amount went back."""

    party: PartyId
    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class SubscriptionWithdrawn(RegistryEvent):
    """Withdrawn in the cooling-off period, the whole amount went back."""

    party: PartyId
    account: Address
    amount: int


RAISE_EVENTS: tuple[type[RegistryEvent], ...] = (
    AnnualLimitSet,
    Enrolled,
    OutsideUseStated,
    SharesReserved,
    AccountFrozen,
    AuthorizationCanceled,
    AuthorizationUsed,
    Burned,
    Minted,
    MoneyStopped,
    RegionHalted,
    SchemeSet,
    OfferingCreated,
    AllotmentParked,
    CutVerified,
    LotLapsed,
    LotRedeemed,
    LotRatcheted,
    OfferingPhaseChanged,
    RaiseSettled,
    Subscribed,
    SubscriptionAllotted,
    SubscriptionRefunded,
    SubscriptionWithdrawn,
)
