"""What contracts around raises store: addresses of the deployment, settlement money, one record for each raise.

Escrows and the attestation board have records of their own (`escrow`, `board`). Money is in fen, times of terms and
subscriptions are on the clock of the company's region [s].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.raise_args import OfferingTerms
from registry.domain.raise_words import Cash, Subscription, Totals

WHOLE = 10_000
"""All of something in basis points."""

NO_CASH = Cash()


class OfferingPhase(IntEnum):
    """The life of a raise."""

    DRAFT = 1
    OPEN = 2
    CLOSING = 3
    SETTLED = 4
    FAILED = 5


class Method(IntEnum):
    """What happens to more demand than the maximum: whoever passes it is refused, or each gets its part."""

    FIRST_COME = 1
    PRO_RATA = 2


class SubscriptionStatus(IntEnum):
    """`NONE` again after a withdrawal: whoever withdrew may subscribe anew."""

    NONE = 0
    PAID = 1
    PARKED = 2
    ALLOTTED = 3
    REFUNDED = 4


@dataclass(frozen=True, slots=True)
class Raising:
    """The contracts of a deployment that raises stand on."""

    token: Address
    regions: Address
    board: Address
    offering_factory: Address


@dataclass(slots=True)
class MoneyState:
    """The settlement token."""

    accounts: dict[Address, Cash] = field(default_factory=dict)
    references: set[Hash32] = field(default_factory=set)
    """The bank's references that were used."""
    used: set[tuple[Address, Hash32]] = field(default_factory=set)
    """Authorisations (ERC-3009) that were used or cancelled: signer and nonce."""
    minted: int = 0
    burned: int = 0
    is_stopped: bool = False
    allowances: dict[tuple[Address, Address], int] = field(default_factory=dict, compare=False)
    """Spending an allowance leaves no event (ERC-20), so a replay knows only what was approved."""

    @property
    def supply(self) -> int:
        return self.minted - self.burned

    def cash(self, account: Address) -> Cash:
        return self.accounts.get(account, NO_CASH)

    def balance(self, account: Address) -> int:
        return self.accounts.get(account, NO_CASH).balance

    def add(self, account: Address, amount: int) -> None:
        """Money comes; whoever ever got some is known for ever."""
        before = self.cash(account)
        self.accounts[account] = Cash(before.balance + amount, True, before.is_frozen)

    def take(self, account: Address, amount: int) -> None:
        """Money goes; the caller knows that it is there."""
        if amount:
            before = self.cash(account)
            self.accounts[account] = Cash(before.balance - amount, before.is_known, before.is_frozen)

    def freeze(self, account: Address, frozen: bool) -> None:
        before = self.cash(account)
        self.accounts[account] = Cash(before.balance, before.is_known, frozen)

    def copy(self) -> MoneyState:
        return MoneyState(
            dict(self.accounts),
            set(self.references),
            set(self.used),
            self.minted,
            self.burned,
            self.is_stopped,
            dict(self.allowances),
        )


@dataclass(slots=True)
class OfferingState:
    """One raise."""

    address: Address
    escrow: Address
    number: int
    terms: OfferingTerms
    totals: Totals = Totals()
    subscriptions: dict[PartyId, Subscription] = field(default_factory=dict)
    """Live and past ones; whoever withdrew has none."""
    cut: int = 0
    """Smallest key that gets a share more (`cut.key_of`); 0 where nothing had to be cut."""
    asked: int = 0
    """What was asked for in all, where it had to be cut."""
    act_count: int = 0
    """Acts of this raise on its class."""

    @property
    def phase(self) -> int:
        return self.totals.phase

    @property
    def most_shares(self) -> int:
        """[shares × 10^decimals] that it keeps free while it is open."""
        return self.terms.maximum // self.terms.price

    @property
    def fee(self) -> int:
        """What the platform gets of what is raised, rounded down."""
        return self.totals.raised * self.terms.fee_bps // WHOLE

    @property
    def held(self) -> int:
        """Money that the raise itself still has: all that is live, after the settlement what parked ones get back."""
        settled = self.totals.raised if self.totals.phase == OfferingPhase.SETTLED else 0
        return self.totals.live - settled

    def copy(self) -> OfferingState:
        return OfferingState(
            self.address,
            self.escrow,
            self.number,
            self.terms,
            self.totals,
            dict(self.subscriptions),
            self.cut,
            self.asked,
            self.act_count,
        )
