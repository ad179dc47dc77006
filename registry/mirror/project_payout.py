"""Dividends: tax schedules and reliefs, preferred classes, distributions from their declaration to their close."""

from __future__ import annotations

from collections.abc import Callable

from registry.chain.decode import CLASSES_PER_COMPANY, LOG_BITS, Row
from registry.errors import HaltError
from registry.mirror.batch import Batch
from registry.mirror.columns import signed
from registry.mirror.working_payout import Dividend, Part

DECLARED, FIXED, CANCELLED, CLOSED = 1, 2, 3, 4
PAID, PARKED, LAPSED = 1, 2, 3
_M8, _M32, _M64 = ((1 << bits) - 1 for bits in (8, 32, 64))


# --- tax ---


def tax_relief_stated(batch: Batch, row: Row) -> None:
    party, bps, until_day = row.values
    batch.put("reliefs", party, row.key, bps, until_day, batch.act_of(row)[0], row.key >> LOG_BITS)


def schedule_created(batch: Batch, row: Row) -> None:
    schedule, tax_account, rules = row.values
    block = row.key >> LOG_BITS
    batch.put("schedules", schedule, row.key, tax_account, batch.act_of(row)[0], block)
    for category, residence, bps in rules:
        batch.put("tax_rules", schedule, category, residence, row.key, bps, block)


# --- preferred classes ---


def preference_set(batch: Batch, row: Row) -> None:
    share_class, rank, per_year, from_day = row.values
    company, class_id = batch.working.raises.identity(share_class)
    block, act = row.key >> LOG_BITS, batch.act_of(row)
    act[2:4] = company, class_id
    batch.put("preferences", class_id, row.key, company, rank, str(per_year), from_day, act[0], block)
    _count(batch, row, class_id, 0)


def preference_declared(batch: Batch, row: Row) -> None:
    share_class, declared = row.values
    _, class_id = batch.working.raises.identity(share_class)
    before = batch.working.payouts.counted(class_id)
    if before is None:
        raise HaltError(f"{row.event} of class {class_id}, which is not preferred, in transaction {row.tx}")
    batch.counted = declared - before
    _count(batch, row, class_id, declared)


def _count(batch: Batch, row: Row, class_id: int, declared: int) -> None:
    batch.working.payouts.count(class_id, declared)
    batch.put("preference_versions", class_id, row.key, str(declared), row.key >> LOG_BITS)


# --- distributions ---


def distribution_declared(batch: Batch, row: Row) -> None:
    """What of the rate counts towards arrears was told directly before, of a preferred class."""
    number, share_class, epoch, schedule, funded_by, total, rate, profit, payable_from, expires_at, *rest = row.values
    remainder_account, scrip_price, excluded = rest
    _, class_id = batch.working.raises.identity(share_class)
    company, block, act = class_id // CLASSES_PER_COMPANY, row.key >> LOG_BITS, batch.act_of(row)
    act[2:4] = company, class_id
    # fmt: off
    batch.put(
        "distributions", number, row.key, company, class_id, epoch, schedule, funded_by, signed(total), str(rate),
        signed(profit), payable_from, expires_at, remainder_account, signed(scrip_price), block,
    )
    # fmt: on
    for position, account in enumerate(excluded):
        batch.put("exclusions", number, position, row.key, account, block)
    found = Dividend(class_id, batch.working.payouts.decimals(class_id), rate, scrip_price)
    found.phase, found.declared, found.expires_at, found.counted = DECLARED, total, expires_at, batch.counted
    batch.counted = 0
    if scrip_price:
        found.reserved = total // scrip_price * 10**found.decimals
    batch.working.payouts.begin(number, found)
    _step(batch, row, number, DECLARED, total, act[0])


def distribution_fixed(batch: Batch, row: Row) -> None:
    number, entitled, declared, returned, expires_at, holders = row.values
    found = _in(batch, row, number, DECLARED)
    if found.declared != declared + returned:
        raise HaltError(f"distribution {number}: {declared} and {returned} fen of {found.declared}; {row.tx}")
    found.is_short = found.rate != 0 and found.rate * entitled // found.unit > declared
    if found.is_short:
        found.counted = min(found.counted, declared * found.unit // entitled)
    found.phase, found.entitled, found.declared = FIXED, entitled, declared
    found.returned, found.expires_at = returned, expires_at
    carried, block = declared, row.key >> LOG_BITS
    for position, word in enumerate(holders):
        party, shares, account = word & _M32, word >> 32 & _M64, (word >> 96).to_bytes(20, "big")
        found.parts[party] = Part(shares)
        carried -= found.part_of(shares)
        batch.put("distribution_rows", number, position, row.key, party, signed(shares), account, block)
    found.carried = carried
    batch.counted = 0
    _step(batch, row, number, FIXED, returned, 0)


def distribution_cancelled(batch: Batch, row: Row) -> None:
    number, returned = row.values
    found = _in(batch, row, number, DECLARED, FIXED)
    found.phase, found.declared, found.carried, found.reserved = CANCELLED, 0, 0, 0
    found.returned += returned
    # Without an act nothing was due to anybody, when it was to be fixed.
    act = batch.acts.get(row.emitter.address)
    if act is not None:
        act[2:4] = found.class_id // CLASSES_PER_COMPANY, found.class_id
    batch.counted = 0
    _step(batch, row, number, CANCELLED, returned, act[0] if act else 0)


def distribution_closed(batch: Batch, row: Row) -> None:
    number, remainder = row.values
    found = _in(batch, row, number, FIXED)
    found.phase, found.reserved = CLOSED, 0
    if remainder != found.carried:
        raise HaltError(f"distribution {number} leaves {remainder} fen, {found.carried} by its rows; {row.tx}")
    _step(batch, row, number, CLOSED, remainder, 0)


def entitlements_handled(batch: Batch, row: Row) -> None:
    number, payments = row.values
    found = _in(batch, row, number, FIXED, CLOSED)
    for word in payments:
        _settle(batch, row, number, found, word)
    _change(batch, row, number)


def _settle(batch: Batch, row: Row, number: int, found: Dividend, word: int) -> None:
    """One holder: each is paid once, and what was parked is paid out of what is parked."""
    party, gross, tax, settlement = word & _M32, word >> 32 & _M64, word >> 96 & _M64, word >> 160 & _M8
    part = found.parts.get(party)
    if part is None or part.settlement in (PAID, LAPSED) or gross != found.part_of(part.shares):
        raise HaltError(f"distribution {number} pays party {party} {gross} fen that it has not to get; {row.tx}")
    if part.settlement == PARKED:
        found.parked -= gross
    else:
        found.handled += part.shares
    if settlement == PAID:
        found.paid += gross - tax
        found.withheld += tax
    elif settlement == PARKED:
        found.parked += gross
    else:
        found.lapsed += gross
    part.settlement = settlement
    amounts = (signed(gross), signed(tax))
    batch.put("settlements", number, party, row.key, *amounts, settlement, row.key >> LOG_BITS)


def tax_remitted(batch: Batch, row: Row) -> None:
    number, amount = row.values
    batch.working.payouts.dividend(number).remitted += amount
    batch.put("remittances", row.key, number, signed(amount), row.key >> LOG_BITS)
    _change(batch, row, number)


def scrip_chosen(batch: Batch, row: Row) -> None:
    number, party, chosen = row.values
    batch.put("scrip_choices", number, party, row.key, int(chosen), row.key >> LOG_BITS)


def scrip_delivered(batch: Batch, row: Row) -> None:
    """The payment that it is part of follows."""
    number, party, account, shares, cost = row.values
    found = batch.working.payouts.dividend(number)
    found.reserved -= shares
    amounts = (signed(shares), signed(cost))
    batch.put("scrip_deliveries", number, party, row.key, account, *amounts, row.key >> LOG_BITS)
    _change(batch, row, number)


def _in(batch: Batch, row: Row, number: int, *phases: int) -> Dividend:
    """The distribution, in one of the phases that it must be in before the event."""
    found = batch.working.payouts.dividend(number)
    if found.phase not in phases:
        raise HaltError(f"{row.event} of distribution {number}, which is in phase {found.phase}; {row.tx}")
    return found


def _step(batch: Batch, row: Row, number: int, phase: int, amount: int, act: int) -> None:
    batch.put("distribution_steps", number, row.key, phase, signed(amount), act, row.key >> LOG_BITS)
    _change(batch, row, number)


def _change(batch: Batch, row: Row, number: int) -> None:
    found = batch.working.payouts.dividend(number)
    batch.put("distribution_versions", number, row.key, *found.row(), row.key >> LOG_BITS)


HANDLERS: dict[str, Callable[[Batch, Row], None]] = {
    "DistributionCancelled": distribution_cancelled,
    "DistributionClosed": distribution_closed,
    "DistributionDeclared": distribution_declared,
    "DistributionFixed": distribution_fixed,
    "EntitlementsHandled": entitlements_handled,
    "PreferenceDeclared": preference_declared,
    "PreferenceSet": preference_set,
    "ScheduleCreated": schedule_created,
    "ScripChosen": scrip_chosen,
    "ScripDelivered": scrip_delivered,
    "TaxReliefStated": tax_relief_stated,
    "TaxRemitted": tax_remitted,
}
