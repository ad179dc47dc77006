"""What the events of dividends do to the state: reliefs, schedules, preferences, and the life of a distribution.

What a page did to its rows stands in `state_pages`. Nothing told is believed that can be recomputed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from registry.domain.args import ZERO_ADDRESS
from registry.domain.days import day_of
from registry.domain.entitlements import fixing, held_at, is_void, rows_of
from registry.domain.events import ActRecorded, At, RegistryEvent
from registry.domain.events_payout import (
    DistributionCancelled,
    DistributionClosed,
    DistributionDeclared,
    DistributionFixed,
    PreferenceDeclared,
    PreferenceSet,
    ScheduleCreated,
    ScripChosen,
    TaxReliefStated,
    TaxRemitted,
)
from registry.domain.findings import Check
from registry.domain.ids import Address
from registry.domain.moves import issued_at
from registry.domain.payout_args import DistributionPhase, DistributionTerms, Settlement
from registry.domain.payout_terms import distribution_fault, first_arrears, rank_of, resting_on, serves_all
from registry.domain.payouts import DistributionState, Preference, Relief, TaxSchedule, schedule_fault
from registry.domain.raising import WHOLE
from registry.domain.register import RegisterState
from registry.domain.rules import ActKind, CompanyRole, Phase
from registry.domain.state_notes import expect_payment, expect_reserved, note

_FIELDS = tuple(field.name for field in fields(DistributionTerms))


# --- acts of dividends on a class ---


def acted(state: RegisterState, e: ActRecorded) -> None:
    """An act in a class by the contract of dividends: shares instead of money, which the company has admitted."""
    c = state.classes.get(e.at.emitter)
    if c is None:
        return
    state.payouts.act_count += 1
    if not state.company_of(c).roles.get(e.actor, 0) & CompanyRole.OFFERING or e.kind != ActKind.ALLOTMENT:
        note(state, Check.PAYOUT, e.at, f"{e.actor.hex()} acts in a class whose company has not admitted it")


def settle(state: RegisterState) -> None:
    """Ends a transaction: what was done for a dividend, the dividend has told."""
    trail = state.trail
    for share_class, changes in trail.freed.items():
        if changes:
            note(state, Check.RESERVED, trail.last_at, f"class {share_class.hex()} keeps {changes} shares more")
    for share_class, account, shares in trail.delivered:
        message = f"{shares} shares of class {share_class.hex()} for {account.hex()}, and no dividend says why"
        note(state, Check.ENTITLEMENT, trail.last_at, message)
    for share_class, told in trail.counting.items():
        if told:
            message = f"{told} declared towards the arrears of {share_class.hex()}, and no dividend says why"
            note(state, Check.PAYOUT, trail.last_at, message)
    for number, party in trail.scrip:
        note(
            state,
            Check.ENTITLEMENT,
            trail.last_at,
            f"dividend {number}: shares for party {party}, and no page says why",
        )
    trail.freed.clear()
    trail.scrip.clear()
    trail.delivered.clear()
    trail.counting.clear()


# --- reliefs, schedules, preferences ---


def _relief(state: RegisterState, e: TaxReliefStated) -> None:
    if e.at.emitter != state.registry:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the identity registry")
        return
    _require_act(state, e)
    if e.party not in state.parties:
        note(state, Check.PARTY, e.at, f"a tax relief stated of the unknown party {e.party}")
    if e.bps > WHOLE:
        note(state, Check.PAYOUT, e.at, f"party {e.party}: {e.bps} basis points are more than the whole")
    state.payouts.reliefs[e.party] = Relief(e.bps, e.until_day)


def _schedule(state: RegisterState, e: ScheduleCreated) -> None:
    if state.paying is None or e.at.emitter != state.paying.tax_schedules:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the contract of tax schedules")
        return
    _require_act(state, e)
    known = state.payouts.schedules
    if e.schedule != len(known) + 1:
        note(state, Check.KNOWN, e.at, f"tax schedule {e.schedule} does not follow {len(known)}")
    is_malformed = schedule_fault(e.rules) is not None or any(rule.bps > WHOLE for rule in e.rules)
    if is_malformed or not state.is_registered(e.tax_account):
        note(state, Check.PAYOUT, e.at, f"tax schedule {e.schedule} is malformed")
    known[e.schedule] = TaxSchedule(e.tax_account, e.rules)


def _preference(state: RegisterState, e: PreferenceSet) -> None:
    if not _is_preferences(state, e):
        return
    _require_act(state, e)
    if e.share_class in state.payouts.preferences or e.share_class not in state.classes:
        note(state, Check.PAYOUT, e.at, f"class {e.share_class.hex()} has its preference already, or is unknown")
        return
    if not e.rank or not e.per_year or not 0 < e.from_day <= day_of(e.at.time, state.utc_offset):
        note(state, Check.PAYOUT, e.at, f"the preference of class {e.share_class.hex()} is malformed")
    state.payouts.preferences[e.share_class] = Preference(e.rank, e.per_year, e.from_day)


def _counted(state: RegisterState, e: PreferenceDeclared) -> None:
    """Stands before the dividend that it is about."""
    if _is_preferences(state, e):
        state.trail.counting.setdefault(e.share_class, []).append(e.declared)


def _is_preferences(state: RegisterState, e: RegistryEvent) -> bool:
    if state.paying is not None and e.at.emitter == state.paying.preferences:
        return True
    note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the contract of preferences")
    return False


def _count(state: RegisterState, at: At, share_class: Address, change: int) -> None:
    """What counts towards the arrears of a class changes, and the class said so before."""
    before = state.payouts.preferences[share_class]
    declared = before.declared + change
    told = state.trail.counting.get(share_class, [])
    if not told or told.pop(0) != declared:
        note(state, Check.PAYOUT, at, f"class {share_class.hex()} did not tell of {declared} towards its arrears")
    state.payouts.preferences[share_class] = replace(before, declared=declared)


# --- a distribution ---


def distribution_at(state: RegisterState, e: RegistryEvent, number: int) -> DistributionState | None:
    """The distribution that an event is about; a stranger is noted."""
    if state.paying is None or e.at.emitter != state.paying.distributions:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the contract of dividends")
        return None
    found = state.payouts.distributions.get(number)
    if found is None:
        note(state, Check.PAYOUT, e.at, f"dividend {number} was never declared")
    return found


def _declared(state: RegisterState, e: DistributionDeclared) -> None:
    paying, known = state.paying, state.payouts.distributions
    if paying is None or e.at.emitter != paying.distributions:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the contract of dividends")
        return
    c = state.classes.get(e.share_class)
    if c is None:
        note(state, Check.PAYOUT, e.at, f"dividend {e.id} of the unknown class {e.share_class.hex()}")
        return
    act = state.trail.acts.get(e.at.emitter)
    if act is None:
        note(state, Check.ACT, e.at, f"dividend {e.id} declared without an act")
    if e.id != len(known) + 1:
        note(state, Check.KNOWN, e.at, f"dividend {e.id} does not follow {len(known)}")
    terms = DistributionTerms(*(getattr(e, name) for name in _FIELDS))
    company = state.company_of(c)
    payer = act.actor if act else e.funded_by
    if fault := distribution_fault(state, terms, payer, e.at.time):
        note(state, Check.PAYOUT, e.at, f"dividend {e.id}: term {fault} is malformed")
    if company.phase != Phase.OPEN:
        note(
            state, Check.PAYOUT, e.at, f"dividend {e.id} of company {company.number} declared in phase {company.phase}"
        )
    if fault in (2, 3):
        # Without its record date or its schedule nothing of it can be worked out.
        return
    d = DistributionState(e.id, terms, e.excluded, company.address, company.region, e.total, e.expires_at)
    known[e.id] = d
    d.rank = rank_of(state, c.address)
    _judge_preferences(state, d, e.at)
    if e.scrip_price:
        d.resolution = act.document if act else d.resolution
        d.decimals = c.decimals
        d.reserved = e.total // e.scrip_price * 10**c.decimals
        expect_reserved(state, c.address, d.reserved)
    expect_payment(state, e.funded_by, paying.distributions, e.total)


def _judge_preferences(state: RegisterState, d: DistributionState, at: At) -> None:
    """Who comes before has no arrears; what is declared counts towards the class's own."""
    c = state.classes[d.terms.share_class]
    day = day_of(c.record_times[d.terms.epoch - 1], state.utc_offset)
    first = first_arrears(state, c, day)
    if first is not None:
        note(state, Check.PAYOUT, at, f"dividend {d.id}: class {first[0].hex()} comes before, {first[1]} in arrears")
    own = state.payouts.preferences.get(c.address)
    if own is not None:
        d.counted = min(d.terms.rate, own.arrears(day))
        if d.counted and not serves_all(state, d.excluded):
            note(state, Check.PAYOUT, at, f"dividend {d.id}: holders are left out of what counts towards their arrears")
        _count(state, at, c.address, d.counted)


def _fixed(state: RegisterState, e: DistributionFixed) -> None:
    d = distribution_at(state, e, e.id)
    if d is None or not _is_in(state, d, e.at, DistributionPhase.DECLARED):
        return
    c = state.classes[d.terms.share_class]
    if e.at.time <= c.record_times[d.terms.epoch - 1]:
        note(state, Check.PAYOUT, e.at, f"dividend {d.id} fixed before its record date has passed")
    held = held_at(state, c, d.terms.epoch)
    rows = rows_of(held, d.excluded)
    if rows != e.holders or sum(one.shares for one in held) != issued_at(c, d.terms.epoch):
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: the holders differ from the register")
    d.holders, d.settlements = rows, [Settlement.NONE] * len(rows)
    d.entitled, d.decimals = sum(row.shares for row in rows), c.decimals
    if not d.entitled:
        note(state, Check.PAYOUT, e.at, f"dividend {d.id} has no holders")
        return
    found = fixing(d, d.entitled, c.decimals)
    d.declared, d.is_short = found.declared, found.is_short
    if found.is_short and found.covered < d.counted:
        _count(state, e.at, c.address, found.covered - d.counted)
        d.counted = found.covered
    d.expires_at += max(state.clock(d.region, e.at.time) - d.terms.payable_from, 0)
    d.phase = DistributionPhase.FIXED
    due = (d.entitled, found.declared, found.returned, d.expires_at)
    if (e.entitled, e.declared, e.returned, e.expires_at) != due:
        note(state, Check.PAYOUT, e.at, f"dividend {d.id}: the event shows {e}, the register {due}")
    _send(state, d.terms.funded_by, found.returned)


def _cancelled(state: RegisterState, e: DistributionCancelled) -> None:
    d = distribution_at(state, e, e.id)
    if d is None or not _is_in(state, d, e.at, DistributionPhase.DECLARED, DistributionPhase.FIXED):
        return
    is_taken_back = e.at.emitter in state.trail.acts
    if not is_taken_back and not _is_void(state, d, e.at.time):
        note(state, Check.ACT, e.at, f"dividend {d.id} cancelled without an act, though something is due")
    if d.handled or e.returned != d.declared:
        note(state, Check.PAYOUT, e.at, f"dividend {d.id}: {e.returned} fen go back of {d.declared}, or too late")
    if is_taken_back and (later := resting_on(state, d)) is not None:
        note(state, Check.PAYOUT, e.at, f"dividend {d.id} cancelled, though dividend {later} rests on it")
    if d.counted:
        _count(state, e.at, d.terms.share_class, -d.counted)
    free(state, d, e.at, d.reserved)
    _send(state, d.terms.funded_by, d.declared)
    d.phase, d.declared = DistributionPhase.CANCELLED, 0


def _is_void(state: RegisterState, d: DistributionState, time: int) -> bool:
    """Its record date is over, and nothing is due to anybody."""
    c = state.classes[d.terms.share_class]
    if d.phase != DistributionPhase.DECLARED or time <= c.record_times[d.terms.epoch - 1]:
        return False
    rows = rows_of(held_at(state, c, d.terms.epoch), d.excluded)
    return is_void(d, sum(row.shares for row in rows), c.decimals)


def _closed(state: RegisterState, e: DistributionClosed) -> None:
    d = distribution_at(state, e, e.id)
    if d is None or not _is_in(state, d, e.at, DistributionPhase.FIXED):
        return
    if d.handled != d.entitled or e.remainder != d.remainder:
        message = f"{d.handled} of {d.entitled} shares handled, {e.remainder} fen left of {d.remainder}"
        note(state, Check.PAYOUT, e.at, f"dividend {d.id} closed, {message}")
    d.phase = DistributionPhase.CLOSED
    free(state, d, e.at, d.reserved)
    _send(state, d.remainder_account, d.remainder)


def _remitted(state: RegisterState, e: TaxRemitted) -> None:
    d = distribution_at(state, e, e.id)
    if d is None:
        return
    due = d.withheld - d.remitted
    if e.amount != due or not due:
        note(state, Check.PAYOUT, e.at, f"dividend {d.id}: {e.amount} fen of tax remitted, due were {due}")
    d.remitted += due
    _send(state, state.payouts.schedules[d.terms.schedule].tax_account, due)


def _chosen(state: RegisterState, e: ScripChosen) -> None:
    d = distribution_at(state, e, e.id)
    if d is None:
        return
    is_over = state.clock(d.region, e.at.time) >= d.terms.payable_from or d.phase > DistributionPhase.FIXED
    if is_over or not d.terms.scrip_price or e.party not in state.parties:
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: party {e.party} can not choose shares, or not now")
    (d.scrip.add if e.chosen else d.scrip.discard)(e.party)


# --- what all share ---


def free(state: RegisterState, d: DistributionState, at: At, shares: int) -> None:
    """Shares that a class keeps free no longer, of which it told before."""
    if not shares:
        return
    changes = state.trail.freed.get(d.terms.share_class, [])
    if -shares in changes:
        changes.remove(-shares)
    else:
        note(state, Check.RESERVED, at, f"dividend {d.id}: the class did not tell of {shares} shares that are free")
    d.reserved -= shares


def _is_in(state: RegisterState, d: DistributionState, at: At, *phases: DistributionPhase) -> bool:
    if d.phase in phases:
        return True
    note(state, Check.ORDER, at, f"dividend {d.id} is in phase {d.phase}")
    return False


def _send(state: RegisterState, account: Address, amount: int) -> None:
    paying = state.paying
    expect_payment(state, paying.distributions if paying else ZERO_ADDRESS, state.destination_of(account), amount)


def _require_act(state: RegisterState, e: RegistryEvent) -> None:
    if e.at.emitter not in state.trail.acts:
        note(state, Check.ACT, e.at, f"{type(e).__name__} without an act")


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    TaxReliefStated: _relief,
    ScheduleCreated: _schedule,
    PreferenceSet: _preference,
    PreferenceDeclared: _counted,
    DistributionDeclared: _declared,
    DistributionFixed: _fixed,
    DistributionCancelled: _cancelled,
    DistributionClosed: _closed,
    TaxRemitted: _remitted,
    ScripChosen: _chosen,
}
