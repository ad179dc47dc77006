"""The contracts' packed words as frozen records: the same fields, the same bits (contracts/types/*.sol)."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import BOOK, MAX_SHARES, AccountNumber, Day, PartyId, Shares

LEGAL_PERSON = 2
CATEGORY_INSTITUTION = 4
CATEGORY_TREASURY = 5


def _bits(word: int, at: int, width: int) -> int:
    return (word >> at) & ((1 << width) - 1)


def _pack(*fields: tuple[int, int, int]) -> int:
    word = 0
    for value, at, width in fields:
        if not 0 <= value < 1 << width:
            raise OverflowError(f"{value} does not fit {width} bits at bit {at}")
        word |= value << at
    return word


@dataclass(frozen=True, slots=True)
class PartyWord:
    """Everything the rules ask about a party."""

    id: PartyId
    kyc_day: Day = Day(0)
    qualification_day: Day = Day(0)
    category: int = 0
    kind: int = 0
    country: int = 0
    tax_residence: int = 0
    risk_grade: int = 0
    flags: int = 0
    closed_wallets: int = 0
    wallet_count: int = 0
    weight: int = 1

    @property
    def is_frozen(self) -> bool:
        return bool(self.flags & 1)

    @property
    def uses_outside(self) -> bool:
        """Use of the annual limit elsewhere has been stated."""
        return bool(self.flags & 2)

    @property
    def has_relief(self) -> bool:
        """A tax relief has been stated."""
        return bool(self.flags & 4)

    @property
    def is_limited(self) -> bool:
        """The annual limit binds individuals: natural persons, and vehicles, which stand for them."""
        return self.kind != LEGAL_PERSON and self.category not in (CATEGORY_INSTITUTION, CATEGORY_TREASURY)

    def is_closed(self, number: AccountNumber) -> bool:
        return bool(self.closed_wallets >> number & 1)

    def pack(self) -> int:
        return _pack(
            (self.id, 0, 32),
            (self.kyc_day, 32, 24),
            (self.qualification_day, 56, 24),
            (self.category, 80, 8),
            (self.kind, 88, 8),
            (self.country, 96, 16),
            (self.tax_residence, 112, 16),
            (self.risk_grade, 128, 8),
            (self.flags, 136, 16),
            (self.closed_wallets, 152, 8),
            (self.wallet_count, 160, 8),
            (self.weight, 168, 16),
        )

    @classmethod
    def unpack(cls, word: int) -> PartyWord:
        return cls(
            PartyId(_bits(word, 0, 32)),
            Day(_bits(word, 32, 24)),
            Day(_bits(word, 56, 24)),
            _bits(word, 80, 8),
            _bits(word, 88, 8),
            _bits(word, 96, 16),
            _bits(word, 112, 16),
            _bits(word, 128, 8),
            _bits(word, 136, 16),
            _bits(word, 152, 8),
            _bits(word, 160, 8),
            _bits(word, 168, 16),
        )


@dataclass(frozen=True, slots=True)
class Holding:
    """One account's holding in one class."""

    party: PartyId = PartyId(0)
    account: AccountNumber = AccountNumber(0)
    balance: Shares = Shares(0)
    encumbered: Shares = Shares(0)
    lock_day: Day = Day(0)
    saved_epoch: int = 0
    first_epoch: int = 0
    weight: int = 0

    @property
    def is_book(self) -> bool:
        return self.account == BOOK

    def pack(self) -> int:
        return _pack(
            (self.party, 0, 32),
            (self.account, 32, 8),
            (self.balance, 40, 64),
            (self.encumbered, 104, 64),
            (self.lock_day, 168, 24),
            (self.saved_epoch, 192, 16),
            (self.first_epoch, 208, 16),
            (self.weight, 224, 16),
        )

    @classmethod
    def unpack(cls, word: int) -> Holding:
        # Written out, since a replay does this twice for every line of the register.
        return cls(
            PartyId(word & 0xFFFFFFFF),
            AccountNumber(word >> 32 & 0xFF),
            Shares(word >> 40 & MAX_SHARES),
            Shares(word >> 104 & MAX_SHARES),
            Day(word >> 168 & 0xFFFFFF),
            word >> 192 & 0xFFFF,
            word >> 208 & 0xFFFF,
            word >> 224 & 0xFFFF,
        )


@dataclass(frozen=True, slots=True)
class ClassWord:
    """The state of one share class."""

    issued: Shares = Shares(0)
    authorised: Shares = Shares(0)
    stops: int = 0
    decimals: int = 0
    categories: int = 0
    epoch: int = 0
    queued: int = 0
    index: int = 0
    record_time: int = 0
    is_reserving: bool = False
    supply_epoch: int = 0
    """Last record date for which `issued` is fixed."""

    def pack(self) -> int:
        return _pack(
            (self.issued, 0, 64),
            (self.authorised, 64, 64),
            (self.stops, 128, 8),
            (self.decimals, 136, 8),
            (self.categories, 144, 16),
            (self.epoch, 160, 16),
            (self.queued, 176, 8),
            (self.index, 184, 8),
            (self.record_time, 192, 40),
            (int(self.is_reserving), 232, 1),
            (self.supply_epoch, 233, 16),
        )

    @classmethod
    def unpack(cls, word: int) -> ClassWord:
        return cls(
            Shares(_bits(word, 0, 64)),
            Shares(_bits(word, 64, 64)),
            _bits(word, 128, 8),
            _bits(word, 136, 8),
            _bits(word, 144, 16),
            _bits(word, 160, 16),
            _bits(word, 176, 8),
            _bits(word, 184, 8),
            _bits(word, 192, 40),
            bool(_bits(word, 232, 1)),
            _bits(word, 233, 16),
        )


@dataclass(frozen=True, slots=True)
class Charter:
    """The state of one company."""

    form: int = 0
    phase: int = 0
    region: int = 0
    cap: int = 0
    seats: int = 0
    pending: int = 0
    class_count: int = 0
    stops: int = 0

    def pack(self) -> int:
        return _pack(
            (self.form, 0, 8),
            (self.phase, 8, 8),
            (self.region, 16, 16),
            (self.cap, 32, 16),
            (self.seats, 48, 32),
            (self.pending, 80, 32),
            (self.class_count, 112, 8),
            (self.stops, 120, 8),
        )

    @classmethod
    def unpack(cls, word: int) -> Charter:
        return cls(
            _bits(word, 0, 8),
            _bits(word, 8, 8),
            _bits(word, 16, 16),
            _bits(word, 32, 16),
            _bits(word, 48, 32),
            _bits(word, 80, 32),
            _bits(word, 112, 8),
            _bits(word, 120, 8),
        )
