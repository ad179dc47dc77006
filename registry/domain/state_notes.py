"""Writing down a finding; shared by all handlers of events."""

from __future__ import annotations

from registry.domain.events import ActRecorded, At
from registry.domain.findings import Check, Finding
from registry.domain.register import ClassState, CompanyState, RegisterState


def note(state: RegisterState, check: Check, at: At, message: str) -> None:
    state.findings.append(Finding(check, at, message))


def class_at(state: RegisterState, at: At) -> ClassState | None:
    """The class that emitted an event; a stranger is noted."""
    found = state.classes.get(at.emitter)
    if found is None:
        note(state, Check.EMITTER, at, f"{at.emitter.hex()} is no share class of this registry")
    return found


def company_at(state: RegisterState, at: At) -> CompanyState | None:
    found = state.companies.get(at.emitter)
    if found is None:
        note(state, Check.EMITTER, at, f"{at.emitter.hex()} is no company of this registry")
    return found


def act_of(state: RegisterState, c: ClassState) -> ActRecorded | None:
    """The act a line of a class belongs to: the class's own, else the company's in the same transaction."""
    acts = state.trail.acts
    return acts.get(c.address) or acts.get(c.company)
