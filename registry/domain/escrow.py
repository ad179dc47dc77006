"""The milestone escrow of a raise: its records, and the pure arithmetic of tranches and of a put's interest.

The words are in `raise_words`. Money in fen, shares in [shares × 10^decimals], times on the region's clock [s].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from registry.domain.args import ZERO_ADDRESS
from registry.domain.board import CasePhase
from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.domain.raise_args import EscrowTerms, RatchetTerms
from registry.domain.raise_words import Case, Purse, Tranche
from registry.domain.raising import WHOLE

MAX_TRANCHES = 16
MAX_RECORD_DATES = 65_535
DAY_SECONDS = 86_400
YEAR_IN_BPS_DAYS = 365 * WHOLE


class TrancheState(IntEnum):
    """Where a tranche stands."""

    SCHEDULED = 0
    WAITING = 1
    RELEASED = 2
    VOTING = 3
    MISSED = 4


class Miss(IntEnum):
    """What a missed deadline means."""

    REDEEM = 1
    EXTEND = 2
    PUT = 3


class RatchetSource(IntEnum):
    """Where a ratchet's shares come from."""

    NONE = 0
    NEW_SHARES = 1
    FOUNDER = 2


class Fell(IntEnum):
    """How the ratchet's milestone was reached."""

    IN_BETWEEN = 0
    EARLY = 1
    LATE = 2


@dataclass(frozen=True, slots=True)
class Put:
    """A put that was exercised: the payer's debt [fen] for these shares."""

    shares: Shares
    debt: int
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """Subscribers' shares for an extension, and how many the raise allotted."""

    yes: Shares
    allotted: Shares


NO_TERMS = EscrowTerms(ZERO_ADDRESS, ZERO_ADDRESS, 0, 0, False, 0, 0, 0)


@dataclass(slots=True)
class EscrowState:
    """One escrow. What is spent of `reserved` are new shares kept free for the ratchet."""

    address: Address
    offering: Address
    company: Address
    share_class: Address
    region: int
    terms: EscrowTerms = NO_TERMS
    ratchet: RatchetTerms = field(default_factory=RatchetTerms)
    tranches: list[Tranche] = field(default_factory=list)
    criteria: list[tuple[Hash32, str]] = field(default_factory=list)
    """Of each tranche: hash of the criterion's text, the same for machines."""
    purse: Purse = field(default_factory=Purse)
    is_put_open: bool = False
    claims_end: int = 0
    """[s] Last second for puts; 0 until the last tranche is decided, and where nothing was missed."""
    lapsed: int = 0
    """[fen] What of the purse's redeemed went where the terms say."""
    fell: int = 0
    reserved: int = 0
    act_count: int = 0
    """How many acts it sent to its class, by which their ids are told apart."""
    puts: dict[PartyId, Put] = field(default_factory=dict)
    votes: dict[int, Vote] = field(default_factory=dict)
    voted: set[tuple[int, PartyId]] = field(default_factory=set)

    def is_owing(self, lots: int, clock: int) -> bool:
        """It holds more than roundings leave, less than a fen a lot, or subscribers may still put their shares, or new
        shares of the ratchet are still to come."""
        is_put_live = self.is_put_open and (self.claims_end == 0 or clock <= self.claims_end)
        return is_put_live or self.purse.held >= lots or self.reserved >= lots

    def copy(self) -> EscrowState:
        return EscrowState(
            self.address,
            self.offering,
            self.company,
            self.share_class,
            self.region,
            self.terms,
            self.ratchet,
            list(self.tranches),
            list(self.criteria),
            self.purse,
            self.is_put_open,
            self.claims_end,
            self.lapsed,
            self.fell,
            self.reserved,
            self.act_count,
            dict(self.puts),
            dict(self.votes),
            set(self.voted),
        )


def first_case(e: EscrowState, tranche: Tranche) -> Case:
    """A tranche's milestone as it comes before the board."""
    t = e.terms
    return Case(
        tranche.kind,
        tranche.quorum,
        round=1,
        phase=CasePhase.COLLECTING,
        region=e.region,
        deadline=tranche.deadline,
        window=t.window,
        arbitration=t.arbitration,
        silence_upholds=t.silence_upholds,
    )


def amounts(tranches: Sequence[Tranche], proceeds: int) -> list[int]:
    """[fen] Fixed amounts first; what they leave by basis points, rounded down, the last such tranche takes the rest.

    The terms of a raise are checked so that they sum to the proceeds.
    """
    rest = proceeds - sum(t.value for t in tranches if not t.is_share)
    last = max((i for i, t in enumerate(tranches) if t.is_share), default=None)
    given, result = 0, []
    for i, t in enumerate(tranches):
        amount = t.value
        if t.is_share:
            amount = rest - given if i == last else rest * t.value // WHOLE
            given += amount
        result.append(amount)
    return result


def begins_claims(tranches: Sequence[Tranche]) -> bool:
    """Every tranche is released or missed, and one was missed. A tranche may be worth nothing, so sums do not tell."""
    states = {tranche.state for tranche in tranches}
    return TrancheState.MISSED in states and states <= {TrancheState.RELEASED, TrancheState.MISSED}


def interest(principal: int, rate_bps: int, seconds: int) -> int:
    """[fen] Simple, ACT/365, whole days of 24 hours on the region's clock, rounded down."""
    return principal * rate_bps * (seconds // DAY_SECONDS) // YEAR_IN_BPS_DAYS


def is_closed_to_dates(record_times: Sequence[int], time: int) -> bool:
    """A record date of the class that has not passed leaves no place for one before it: nobody can be asked."""
    return len(record_times) == MAX_RECORD_DATES or (bool(record_times) and record_times[-1] >= time)


def challenge_threshold(challenge_bps: int, issued: int, allotted: int) -> int:
    """[shares × 10^decimals] A part of what the raise allotted, or of what is issued if that is less, rounded up."""
    return -(-min(issued, allotted) * challenge_bps // WHOLE)


def consents(vote: Vote, consent_bps: int) -> bool:
    """As many shares as the terms ask for."""
    return vote.yes * WHOLE >= vote.allotted * consent_bps


def ratchet_reserve(ratchet: RatchetTerms, maximum: int) -> int:
    """[shares × 10^decimals] New shares that the ratchet may need at most."""
    if ratchet.source == RatchetSource.NONE:
        return 0
    late = ratchet.late_bps if ratchet.source == RatchetSource.NEW_SHARES else 0
    return maximum * max(ratchet.early_bps, late) // WHOLE


def ratchet_fell(ratchet: RatchetTerms, reached: int) -> Fell:
    """Early or late or in between, by when the quorum stood."""
    if ratchet.early_bps and reached <= ratchet.early_by:
        return Fell.EARLY
    if ratchet.late_bps and reached > ratchet.late_after:
        return Fell.LATE
    return Fell.IN_BETWEEN


def ratchet_need(ratchet: RatchetTerms, fell: Fell, allotted: int) -> int:
    """[shares × 10^decimals] New shares that are needed now that it is known."""
    if fell == Fell.EARLY:
        return allotted * ratchet.early_bps // WHOLE
    if fell == Fell.LATE and ratchet.source == RatchetSource.NEW_SHARES:
        return allotted * ratchet.late_bps // WHOLE
    return 0
