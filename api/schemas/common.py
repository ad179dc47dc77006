"""What all answers share: as of when, quantities as decimal texts, hex for bytes, pages with a cursor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from registry.domain.days import to_date
from registry.domain.ids import Day
from registry.mirror.views import Stand

T = TypeVar("T")

Quantity = Annotated[
    str, Field(description="Whole number as a decimal text, in the smallest unit of the class.", examples=["145000"])
]
Hex = Annotated[str, Field(pattern="^0x[0-9a-f]*$", examples=["0x7c1e90ab"])]
IsoDay = Annotated[str, Field(description="A civil day of the register's zone.", examples=["2022-12-31"])]


class Model(BaseModel):
    """Frozen; unknown fields are a mistake of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AsOfBlock(Model):
    """The block an answer is about."""

    block: Annotated[int, Field(examples=[1284])]
    hash: Hex
    time: Annotated[str, Field(description="The block's time, UTC.", examples=["2026-03-31T10:00:00Z"])]
    effective_on: IsoDay | None = None


class Answer(Model):
    as_of: AsOfBlock


class Listing(Answer, Generic[T]):
    """One page in a stated order. `next_cursor` goes back in as `cursor`; null ends."""

    items: list[T]
    next_cursor: Annotated[str | None, Field(examples=[None])] = None


class Fault(Model):
    field: str
    value: str
    rule: str


class ProblemDetails(Model):
    """RFC 9457."""

    type: Annotated[str, Field(examples=["urn:equity-registry:problem:company_unknown"])]
    title: Annotated[str, Field(examples=["Not Found"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(examples=["there is no company 99 as of block 1284"])]
    instance: Annotated[str, Field(examples=["/api/v1/companies/99"])]
    code: Annotated[str, Field(examples=["company_unknown"])]
    errors: list[Fault] = []


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


def day_text(day: Day) -> str:
    """ISO 8601; a day field can name years that have no such form, which then reads as the last day that has."""
    return to_date(min(day, _LAST_DAY)).isoformat()


def time_text(time: int) -> str:
    """ISO 8601; a time field can name years that have no such form, which then reads as the last second that has."""
    return datetime.fromtimestamp(min(time, _LAST_SECOND), UTC).isoformat().replace("+00:00", "Z")


def as_of_block(stand: Stand, effective_on: Day | None = None) -> AsOfBlock:
    return AsOfBlock(
        block=stand.block,
        hash=hexed(stand.hash),
        time=time_text(stand.time),
        effective_on=None if effective_on is None else day_text(effective_on),
    )


_LAST_DAY = Day(2_932_896)
"""9999-12-31."""
_LAST_SECOND = 253_402_300_799
"""[unix s] Of that day, UTC."""
