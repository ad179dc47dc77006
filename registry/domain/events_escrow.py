"""Events of milestone escrows and of the attestation board. One frozen record each, as in `events`.

A record of terms has the fields of the contract's struct, flattened in its order. Money in fen.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.event import RegistryEvent
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.raise_words import Case, Tranche


@dataclass(frozen=True, slots=True)
class ConsentGiven(RegistryEvent):
    """Shares that consent to an extension."""

    milestone: int
    account: Address
    shares: Shares


@dataclass(frozen=True, slots=True)
class ClaimsBegan(RegistryEvent):
    """The last tranche is decided and something was missed. `ends` [s, region clock]: last second for puts; afterwards
    money of lots that are no longer held lapses."""

    ends: int


@dataclass(frozen=True, slots=True)
class ClaimsLapsed(RegistryEvent):
    """Missed money of lots that are no longer held went where the terms say [fen]."""

    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class EscrowFunded(RegistryEvent):
    """The proceeds arrived [fen]."""

    proceeds: int


@dataclass(frozen=True, slots=True)
class EscrowScheduled(RegistryEvent):
    """Terms of the escrow."""

    issuer_account: Address
    arbiter: Address
    window: int
    arbitration: int
    silence_upholds: bool
    challenge_bps: int
    consent_bps: int
    voting: int
    put_payer: Address
    is_payer_issuer: bool
    put_rate_bps: int
    claims: int
    lapse_account: Address


@dataclass(frozen=True, slots=True)
class MilestoneMissed(RegistryEvent):
    """Neither a quorum in time nor consent to more time; the tranches that end with it follow."""

    milestone: int


@dataclass(frozen=True, slots=True)
class PutExercised(RegistryEvent):
    """A subscriber put its remaining shares to the payer: rest of the principal and interest [fen]."""

    party: PartyId
    account: Address
    shares: Shares
    rest: int
    interest: int


@dataclass(frozen=True, slots=True)
class PutPaid(RegistryEvent):
    """The payer paid a put in full."""

    party: PartyId
    account: Address
    payer: Address
    amount: int


@dataclass(frozen=True, slots=True)
class RatchetDelivered(RegistryEvent):
    """Shares of the ratchet."""

    account: Address
    shares: Shares


@dataclass(frozen=True, slots=True)
class RatchetFell(RegistryEvent):
    """1 early, 2 late success."""

    what: int


@dataclass(frozen=True, slots=True)
class RatchetScheduled(RegistryEvent):
    """Terms of the ratchet."""

    milestone: int
    source: int
    founder: Address
    fallback_account: Address
    early_by: int
    early_bps: int
    late_after: int
    late_bps: int


@dataclass(frozen=True, slots=True)
class RatchetUnmet(RegistryEvent):
    """Shares that the founder owes."""

    account: Address
    shares: Shares


@dataclass(frozen=True, slots=True)
class Redeemed(RegistryEvent):
    """Paid out of the escrow for a missed milestone."""

    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class TrancheChanged(RegistryEvent):
    """A tranche as it is now."""

    milestone: int
    tranche: Tranche


@dataclass(frozen=True, slots=True)
class TrancheReleased(RegistryEvent):
    """A tranche went to the issuer."""

    milestone: int
    account: Address
    amount: int


@dataclass(frozen=True, slots=True)
class TrancheScheduled(RegistryEvent):
    """A tranche as it was agreed; `terms` are the criterion for machines."""

    milestone: int
    tranche: Tranche
    criterion: Hash32
    terms: str


@dataclass(frozen=True, slots=True)
class AttestationRetracted(RegistryEvent):
    """A verifier took its vote back."""

    escrow: Address
    milestone: int
    round: int
    party: PartyId


@dataclass(frozen=True, slots=True)
class Attested(RegistryEvent):
    """A verifier's statement about a milestone."""

    escrow: Address
    milestone: int
    round: int
    party: PartyId
    outcome: int
    evidence: Hash32
    observed_at: int
    expires_at: int
    uri: str


@dataclass(frozen=True, slots=True)
class CaseChallenged(RegistryEvent):
    """A quorum is disputed."""

    escrow: Address
    milestone: int
    round: int
    challenger: Address
    document: Hash32


@dataclass(frozen=True, slots=True)
class CaseChanged(RegistryEvent):
    """A case as it is now."""

    escrow: Address
    milestone: int
    word: Case


@dataclass(frozen=True, slots=True)
class CaseOpened(RegistryEvent):
    """A milestone came before the board."""

    escrow: Address
    milestone: int
    word: Case


@dataclass(frozen=True, slots=True)
class CaseRuled(RegistryEvent):
    """The arbiter, or its silence, decided."""

    escrow: Address
    milestone: int
    round: int
    upheld: bool
    by_silence: bool


@dataclass(frozen=True, slots=True)
class ContradictionSigned(RegistryEvent):
    """The two signatures of the contradiction before."""

    first: bytes
    second: bytes


@dataclass(frozen=True, slots=True)
class VerifierAppointed(RegistryEvent):
    """A verifier for a company and a type of milestones."""

    company: Address
    kind: int
    member: int
    party: PartyId
    key: Address
    from_day: Day
    until_day: Day


@dataclass(frozen=True, slots=True)
class VerifierContradicted(RegistryEvent):
    """Two outcomes under one key: the verifier is suspended."""

    company: Address
    kind: int
    member: int
    party: PartyId
    first: Hash32
    second: Hash32


@dataclass(frozen=True, slots=True)
class VerifierDismissed(RegistryEvent):
    """Its votes are void."""

    company: Address
    kind: int
    member: int
    party: PartyId


@dataclass(frozen=True, slots=True)
class VerifierKeyRotated(RegistryEvent):
    """It signs with another key."""

    company: Address
    kind: int
    member: int
    key: Address


ESCROW_EVENTS: tuple[type[RegistryEvent], ...] = (
    ClaimsBegan,
    ClaimsLapsed,
    ConsentGiven,
    EscrowFunded,
    EscrowScheduled,
    MilestoneMissed,
    PutExercised,
    PutPaid,
    RatchetDelivered,
    RatchetFell,
    RatchetScheduled,
    RatchetUnmet,
    Redeemed,
    TrancheChanged,
    TrancheReleased,
    TrancheScheduled,
    AttestationRetracted,
    Attested,
    CaseChallenged,
    CaseChanged,
    CaseOpened,
    CaseRuled,
    ContradictionSigned,
    VerifierAppointed,
    VerifierContradicted,
    VerifierDismissed,
    VerifierKeyRotated,
)
