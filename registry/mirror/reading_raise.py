"""Raises, their subscriptions, and what a party has in all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from registry.domain.ids import BOOK, Address, Hash32, PartyId, Shares, Timestamp
from registry.domain.raise_args import OfferingTerms
from registry.domain.raise_words import Purse, Subscription, Totals
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, page_of
from registry.mirror.reading_companies import company_view, holdings_of
from registry.mirror.reading_money import region_view
from registry.mirror.views import AsOf, Page
from registry.mirror.views_lots import Investment
from registry.mirror.views_raise import Offering, Phase, PutRow, Redemption, SubscriptionRow

_ENDLESS = 1 << 32
_ALWAYS = (1 << 63) - 1

_BY_NUMBER = "SELECT offering FROM offerings WHERE offering = :asked AND id < :bound"
_BY_ADDRESS = "SELECT offering FROM offerings WHERE (address = :asked OR escrow = :asked) AND id < :bound"
_TERMS = tuple(field.name for field in fields(OfferingTerms))
_OFFERINGS = """
SELECT o.offering, o.company, o.class_id, o.address, o.escrow, c.address, k.address, o.fee_recipient, o.price,
 o.minimum, o.maximum, o.investor_minimum, o.investor_maximum, o.opens_at, o.closes_at, o.cooling_off, o.settle_within,
 o.fee_bps, o.region, o.risk_grade, o.method, o.lock_day, o.memorandum, o.disclosure, v.totals, v.fee, k.decimals,
 (SELECT word FROM purses p WHERE p.offering = o.offering AND p.id < :bound ORDER BY p.id DESC LIMIT 1)
FROM offerings o JOIN companies c ON c.company = o.company JOIN classes k ON k.class_id = o.class_id
 JOIN offering_versions v ON v.offering = o.offering
 AND v.id = (SELECT max(id) FROM offering_versions WHERE offering = o.offering AND id < :bound)
WHERE <scope> AND o.id < :bound ORDER BY o.offering <order> LIMIT :limit
"""
_OF_COMPANY = _OFFERINGS.replace("<scope>", "(:company IS NULL OR o.company = :company) AND o.offering < :before")
_OF_COMPANY = _OF_COMPANY.replace("<order>", "DESC")
_ONE = _OFFERINGS.replace("<scope>", "o.offering = :offering").replace("<order>", "ASC")
_PHASES = """
SELECT p.phase, p.block, b.time,
 (SELECT hash FROM txs WHERE id <= p.id ORDER BY id DESC LIMIT 1), a.document FROM offering_phases p
JOIN blocks b ON b.number = p.block LEFT JOIN acts a ON a.id = p.act
WHERE p.offering = :offering AND p.id < :bound ORDER BY p.id
"""
_SUBSCRIPTIONS = """
SELECT s.offering, o.company, o.class_id, s.party, s.account, s.word, s.paid, s.returned, s.shares, s.lapsed,
 s.lapsed_shares, s.disclosure, s.block, b.time, (SELECT hash FROM txs WHERE id <= s.id ORDER BY id DESC LIMIT 1)
FROM subscriptions s JOIN offerings o ON o.offering = s.offering JOIN blocks b ON b.number = s.block
WHERE <scope> AND s.id = (
 SELECT max(id) FROM subscriptions WHERE offering = s.offering AND party = s.party AND id < :bound)
ORDER BY <order> LIMIT :limit
"""
_OF_OFFERING = _SUBSCRIPTIONS.replace("<scope>", "s.offering = :offering AND s.party > :after")
_OF_OFFERING = _OF_OFFERING.replace("<order>", "s.party")
_OF_PARTY = _SUBSCRIPTIONS.replace("<scope>", "s.party = :party").replace("<order>", "s.offering DESC")
_CLAIMS_END = "SELECT ends FROM claim_periods WHERE offering = ? AND id < ? ORDER BY id DESC LIMIT 1"
_LAPSED = "SELECT amount FROM lapses WHERE offering = ? AND id < ?"
_PUTS = """
SELECT p.offering, p.party, p.account, p.shares, p.rest, p.interest, p.payer, b.time,
 (SELECT f.time FROM puts q JOIN blocks f ON f.number = q.block
  WHERE q.offering = p.offering AND q.party = p.party ORDER BY q.id LIMIT 1)
FROM puts p JOIN blocks b ON b.number = p.block
WHERE p.offering = :offering AND (:party IS NULL OR p.party = :party) AND p.id = (
 SELECT max(id) FROM puts WHERE offering = p.offering AND party = p.party AND id < :bound)
ORDER BY p.party
"""
_REDEMPTIONS = """
SELECT r.id, r.offering, r.party, r.account, r.amount, r.shares, r.block, b.time,
 (SELECT hash FROM txs WHERE id <= r.id ORDER BY id DESC LIMIT 1)
FROM redemptions r JOIN blocks b ON b.number = r.block
WHERE (:offering IS NULL OR r.offering = :offering) AND (:party IS NULL OR r.party = :party)
 AND r.id < :bound AND r.id < :before ORDER BY r.id DESC LIMIT :limit
"""


class RaiseQueries(Reader):
    """Reads about raises and who subscribed."""

    def offerings(
        self, company: int | None = None, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Offering]:
        """Newest first, of one company or of all."""
        before = checked_cursor(cursor, _ENDLESS)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"company": company, "before": before, "bound": bound.id, "limit": checked_limit(limit) + 1}
            items = [_offering(connection, bound, row) for row in connection.execute(_OF_COMPANY, key).fetchall()]
        return page_of(items, [item.number for item in items], limit, bound.stand)

    def offering(self, offering: int | bytes, as_of: AsOf = NOW) -> Offering:
        """By number or address (of the raise or of its escrow)."""
        with self._snapshot() as connection:
            return offering_view(connection, self._bound(connection, as_of), offering)

    def subscriptions(
        self, offering: int, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 50
    ) -> Page[SubscriptionRow]:
        """By party; those that were withdrawn are there with an empty word."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            require_offering(connection, bound, offering)
            key = {"offering": offering, "after": after, "bound": bound.id, "limit": checked_limit(limit) + 1}
            items = [_subscription(row) for row in connection.execute(_OF_OFFERING, key)]
        return page_of(items, [item.party for item in items], limit, bound.stand)

    def investments(self, party: int, as_of: AsOf = NOW) -> tuple[Investment, ...]:
        """A party's subscriptions over all companies, the newest raise first."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"party": party, "bound": bound.id, "limit": -1}
            found = [_subscription(row) for row in connection.execute(_OF_PARTY, key).fetchall()]
            held = _held(connection, bound, None, party)
            return tuple(
                Investment(
                    subscription=each,
                    offering=offering_view(connection, bound, each.offering),
                    put=next(iter(puts_of(connection, bound, each.offering, party)), None),
                    holding=_holding(held, each),
                )
                for each in found
            )

    def redemptions(
        self,
        offering: int | None = None,
        party: int | None = None,
        as_of: AsOf = NOW,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Redemption]:
        """Parts of lots that were paid back, newest first; of a raise, of a party, or all."""
        before = checked_cursor(cursor, _ALWAYS)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            key = {"offering": offering, "party": party, "bound": bound.id, "before": before}
            found = connection.execute(_REDEMPTIONS, {**key, "limit": checked_limit(limit) + 1}).fetchall()
        items = [_redemption(row) for row in found]
        return page_of(items, [item.id for item in items], limit, bound.stand)


# --- the parts, each inside a snapshot ---


def offering_view(connection: sqlite3.Connection, bound: Bound, offering: int | bytes) -> Offering:
    number = require_offering(connection, bound, offering)
    row = connection.execute(_ONE, {"offering": number, "bound": bound.id, "limit": 1}).fetchone()
    return _offering(connection, bound, row)


def require_offering(connection: sqlite3.Connection, bound: Bound, offering: int | bytes) -> int:
    """The number of a raise that is there, by number or by address of it or of its escrow."""
    statement = _BY_ADDRESS if isinstance(offering, bytes) else _BY_NUMBER
    found = connection.execute(statement, {"asked": offering, "bound": bound.id}).fetchone()
    if found is None:
        shown = "0x" + offering.hex() if isinstance(offering, bytes) else str(offering)
        raise InputError(
            f"there is no offering {shown} as of block {bound.stand.block}",
            code="offering_unknown",
            field="offering",
            value=shown,
        )
    return int(found[0])


def puts_of(
    connection: sqlite3.Connection, bound: Bound, offering: int, party: int | None = None
) -> tuple[PutRow, ...]:
    found = connection.execute(_PUTS, {"offering": offering, "party": party, "bound": bound.id}).fetchall()
    return tuple(
        PutRow(
            offering=number,
            party=PartyId(owner),
            account=Address(account),
            shares=Shares(unsigned(shares)),
            rest=unsigned(rest),
            interest=unsigned(interest),
            payer=None if payer is None else Address(payer),
            exercised_at=Timestamp(first),
            settled_at=None if payer is None else Timestamp(time),
        )
        for number, owner, account, shares, rest, interest, payer, time, first in found
    )


def missed_of(connection: sqlite3.Connection, bound: Bound, offering: Offering) -> tuple[Investment, ...]:
    """All lots of a raise of which something was missed, without their puts."""
    if not offering.purse.redeemable:
        return ()
    key = {"offering": offering.number, "after": 0, "bound": bound.id, "limit": -1}
    rows = [_subscription(row) for row in connection.execute(_OF_OFFERING, key).fetchall()]
    held = _held(connection, bound, offering.company)
    return tuple(Investment(row, offering, None, _holding(held, row)) for row in rows)


Held = dict[tuple[int, PartyId, int], Shares]
"""By class, party and number of the account."""


def _held(connection: sqlite3.Connection, bound: Bound, company: int | None, party: int | None = None) -> Held:
    """Whatever effective day was asked for: contracts know blocks only."""
    rows = holdings_of(connection, replace(bound, effective_on=None), company, party)
    return {(row.class_id, row.party, row.account): row.shares for row in rows}


def _holding(held: Held, row: SubscriptionRow) -> Shares:
    accounts = {row.word.account, BOOK}
    return Shares(sum(held.get((row.class_id, row.party, account), 0) for account in accounts))


def word_of(packed: bytes) -> int:
    return int.from_bytes(packed, "big")


def _offering(connection: sqlite3.Connection, bound: Bound, row: Sequence[Any]) -> Offering:
    number, company, class_id, address, escrow, *terms, totals, fee, decimals, purse = row
    phases = connection.execute(_PHASES, {"offering": number, "bound": bound.id}).fetchall()
    ends = connection.execute(_CLAIMS_END, (number, bound.id)).fetchone()
    return Offering(
        stand=bound.stand,
        number=number,
        company=company,
        class_id=class_id,
        address=Address(address),
        escrow=Address(escrow),
        terms=_terms(terms),
        totals=Totals.unpack(word_of(totals)),
        purse=Purse.unpack(word_of(purse)) if purse else Purse(),
        fee=unsigned(fee),
        lapsed=sum(unsigned(amount) for (amount,) in connection.execute(_LAPSED, (number, bound.id))),
        claims_end=ends[0] if ends else 0,
        phases=tuple(
            Phase(phase, block, Timestamp(time), Hash32(tx), None if document is None else Hash32(document))
            for phase, block, time, tx, document in phases
        ),
        seats_left=company_view(connection, bound, company).seats_left,
        region=region_view(connection, bound, terms[13]),
        decimals=decimals,
    )


def _terms(row: Sequence[Any]) -> OfferingTerms:
    """In the order of the record; the amounts stand fourth to eighth."""
    values = [*row[:3], *map(unsigned, row[3:8]), *row[8:]]
    return OfferingTerms(**dict(zip(_TERMS, values, strict=True)))


def _subscription(row: Sequence[Any]) -> SubscriptionRow:
    offering, company, class_id, party, account, word, *sums, disclosure, block, time, tx = row
    paid, returned, shares, lapsed, lapsed_shares = map(unsigned, sums)
    return SubscriptionRow(
        offering=offering,
        company=company,
        class_id=class_id,
        party=PartyId(party),
        account=Address(account),
        word=Subscription.unpack(word_of(word)),
        paid=paid,
        returned=returned,
        shares=Shares(shares),
        lapsed=lapsed,
        lapsed_shares=Shares(lapsed_shares),
        disclosure=Hash32(disclosure),
        block=block,
        time=Timestamp(time),
        tx=Hash32(tx),
    )


def _redemption(row: Sequence[Any]) -> Redemption:
    key, offering, party, account, amount, shares, block, time, tx = row
    return Redemption(
        id=key,
        offering=offering,
        party=PartyId(party),
        account=Address(account),
        amount=unsigned(amount),
        shares=Shares(unsigned(shares)),
        block=block,
        time=Timestamp(time),
        tx=Hash32(tx),
    )
