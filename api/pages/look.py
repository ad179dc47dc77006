"""One look at one company: the question, its block, and parties as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.asof import Asked
from api.pages.site import Visit, bdi, render
from api.pages.standing import Notice, Person, tags
from api.pages.tongue import SEPARATOR, Tongue, plain
from registry.domain.days import day_of
from registry.domain.ids import Day, PartyId
from registry.domain.rules import ActKind, Phase
from registry.domain.words import PartyWord
from registry.mirror.views import AsOf, Company, Entry, ShareClass

_ENTRY_KINDS = frozenset({*range(1, 9), ActKind.ALLOTMENT, ActKind.REDEMPTION, ActKind.PUT_DELIVERY})
"""Acts whose lines move shares."""


@dataclass(frozen=True, slots=True)
class Shown:
    """As of when, for the control at the top right and the line at the foot."""

    block: int
    hash: str
    time: int
    asked_block: int | None
    effective_on: Day | None
    shown_day: Day
    first_day: Day | None
    last_day: Day

    @property
    def short_hash(self) -> str:
        return f"{self.hash[:6]}…{self.hash[-4:]}"

    @property
    def is_past(self) -> bool:
        return self.asked_block is not None or (self.effective_on is not None and self.effective_on < self.last_day)


@dataclass(frozen=True, slots=True)
class CompanyHead:
    """A company's name and what stands under it."""

    name: str
    bdi: Markup
    href: str
    sub: str
    notices: Sequence[Notice]


class Look:
    """A visit to one company as of one block."""

    def __init__(self, request: Request, asked: Asked, number: int, section: str) -> None:
        self.visit = Visit(request, section, number)
        self.asked = asked
        self.register = self.visit.parts.register
        self.company: Company = self.register.company(number, asked.as_of)
        self._names: Mapping[PartyId, str] = {}
        self._words: Mapping[PartyId, PartyWord] = {}

    @property
    def t(self) -> Tongue:
        return self.visit.tongue

    @property
    def as_of(self) -> AsOf:
        return self.asked.as_of

    @property
    def root(self) -> str:
        return f"/companies/{self.company.number}"

    @property
    def today(self) -> Day:
        """The day that standings are judged on: the one that is shown."""
        return day_shown(self.visit, self.asked)

    def meet(self, parties: Iterable[PartyId]) -> None:
        """Looks up names and standings of everybody a page is going to show, at once."""
        wanted = {party for party in parties if party}
        self._names = self.visit.parts.names(wanted)
        self._words = self.register.words(sorted(wanted), self.as_of)

    def word(self, party: PartyId) -> PartyWord:
        return self._words[party]

    def name(self, party: PartyId) -> str:
        known = self._names.get(party)
        return plain(known) if known else self.t.text("party.id", id=str(party))

    def person(self, party: PartyId, with_tags: bool = True) -> Person:
        href = self.visit.url(f"{self.root}/holders/{party}")
        return Person(self.name(party), href, tags(self.word(party), self.today, self.t) if with_tags else ())

    def shown(self) -> Shown:
        return shown(self.visit, self.asked, self.company.number)

    def head(self, classes: Sequence[ShareClass] | None = None) -> CompanyHead:
        company, t = self.company, self.t
        facts = [
            form(company.form, t),
            *([t.text("company.region", code=str(company.region))] if company.region else []),
        ]
        if classes is not None:
            facts.append(t.text("company.classes", n=len(classes)))
        facts.append(t.text("company.number", number=str(company.number)))
        name = plain(company.name)
        return CompanyHead(name, bdi(name), self.visit.url(self.root), SEPARATOR.join(facts), self._phase_notice())

    def _phase_notice(self) -> list[Notice]:
        phase, t = self.company.phase, self.t
        if phase not in (Phase.MIGRATING, Phase.ABANDONED, Phase.SUCCEEDED):
            return []
        return [Notice(t.text(f"phase.{int(phase)}"), t.text(f"phase.{int(phase)}.body"))]

    def classes(self) -> dict[int, ShareClass]:
        return {c.class_id: c for c in self.register.classes(self.company.number, self.as_of)}

    def render(self, template: str, head: CompanyHead | None = None, **values: Any) -> HTMLResponse:
        return render(
            self.visit,
            template,
            company=head or self.head(),
            asof=self.shown(),
            verdict=self.visit.chip(self.asked.stand.block),
            **values,
        )


def day_shown(visit: Visit, asked: Asked) -> Day:
    """The legal day that was asked for, else the day of the block."""
    if asked.as_of.effective_on is not None:
        return asked.as_of.effective_on
    return day_of(asked.stand.time, visit.parts.utc_offset)


def shown(visit: Visit, asked: Asked, company: int | None = None) -> Shown:
    """The slider begins with the first entry of the company, or of all."""
    stand = asked.stand
    first = visit.parts.register.entries(AsOf(stand.block), company=company, newest_first=False, limit=1)
    return Shown(
        stand.block,
        "0x" + stand.hash.hex(),
        stand.time,
        asked.asked_block,
        asked.as_of.effective_on,
        day_shown(visit, asked),
        first.items[0].effective_on if first.items else None,
        day_of(stand.time, visit.parts.utc_offset),
    )


def form(number: int, t: Tongue) -> str:
    return t.text(f"form.{number}") if number in (1, 2) else t.text("form.other", code=str(number))


def act_name(entry: Entry, t: Tongue) -> str:
    if entry.act is None:
        return t.text("act.own")
    return t.text(f"act.{entry.kind}") if entry.kind in _ENTRY_KINDS else t.text("act.other", code=str(entry.kind))


def certificate(ref: bytes | None) -> str | None:
    """The number, where the chain has it itself (UTF-8 padded with zeros); None for a hash or nothing."""
    if ref is None or not any(ref) or ref[-1] != 0:
        return None
    try:
        text = ref.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    return plain(text)


def certificate_words(ref: bytes | None, t: Tongue) -> str:
    number = certificate(ref)
    if number:
        return t.text("entries.certificate", ref=number)
    return t.text("entries.certificate.hash") if ref and any(ref) else ""
