"""As of when: every read takes `as_of_block` or `as_of` (what was known) and `effective_on` (dated up to that day)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.parts import Parts
from api.schemas.common import AsOfBlock, as_of_block
from registry.domain.days import from_date, last_second
from registry.domain.ids import Day, Timestamp
from registry.errors import InputError
from registry.mirror.views import AsOf, Stand

MAX_BLOCK = 2**42
"""Row ids carry the block in their upper bits; no chain gets here."""

_BLOCK = Query(description="What the register knew when this block was its newest.", examples=["1284"])
_TIME = Query(
    description="What it knew at this moment: the last block not after it. A date (its end), a date and time "
    "(ISO 8601; without a zone it is the register's), or Unix seconds.",
    examples=["2026-03-31T18:00:00+08:00"],
)
_DAY = Query(description="Counts the entries whose legal date is on or before this day.", examples=["2022-12-31"])


CompanyNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Register number of the company.", examples=[1])]
PartyNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Party id.", examples=[1001])]
OfferingNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the raise.", examples=[1])]
DistributionNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the dividend.", examples=[1])]
ScheduleNumber = Annotated[int, Path(ge=1, le=2**32 - 1, description="Number of the tax schedule.", examples=[1])]
AttestationId = Annotated[
    int, Path(ge=1, le=2**63 - 1, description="Id of an attestation: block × 2²⁰ + log index.", examples=[44040192])
]
EntryId = Annotated[
    int, Path(ge=1, le=2**63 - 1, description="Id of an entry: block × 2²⁰ + log index.", examples=[1048579])
]


class Asked:
    """The question of one request, bound to the one block that all its answers are about."""

    def __init__(self, as_of: AsOf, stand: Stand, asked_block: int | None) -> None:
        self.as_of = as_of.at(stand)
        self.stand = stand
        self.asked_block = asked_block

    @property
    def block(self) -> AsOfBlock:
        """What every answer says about itself."""
        return as_of_block(self.stand, self.as_of.effective_on)


async def asked(
    request: Request,
    as_of_block: Annotated[str | None, _BLOCK] = None,
    as_of: Annotated[str | None, _TIME] = None,
    effective_on: Annotated[str | None, _DAY] = None,
) -> Asked:
    """Blank values count as absent: a form sends its empty fields too."""
    parts: Parts = request.app.state.parts
    if as_of_block and as_of:
        raise _invalid("as_of", as_of, "as_of_block and as_of exclude each other")
    block = _block(as_of_block) if as_of_block else None
    if as_of:
        block = parts.register.resolve_time(_moment(as_of, parts.utc_offset))
    question = AsOf(block, _day(effective_on) if effective_on else None)
    return Asked(question, parts.register.stand(question), block)


Question = Annotated[Asked, Depends(asked)]


def _invalid(field: str, value: str, rule: str) -> InputError:
    return InputError(
        f"{field} = {value[:80]}: {rule}", code="invalid_as_of", object="query", field=field, value=value[:80]
    )


def _block(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 13 or int(text) > MAX_BLOCK:
        raise _invalid("as_of_block", text, "must be a block number")
    return int(text)


def _day(text: str) -> Day:
    try:
        return from_date(date.fromisoformat(text))
    except ValueError:
        raise _invalid("effective_on", text, "must be a day such as 2022-12-31") from None


def _moment(text: str, utc_offset: int) -> Timestamp:
    """A time without a zone is one of the register's clock."""
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return Timestamp(int(text))
    try:
        if len(text) == 10:
            return last_second(from_date(date.fromisoformat(text)), utc_offset)
        # A plus sign in an address arrives as a blank.
        value = datetime.fromisoformat(text.replace(" ", "+") if text.count(":") > 1 and "T" in text else text)
        local = value if value.tzinfo else value.replace(tzinfo=timezone(timedelta(seconds=utc_offset)))
        return Timestamp(int(local.astimezone(UTC).timestamp()))
    except (ValueError, OverflowError):
        raise _invalid("as_of", text, "must be a date, a date with time, or Unix seconds") from None
