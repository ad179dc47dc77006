"""What the mirror answers about money: frozen records, each about a stated block. Money in fen."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Timestamp
from registry.domain.raise_words import RegionWord
from registry.mirror.views import Stand

# --- money ---


@dataclass(frozen=True, slots=True)
class AccountName:
    """Whose an address is: a party's account, a raise's contract, that of dividends, or nobody's that is known."""

    address: Address
    party: PartyId | None = None
    account: AccountNumber | None = None
    offering: int | None = None
    is_escrow: bool = False
    is_dividends: bool = False


@dataclass(frozen=True, slots=True)
class MoneyAccount:
    """One account of the settlement token. `last_move` 0: none."""

    account: Address
    balance: int
    is_frozen: bool
    last_move: int


@dataclass(frozen=True, slots=True)
class MoneyMove:
    """Money that moved. `giver` None: minted, `taker` None: burned, both under the bank's reference `ref`.

    `operation` and `document`: the bank's act; None for what no agent did.
    """

    id: int
    block: int
    time: Timestamp
    tx: Hash32
    giver: AccountName | None
    taker: AccountName | None
    amount: int
    ref: Hash32 | None
    operation: Hash32 | None
    document: Hash32 | None


@dataclass(frozen=True, slots=True)
class MoneyStatus:
    """All money there is."""

    stand: Stand
    supply: int
    is_stopped: bool
    accounts: int


@dataclass(frozen=True, slots=True)
class PartyMoney:
    """The money of a party over all its accounts, its book account last."""

    stand: Stand
    party: PartyId
    accounts: tuple[MoneyAccount, ...]

    @property
    def balance(self) -> int:
        return sum(account.balance for account in self.accounts)

    @property
    def frozen(self) -> int:
        """What stands in accounts that are frozen by order."""
        return sum(account.balance for account in self.accounts if account.is_frozen)


# --- regions and limits ---


@dataclass(frozen=True, slots=True)
class RegionView:
    """A region's scheme and halts, and its clock at the block's time."""

    region: int
    word: RegionWord
    now: Timestamp

    @property
    def clock(self) -> int:
        return self.word.clock_at(self.now)

    def unix(self, clock: int) -> int:
        """When the region's clock shows this [unix s], as far as is known: halts that are still to come delay it."""
        waited = self.now - self.word.halted_since if self.word.halted_since else 0
        return clock + self.word.halted_for + waited


@dataclass(frozen=True, slots=True)
class AnnualUse:
    """What a party uses of its annual limit: live subscriptions here, and elsewhere as stated until a day."""

    party: PartyId
    year: int
    own: int
    outside: int
    until_day: Day
    limit: int
    is_limited: bool

    @property
    def left(self) -> int | None:
        """None: no limit binds this party."""
        return max(0, self.limit - self.own - self.outside) if self.is_limited and self.limit else None
