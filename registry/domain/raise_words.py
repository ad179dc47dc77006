"""The packed words of a raise as frozen records: the same fields, the same bits (contracts/types/*.sol)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from registry.domain.ids import AccountNumber, Address, Day, PartyId, Shares


class Packed:
    """A record whose fields stand in a word, each at its bit with its width."""

    LAYOUT: ClassVar[tuple[tuple[str, int, int], ...]]

    def pack(self) -> int:
        word = 0
        for name, at, width in self.LAYOUT:
            value = getattr(self, name)
            number = int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)
            if not 0 <= number < 1 << width:
                raise OverflowError(f"{name} {value!r} does not fit {width} bits")
            word |= number << at
        return word

    @classmethod
    def unpack(cls, word: int) -> Self:
        return cls(**{name: _read(name, word >> at & ((1 << width) - 1), width) for name, at, width in cls.LAYOUT})


_ADDRESS_BITS = 160
_BOOLS = {"is_known", "is_frozen", "is_ratcheted", "is_share", "is_extended", "silence_upholds"}


def _read(name: str, number: int, width: int) -> object:
    if width == _ADDRESS_BITS:
        return Address(number.to_bytes(20, "big"))
    return bool(number) if name in _BOOLS else number


@dataclass(frozen=True, slots=True)
class Cash(Packed):
    """One account of the settlement token [fen]."""

    balance: int = 0
    is_known: bool = False
    is_frozen: bool = False

    LAYOUT: ClassVar = (("balance", 0, 64), ("is_known", 64, 1), ("is_frozen", 65, 1))


@dataclass(frozen=True, slots=True)
class RegionWord(Packed):
    """What the regulator set for a region: ceilings [fen], version of the scheme, halts [s]."""

    raise_ceiling: int = 0
    investor_ceiling: int = 0
    version: int = 0
    halted_for: int = 0
    halted_since: int = 0

    LAYOUT: ClassVar = (
        ("raise_ceiling", 0, 64),
        ("investor_ceiling", 64, 64),
        ("version", 128, 16),
        ("halted_for", 144, 40),
        ("halted_since", 184, 40),
    )

    @property
    def is_halted(self) -> bool:
        return self.halted_since != 0

    def clock_at(self, time: int) -> int:
        """The region's clock [s]: block time less all halts; it stands still during a halt."""
        return (self.halted_since or time) - self.halted_for

    def halted_from(self, time: int) -> RegionWord:
        """A halt that begins."""
        return replace(self, halted_since=time)

    def resumed_at(self, time: int) -> RegionWord:
        """A halt that ends; its length joins the others."""
        return replace(self, halted_since=0, halted_for=self.halted_for + time - self.halted_since)


@dataclass(frozen=True, slots=True)
class Subscription(Packed):
    """One party's subscription: money in fen; `status` 0 none, 1 paid, 2 parked, 3 allotted, 4 refunded."""

    amount: int = 0
    redeemed: int = 0
    cancelled: Shares = Shares(0)
    status: int = 0
    is_ratcheted: bool = False
    year: int = 0
    account: AccountNumber = AccountNumber(0)
    paid_at: int = 0
    """`year` is the civil year less 2000; `paid_at` the region's clock."""

    LAYOUT: ClassVar = (
        ("amount", 0, 64),
        ("redeemed", 64, 64),
        ("cancelled", 128, 64),
        ("status", 192, 7),
        ("is_ratcheted", 199, 1),
        ("year", 200, 8),
        ("account", 208, 8),
        ("paid_at", 216, 40),
    )


@dataclass(frozen=True, slots=True)
class Totals(Packed):
    """The money of one raise [fen], its phase, its subscribers."""

    money_in: int = 0
    refunded: int = 0
    raised: int = 0
    phase: int = 0
    subscribers: int = 0
    handled: int = 0
    parked: int = 0

    LAYOUT: ClassVar = (
        ("money_in", 0, 64),
        ("refunded", 64, 64),
        ("raised", 128, 64),
        ("phase", 192, 8),
        ("subscribers", 200, 16),
        ("handled", 216, 16),
        ("parked", 232, 16),
    )

    @property
    def live(self) -> int:
        """Paid in and not paid back [fen]."""
        return self.money_in - self.refunded


@dataclass(frozen=True, slots=True)
class Tranche(Packed):
    """One tranche; `state` 0 scheduled, 1 waiting, 2 released, 3 voting, 4 missed; times on the region's clock."""

    value: int = 0
    is_share: bool = False
    kind: int = 0
    quorum: int = 0
    deadline: int = 0
    on_miss: int = 0
    extension: int = 0
    state: int = 0
    is_extended: bool = False
    epoch: int = 0
    vote_ends: int = 0

    LAYOUT: ClassVar = (
        ("value", 0, 64),
        ("is_share", 64, 1),
        ("kind", 72, 8),
        ("quorum", 80, 8),
        ("deadline", 88, 40),
        ("on_miss", 128, 8),
        ("extension", 136, 32),
        ("state", 168, 8),
        ("is_extended", 176, 1),
        ("epoch", 184, 16),
        ("vote_ends", 200, 40),
    )


@dataclass(frozen=True, slots=True)
class Purse(Packed):
    """The money of one escrow [fen]; held is what is left."""

    proceeds: int = 0
    released: int = 0
    redeemable: int = 0
    redeemed: int = 0

    LAYOUT: ClassVar = (
        ("proceeds", 0, 64),
        ("released", 64, 64),
        ("redeemable", 128, 64),
        ("redeemed", 192, 64),
    )

    @property
    def held(self) -> int:
        return self.proceeds - self.released - self.redeemed


@dataclass(frozen=True, slots=True)
class Verifier(Packed):
    """One verifier of a panel, in force on both days and between."""

    key: Address = Address(bytes(20))
    party: PartyId = PartyId(0)
    from_day: Day = Day(0)
    until_day: Day = Day(0)

    LAYOUT: ClassVar = (("key", 0, 160), ("party", 160, 32), ("from_day", 192, 24), ("until_day", 216, 24))


@dataclass(frozen=True, slots=True)
class Case(Packed):
    """One milestone before the board; votes are bits by member; `phase` 1 collecting, 2 quorate, 3 challenged, 4 upheld
    or 5 closed; times on the region's clock."""

    kind: int = 0
    quorum: int = 0
    round: int = 0
    yes: int = 0
    no: int = 0
    out: int = 0
    phase: int = 0
    region: int = 0
    deadline: int = 0
    window_ends: int = 0
    window: int = 0
    arbitration: int = 0
    silence_upholds: bool = False

    LAYOUT: ClassVar = (
        ("kind", 0, 8),
        ("quorum", 8, 8),
        ("round", 16, 16),
        ("yes", 32, 16),
        ("no", 48, 16),
        ("out", 64, 16),
        ("phase", 80, 8),
        ("region", 88, 16),
        ("deadline", 104, 40),
        ("window_ends", 144, 40),
        ("window", 184, 32),
        ("arbitration", 216, 32),
        ("silence_upholds", 248, 1),
    )
