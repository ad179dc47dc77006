"""Money, regions and limits: what the settlement token, the regions and the registry say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from registry.chain.decode import LOG_BITS, Row
from registry.errors import HaltError
from registry.mirror.batch import Batch
from registry.mirror.columns import signed

_NOBODY = bytes(20)


def _act_key(batch: Batch, row: Row) -> int:
    """The contract's own act in this transaction, 0 if it is nobody's act."""
    act = batch.acts.get(row.emitter.address)
    return act[0] if act else 0


# --- money ---


def moved(batch: Batch, row: Row) -> None:
    """An ERC-20 Transfer of the settlement token; a mint or burn has its reference in the event that follows."""
    giver, taker, amount = row.values
    key = row.key
    batch.rows["money_moves"].append([key, key >> LOG_BITS, giver, taker, signed(amount), _act_key(batch, row), None])
    if giver != _NOBODY:
        account = batch.working.raises.money(giver)
        account.balance -= amount
        account.last_move = key
        if account.balance < 0:
            raise HaltError(f"0x{giver.hex()} pays {amount} fen and has less, in transaction {row.tx}")
    if taker != _NOBODY:
        account = batch.working.raises.money(taker)
        account.balance += amount
        account.last_move = key


def minted(batch: Batch, row: Row) -> None:
    _refer(batch, row, _NOBODY, row.values[0])


def burned(batch: Batch, row: Row) -> None:
    _refer(batch, row, row.values[0], _NOBODY)


def _refer(batch: Batch, row: Row, giver: bytes, taker: bytes) -> None:
    """The bank's reference belongs to the Transfer directly before."""
    moves = batch.rows["money_moves"]
    before = moves[-1] if moves else None
    _, amount, ref = row.values
    if before is None or before[0] != row.key - 1 or list(before[2:5]) != [giver, taker, signed(amount)]:
        raise HaltError(f"{row.event} without its Transfer before it, in transaction {row.tx}")
    moves[-1] = [*before[:6], ref]


def account_frozen(batch: Batch, row: Row) -> None:
    account, is_frozen = row.values
    batch.put("money_freezes", account, row.key, int(is_frozen), batch.act_of(row)[0], row.key >> LOG_BITS)


def money_stopped(batch: Batch, row: Row) -> None:
    batch.put("money_stops", row.key, int(row.values[0]), batch.act_of(row)[0], row.key >> LOG_BITS)


def authorisation(batch: Batch, row: Row) -> None:
    """Signed orders of payment: what was paid is in the Transfer."""


# --- regions ---


def scheme_set(batch: Batch, row: Row) -> None:
    region, version, raise_ceiling, investor_ceiling = row.values
    word = replace(
        batch.working.raises.region(region),
        version=version,
        raise_ceiling=raise_ceiling,
        investor_ceiling=investor_ceiling,
    )
    batch.working.raises.set_region(region, word)
    _put_region(batch, row, region)


def region_halted(batch: Batch, row: Row) -> None:
    """A halt stops the region's clock; when it ends, its length joins the others."""
    region, is_halted = row.values
    word = batch.working.raises.region(region)
    if is_halted:
        word = replace(word, halted_since=row.time)
    else:
        word = replace(word, halted_for=word.halted_for + row.time - word.halted_since, halted_since=0)
    batch.working.raises.set_region(region, word)
    _put_region(batch, row, region)


def _put_region(batch: Batch, row: Row, region: int) -> None:
    word = batch.working.raises.region(region).pack().to_bytes(32, "big")
    batch.put("regions", region, row.key, word, batch.act_of(row)[0], row.key >> LOG_BITS)


# --- registry ---


def annual_limit_set(batch: Batch, row: Row) -> None:
    batch.put("annual_limits", row.key, signed(row.values[0]), row.key >> LOG_BITS)


def outside_use_stated(batch: Batch, row: Row) -> None:
    party, year, amount, until_day = row.values
    batch.put("outside_uses", party, year, row.key, signed(amount), until_day, row.key >> LOG_BITS)


def enrolled(batch: Batch, row: Row) -> None:
    """Enrolled again is still enrolled."""
    account = row.values[0]
    if batch.working.raises.enrol(account):
        batch.put("enrolments", account, row.key, row.key >> LOG_BITS)


def shares_reserved(batch: Batch, row: Row) -> None:
    batch.put("reservations", row.emitter.class_id, row.key, signed(row.values[0]), row.key >> LOG_BITS)


HANDLERS: dict[str, Callable[[Batch, Row], None]] = {
    "AccountFrozen": account_frozen,
    "AnnualLimitSet": annual_limit_set,
    "AuthorizationCanceled": authorisation,
    "AuthorizationUsed": authorisation,
    "Burned": burned,
    "Enrolled": enrolled,
    "Minted": minted,
    "MoneyStopped": money_stopped,
    "OutsideUseStated": outside_use_stated,
    "RegionHalted": region_halted,
    "SchemeSet": scheme_set,
    "SharesReserved": shares_reserved,
}
