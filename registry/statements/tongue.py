"""The two languages of statements: their sentences, from `locales`, and how they write days, places and categories."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.dates import format_date

from registry.statements.figures import percent
from registry.statements.model import Lang

_LOCALES: dict[Lang, Locale] = {"en": Locale.parse("en_GB"), "zh": Locale.parse("zh_Hans_CN")}
_CATEGORIES = 6
_FOLDER = Path(__file__).parent / "locales"


def _read(lang: Lang) -> dict[str, str]:
    with (_FOLDER / f"{lang}.toml").open("rb") as file:
        found: dict[str, str] = tomllib.load(file)
    return found


MESSAGES: dict[Lang, dict[str, str]] = {"en": _read("en"), "zh": _read("zh")}
"""`{name}` is a value. Where a language needs it, `one|many` is chosen by the value `n`."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language."""

    lang: Lang

    def text(self, key: str, **values: object) -> str:
        """The words for a key; `n` chooses between singular and plural, whole numbers are grouped."""
        forms = MESSAGES[self.lang][key].split("|")
        words = forms[0] if len(forms) == 1 or values.get("n") == 1 else forms[1]
        return words.format(**{name: f"{v:,}" if isinstance(v, int) else v for name, v in values.items()})

    def day(self, value: date) -> str:
        """Spelled out: 31 March 2026, 2026年3月31日."""
        return str(format_date(value, "long", locale=_LOCALES[self.lang]))

    def percent(self, rate: int) -> str:
        """[basis points]"""
        return f"{percent(rate)}\N{NO-BREAK SPACE}%"

    def category(self, category: int) -> str:
        if category < _CATEGORIES:
            return self.text(f"category.{category}")
        return self.text("category.other", code=str(category))

    def residence(self, code: int) -> str:
        """The name of a country or region by its ISO 3166-1 number; the number where CLDR has no name."""
        if code == 0:
            return self.text("residence.none")
        found = get_global("territory_aliases").get(f"{code:03}", [])
        name = _LOCALES[self.lang].territories.get(found[0]) if len(found) == 1 else None
        return name or f"{code:03}"
