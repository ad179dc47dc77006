"""And what now? Who may do what next with a raise, until when, and what happens if nobody does."""

from __future__ import annotations

from api.pages import raising
from api.pages.look import Look
from api.pages.tongue import Tongue
from registry.domain.board import CasePhase
from registry.domain.escrow import TrancheState
from registry.domain.raising import OfferingPhase
from registry.mirror.views_raise import Escrow, Offering, TrancheRow


def next_step(look: Look, escrow: Escrow) -> str:
    """One sentence, for whatever phase the raise is in."""
    offering, t = escrow.offering, look.t
    if offering.phase == OfferingPhase.DRAFT:
        return _of_draft(offering, t)
    if offering.phase == OfferingPhase.OPEN:
        return _of_open(offering, t)
    if offering.phase == OfferingPhase.CLOSING:
        return _of_closing(offering, t)
    if offering.phase == OfferingPhase.FAILED:
        return t.text("next.refund" if offering.totals.live else "next.nothing")
    return _of_settled(look, escrow)


def _of_draft(offering: Offering, t: Tongue) -> str:
    region, closes = offering.region, offering.terms.closes_at
    if region.clock > closes:
        return t.text("next.draft.late", day=t.day_at(region.unix(closes)))
    return t.text("next.draft", until=t.moment(region.unix(closes)))


def _of_open(offering: Offering, t: Tongue) -> str:
    region, terms, clock = offering.region, offering.terms, offering.region.clock
    cooling = t.span(terms.cooling_off)
    if region.word.is_halted and clock <= terms.closes_at:
        return t.text("next.halted")
    if clock < terms.opens_at:
        return t.text("next.open.early", start=t.moment(region.unix(terms.opens_at)))
    if clock <= terms.closes_at:
        return t.text("next.open", until=t.moment(region.unix(terms.closes_at)), cooling=cooling)
    last = terms.closes_at + terms.cooling_off
    if clock <= last:
        return t.text("next.open.cooling", cooling=cooling, until=t.moment(region.unix(last)))
    return t.text("next.close" if offering.totals.live >= terms.minimum else "next.close.short")


def _of_closing(offering: Offering, t: Tongue) -> str:
    region, terms, totals = offering.region, offering.terms, offering.totals
    left = totals.subscribers - totals.handled
    if totals.handled:
        return t.text("next.allot.rest", n=left)
    last = terms.closes_at + terms.cooling_off + terms.settle_within
    what = t.text("next.allot" if totals.raised else "next.divide")
    if region.clock > last:
        return t.text("next.closing.late", what=what)
    return t.text("next.closing", what=what, until=t.moment(region.unix(last)))


def _of_settled(look: Look, escrow: Escrow) -> str:
    t, offering = look.t, escrow.offering
    waiting = [row for row in escrow.tranches if row.word.state in (TrancheState.WAITING, TrancheState.VOTING)]
    # A deadline that has passed comes first: it would end the others too.
    late = [row for row in waiting if offering.region.clock > row.deadline and not raising.has_quorum(row)]
    if waiting:
        return _of_milestone(look, escrow, (late or waiting)[0])
    if raising.due_now(escrow):
        return t.text("next.redeem")
    return _of_claims(escrow, t)


def _of_claims(escrow: Escrow, t: Tongue) -> str:
    """Every milestone is decided, and whoever holds shares of the missed part was paid."""
    offering = escrow.offering
    is_over, until = offering.is_claim_over, t.moment(offering.region.unix(offering.claims_end))
    if raising.may_put(escrow):
        return t.text("next.put", until=until)
    sold = raising.unheld(escrow)
    if sold:
        return t.text("next.lapse" if is_over else "next.sold", money=t.yuan(sold), until=until)
    if any(put.payer is None for put in escrow.puts):
        return t.text("next.owed.late" if is_over else "next.owed", until=until)
    if escrow.frozen:
        return t.text("next.frozen", money=t.yuan(raising.waits_frozen(escrow)))
    return t.text("next.nothing")


def _of_milestone(look: Look, escrow: Escrow, row: TrancheRow) -> str:
    t, region, case = look.t, escrow.offering.region, row.case
    text = look.visit.parts.document(row.criterion)
    name = t.text("next.name", number=str(row.milestone + 1), name=raising.milestone_name(row, text, t))
    if row.word.state == TrancheState.VOTING:
        if region.clock > row.word.vote_ends:
            return t.text("next.voted", name=name)
        return t.text("next.vote", name=name, until=t.moment(region.unix(row.word.vote_ends)))
    if case is None or not raising.has_quorum(row):
        late = region.clock > row.deadline
        return t.text("next.late" if late else "next.milestone", name=name, due=raising.due(region, row.deadline, t))
    if case.phase == CasePhase.CHALLENGED:
        ends = case.window_ends + case.arbitration
        key = "next.silent" if region.clock > ends else "next.challenged"
        return t.text(key, name=name, until=t.moment(region.unix(ends)))
    if case.phase == CasePhase.QUORATE and region.clock <= case.window_ends:
        return t.text("next.window", name=name, until=t.moment(region.unix(case.window_ends)))
    return t.text("next.release", name=name)
