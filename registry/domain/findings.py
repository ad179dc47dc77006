"""What a replay notes on its way: findings, the lines of the register, and where it stands in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from registry.domain.events import ActRecorded, At, Transfer
from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.raise_words import Case, Tranche

NOWHERE = At(-1, Timestamp(0), Hash32(bytes(32)), -1, Address(bytes(20)))


class Check(StrEnum):
    """What a finding is about. Those of `NOTICES` are lawful and worth an auditor's look; all others are faults."""

    EMITTER = "emitter_unknown"
    PARTY = "party_unknown"
    WALLET = "wallet_unknown"
    ONCE = "operation_twice"
    DATE = "effective_in_future"
    DOCUMENT = "document_missing"
    ACT = "act_missing"
    MOVEMENT = "movement_incomplete"
    ADDRESS = "address_differs"
    HOLDING = "holding_differs"
    NEGATIVE = "balance_negative"
    SUPPLY = "supply_differs"
    AUTHORISED = "authorised_exceeded"
    CLASS_WORD = "class_word_differs"
    SEAT = "seat_differs"
    CAP = "seats_above_cap"
    KNOWN = "known_already"
    ORDER = "order_differs"
    ALARM = "cap_alarm"
    MONEY = "money_differs"
    REFERENCE = "reference_twice"
    REGION = "region_differs"
    RESERVED = "reserved_differs"
    RAISE = "raise_differs"
    SUBSCRIPTION = "subscription_differs"
    ESCROW = "escrow_differs"
    CASE = "case_differs"
    PAYOUT = "dividend_differs"
    ENTITLEMENT = "entitlement_differs"
    BACKDATED = "negative_on_effective_date"


NOTICES = frozenset({Check.ALARM, Check.BACKDATED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noted, with the place in the chain where it was noted."""

    check: Check
    at: At
    message: str

    @property
    def is_fault(self) -> bool:
        return self.check not in NOTICES


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the register as a replay saw it: shares from one account to another; `None` is nobody."""

    share_class: Address
    giver: tuple[PartyId, AccountNumber] | None
    taker: tuple[PartyId, AccountNumber] | None
    shares: Shares
    effective_on: Day
    at: At


@dataclass(slots=True)
class Trail:
    """Where a replay stands: what of the current transaction is still open."""

    block: int = -1
    tx: bytes = b""
    last_at: At = NOWHERE
    acts: dict[Address, ActRecorded] = field(default_factory=dict)
    """The last act of each contract in this transaction."""
    moving: dict[Address, Transfer] = field(default_factory=dict)
    """Transfers that still wait for their resulting words."""
    grown: set[Address] = field(default_factory=set)
    """Companies that a holder or a subscriber entered in this transaction."""
    minting: Transfer | None = None
    """Money that came from nobody or went to nobody, and waits for the bank's reference."""
    payments: dict[tuple[Address, Address, int], int] = field(default_factory=dict)
    """Money that has to move from one account to another [fen], and how often."""
    promised: dict[tuple[Address, Address, int], int] = field(default_factory=dict)
    """Shares that a raise or an escrow said it would move: of or for which account, how many, and how often."""
    keeping: dict[Address, list[int]] = field(default_factory=dict)
    """By class: changes of its reserved shares that it has to tell of, in their order."""
    cases: dict[tuple[Address, int], Case] = field(default_factory=dict)
    """By escrow and milestone: cases that the board has to tell of."""
    tranches: dict[tuple[Address, int], Tranche] = field(default_factory=dict)
    """Tranches that an escrow has to tell of."""
    closing: dict[tuple[Address, int], bool] = field(default_factory=dict)
    """Milestones whose case was closed, as reached or as overdue, and of which something has to come."""
    fell: dict[Address, int] = field(default_factory=dict)
    """Ratchets that fell early or late, of which their escrow has to tell."""
    claims: dict[Address, int] = field(default_factory=dict)
    """Escrows that have to tell until when claims can be made [s, region clock]."""
    lapsing: dict[Address, int] = field(default_factory=dict)
    """By escrow: money of lots that lapsed, of which it has to tell [fen]."""
    freed: dict[Address, list[int]] = field(default_factory=dict)
    """By class: changes of its reserved shares of which a dividend has to tell."""
    delivered: dict[tuple[Address, Address, int], int] = field(default_factory=dict)
    """Lines of a class by dividends, of which they have to tell: class, account, shares, and how often."""
    scrip: dict[tuple[int, PartyId], int] = field(default_factory=dict)
    """By dividend and party: what shares cost that were delivered [fen], until the page tells of it."""
    counting: dict[Address, list[int]] = field(default_factory=dict)
    """By class: what it says was declared towards its arrears, of which a dividend has to tell."""
    last_of: dict[Address, At] = field(default_factory=dict)
    """The last event of each contract."""
    last_of_party: dict[PartyId, At] = field(default_factory=dict)
    """The last event about each party's standing."""
    last_of_money: dict[Address, At] = field(default_factory=dict)
    """The last movement of each account of the settlement token, or the order against it."""
    events: int = 0
    entries: int = 0
    movements: list[Movement] | None = None
    """All lines, if they are to be kept."""
