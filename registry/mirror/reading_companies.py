"""Companies, classes, holdings, cap tables, seats."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from registry.chain.decode import CLASSES_PER_COMPANY
from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, class_range, page_of
from registry.mirror.views import (
    Alarm,
    AsOf,
    CapRow,
    CapTable,
    Company,
    Document,
    Holder,
    HoldingRow,
    Page,
    RecordDate,
    RoleRow,
    SeatRow,
    ShareClass,
)

_NOBODY = bytes(20)
_CLASS_ID = {
    "address": "SELECT class_id FROM classes WHERE address = ? AND id < ?",
    "class_id": "SELECT class_id FROM classes WHERE class_id = ? AND id < ?",
}
_ALWAYS = 1 << 31

_COMPANIES = """
SELECT c.company, c.address, c.name, c.form, c.region, v.cap, v.phase, v.stops, c.predecessor, v.successor, c.block
FROM companies c JOIN company_versions v ON v.company = c.company
 AND v.id = (SELECT max(id) FROM company_versions WHERE company = c.company AND id < :bound)
WHERE c.company >= :low AND c.company <= :high AND c.id < :bound ORDER BY c.company LIMIT :limit
"""
_CLASSES = """
SELECT k.class_id, k.company, k.position, k.address, k.name, k.symbol, k.decimals, v.authorised, v.stops, v.categories,
 (SELECT shares FROM reservations r WHERE r.class_id = k.class_id AND r.id < :bound ORDER BY r.id DESC LIMIT 1)
FROM classes k JOIN class_versions v ON v.class_id = k.class_id
 AND v.id = (SELECT max(id) FROM class_versions WHERE class_id = k.class_id AND id < :bound)
WHERE k.class_id >= :low AND k.class_id <= :high AND k.id < :bound ORDER BY k.class_id
"""
_SEATS = """
SELECT party, accounts, is_fixed, weight, subscriptions, max(id) FROM seats WHERE company = :company AND id < :bound
GROUP BY party ORDER BY party
"""
_HELD_BY_COMPANY = """
SELECT class_id, party, account, shares, lock_day, last_entry FROM holdings
WHERE class_id >= :low AND class_id <= :high AND shares <> 0 ORDER BY class_id, party, account
"""
_HELD_BY_PARTY = """
SELECT class_id, party, account, shares, lock_day, last_entry FROM holdings
WHERE party = :party AND class_id >= :low AND class_id <= :high AND shares <> 0 ORDER BY class_id, party, account
"""
# 64-bit amounts are summed in halves of 32 bits, so that SQLite's signed sums cannot overflow.
_SUMS = """
SELECT class_id, party, account, sum(high), sum(low), lock_day, max(id) FROM (
 SELECT class_id, taker AS party, taker_account AS account, shares >> 32 & 4294967295 AS high,
  shares & 4294967295 AS low, taker_lock AS lock_day, id
 FROM entries WHERE <taker> AND taker <> 0 AND id < :bound AND effective_on <= :day
 UNION ALL
 SELECT class_id, giver, giver_account, -(shares >> 32 & 4294967295), -(shares & 4294967295), giver_lock, id
 FROM entries WHERE <giver> AND giver <> 0 AND id < :bound AND effective_on <= :day
) GROUP BY class_id, party, account ORDER BY class_id, party, account
"""
_SUMS_BY_COMPANY = _SUMS.replace("<taker>", "company = :company").replace("<giver>", "company = :company")
_SUMS_BY_PARTY = _SUMS.replace("<taker>", "taker = :party AND class_id >= :low AND class_id <= :high").replace(
    "<giver>", "giver = :party AND class_id >= :low AND class_id <= :high"
)
_LOCKS = """
SELECT class_id, party, account, lock_day, max(id) FROM locks
WHERE class_id >= :low AND class_id <= :high AND id < :bound GROUP BY class_id, party, account
"""
_DOCUMENTS = """
SELECT d.id, d.company, d.kind, d.uri, a.document, a.effective_on, d.block
FROM documents d JOIN acts a ON a.id = d.act WHERE d.company = :company AND d.id < :bound ORDER BY d.id
"""
_ROLES = """
SELECT company, account, roles, max(id) FROM roles WHERE company = :company AND id < :bound
GROUP BY account ORDER BY account
"""
_RECORD_DATES = (
    "SELECT class_id, epoch, time FROM record_dates WHERE class_id = :class_id AND id < :bound ORDER BY epoch"
)
_ALARMS = "SELECT id, block, company, seats, cap FROM alarms WHERE company = :company AND id < :bound ORDER BY id"


class CompanyQueries(Reader):
    """Reads about companies and what is held in them."""

    def companies(self, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 100) -> Page[Company]:
        """By number."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = _companies(connection, bound, after + 1, _ALWAYS, checked_limit(limit) + 1)
        return page_of(found, [company.number for company in found], limit, bound.stand)

    def company(self, company: int | bytes, as_of: AsOf = NOW) -> Company:
        """By number or address."""
        with self._snapshot() as connection:
            return company_view(connection, self._bound(connection, as_of), company)

    def classes(self, company: int, as_of: AsOf = NOW) -> tuple[ShareClass, ...]:
        """By position in the company."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            _require_company(connection, bound, company)
            return _classes(connection, bound, company, holdings_of(connection, bound, company))

    def share_class(self, share_class: int | bytes, as_of: AsOf = NOW) -> ShareClass:
        """By class id or address."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            class_id = _class_id(connection, bound, share_class)
            company = class_id // CLASSES_PER_COMPANY
            held = holdings_of(connection, bound, company)
            return next(k for k in _classes(connection, bound, company, held) if k.class_id == class_id)

    def cap_table(self, company: int | bytes, as_of: AsOf = NOW) -> CapTable:
        """The whole register of a company; at most some hundred holders of record by law."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            facts = company_view(connection, bound, company)
            held = holdings_of(connection, bound, facts.number)
            classes = _classes(connection, bound, facts.number, held)
        rows = sorted(_by_party(held), key=lambda row: (row.class_id, -row.shares, row.party))
        return CapTable(bound.stand, bound.effective_on, facts, classes, tuple(rows))

    def holders(self, company: int, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 100) -> Page[Holder]:
        """Holders of record by party id."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            _require_company(connection, bound, company)
            weights = {seat.party: seat.weight for seat in _seats(connection, bound, company)}
            held = holdings_of(connection, bound, company)
        rows: dict[PartyId, list[CapRow]] = defaultdict(list)
        for row in _by_party(held):
            if row.party > after:
                rows[row.party].append(row)
        parties = sorted(rows)[: checked_limit(limit) + 1]
        items = [Holder(party, tuple(rows[party]), weights[party]) for party in parties]
        return page_of(items, parties, limit, bound.stand)

    def holdings(self, company: int, as_of: AsOf = NOW) -> tuple[HoldingRow, ...]:
        """By class, party and account; empty accounts are left out."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            _require_company(connection, bound, company)
            return holdings_of(connection, bound, company)

    def holder(self, party: int, company: int | None = None, as_of: AsOf = NOW) -> tuple[HoldingRow, ...]:
        """What a party holds, in one company or in all, by class and account."""
        with self._snapshot() as connection:
            return holdings_of(connection, self._bound(connection, as_of), company, party)

    def seats(self, company: int, as_of: AsOf = NOW) -> tuple[SeatRow, ...]:
        """By party; those without shares are there if a weight is known. Seats follow blocks, not effective days."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            _require_company(connection, bound, company)
            return _seats(connection, bound, company)

    def documents(self, company: int, as_of: AsOf = NOW) -> tuple[Document, ...]:
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_DOCUMENTS, {"company": company, "bound": bound.id}).fetchall()
        return tuple(
            Document(key, number, kind, uri, Hash32(digest), Day(day), block)
            for key, number, kind, uri, digest, day, block in found
        )

    def roles(self, company: int = 0, as_of: AsOf = NOW) -> tuple[RoleRow, ...]:
        """Who may do what in a company, or (0) in the registry; those who have no role any more are left out."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_ROLES, {"company": company, "bound": bound.id}).fetchall()
        return tuple(RoleRow(number, Address(account), roles) for number, account, roles, _ in found if roles)

    def record_dates(self, class_id: int, as_of: AsOf = NOW) -> tuple[RecordDate, ...]:
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_RECORD_DATES, {"class_id": class_id, "bound": bound.id}).fetchall()
        return tuple(RecordDate(row[0], row[1], Timestamp(row[2])) for row in found)

    def alarms(self, company: int, as_of: AsOf = NOW) -> tuple[Alarm, ...]:
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_ALARMS, {"company": company, "bound": bound.id}).fetchall()
        return tuple(Alarm(*row) for row in found)


# --- the parts, each inside a snapshot ---


def _companies(connection: sqlite3.Connection, bound: Bound, low: int, high: int, limit: int) -> list[Company]:
    arguments = {"bound": bound.id, "low": low, "high": high, "limit": limit}
    return [_company_view(connection, bound, row) for row in connection.execute(_COMPANIES, arguments).fetchall()]


def _company_view(connection: sqlite3.Connection, bound: Bound, row: Sequence[Any]) -> Company:
    number, address, name, form, region, cap, phase, stops, predecessor, successor, block = row
    seats = _seats(connection, bound, number)
    counted = [seat.weight for seat in seats if seat.accounts]
    if bound.effective_on is not None:
        holding = {held.party for held in holdings_of(connection, bound, number)}
        counted = [seat.weight for seat in seats if seat.party in holding]
    return Company(
        number=number,
        address=Address(address),
        name=name,
        form=form,
        region=region,
        cap=cap,
        phase=phase,
        stops=stops,
        predecessor=_known(predecessor),
        successor=_known(successor),
        created_in=block,
        seats=sum(counted),
        holders=len(counted),
        pending=sum(seat.weight for seat in seats if seat.is_pending),
    )


def company_view(connection: sqlite3.Connection, bound: Bound, company: int | bytes) -> Company:
    number: int | bytes = company
    if isinstance(company, bytes):
        found = connection.execute("SELECT company FROM companies WHERE address = ?", (company,)).fetchone()
        number = found[0] if found else 0
    rows = _companies(connection, bound, number, number, 1) if isinstance(number, int) else []
    if not rows:
        raise _unknown("company", company, bound)
    return rows[0]


def _require_company(connection: sqlite3.Connection, bound: Bound, company: int) -> None:
    found = connection.execute("SELECT 1 FROM companies WHERE company = ? AND id < ?", (company, bound.id)).fetchone()
    if not found:
        raise _unknown("company", company, bound)


def _class_id(connection: sqlite3.Connection, bound: Bound, share_class: int | bytes) -> int:
    """The id of a class that is there, by id or address."""
    column = "address" if isinstance(share_class, bytes) else "class_id"
    found = connection.execute(_CLASS_ID[column], (share_class, bound.id)).fetchone()
    if not found:
        raise _unknown("class", share_class, bound)
    return int(found[0])


def _classes(
    connection: sqlite3.Connection, bound: Bound, company: int, held: Iterable[HoldingRow]
) -> tuple[ShareClass, ...]:
    issued: dict[int, int] = defaultdict(int)
    for row in held:
        issued[row.class_id] += row.shares
    low, high = class_range(company)
    found = connection.execute(_CLASSES, {"bound": bound.id, "low": low, "high": high}).fetchall()
    return tuple(
        ShareClass(
            class_id=class_id,
            company=number,
            position=position,
            address=Address(address),
            name=name,
            symbol=symbol,
            decimals=decimals,
            authorised=Shares(unsigned(authorised)),
            issued=Shares(issued[class_id]),
            stops=stops,
            categories=categories,
            reserved=Shares(unsigned(kept or 0)),
        )
        for class_id, number, position, address, name, symbol, decimals, authorised, stops, categories, kept in found
    )


def holdings_of(
    connection: sqlite3.Connection, bound: Bound, company: int | None, party: int | None = None
) -> tuple[HoldingRow, ...]:
    """At the head they stand there; of earlier blocks and effective days the entries are summed."""
    low, high = (0, _ALWAYS) if company is None else class_range(company)
    key = {"company": company, "party": party, "low": low, "high": high, "bound": bound.id}
    if bound.is_head and bound.effective_on is None:
        found = connection.execute(_HELD_BY_COMPANY if party is None else _HELD_BY_PARTY, key).fetchall()
        return tuple(_holding_row(row[0], row[1], row[2], unsigned(row[3]), row[4], row[5]) for row in found)
    key["day"] = _ALWAYS if bound.effective_on is None else bound.effective_on
    sums = connection.execute(_SUMS_BY_COMPANY if party is None else _SUMS_BY_PARTY, key).fetchall()
    locks = {tuple(row[:3]): (row[3], row[4]) for row in connection.execute(_LOCKS, key)}
    rows = []
    for class_id, owner, account, high_half, low_half, lock_day, last in sums:
        locked = locks.get((class_id, owner, account))
        shares = (high_half << 32) + low_half
        if shares:
            lock = locked[0] if locked and locked[1] > last else lock_day
            rows.append(_holding_row(class_id, owner, account, shares, lock, last))
    return tuple(rows)


def _holding_row(class_id: int, party: int, account: int, shares: int, lock_day: int, last: int) -> HoldingRow:
    return HoldingRow(
        company=class_id // CLASSES_PER_COMPANY,
        class_id=class_id,
        party=PartyId(party),
        account=AccountNumber(account),
        shares=Shares(shares),
        lock_day=Day(lock_day),
        last_entry=last,
    )


def _by_party(held: Iterable[HoldingRow]) -> list[CapRow]:
    """Sums over a party's accounts, by class and party."""
    sums: dict[tuple[int, PartyId], int] = defaultdict(int)
    for row in held:
        sums[row.class_id, row.party] += row.shares
    return [CapRow(class_id, party, Shares(shares)) for (class_id, party), shares in sums.items() if shares]


def _seats(connection: sqlite3.Connection, bound: Bound, company: int) -> tuple[SeatRow, ...]:
    found = connection.execute(_SEATS, {"company": company, "bound": bound.id}).fetchall()
    return tuple(
        SeatRow(PartyId(party), accounts, bool(fixed), weight, waiting)
        for party, accounts, fixed, weight, waiting, _ in found
    )


def _known(address: bytes) -> Address | None:
    return None if address == _NOBODY else Address(address)


def _unknown(what: str, asked: int | bytes, bound: Bound) -> InputError:
    shown = "0x" + asked.hex() if isinstance(asked, bytes) else str(asked)
    return InputError(
        f"there is no {what} {shown} as of block {bound.stand.block}", code=f"{what}_unknown", field=what, value=shown
    )
