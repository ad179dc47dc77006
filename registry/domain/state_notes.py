"""Writing down a finding, and what an event says must follow in the transaction; shared by all handlers of events."""

from __future__ import annotations

from registry.domain.events import ActRecorded, At
from registry.domain.findings import Check, Finding
from registry.domain.ids import Address
from registry.domain.raising import OfferingState
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


def offering_at(state: RegisterState, at: At) -> OfferingState | None:
    found = state.offerings.get(at.emitter)
    if found is None:
        note(state, Check.EMITTER, at, f"{at.emitter.hex()} is no raise of this registry")
    return found


def act_of(state: RegisterState, c: ClassState) -> ActRecorded | None:
    """The act a line of a class belongs to: the class's own, else the company's in the same transaction."""
    acts = state.trail.acts
    return acts.get(c.address) or acts.get(c.company)


# --- what has to follow ---


def expect_payment(state: RegisterState, giver: Address, taker: Address, amount: int) -> None:
    """Money [fen] that the token moves later in this transaction; nothing is moved for nothing."""
    if amount:
        key = (giver, taker, amount)
        state.trail.payments[key] = state.trail.payments.get(key, 0) + 1


def expect_shares(state: RegisterState, raiser: Address, account: Address, shares: int) -> None:
    """A line of the class that follows in an act of this raise or escrow: to `account` if shares begin, else of it."""
    if shares:
        key = (raiser, account, shares)
        state.trail.promised[key] = state.trail.promised.get(key, 0) + 1


def expect_reserved(state: RegisterState, share_class: Address, change: int) -> None:
    """A change of the shares that are kept free, of which the class tells later in this transaction."""
    if change:
        state.trail.keeping.setdefault(share_class, []).append(change)


def met(expected: dict[tuple[Address, Address, int], int], key: tuple[Address, Address, int]) -> bool:
    """Takes one off what is expected; false if it was not expected."""
    count = expected.get(key, 0)
    if count > 1:
        expected[key] = count - 1
    elif count:
        del expected[key]
    return count > 0
