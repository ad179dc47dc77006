"""What the pages about dividends share: titles, phases, dates of the region's clock, the bar, whose an account is."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from api.asof import Asked
from api.pages import raising
from api.pages.raising import Part
from api.pages.site import Visit, bdi
from api.pages.standing import Notice, State
from api.pages.tongue import Tongue, plain
from registry.domain.ids import PartyId
from registry.domain.payout_args import DistributionPhase
from registry.mirror.views_payout import Distribution

MONEY = (("paid", 0), ("withheld", 5), ("unclaimed", 3), ("parked", 4), ("carried", 1))
"""Parts of the money in the order of the bar, with their colours."""


class Owners:
    """Whose accounts are, by name where names are shown."""

    def __init__(self, visit: Visit, asked: Asked, accounts: set[bytes]) -> None:
        self._t = visit.tongue
        register = visit.parts.register
        found = {account: register.account_owner(account, asked.as_of).party for account in accounts}
        self._parties: Mapping[bytes, PartyId] = {account: party for account, party in found.items() if party}
        self._names = visit.parts.names(self._parties.values())

    def name(self, account: bytes) -> str:
        party = self._parties.get(account)
        if party is None:
            return "0x" + account.hex()
        known = self._names.get(party)
        return plain(known) if known else self._t.text("party.id", id=str(party))


def accounts_of(found: Distribution) -> set[bytes]:
    """Every account that a page about it names."""
    return {found.remainder_account, found.tax_account, found.terms.funded_by, *found.excluded}


# --- the dividend ---


def title(found: Distribution, t: Tongue) -> str:
    return t.text(
        "dividend.title",
        share_class=plain(found.class_name),
        company=plain(found.company_name),
        number=str(found.number),
    )


def heading(found: Distribution, t: Tongue) -> Markup:
    """The same with each name kept in its own direction."""
    return t.rich(
        "dividend.title",
        share_class=bdi(plain(found.class_name)),
        company=bdi(plain(found.company_name)),
        number=str(found.number),
    )


def summary(found: Distribution, t: Tongue) -> str:
    """The one line under the title: for whom it is, and from when."""
    record = t.day(found.record_day)
    if found.phase == DistributionPhase.CANCELLED:
        return t.text("dividend.sub.cancelled", record=record)
    payment = t.day_at(found.region.unix(found.terms.payable_from))
    if found.phase == DistributionPhase.DECLARED:
        return t.text("dividend.sub.ahead", record=record, payment=payment)
    return t.text("dividend.sub.fixed", n=found.holders, record=record, payment=payment)


def state(found: Distribution, t: Tongue) -> State:
    """How far it is."""
    if found.phase == DistributionPhase.DECLARED:
        return State(t.text("dividend.state.declared"), "○")
    if found.phase == DistributionPhase.CANCELLED:
        return State(t.text("dividend.state.cancelled"), "✕", "bad")
    if is_open(found):
        if not found.is_payable:
            return State(t.text("dividend.state.fixed"), "◐")
        return State(t.text("dividend.state.over"), "■", "care") if found.is_over else _paying(t)
    if found.summary.parked:
        return State(t.text("dividend.state.parked"), "◐", "care")
    if found.summary.lapsed:
        return State(t.text("dividend.state.lapsed"), "✓")
    return State(t.text("dividend.state.closed"), "✓", "good")


def _paying(t: Tongue) -> State:
    return State(t.text("dividend.state.paying"), "◐", "good")


def is_open(found: Distribution) -> bool:
    """Some holder's part was not handled yet."""
    return found.phase == DistributionPhase.FIXED and found.handled < found.entitled


def law_state(found: Distribution, t: Tongue) -> State:
    """What was declared is accounted for: what the figures say of themselves."""
    if found.summary.is_whole:
        return State(t.text("dividend.whole"), "✓", "good")
    return State(t.text("dividend.broken"), "!", "care")


def bar(found: Distribution, t: Tongue) -> Markup:
    parts = [
        Part(
            colour, getattr(found.summary, name), f"{t.text(f'payout.{name}')}: {t.yuan(getattr(found.summary, name))}"
        )
        for name, colour in MONEY
    ]
    return raising.bar(parts, t.text("payout.bar", money=t.yuan(found.summary.declared)))


def moment(found: Distribution, clock: int, t: Tongue) -> str:
    """When the region's clock shows this."""
    return t.moment(found.region.unix(clock))


def halt_notices(found: Distribution, t: Tongue) -> list[Notice]:
    """A halt stretches payment date and expiry; over once nothing waits for either."""
    is_waiting = found.phase == DistributionPhase.DECLARED or is_open(found)
    if not found.region.word.is_halted or not is_waiting:
        return []
    day = t.day_at(found.region.word.halted_since)
    return [Notice(t.text("pay.halted"), t.text("pay.halted.body", day=day), "bad")]
