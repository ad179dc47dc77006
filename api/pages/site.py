"""What every page has: language, addresses that keep the as-of choice, navigation, the verdict's chip, rendering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.pages.standing import Tone
from api.pages.tongue import Tongue, choose
from api.parts import LastVerdict, Parts

_ROOM = Path(__file__).parent.parent
_YEAR = timedelta(days=365)
_OWN_WORDS = frozenset({"rebuilding"})
"""Codes of problems whose page says more than its status."""
_AS_OF = ("effective_on", "as_of_block", "as_of")
_TEMPLATES = Environment(
    loader=FileSystemLoader(_ROOM / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class NavItem:
    text: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """How sure we are, in a few words that lead to the page that says more."""

    text: str
    sign: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and pages or files that there are instead."""

    title: str
    body: str
    detail: str = ""
    instead: str = ""
    links: Sequence[Markup] = ()


class Visit:
    """One request for a page: who asks in which language, at which address, as of when."""

    def __init__(self, request: Request, section: str = "", company: int | None = None) -> None:
        parts: Parts = request.app.state.parts
        query = request.query_params
        self.parts = parts
        self.path = request.url.path
        self.tongue = Tongue(
            choose(query.get("lang"), request.cookies.get("lang"), request.headers.get("accept-language")),
            parts.utc_offset,
        )
        self._company = company
        self._section = section
        self._query = {key: value for key, value in query.items() if value}

    def url(self, path: str, **changes: object) -> str:
        """An address of ours that keeps as of when (and the language, where the address names it)."""
        return _address(path, self._only("lang", *_AS_OF) | {key: str(value) for key, value in changes.items()})

    @property
    def nav(self) -> list[NavItem]:
        t = self.tongue
        items = [("companies", "/")] if self._company is None else self._company_items(self._company)
        return [
            NavItem(t.text(f"nav.{section}"), self.url(path), section == self._section)
            for section, path in [*items, ("verify", "/verify")]
        ]

    @staticmethod
    def _company_items(company: int) -> list[tuple[str, str]]:
        root = f"/companies/{company}"
        pages = [("holders", "holders"), ("raise", "raises"), ("dividends", "dividends"), ("entries", "entries")]
        return [("cap", root), *((section, f"{root}/{name}") for section, name in pages)]

    @property
    def other_language(self) -> str:
        return _address(self.path, self._query | {"lang": "zh" if self.tongue.lang == "en" else "en"})

    @property
    def now(self) -> str:
        return _address(self.path, self._only("lang"))

    @property
    def home(self) -> str:
        return _address("/", self._only("lang"))

    @property
    def kept(self) -> Sequence[tuple[str, str]]:
        """What the as-of form carries along beside its own fields."""
        return list(self._only("lang", "as_of", "class").items())

    def _only(self, *keys: str) -> dict[str, str]:
        return {key: self._query[key] for key in keys if key in self._query}

    def forget_as_of(self) -> None:
        self._query = {key: value for key, value in self._query.items() if key not in _AS_OF}

    def chip(self, block: int) -> Chip:
        """How sure we are of a page about this block."""
        return chip(self.parts.last_verdict(), self.tongue, block)


def chip(verdict: LastVerdict | None, t: Tongue, block: int) -> Chip:
    """An audit says nothing about what came after it."""
    if verdict is None:
        return Chip(t.text("verdict.none"), "○", "care")
    if verdict.is_equal and block > verdict.block:
        return Chip(t.text("verdict.older", block=verdict.block), "○", "")
    if verdict.is_equal:
        return Chip(t.text("verdict.equal", block=verdict.block), "✓", "good")
    return Chip(t.text("verdict.different", block=verdict.block), "!", "care")


def link(href: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(href, text)


def bdi(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(text)


def render(visit: Visit, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    context: Mapping[str, Any] = {"t": visit.tongue, "visit": visit, "asof": None} | values
    response = HTMLResponse(_TEMPLATES.get_template(template).render(context), status)
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Cache-Control"] = "no-cache"
    response.set_cookie("lang", visit.tongue.lang, max_age=int(_YEAR.total_seconds()), samesite="lax", httponly=True)
    return response


def problem_page(request: Request, status: int, detail: str, code: str = "") -> HTMLResponse:
    """A problem in plain words, with a way back: those of its code, where it has its own, else those of its status."""
    visit = Visit(request)
    # The way back must not lead into the same trouble.
    visit.forget_as_of()
    known = status if status in (404, 422, 503) else 422 if status < 500 else 500
    t, name = visit.tongue, code if code in _OWN_WORDS else str(known)
    found = Trouble(t.text(f"problem.{name}"), t.text(f"problem.{name}.body"), detail)
    return render(visit, "problem.html", status, page=found)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
