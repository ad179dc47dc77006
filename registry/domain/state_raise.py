"""What the events of a raise do to the state up to its closing: creation, phases, subscriptions, withdrawals, refunds.

Nothing told is believed that can be recomputed: rules of a subscription, times, totals, seats, use of the annual limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from registry.domain import state_escrow
from registry.domain.days import day_of, year_of
from registry.domain.escrow import EscrowState
from registry.domain.events import ActRecorded, At, RegistryEvent
from registry.domain.events_raise import (
    OfferingCreated,
    OfferingPhaseChanged,
    Subscribed,
    SubscriptionRefunded,
    SubscriptionWithdrawn,
)
from registry.domain.findings import Check
from registry.domain.ids import NOBODY, Address, PartyId
from registry.domain.raise_args import OfferingTerms
from registry.domain.raise_terms import offering_fault
from registry.domain.raise_views import broken_subscription_rules
from registry.domain.raise_words import Subscription
from registry.domain.raising import OfferingPhase, OfferingState, SubscriptionStatus
from registry.domain.register import RegisterState, Seat
from registry.domain.rules import ActKind, CompanyRole
from registry.domain.state_notes import expect_payment, expect_reserved, note, offering_at
from registry.domain.subscription_rules import subscription_rules_in

YEARS_FROM = 2_000

_BEFORE: dict[int, tuple[int, ...]] = {
    OfferingPhase.DRAFT: (0,),
    OfferingPhase.OPEN: (OfferingPhase.DRAFT,),
    OfferingPhase.CLOSING: (OfferingPhase.OPEN,),
    OfferingPhase.SETTLED: (OfferingPhase.CLOSING,),
    OfferingPhase.FAILED: (OfferingPhase.DRAFT, OfferingPhase.OPEN, OfferingPhase.CLOSING),
}


# --- acts of raises on their class ---


def acted(state: RegisterState, e: ActRecorded) -> None:
    """An act in a class by a raise or an escrow: it is counted, and an allotment uses what was kept free."""
    raiser = state.offerings.get(e.actor) or state.escrows.get(e.actor)
    c = state.classes.get(e.at.emitter)
    if raiser is None or c is None:
        return
    raiser.act_count += 1
    if not state.company_of(c).roles.get(e.actor, 0) & CompanyRole.OFFERING:
        note(state, Check.RAISE, e.at, f"{e.actor.hex()} acts in a class whose company has not admitted it")
    if e.kind == ActKind.ALLOTMENT:
        promised = state.trail.promised.items()
        shares = sum(key[2] * count for key, count in promised if key[0] == e.actor)
        expect_reserved(state, c.address, -shares)


# --- creation and phases ---


def _created(state: RegisterState, e: OfferingCreated) -> None:
    if state.raising is None or e.at.emitter != state.raising.offering_factory:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the factory of raises")
        return
    if e.at.emitter not in state.trail.acts:
        note(state, Check.ACT, e.at, "a raise created without an act")
    if e.offering in state.offerings or e.number != len(state.offerings) + 1:
        note(state, Check.KNOWN, e.at, f"raise number {e.number} does not follow {len(state.offerings)}")
    terms = OfferingTerms(*(getattr(e, field.name) for field in fields(OfferingTerms)))
    if field := offering_fault(state, terms, e.at.time):
        note(state, Check.RAISE, e.at, f"raise {e.number}: term {field} is malformed")
    state.offerings[e.offering] = OfferingState(e.offering, e.escrow, e.number, terms)
    state.escrows[e.escrow] = EscrowState(e.escrow, e.offering, e.company, e.share_class, e.region)


def _phase_changed(state: RegisterState, e: OfferingPhaseChanged) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    before = o.phase
    if before not in _BEFORE.get(e.phase, ()):
        note(state, Check.ORDER, e.at, f"raise {o.number}: phase {e.phase} can not follow phase {before}")
    _ENTERING[e.phase](state, o, e.at)
    o.totals = replace(o.totals, phase=e.phase)


def _drafted(state: RegisterState, o: OfferingState, at: At) -> None:
    if {o.address, o.escrow} - state.enrolled:
        note(state, Check.RAISE, at, f"raise {o.number} is not enrolled")


def _opened(state: RegisterState, o: OfferingState, at: At) -> None:
    if at.emitter not in state.trail.acts:
        note(state, Check.ACT, at, f"raise {o.number} opened without an act")
    if not state.companies[o.terms.company].roles.get(o.address, 0) & CompanyRole.OFFERING:
        note(state, Check.RAISE, at, f"raise {o.number} opened, and its company has not admitted it")
    if _clock(state, o, at) > o.terms.closes_at:
        note(state, Check.RAISE, at, f"raise {o.number} opened after its window")
    expect_reserved(state, o.terms.share_class, o.most_shares)
    state_escrow.prepared(state, state.escrows[o.escrow], at, o.most_shares)


def _closing(state: RegisterState, o: OfferingState, at: At) -> None:
    t, live = o.terms, o.totals.live
    if _clock(state, o, at) <= t.closes_at + t.cooling_off or live < t.minimum:
        note(state, Check.RAISE, at, f"raise {o.number} closes early, or with {live} of {t.minimum} fen")
    if live <= t.maximum:
        o.totals = replace(o.totals, raised=live)


def _settled(state: RegisterState, o: OfferingState, at: At) -> None:
    if o.totals.handled != o.totals.subscribers or not o.totals.raised:
        handled = f"{o.totals.handled} of {o.totals.subscribers}"
        note(state, Check.RAISE, at, f"raise {o.number} settled, {handled} subscribers handled")


def _failed(state: RegisterState, o: OfferingState, at: At) -> None:
    if o.totals.handled:
        note(state, Check.RAISE, at, f"raise {o.number} failed after {o.totals.handled} were allotted")
    if at.emitter not in state.trail.acts and not _is_due_to_fail(state, o, at):
        note(state, Check.RAISE, at, f"raise {o.number} failed by nobody's act, and before its time")
    if o.phase != OfferingPhase.DRAFT:
        expect_reserved(state, o.terms.share_class, -o.most_shares)
        state_escrow.abandoned(state, state.escrows[o.escrow])


def _is_due_to_fail(state: RegisterState, o: OfferingState, at: At) -> bool:
    t, clock = o.terms, _clock(state, o, at)
    closed = t.closes_at + t.cooling_off
    if o.phase == OfferingPhase.OPEN:
        return clock > closed and o.totals.live < t.minimum
    return o.phase == OfferingPhase.CLOSING and clock > closed + t.settle_within


_ENTERING: dict[int, Callable[[RegisterState, OfferingState, At], None]] = {
    OfferingPhase.DRAFT: _drafted,
    OfferingPhase.OPEN: _opened,
    OfferingPhase.CLOSING: _closing,
    OfferingPhase.SETTLED: _settled,
    OfferingPhase.FAILED: _failed,
}


# --- subscribers ---


def _subscribed(state: RegisterState, e: Subscribed) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    party, number = state.account_of(e.account)
    today, clock = day_of(e.at.time, state.utc_offset), _clock(state, o, e.at)
    if party != e.party or party == NOBODY:
        note(state, Check.ADDRESS, e.at, f"{e.account.hex()} is no account of party {e.party}")
        return
    _judge(state, o, e)
    if e.paid_at != clock:
        note(state, Check.SUBSCRIPTION, e.at, f"party {party} paid at {e.paid_at}, and the clock shows {clock}")
    year = year_of(today)
    state.use(party, year, e.amount)
    o.subscriptions[party] = Subscription(
        e.amount, status=SubscriptionStatus.PAID, year=year - YEARS_FROM, account=number, paid_at=e.paid_at
    )
    money_in, subscribers = o.totals.money_in + e.amount, o.totals.subscribers + 1
    o.totals = replace(o.totals, money_in=money_in, subscribers=subscribers)
    _take_seat(state, o, party)
    expect_payment(state, e.account, o.address, e.amount)


def _judge(state: RegisterState, o: OfferingState, e: Subscribed) -> None:
    """What the raise would have refused is a fault where it is told."""
    broken = broken_subscription_rules(state, o.address, e.account, e.amount, e.disclosure, e.at.time)
    if broken:
        ids = ", ".join(rule.id for rule in subscription_rules_in(broken))
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party} subscribed to raise {o.number} against {ids}")


def _withdrawn(state: RegisterState, e: SubscriptionWithdrawn) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    s = paid(state, o, e.at, e.party, SubscriptionStatus.PAID)
    if s is None:
        return
    is_late = _clock(state, o, e.at) > s.paid_at + o.terms.cooling_off
    if is_late or o.phase != OfferingPhase.OPEN:
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party} withdrew after the cooling-off period")
    del o.subscriptions[e.party]
    o.totals = replace(o.totals, subscribers=o.totals.subscribers - 1)
    _compare(state, e.at, "withdrawn", e.amount, s.amount)
    pay_back(state, o, e.at, e.party, s, e.account, s.amount)
    release(state, o, e.at, e.party)


def _refunded(state: RegisterState, e: SubscriptionRefunded) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    s = paid(state, o, e.at, e.party, SubscriptionStatus.PAID)
    if s is None:
        return
    if o.phase != OfferingPhase.FAILED:
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party} refunded, and raise {o.number} has not failed")
    o.subscriptions[e.party] = replace(s, status=SubscriptionStatus.REFUNDED)
    _compare(state, e.at, "refunded", e.amount, s.amount)
    pay_back(state, o, e.at, e.party, s, e.account, s.amount)
    release(state, o, e.at, e.party)


# --- what lots need as well ---


def paid(
    state: RegisterState, o: OfferingState, at: At, party: PartyId, *statuses: SubscriptionStatus
) -> Subscription | None:
    """A party's subscription, if it is in one of these states; noted if not."""
    s = o.subscriptions.get(party)
    if s is None or s.status not in statuses:
        note(state, Check.SUBSCRIPTION, at, f"party {party} has no such subscription to raise {o.number}")
        return None
    return s


def paying_account(state: RegisterState, party: PartyId, s: Subscription) -> Address:
    """The account that a subscription was paid from."""
    return state.address_of((party, s.account))


def pay_back(
    state: RegisterState, o: OfferingState, at: At, party: PartyId, s: Subscription, told: Address, amount: int
) -> None:
    """Money of a subscription that goes back, to the account that paid it or to the book account in its place."""
    to = state.destination_of(paying_account(state, party, s))
    if told != to:
        note(state, Check.ADDRESS, at, f"what belongs to {to.hex()} goes to {told.hex()}")
    o.totals = replace(o.totals, refunded=o.totals.refunded + amount)
    state.use(party, YEARS_FROM + s.year, -amount)
    expect_payment(state, o.address, to, amount)


def release(state: RegisterState, o: OfferingState, at: At, party: PartyId) -> None:
    """A subscription waits no more; who holds shares by now keeps the seat."""
    company = state.companies[o.terms.company]
    seat = company.seats.get(party)
    if seat is None or not seat.subscriptions:
        note(state, Check.SEAT, at, f"party {party} leaves a seat that it had not taken by subscribing")
        return
    seat.subscriptions -= 1
    if not seat.is_taken:
        company.pending -= seat.weight


def _take_seat(state: RegisterState, o: OfferingState, party: PartyId) -> None:
    company = state.companies[o.terms.company]
    seat = company.seats.setdefault(party, Seat())
    seat.subscriptions += 1
    if seat.accounts or seat.subscriptions > 1:
        return
    seat.weight = seat.weighing(state.party_word(party).weight)
    company.pending += seat.weight
    if seat.weight:
        state.trail.grown.add(company.address)


def _compare(state: RegisterState, at: At, what: str, told: int, known: int) -> None:
    if told != known:
        note(state, Check.SUBSCRIPTION, at, f"{what}: the event shows {told} fen, the register {known}")


def _clock(state: RegisterState, o: OfferingState, at: At) -> int:
    return state.clock(o.terms.region, at.time)


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    OfferingCreated: _created,
    OfferingPhaseChanged: _phase_changed,
    Subscribed: _subscribed,
    SubscriptionWithdrawn: _withdrawn,
    SubscriptionRefunded: _refunded,
}
