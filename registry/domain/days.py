"""Civil days: whole numbers since 1970-01-01 in the registry's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from registry.domain.ids import Day, Timestamp

SECONDS_A_DAY = 86_400
UTC_OFFSET = 28_800
"""[s] UTC+8, the offset of every deployment in China."""

_EPOCH = date(1970, 1, 1)


def day_of(time: int, utc_offset: int = UTC_OFFSET) -> Day:
    """The civil day on which a moment falls."""
    return Day((time + utc_offset) // SECONDS_A_DAY)


def first_second(day: Day, utc_offset: int = UTC_OFFSET) -> Timestamp:
    """The moment at which a civil day begins."""
    return Timestamp(day * SECONDS_A_DAY - utc_offset)


def last_second(day: Day, utc_offset: int = UTC_OFFSET) -> Timestamp:
    """The last whole second of a civil day: the record date's 24:00 belongs to the day that ends."""
    return Timestamp((day + 1) * SECONDS_A_DAY - utc_offset - 1)


def civil(time: int, utc_offset: int = UTC_OFFSET) -> str:
    """A moment as people write it, in the registry's time zone: "2026-11-24 09:30:00+08:00"."""
    home = timezone(timedelta(seconds=utc_offset))
    return datetime.fromtimestamp(time, home).isoformat(sep=" ", timespec="seconds")


def to_date(day: Day) -> date:
    return _EPOCH + timedelta(days=day)


def from_date(value: date) -> Day:
    return Day((value - _EPOCH).days)


def year_of(day: Day) -> int:
    """The civil year of a day."""
    return to_date(day).year
