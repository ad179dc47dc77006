"""Commands of a MilestoneEscrow about what subscribers and founders may ask: their part of missed money, puts, the
ratchet (EscrowRights.sol)."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

from registry.domain.args import ZERO_ADDRESS, ActHeader, Consideration, Entry
from registry.domain.board import reached_at
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.lots import (
    allot_shares,
    deliver_lot,
    lapse_lots,
    lot_of,
    raise_header,
    ratchet_lots,
    redeem_lots,
    reserve_shares,
    restore_ratchet,
    unreserve_shares,
)
from registry.domain.commands.money import MAX_SUPPLY, transfer, transfer_from
from registry.domain.commands.token import TransferFrom
from registry.domain.escrow import (
    EscrowState,
    Fell,
    Put,
    RatchetSource,
    interest,
    ratchet_fell,
    ratchet_need,
    ratchet_reserve,
)
from registry.domain.events_escrow import (
    ClaimsLapsed,
    PutExercised,
    PutPaid,
    RatchetDelivered,
    RatchetFell,
    RatchetUnmet,
    Redeemed,
)
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.rules import ActKind, RegistryRole


@dataclass(frozen=True, slots=True)
class Redeem:
    """Anybody, in pages: brings lots up to what was missed so far."""

    escrow: Address
    accounts: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        _redeem(draft, draft.state.escrows[self.escrow], self.accounts)


@dataclass(frozen=True, slots=True)
class Lapse:
    """Anybody, in pages, after the time for claims: missed money of lots whose shares their subscribers no longer hold
    goes where the terms say. Accounts are those that subscribed."""

    escrow: Address
    accounts: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        e = draft.state.escrows[self.escrow]
        clock = draft.state.clock(e.region, draft.time)
        if e.claims_end == 0:
            raise Refusal("ClaimsNotBegun")
        if clock <= e.claims_end:
            raise Refusal("NotDue", clock, e.claims_end + 1)
        amount = lapse_lots(draft, draft.offering(e.offering), self.accounts, e.purse.redeemable)
        if amount:
            e.purse = replace(e.purse, redeemed=e.purse.redeemed + amount)
            e.lapsed += amount
            to = draft.state.destination_of(e.terms.lapse_account)
            draft.emit(ClaimsLapsed(draft.at(e.address), to, amount))
            transfer(draft, e.address, to, amount)


@dataclass(frozen=True, slots=True)
class ExercisePut:
    """An open wallet of the account's party."""

    escrow: Address
    account: Address

    def run(self, draft: Draft) -> None:
        require_owner(draft, self.account)
        _exercise_put(draft, draft.state.escrows[self.escrow], self.account)


@dataclass(frozen=True, slots=True)
class ExercisePutFor:
    """PLATFORM, for a book account, on its owner's signed instruction."""

    escrow: Address
    header: ActHeader
    account: Address

    def run(self, draft: Draft) -> None:
        require_platform_for(draft, self.account)
        draft.record(self.escrow, self.header, ActKind.EXERCISE_PUT)
        _exercise_put(draft, draft.state.escrows[self.escrow], self.account)


@dataclass(frozen=True, slots=True)
class PayPut:
    """Pays a put in full, from the sender's money, against the shares."""

    escrow: Address
    account: Address

    def run(self, draft: Draft) -> None:
        e = draft.state.escrows[self.escrow]
        party, _ = draft.state.account_of(self.account)
        _pay_put(draft, e, party, self.account, draft.actor)


@dataclass(frozen=True, slots=True)
class DeliverRatchet:
    """Anybody, in pages; after an early success without accounts."""

    escrow: Address
    accounts: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        e = draft.state.escrows[self.escrow]
        if e.fell == Fell.EARLY:
            if e.reserved == 0:
                raise Refusal("RatchetNotDue")
            _allot(draft, e, draft.state.destination_of(e.ratchet.founder), e.reserved)
            return
        if e.fell != Fell.LATE:
            raise Refusal("RatchetNotDue")
        o, r = draft.offering(e.offering), e.ratchet
        fallback = draft.state.destination_of(r.fallback_account)
        given = ratchet_lots(draft, o, self.accounts, r.late_bps, fallback)
        for account, (to, shares) in zip(self.accounts, given, strict=True):
            if shares == 0:
                continue
            if r.source == RatchetSource.FOUNDER:
                _take(draft, e, account, to, shares)
            elif to == ZERO_ADDRESS:
                _keep(draft, e, e.reserved - shares)
            else:
                _allot(draft, e, to, shares)


# --- for the tranches ---


def reserve_ratchet(draft: Draft, e: EscrowState, maximum: int) -> None:
    """Keeps as many new shares free as the ratchet may need at most."""
    _keep(draft, e, ratchet_reserve(e.ratchet, maximum))


def free_ratchet(draft: Draft, e: EscrowState) -> None:
    """No ratchet will fall any more."""
    _keep(draft, e, 0)


def decide_ratchet(draft: Draft, e: EscrowState, milestone: int) -> None:
    """Early or late or in between, by when the quorum stood. Shares that will not be needed are free again."""
    r = e.ratchet
    if r.source == RatchetSource.NONE or r.milestone != milestone:
        return
    e.fell = ratchet_fell(r, reached_at(draft.state.board.cases[e.address, milestone]))
    o = draft.offering(e.offering)
    _keep(draft, e, ratchet_need(r, e.fell, o.totals.raised // o.terms.price))
    if e.fell != Fell.IN_BETWEEN:
        draft.emit(RatchetFell(draft.at(e.address), e.fell))


def require_owner(draft: Draft, account: Address) -> None:
    """An open wallet of the account's party."""
    if not draft.state.may_act_for(draft.actor, account):
        draft.refuse_actor(0)


def require_platform_for(draft: Draft, account: Address) -> None:
    draft.require_registry_role(RegistryRole.PLATFORM)
    if not draft.state.is_book(account):
        raise Refusal("NotABookAccount", account)


# --- internal ---


def _redeem(draft: Draft, e: EscrowState, accounts: tuple[Address, ...]) -> None:
    for to, amount in redeem_lots(draft, draft.offering(e.offering), accounts, e.purse.redeemable):
        if amount:
            e.purse = replace(e.purse, redeemed=e.purse.redeemed + amount)
            draft.emit(Redeemed(draft.at(e.address), to, amount))
            transfer(draft, e.address, to, amount)


def _exercise_put(draft: Draft, e: EscrowState, account: Address) -> None:
    """What the escrow owes the lot is paid first; the rest and the interest are the payer's, at once if it can."""
    if not e.is_put_open or e.claims_end == 0:
        raise Refusal("PutNotOpen")
    _require_claims(draft, e)
    _redeem(draft, e, (account,))
    o = draft.offering(e.offering)
    lot = lot_of(draft, o, account)
    if lot.shares == 0:
        raise Refusal("PutUnknown", lot.party)
    if lot.party in e.puts:
        raise Refusal("PutExercisedAlready", lot.party)
    elapsed = draft.state.clock(e.region, draft.time) - o.subscriptions[lot.party].paid_at
    owed = interest(lot.principal, e.terms.put_rate_bps, elapsed)
    if owed > MAX_SUPPLY - lot.rest:
        raise Refusal("AmountTooLarge", owed)
    put = e.puts[lot.party] = Put(Shares(lot.shares), lot.rest + owed)
    at = draft.at(e.address)
    draft.emit(PutExercised(at, lot.party, account, put.shares, lot.rest, owed))
    # What is refused leaves no trace but the debt.
    if _goes(draft, lambda d: _pay_put(d, d.state.escrows[e.address], lot.party, account, e.terms.put_payer)):
        _pay_put(draft, e, lot.party, account, e.terms.put_payer)


def _pay_put(draft: Draft, e: EscrowState, party: PartyId, account: Address, payer: Address) -> None:
    """Money against shares, in one step and in full."""
    put = e.puts.get(party)
    if put is None or put.is_paid:
        raise Refusal("PutUnknown", party)
    _require_claims(draft, e)
    o = draft.offering(e.offering)
    shares = lot_of(draft, o, account).shares
    if shares < put.shares:
        raise Refusal("PutSharesMissing", party, shares, put.shares)
    e.puts[party] = replace(put, is_paid=True)
    draft.emit(PutPaid(draft.at(e.address), party, account, payer, put.debt))
    to = ZERO_ADDRESS if e.terms.is_payer_issuer else draft.state.destination_of(e.terms.put_payer)
    deliver_lot(draft, o, account, to, put.shares)
    transfer_from(draft, e.address, payer, draft.state.destination_of(account), put.debt)


def _require_claims(draft: Draft, e: EscrowState) -> None:
    """Afterwards a debt that is recorded is settled outside the chain, and the class is free again."""
    clock = draft.state.clock(e.region, draft.time)
    if clock > e.claims_end:
        raise Refusal("Overdue", clock, e.claims_end)


def _allot(draft: Draft, e: EscrowState, to: Address, shares: int) -> None:
    """New shares that were kept free."""
    e.reserved -= shares
    draft.emit(RatchetDelivered(draft.at(e.address), to, Shares(shares)))
    e.act_count += 1
    header = raise_header(draft, e.address, e.act_count, draft.offering(e.offering).terms.memorandum)
    c = draft.share_class(e.share_class)
    allot_shares(draft, c, e.address, header, Consideration(), [Entry(to, Shares(shares))])


def _take(draft: Draft, e: EscrowState, account: Address, to: Address, shares: int) -> None:
    """The founder allowed it; if rules or allowance refuse today, the others are not held up and this one stays due."""
    if to == ZERO_ADDRESS:
        return
    command = TransferFrom(e.share_class, e.ratchet.founder, to, shares)
    sender, draft.actor = draft.actor, e.address
    if _goes(draft, command.run):
        command.run(draft)
        draft.emit(RatchetDelivered(draft.at(e.address), to, Shares(shares)))
    else:
        draft.emit(RatchetUnmet(draft.at(e.address), account, Shares(shares)))
        restore_ratchet(draft, draft.offering(e.offering), account)
    draft.actor = sender


def _goes(draft: Draft, step: Callable[[Draft], None]) -> bool:
    """Whether a step would be carried out, tried on a state of its own."""
    trial = copy(draft)
    trial.state, trial.events = draft.state.copy(), []
    try:
        step(trial)
    except Refusal:
        return False
    return True


def _keep(draft: Draft, e: EscrowState, shares: int) -> None:
    """Keeps just so many new shares free."""
    c, kept, e.reserved = draft.share_class(e.share_class), e.reserved, shares
    if shares > kept:
        reserve_shares(draft, c, e.address, shares - kept)
    elif shares < kept:
        unreserve_shares(draft, c, kept - shares)
