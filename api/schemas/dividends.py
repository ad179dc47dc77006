"""Shapes of dividends: tax schedules, preferred classes, distributions, who gets what. Money in fen."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Hex, IsoDay, Model, Quantity
from api.schemas.raises import Fen, Moment, Planned
from api.schemas.register import Name

Rate = Annotated[str, Field(description="10^-10 CNY for a whole share, as a decimal text.", examples=["800000000"])]
BasisPoints = Annotated[int, Field(description="1/10 000.", examples=[2000])]


class TaxRule(Model):
    """What is withheld from a category with a tax residence. Looked up for both, then for the category alone, then for
    everybody else."""

    category: Annotated[str | None, Field(description="Null: everybody else.", examples=["qualified"])]
    residence: Annotated[int | None, Field(description="ISO 3166-1 numeric; null: every other.", examples=[156])]
    bps: BasisPoints


class TaxSchedule(Model):
    """It never changes."""

    number: Annotated[int, Field(examples=[1])]
    tax_account: Hex
    rules: list[TaxRule]
    document: Hex
    block: int


class Preference(Model):
    """A class that is paid before others: simple, a year of 365 days, rounded down."""

    share_class: Annotated[int, Field(description="Position of the class.", examples=[1])]
    rank: Annotated[int, Field(description="From 1, the first is paid first.", examples=[1])]
    per_year: Rate
    from_day: IsoDay
    declared: Rate
    day: Annotated[IsoDay, Field(description="The day up to which it is accrued.")]
    accrued: Rate
    arrears: Rate
    document: Hex


class DividendTerms(Model):
    share_class: Annotated[int, Field(description="Position of the class.", examples=[0])]
    record_day: IsoDay
    record_time: Moment
    schedule: Annotated[int, Field(description="Number of the tax schedule.", examples=[1])]
    tax_account: Hex
    funded_by: Hex
    total: Fen
    rate: Annotated[Rate | None, Field(description="Null: the total is shared out.")]
    profit: Annotated[str, Field(description="Fen of distributable profit that it rests on.", examples=["900000000"])]
    payable_from: Planned
    expires_at: Planned
    remainder_account: Annotated[Hex, Field(description="Gets what lapses and what roundings leave.")]
    scrip_price: Annotated[str | None, Field(description="Fen for a whole share; null: no choice.", examples=["425"])]
    excluded: list[Hex]
    resolution: Hex


class DividendMoney(Model):
    """declared = paid + withheld + unclaimed + parked + carried, at all times. `lapsed` is within unclaimed, `remitted`
    within withheld; `held` is what the contract still has."""

    declared: Fen
    paid: Fen
    withheld: Fen
    unclaimed: Fen
    parked: Fen
    carried: Fen
    lapsed: Fen
    remitted: Fen
    held: Fen


class DividendStep(Model):
    """`amount` in fen: declared the total; fixed and cancelled what went back; closed what roundings left."""

    phase: Annotated[str, Field(examples=["fixed"])]
    amount: Fen
    document: Hex | None
    block: int
    time: Moment
    transaction: Hex


class Distribution(Model):
    number: Annotated[int, Field(examples=[1])]
    company: Annotated[int, Field(examples=[1])]
    phase: Annotated[str, Field(description="`declared`, `fixed`, `cancelled`, `closed`.", examples=["fixed"])]
    terms: DividendTerms
    money: DividendMoney
    is_short: Annotated[bool, Field(description="The total does not cover the rate and is shared out.")]
    returned: Fen
    entitled: Quantity
    handled: Quantity
    holders: Annotated[int, Field(description="0 until the register of the record date is fixed.", examples=[3])]
    steps: list[DividendStep]


class Line(Model):
    """gross = floor(shares × numerator ÷ denominator), tax = gross × bps ÷ 10 000 half up, net = gross − tax. Of
    what is not paid yet the tax is that of today."""

    party: Annotated[int, Field(examples=[1001])]
    name: Name = None
    account: Hex
    shares: Quantity
    numerator: Quantity
    denominator: Quantity
    gross: Fen
    bps: BasisPoints
    tax: Fen
    net: Fen
    would_park: Annotated[bool, Field(description="KYC lapsed or frozen, as of the block.")]
    wants_scrip: Annotated[bool, Field(description="Chose shares instead of cash.")]


class DividendLine(Line):
    distribution: Annotated[int, Field(examples=[1])]
    settlement: Annotated[str, Field(description="`none`, `paid`, `parked`, `lapsed`.", examples=["paid"])]
    scrip_shares: Quantity
    scrip_cost: Annotated[str, Field(description="Fen of the net that was paid in new shares.", examples=["0"])]
    parked_at: Moment | None
    settled_at: Moment | None
    transaction: Hex | None


class Difference(Model):
    """A correction that came later. What was paid stays; by the corrected register it would have been another part."""

    party: int
    name: Name = None
    shares: Quantity
    corrected_shares: Quantity
    gross: Fen
    corrected_gross: Fen
    difference: Annotated[str, Field(description="Fen, signed.", examples=["-1200"])]
    entries: list[int]


class PreviewAnswer(Answer):
    """What each would get, from the register as it stands, or as of the record date once that has passed."""

    distribution: int
    is_final: bool
    declared: Fen
    returned: Fen
    carried: Fen
    lines: list[Line]


class DistributionAnswer(Answer):
    distribution: Distribution


class DifferencesAnswer(Answer):
    distribution: int
    differences: list[Difference]


class ScheduleAnswer(Answer):
    schedule: TaxSchedule


class Relief(Model):
    """A certificate: what is withheld from the party until a day, instead of what a schedule says."""

    bps: BasisPoints
    until_day: IsoDay
    document: Hex
    time: Moment


class DividendsAnswer(Answer):
    """A party's parts over all companies, the newest dividend first. Before a record date nobody has a part."""

    party: int
    name: Name = None
    relief: Relief | None
    statement_years: Annotated[
        list[int], Field(description="Civil years in which something was paid, the newest first.", examples=[[2026]])
    ]
    dividends: list[DividendLine]
