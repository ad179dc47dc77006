"""What a class's events do to the state: each movement is recomputed from its amount and compared with its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registry.domain.args import ZERO_ADDRESS
from registry.domain.days import day_of
from registry.domain.events import (
    ActRecorded,
    Approval,
    At,
    ClassChanged,
    EntryRecorded,
    HoldingChanged,
    HoldingsMoved,
    RecordDateSet,
    RegistryEvent,
    SplitDeclared,
    Transfer,
)
from registry.domain.findings import Check, Movement
from registry.domain.ids import BOOK, Day, PartyId, Shares
from registry.domain.moves import append_record_date, given, roll, save, save_supply, taken
from registry.domain.register import Account, ClassState, RegisterState, Seat
from registry.domain.rules import ActKind, Basis
from registry.domain.state_notes import act_of, class_at, met, note
from registry.domain.state_raise import release
from registry.domain.words import Holding


def transfer(state: RegisterState, e: Transfer) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    waiting = state.trail.moving.get(c.address)
    if waiting is not None:
        note(state, Check.MOVEMENT, waiting.at, f"{waiting.value} shares moved without resulting words")
    state.trail.moving[c.address] = e


def _holdings_moved(state: RegisterState, e: HoldingsMoved) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    transfer = state.trail.moving.pop(c.address, None)
    if transfer is None:
        note(state, Check.MOVEMENT, e.at, "resulting words without shares moved")
    else:
        _line(state, c, transfer, e.giver, e.taker, day_of(e.at.time, state.utc_offset))


def _entry_recorded(state: RegisterState, e: EntryRecorded) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    act = act_of(state, c)
    if act is None:
        note(state, Check.ACT, e.at, "an entry without an act")
    transfer = state.trail.moving.pop(c.address, None)
    if transfer is not None:
        day = act.effective_on if act else day_of(e.at.time, state.utc_offset)
        _line(state, c, transfer, e.giver, e.taker, day)
        if act is not None and act.basis == Basis.SUBSCRIPTION:
            _raised(state, act, transfer, e.taker.party)
        return
    # A certificate replaced.
    _unmoved(state, c, e.at, e.giver, e.taker)
    state.trail.entries += 1
    c.last_entry[e.giver.party, e.giver.account] = e.at


def _raised(state: RegisterState, act: ActRecorded, transfer: Transfer, taker: PartyId) -> None:
    """A line of a raise or an escrow, which said so before. Who was allotted holds its seat as a holder now."""
    account = transfer.taker if transfer.giver == ZERO_ADDRESS else transfer.giver
    if state.paying is not None and act.actor == state.paying.distributions:
        key = (transfer.at.emitter, account, int(transfer.value))
        state.trail.delivered[key] = state.trail.delivered.get(key, 0) + 1
        return
    if not met(state.trail.promised, (act.actor, account, transfer.value)):
        message = f"{transfer.value} shares of {account.hex()} moved, which {act.actor.hex()} never said"
        note(state, Check.SUBSCRIPTION, transfer.at, message)
        return
    offering = state.offerings.get(act.actor)
    if offering is not None and act.kind == ActKind.ALLOTMENT:
        release(state, offering, transfer.at, taker)


def _line(state: RegisterState, c: ClassState, transfer: Transfer, giver: Holding, taker: Holding, day: Day) -> None:
    """One movement: shares from nobody, between two accounts, or to nobody."""
    at, shares = transfer.at, transfer.value
    state.trail.entries += 1
    g_account = (giver.party, giver.account) if giver.party else None
    t_account = (taker.party, taker.account) if taker.party else None
    _check_address(state, at, transfer.giver, g_account)
    _check_address(state, at, transfer.taker, t_account)
    if g_account == t_account:
        _unmoved(state, c, at, giver, taker)
    else:
        roll(c, at.time)
        left = _leave(state, c, at, giver, shares) if g_account else False
        entered = _enter(state, c, at, taker, shares) if t_account else False
        if left or entered:
            _seats(state, c, at, giver.party, left, taker.party, entered)
        if g_account is None or t_account is None:
            _supply(state, c, at, shares if g_account is None else -shares)
    if g_account:
        c.last_entry[g_account] = at
    if t_account:
        c.last_entry[t_account] = at
    if state.trail.movements is not None:
        state.trail.movements.append(Movement(c.address, g_account, t_account, Shares(shares), day, at))


def _unmoved(state: RegisterState, c: ClassState, at: At, giver: Holding, taker: Holding) -> None:
    """Both words are the holding as it stands."""
    account = (giver.party, giver.account)
    stored = c.holdings.get(account) or Holding(*account)
    if giver != taker or stored != giver:
        note(state, Check.HOLDING, at, f"the event shows {giver}, the register {stored}")


def _check_address(state: RegisterState, at: At, address: bytes, account: Account | None) -> None:
    """The ERC-20 event and the word must name the same account."""
    if account is None:
        if address != ZERO_ADDRESS:
            note(state, Check.ADDRESS, at, f"{address.hex()} stands for nobody")
    elif account[0] not in state.parties:
        note(state, Check.PARTY, at, f"party {account[0]} holds shares and was never onboarded")
    elif address != (state.book_account(account[0]) if account[1] == BOOK else state.addresses.get(account)):
        note(state, Check.ADDRESS, at, f"{address.hex()} is not account {account[1]} of party {account[0]}")


def _leave(state: RegisterState, c: ClassState, at: At, word: Holding, shares: int) -> bool:
    """The giver's side. True if the account held something and holds nothing any more."""
    account = (word.party, word.account)
    before = c.holdings.get(account)
    if before is None:
        before = Holding(word.party, word.account)
    before = save(c, account, before)
    after = given(before, shares)
    if after.balance < 0:
        note(state, Check.NEGATIVE, at, f"party {word.party} gives {shares} and holds {before.balance}")
    elif after != word:
        note(state, Check.HOLDING, at, f"the event shows {word}, the register {after}")
    c.holdings[account] = after
    return shares != 0 and after.balance == 0


def _enter(state: RegisterState, c: ClassState, at: At, word: Holding, shares: int) -> bool:
    """The taker's side. True if the account held nothing before."""
    account = (word.party, word.account)
    before = c.holdings.get(account)
    if before is None:
        before = Holding(word.party, word.account)
    held = before.balance
    # A lock-up that came with the shares is known from the word alone; it never shortens the one there was.
    after = taken(save(c, account, before), shares, word.lock_day, state.party_word(word.party).weight)
    if after != word:
        note(state, Check.HOLDING, at, f"the event shows {word}, the register {after}")
    c.holdings[account] = after
    return shares != 0 and held == 0


def _seats(
    state: RegisterState,
    c: ClassState,
    at: At,
    giver: PartyId,
    left: bool,
    taker: PartyId,
    entered: bool,
) -> None:
    """A seat for the first account that holds something, none after the last; a subscription keeps it."""
    if left and entered and giver == taker:
        return
    company = state.companies[c.company]
    came = went = from_pending = to_pending = 0
    if entered:
        seat = company.seats.get(taker)
        if seat is None:
            seat = company.seats[taker] = Seat()
        seat.accounts += 1
        if seat.accounts == 1:
            from_pending = seat.weight if seat.subscriptions else 0
            seat.weight = came = seat.weighing(state.party_word(taker).weight)
    if left:
        seat = company.seats.get(giver)
        if seat is None or seat.accounts == 0:
            note(state, Check.SEAT, at, f"party {giver} leaves and had no seat")
        else:
            seat.accounts -= 1
            went = 0 if seat.accounts else seat.weight
            to_pending = went if seat.subscriptions else 0
    company.seats_taken += came - went
    company.pending += to_pending - from_pending
    if came + to_pending > went + from_pending:
        state.trail.grown.add(company.address)


def _supply(state: RegisterState, c: ClassState, at: At, shares: int) -> None:
    save_supply(c)
    c.issued += shares
    if c.issued > c.authorised:
        note(state, Check.AUTHORISED, at, f"{c.issued} issued, {c.authorised} authorised")


def _holding_changed(state: RegisterState, e: HoldingChanged) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    h = e.holding
    account = (h.party, h.account)
    before = c.holdings.get(account)
    if c.address not in state.trail.acts:
        note(state, Check.ACT, e.at, "a lock-up set without an act")
    if before is None:
        note(state, Check.HOLDING, e.at, f"a lock-up for {account}, which never held anything")
        return
    after = Holding(
        h.party,
        h.account,
        before.balance,
        before.encumbered,
        h.lock_day,
        before.saved_epoch,
        before.first_epoch,
        before.weight,
    )
    if after != h:
        note(state, Check.HOLDING, e.at, f"the event shows {h}, the register {after}")
    c.holdings[account] = after
    c.last_entry[account] = e.at


def _class_changed(state: RegisterState, e: ClassChanged) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    if act_of(state, c) is None:
        note(state, Check.ACT, e.at, "a class changed without an act")
    told = e.word
    c.stops, c.authorised, c.categories = told.stops, told.authorised, told.categories
    if c.word != told:
        note(state, Check.CLASS_WORD, e.at, f"the event shows {told}, the register {c.word}")
    if c.issued > c.authorised:
        note(state, Check.AUTHORISED, e.at, f"{c.issued} issued, {c.authorised} authorised")


def _record_date_set(state: RegisterState, e: RecordDateSet) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    roll(c, e.at.time)
    if e.epoch != len(c.record_times) + 1 or e.time < e.at.time:
        note(state, Check.ORDER, e.at, f"record date {e.epoch} at {e.time} can not be the next one")
    append_record_date(c, e.time)


def _split_declared(state: RegisterState, e: SplitDeclared) -> None:
    c = class_at(state, e.at)
    if c is not None and c.address not in state.trail.acts:
        note(state, Check.ACT, e.at, "a split without an act")


def approval(state: RegisterState, e: Approval) -> None:
    c = class_at(state, e.at)
    if c is not None:
        c.allowances[e.owner, e.spender] = e.value


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    HoldingsMoved: _holdings_moved,
    EntryRecorded: _entry_recorded,
    HoldingChanged: _holding_changed,
    ClassChanged: _class_changed,
    RecordDateSet: _record_date_set,
    SplitDeclared: _split_declared,
}
