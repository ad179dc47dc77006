"""The demo's dividend told step by step at a desk, for tests of what is written about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from registry.acts import story_dividend as story
from registry.acts.desk import Desk
from registry.acts.story_dividend import Payer
from registry.acts.story_raise import until
from registry.chain.anvil import Anvil
from registry.domain.days import last_second, to_date
from registry.domain.ids import PartyId
from registry.mirror.queries import AsOf
from tests.support.registry_home import Home, desk_of


@dataclass(frozen=True, slots=True)
class Told:
    """Home and desk, the year of its payments, and the block after each step."""

    home: Home
    desk: Desk
    year: int
    payer: Payer
    number: int
    declared: AsOf
    fixed: AsOf
    parked: AsOf
    closed: AsOf

    def party(self, position: int) -> PartyId:
        return self.payer.members[position].party


@contextmanager
def dividend_told(home: Home, chain: Anvil) -> Iterator[Told]:
    """Declared, sold after the record date, fixed, paid with one parked, cured, paid, closed."""
    with desk_of(home) as desk:
        payer = story.found(desk)
        story.deposit(desk, payer)
        planned = story.plan(desk, payer, story.state_taxes(desk, payer))
        number = story.declare(desk, planned)
        declared = _now(desk)
        chain.advance(until(desk, last_second(planned.record_day, desk.deployment.utc_offset)))
        story.sell(desk, payer)
        story.fix(desk, number)
        fixed = _now(desk)
        chain.advance(until(desk, planned.pays_at))
        story.pay(desk, number)
        parked = _now(desk)
        story.cure(desk, payer)
        story.pay(desk, number)
        story.close(desk, number)
        year = to_date(desk.today()).year
        yield Told(home, desk, year, payer, number, declared, fixed, parked, _now(desk))


def _now(desk: Desk) -> AsOf:
    return AsOf(desk.catch_up().block)
