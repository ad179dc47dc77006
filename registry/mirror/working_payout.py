"""What the handlers of dividends must know of the past, loaded when first asked for. As `working`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from registry.errors import HaltError
from registry.mirror.columns import signed, unsigned

MOST_KEPT = 2_000
"""Distributions kept in memory, each of some hundred holders."""
RATE_UNIT = 10**8
"""A rate is in 10^-10 CNY for a whole share, so many to a fen."""
AMOUNTS = (
    "declared",
    "entitled",
    "returned",
    "carried",
    "paid",
    "withheld",
    "handled",
    "parked",
    "lapsed",
    "remitted",
    "reserved",
)
_DIVIDEND = """
SELECT d.class_id, d.rate, d.scrip_price, v.phase, v.is_short, v.expires_at, v.counted, v.declared, v.entitled,
 v.returned, v.carried, v.paid, v.withheld, v.handled, v.parked, v.lapsed, v.remitted, v.reserved
FROM distributions d JOIN distribution_versions v ON v.distribution = d.distribution
WHERE d.distribution = ? ORDER BY v.id DESC LIMIT 1
"""


@dataclass(slots=True)
class Part:
    """One holder's: shares at the record date, and what happened to them (0: nothing yet)."""

    shares: int
    settlement: int = 0


@dataclass(slots=True)
class Dividend:
    """One distribution: what its terms say as far as handlers ask, and everything that changes."""

    class_id: int
    decimals: int
    rate: int
    scrip_price: int
    phase: int = 0
    is_short: bool = False
    expires_at: int = 0
    counted: int = 0
    declared: int = 0
    entitled: int = 0
    returned: int = 0
    carried: int = 0
    paid: int = 0
    withheld: int = 0
    handled: int = 0
    parked: int = 0
    lapsed: int = 0
    remitted: int = 0
    reserved: int = 0
    parts: dict[int, Part] = field(default_factory=dict)

    @property
    def unit(self) -> int:
        """What a rate times shares is divided by [fen]."""
        unit: int = RATE_UNIT * 10**self.decimals
        return unit

    def part_of(self, shares: int) -> int:
        """[fen] Rounded down: by the rate, or a share of what was declared."""
        if self.rate == 0 or self.is_short:
            return shares * self.declared // self.entitled
        return shares * self.rate // self.unit

    def row(self) -> tuple[int | str, ...]:
        """As `distribution_versions` has it."""
        head = (self.phase, int(self.is_short), self.expires_at, str(self.counted))
        return (*head, *(signed(getattr(self, name)) for name in AMOUNTS))


class PayoutWorking:
    """One query for each thing that is new to memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._dividends: dict[int, Dividend] = {}
        self._decimals: dict[int, int] = {}
        self._preferred: dict[int, int] = {}

    # --- classes ---

    def decimals(self, class_id: int) -> int:
        found = self._decimals.get(class_id)
        if found is None:
            row = self._one("SELECT decimals FROM classes WHERE class_id = ?", class_id)
            if row is None:
                raise HaltError(f"a dividend of class {class_id}, which was never created")
            found = self._decimals[class_id] = row[0]
        return found

    def learn_class(self, class_id: int, decimals: int) -> None:
        self._decimals[class_id] = decimals

    def counted(self, class_id: int) -> int | None:
        """[10^-10 CNY for a whole share] What counts towards a preferred class's arrears; None: it is not preferred."""
        found = self._preferred.get(class_id)
        if found is None:
            statement = "SELECT declared FROM preference_versions WHERE class_id = ? ORDER BY id DESC LIMIT 1"
            row = self._one(statement, class_id)
            if row is None:
                return None
            found = self._preferred[class_id] = int(row[0])
        return found

    def count(self, class_id: int, declared: int) -> None:
        self._preferred[class_id] = declared

    # --- distributions ---

    def dividend(self, number: int) -> Dividend:
        found = self._dividends.get(number)
        if found is None:
            found = self._dividends[number] = self._load(number)
        return found

    def begin(self, number: int, dividend: Dividend) -> None:
        self._dividends[number] = dividend

    def trim(self) -> None:
        """Between batches: memory stays flat."""
        if len(self._dividends) > MOST_KEPT:
            self._dividends.clear()
            self._decimals.clear()
            self._preferred.clear()

    def _one(self, statement: str, *arguments: object) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(statement, arguments).fetchone()
        return found

    def _load(self, number: int) -> Dividend:
        row = self._one(_DIVIDEND, number)
        if row is None:
            raise HaltError(f"an event of distribution {number}, which was never declared")
        class_id, rate, scrip_price, phase, is_short, expires_at, counted, *amounts = row
        found = Dividend(
            class_id,
            self.decimals(class_id),
            int(rate),
            unsigned(scrip_price),
            phase,
            bool(is_short),
            expires_at,
            int(counted),
        )
        for name, amount in zip(AMOUNTS, amounts, strict=True):
            setattr(found, name, unsigned(amount))
        parts = self._connection.execute(
            "SELECT party, shares FROM distribution_rows WHERE distribution = ?", (number,)
        )
        found.parts = {party: Part(unsigned(shares)) for party, shares in parts}
        settled = self._connection.execute(
            "SELECT party, settlement, max(id) FROM settlements WHERE distribution = ? GROUP BY party", (number,)
        )
        for party, settlement, _ in settled:
            found.parts[party].settlement = settlement
        return found
