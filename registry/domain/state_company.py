"""What the events of factory and companies do to the state: companies, classes, roles, phase, stops, weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registry.domain.args import ZERO_ADDRESS
from registry.domain.events import (
    AdminOffered,
    CapChanged,
    CapExceeded,
    ClassCreated,
    CompanyCreated,
    ConsiderationStated,
    DocumentRecorded,
    PhaseChanged,
    RegistryEvent,
    RolesSet,
    SeatRecounted,
    StopsChanged,
    SuccessorNamed,
    WeightFixed,
)
from registry.domain.findings import Check
from registry.domain.register import ClassState, CompanyState, RegisterState, Seat
from registry.domain.rules import CompanyRole, Phase, Rule
from registry.domain.state_notes import company_at, note


def _company_created(state: RegisterState, e: CompanyCreated) -> None:
    if e.at.emitter != state.factory:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the factory")
        return
    if e.company in state.companies or e.number != len(state.companies) + 1:
        note(state, Check.KNOWN, e.at, f"company number {e.number} does not follow {len(state.companies)}")
    state.companies[e.company] = CompanyState(e.company, e.number, e.name, e.form, e.region, e.cap, e.predecessor)


def _class_created(state: RegisterState, e: ClassCreated) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    if e.share_class in state.classes or e.index != len(company.classes):
        note(state, Check.KNOWN, e.at, f"class {e.index} does not follow {len(company.classes)} classes")
    stops = company.stops | (Rule.NOT_OPEN.value if company.phase == Phase.MIGRATING else 0)
    company.classes.append(e.share_class)
    state.classes[e.share_class] = ClassState(
        e.share_class,
        company.address,
        e.index,
        e.name,
        e.symbol,
        e.authorised,
        e.decimals,
        e.categories,
        stops,
    )


def roles(state: RegisterState, e: RolesSet) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    company.roles[e.account] = e.roles
    takes_over = e.account == company.offered_admin and e.roles & CompanyRole.ADMIN
    # A hand-over has no act of its own; whoever sets roles by an act cannot give this one away.
    if takes_over and company.address not in state.trail.acts:
        company.offered_admin = ZERO_ADDRESS


def _admin_offered(state: RegisterState, e: AdminOffered) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    act = state.trail.acts.get(company.address)
    if act is None:
        note(state, Check.ACT, e.at, "the admin's role offered without an act")
        return
    company.offered_admin, company.offering_admin = e.account, act.actor


def _phase_changed(state: RegisterState, e: PhaseChanged) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    expected = {2: 1, 3: 1, 4: 2}.get(e.phase)
    if company.phase != expected:
        note(state, Check.ORDER, e.at, f"phase {e.phase} can not follow phase {company.phase}")
    company.phase = e.phase


def _stops_changed(state: RegisterState, e: StopsChanged) -> None:
    company = company_at(state, e.at)
    if company is not None:
        company.stops = e.stops


def _cap_changed(state: RegisterState, e: CapChanged) -> None:
    company = company_at(state, e.at)
    if company is not None:
        company.cap = e.cap


def _cap_exceeded(state: RegisterState, e: CapExceeded) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    if e.cap != company.cap or e.seats <= e.cap:
        note(state, Check.CAP, e.at, f"an alarm of {e.seats} seats above {e.cap}, but the cap is {company.cap}")
    message = f"company {company.number}: {e.seats} seats, {e.cap} allowed"
    note(state, Check.ALARM, e.at, message)


def _successor_named(state: RegisterState, e: SuccessorNamed) -> None:
    company = company_at(state, e.at)
    if company is not None:
        company.successor = e.successor


def _weight_fixed(state: RegisterState, e: WeightFixed) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    registry_weight = state.party_word(e.party).weight
    if not e.is_fixed and e.weight != registry_weight:
        note(state, Check.SEAT, e.at, f"party {e.party} weighs {registry_weight}, not {e.weight}")
    seat = company.seats.setdefault(e.party, Seat())
    seat.is_fixed = e.is_fixed
    _reweigh(state, company, seat, e.weight)


def _seat_recounted(state: RegisterState, e: SeatRecounted) -> None:
    company = company_at(state, e.at)
    if company is None:
        return
    seat = company.seats.get(e.party)
    if seat is None or not seat.is_taken:
        note(state, Check.SEAT, e.at, f"party {e.party} recounted without a seat")
        return
    expected = seat.weighing(state.party_word(e.party).weight)
    if e.weight != expected:
        note(state, Check.SEAT, e.at, f"party {e.party} recounted as {e.weight}, not {expected}")
    _reweigh(state, company, seat, expected)


def _reweigh(state: RegisterState, company: CompanyState, seat: Seat, weight: int) -> None:
    # A weight is applied whatever the cap says, so it is no newcomer who may be above it now.
    state.trail.grown.discard(company.address)
    if seat.accounts:
        company.seats_taken += weight - seat.weight
    elif seat.subscriptions:
        company.pending += weight - seat.weight
    seat.weight = weight


def _told(state: RegisterState, e: RegistryEvent) -> None:
    """Belongs to its act and changes nothing: a document, a consideration."""
    known = e.at.emitter in state.companies or e.at.emitter in state.classes
    if not known:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is neither company nor class")
    elif e.at.emitter not in state.trail.acts:
        note(state, Check.ACT, e.at, f"{type(e).__name__} without an act")


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    CompanyCreated: _company_created,
    ClassCreated: _class_created,
    AdminOffered: _admin_offered,
    PhaseChanged: _phase_changed,
    StopsChanged: _stops_changed,
    CapChanged: _cap_changed,
    CapExceeded: _cap_exceeded,
    SuccessorNamed: _successor_named,
    WeightFixed: _weight_fixed,
    SeatRecounted: _seat_recounted,
    DocumentRecorded: _told,
    ConsiderationStated: _told,
}
