"""Shapes of the answers about money and raises. Money in fen (1/100 CNY) as decimal texts, times in UTC."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Hex, IsoDay, Model, Quantity
from api.schemas.register import Name

Fen = Annotated[str, Field(description="Fen (1/100 CNY) as a decimal text.", examples=["527000000"])]
Moment = Annotated[str, Field(description="UTC.", examples=["2026-03-31T10:00:00Z"])]
Planned = Annotated[
    str,
    Field(description="UTC, by the region's clock: a halt that is still to come delays it.", examples=["2026-09-30"]),
]


class Money(Model):
    """What came in is held, released to the issuer, taken as the fee, refunded, or redeemed (also what lapsed)."""

    money_in: Fen
    held: Fen
    released: Fen
    fee: Fen
    refunded: Fen
    redeemed: Fen


class Terms(Model):
    price: Annotated[str, Field(description="Fen for one share × 10^-decimals.", examples=["425"])]
    minimum: Fen
    maximum: Fen
    investor_minimum: Fen
    investor_maximum: Fen
    opens_at: Planned
    closes_at: Planned
    cooling_off: Annotated[int, Field(description="Seconds.", examples=[172800])]
    settle_within: int
    fee_bps: Annotated[int, Field(description="1/10 000 of what was raised.", examples=[500])]
    fee_recipient: Hex
    risk_grade: int
    method: Annotated[str, Field(examples=["first_come"])]
    locked_through: IsoDay | None
    memorandum: Hex
    disclosure: Hex


class Region(Model):
    code: Annotated[int, Field(examples=[110])]
    scheme_version: int
    raise_ceiling: Fen
    investor_ceiling: Annotated[str, Field(description="Fen; 0: none.", examples=["0"])]
    is_halted: bool


class Phase(Model):
    phase: Annotated[str, Field(examples=["settled"])]
    block: int
    time: Moment
    transaction: Hex
    document: Hex | None


class Offering(Model):
    number: Annotated[int, Field(examples=[1])]
    company: Annotated[int, Field(examples=[1])]
    share_class: Annotated[int, Field(description="Position of the class.", examples=[0])]
    address: Hex
    escrow: Hex
    phase: Annotated[str, Field(examples=["settled"])]
    phases: list[Phase]
    terms: Terms
    money: Money
    live: Annotated[str, Field(description="Fen, paid in and not paid back.", examples=["527000000"])]
    raised: Annotated[str, Field(description="Fen; 0 until it is known.", examples=["527000000"])]
    subscribers: Annotated[int, Field(examples=[3])]
    seats_left: Annotated[int, Field(description="In the company as a whole.", examples=[197])]
    region: Region


class Subscription(Model):
    offering: int
    party: Annotated[int, Field(examples=[1001])]
    name: Name = None
    account: Hex
    status: Annotated[str, Field(description="`withdrawn`, `paid`, `parked`, `allotted`, `refunded`.")]
    amount: Annotated[str, Field(description="Fen asked for, once allotted what was allotted.", examples=["85000000"])]
    shares: Quantity
    shares_ended: Quantity
    paid: Annotated[str, Field(description="Fen ever paid in.", examples=["85000000"])]
    returned: Annotated[str, Field(description="Fen of that paid back before an allotment.", examples=["0"])]
    redeemed: Annotated[str, Field(description="Fen paid back out of the escrow.", examples=["0"])]
    lapsed: Annotated[str, Field(description="Fen due to shares it had sold, which lapsed.", examples=["0"])]
    disclosure: Hex
    block: int
    time: Moment
    transaction: Hex


class Attestation(Model):
    id: int
    milestone: Annotated[int, Field(description="Counted from 0.", examples=[0])]
    round: int
    party: int
    name: Name = None
    outcome: Annotated[str, Field(examples=["reached"])]
    evidence: Hex
    uri: str
    observed_at: Moment
    expires_at: Moment
    retracted_at: Moment | None
    is_void: bool
    block: int
    time: Moment
    transaction: Hex


class Verifier(Model):
    company: Hex
    kind: int
    member: int
    party: int
    name: Name = None
    key: Hex
    valid_from: IsoDay
    valid_through: IsoDay
    state: Annotated[str, Field(description="`appointed`, `dismissed`, `suspended`.")]
    mandate: Hex


class Challenge(Model):
    round: int
    challenger: Hex
    document: Hex
    time: Moment
    transaction: Hex


class Ruling(Model):
    round: int
    is_upheld: bool
    by_silence: bool
    time: Moment
    transaction: Hex


class Release(Model):
    account: Hex
    amount: Fen
    time: Moment
    transaction: Hex


class Vote(Model):
    yes: Quantity
    allotted: Quantity


class Case(Model):
    """A milestone before the board."""

    phase: Annotated[str, Field(examples=["collecting"])]
    round: int
    yes: int
    no: int
    quorum: int
    window_ends: Planned | None
    arbitration_ends: Planned | None


class Tranche(Model):
    milestone: Annotated[int, Field(description="Counted from 0.", examples=[0])]
    state: Annotated[str, Field(examples=["waiting"])]
    amount: Annotated[str, Field(description="Fen; before the settlement as scheduled.", examples=["125162500"])]
    is_share: Annotated[bool, Field(description="Scheduled in 1/10 000 of what fixed amounts leave.")]
    kind: int
    quorum: int
    deadline: Planned
    on_miss: Annotated[str, Field(description="`redeem`, `extend`, `put`.")]
    criterion: Hex
    terms: Annotated[str, Field(description="The criterion for machines.")]
    case: Case | None
    attestations: list[Attestation]
    challenges: list[Challenge]
    rulings: list[Ruling]
    release: Release | None
    missed_at: Moment | None
    vote: Vote | None


class Put(Model):
    party: int
    name: Name = None
    shares: Quantity
    rest: Fen
    interest: Fen
    payer: Hex | None
    exercised_at: Moment
    settled_at: Moment | None


class EscrowTerms(Model):
    issuer_account: Hex
    arbiter: Hex
    window: Annotated[int, Field(description="Seconds.")]
    arbitration: int
    silence_upholds: bool
    challenge_bps: int
    consent_bps: int
    voting: int
    put_payer: Hex | None
    is_payer_issuer: bool
    put_rate_bps: int
    claims: Annotated[int, Field(description="Seconds from the last decision, if something was missed.")]
    lapse_account: Annotated[Hex, Field(description="Gets what lapses after that.")]


class Escrow(Model):
    offering: int
    address: Hex
    terms: EscrowTerms
    money: Money
    redeemable: Fen
    claims_end: Annotated[
        Planned | None, Field(description="Puts and claims for shares sold until then; null: not known yet, or none.")
    ]
    lapsed: Annotated[str, Field(description="Fen of the redeemed that lapsed.", examples=["0"])]
    tranches: list[Tranche]
    puts: list[Put]


class End(Model):
    """One side of a movement: a party's account, a raise, its escrow, or an address nobody knows."""

    address: Hex
    party: int | None
    name: Name = None
    account: Annotated[str | None, Field(description="`book`, or `wallet:` and its number.", examples=["book"])]
    offering: int | None
    is_escrow: bool


class Movement(Model):
    """Settlement money that moved; null is the bank, under its own reference."""

    id: int
    giver: End | None
    taker: End | None
    amount: Fen
    bank_reference: Annotated[str | None, Field(description="Text, or 0x and its hash.", examples=["BANK-00042"])]
    operation: Hex | None
    document: Hex | None
    block: int
    time: Moment
    transaction: Hex


class MoneyAccount(Model):
    address: Hex
    balance: Fen
    is_frozen: bool


class AnnualUse(Model):
    year: Annotated[int, Field(examples=[2026])]
    own: Fen
    outside: Fen
    limit: Annotated[str | None, Field(description="Fen; null: none binds this party.", examples=["100000000"])]
    left: Annotated[str | None, Field(description="Fen; null: no limit.", examples=["15000000"])]


class Investment(Model):
    """A subscription with what of it is held, waits, or can be taken back. `unheld` would be due too, were its shares
    still held; it lapses after `claims_end`."""

    company: int
    subscription: Subscription
    held: Fen
    in_escrow: Fen
    due: Fen
    unheld: Fen
    claims_end: Planned | None
    put: Put | None


class OfferingAnswer(Answer):
    offering: Offering


class EscrowAnswer(Answer):
    escrow: Escrow


class AttestationAnswer(Answer):
    offering: int
    attestation: Attestation


class VerifiersAnswer(Answer):
    """By type of milestones and place in the panel."""

    verifiers: list[Verifier]


class MoneyAnswer(Answer):
    """A party's own money: accounts, use of the annual limit, investments (the newest raise first)."""

    party: int
    name: Name = None
    balance: Fen
    accounts: list[MoneyAccount]
    annual_use: AnnualUse
    investments: list[Investment]


class BrokenRule(Model):
    id: Annotated[str, Field(examples=["SB-21"])]
    en: str
    zh: str


class EligibilityAnswer(Answer):
    """What the chain answers at `block` about a subscription that nobody has signed. No rules: it would succeed."""

    block: int
    party: int
    amount: Fen
    may_subscribe: bool
    rules: list[BrokenRule]
