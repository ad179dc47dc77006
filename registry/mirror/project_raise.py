"""Offerings: their life, their subscriptions, and the seats that subscribers keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from registry.chain.decode import LOG_BITS, Kind, Row
from registry.domain.ids import AccountNumber, Shares
from registry.domain.raise_words import Subscription, Totals
from registry.errors import HaltError
from registry.mirror.batch import Batch
from registry.mirror.columns import signed
from registry.mirror.working_raise import Paid

DAY = 86_400
CLOSING = 3
PAID, PARKED, ALLOTTED, REFUNDED = 1, 2, 3, 4
_EPOCH = date(1970, 1, 1).toordinal()


def offering_created(batch: Batch, row: Row) -> None:
    address, escrow, number, company, share_class, fee_recipient, *terms = row.values
    price, minimum, maximum, investor_minimum, investor_maximum, *rest = terms
    company_number, _ = batch.working.raises.identity(company)
    _, class_id = batch.working.raises.identity(share_class)
    block = row.key >> LOG_BITS
    amounts = map(signed, (price, minimum, maximum, investor_minimum, investor_maximum))
    batch.put("emitters", address, int(Kind.OFFERING), company_number, 0, number, block)
    batch.put("emitters", escrow, int(Kind.ESCROW), company_number, 0, number, block)
    head = (number, row.key, company_number, class_id, address, escrow, fee_recipient)
    batch.put("offerings", *head, *amounts, *rest, block)
    batch.working.raises.begin_offering(number, maximum)
    _change(batch, row, number, Totals())


def offering_phase_changed(batch: Batch, row: Row) -> None:
    """Closing takes the whole demand if it is within the maximum; else a cut says who gets what."""
    offering, (phase,) = row.emitter.offering, row.values
    found = batch.working.raises.offering(offering)
    totals = replace(found.totals, phase=phase)
    if phase == CLOSING and totals.live <= found.maximum:
        totals = replace(totals, raised=totals.live)
    act = batch.acts.get(row.emitter.address)
    batch.put("offering_phases", offering, row.key, phase, act[0] if act else 0, row.key >> LOG_BITS)
    _change(batch, row, offering, totals)


def cut_verified(batch: Batch, row: Row) -> None:
    offering = row.emitter.offering
    totals = batch.working.raises.offering(offering).totals
    _change(batch, row, offering, replace(totals, raised=row.values[1]))


def raise_settled(batch: Batch, row: Row) -> None:
    raised, fee, _ = row.values
    found = batch.working.raises.offering(row.emitter.offering)
    found.fee = fee
    _change(batch, row, row.emitter.offering, replace(found.totals, raised=raised))


def _change(batch: Batch, row: Row, offering: int, totals: Totals) -> None:
    found = batch.working.raises.offering(offering)
    found.totals = totals
    word = totals.pack().to_bytes(32, "big")
    batch.put("offering_versions", offering, row.key, word, signed(found.fee), row.key >> LOG_BITS)


# --- subscriptions ---


def subscribed(batch: Batch, row: Row) -> None:
    party, account, amount, paid_at, disclosure = row.values
    offering, raises = row.emitter.offering, batch.working.raises
    year = date.fromordinal(_EPOCH + (row.time + batch.utc_offset) // DAY).year
    owner, number = raises.owner(account)
    if owner != party:
        raise HaltError(f"party {party} subscribes from an account of party {owner}, in transaction {row.tx}")
    found = raises.subscription(offering, party)
    found.word = Subscription(amount, status=PAID, year=year - 2000, account=AccountNumber(number), paid_at=paid_at)
    found.account, found.disclosure = account, disclosure
    found.paid += amount
    found.shares = 0
    totals = raises.offering(offering).totals
    totals = replace(totals, money_in=totals.money_in + amount, subscribers=totals.subscribers + 1)
    _change(batch, row, offering, totals)
    _put(batch, row, party, found)
    seat = batch.working.seat(row.emitter.company, party)
    if not seat.is_taken and not seat.is_fixed:
        seat.weight = raises.weight(party)
    seat.subscriptions += 1
    batch.put_seat(row.emitter.company, party, row.key)


def subscription_withdrawn(batch: Batch, row: Row) -> None:
    """Whoever withdrew may subscribe anew: the word is empty again."""
    party, _, amount = row.values
    found = _live(batch, row, party, PAID)
    found.word = Subscription()
    totals = batch.working.raises.offering(row.emitter.offering).totals
    _give_back(batch, row, party, amount, replace(totals, subscribers=totals.subscribers - 1))
    _release_seat(batch, row, party)


def subscription_refunded(batch: Batch, row: Row) -> None:
    party, _, amount = row.values
    found = _live(batch, row, party, PAID)
    found.word = replace(found.word, status=REFUNDED)
    _give_back(batch, row, party, amount, batch.working.raises.offering(row.emitter.offering).totals)
    _release_seat(batch, row, party)


def subscription_allotted(batch: Batch, row: Row) -> None:
    """The seat is released after the page's entries; from here on either the entry keeps it, or nothing does."""
    party, _, amount, shares, refund = row.values
    found = _live(batch, row, party, PAID, PARKED)
    totals = batch.working.raises.offering(row.emitter.offering).totals
    if found.word.status == PAID:
        totals = replace(totals, handled=totals.handled + 1)
    else:
        totals = replace(totals, parked=totals.parked - 1)
    found.word = replace(found.word, amount=amount, status=ALLOTTED if shares else REFUNDED)
    found.shares = shares
    _give_back(batch, row, party, refund, totals)
    _release_seat(batch, row, party)


def allotment_parked(batch: Batch, row: Row) -> None:
    (party,) = row.values
    offering = row.emitter.offering
    found = _live(batch, row, party, PAID)
    found.word = replace(found.word, status=PARKED)
    totals = batch.working.raises.offering(offering).totals
    _change(batch, row, offering, replace(totals, handled=totals.handled + 1, parked=totals.parked + 1))
    _put(batch, row, party, found)


def lot_redeemed(batch: Batch, row: Row) -> None:
    party, account, amount, shares = row.values
    offering = row.emitter.offering
    found = _live(batch, row, party, ALLOTTED)
    word = found.word
    found.word = replace(word, redeemed=word.redeemed + amount, cancelled=Shares(word.cancelled + shares))
    _put(batch, row, party, found)
    amounts = (signed(amount), signed(shares))
    batch.put("redemptions", row.key, offering, party, account, *amounts, row.key >> LOG_BITS)


def lot_lapsed(batch: Batch, row: Row) -> None:
    """Its word counts as if it was redeemed; nothing came back to the subscriber, and the shares go on elsewhere."""
    party, amount, shares = row.values
    found = _live(batch, row, party, ALLOTTED)
    word = found.word
    found.word = replace(word, redeemed=word.redeemed + amount, cancelled=Shares(word.cancelled + shares))
    found.lapsed += amount
    found.lapsed_shares += shares
    _put(batch, row, party, found)


def lot_ratcheted(batch: Batch, row: Row) -> None:
    """Once a lot; what it brought is told by the escrow."""
    set_ratcheted(batch, row, row.values[0], True)


def set_ratcheted(batch: Batch, row: Row, party: int, is_ratcheted: bool) -> None:
    found = _live(batch, row, party, ALLOTTED)
    found.word = replace(found.word, is_ratcheted=is_ratcheted)
    _put(batch, row, party, found)


def end_shares(batch: Batch, row: Row, party: int, shares: int) -> None:
    """Shares of a lot that ended, or went to whoever paid for them, without money of the escrow."""
    found = _live(batch, row, party, ALLOTTED)
    found.word = replace(found.word, cancelled=Shares(found.word.cancelled + shares))
    _put(batch, row, party, found)


def _live(batch: Batch, row: Row, party: int, *statuses: int) -> Paid:
    """The subscription that the event is about, as it must stand before it."""
    found = batch.working.raises.subscription(row.emitter.offering, party)
    if found.word.status not in statuses:
        raise HaltError(
            f"{row.event} of party {party}, whose subscription has status {found.word.status}, in transaction {row.tx}"
        )
    return found


def _give_back(batch: Batch, row: Row, party: int, amount: int, totals: Totals) -> None:
    found = batch.working.raises.subscription(row.emitter.offering, party)
    found.returned += amount
    _change(batch, row, row.emitter.offering, replace(totals, refunded=totals.refunded + amount))
    _put(batch, row, party, found)


def _put(batch: Batch, row: Row, party: int, found: Paid) -> None:
    word = found.word.pack().to_bytes(32, "big")
    amounts = (found.paid, found.returned, found.shares, found.lapsed, found.lapsed_shares)
    key, sums = row.key, map(signed, amounts)
    batch.put(
        "subscriptions", row.emitter.offering, party, key, found.account, word, *sums, found.disclosure, key >> LOG_BITS
    )


def _release_seat(batch: Batch, row: Row, party: int) -> None:
    seat = batch.working.seat(row.emitter.company, party)
    if seat.subscriptions == 0:
        raise HaltError(f"{row.event} of party {party}, which keeps no seat, in transaction {row.tx}")
    seat.subscriptions -= 1
    batch.put_seat(row.emitter.company, party, row.key)


HANDLERS: dict[str, Callable[[Batch, Row], None]] = {
    "AllotmentParked": allotment_parked,
    "CutVerified": cut_verified,
    "LotLapsed": lot_lapsed,
    "LotRatcheted": lot_ratcheted,
    "LotRedeemed": lot_redeemed,
    "OfferingCreated": offering_created,
    "OfferingPhaseChanged": offering_phase_changed,
    "RaiseSettled": raise_settled,
    "Subscribed": subscribed,
    "SubscriptionAllotted": subscription_allotted,
    "SubscriptionRefunded": subscription_refunded,
    "SubscriptionWithdrawn": subscription_withdrawn,
}
