"""Money accounts and movements, the bank's lines, regions, use of the annual limit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from registry.domain.ids import BOOK, AccountNumber, Address, Day, Hash32, PartyId, Timestamp
from registry.domain.raise_words import RegionWord, Subscription
from registry.domain.words import PartyWord
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, page_of
from registry.mirror.views import AsOf, Page
from registry.mirror.views_money import (
    AccountName,
    AnnualUse,
    MoneyAccount,
    MoneyMove,
    MoneyStatus,
    PartyMoney,
    RegionView,
)

_ENDLESS = (1 << 63) - 1
_NOBODY = bytes(20)
_LIVE = (1, 2, 3)

# In halves of 32 bits, so that SQLite's signed sums cannot overflow.
_SUM = """
SELECT coalesce(sum(shift * (amount >> 32 & 4294967295)), 0), coalesce(sum(shift * (amount & 4294967295)), 0),
 coalesce(max(id), 0) FROM (
 SELECT 1 AS shift, amount, id FROM money_moves WHERE taker = :account AND id < :bound
 UNION ALL SELECT -1, amount, id FROM money_moves WHERE giver = :account AND id < :bound
)
"""
_SUPPLY = """
SELECT coalesce(sum(shift * (amount >> 32 & 4294967295)), 0), coalesce(sum(shift * (amount & 4294967295)), 0) FROM (
 SELECT CASE giver WHEN :nobody THEN 1 ELSE -1 END AS shift, amount FROM money_moves
 WHERE ref IS NOT NULL AND id < :bound
)
"""
_MOVES = """
SELECT m.id, m.block, b.time, (SELECT hash FROM txs WHERE id <= m.id ORDER BY id DESC LIMIT 1), m.giver, m.taker,
 m.amount, m.ref, a.operation, a.document
FROM money_moves m JOIN blocks b ON b.number = m.block LEFT JOIN acts a ON a.id = m.act
WHERE <scope> AND m.id < :bound AND m.id < :before ORDER BY m.id DESC LIMIT :limit
"""
_BANK = _MOVES.replace("<scope>", "m.ref IS NOT NULL")
_BY_REF = _MOVES.replace("<scope>", "m.ref = :ref")
_FROZEN = "SELECT is_frozen FROM money_freezes WHERE account = ? AND id < ? ORDER BY id DESC LIMIT 1"
_ACCOUNTS = """
SELECT DISTINCT account FROM (
 SELECT giver AS account FROM money_moves WHERE id < :bound UNION SELECT taker FROM money_moves WHERE id < :bound
 UNION SELECT account FROM money_freezes WHERE id < :bound
) WHERE account <> :nobody AND account > :after ORDER BY account LIMIT :limit
"""
_OWN = """
SELECT word FROM subscriptions s WHERE party = :party AND id = (
 SELECT max(id) FROM subscriptions WHERE offering = s.offering AND party = s.party AND id < :bound)
"""
_OUTSIDE = """
SELECT amount, until_day FROM outside_uses WHERE party = :party AND year = :year AND id < :bound
ORDER BY id DESC LIMIT 1
"""


class MoneyQueries(Reader):
    """Reads about money, and what limits its use."""

    def money_status(self, as_of: AsOf = NOW) -> MoneyStatus:
        """Supply, stop, and how many accounts there are."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"nobody": _NOBODY, "bound": bound.id, "after": b"", "limit": -1}
            high, low = connection.execute(_SUPPLY, key).fetchone()
            stopped = connection.execute(
                "SELECT is_stopped FROM money_stops WHERE id < ? ORDER BY id DESC LIMIT 1", (bound.id,)
            ).fetchone()
            accounts = len(connection.execute(_ACCOUNTS, key).fetchall())
        return MoneyStatus(bound.stand, (high << 32) + low, bool(stopped and stopped[0]), accounts)

    def money_accounts(self, accounts: Iterable[bytes], as_of: AsOf = NOW) -> dict[Address, MoneyAccount]:
        """Balances of these accounts, zero for those that never had money."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            return {Address(account): money_account(connection, bound, account) for account in accounts}

    def known_money_accounts(
        self, as_of: AsOf = NOW, *, after: bytes = b"", limit: int = 200
    ) -> tuple[MoneyAccount, ...]:
        """Accounts that ever had money or were frozen, by address, those after the one given."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"nobody": _NOBODY, "bound": bound.id, "after": after, "limit": checked_limit(limit)}
            found = connection.execute(_ACCOUNTS, key).fetchall()
            return tuple(money_account(connection, bound, account) for (account,) in found)

    def party_money(self, party: int, as_of: AsOf = NOW) -> PartyMoney:
        """Every account of a party, its wallets by number and then its book account."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            _require_party(connection, bound, party)
            accounts = [money_account(connection, bound, each) for each in _accounts_of(connection, bound, party)]
        return PartyMoney(bound.stand, PartyId(party), tuple(accounts))

    def account_owner(self, account: bytes, as_of: AsOf = NOW) -> AccountName:
        """Whose an address is: a party's account, a raise's contract, or nobody's that is known."""
        with self._snapshot() as connection:
            return account_name(connection, self._bound(connection, as_of), book_tag(connection), account)

    def money_moves(
        self, party: int, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 50
    ) -> Page[MoneyMove]:
        """What came to and went from a party's accounts, newest first."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            _require_party(connection, bound, party)
            accounts = {f"a{n}": account for n, account in enumerate(_accounts_of(connection, bound, party))}
            marks = ", ".join(f":{name}" for name in accounts)
            statement = _MOVES.replace("<scope>", f"(m.giver IN ({marks}) OR m.taker IN ({marks}))")
            return _moves(connection, bound, statement, accounts, cursor, limit)

    def bank_movements(self, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 50) -> Page[MoneyMove]:
        """Mints and burns, newest first."""
        with self._snapshot() as connection:
            return _moves(connection, self._bound(connection, as_of), _BANK, {}, cursor, limit)

    def bank_movement(self, ref: bytes, as_of: AsOf = NOW) -> MoneyMove | None:
        """What the bank did under a reference of its own; None if it was never used."""
        with self._snapshot() as connection:
            page = _moves(connection, self._bound(connection, as_of), _BY_REF, {"ref": ref}, None, 1)
        return page.items[0] if page.items else None

    def region(self, region: int, as_of: AsOf = NOW) -> RegionView:
        """Scheme and halts; an empty word for a region that nobody set."""
        with self._snapshot() as connection:
            return region_view(connection, self._bound(connection, as_of), region)

    def regions(self, as_of: AsOf = NOW) -> tuple[RegionView, ...]:
        """All that were ever set, by code."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(
                "SELECT DISTINCT region FROM regions WHERE id < ? ORDER BY region", (bound.id,)
            ).fetchall()
            return tuple(region_view(connection, bound, region) for (region,) in found)

    def annual_use(self, party: int, year: int, as_of: AsOf = NOW) -> AnnualUse:
        """Live subscriptions of a civil year over all companies, and what was stated of elsewhere."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            word = _require_party(connection, bound, party)
            key = {"party": party, "year": year, "bound": bound.id}
            words = [Subscription.unpack(int.from_bytes(row[0], "big")) for row in connection.execute(_OWN, key)]
            outside = connection.execute(_OUTSIDE, key).fetchone() or (0, 0)
            limit = connection.execute(
                "SELECT amount FROM annual_limits WHERE id < ? ORDER BY id DESC LIMIT 1", (bound.id,)
            ).fetchone()
        own = sum(each.amount for each in words if each.status in _LIVE and each.year == year - 2000)
        return AnnualUse(
            party=PartyId(party),
            year=year,
            own=own,
            outside=unsigned(outside[0]),
            until_day=Day(outside[1]),
            limit=unsigned(limit[0]) if limit else 0,
            is_limited=word.is_limited,
        )

    def enrolled(self, as_of: AsOf = NOW) -> frozenset[Address]:
        """Contracts that may use seats and limits."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute("SELECT address FROM enrolments WHERE id < ?", (bound.id,)).fetchall()
        return frozenset(Address(address) for (address,) in found)

    def outside_use(self, party: int, year: int, as_of: AsOf = NOW) -> tuple[int, Day]:
        """What was stated of elsewhere for a civil year [fen], and until when it counts."""
        with self._snapshot() as connection:
            key = {"party": party, "year": year, "bound": self._bound(connection, as_of).id}
            amount, until_day = connection.execute(_OUTSIDE, key).fetchone() or (0, 0)
        return unsigned(amount), Day(until_day)


# --- the parts, each inside a snapshot ---


def money_account(connection: sqlite3.Connection, bound: Bound, account: bytes) -> MoneyAccount:
    if bound.is_head:
        found = connection.execute("SELECT balance, last_move FROM money WHERE account = ?", (account,)).fetchone()
        balance, last = (unsigned(found[0]), found[1]) if found else (0, 0)
    else:
        high, low, last = connection.execute(_SUM, {"account": account, "bound": bound.id}).fetchone()
        balance = (high << 32) + low
    frozen = connection.execute(_FROZEN, (account, bound.id)).fetchone()
    return MoneyAccount(Address(account), balance, bool(frozen and frozen[0]), last)


def region_view(connection: sqlite3.Connection, bound: Bound, region: int) -> RegionView:
    found = connection.execute(
        "SELECT word FROM regions WHERE region = ? AND id < ? ORDER BY id DESC LIMIT 1", (region, bound.id)
    ).fetchone()
    word = RegionWord.unpack(int.from_bytes(found[0], "big")) if found else RegionWord()
    return RegionView(region, word, bound.stand.time)


def account_name(connection: sqlite3.Connection, bound: Bound, tag: bytes, address: bytes) -> AccountName:
    """Whose an address is, as of the block."""
    if address[:16] == tag:
        return AccountName(Address(address), PartyId(int.from_bytes(address[16:], "big")), BOOK)
    wallet = connection.execute(
        "SELECT party, number FROM wallets WHERE address = ? AND id < ?", (address, bound.id)
    ).fetchone()
    if wallet:
        return AccountName(Address(address), PartyId(wallet[0]), AccountNumber(wallet[1]))
    contract = connection.execute(
        "SELECT offering, escrow = :address FROM offerings WHERE (address = :address OR escrow = :address)",
        {"address": address},
    ).fetchone()
    if contract:
        return AccountName(Address(address), offering=contract[0], is_escrow=bool(contract[1]))
    (dividends,) = connection.execute("SELECT distributions FROM meta").fetchone()
    return AccountName(Address(address), is_dividends=address == dividends)


def book_tag(connection: sqlite3.Connection) -> bytes:
    """First 16 bytes of every book account."""
    (tag,) = connection.execute("SELECT book_tag FROM meta").fetchone()
    return bytes(tag)


def _accounts_of(connection: sqlite3.Connection, bound: Bound, party: int) -> list[bytes]:
    wallets = connection.execute(
        "SELECT address FROM wallets WHERE party = ? AND id < ? ORDER BY number", (party, bound.id)
    ).fetchall()
    return [*(address for (address,) in wallets), book_tag(connection) + party.to_bytes(4, "big")]


def _require_party(connection: sqlite3.Connection, bound: Bound, party: int) -> PartyWord:
    found = connection.execute(
        "SELECT word FROM party_versions WHERE party = ? AND id < ? ORDER BY id DESC LIMIT 1", (party, bound.id)
    ).fetchone()
    if found is None:
        raise InputError(
            f"there is no party {party} as of block {bound.stand.block}",
            code="party_unknown",
            field="party",
            value=party,
        )
    return PartyWord.unpack(int.from_bytes(found[0], "big"))


def _moves(
    connection: sqlite3.Connection,
    bound: Bound,
    statement: str,
    key: dict[str, bytes],
    cursor: str | None,
    limit: int,
) -> Page[MoneyMove]:
    before, most = checked_cursor(cursor, _ENDLESS), checked_limit(limit) + 1
    found = connection.execute(statement, {**key, "bound": bound.id, "before": before, "limit": most}).fetchall()
    tag = book_tag(connection)
    items = [_move(connection, bound, tag, row) for row in found]
    return page_of(items, [item.id for item in items], limit, bound.stand)


def _move(connection: sqlite3.Connection, bound: Bound, tag: bytes, row: Sequence[Any]) -> MoneyMove:
    key, block, time, tx, giver, taker, amount, ref, operation, document = row
    names = [None if end == _NOBODY else account_name(connection, bound, tag, end) for end in (giver, taker)]
    return MoneyMove(
        id=key,
        block=block,
        time=Timestamp(time),
        tx=Hash32(tx),
        giver=names[0],
        taker=names[1],
        amount=unsigned(amount),
        ref=None if ref is None else Hash32(ref),
        operation=None if operation is None else Hash32(operation),
        document=None if document is None else Hash32(document),
    )
