"""The register from events alone: `apply` folds them into a `RegisterState` and judges each of them on the way.

Words in events are not believed: balances, seats, issued shares and record dates are recomputed from amounts and
rules, and what an event says otherwise becomes a finding. A lock-up day is the one thing only the word tells.

    state = RegisterState(registry, factory, book_tag, utc_offset, raising)
    for event in events:
        apply(state, event)
    settle(state)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple
from typing import Any

from registry.domain import (
    state_board,
    state_company,
    state_escrow,
    state_identity,
    state_lots,
    state_money,
    state_pages,
    state_payout,
    state_raise,
    state_rights,
    state_shares,
)
from registry.domain.days import day_of
from registry.domain.effective import holdings_on
from registry.domain.events import EVENTS, ActRecorded, Approval, RegistryEvent, RolesSet, Transfer
from registry.domain.findings import Check, Finding, Movement, Trail
from registry.domain.ids import Address
from registry.domain.register import (
    NO_PARTY,
    Account,
    ClassState,
    CompanyState,
    RegisterState,
    Seat,
)
from registry.domain.state_notes import note

__all__ = [
    "NO_PARTY",
    "Account",
    "Check",
    "ClassState",
    "CompanyState",
    "Finding",
    "Movement",
    "RegisterState",
    "Seat",
    "Trail",
    "apply",
    "apply_all",
    "holdings_on",
    "settle",
]


def apply(state: RegisterState, event: RegistryEvent) -> None:
    """Folds one event, in the order of the log, into the state (in place)."""
    at, trail = event.at, state.trail
    if at.tx != trail.tx:
        settle(state)
        if at.block < trail.block:
            note(state, Check.ORDER, at, f"block {at.block} after block {trail.block}")
        trail.block, trail.tx = at.block, at.tx
    trail.events += 1
    trail.last_at = trail.last_of[at.emitter] = at
    _HANDLERS[type(event)](state, event)


def apply_all(state: RegisterState, events: Iterable[RegistryEvent]) -> RegisterState:
    """Folds all events and closes the last transaction."""
    for event in events:
        apply(state, event)
    settle(state)
    return state


def settle(state: RegisterState) -> None:
    """Ends a transaction: nothing may be half told, and nobody may have entered above the cap."""
    trail = state.trail
    for transfer in trail.moving.values():
        note(state, Check.MOVEMENT, transfer.at, f"{transfer.value} shares moved without resulting words")
    for address in trail.grown:
        company = state.companies[address]
        if company.phase == 2 and not company.is_within_cap:
            seats = company.seats_taken + company.pending
            message = f"company {company.number}: {seats} seats above the cap of {company.cap}"
            note(state, Check.CAP, trail.last_at, message)
    state_money.settle(state)
    state_lots.settle(state)
    state_escrow.settle(state)
    state_payout.settle(state)
    trail.moving.clear()
    trail.grown.clear()
    trail.acts.clear()


def _act(state: RegisterState, e: ActRecorded) -> None:
    emitter = e.at.emitter
    if not _is_ours(state, emitter):
        note(state, Check.EMITTER, e.at, f"an act of {emitter.hex()}, which nobody created")
        return
    done = state.done.setdefault(emitter, set())
    if e.operation in done:
        note(state, Check.ONCE, e.at, f"operation {e.operation.hex()} a second time")
    if not any(e.document):
        note(state, Check.DOCUMENT, e.at, f"operation {e.operation.hex()} rests on no document")
    if e.effective_on > day_of(e.at.time, state.utc_offset):
        note(state, Check.DATE, e.at, f"operation {e.operation.hex()} is effective on day {e.effective_on}")
    done.add(e.operation)
    state.trail.acts[emitter] = e
    if e.actor in state.offerings or e.actor in state.escrows:
        state_raise.acted(state, e)
    if state.paying is not None and e.actor == state.paying.distributions:
        state_payout.acted(state, e)


def _is_ours(state: RegisterState, emitter: Address) -> bool:
    """A contract of the deployment, or one that its factories made."""
    if emitter in state.classes or emitter in state.companies or emitter in (state.registry, state.factory):
        return True
    if state.paying is not None and emitter in astuple(state.paying):
        return True
    if state.raising is None:
        return False
    made = emitter in state.offerings or emitter in state.escrows
    return made or emitter in astuple(state.raising)


def _roles(state: RegisterState, e: RolesSet) -> None:
    handler = state_identity.roles if e.at.emitter == state.registry else state_company.roles
    handler(state, e)


def _transfer(state: RegisterState, e: Transfer) -> None:
    handler = state_money.transfer if state_money.is_token(state, e.at.emitter) else state_shares.transfer
    handler(state, e)


def _approval(state: RegisterState, e: Approval) -> None:
    handler = state_money.approval if state_money.is_token(state, e.at.emitter) else state_shares.approval
    handler(state, e)


_Handler = Callable[[RegisterState, Any], None]
_HANDLERS: dict[type[RegistryEvent], _Handler] = {
    ActRecorded: _act,
    RolesSet: _roles,
    Transfer: _transfer,
    Approval: _approval,
    **state_identity.HANDLERS,
    **state_company.HANDLERS,
    **state_shares.HANDLERS,
    **state_money.HANDLERS,
    **state_raise.HANDLERS,
    **state_lots.HANDLERS,
    **state_escrow.HANDLERS,
    **state_rights.HANDLERS,
    **state_board.HANDLERS,
    **state_payout.HANDLERS,
    **state_pages.HANDLERS,
}
_MISSING = set(EVENTS.values()) - set(_HANDLERS)
if _MISSING:
    raise TypeError(f"events without a handler: {sorted(cls.__name__ for cls in _MISSING)}")
