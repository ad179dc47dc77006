"""A party's standing in words: the state in one, what needs attention in sentences, each with its consequence.

Judged on the day of the block that is shown, never by the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.pages.tongue import Tongue
from registry.domain.ids import Day
from registry.domain.words import PartyWord

Tone = Literal["", "good", "care", "bad", "calm"]

UNCLASSIFIED, QUALIFIED = 0, 3
SOON = 30
"""[days] before the end of a standing on which the pages begin to say so."""


@dataclass(frozen=True, slots=True)
class State:
    """One word with its shape; the colour only repeats what both say."""

    text: str
    sign: str = "✓"
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Tag:
    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Notice:
    head: str
    body: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A party as a page shows it."""

    name: str
    href: str
    tags: tuple[Tag, ...] = ()


def state(party: PartyWord, today: Day, t: Tongue, lock_day: Day = Day(0)) -> State:
    """The first thing that matters: frozen, locked, may not buy, or nothing at all."""
    if party.is_frozen:
        return State(t.text("state.frozen"), "■", "bad")
    if lock_day and lock_day >= today:
        return State(t.text("state.locked", day=t.day(lock_day)), "◐")
    if party.category == UNCLASSIFIED:
        return State(t.text("state.unclassified"), "○", "care")
    if party.kyc_day < today:
        return State(t.text("state.kyc"), "○", "care")
    if party.category == QUALIFIED and party.qualification_day < today:
        return State(t.text("state.qualification"), "○", "care")
    return State(t.text("state.ok"))


def tags(party: PartyWord, today: Day, t: Tongue) -> tuple[Tag, ...]:
    """Beside the name: category, how many holders it stands for, what ends soon."""
    found = [Tag(category(party.category, t))]
    if party.weight > 1:
        found.append(Tag(t.text("party.through", n=party.weight)))
    if party.category != UNCLASSIFIED:
        for which, last in _standings(party):
            if 0 <= last - today <= SOON:
                found.append(Tag(_days(f"tag.{which}", last - today, t), "care"))
    return tuple(found)


def notices(party: PartyWord, today: Day, t: Tongue) -> list[Notice]:
    """What needs attention, in the order of its weight; empty when there is nothing to do."""
    found = []
    if party.is_frozen:
        found.append(Notice(t.text("notice.frozen"), t.text("notice.frozen.body"), "bad"))
    if party.category == UNCLASSIFIED:
        return [*found, Notice(t.text("notice.unclassified"), t.text("notice.unclassified.body"))]
    for which, last in _standings(party):
        notice = _standing_notice(which, last, today, t)
        if notice:
            found.append(notice)
    return found


def lock_notice(share_class: str, lock_day: Day, today: Day, t: Tongue) -> Notice | None:
    if not lock_day or lock_day < today:
        return None
    span = t.text("span.days", n=lock_day - today + 1)
    body = t.text("notice.locked.body", share_class=share_class, span=span)
    return Notice(t.text("notice.locked", day=t.day(lock_day)), body, "calm")


def category(number: int, t: Tongue) -> str:
    return t.text(f"category.{number}") if number <= 5 else t.text("category.other", code=number)


def _standings(party: PartyWord) -> list[tuple[str, Day]]:
    """Qualification is asked of one category only."""
    found = [("kyc", party.kyc_day)]
    if party.category == QUALIFIED:
        found.append(("qualification", party.qualification_day))
    return found


def _standing_notice(which: str, last: Day, today: Day, t: Tongue) -> Notice | None:
    if last - today > SOON:
        return None
    if last >= today:
        body = t.text(f"notice.{which}.soon.body", day=t.day(last))
        return Notice(_days(f"notice.{which}.soon", last - today, t, f"notice.{which}.today"), body)
    if last <= 0:
        return Notice(t.text(f"notice.{which}.never"), t.text(f"notice.{which}.body"))
    ended = t.text(f"notice.{which}.ended", span=t.text("span.days", n=today - last))
    return Notice(ended, t.text(f"notice.{which}.body"))


def _days(key: str, days: int, t: Tongue, key_today: str = "") -> str:
    return t.text(key, n=days) if days else t.text(key_today or f"{key}.today")
