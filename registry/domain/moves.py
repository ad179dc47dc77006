"""The arithmetic of one move: resulting words, record dates, balances saved for them (contracts/ShareRegister.sol)."""

from __future__ import annotations

from dataclasses import replace

from registry.domain.ids import Day, Shares
from registry.domain.register import Account, ClassState
from registry.domain.words import Holding


def roll(c: ClassState, time: int) -> None:
    """Passes the record dates that lie before this moment."""
    following = c.record_time
    if following == 0 or time <= following:
        return
    while following != 0 and time > following:
        c.epoch += 1
        following = c.record_times[c.epoch] if c.queued else 0
        if c.queued:
            c.queued -= 1
    c.record_time = following


def append_record_date(c: ClassState, time: int) -> int:
    """Announces a record date; the caller has passed the dates before. Returns its number."""
    c.record_times.append(time)
    if c.record_time == 0:
        c.record_time = time
        c.queued = 0
    else:
        c.queued += 1
    return len(c.record_times)


def save(c: ClassState, account: Account, h: Holding) -> Holding:
    """Fixes the balance for the last record date that has passed, at the first move after it."""
    epoch = c.epoch
    if h.saved_epoch == epoch:
        return h
    if h.balance == 0 and h.saved_epoch == 0:
        # Nothing now and nothing saved: nothing was held at any date up to here.
        return replace(h, saved_epoch=epoch, first_epoch=epoch)
    c.saved.setdefault(account, {})[epoch] = h.balance
    return replace(h, saved_epoch=epoch)


def save_supply(c: ClassState) -> None:
    """Fixes what is issued for the last record date that has passed, before the first change after it."""
    if c.supply_epoch != c.epoch:
        c.saved_supply[c.epoch] = c.issued
        c.supply_epoch = c.epoch


def issued_at(c: ClassState, epoch: int) -> int:
    """What was issued at a record date that has passed."""
    for e in range(epoch, c.supply_epoch + 1):
        if e in c.saved_supply:
            return c.saved_supply[e]
    return c.issued


def given(h: Holding, shares: int) -> Holding:
    """The holding after shares left it; with the last one the lock-up goes."""
    left = h.balance - shares
    lock = Day(0) if shares and not left else h.lock_day
    return Holding(h.party, h.account, Shares(left), h.encumbered, lock, h.saved_epoch, h.first_epoch, h.weight)


def taken(h: Holding, shares: int, lock_day: Day, weight: int) -> Holding:
    """The holding after shares came in; the later of two lock-ups stays."""
    return Holding(
        h.party,
        h.account,
        Shares(h.balance + shares),
        h.encumbered,
        max(h.lock_day, lock_day),
        h.saved_epoch,
        h.first_epoch,
        weight,
    )


def balance_at(c: ClassState, account: Account, epoch: int) -> int:
    """The balance at a record date that has passed."""
    h = c.holdings.get(account)
    if h is None or epoch <= h.first_epoch:
        return 0
    saved = c.saved.get(account, {})
    for e in range(epoch, h.saved_epoch + 1):
        if e in saved:
            return saved[e]
    return h.balance
