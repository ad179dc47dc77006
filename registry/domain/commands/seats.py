"""Seats: who enters, who leaves, who waits, with which weight, and whether the cap refuses (contracts/Company.sol)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.domain.commands.draft import Draft, Refusal
from registry.domain.events import CapExceeded, SeatRecounted
from registry.domain.ids import PartyId
from registry.domain.register import CompanyState, Seat
from registry.domain.rules import Phase
from registry.domain.words import PartyWord

MAX_SUBSCRIPTIONS = 63


@dataclass(slots=True)
class _Change:
    """Weights that move between nobody, holders and subscribers."""

    entered: int = 0
    left: int = 0
    from_pending: int = 0
    to_pending: int = 0


def move_seats(draft: Draft, company: CompanyState, giver: PartyId, taker: PartyId, weight: int) -> bool:
    """`giver` leaves an account, `taker` enters one; 0 means nobody. False if the taker has no seat."""
    change = _Change()
    if taker:
        _enter(draft, change, company, taker, weight)
    if giver:
        _leave(change, company, giver)
    return _applied(draft, change, company)


def enter_seats(draft: Draft, company: CompanyState, entering: Iterable[tuple[PartyId, int]]) -> bool:
    """All newcomers of one act at once."""
    change = _Change()
    for party, weight in entering:
        _enter(draft, change, company, party, weight)
    return _applied(draft, change, company)


def reserve_seat(draft: Draft, company: CompanyState, subscriber: PartyWord) -> bool:
    """A subscriber takes a seat until its shares are allotted or it leaves; false if none is left."""
    party = subscriber.id
    seat = company.seats.setdefault(party, Seat())
    if seat.subscriptions == MAX_SUBSCRIPTIONS:
        raise Refusal("TooManySubscriptions", party)
    was_taken, weight = seat.is_taken, seat.weighing(subscriber.weight)
    if was_taken and weight != seat.weight:
        _apply_weight(draft, company, party, seat, weight)
    seat.weight = weight
    seat.subscriptions += 1
    if was_taken:
        return True
    company.pending += weight
    return _fits_or_alarms(draft, company, weight != 0)


def release_seats(company: CompanyState, parties: Iterable[PartyId]) -> None:
    """Subscriptions that wait no more, once for each."""
    for party in parties:
        seat = company.seats[party]
        seat.subscriptions -= 1
        if not seat.is_taken:
            company.pending -= seat.weight


def recount(draft: Draft, company: CompanyState, party: PartyId) -> None:
    """Applies a changed weight; never refuses."""
    seat = company.seats.get(party)
    if seat is None or not seat.is_taken:
        return
    weight = seat.weighing(draft.state.party_word(party).weight)
    if weight != seat.weight:
        _apply_weight(draft, company, party, seat, weight)


def reweigh(draft: Draft, company: CompanyState, seat: Seat, weight: int) -> None:
    """Stores a weight, and counts it if the party has a seat."""
    before = seat.weight
    seat.weight = weight
    if not seat.is_taken or before == weight:
        return
    if seat.accounts:
        company.seats_taken += weight - before
    else:
        company.pending += weight - before
    alarm(draft, company)


def alarm(draft: Draft, company: CompanyState) -> None:
    if not company.is_within_cap:
        seats = company.seats_taken + company.pending
        draft.emit(CapExceeded(draft.at(company.address), seats, company.cap))


def fits(company: CompanyState, giver: PartyId, taker: PartyId, weight: int) -> bool:
    """For views: would `taker` have a seat if it entered an account, and `giver` left one?"""
    entering = company.seat_of(taker)
    if not taker or entering.is_taken:
        return True
    leaving = company.seat_of(giver)
    leaves = giver and leaving.accounts == 1 and not leaving.subscriptions
    left = leaving.weight if leaves else 0
    entered = entering.weighing(weight)
    if entered <= left:
        return True
    return company.seats_taken + entered - left + company.pending <= company.cap


def _enter(draft: Draft, change: _Change, company: CompanyState, party: PartyId, weight: int) -> None:
    """A first account takes a seat, or the one that a subscription kept."""
    seat = company.seats.setdefault(party, Seat())
    weight = seat.weighing(weight)
    was_taken, is_first = seat.is_taken, seat.accounts == 0
    if was_taken and weight != seat.weight:
        _apply_weight(draft, company, party, seat, weight)
    seat.weight = weight
    seat.accounts += 1
    if is_first:
        change.entered += weight
        change.from_pending += weight if was_taken else 0


def _leave(change: _Change, company: CompanyState, party: PartyId) -> None:
    """A last account gives back what was counted, whatever the registry says today; a subscription keeps the seat."""
    seat = company.seats[party]
    seat.accounts -= 1
    if seat.accounts == 0:
        change.left += seat.weight
        change.to_pending += seat.weight if seat.is_taken else 0


def _applied(draft: Draft, change: _Change, company: CompanyState) -> bool:
    company.seats_taken += change.entered - change.left
    company.pending += change.to_pending - change.from_pending
    has_grown = change.entered + change.to_pending > change.left + change.from_pending
    return _fits_or_alarms(draft, company, has_grown)


def _apply_weight(draft: Draft, company: CompanyState, party: PartyId, seat: Seat, weight: int) -> None:
    draft.emit(SeatRecounted(draft.at(company.address), party, weight))
    reweigh(draft, company, seat, weight)


def _fits_or_alarms(draft: Draft, company: CompanyState, has_grown: bool) -> bool:
    """A migration records what was, so it is never refused for the cap; it raises the alarm."""
    if not has_grown or company.is_within_cap:
        return True
    if company.phase != Phase.MIGRATING:
        return False
    alarm(draft, company)
    return True
