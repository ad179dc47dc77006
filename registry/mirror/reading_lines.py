"""Lines of a distribution: each holder's part, its arithmetic, and what became of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from registry.chain.decode import LOG_BITS
from registry.domain.ids import Address, Hash32, PartyId, Shares, Timestamp
from registry.domain.payout_args import Settlement
from registry.mirror.columns import unsigned
from registry.mirror.reading import Bound
from registry.mirror.reading_tax import Rate, Rates, civil_day, parks, tax_on
from registry.mirror.views_payout import Distribution, DividendLine, Handling, Happening

_LINES = """
SELECT r.position, r.party, r.shares, r.account, s.id, s.gross, s.tax, s.settlement,
 (SELECT min(id) FROM settlements p WHERE p.distribution = r.distribution AND p.party = r.party AND p.settlement = 2
  AND p.id < :bound),
 (SELECT chosen FROM scrip_choices c WHERE c.distribution = r.distribution AND c.party = r.party AND c.id < :bound
  ORDER BY c.id DESC LIMIT 1), v.shares, v.cost
FROM distribution_rows r
 LEFT JOIN settlements s ON s.distribution = r.distribution AND s.party = r.party AND s.id = (
  SELECT max(id) FROM settlements WHERE distribution = r.distribution AND party = r.party AND id < :bound)
 LEFT JOIN scrip_deliveries v ON v.distribution = r.distribution AND v.party = r.party AND v.id < :bound
WHERE r.distribution = :distribution AND r.id < :bound AND r.position > :after AND (:party IS NULL OR r.party = :party)
ORDER BY r.position LIMIT :limit
"""
# Shares were delivered with the part that was paid; `was_parked` counts only where something is paid.
_HANDLED = """
SELECT s.id, s.gross, s.tax, v.shares, v.cost, s.settlement,
 s.settlement = 1 AND EXISTS (SELECT 1 FROM settlements p WHERE p.distribution = s.distribution AND p.party = s.party
  AND p.settlement = 2 AND p.id < s.id)
FROM settlements s LEFT JOIN scrip_deliveries v ON s.settlement = 1 AND v.distribution = s.distribution
 AND v.party = s.party AND v.id < ?
WHERE s.distribution = ? AND s.id < ? ORDER BY s.id, s.party
"""
_HAPPENING = """
SELECT b.number, b.time, (SELECT hash FROM txs WHERE id <= :id ORDER BY id DESC LIMIT 1) FROM blocks b
WHERE b.number = :block
"""


def happening(connection: sqlite3.Connection, key: int) -> Happening:
    """Where a log stands."""
    found = connection.execute(_HAPPENING, {"id": key, "block": key >> LOG_BITS}).fetchone()
    return Happening(key, found[0], Timestamp(found[1]), Hash32(found[2]))


def handlings_of(connection: sqlite3.Connection, bound: Bound, distribution: int) -> tuple[Handling, ...]:
    """What became of all parts, transaction by transaction, in the order of the chain."""
    at: dict[int, Happening] = {}
    found: dict[tuple[Hash32, Settlement, bool], list[_Handled]] = {}
    for key, *amounts, settlement, was_parked in connection.execute(_HANDLED, (bound.id, distribution, bound.id)):
        at[key] = at.get(key) or happening(connection, key)
        handled = _Handled(at[key], *(unsigned(amount or 0) for amount in amounts))
        found.setdefault((at[key].tx, Settlement(settlement), bool(was_parked)), []).append(handled)
    return tuple(_handling(kind, was_parked, parts) for (_, kind, was_parked), parts in found.items())


@dataclass(frozen=True, slots=True)
class _Handled:
    """One part."""

    at: Happening
    gross: int
    tax: int
    scrip_shares: int
    scrip_cost: int


def _handling(settlement: Settlement, was_parked: bool, parts: Sequence[_Handled]) -> Handling:
    return Handling(
        settlement=settlement,
        was_parked=was_parked,
        parties=len(parts),
        gross=sum(part.gross for part in parts),
        tax=sum(part.tax for part in parts),
        scrip_parties=sum(part.scrip_shares > 0 for part in parts),
        scrip_shares=Shares(sum(part.scrip_shares for part in parts)),
        scrip_cost=sum(part.scrip_cost for part in parts),
        at=parts[0].at,
    )


def lines_of(
    connection: sqlite3.Connection,
    bound: Bound,
    known: Distribution,
    *,
    party: int | None = None,
    after: int = -1,
    limit: int = -1,
) -> list[DividendLine]:
    """By row; of one party, or all behind a row."""
    key = {"distribution": known.number, "bound": bound.id, "party": party, "after": after, "limit": limit}
    rates = Rates(connection, known.terms.schedule, bound.id)
    today = civil_day(connection, bound.stand.time)
    line = partial(_line, connection, bound, known, rates, today, {})
    return [line(row) for row in connection.execute(_LINES, key).fetchall()]


def _line(
    connection: sqlite3.Connection,
    bound: Bound,
    known: Distribution,
    rates: Rates,
    today: int,
    at: dict[int, Happening],
    row: Sequence[Any],
) -> DividendLine:
    position, party, stored, account, settled, told_gross, tax, found, parked, chosen, scrip_shares, scrip_cost = row
    for key in (settled, parked):
        if key is not None and key not in at:
            at[key] = happening(connection, key)
    settlement, shares = Settlement(found or 0), unsigned(stored)
    if told_gross is not None:
        gross = unsigned(told_gross)
    else:
        gross = shares * known.numerator // known.denominator if known.denominator else 0
    word = rates.word(party, bound.id)
    rate = Rate(0)
    if settlement == Settlement.PAID:
        # What counts is the party's standing when it was paid.
        then = civil_day(connection, at[settled].time)
        rate = rates.of(rates.word(party, settled), then, settled)
    elif settlement != Settlement.LAPSED:
        rate = rates.of(word, today, bound.id)
    return DividendLine(
        distribution=known.number,
        row=position,
        party=PartyId(party),
        shares=Shares(shares),
        account=Address(account),
        numerator=known.numerator,
        denominator=known.denominator,
        gross=gross,
        bps=rate.bps,
        by_relief=rate.by_relief,
        tax=unsigned(tax) if settlement == Settlement.PAID else tax_on(gross, rate.bps),
        settlement=settlement,
        would_park=parks(word, today),
        wants_scrip=bool(chosen),
        scrip_shares=Shares(unsigned(scrip_shares or 0)),
        scrip_cost=unsigned(scrip_cost or 0),
        parked=at.get(parked),
        settled=at.get(settled),
    )
