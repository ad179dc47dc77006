"""Distributions, what each holder gets of them, and a party's dividends over all companies."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from registry.domain.days import first_second, from_date, year_of
from registry.domain.ids import Address, Hash32, PartyId, Shares, Timestamp
from registry.domain.payout_args import DistributionPhase, DistributionTerms
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, page_of
from registry.mirror.reading_lines import handlings_of, happening, lines_of
from registry.mirror.reading_money import region_view
from registry.mirror.reading_record import NOTHING_TO_SHARE, changed_since, preview_of, register_at
from registry.mirror.reading_tax import civil_day, unknown
from registry.mirror.views import AsOf, Page
from registry.mirror.views_payout import (
    Distribution,
    DistributionStep,
    DividendDifference,
    DividendLine,
    DividendSummary,
    Handling,
    PartyDividend,
    PartyPreview,
    Preview,
    PreviewLine,
    Remittance,
)

_ENDLESS = 1 << 32
FIRST_YEAR, LAST_YEAR = 1971, 9998
_DISTRIBUTIONS = """
SELECT d.distribution, d.company, c.name, d.class_id, k.name, k.symbol, k.decimals, k.address, d.epoch, d.schedule,
 d.funded_by, d.total, d.rate, d.profit, d.payable_from, d.expires_at, d.remainder_account, d.scrip_price,
 (SELECT time FROM record_dates r WHERE r.class_id = d.class_id AND r.epoch = d.epoch), c.region, s.tax_account,
 (SELECT count(*) FROM distribution_rows r WHERE r.distribution = d.distribution AND r.id < :bound),
 v.phase, v.is_short, v.expires_at, v.counted, v.declared, v.entitled, v.returned, v.carried, v.paid, v.withheld,
 v.handled, v.parked, v.lapsed, v.remitted, v.reserved
FROM distributions d JOIN companies c ON c.company = d.company JOIN classes k ON k.class_id = d.class_id
 JOIN schedules s ON s.schedule = d.schedule JOIN distribution_versions v ON v.distribution = d.distribution
 AND v.id = (SELECT max(id) FROM distribution_versions WHERE distribution = d.distribution AND id < :bound)
WHERE <scope> AND d.id < :bound ORDER BY d.distribution DESC LIMIT :limit
"""
_LIST = _DISTRIBUTIONS.replace(
    "<scope>",
    "(:company IS NULL OR d.company = :company) AND (:class_id IS NULL OR d.class_id = :class_id) "
    "AND d.distribution < :before",
)
_ONE = _DISTRIBUTIONS.replace("<scope>", "d.distribution = :distribution")
_UNFIXED = _DISTRIBUTIONS.replace("<scope>", "d.class_id = :class_id AND v.phase = 1")
_EVER_HELD = "SELECT DISTINCT class_id FROM entries WHERE taker = :party AND taker <> 0 AND id < :bound"
_EXCLUDED = "SELECT account FROM exclusions WHERE distribution = ? ORDER BY position"
_STEPS = """
SELECT s.phase, s.amount, a.document, s.id FROM distribution_steps s LEFT JOIN acts a ON a.id = s.act
WHERE s.distribution = ? AND s.id < ? ORDER BY s.id
"""
_REMITTANCES = "SELECT distribution, amount, id FROM remittances WHERE distribution = ? AND id < ? ORDER BY id"
_OF_PARTY = """
SELECT distribution, party FROM distribution_rows WHERE party = :party AND id < :bound ORDER BY distribution DESC
"""
_PAID = """
SELECT <what> FROM settlements s JOIN distributions d ON d.distribution = s.distribution
 JOIN blocks b ON b.number = s.block
WHERE s.settlement = 1 AND s.id < :bound AND b.time >= :begins AND b.time < :ends
 AND (:company IS NULL OR d.company = :company) AND <scope> ORDER BY <order>
"""
_PARTS = _PAID.replace("<what>", "s.distribution, s.party").replace("<order>", "s.id, s.party")
_TIMES = _PAID.replace("<what>", "DISTINCT b.time").replace("<order>", "b.time")
# Of a party its index is used.
_SCOPES = {False: "1", True: "s.party = :party"}
_FIRST, _LAST = 0, (1 << 63) - 1
# Once the register is fixed, of those who share in it.
_CHOOSERS = """
SELECT c.party FROM scrip_choices c WHERE c.distribution = :distribution AND c.chosen AND c.id = (
  SELECT max(id) FROM scrip_choices WHERE distribution = c.distribution AND party = c.party AND id < :bound)
 AND (c.party IN (SELECT party FROM distribution_rows WHERE distribution = :distribution AND id < :bound)
  OR NOT EXISTS (SELECT 1 FROM distribution_rows WHERE distribution = :distribution AND id < :bound))
"""


class PayoutQueries(Reader):
    """Reads about dividends."""

    def distributions(
        self,
        company: int | None = None,
        as_of: AsOf = NOW,
        *,
        class_id: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Distribution]:
        """Newest first; of a company, of a class, or all."""
        before = checked_cursor(cursor, _ENDLESS)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"company": company, "class_id": class_id, "before": before, "bound": bound.id}
            found = connection.execute(_LIST, {**key, "limit": checked_limit(limit) + 1}).fetchall()
            items = [_distribution(connection, bound, row) for row in found]
        return page_of(items, [item.number for item in items], limit, bound.stand)

    def distribution(self, distribution: int, as_of: AsOf = NOW) -> Distribution:
        """Terms, money and what happened to it."""
        with self._snapshot() as connection:
            return distribution_view(connection, self._bound(connection, as_of), distribution)

    def dividend_lines(
        self, distribution: int, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 200
    ) -> Page[DividendLine]:
        """Every holder's part by row of the fixed register; none before it is fixed. Once the distribution is cancelled
        the rows still stand, and every amount is 0."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            known = distribution_view(connection, bound, distribution)
            items = lines_of(connection, bound, known, after=after - 1, limit=checked_limit(limit) + 1)
        # The cursor is the next row: rows count from 0.
        return page_of(items, [item.row + 1 for item in items], limit, bound.stand)

    def dividend_line(self, distribution: int, party: int, as_of: AsOf = NOW) -> DividendLine | None:
        """One holder's part; None for who does not share in it."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            known = distribution_view(connection, bound, distribution)
            return next(iter(lines_of(connection, bound, known, party=party)), None)

    def handlings(self, distribution: int, as_of: AsOf = NOW) -> tuple[Handling, ...]:
        """What became of all parts, transaction by transaction, the oldest first; none before something was handled."""
        with self._snapshot() as connection:
            return handlings_of(connection, self._bound(connection, as_of), distribution)

    def party_dividends(self, party: int, as_of: AsOf = NOW) -> tuple[PartyDividend, ...]:
        """A party's parts over all companies, paid or not, but for cancelled distributions; the newest first."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_OF_PARTY, {"party": party, "bound": bound.id}).fetchall()
            dividends = _dividends(connection, bound, found)
        return tuple(each for each in dividends if each.distribution.phase != DistributionPhase.CANCELLED)

    def dividends_paid(
        self, year: int, as_of: AsOf = NOW, *, company: int | None = None, party: int | None = None
    ) -> tuple[PartyDividend, ...]:
        """What was paid in a civil year, in the order of the payments: of a company, of a party, of both or all."""
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise InputError(
                f"year must be {FIRST_YEAR} to {LAST_YEAR}, not {year}",
                code="year_out_of_range",
                field="year",
                value=year,
            )
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            (offset,) = connection.execute("SELECT utc_offset FROM meta").fetchone()
            begins, ends = (first_second(from_date(date(each, 1, 1)), offset) for each in (year, year + 1))
            key = {"bound": bound.id, "begins": begins, "ends": ends, "company": company, "party": party}
            return _dividends(
                connection,
                bound,
                connection.execute(_PARTS.replace("<scope>", _SCOPES[party is not None]), key).fetchall(),
            )

    def dividend_years(
        self, as_of: AsOf = NOW, *, company: int | None = None, party: int | None = None
    ) -> tuple[int, ...]:
        """Civil years in which something was paid, the newest first."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"bound": bound.id, "begins": _FIRST, "ends": _LAST, "company": company, "party": party}
            found = connection.execute(_TIMES.replace("<scope>", _SCOPES[party is not None]), key).fetchall()
            days = {civil_day(connection, time) for (time,) in found}
        return tuple(sorted({year_of(day) for day in days}, reverse=True))

    def preview_distribution(self, distribution: int, as_of: AsOf = NOW) -> Preview:
        """What each holder would get of an announced distribution, from the register at its record date or, until that
        has passed, as it stands. InputError for a cancelled one."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            return _preview(connection, bound, distribution_view(connection, bound, distribution))

    def dividends_ahead(self, party: int, as_of: AsOf = NOW) -> tuple[PartyPreview, ...]:
        """What a party would get of distributions whose register is not fixed yet, over all companies; the newest
        first. As `preview_distribution`; without those of which it would get nothing."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"party": party, "bound": bound.id, "limit": -1}
            classes = connection.execute(_EVER_HELD, key).fetchall()
            rows = [row for (each,) in classes for row in connection.execute(_UNFIXED, {**key, "class_id": each})]
            known = [_distribution(connection, bound, row) for row in rows]
            found = [PartyPreview(line, d) for d in known for line in _foreseen(connection, bound, d, party)]
        return tuple(sorted(found, key=lambda each: each.distribution.number, reverse=True))

    def scrip_choosers(self, distribution: int, as_of: AsOf = NOW) -> frozenset[PartyId]:
        """Who chose shares instead of cash; once the register is fixed, of those who share in it."""
        with self._snapshot() as connection:
            return _choosers(connection, self._bound(connection, as_of), distribution)

    def dividend_differences(self, distribution: int, as_of: AsOf = NOW) -> tuple[DividendDifference, ...]:
        """Holders whose shares at the record date are others by corrections that came later, by party; none before it
        is fixed. The dividend stays what it is."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            known = distribution_view(connection, bound, distribution)
            if not known.holders or known.phase == DistributionPhase.CANCELLED:
                return ()
            changed = changed_since(connection, bound, known.class_id, known.record_time, frozenset(known.excluded))
            fixed = {line.party: line for line in lines_of(connection, bound, known)}
        return _differences(known, fixed, changed)


# --- the parts, each inside a snapshot ---


def distribution_view(connection: sqlite3.Connection, bound: Bound, distribution: int) -> Distribution:
    key = {"distribution": distribution, "bound": bound.id, "limit": 1}
    row = connection.execute(_ONE, key).fetchone()
    if row is None:
        raise unknown("distribution", distribution, bound)
    return _distribution(connection, bound, row)


def _distribution(connection: sqlite3.Connection, bound: Bound, row: Sequence[Any]) -> Distribution:
    number, company, company_name, class_id, class_name, symbol, decimals = row[:7]
    region, tax_account, holders, phase, is_short, expires_at, counted = row[19:26]
    record_time = row[18] or 0  # its date is there unless the mirror lost it
    declared, entitled, returned, carried, paid, withheld, handled, parked, lapsed, remitted, reserved = map(
        unsigned, row[26:]
    )
    return Distribution(
        stand=bound.stand,
        number=number,
        company=company,
        company_name=company_name,
        class_id=class_id,
        class_name=class_name,
        symbol=symbol,
        decimals=decimals,
        terms=_terms(row[7:18]),
        excluded=tuple(Address(account) for (account,) in connection.execute(_EXCLUDED, (number,))),
        record_time=Timestamp(record_time),
        record_day=civil_day(connection, record_time),
        region=region_view(connection, bound, region),
        tax_account=Address(tax_account),
        phase=phase,
        is_short=bool(is_short),
        expires_at=expires_at,
        counted=int(counted),
        returned=returned,
        entitled=Shares(entitled),
        handled=Shares(handled),
        reserved=Shares(reserved),
        holders=holders,
        summary=DividendSummary(
            declared=declared,
            paid=paid,
            withheld=withheld,
            unclaimed=declared - paid - withheld - parked - carried,
            parked=parked,
            carried=carried,
            lapsed=lapsed,
            remitted=remitted,
        ),
        steps=_steps(connection, bound, number),
        remittances=_remittances(connection, bound, number),
    )


def _terms(row: Sequence[Any]) -> DistributionTerms:
    share_class, epoch, schedule, funded_by, total, rate, profit, payable_from, expires_at, remainder, scrip = row
    return DistributionTerms(
        share_class=Address(share_class),
        epoch=epoch,
        schedule=schedule,
        funded_by=Address(funded_by),
        total=unsigned(total),
        rate=int(rate),
        profit=unsigned(profit),
        payable_from=payable_from,
        expires_at=expires_at,
        remainder_account=Address(remainder),
        scrip_price=unsigned(scrip),
    )


def _steps(connection: sqlite3.Connection, bound: Bound, number: int) -> tuple[DistributionStep, ...]:
    found = connection.execute(_STEPS, (number, bound.id)).fetchall()
    return tuple(
        DistributionStep(
            phase=phase,
            amount=unsigned(amount),
            document=None if document is None else Hash32(document),
            at=happening(connection, key),
        )
        for phase, amount, document, key in found
    )


def _remittances(connection: sqlite3.Connection, bound: Bound, number: int) -> tuple[Remittance, ...]:
    found = connection.execute(_REMITTANCES, (number, bound.id)).fetchall()
    return tuple(Remittance(each, unsigned(amount), happening(connection, key)) for each, amount, key in found)


def _dividends(
    connection: sqlite3.Connection, bound: Bound, found: Sequence[tuple[int, int]]
) -> tuple[PartyDividend, ...]:
    """Of distributions and parties; each distribution is read once."""
    known = {
        number: distribution_view(connection, bound, number) for number in dict.fromkeys(number for number, _ in found)
    }
    lines: dict[tuple[int, PartyId], DividendLine] = {}
    for number, distribution in known.items():
        parties = {party for each, party in found if each == number}
        only = next(iter(parties)) if len(parties) == 1 else None
        lines |= {(number, line.party): line for line in lines_of(connection, bound, distribution, party=only)}
    return tuple(PartyDividend(lines[number, PartyId(party)], known[number]) for number, party in found)


def _preview(connection: sqlite3.Connection, bound: Bound, known: Distribution) -> Preview:
    if known.phase == DistributionPhase.CANCELLED:
        message = f"dividend {known.number} was cancelled: nobody gets anything of it"
        raise InputError(message, code="distribution_cancelled", field="distribution", value=known.number)
    terms = known.terms
    register = register_at(connection, bound, known.class_id, terms.epoch, frozenset(known.excluded))
    found = preview_of(connection, bound, register, terms.schedule, terms.total, terms.rate)
    choosers = _choosers(connection, bound, known.number)
    return replace(found, lines=tuple(replace(line, wants_scrip=line.party in choosers) for line in found.lines))


def _foreseen(connection: sqlite3.Connection, bound: Bound, known: Distribution, party: int) -> list[PreviewLine]:
    """The party's line, or none."""
    try:
        lines = _preview(connection, bound, known).lines
    except InputError as nothing:
        if nothing.code not in NOTHING_TO_SHARE:
            raise
        return []
    return [line for line in lines if line.party == party]


def _choosers(connection: sqlite3.Connection, bound: Bound, distribution: int) -> frozenset[PartyId]:
    found = connection.execute(_CHOOSERS, {"distribution": distribution, "bound": bound.id})
    return frozenset(PartyId(party) for (party,) in found)


def _differences(
    known: Distribution,
    fixed: dict[PartyId, DividendLine],
    changed: dict[PartyId, tuple[int, tuple[int, ...]]],
) -> tuple[DividendDifference, ...]:
    """A total is shared out among the shares as corrected; a rate gives each share the same as before."""
    entitled = known.entitled + sum(shares for shares, _ in changed.values())
    denominator = entitled if known.is_shared_out else known.denominator
    found = []
    # Of a total everybody's part is another one if the number of shares is.
    is_all = known.is_shared_out and entitled != known.entitled
    for party in sorted({*changed, *(fixed if is_all else ())}):
        line, (more, entries) = fixed.get(party), changed.get(party, (0, ()))
        shares, gross = (line.shares, line.gross) if line else (Shares(0), 0)
        corrected = max(0, shares + more) * known.numerator // denominator if denominator else 0
        found.append(DividendDifference(party, shares, shares + more, gross, corrected, entries))
    return tuple(found)
