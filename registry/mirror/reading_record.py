"""The register at record dates: who held how much, what each would get, and what corrections changed since."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from registry.chain.decode import CLASSES_PER_COMPANY, LOG_BITS
from registry.domain.args import ZERO_ADDRESS
from registry.domain.ids import BOOK, AccountNumber, Address, PartyId, Shares, Timestamp
from registry.domain.payout_args import RATE_UNIT
from registry.errors import InputError
from registry.mirror.columns import unsigned
from registry.mirror.reading import NOW, Bound, Reader
from registry.mirror.reading_companies import holdings_of
from registry.mirror.reading_money import book_tag
from registry.mirror.reading_tax import Rates, civil_day, parks, tax_on, unknown
from registry.mirror.views import AsOf
from registry.mirror.views_payout import AccountAt, HolderAt, Preview, PreviewLine, RegisterAt

_TIME = "SELECT time FROM record_dates WHERE class_id = ? AND epoch = ? AND id < ?"
_LAST_BLOCK = "SELECT max(number) FROM blocks WHERE time <= ? AND number <= ?"
_WALLET = "SELECT address FROM wallets WHERE party = ? AND number = ?"
_LATER = """
SELECT id, giver, giver_account, taker, taker_account, shares FROM entries
WHERE company = :company AND class_id = :class_id AND id >= :fixed AND id < :bound AND effective_on <= :day ORDER BY id
"""
NOTHING_TO_SHARE = ("nobody_entitled", "amount_indivisible")
"""Codes of a preview of which nobody would get anything."""
_MOST_RATE = (1 << 72) - 1
_MOST_TOTAL = (1 << 64) - 1


class RecordQueries(Reader):
    """Reads about record dates."""

    def register_at(
        self, class_id: int, epoch: int, as_of: AsOf = NOW, *, excluded: Iterable[bytes] = ()
    ) -> RegisterAt:
        """Who held how much of a class at a record date; until it has passed, as things stand."""
        with self._snapshot() as connection:
            return register_at(connection, self._bound(connection, as_of), class_id, epoch, frozenset(excluded))

    def issued_at(self, class_id: int, epoch: int, as_of: AsOf = NOW) -> Shares:
        """[shares × 10^decimals] Issued at a record date; until it has passed, as things stand."""
        return self.register_at(class_id, epoch, as_of).issued

    def holding_at(self, class_id: int, epoch: int, party: int, as_of: AsOf = NOW) -> Shares:
        """[shares × 10^decimals] What a party held at a record date, over all its accounts."""
        rows = self.register_at(class_id, epoch, as_of).rows
        return next((row.shares for row in rows if row.party == party), Shares(0))

    def preview(
        self,
        class_id: int,
        schedule: int,
        as_of: AsOf = NOW,
        *,
        total: int,
        rate: int = 0,
        epoch: int = 0,
        excluded: Iterable[bytes] = (),
    ) -> Preview:
        """What each holder would get of a total [fen], or of a rate [10^-10 CNY for a whole share] that it covers.

        Epoch 0: no record date is chosen yet, the register as it stands."""
        _check(total, rate)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            register = register_at(connection, bound, class_id, epoch, frozenset(excluded))
            return preview_of(connection, bound, register, schedule, total, rate)


# --- the parts, each inside a snapshot ---


def register_at(
    connection: sqlite3.Connection, bound: Bound, class_id: int, epoch: int, excluded: frozenset[bytes]
) -> RegisterAt:
    time = _record_time(connection, bound, class_id, epoch)
    is_final = epoch != 0 and bound.stand.time > time
    then = record_bound(connection, bound, time) if is_final else replace(bound, effective_on=None)
    company, tag = class_id // CLASSES_PER_COMPANY, book_tag(connection)
    held = [
        AccountAt(row.party, row.account, _address(connection, tag, row.party, row.account), row.shares)
        for row in holdings_of(connection, then, company)
        if row.class_id == class_id
    ]
    sharing = [each for each in held if each.account not in excluded]
    issued, shared = (sum(each.shares for each in some) for some in (held, sharing))
    return RegisterAt(
        stand=bound.stand,
        company=company,
        class_id=class_id,
        epoch=epoch,
        time=time,
        is_final=is_final,
        issued=Shares(issued),
        excluded=Shares(issued - shared),
        accounts=tuple(sharing),
        rows=_rows(sharing),
    )


def record_bound(connection: sqlite3.Connection, bound: Bound, time: int) -> Bound:
    """What was recorded by the last block not later than a time."""
    (block,) = connection.execute(_LAST_BLOCK, (time, bound.stand.block)).fetchone()
    return Bound(bound.stand, ((block or 0) + 1) << LOG_BITS, is_head=False, effective_on=None)


def preview_of(
    connection: sqlite3.Connection, bound: Bound, register: RegisterAt, schedule: int, total: int, rate: int
) -> Preview:
    if not connection.execute("SELECT 1 FROM schedules WHERE schedule = ? AND id < ?", (schedule, bound.id)).fetchone():
        raise unknown("schedule", schedule, bound)
    if not register.rows:
        raise InputError(
            f"nobody shares in a dividend of class {register.class_id} as of block {bound.stand.block}",
            code="nobody_entitled",
            field="class",
            value=register.class_id,
        )
    (decimals,) = connection.execute("SELECT decimals FROM classes WHERE class_id = ?", (register.class_id,)).fetchone()
    unit = RATE_UNIT * 10**decimals
    needed = rate * register.entitled // unit
    if (rate and not needed) or total == 0:
        raise InputError(
            f"{total if rate == 0 else rate} leaves nothing for {register.entitled} shares",
            code="amount_indivisible",
            field="rate" if rate else "total",
            value=rate or total,
        )
    is_short = needed > total
    declared = needed if rate and not is_short else total
    numerator, denominator = (rate, unit) if rate and not is_short else (total, register.entitled)
    return Preview(
        register=register,
        schedule=schedule,
        total=total,
        rate=rate,
        declared=declared,
        is_short=is_short,
        numerator=numerator,
        denominator=denominator,
        lines=_lines(connection, bound, register.rows, schedule, (numerator, denominator)),
    )


def changed_since(
    connection: sqlite3.Connection, bound: Bound, class_id: int, time: int, excluded: frozenset[bytes]
) -> dict[PartyId, tuple[int, tuple[int, ...]]]:
    """By party: shares more or less by entries recorded after a record date and dated up to it, and these entries."""
    key = {
        "company": class_id // CLASSES_PER_COMPANY,
        "class_id": class_id,
        "fixed": record_bound(connection, bound, time).id,
        "bound": bound.id,
        "day": civil_day(connection, time),
    }
    tag, found = book_tag(connection), defaultdict[PartyId, list[tuple[int, int]]](list)
    for entry, giver, giver_account, taker, taker_account, shares in connection.execute(_LATER, key).fetchall():
        for party, number, sign in ((giver, giver_account, -1), (taker, taker_account, 1)):
            if party and _address(connection, tag, party, number) not in excluded:
                found[PartyId(party)].append((sign * unsigned(shares), entry))
    changed = {
        party: (sum(shares for shares, _ in each), tuple(sorted({entry for _, entry in each})))
        for party, each in sorted(found.items())
    }
    return {party: each for party, each in changed.items() if each[0]}


def _lines(
    connection: sqlite3.Connection, bound: Bound, rows: Sequence[HolderAt], schedule: int, ratio: tuple[int, int]
) -> tuple[PreviewLine, ...]:
    rates, today = Rates(connection, schedule, bound.id), civil_day(connection, bound.stand.time)
    lines = []
    for row in rows:
        word = rates.word(row.party, bound.id)
        gross, rate = row.shares * ratio[0] // ratio[1], rates.of(word, today, bound.id)
        lines.append(
            PreviewLine(
                party=row.party,
                shares=row.shares,
                account=row.account,
                gross=gross,
                bps=rate.bps,
                by_relief=rate.by_relief,
                tax=tax_on(gross, rate.bps),
                would_park=parks(word, today),
            )
        )
    return tuple(lines)


def _rows(accounts: Sequence[AccountAt]) -> tuple[HolderAt, ...]:
    """Accounts ascend by party and number: the first is the one that is paid."""
    rows = []
    for party, each in groupby(accounts, key=lambda account: account.party):
        held = list(each)
        rows.append(HolderAt(party, Shares(sum(account.shares for account in held)), held[0].account))
    return tuple(rows)


def _record_time(connection: sqlite3.Connection, bound: Bound, class_id: int, epoch: int) -> Timestamp:
    if not connection.execute("SELECT 1 FROM classes WHERE class_id = ? AND id < ?", (class_id, bound.id)).fetchone():
        raise unknown("class", class_id, bound)
    if epoch == 0:
        return Timestamp(0)
    found = connection.execute(_TIME, (class_id, epoch, bound.id)).fetchone()
    if found is None:
        raise unknown("record_date", epoch, bound)
    return Timestamp(found[0])


def _address(connection: sqlite3.Connection, tag: bytes, party: int, number: AccountNumber) -> Address:
    if number == BOOK:
        return Address(tag + party.to_bytes(4, "big"))
    found = connection.execute(_WALLET, (party, number)).fetchone()
    return Address(found[0]) if found else ZERO_ADDRESS


def _check(total: int, rate: int) -> None:
    for name, value, most in (("total", total, _MOST_TOTAL), ("rate", rate, _MOST_RATE)):
        if not 0 <= value <= most:
            raise InputError(
                f"{name} must be 0 to {most}, not {value}", code=f"{name}_out_of_range", field=name, value=value
            )
