"""Every sentence of the pages, from `api/locales`: one file a language, the same keys in each."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

Lang = Literal["en", "zh"]

LOCALES = Path(__file__).parent.parent / "locales"


def _read(lang: Lang) -> dict[str, str]:
    with (LOCALES / f"{lang}.toml").open("rb") as file:
        found: dict[str, str] = tomllib.load(file)
    return found


MESSAGES: dict[Lang, dict[str, str]] = {"en": _read("en"), "zh": _read("zh")}
"""`{name}` is a value. Where a language needs it, `one|many` is chosen by the value `n`."""
