"""What raises and their escrows do with shares of their class, and what an escrow asks of the raise it belongs to.

Plain functions: the contracts call each other. `OfferingLots` for the escrow, the part of `ShareClass` for raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registry.domain.args import ZERO_ADDRESS, ActHeader, Consideration, Entry
from registry.domain.commands.draft import Draft, Refusal, require_batch
from registry.domain.commands.register import Side, check_and_move, end, issue_all, opened, state_consideration
from registry.domain.events import EntryRecorded
from registry.domain.events_raise import LotLapsed, LotRatcheted, LotRedeemed, SharesReserved
from registry.domain.ids import NOBODY, Address, Day, Hash32, PartyId, Shares
from registry.domain.keccak import encoded, keccak256
from registry.domain.lots import Lot, due, lapsing, lot, subscription_of
from registry.domain.raise_words import Subscription
from registry.domain.raising import WHOLE, OfferingState, SubscriptionStatus
from registry.domain.register import ClassState
from registry.domain.rules import ActKind, Basis, Rule

# --- the class, for raises that the company admitted ---


def reserve_shares(draft: Draft, c: ClassState, raiser: Address, shares: int) -> None:
    """Keeps authorised shares free. `raiser`: the raise or the escrow that asks."""
    if shares > c.room:
        rule = Rule.AUTHORISED
        raise Refusal("Refused", rule.code, int(rule), ZERO_ADDRESS, raiser, shares)
    _set_reserved(draft, c, c.reserved + shares)


def unreserve_shares(draft: Draft, c: ClassState, shares: int) -> None:
    _set_reserved(draft, c, c.reserved - shares)


def allot_shares(
    draft: Draft, c: ClassState, raiser: Address, header: ActHeader, given: Consideration, entries: Sequence[Entry]
) -> None:
    """Issues reserved shares."""
    draft.record(c.address, header, ActKind.ALLOTMENT, Basis.SUBSCRIPTION, actor=raiser)
    state_consideration(draft, c.address, given)
    _set_reserved(draft, c, c.reserved - sum(entry.shares for entry in entries))
    issue_all(draft, c, tuple(entries), Basis.SUBSCRIPTION)


def redeem_shares(draft: Draft, c: ClassState, raiser: Address, header: ActHeader, entries: Sequence[Entry]) -> None:
    """Ends shares against money paid back."""
    draft.record(c.address, header, ActKind.REDEMPTION, Basis.SUBSCRIPTION, actor=raiser)
    require_batch(len(entries))
    for entry in entries:
        end(draft, c, entry.account, entry.shares, entry.ref, Basis.SUBSCRIPTION)


def deliver_shares(
    draft: Draft, c: ClassState, raiser: Address, header: ActHeader, giver_at: Address, entry: Entry
) -> None:
    """Moves shares to whoever paid for them."""
    draft.record(c.address, header, ActKind.PUT_DELIVERY, Basis.SUBSCRIPTION, actor=raiser)
    giver, g = opened(draft, c, giver_at)
    taker, t = opened(draft, c, entry.account)
    ends = Side(giver_at, giver, g), Side(entry.account, taker, t)
    giver, taker = check_and_move(draft, c, *ends, entry.shares, Day(0), Basis.SUBSCRIPTION)
    draft.emit(EntryRecorded(draft.at(c.address), giver, taker, entry.ref))


def _set_reserved(draft: Draft, c: ClassState, reserved: int) -> None:
    c.reserved = reserved
    draft.emit(SharesReserved(draft.at(c.address), Shares(reserved)))


# --- the raise, for its escrow ---


def redeem_lots(
    draft: Draft, o: OfferingState, accounts: Sequence[Address], redeemable: int
) -> list[tuple[Address, int]]:
    """Brings lots up to `redeemable` [fen] of what was raised. Answers where each part goes, and how much [fen]."""
    paid: list[tuple[Address, int]] = []
    ending: list[Entry] = []
    for account in accounts:
        s = _required(draft, o, account)
        part = due(draft.state, o, account, s, redeemable)
        paid.append((draft.state.destination_of(account) if part.amount else ZERO_ADDRESS, part.amount))
        if not part.amount and not part.shares:
            continue
        party, _ = draft.state.account_of(account)
        cancelled = Shares(s.cancelled + part.shares)
        o.subscriptions[party] = replace(s, redeemed=s.redeemed + part.amount, cancelled=cancelled)
        draft.emit(LotRedeemed(draft.at(o.address), party, account, part.amount, Shares(part.shares)))
        if part.shares:
            ending.append(Entry(account, Shares(part.shares)))
    if ending:
        redeem_shares(draft, class_of(draft, o), o.address, offering_header(draft, o), ending)
    return paid


def lapse_lots(draft: Draft, o: OfferingState, accounts: Sequence[Address], redeemable: int) -> int:
    """[fen] Takes from lots what of `redeemable` is due to shares no longer held; answers the sum."""
    total = 0
    for account in accounts:
        party, s = paid_from(draft, o, account)
        part = lapsing(draft.state, o, account, s, redeemable)
        if not part.amount:
            continue
        cancelled = Shares(s.cancelled + part.shares)
        o.subscriptions[party] = replace(s, redeemed=s.redeemed + part.amount, cancelled=cancelled)
        draft.emit(LotLapsed(draft.at(o.address), party, part.amount, Shares(part.shares)))
        total += part.amount
    return total


def deliver_lot(draft: Draft, o: OfferingState, account: Address, to: Address, shares: int) -> None:
    """Ends (`to` zero) or moves the shares of a lot that is paid for under a put."""
    s = _required(draft, o, account)
    party, _ = draft.state.account_of(account)
    o.subscriptions[party] = replace(s, cancelled=Shares(s.cancelled + shares))
    header, c = offering_header(draft, o), class_of(draft, o)
    if to == ZERO_ADDRESS:
        redeem_shares(draft, c, o.address, header, [Entry(account, Shares(shares))])
    else:
        deliver_shares(draft, c, o.address, header, account, Entry(to, Shares(shares)))


def ratchet_lots(
    draft: Draft, o: OfferingState, accounts: Sequence[Address], bps: int, fallback: Address
) -> list[tuple[Address, int]]:
    """Marks lots whose ratchet is due, once each. Answers who gets how many shares more [shares × 10^decimals]."""
    given: list[tuple[Address, int]] = []
    for account in accounts:
        s = _required(draft, o, account)
        party, _ = draft.state.account_of(account)
        is_frozen = draft.state.party_word(party).is_frozen
        if s.status != SubscriptionStatus.ALLOTTED or s.is_ratcheted or is_frozen:
            given.append((ZERO_ADDRESS, 0))
            continue
        o.subscriptions[party] = replace(s, is_ratcheted=True)
        # Whoever pushes chooses between wallet and book account, so the party is asked, not the account.
        is_holder = draft.company(o.terms.company).seat_of(party).accounts != 0
        receiver = draft.state.destination_of(account) if is_holder else fallback
        shares = s.amount // o.terms.price * bps // WHOLE
        draft.emit(LotRatcheted(draft.at(o.address), party, receiver, Shares(shares)))
        given.append((receiver, shares))
    return given


def restore_ratchet(draft: Draft, o: OfferingState, account: Address) -> None:
    """The ratchet of a lot could not be delivered: it is due again."""
    s = _required(draft, o, account)
    party, _ = draft.state.account_of(account)
    o.subscriptions[party] = replace(s, is_ratcheted=False)


def lot_shares_of(draft: Draft, o: OfferingState, account: Address) -> tuple[PartyId, int]:
    """The party of a lot, and its shares that have not ended [shares × 10^decimals]."""
    s = _required(draft, o, account)
    party, _ = draft.state.account_of(account)
    is_allotted = s.status == SubscriptionStatus.ALLOTTED
    return party, s.amount // o.terms.price - s.cancelled if is_allotted else 0


def lot_of(draft: Draft, o: OfferingState, account: Address) -> Lot:
    """What of a lot is still there."""
    return lot(draft.state, o, account, _required(draft, o, account))


# --- what all share ---


def class_of(draft: Draft, o: OfferingState) -> ClassState:
    return draft.share_class(o.terms.share_class)


def offering_header(draft: Draft, o: OfferingState) -> ActHeader:
    """Heads the next act of a raise on its class; it rests on the memorandum."""
    o.act_count += 1
    return raise_header(draft, o.address, o.act_count, o.terms.memorandum)


def raise_header(draft: Draft, raiser: Address, count: int, document: Hash32) -> ActHeader:
    """Heads act number `count` of a raise or an escrow, of today. Whoever pushes is part of its id, so that the
    company cannot use it up beforehand."""
    return ActHeader(keccak256(encoded(raiser, count, draft.block, draft.actor)), draft.today, document)


def paid_from(draft: Draft, o: OfferingState, account: Address) -> tuple[PartyId, Subscription]:
    """The subscription that was paid from this account."""
    party, number = draft.state.account_of(account)
    s = o.subscriptions.get(party) if party != NOBODY else None
    if s is None or s.account != number:
        raise Refusal("SubscriptionUnknown", account)
    return party, s


def _required(draft: Draft, o: OfferingState, account: Address) -> Subscription:
    _, s = subscription_of(draft.state, o, account)
    if s is None:
        raise Refusal("SubscriptionUnknown", account)
    return s
