"""Seats: who enters, who leaves, with which weight, and whether the cap refuses (contracts/Company.sol)."""

from __future__ import annotations

from collections.abc import Iterable

from registry.domain.commands.draft import Draft
from registry.domain.events import CapExceeded, SeatRecounted
from registry.domain.ids import PartyId
from registry.domain.register import CompanyState, Seat
from registry.domain.rules import Phase


def move_seats(draft: Draft, company: CompanyState, giver: PartyId, taker: PartyId, weight: int) -> bool:
    """`giver` leaves an account, `taker` enters one; 0 means nobody. False if the taker has no seat."""
    entered = _enter(draft, company, taker, weight) if taker else 0
    left = _leave(company, giver) if giver else 0
    if left == entered:
        return True
    company.seats_taken += entered - left
    return _fits_or_alarms(draft, company, entered > left)


def enter_seats(draft: Draft, company: CompanyState, entering: Iterable[tuple[PartyId, int]]) -> bool:
    """All newcomers of one act at once."""
    entered = sum(_enter(draft, company, party, weight) for party, weight in entering)
    if entered == 0:
        return True
    company.seats_taken += entered
    return _fits_or_alarms(draft, company, True)


def recount(draft: Draft, company: CompanyState, party: PartyId) -> None:
    """Applies a changed weight; never refuses."""
    seat = company.seats.get(party)
    if seat is None or seat.accounts == 0:
        return
    weight = seat.weighing(draft.state.party_word(party).weight)
    if weight != seat.weight:
        _apply_weight(draft, company, party, seat, weight)


def reweigh(draft: Draft, company: CompanyState, seat: Seat, weight: int) -> None:
    """Stores a weight, and counts it if the party has a seat."""
    before = seat.weight
    seat.weight = weight
    if seat.accounts == 0 or before == weight:
        return
    company.seats_taken += weight - before
    alarm(draft, company)


def alarm(draft: Draft, company: CompanyState) -> None:
    if not company.is_within_cap:
        draft.emit(CapExceeded(draft.at(company.address), company.seats_taken, company.cap))


def fits(company: CompanyState, giver: PartyId, taker: PartyId, weight: int) -> bool:
    """For views: would `taker` have a seat if it entered an account, and `giver` left one?"""
    entering = company.seat_of(taker)
    if not taker or entering.accounts:
        return True
    leaving = company.seat_of(giver)
    left = leaving.weight if giver and leaving.accounts == 1 else 0
    entered = entering.weighing(weight)
    if entered <= left:
        return True
    return company.seats_taken + entered - left + company.pending <= company.cap


def _enter(draft: Draft, company: CompanyState, party: PartyId, weight: int) -> int:
    """Weight that came in: zero unless this is the party's first account with shares."""
    seat = company.seats.setdefault(party, Seat())
    weight = seat.weighing(weight)
    is_new = seat.accounts == 0
    if is_new:
        seat.weight = weight
    elif weight != seat.weight:
        _apply_weight(draft, company, party, seat, weight)
    seat.accounts += 1
    return weight if is_new else 0


def _apply_weight(draft: Draft, company: CompanyState, party: PartyId, seat: Seat, weight: int) -> None:
    draft.emit(SeatRecounted(draft.at(company.address), party, weight))
    reweigh(draft, company, seat, weight)


def _leave(company: CompanyState, party: PartyId) -> int:
    """Weight that went: what was counted, whatever the registry says today."""
    seat = company.seats[party]
    seat.accounts -= 1
    return 0 if seat.accounts else seat.weight


def _fits_or_alarms(draft: Draft, company: CompanyState, has_grown: bool) -> bool:
    """A migration records what was, so it is never refused for the cap; it raises the alarm."""
    if not has_grown or company.is_within_cap:
        return True
    if company.phase != Phase.MIGRATING:
        return False
    alarm(draft, company)
    return True
