"""Escrows: terms, tranches, the purse, votes, redemptions, claims, puts and the ratchet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from registry.chain.decode import LOG_BITS, Row
from registry.domain.raise_words import Purse
from registry.mirror.batch import Batch
from registry.mirror.columns import signed
from registry.mirror.project_raise import end_shares, set_ratcheted
from registry.mirror.working_raise import Put

MISSED = 4
DELIVERED, UNMET = 3, 4
_STATE_AT = 168
_M8, _M64 = 0xFF, (1 << 64) - 1


def escrow_scheduled(batch: Batch, row: Row) -> None:
    batch.put("escrows", row.emitter.offering, row.key, *row.values, row.key >> LOG_BITS)


def ratchet_scheduled(batch: Batch, row: Row) -> None:
    batch.put("ratchets", row.emitter.offering, row.key, *row.values, row.key >> LOG_BITS)


def tranche_scheduled(batch: Batch, row: Row) -> None:
    milestone, word, criterion, terms = row.values
    offering, block = row.emitter.offering, row.key >> LOG_BITS
    packed = word.to_bytes(32, "big")
    batch.put("tranches", offering, milestone, row.key, packed, criterion, terms, block)
    batch.put("tranche_versions", offering, milestone, row.key, packed, block)


def escrow_funded(batch: Batch, row: Row) -> None:
    _change(batch, row, Purse(proceeds=row.values[0]))


def tranche_changed(batch: Batch, row: Row) -> None:
    """A tranche is missed once, and then its money goes back."""
    milestone, word = row.values
    offering = row.emitter.offering
    batch.put("tranche_versions", offering, milestone, row.key, word.to_bytes(32, "big"), row.key >> LOG_BITS)
    if word >> _STATE_AT & _M8 == MISSED:
        purse = batch.working.raises.purse(offering)
        _change(batch, row, replace(purse, redeemable=purse.redeemable + (word & _M64)))


def milestone_missed(batch: Batch, row: Row) -> None:
    batch.put("misses", row.emitter.offering, row.values[0], row.key, row.key >> LOG_BITS)


def tranche_released(batch: Batch, row: Row) -> None:
    milestone, account, amount = row.values
    offering = row.emitter.offering
    batch.put("releases", offering, milestone, row.key, account, signed(amount), row.key >> LOG_BITS)
    purse = batch.working.raises.purse(offering)
    _change(batch, row, replace(purse, released=purse.released + amount))


def redeemed(batch: Batch, row: Row) -> None:
    purse = batch.working.raises.purse(row.emitter.offering)
    _change(batch, row, replace(purse, redeemed=purse.redeemed + row.values[1]))


def claims_began(batch: Batch, row: Row) -> None:
    batch.put("claim_periods", row.emitter.offering, row.key, row.values[0], row.key >> LOG_BITS)


def claims_lapsed(batch: Batch, row: Row) -> None:
    """Counts as redeemed: it was missed and left the escrow."""
    account, amount = row.values
    offering = row.emitter.offering
    batch.put("lapses", row.key, offering, account, signed(amount), row.key >> LOG_BITS)
    purse = batch.working.raises.purse(offering)
    _change(batch, row, replace(purse, redeemed=purse.redeemed + amount))


def _change(batch: Batch, row: Row, purse: Purse) -> None:
    offering = row.emitter.offering
    batch.working.raises.set_purse(offering, purse)
    batch.put("purses", offering, row.key, purse.pack().to_bytes(32, "big"), row.key >> LOG_BITS)


def consent_given(batch: Batch, row: Row) -> None:
    milestone, account, shares = row.values
    batch.put("consents", row.key, row.emitter.offering, milestone, account, signed(shares), row.key >> LOG_BITS)


# --- puts ---


def put_exercised(batch: Batch, row: Row) -> None:
    party, account, shares, rest, interest = row.values
    batch.working.raises.set_put(row.emitter.offering, party, Put(account, shares, rest, interest))
    _put_put(batch, row, party, None)


def put_paid(batch: Batch, row: Row) -> None:
    """Its shares end, or go to the payer."""
    party, _, payer, _ = row.values
    _put_put(batch, row, party, payer)
    end_shares(batch, row, party, batch.working.raises.put(row.emitter.offering, party).shares)


def _put_put(batch: Batch, row: Row, party: int, payer: bytes | None) -> None:
    offering = row.emitter.offering
    put = batch.working.raises.put(offering, party)
    amounts = (signed(put.shares), signed(put.rest), signed(put.interest))
    batch.put("puts", offering, party, row.key, put.account, *amounts, payer, row.key >> LOG_BITS)


# --- the ratchet ---


def ratchet_fell(batch: Batch, row: Row) -> None:
    _put_ratchet(batch, row, row.values[0], bytes(20), 0)


def ratchet_delivered(batch: Batch, row: Row) -> None:
    _put_ratchet(batch, row, DELIVERED, *row.values)


def ratchet_unmet(batch: Batch, row: Row) -> None:
    """The shares could not be taken today: the lot stays due."""
    account, shares = row.values
    _put_ratchet(batch, row, UNMET, account, shares)
    set_ratcheted(batch, row, batch.working.raises.owner(account)[0], False)


def _put_ratchet(batch: Batch, row: Row, kind: int, account: bytes, shares: int) -> None:
    batch.put("ratchet_lines", row.key, row.emitter.offering, kind, account, signed(shares), row.key >> LOG_BITS)


HANDLERS: dict[str, Callable[[Batch, Row], None]] = {
    "ClaimsBegan": claims_began,
    "ClaimsLapsed": claims_lapsed,
    "ConsentGiven": consent_given,
    "EscrowFunded": escrow_funded,
    "EscrowScheduled": escrow_scheduled,
    "MilestoneMissed": milestone_missed,
    "PutExercised": put_exercised,
    "PutPaid": put_paid,
    "RatchetDelivered": ratchet_delivered,
    "RatchetFell": ratchet_fell,
    "RatchetScheduled": ratchet_scheduled,
    "RatchetUnmet": ratchet_unmet,
    "Redeemed": redeemed,
    "TrancheChanged": tranche_changed,
    "TrancheReleased": tranche_released,
    "TrancheScheduled": tranche_scheduled,
}
