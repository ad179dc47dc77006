"""Tax schedules, what is withheld from whom, and preferred classes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from registry.chain.decode import CLASSES_PER_COMPANY
from registry.domain.days import day_of
from registry.domain.ids import Address, Day, Hash32, PartyId, Timestamp
from registry.domain.payout_args import TaxRule
from registry.domain.words import PartyWord
from registry.errors import HaltError, InputError
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, class_range, page_of
from registry.mirror.views import AsOf, Page
from registry.mirror.views_payout import Preference, TaxRelief, TaxSchedule

YEAR_IN_DAYS = 365
WHOLE = 10_000
_RELIEVED = 4
_ALL = 1 << 31
_SPOKEN = {"distribution": "dividend"}
"""What people call a thing, where it is not the code's word."""

_SCHEDULES = """
SELECT s.schedule, s.tax_account, a.document, s.block FROM schedules s JOIN acts a ON a.id = s.act
WHERE s.id < :bound AND (:schedule IS NULL OR s.schedule = :schedule) AND s.schedule > :after
ORDER BY s.schedule LIMIT :limit
"""
_RULES = """
SELECT category, residence, bps FROM tax_rules WHERE schedule = :schedule AND id < :bound ORDER BY category, residence
"""
_RELIEF = """
SELECT r.party, r.bps, r.until_day, a.document, b.time FROM reliefs r JOIN acts a ON a.id = r.act
 JOIN blocks b ON b.number = r.block
WHERE r.party = :party AND r.id < :bound ORDER BY r.id DESC LIMIT 1
"""
_RELIEVED_PARTIES = "SELECT DISTINCT party FROM reliefs WHERE id < :bound ORDER BY party"
_PREFERENCES = """
SELECT p.company, p.class_id, p.rank, p.per_year, p.from_day, v.declared, a.document, <place>
FROM preferences p JOIN acts a ON a.id = p.act JOIN preference_versions v ON v.class_id = p.class_id
 AND v.id = (SELECT max(id) FROM preference_versions WHERE class_id = p.class_id AND id < :bound)
WHERE p.class_id >= :low AND p.class_id <= :high AND p.id < :bound AND <place> > :after ORDER BY <place> LIMIT :limit
""".replace("<place>", f"(p.company * 256 + p.rank) * {CLASSES_PER_COMPANY} + p.class_id % {CLASSES_PER_COMPANY}")
_WORD = "SELECT word FROM party_versions WHERE party = ? AND id < ? ORDER BY id DESC LIMIT 1"
_RELIEF_RATE = "SELECT bps, until_day FROM reliefs WHERE party = ? AND id < ? ORDER BY id DESC LIMIT 1"


class TaxQueries(Reader):
    """Reads about rates, and about classes that come first."""

    def tax_schedules(self, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 50) -> Page[TaxSchedule]:
        """By number."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            items = _schedules(connection, bound, None, after, checked_limit(limit) + 1)
        return page_of(items, [item.number for item in items], limit, bound.stand)

    def tax_schedule(self, schedule: int, as_of: AsOf = NOW) -> TaxSchedule:
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = _schedules(connection, bound, schedule)
        if not found:
            raise unknown("schedule", schedule, bound)
        return found[0]

    def tax_relief(self, party: int, as_of: AsOf = NOW) -> TaxRelief | None:
        """The newest, also if its day has passed; None if none was ever stated."""
        with self._snapshot() as connection:
            return _relief(connection, self._bound(connection, as_of), party)

    def tax_reliefs(self, as_of: AsOf = NOW) -> tuple[TaxRelief, ...]:
        """Of each party the newest, by party."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            parties = connection.execute(_RELIEVED_PARTIES, {"bound": bound.id}).fetchall()
            found = [_relief(connection, bound, party) for (party,) in parties]
        return tuple(relief for relief in found if relief is not None)

    def preferences(
        self,
        company: int | None = None,
        as_of: AsOf = NOW,
        *,
        day: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Preference]:
        """Preferred classes of a company or of all, by company and rank, with what they have accrued on a day (the
        block's if it is not given)."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            low, high = (0, _ALL) if company is None else class_range(company)
            bound = self._bound(connection, as_of)
            found = _preferences(connection, bound, low, high, day, after, checked_limit(limit) + 1)
        return page_of([each for _, each in found], [place for place, _ in found], limit, bound.stand)

    def preference(self, class_id: int, as_of: AsOf = NOW, *, day: int | None = None) -> Preference | None:
        """None for a class that is not preferred."""
        with self._snapshot() as connection:
            found = _preferences(connection, self._bound(connection, as_of), class_id, class_id, day)
        return found[0][1] if found else None


# --- the parts, each inside a snapshot ---


@dataclass(frozen=True, slots=True)
class Rate:
    """[basis points] What is withheld, and whether a certificate says so."""

    bps: int
    by_relief: bool = False


class Rates:
    """What a schedule withholds from whom. `at`: as things stood before that id."""

    def __init__(self, connection: sqlite3.Connection, schedule: int, at: int) -> None:
        self._connection = connection
        rules = connection.execute(_RULES, {"schedule": schedule, "bound": at}).fetchall()
        self._rules: dict[tuple[int, int], int] = {(category, residence): bps for category, residence, bps in rules}
        if (0, 0) not in self._rules:
            message = f"the mirror has lost what tax schedule {schedule} says of everybody else"
            raise HaltError(f"{message}; `equity mirror rebuild` makes it anew")

    def of(self, word: PartyWord, day: int, at: int) -> Rate:
        """A relief that counts on the day, else the rule for category and residence, else the category's for every
        other residence, else that for everybody else."""
        if word.flags & _RELIEVED:
            relief = self._connection.execute(_RELIEF_RATE, (word.id, at)).fetchone()
            if relief and day <= relief[1]:
                return Rate(int(relief[0]), by_relief=True)
        keys = ((word.category, word.tax_residence), (word.category, 0), (0, 0))
        return Rate(next(self._rules[key] for key in keys if key in self._rules))

    def word(self, party: int, at: int) -> PartyWord:
        """Without any standing for a party that the mirror lost."""
        found = self._connection.execute(_WORD, (party, at)).fetchone()
        return PartyWord.unpack(int.from_bytes(found[0], "big")) if found else PartyWord(PartyId(party))


def tax_on(gross: int, bps: int) -> int:
    """[fen] Half up."""
    return (gross * bps + WHOLE // 2) // WHOLE


def parks(word: PartyWord, day: int) -> bool:
    """Its money waits."""
    return word.is_frozen or day > word.kyc_day


def civil_day(connection: sqlite3.Connection, time: int) -> Day:
    (utc_offset,) = connection.execute("SELECT utc_offset FROM meta").fetchone()
    return day_of(Timestamp(time), utc_offset)


def unknown(what: str, asked: int, bound: Bound) -> InputError:
    message = f"there is no {_SPOKEN.get(what, what)} {asked} as of block {bound.stand.block}"
    return InputError(message, code=f"{what}_unknown", field=what, value=asked)


def _schedules(
    connection: sqlite3.Connection, bound: Bound, schedule: int | None, after: int = 0, limit: int = 1
) -> tuple[TaxSchedule, ...]:
    key = {"bound": bound.id, "schedule": schedule, "after": after, "limit": limit}
    found = connection.execute(_SCHEDULES, key).fetchall()
    return tuple(
        TaxSchedule(
            number=number,
            tax_account=Address(account),
            rules=tuple(TaxRule(*row) for row in connection.execute(_RULES, {**key, "schedule": number})),
            document=Hash32(document),
            block=block,
        )
        for number, account, document, block in found
    )


def _relief(connection: sqlite3.Connection, bound: Bound, party: int) -> TaxRelief | None:
    found = connection.execute(_RELIEF, {"party": party, "bound": bound.id}).fetchone()
    if found is None:
        return None
    number, bps, until_day, document, time = found
    return TaxRelief(PartyId(number), bps, Day(until_day), Hash32(document), Timestamp(time))


def _preferences(
    connection: sqlite3.Connection, bound: Bound, low: int, high: int, day: int | None, after: int = 0, limit: int = 1
) -> list[tuple[int, Preference]]:
    """Each behind its place in the order."""
    asked = Day(day) if day is not None else civil_day(connection, bound.stand.time)
    key = {"bound": bound.id, "low": low, "high": high, "after": after, "limit": limit}
    return [
        (
            place,
            _accrued(Preference(company, number, rank, int(rate), Day(first), int(declared), asked, 0, Hash32(act))),
        )
        for company, number, rank, rate, first, declared, act, place in connection.execute(_PREFERENCES, key).fetchall()
    ]


def _accrued(p: Preference) -> Preference:
    """Simple, a year of 365 days, rounded down."""
    return replace(p, accrued=p.per_year * max(0, p.day - p.from_day) // YEAR_IN_DAYS)
