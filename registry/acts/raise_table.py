"""Values of a file of terms, as people write them: exactly converted, or noted with field, value and rule.

Money is in CNY, percentages are decimal, spans are "7 days", times without an offset are the registry's own. Whatever
is wrong is noted and reading goes on, so that all of it is told at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from registry.domain.args import ZERO_HASH
from registry.domain.days import from_date
from registry.domain.ids import Day, Hash32
from registry.errors import InputError

MOST_FEN = 2**64 - 1
MOST_TIME = 2**40 - 1
WHOLE = 10_000
_SPANS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400}
_LONGEST_SHOWN = 80
_MOST_DIGITS = 26


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that is not what it should be."""

    field: str
    value: str
    rule: str


class TermsRefused(InputError):
    """A file of terms with all that is wrong in it."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        lines = "".join(f"\n  {p.field} is {p.value or 'missing'}; rule: {p.rule}" for p in problems)
        super().__init__(
            f"{len(problems)} terms of {name} cannot be:{lines}",
            code="terms",
            object=name,
            field=first.field,
            value=first.value,
        )
        self.problems = problems

    def as_dict(self) -> dict[str, Any]:
        listed = [{"field": p.field, "value": p.value, "rule": p.rule} for p in self.problems]
        return {**super().as_dict(), "problems": listed}


@dataclass(slots=True)
class Notes:
    """What was found wrong so far, the first thing about each field."""

    problems: list[Problem] = field(default_factory=list)

    def has_any(self, *places: str) -> bool:
        """Is anything noted about these fields, or in these tables?"""
        return any(problem.field.startswith(places) for problem in self.problems)

    def add(self, place: str, value: object, rule: str) -> None:
        if any(problem.field == place for problem in self.problems):
            return
        shown = "" if value is None else str(value)
        self.problems.append(Problem(place, shown[:_LONGEST_SHOWN], rule))

    def require_none(self, name: str) -> None:
        if self.problems:
            raise TermsRefused(name, tuple(self.problems))


class Table:
    """One table of the file. Every getter notes what is wrong and answers a harmless value."""

    def __init__(self, data: object, path: str, notes: Notes, folder: Path, utc_offset: int) -> None:
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if data is not None and not isinstance(data, Mapping):
            notes.add(path, data, "a table")
        self._path = path
        self._notes = notes
        self._folder = folder
        self._home = timezone(timedelta(seconds=utc_offset))
        self._used: set[str] = set()

    def has(self, name: str) -> bool:
        return name in self._data

    def at(self, name: str) -> str:
        """The field's whole name."""
        return f"{self._path}.{name}" if self._path else name

    def refuse(self, name: str, rule: str) -> None:
        self._notes.add(self.at(name), self._data.get(name), rule)

    def finish(self) -> None:
        """Notes fields that nothing asked for: a misspelt term would be a silent default."""
        for name in self._data.keys() - self._used:
            self._notes.add(self.at(name), self._data[name], f"no such term; there are {', '.join(sorted(self._used))}")

    def inner(self, name: str) -> Table:
        return Table(self._get(name), self.at(name), self._notes, self._folder, self._offset)

    def rows(self, name: str) -> list[Table]:
        """An array of tables."""
        found = self._get(name)
        if not isinstance(found, list) or not found:
            self.refuse(name, f"one [[{name}]] at least")
            return []
        return [
            Table(row, f"{self.at(name)}[{place}]", self._notes, self._folder, self._offset)
            for place, row in enumerate(found)
        ]

    def money(self, name: str, *, least: int = 0) -> int:
        """[fen] from CNY."""
        fen = self._scaled(name, 2, 'an amount in CNY, such as "1250000.00", at most two decimals')
        if fen is not None and not least <= fen <= MOST_FEN:
            self.refuse(name, f"from {least / 100:.2f} to 64 bits of fen")
            return least
        return least if fen is None else fen

    def percent(self, name: str, least: int, most: int) -> int:
        """[basis points] from a percentage."""
        bps = self._scaled(name, 2, 'a percentage, such as "7.5", at most two decimals')
        if bps is not None and not least <= bps <= most:
            self.refuse(name, f"from {least / 100:g} to {most / 100:g} percent")
            return least
        return least if bps is None else bps

    def whole(self, name: str, least: int, most: int) -> int:
        found = self._get(name)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self.refuse(name, f"a whole number from {least} to {most}")
        return least

    def flag(self, name: str) -> bool:
        found = self._get(name)
        if not isinstance(found, bool):
            self.refuse(name, "true or false")
        return found is True

    def text(self, name: str, longest: int = 400) -> str:
        found = self._get(name)
        if isinstance(found, str) and found.strip() and len(found) <= longest:
            return found
        self.refuse(name, f"a text of 1 to {longest} characters")
        return ""

    def choice(self, name: str, choices: Mapping[str, int]) -> int:
        found = self._get(name)
        if isinstance(found, str) and found in choices:
            return choices[found]
        self.refuse(name, f"one of {', '.join(choices)}")
        return next(iter(choices.values()))

    def span(self, name: str, *, least: int = 0, most: int = 2**32 - 1) -> int:
        """[s] from "7 days"."""
        found = self._get(name)
        read = re.fullmatch(rf"([0-9]{{1,9}}) ({'|'.join(_SPANS)})s?", found) if isinstance(found, str) else None
        seconds = int(read[1]) * _SPANS[read[2]] if read else -1
        if not least <= seconds <= most:
            self.refuse(name, f'a time span such as "7 days" or "12 hours", from {least} to {most} seconds')
            return least
        return seconds

    def moment(self, name: str, *, is_last: bool) -> int:
        """[unix s] A day means its first second, or its last one where the field is about an end."""
        found = self._get(name)
        if type(found) is date:
            found = datetime.combine(found, time(23, 59, 59) if is_last else time())
        if isinstance(found, datetime) and not found.microsecond:
            seconds = int((found if found.tzinfo else found.replace(tzinfo=self._home)).timestamp())
            if 0 < seconds <= MOST_TIME:
                return seconds
        self.refuse(name, "a day or time, such as 2026-09-30 or 2026-09-30T18:00:00")
        return 0

    def day(self, name: str) -> Day:
        found = self._get(name)
        if type(found) is date and from_date(found) > 0:
            return from_date(found)
        self.refuse(name, "a day, such as 2027-12-31")
        return Day(0)

    def document(self, name: str) -> Hash32:
        """The hash of a file beside this one, or the hash itself."""
        found = self._get(name)
        if isinstance(found, str) and re.fullmatch(r"0x[0-9a-fA-F]{64}", found) and int(found, 16):
            return Hash32(bytes.fromhex(found[2:]))
        if isinstance(found, str) and found:
            try:
                return Hash32(hashlib.sha256((self._folder / found).read_bytes()).digest())
            except (OSError, ValueError):
                pass
        self.refuse(name, "a file beside this one, or 0x and the 64 hex digits of a hash")
        return ZERO_HASH

    def who(self, name: str) -> int | str:
        """A party by its number (its book account), an address, or the name of a key of this home."""
        found = self._get(name)
        if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**32:
            return found
        if isinstance(found, str) and re.fullmatch(r"0x[0-9a-fA-F]{40}|[a-z0-9][a-z0-9_.-]{0,63}", found):
            return found
        self.refuse(name, "a party's number, an address, or the name of a key of this home")
        return 0

    def raw(self, name: str) -> Any:
        return self._get(name)

    @property
    def _offset(self) -> int:
        delta = self._home.utcoffset(None)
        return int(delta.total_seconds())

    def _get(self, name: str) -> Any:
        self._used.add(name)
        return self._data.get(name)

    def _scaled(self, name: str, decimals: int, rule: str) -> int | None:
        """A decimal number in units of its last decimal, exactly; None and a note where it is none."""
        found = self._get(name)
        if isinstance(found, str) and re.fullmatch(r"[0-9]{1,24}(\.[0-9]{1,24})?", found):
            found = Decimal(found)
        if isinstance(found, int | Decimal) and not isinstance(found, bool):
            exact = Decimal(found)
            if exact.is_finite() and exact >= 0 and abs(exact.adjusted()) < _MOST_DIGITS:
                numerator, denominator = exact.as_integer_ratio()
                units: int = numerator * 10**decimals // denominator
                if units * denominator == numerator * 10**decimals:
                    return units
        self.refuse(name, rule)
        return None
