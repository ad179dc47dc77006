"""Entries of the register and the acts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.chain.decode import CLASSES_PER_COMPANY
from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Reader, checked_cursor, checked_limit, page_of
from registry.mirror.views import Act, AsOf, Consideration, Entry, Page

_TRANSFER = 2
_AGREEMENT, _OWN_ACCOUNT = 1, 5
_ENDLESS = (1 << 63) - 1
_ALWAYS = 1 << 31

_ACT = """
 a.id, a.block, b.time, (SELECT hash FROM txs WHERE id <= a.id ORDER BY id DESC LIMIT 1), a.operation, a.actor,
 a.company, a.class_id, a.kind, a.basis, a.effective_on, a.document, a.given_kind, a.currency, a.price, a.numerator,
 a.denominator
"""
_ENTRIES = """
SELECT e.id, e.block, b.time, (SELECT hash FROM txs WHERE id <= e.id ORDER BY id DESC LIMIT 1), e.company, e.class_id,
 e.giver, e.giver_account, e.taker, e.taker_account, e.shares, e.effective_on, e.ref,<act>
FROM entries e JOIN blocks b ON b.number = e.block LEFT JOIN acts a ON a.id = e.act
WHERE <scope> AND e.id < :bound AND e.id > :after AND e.id < :before AND e.effective_on <= :day
 AND (:class_id IS NULL OR e.class_id = :class_id)
ORDER BY e.id <order> LIMIT :limit
""".replace("<act>", _ACT)
_SCOPES = {
    "all": "1",
    "company": "e.company = :company",
    "party": "((e.giver = :party AND e.giver <> 0) OR (e.taker = :party AND e.taker <> 0)) "
    "AND (:company IS NULL OR e.company = :company)",
}
_LISTS = {
    (scope, order): _ENTRIES.replace("<scope>", text).replace("<order>", order)
    for scope, text in _SCOPES.items()
    for order in ("ASC", "DESC")
}
_ONE = _ENTRIES.replace("<scope>", "e.id = :id").replace("<order>", "ASC")
_ACTS = """
SELECT<act>FROM acts a JOIN blocks b ON b.number = a.block
WHERE <scope> AND a.id < :bound AND a.id < :before ORDER BY a.id <order> LIMIT :limit
""".replace("<act>", _ACT)
_ACTS_OF_OPERATION = _ACTS.replace("<scope>", "a.operation = :operation").replace("<order>", "ASC")
_ACTS_OF_COMPANY = _ACTS.replace("<scope>", "a.company = :company").replace("<order>", "DESC")


class EntryQueries(Reader):
    """Reads about what moved, and why."""

    def entries(
        self,
        as_of: AsOf = NOW,
        *,
        company: int | None = None,
        class_id: int | None = None,
        party: int | None = None,
        newest_first: bool = True,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Entry]:
        """In the order of the log, newest first unless told otherwise; of a company, a class, a party, or all."""
        if class_id is not None and company is None:
            company = class_id // CLASSES_PER_COMPANY
        scope = "party" if party is not None else "company" if company is not None else "all"
        at = checked_cursor(cursor, _ENDLESS if newest_first else 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            arguments = {
                "company": company,
                "class_id": class_id,
                "party": party,
                "bound": bound.id,
                "before": at if newest_first else _ENDLESS,
                "after": 0 if newest_first else at,
                "day": _ALWAYS if bound.effective_on is None else bound.effective_on,
                "limit": checked_limit(limit) + 1,
            }
            found = connection.execute(_LISTS[scope, "DESC" if newest_first else "ASC"], arguments).fetchall()
        items = [_entry(row) for row in found]
        return page_of(items, [entry.id for entry in items], limit, bound.stand)

    def entry(self, entry_id: int, as_of: AsOf = NOW) -> Entry:
        """One entry with its act, transaction, document, reference and consideration."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            arguments = {"id": entry_id, "class_id": None, "bound": bound.id, "day": _ALWAYS, "limit": 1}
            found = connection.execute(_ONE, {**arguments, "before": _ENDLESS, "after": -1}).fetchone()
        if not found:
            raise InputError(
                f"there is no entry {entry_id} as of block {bound.stand.block}",
                code="entry_unknown",
                field="entry",
                value=entry_id,
            )
        return _entry(found)

    def acts(self, operation: bytes, as_of: AsOf = NOW) -> tuple[Act, ...]:
        """What was done under an operation id; each contract carries an id out once."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            arguments = {"operation": operation, "bound": bound.id, "before": _ENDLESS, "limit": -1}
            return tuple(_act(row) for row in connection.execute(_ACTS_OF_OPERATION, arguments))

    def acts_of(self, company: int, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 50) -> Page[Act]:
        """Acts of a company and of its classes, newest first; company 0 is the registry."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            before = checked_cursor(cursor, _ENDLESS)
            arguments = {"company": company, "bound": bound.id, "before": before, "limit": checked_limit(limit) + 1}
            items = [_act(row) for row in connection.execute(_ACTS_OF_COMPANY, arguments)]
        return page_of(items, [act.id for act in items], limit, bound.stand)


def _entry(row: Sequence[Any]) -> Entry:
    act = None if row[13] is None else _act(row[13:])
    giver, giver_account, taker, taker_account = row[6:10]
    return Entry(
        id=row[0],
        block=row[1],
        time=Timestamp(row[2]),
        tx=Hash32(row[3]),
        company=row[4],
        class_id=row[5],
        giver=PartyId(giver),
        giver_account=AccountNumber(giver_account),
        taker=PartyId(taker),
        taker_account=AccountNumber(taker_account),
        shares=Shares(unsigned(row[10])),
        effective_on=Day(row[11]),
        kind=act.kind if act else _TRANSFER,
        basis=act.basis if act else _OWN_ACCOUNT if giver == taker else _AGREEMENT,
        ref=None if row[12] is None else Hash32(row[12]),
        act=act,
    )


def _act(row: Sequence[Any]) -> Act:
    given_kind, currency, price, numerator, denominator = row[12:17]
    return Act(
        id=row[0],
        block=row[1],
        time=Timestamp(row[2]),
        tx=Hash32(row[3]),
        operation=Hash32(row[4]),
        actor=Address(row[5]),
        company=row[6] or None,
        class_id=row[7] or None,
        kind=row[8],
        basis=row[9],
        effective_on=Day(row[10]),
        document=Hash32(row[11]),
        consideration=Consideration(given_kind, currency, int(price)) if given_kind else None,
        ratio=(numerator, denominator) if numerator else None,
    )
