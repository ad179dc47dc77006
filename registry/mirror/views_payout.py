"""What the mirror answers about dividends: frozen records, each about a stated block. Money in fen.

Rates are in 10^-10 CNY for a whole share, shares in [shares × 10^decimals]. Payment and expiry are on the clock of the
company's region [s]; `RegionView.unix` tells when.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.payout_args import RATE_UNIT, DistributionPhase, DistributionTerms, Settlement, TaxRule
from registry.mirror.views import Stand
from registry.mirror.views_money import RegionView

# --- tax ---


@dataclass(frozen=True, slots=True)
class TaxSchedule:
    """A schedule, which never changes. `document`: the law or treaty. Rules by category and residence; the first, of
    category 0 and residence 0, is for everybody else."""

    number: int
    tax_account: Address
    rules: tuple[TaxRule, ...]
    document: Hash32
    block: int


@dataclass(frozen=True, slots=True)
class TaxRelief:
    """What is withheld from a party until a day, instead of what a schedule says; `document`: the certificate."""

    party: PartyId
    bps: int
    until_day: Day
    document: Hash32
    time: Timestamp


# --- preferred classes ---


@dataclass(frozen=True, slots=True)
class Preference:
    """A class that is paid before others, on a day: accrued is `per_year`, simple, from `from_day` on, rounded down."""

    company: int
    class_id: int
    rank: int
    per_year: int
    from_day: Day
    declared: int
    day: Day
    accrued: int
    document: Hash32

    @property
    def arrears(self) -> int:
        return max(0, self.accrued - self.declared)


# --- record dates ---


@dataclass(frozen=True, slots=True)
class AccountAt:
    """What one account held at a record date."""

    party: PartyId
    number: AccountNumber
    account: Address
    shares: Shares


@dataclass(frozen=True, slots=True)
class HolderAt:
    """What all accounts of a party held together, and the account that a dividend goes to: the first of its wallets
    that held something, else its book account."""

    party: PartyId
    shares: Shares
    account: Address


@dataclass(frozen=True, slots=True)
class RegisterAt:
    """The register of a class at a record date, or as it stands until that has passed (`is_final`).

    `accounts` ascend by party and number, `rows` by party; excluded ones stand in neither. `time` 0: no date was asked
    for."""

    stand: Stand
    company: int
    class_id: int
    epoch: int
    time: Timestamp
    is_final: bool
    issued: Shares
    excluded: Shares
    accounts: tuple[AccountAt, ...]
    rows: tuple[HolderAt, ...]

    @property
    def entitled(self) -> Shares:
        return Shares(self.issued - self.excluded)


# --- distributions ---


@dataclass(frozen=True, slots=True)
class DividendSummary:
    """Where the money of a distribution is: declared = paid + withheld + unclaimed + parked + carried, at all times.

    `paid`: net, in money or new shares; `withheld`: tax, of which `remitted` went to the tax account; `unclaimed`:
    parts that nobody got yet, and what `lapsed` of them; `carried`: what roundings leave."""

    declared: int
    paid: int
    withheld: int
    unclaimed: int
    parked: int
    carried: int
    lapsed: int
    remitted: int

    @property
    def is_whole(self) -> bool:
        return self.declared == self.paid + self.withheld + self.unclaimed + self.parked + self.carried


@dataclass(frozen=True, slots=True)
class Happening:
    """Where something stands in the chain (`key`: block × 2²⁰ + log index), and when it was [unix s]."""

    key: int
    block: int
    time: Timestamp
    tx: Hash32


@dataclass(frozen=True, slots=True)
class DistributionStep:
    """When a distribution entered a phase, the money that moved then (declared: the total; fixed and cancelled: what
    went back; closed: what roundings left), and on which document (None: anybody's call)."""

    phase: int
    amount: int
    document: Hash32 | None
    at: Happening


@dataclass(frozen=True, slots=True)
class Remittance:
    """Withheld tax that went to the tax account."""

    distribution: int
    amount: int
    at: Happening


@dataclass(frozen=True, slots=True)
class Handling:
    """Parts of a distribution that one transaction handled alike. `was_parked`: out of what was parked. Of the net,
    `scrip_cost` was paid to `scrip_parties` in `scrip_shares` new shares; what was parked or lapsed has no tax."""

    settlement: Settlement
    was_parked: bool
    parties: int
    gross: int
    tax: int
    scrip_parties: int
    scrip_shares: Shares
    scrip_cost: int
    at: Happening

    @property
    def cash(self) -> int:
        return self.gross - self.tax - self.scrip_cost


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution as of a block. `holders` is 0 until it is fixed; `expires_at` may be later than in the terms;
    `counted`: of the rate, towards arrears; `reserved`: new shares kept free for scrip."""

    stand: Stand
    number: int
    company: int
    company_name: str
    class_id: int
    class_name: str
    symbol: str
    decimals: int
    terms: DistributionTerms
    excluded: tuple[Address, ...]
    record_time: Timestamp
    record_day: Day
    region: RegionView
    tax_account: Address
    phase: int
    is_short: bool
    expires_at: int
    counted: int
    returned: int
    entitled: Shares
    handled: Shares
    reserved: Shares
    holders: int
    summary: DividendSummary
    steps: tuple[DistributionStep, ...]
    remittances: tuple[Remittance, ...]

    @property
    def remainder_account(self) -> Address:
        """Gets what lapses and what roundings leave."""
        return self.terms.remainder_account if any(self.terms.remainder_account) else self.terms.funded_by

    @property
    def resolution(self) -> Hash32:
        return self.steps[0].document or Hash32(bytes(32))

    @property
    def is_shared_out(self) -> bool:
        """By the total, and not by the rate."""
        return self.terms.rate == 0 or self.is_short

    @property
    def numerator(self) -> int:
        """0 once it is cancelled: nobody is owed anything."""
        if self.phase == DistributionPhase.CANCELLED:
            return 0
        return self.summary.declared if self.is_shared_out else self.terms.rate

    @property
    def denominator(self) -> int:
        """0 until it is known how many share in a total."""
        return self.entitled if self.is_shared_out else RATE_UNIT * 10**self.decimals

    @property
    def per_share(self) -> int:
        """[10^-10 CNY] What a whole share brings, rounded down; 0 until it is known how many share in a total."""
        unit = RATE_UNIT * 10**self.decimals
        return self.numerator * unit // self.denominator if self.denominator else 0

    @property
    def is_record_passed(self) -> bool:
        return self.stand.time > self.record_time

    @property
    def is_payable(self) -> bool:
        return self.phase == DistributionPhase.FIXED and self.region.clock >= self.terms.payable_from

    @property
    def is_choosable(self) -> bool:
        """Holders may choose shares instead of cash now."""
        is_alive = self.phase in (DistributionPhase.DECLARED, DistributionPhase.FIXED)
        return is_alive and bool(self.terms.scrip_price) and self.region.clock < self.terms.payable_from

    @property
    def is_over(self) -> bool:
        """What nobody got by now lapses."""
        return self.region.clock > self.expires_at

    @property
    def held(self) -> int:
        """What the contract still has of it."""
        s = self.summary
        kept = s.parked if self.phase == DistributionPhase.CLOSED else s.unclaimed - s.lapsed + s.parked + s.carried
        return kept + s.withheld - s.remitted


@dataclass(frozen=True, slots=True)
class DividendLine:
    """One holder's part, with its arithmetic: gross = floor(shares × numerator ÷ denominator), tax = half up of gross ×
    bps ÷ 10 000, net = gross − tax.

    What was paid has the tax that was withheld, everything else what would be withheld now. What lapsed (`settlement`)
    has no tax: the gross went to the remainder account. Of a cancelled distribution every amount is 0. `by_relief`: a
    certificate says the rate. `would_park`: KYC lapsed or frozen as of the block. `settled`: when it was paid, parked
    or lapsed last; `parked`: when parked. `scrip_cost` of the net was paid in `scrip_shares` new shares."""

    distribution: int
    row: int
    party: PartyId
    shares: Shares
    account: Address
    numerator: int
    denominator: int
    gross: int
    bps: int
    by_relief: bool
    tax: int
    settlement: Settlement
    would_park: bool
    wants_scrip: bool
    scrip_shares: Shares
    scrip_cost: int
    parked: Happening | None
    settled: Happening | None

    @property
    def net(self) -> int:
        return self.gross - self.tax

    @property
    def cash(self) -> int:
        return self.net - self.scrip_cost


@dataclass(frozen=True, slots=True)
class PartyDividend:
    """One holder's part, and the distribution that it is of."""

    line: DividendLine
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What a holder would get. `by_relief`: a certificate says the rate; `wants_scrip`: it chose shares, not cash."""

    party: PartyId
    shares: Shares
    account: Address
    gross: int
    bps: int
    by_relief: bool
    tax: int
    would_park: bool
    wants_scrip: bool = False

    @property
    def net(self) -> int:
        return self.gross - self.tax


@dataclass(frozen=True, slots=True)
class Preview:
    """What each holder would get of a total or a rate, taxed as things stand at the block.

    `returned`: what the rate does not need; `is_short`: the total does not cover the rate and is shared out."""

    register: RegisterAt
    schedule: int
    total: int
    rate: int
    declared: int
    is_short: bool
    numerator: int
    denominator: int
    lines: tuple[PreviewLine, ...]

    @property
    def returned(self) -> int:
        return self.total - self.declared

    @property
    def gross(self) -> int:
        return sum(line.gross for line in self.lines)

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines)

    @property
    def net(self) -> int:
        return self.gross - self.tax

    @property
    def carried(self) -> int:
        return self.declared - self.gross


@dataclass(frozen=True, slots=True)
class PartyPreview:
    """What a party would get of a distribution whose register is not fixed yet."""

    line: PreviewLine
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class DividendDifference:
    """A holder whose shares at the record date are others by entries recorded later with an effective date up to it.
    What was paid stays; `corrected_gross` is what the same dividend would give by the corrected register."""

    party: PartyId
    shares: Shares
    corrected_shares: int
    gross: int
    corrected_gross: int
    entries: tuple[int, ...]

    @property
    def difference(self) -> int:
        """[fen] What the holder would get more (or less)."""
        return self.corrected_gross - self.gross
