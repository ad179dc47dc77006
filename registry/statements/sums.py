"""What the parts of a distribution or of a year come to [fen]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.statements.model import Lapsed, Paid, Parked, Part


@dataclass(frozen=True, slots=True)
class Sums:
    """declared = paid + withheld + unclaimed + parked + carried. `lapsed` is within unclaimed, `scrip` within paid."""

    gross: int
    paid: int
    withheld: int
    unclaimed: int
    parked: int
    lapsed: int
    scrip: int

    @property
    def gross_paid(self) -> int:
        return self.paid + self.withheld


def sums_of(parts: Iterable[Part]) -> Sums:
    paid = withheld = unclaimed = parked = lapsed = scrip = 0
    for part in parts:
        fate = part.fate
        if isinstance(fate, Paid):
            paid, withheld = paid + fate.net, withheld + fate.withheld
            scrip += fate.scrip.cost if fate.scrip else 0
        elif isinstance(fate, Parked):
            parked += part.gross
        else:
            unclaimed += part.gross
            lapsed += part.gross if isinstance(fate, Lapsed) else 0
    return Sums(paid + withheld + unclaimed + parked, paid, withheld, unclaimed, parked, lapsed, scrip)
