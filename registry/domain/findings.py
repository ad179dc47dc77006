"""What a replay notes on its way: findings, the lines of the register, and where it stands in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from registry.domain.events import ActRecorded, At, Transfer
from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares, Timestamp

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
    """Companies that a holder entered in this transaction."""
    last_of: dict[Address, At] = field(default_factory=dict)
    """The last event of each contract."""
    last_of_party: dict[PartyId, At] = field(default_factory=dict)
    """The last event about each party's standing."""
    events: int = 0
    entries: int = 0
    movements: list[Movement] | None = None
    """All lines, if they are to be kept."""
