"""Which class is paid first: arrears of preferred classes on a record day, and what a dividend needs to count for them.

Money in fen, rates in 10^-10 CNY for a whole share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.acts.desk import Desk
from registry.domain.ids import Address, Day
from registry.domain.payout_args import RATE_UNIT
from registry.mirror.views import ShareClass


@dataclass(frozen=True, slots=True)
class Arrears:
    """What a preferred class has accrued up to a record day and not declared, for a whole share.

    `is_own`: of the class that is to declare; else of one that comes before it, which declares first."""

    name: str
    rank: int
    open: int
    is_own: bool


def arrears(desk: Desk, cls: ShareClass, day: Day) -> tuple[Arrears, ...]:
    """Of the class and of those that come before it, as far as there are any, by rank; the mirror is at the head."""
    known = desk.queries.preferences(cls.company, day=day, limit=200).items
    names = {each.class_id: each.symbol or str(each.position) for each in desk.queries.classes(cls.company)}
    own = next((p.rank for p in known if p.class_id == cls.class_id), None)
    return tuple(
        Arrears(names[p.class_id], p.rank, p.arrears, p.class_id == cls.class_id)
        for p in sorted(known, key=lambda p: p.rank)
        if p.arrears and (own is None or p.rank < own or p.class_id == cls.class_id)
    )


def cover_of(desk: Desk, cls: ShareClass, rate: int, excluded: Sequence[Address], day: Day) -> int:
    """[fen] What a rate needs for the shares that there are now. As much of it as counts towards arrears is covered on
    everything issued, shares of the company itself included."""
    register = desk.queries.register_at(cls.class_id, 0, excluded=excluded)
    own = desk.queries.preference(cls.class_id, day=day)
    counted = min(rate, own.arrears) if own else 0
    unit: int = RATE_UNIT * 10**cls.decimals
    return max(rate * register.entitled // unit, counted * register.issued // unit)
