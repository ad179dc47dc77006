"""What the pages about raises share: titles, phases, dates of the region's clock, the bar, names of milestones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.look import Look
from api.pages.site import bdi
from api.pages.standing import Notice, State
from api.pages.tongue import Tongue, plain
from registry.domain.board import CasePhase
from registry.domain.escrow import Miss, TrancheState
from registry.domain.ids import PartyId
from registry.domain.raising import OfferingPhase
from registry.mirror.views_money import RegionView
from registry.mirror.views_raise import Escrow, Offering, TrancheRow

LONGEST_TITLE = 90
DAY = 86_400

_PHASES: dict[int, tuple[str, str]] = {
    OfferingPhase.DRAFT: ("○", "care"),
    OfferingPhase.OPEN: ("◐", "good"),
    OfferingPhase.CLOSING: ("◐", ""),
    OfferingPhase.SETTLED: ("✓", "good"),
    OfferingPhase.FAILED: ("■", "bad"),
}
_BAR = Markup(
    '<svg class="money-bar" viewBox="0 0 1000 26" preserveAspectRatio="none" role="img" aria-labelledby="bar-title">'
    '<title id="bar-title">{title}</title>{parts}</svg>'
)
_PART = Markup('<rect class="{style}" x="{x}" y="0" width="{width}" height="26"><title>{label}</title></rect>')
_MARK = Markup('<line class="mark-line" x1="{x}" x2="{x}" y1="0" y2="26" vector-effect="non-scaling-stroke"/>')
WIDTH = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar, with its colour's number; None: what is not there yet."""

    colour: int | None
    amount: int
    label: str


@dataclass(frozen=True, slots=True)
class Tab:
    text: str
    href: str
    current: bool


def bar(parts: Sequence[Part], title: str, marks: Sequence[int] = ()) -> Markup:
    """Parts from the left in their order; the whole width is their sum. `marks` are lines at such amounts."""
    whole = sum(part.amount for part in parts) or 1
    drawn, x = [], 0
    for part in parts:
        end = x + part.amount
        left, right = x * WIDTH // whole, end * WIDTH // whole
        if part.amount:
            style = "slice-none" if part.colour is None else f"slice-{part.colour}"
            drawn.append(_PART.format(style=style, x=left, width=max(right - left, 2), label=part.label))
        x = end
    lines = [_MARK.format(x=min(mark * WIDTH // whole, WIDTH - 1)) for mark in marks if 0 < mark < whole]
    return _BAR.format(title=title, parts=Markup("").join([*drawn, *lines]))


# --- the raise ---


def title(look: Look, offering: Offering) -> str:
    share_class = look.classes()[offering.class_id]
    return look.t.text(
        "raise.title",
        share_class=plain(share_class.name),
        company=plain(look.company.name),
        number=str(offering.number),
    )


def heading(look: Look, offering: Offering) -> Markup:
    """The same with each name kept in its own direction."""
    share_class = look.classes()[offering.class_id]
    return look.t.rich(
        "raise.title",
        share_class=bdi(plain(share_class.name)),
        company=bdi(plain(look.company.name)),
        number=str(offering.number),
    )


def phase_state(offering: Offering, t: Tongue) -> State:
    """The phase; of a raise that succeeded also what became of its milestones, once that is known."""
    purse = offering.purse
    if purse.redeemable:
        return State(t.text("raise.missed"), "✕", "bad")
    if purse.proceeds and purse.released == purse.proceeds:
        return State(t.text("raise.done"), "✓", "good")
    sign, tone = _PHASES[offering.phase]
    return State(t.text(f"raise.phase.{offering.phase}"), sign, tone)  # type: ignore[arg-type]


def summary(offering: Offering, t: Tongue) -> str:
    """The one line under the title: what became of it, or until when it goes on."""
    totals, region, terms = offering.totals, offering.region, offering.terms
    phase = offering.phase
    if phase == OfferingPhase.DRAFT:
        return t.text("raise.sub.1", day=t.day_at(region.unix(terms.opens_at)))
    if phase == OfferingPhase.OPEN:
        left = terms.closes_at - region.clock
        if left < 0:
            return t.text("raise.sub.over", n=totals.subscribers, money=t.yuan(totals.live))
        day = t.day_at(region.unix(terms.closes_at))
        return t.text("raise.sub.2", day=day, span=t.span(left), n=totals.subscribers, money=t.yuan(totals.live))
    closed = t.day_at(_entered(offering, phase))
    if phase == OfferingPhase.CLOSING:
        return t.text("raise.sub.3", day=closed, n=totals.subscribers, money=t.yuan(totals.live))
    if phase == OfferingPhase.FAILED:
        return t.text("raise.sub.5", day=closed)
    fee = t.percent(terms.fee_bps, 10_000)
    return t.text("raise.sub.4", day=closed, n=totals.subscribers, money=t.yuan(totals.raised), fee=fee)


def _entered(offering: Offering, phase: int) -> int:
    return next(each.time for each in offering.phases if each.phase == phase)


def tabs(look: Look, offering: Offering, current: str) -> list[Tab]:
    root = f"/raises/{offering.number}"
    pages = [("offer", root), ("escrow", f"{root}/escrow")]
    return [Tab(look.t.text(f"raise.tab.{name}"), look.visit.url(path), name == current) for name, path in pages]


def halt_notices(region: RegionView, t: Tongue) -> list[Notice]:
    """While a region is halted all clocks of its raises stand still."""
    if not region.word.is_halted:
        return []
    day = t.day_at(region.word.halted_since)
    return [Notice(t.text("raise.halted"), t.text("raise.halted.body", day=day), "bad")]


def law_state(offering: Offering, t: Tongue) -> State:
    """Money in is money accounted for: what the figures on this page say of themselves."""
    if offering.money.is_whole:
        return State(t.text("raise.whole"), "✓", "good")
    return State(t.text("raise.broken"), "!", "care")


def going_back(escrow: Escrow) -> int:
    """[fen] Missed money of subscribers, due now or once an order is lifted; less than a fen a lot is rounding."""
    purse = escrow.offering.purse
    rest = purse.redeemable - purse.redeemed - unheld(escrow)
    return rest if rest >= escrow.offering.totals.subscribers else 0


def waits_frozen(escrow: Escrow) -> int:
    """[fen] Missed money of subscribers who are frozen by order."""
    return sum(escrow.frozen.values())


def due_now(escrow: Escrow) -> int:
    """[fen] What of the money that goes back anybody can have paid out now: nothing is paid to who is frozen."""
    rest = going_back(escrow) - waits_frozen(escrow)
    return rest if rest >= escrow.offering.totals.subscribers else 0


def unheld(escrow: Escrow) -> int:
    """[fen] Missed money that is due to shares which their subscribers sold."""
    return sum(escrow.unheld.values())


def left_by_rounding(offering: Offering) -> int:
    """[fen] What stays in escrow for good, once every tranche is decided and everybody was paid."""
    purse = offering.purse
    is_decided = purse.proceeds == purse.released + purse.redeemable
    return purse.held if is_decided and purse.held < offering.totals.subscribers else 0


def may_put(escrow: Escrow) -> bool:
    """Somebody may still have shares that the payer of the terms has to buy."""
    offering = escrow.offering
    return escrow.is_put_open and not offering.is_claim_over and len(escrow.puts) < offering.totals.subscribers


def may_come_to_put(escrow: Escrow) -> bool:
    """A milestone with a put was missed by its own deadline, or is not decided yet."""
    if escrow.offering.phase == OfferingPhase.FAILED or not any(escrow.terms.put_payer):
        return False
    undecided = (TrancheState.SCHEDULED, TrancheState.WAITING, TrancheState.VOTING)
    return any(
        row.word.on_miss == Miss.PUT and (row.is_cause or row.word.state in undecided) for row in escrow.tranches
    )


def has_quorum(row: TrancheRow) -> bool:
    """Its verdict is reached: disputed or not, it is decided on its own."""
    return row.case is not None and row.case.phase in (CasePhase.QUORATE, CasePhase.CHALLENGED, CasePhase.UPHELD)


def due(region: RegionView, clock: int, t: Tongue) -> str:
    """A day ahead or past on the region's clock, with how long it is until then."""
    day, left = t.day_at(region.unix(clock)), clock - region.clock
    return t.text("due.ahead", day=day, span=t.span(left)) if left >= 0 else t.text("due.past", day=day)


def party_of(look: Look, account: bytes) -> PartyId | None:
    """Whose account an address is."""
    found = look.register.account_owner(account, look.as_of)
    return found.party


def heirs(look: Look, escrow: Escrow) -> list[PartyId]:
    """Who gets what lapses, and who got it."""
    accounts = {escrow.terms.lapse_account, *(each.account for each in escrow.lapses)}
    owners = [party_of(look, account) for account in sorted(accounts)]
    return [owner for owner in owners if owner]


# --- milestones ---


def milestone_name(row: TrancheRow, criterion: bytes | None, t: Tongue) -> str:
    """The title in its terms, else its criterion's text, else its number."""
    return _stated_title(row.terms, t.lang) or _short(criterion) or t.text("milestone.unnamed")


def _stated_title(terms: str, lang: str) -> str:
    try:
        found = json.loads(terms) if terms else None
    except (ValueError, RecursionError):
        return ""
    stated = found.get("title") if isinstance(found, dict) else None
    if isinstance(stated, dict):
        stated = stated.get(lang) or next(iter(stated.values()), None)
    return _shortened(stated) if isinstance(stated, str) else ""


def _short(criterion: bytes | None) -> str:
    if criterion is None:
        return ""
    return _shortened(criterion.decode("utf-8", "replace"))


def _shortened(stated: str) -> str:
    text = plain(stated.strip())
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"
