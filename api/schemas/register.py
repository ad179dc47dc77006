"""Shapes of the register's answers: companies, classes, cap table, holders, entries, status."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Hex, IsoDay, Model, Quantity

Name = Annotated[
    str | None,
    Field(description="Legal name; null where names are not shown or the data was erased.", examples=["林启明"]),
]


class Company(Model):
    number: Annotated[int, Field(examples=[1])]
    address: Hex
    name: Annotated[str, Field(examples=["新光半导体科技（深圳）股份有限公司"])]
    form: Annotated[str, Field(examples=["company_limited_by_shares"])]
    region: int
    phase: Annotated[str, Field(examples=["open"])]
    holders: Annotated[int, Field(description="Holders of record, by person.", examples=[37])]
    seats: Annotated[int, Field(description="Holders with vehicles looked through.", examples=[52])]
    pending: Annotated[int, Field(description="Seats kept for subscribers without shares yet.", examples=[0])]
    cap: Annotated[int, Field(description="Most seats allowed.", examples=[200])]
    predecessor: Hex | None
    successor: Hex | None


class ShareClass(Model):
    position: Annotated[int, Field(description="Position in the company.", examples=[0])]
    address: Hex
    name: Annotated[str, Field(examples=["普通股"])]
    symbol: str
    decimals: int
    authorised: Quantity
    issued: Quantity
    reserved: Annotated[str, Field(description="Of the authorised shares, kept free for raises.", examples=["0"])]
    admits: Annotated[list[str], Field(examples=[["founder", "institution"]])]
    stops: Annotated[list[str], Field(description="Rule ids that stop the class.", examples=[["ST-4"]])]


class Amount(Model):
    """What is held of one class."""

    share_class: Annotated[int, Field(description="Position of the class.", examples=[0])]
    shares: Quantity


class CapRow(Amount):
    party: Annotated[int, Field(examples=[1001])]
    name: Name = None


class Wallet(Model):
    number: int
    address: Hex
    is_closed: bool


class Standing(Model):
    """Days are valid through their last second; null: never given."""

    category: Annotated[str, Field(examples=["qualified"])]
    kyc_through: IsoDay | None
    qualified_through: IsoDay | None
    is_frozen: bool
    weight: Annotated[int, Field(description="Holders of record it counts for when looked through.", examples=[1])]


class Holder(Model):
    party: Annotated[int, Field(examples=[1001])]
    name: Name = None
    weight: int
    holdings: list[Amount]


class Holding(Amount):
    account: Annotated[str, Field(description="`book`, or `wallet:` and its number.", examples=["book"])]
    locked_through: IsoDay | None


class Consideration(Model):
    kind: Annotated[str, Field(examples=["cash"])]
    currency: Annotated[str | None, Field(description="ISO 4217.", examples=["CNY"])]
    price: Annotated[str | None, Field(description="For one whole share, decimal text.", examples=["4.25"])]


class Act(Model):
    """What an agent of the company did."""

    operation: Hex
    actor: Hex
    document: Hex
    consideration: Consideration | None


class Side(Model):
    party: int
    name: Name = None
    account: Annotated[str, Field(examples=["book"])]


class Entry(Model):
    """From holder to holder; null is nobody: an issue or a cancellation."""

    id: Annotated[int, Field(examples=[1048579])]
    company: int
    share_class: int
    giver: Side | None
    taker: Side | None
    shares: Quantity
    effective_on: IsoDay
    kind: Annotated[str, Field(examples=["issue"])]
    basis: Annotated[str, Field(examples=["allotment"])]
    certificate: Annotated[str | None, Field(description="Number, or 0x and its hash.", examples=["A-0012"])]
    block: int
    time: str
    transaction: Hex
    act: Act | None


class CompanyAnswer(Answer):
    company: Company


class ClassesAnswer(Answer):
    classes: list[ShareClass]


class CapTableAnswer(Answer):
    """Rows by class, then by shares (most first), then by party."""

    company: Company
    classes: list[ShareClass]
    rows: list[CapRow]


class HolderAnswer(Answer):
    party: Annotated[int, Field(examples=[1001])]
    name: Name = None
    standing: Standing
    wallets: list[Wallet]
    holdings: list[Holding]


class EntryAnswer(Answer):
    entry: Entry


class Verdict(Model):
    verdict: Annotated[str, Field(examples=["equal"])]
    block: int
    time: str
    differences: int


class StatusAnswer(Answer):
    """Head of the chain, what was read of it, and what the last audit said."""

    chain_id: int
    genesis_hash: Hex
    registry: Hex
    factory: Hex
    head: Annotated[
        int | None, Field(description="Newest block of the node; null if it gave no answer.", examples=[1284])
    ]
    indexed: Annotated[int, Field(examples=[1284])]
    lag: Annotated[int | None, Field(description="Blocks not read yet.", examples=[0])]
    companies: int
    entries: int
    last_verdict: Verdict | None
