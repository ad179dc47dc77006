"""Money, spans and times of raises as people read them; scripts get fen and seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.cli.output import grouped
from registry.cli.show import done_line, done_object

if TYPE_CHECKING:  # help does not wait for what sending needs
    from registry.acts.operations import Done

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def yuan(fen: int) -> str:
    """ "1 250 000.00"."""
    return f"{'-' if fen < 0 else ''}{grouped(abs(fen), 2)}"


def percent(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02d} %"


def counted(count: int, noun: str) -> str:
    """ "1 payment", "2 payments"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def span(seconds: int) -> str:
    """In the largest unit that leaves no rest."""
    size, name = next(unit for unit in _UNITS if seconds % unit[0] == 0)
    return counted(seconds // size, name)


def once_object(done: Done | None) -> dict[str, Any]:
    """What was done, or that somebody else had done it."""
    return {"was_there": True} if done is None else {"was_there": False, **done_object(done)}


def once_line(done: Done | None) -> str:
    return "it is on the chain already" if done is None else done_line(done)
