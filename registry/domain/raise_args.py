"""What the contracts of a raise are called with (contracts/types/*.sol): the same names, the same units.

Money is in fen, times of terms are on the clock of the company's region [s].
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.args import ZERO_ADDRESS
from registry.domain.ids import Address, Day, Hash32, PartyId


@dataclass(frozen=True, slots=True)
class BankLine:
    """One deposit or withdrawal under the bank's own reference."""

    account: Address
    amount: int
    ref: Hash32


@dataclass(frozen=True, slots=True)
class OfferingTerms:
    """Terms of a raise; `price` is for one share × 10^-decimals, `method` 1 first come or 2 pro rata."""

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
class EscrowTerms:
    """Terms of the milestone escrow; seconds, basis points."""

    issuer_account: Address
    arbiter: Address
    window: int
    arbitration: int
    silence_upholds: bool
    challenge_bps: int
    consent_bps: int
    voting: int
    put_payer: Address = ZERO_ADDRESS
    is_payer_issuer: bool = False
    put_rate_bps: int = 0
    claims: int = 0
    lapse_account: Address = ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class TrancheTerms:
    """One tranche as scheduled: `value` in fen, or in basis points of what fixed amounts leave; `on_miss` 1 redemption,
    2 extension by consent, 3 put."""

    is_share: bool
    value: int
    kind: int
    quorum: int
    deadline: int
    on_miss: int
    extension: int
    criterion: Hash32
    terms: str


@dataclass(frozen=True, slots=True)
class RatchetTerms:
    """The ratchet of a raise; `source` 0 none, 1 new shares, 2 the founder's."""

    milestone: int = 0
    source: int = 0
    founder: Address = ZERO_ADDRESS
    fallback_account: Address = ZERO_ADDRESS
    early_by: int = 0
    early_bps: int = 0
    late_after: int = 0
    late_bps: int = 0


@dataclass(frozen=True, slots=True)
class Appointment:
    """A verifier's appointment for a company and a type of milestones."""

    company: Address
    kind: int
    party: PartyId
    key: Address
    from_day: Day
    until_day: Day
