"""The two languages of the pages: which one a visitor gets, its words, and how it writes figures and days.

Knows the catalogue and Babel's locale data, nothing of the register.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from string import Formatter
from typing import Literal

from babel import Locale
from babel.core import get_global, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from api.pages.catalogue import MESSAGES, Lang
from registry.domain.days import day_of, from_date, to_date
from registry.domain.ids import Day

_LOCALES: dict[Lang, Locale] = {"en": Locale.parse("en_GB"), "zh": Locale.parse("zh_Hans_CN")}
_TAGS: dict[Lang, str] = {"en": "en", "zh": "zh-Hans-CN"}
# A day field has 24 bits and can name the year 47 000; calendars here end with 9999. "In force for ever" is written so.
_LAST_DAY = from_date(date.max)
# A price of 96 bits times shares of 64 has 49.
_DIGITS = 64
_MONEY = "#,##0.00########"
# A price carries ten decimals (10^-10 of the currency unit).
PRICE_DECIMALS = 10
SEPARATOR = "\N{THIN SPACE}·\N{THIN SPACE}"
"""The dot of the Chinese face is as wide as a character."""


def choose(asked: str | None, remembered: str | None, accepted: str | None) -> Lang:
    """What the address asks for, else what the cookie remembers, else what the browser prefers, else English."""
    for value in (asked, remembered):
        if value == "en" or value == "zh":
            return "zh" if value == "zh" else "en"
    wishes = [wish.split(";")[0].strip().replace("-", "_") for wish in (accepted or "").split(",")]
    found = negotiate_locale([wish for wish in wishes if wish and wish != "*"], ["en", "zh"])
    return "zh" if found == "zh" else "en"


def _scaled(value: int, decimals: int) -> Decimal:
    """Exact for any size: a calculation with Decimals would round to 28 digits."""
    return Decimal(f"{value}E-{decimals}")


def plain(text: str) -> str:
    """A name as it may stand in a page: controls, marks that turn the reading direction and halves of characters, which
    no encoding knows, become a visible sign."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_hostile(c) else c for c in text)


def _is_hostile(char: str) -> bool:
    # The two joiners are part of how some scripts are written.
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in "\u200c\u200d"


def _is_seam(before: str, after: str) -> bool:
    """A Chinese character stands beside a Latin letter or a figure."""
    return (_is_chinese(before) and _is_latin(after)) or (_is_latin(before) and _is_chinese(after))


def _is_chinese(char: str) -> bool:
    return bool(char) and unicodedata.category(char) == "Lo" and unicodedata.east_asian_width(char) == "W"


def _is_latin(char: str) -> bool:
    return bool(char) and char.isalnum() and unicodedata.east_asian_width(char) != "W"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language, its words and its way with figures."""

    lang: Lang
    utc_offset: int

    @property
    def locale(self) -> Locale:
        return _LOCALES[self.lang]

    @property
    def tag(self) -> str:
        return _TAGS[self.lang]

    def text(self, key: str, **values: object) -> str:
        """The words for a key; `n` chooses between singular and plural where the words offer both."""
        return "".join(self._spaced([str(part) for pair in self._parts(key, values) for part in pair]))

    def rich(self, key: str, **values: object) -> Markup:
        """Like `text`, for values that are markup of ours; all others are escaped."""
        parts = [part for words, value in self._parts(key, values) for part in (Markup(words), escape(value))]
        return Markup("").join(self._spaced(parts))

    def _parts(self, key: str, values: dict[str, object]) -> Iterator[tuple[str, object]]:
        """Words, each with the value that stands behind them, or nothing."""
        written = self._written(values)
        for words, name, _, _ in Formatter().parse(self._words(key, values)):
            yield words, written[name] if name else ""

    def _spaced(self, parts: Sequence[str]) -> Iterator[str]:
        """Chinese characters do not touch a value in Latin letters or figures."""
        before = ""
        for part in parts:
            seen = part.striptags() if isinstance(part, Markup) else part
            if self.lang == "zh" and _is_seam(before[-1:], seen[:1]):
                yield " "
            yield part
            before = seen or before

    def _words(self, key: str, values: dict[str, object]) -> str:
        words = MESSAGES[self.lang][key]
        forms = words.split("|")
        return forms[0] if len(forms) == 1 or values.get("n") == 1 else forms[1]

    def _written(self, values: dict[str, object]) -> dict[str, object]:
        return {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}

    def number(self, value: int) -> str:
        return str(format_decimal(value, locale=_LOCALES[self.lang]))

    def shares(self, value: int, decimals: int = 0) -> str:
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return self._figure(_scaled(value, decimals), pattern)

    def percent(self, part: int, whole: int) -> str:
        """Two decimals, half up; computed in integers."""
        if whole == 0:
            return "–"
        hundredths = (part * 20_000 + whole) // (2 * whole)
        share = _scaled(hundredths, 4)
        return str(format_percent(share, format="#,##0.00\N{NO-BREAK SPACE}%", locale=_LOCALES[self.lang]))

    def money(self, currency: str, price: int, shares: int = 1, decimals: int = 0) -> str:
        amount = _scaled(price * shares, PRICE_DECIMALS + decimals)
        return f"{currency}\N{NO-BREAK SPACE}{self._figure(amount, _MONEY)}"

    def fen(self, amount: int) -> str:
        """Settlement money [fen] in yuan, always with two decimals."""
        return self._figure(_scaled(amount, 2), "#,##0.00")

    def yuan(self, amount: int) -> str:
        """The same with its sign, for sentences."""
        return f"¥\N{NO-BREAK SPACE}{self.fen(amount)}"

    def rate(self, rate: int) -> str:
        """So much for one share [10^-10 CNY] in yuan, with as many decimals as it has, two at least."""
        return f"¥\N{NO-BREAK SPACE}{self.per_share(rate)}"

    def per_share(self, rate: int) -> str:
        """The same without its sign, for columns."""
        return self._figure(_scaled(rate, PRICE_DECIMALS), _MONEY)

    def country(self, code: int) -> str:
        """The name of a country by its number (ISO 3166-1)."""
        known = get_global("territory_aliases").get(f"{code:03}")
        name = _LOCALES[self.lang].territories.get(known[0]) if known else None
        return str(name) if name else self.text("country.other", code=str(code))

    def _figure(self, value: Decimal, pattern: str) -> str:
        with localcontext(prec=_DIGITS):
            return str(format_decimal(value, format=pattern, locale=_LOCALES[self.lang]))

    def day(self, day: Day) -> str:
        """The day as figures and words of the locale: 31 Mar 2026, 2026年3月31日."""
        return self._date(day, "medium")

    def day_long(self, day: Day) -> str:
        return self._date(day, "long")

    def day_at(self, time: int) -> str:
        """The day of a moment [unix s] on the register's clock."""
        return self.day(day_of(time, self.utc_offset))

    def _date(self, day: Day, form: Literal["medium", "long"]) -> str:
        return str(format_date(to_date(day), form, locale=_LOCALES[self.lang])) if day <= _LAST_DAY else "∞"

    def iso(self, day: Day) -> str:
        return to_date(day).isoformat()

    def moment(self, time: int) -> str:
        """Day and time of a block on the register's clock."""
        if day_of(time, self.utc_offset) > _LAST_DAY:
            return "∞"
        zone = timezone(timedelta(seconds=self.utc_offset))
        value = datetime.fromtimestamp(time, UTC).astimezone(zone)
        return str(format_datetime(value, "medium", tzinfo=zone, locale=_LOCALES[self.lang]))

    def span(self, seconds: int) -> str:
        """A duration in its largest whole unit: 40 seconds, 12 minutes, 3 hours, 2 days."""
        for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
            if seconds >= size:
                return self.text(f"span.{unit}", n=seconds // size)
        return self.text("span.seconds", n=max(seconds, 0))
