"""What the mirror answers about raises and escrows: frozen records, each about a stated block. Money in fen.

Times of terms, windows and deadlines are on the clock of the company's region [s]; `RegionView.unix` tells when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.domain.ids import Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms
from registry.domain.raise_words import Case, Purse, Subscription, Totals, Tranche
from registry.mirror.views import Stand
from registry.mirror.views_money import RegionView

SETTLED = 4


# --- raises ---


@dataclass(frozen=True, slots=True)
class MoneySummary:
    """Where the money of one raise is. What came in is held, released, taken as the fee, refunded or redeemed; what
    lapsed counts as redeemed."""

    money_in: int
    held: int
    released: int
    fee: int
    refunded: int
    redeemed: int
    lapsed: int

    @property
    def is_whole(self) -> bool:
        return self.money_in == self.held + self.released + self.fee + self.refunded + self.redeemed

    @property
    def taken_back(self) -> int:
        """What of the redeemed came to subscribers."""
        return self.redeemed - self.lapsed


@dataclass(frozen=True, slots=True)
class Phase:
    """When a raise entered a phase, and on which document (None: anybody's call)."""

    phase: int
    block: int
    time: Timestamp
    tx: Hash32
    document: Hash32 | None


@dataclass(frozen=True, slots=True)
class Offering:
    """A raise as of a block. `fee` is known once it is settled; `seats_left` in the company as a whole; `lapsed`: what
    of the purse's redeemed went where the terms say; `claims_end`: last second for claims, 0 until that is known."""

    stand: Stand
    number: int
    company: int
    class_id: int
    address: Address
    escrow: Address
    terms: OfferingTerms
    totals: Totals
    purse: Purse
    fee: int
    lapsed: int
    claims_end: int
    phases: tuple[Phase, ...]
    seats_left: int
    region: RegionView
    decimals: int

    @property
    def phase(self) -> int:
        return self.totals.phase

    @property
    def is_claim_over(self) -> bool:
        """Puts can neither be exercised nor paid any more, and what is not held lapses."""
        return self.claims_end != 0 and self.region.clock > self.claims_end

    @property
    def held_by_offering(self) -> int:
        """Live money; after the settlement only what parked subscribers get back."""
        return self.totals.live - (self.totals.raised if self.phase == SETTLED else 0)

    @property
    def money(self) -> MoneySummary:
        return MoneySummary(
            money_in=self.totals.money_in,
            held=self.held_by_offering + self.purse.held,
            released=self.purse.released,
            fee=self.fee,
            refunded=self.totals.refunded,
            redeemed=self.purse.redeemed,
            lapsed=self.lapsed,
        )


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One party's subscription to one raise.

    `word` is empty (status 0) once it was withdrawn. `paid` and `returned` count everything that the party ever paid in
    and got back out of the offering; `shares` were allotted; `account` paid. `lapsed` and `lapsed_shares`: what of the
    word's redeemed and cancelled was due to shares that the party did not hold any more; these shares go on elsewhere.
    """

    offering: int
    company: int
    class_id: int
    party: PartyId
    account: Address
    word: Subscription
    paid: int
    returned: int
    shares: Shares
    lapsed: int
    lapsed_shares: Shares
    disclosure: Hash32
    block: int
    time: Timestamp
    tx: Hash32

    @property
    def is_withdrawn(self) -> bool:
        return self.word.status == 0

    @property
    def redeemed(self) -> int:
        """What came back to the party out of the escrow."""
        return self.word.redeemed - self.lapsed

    @property
    def ended(self) -> Shares:
        """Shares of the lot that ended, or went to whoever paid for a put."""
        return Shares(self.word.cancelled - self.lapsed_shares)


@dataclass(frozen=True, slots=True)
class PutRow:
    """A put that was exercised: shares against rest and interest, paid by `payer` or still owed."""

    offering: int
    party: PartyId
    account: Address
    shares: Shares
    rest: int
    interest: int
    payer: Address | None
    exercised_at: Timestamp
    settled_at: Timestamp | None

    @property
    def debt(self) -> int:
        return self.rest + self.interest


# --- escrows ---


@dataclass(frozen=True, slots=True)
class AttestationRow:
    """What a verifier stated. `is_void`: it is of an earlier round, or its verifier was struck since."""

    id: int
    milestone: int
    round: int
    party: PartyId
    member: int | None
    outcome: int
    evidence: Hash32
    uri: str
    observed_at: Timestamp
    expires_at: Timestamp
    block: int
    time: Timestamp
    tx: Hash32
    retracted_at: Timestamp | None
    is_void: bool


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """A quorum that was disputed."""

    milestone: int
    round: int
    challenger: Address
    document: Hash32
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class RulingRow:
    """How a dispute ended."""

    milestone: int
    round: int
    is_upheld: bool
    by_silence: bool
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class Release:
    """A tranche that went to the issuer."""

    account: Address
    amount: int
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class Verifier:
    """One verifier of a panel. `state`: 0 appointed, 1 dismissed, 2 suspended; `mandate` with its declaration of no
    conflict of interest."""

    company: Address
    kind: int
    member: int
    party: PartyId
    key: Address
    from_day: Day
    until_day: Day
    state: int
    mandate: Hash32
    since: Timestamp

    @property
    def is_active(self) -> bool:
        return self.state == 0


@dataclass(frozen=True, slots=True)
class Vote:
    """Shares that consent to an extension, and all that the raise allotted."""

    yes: Shares
    allotted: Shares


@dataclass(frozen=True, slots=True)
class TrancheRow:
    """One tranche, its milestone's case, and everything that happened to both."""

    milestone: int
    scheduled: Tranche
    word: Tranche
    criterion: Hash32
    terms: str
    case: Case | None
    panel: tuple[Verifier, ...]
    attestations: tuple[AttestationRow, ...]
    challenges: tuple[ChallengeRow, ...]
    rulings: tuple[RulingRow, ...]
    release: Release | None
    missed_at: Timestamp | None
    is_cause: bool
    """Its own deadline passed; others of the raise may have ended with it."""
    vote: Vote | None
    deadline: int
    """The case's, or the scheduled one before there is a case."""


@dataclass(frozen=True, slots=True)
class RatchetLine:
    """What became of the ratchet: 1 fell early, 2 fell late, 3 shares delivered, 4 shares that the founder owes."""

    kind: int
    account: Address
    shares: Shares
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class Lapse:
    """Missed money that went to the account that the terms name, or to where that one's money goes now."""

    account: Address
    amount: int
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class Escrow:
    """The escrow of a raise with all its tranches. `unheld` by party: missed money that is due to shares which their
    subscriber does not hold any more; `frozen` by party: missed money of a lot whose holder is frozen by order, paid
    once the order is lifted; `lapses` in their order."""

    stand: Stand
    offering: Offering
    terms: EscrowTerms
    ratchet: RatchetTerms | None
    ratchet_lines: tuple[RatchetLine, ...]
    tranches: tuple[TrancheRow, ...]
    puts: tuple[PutRow, ...]
    is_put_open: bool
    unheld: Mapping[PartyId, int]
    frozen: Mapping[PartyId, int]
    lapses: tuple[Lapse, ...]


@dataclass(frozen=True, slots=True)
class Redemption:
    """A part of a lot that was paid back, and the shares that ended for it."""

    id: int
    offering: int
    party: PartyId
    account: Address
    amount: int
    shares: Shares
    block: int
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two outcomes that one verifier signed, by the digests of both attestations."""

    company: Address
    kind: int
    member: int
    party: PartyId
    first: Hash32
    second: Hash32
    first_signature: bytes
    second_signature: bytes
    time: Timestamp
    tx: Hash32
