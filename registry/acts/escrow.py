"""Milestone escrows: release, miss, the holders' consent, redemption in pages, puts, lapse, the ratchet.

What anybody may do is done under the platform's key; what a holder may do, under the holder's wallet, or by the
platform on the owner's signed instruction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from registry.acts.desk import PLATFORM, Desk
from registry.acts.operations import Done, Request, carry_out, carry_out_once, header_for
from registry.acts.overview import lapsed_of
from registry.acts.raising import Raise
from registry.acts.settling import Subscriber, page_work, subscribers_of
from registry.chain import contracts, contracts_raise
from registry.chain.client import BlockRef
from registry.chain.decode import Emitter, Kind
from registry.chain.raise_logs import events_of
from registry.domain.escrow import Fell, Miss, TrancheState
from registry.domain.events_escrow import RatchetFell
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.raise_words import Purse, Tranche
from registry.domain.raising import SubscriptionStatus
from registry.errors import InputError, RejectedError

PAGE = 50
_GAS_OF_PUT = 2_000_000
_GAS_OF_RATCHET, _GAS_OF_RATCHETED = 500_000, 300_000
"""Bounds for calls that record a debt where a payment or a delivery inside them fails."""
Report = Callable[[str, int, int], None]
_Due = tuple[Subscriber, Address]
"""A lot, and the account of its party that holds shares for it."""


class Why(StrEnum):
    """Why nothing can be paid back to a lot today."""

    FROZEN = "frozen by order"
    PLEDGED = "its shares are pledged or frozen"
    SOLD = "neither the account that subscribed nor the book account holds shares"
    ROUNDING = "for the shares that it holds nothing more is paid back"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lot that waits for its redemption, by its party."""

    party: PartyId
    account: Address
    why: Why


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What redemption came to, and the lots to which something is due that cannot be paid back today."""

    purse: Purse
    pages: int
    waits: tuple[Waiting, ...]

    @property
    def waiting(self) -> int:
        return len(self.waits)


@dataclass(frozen=True, slots=True)
class Lapsed:
    """What lapsing came to: money that went where the terms say [fen], now or before. What of the purse is redeemable
    and not redeemed belongs to shares that are held, and waits for their holders without end."""

    purse: Purse
    pages: int
    lapsed: int

    @property
    def waiting(self) -> int:
        """[fen] Roundings included, less than a fen a lot."""
        return self.purse.redeemable - self.purse.redeemed


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the ratchet came to: how it has fallen, if it has; lots that are not served yet."""

    fell: Fell
    waiting: int


def release(desk: Desk, target: Raise, milestone: int) -> Done | None:
    """A tranche whose verdict is final goes to the issuer. None where it went before."""

    def is_there() -> bool:
        return _state(desk, target, milestone) == TrancheState.RELEASED

    calldata = contracts_raise.escrow.release(milestone)
    label = f"release milestone {milestone} of raise {target.number}"
    return _once(desk, target, f"release {milestone}", calldata, label, is_there)


def miss(desk: Desk, target: Raise, milestone: int) -> Done | None:
    """The deadline passed without a quorum, or the vote on an extension without consent: what that means stands in the
    terms. None where the tranche is missed, or the holders are asked, already."""
    state = _state(desk, target, milestone)
    if state == TrancheState.VOTING:

        def is_closed() -> bool:
            return _state(desk, target, milestone) != TrancheState.VOTING

        label = f"close the vote on milestone {milestone} of raise {target.number}"
        calldata = contracts_raise.escrow.close_vote(milestone)
        return _once(desk, target, f"close vote {milestone}", calldata, label, is_closed)

    def is_there() -> bool:
        return _state(desk, target, milestone) in {TrancheState.VOTING, TrancheState.MISSED}

    (case,) = desk.raises.cases_of(target.escrow, [milestone])
    label = f"miss milestone {milestone} of raise {target.number}"
    return _once(
        desk, target, f"miss {milestone} {case.round}", contracts_raise.escrow.miss(milestone), label, is_there
    )


def consent(desk: Desk, target: Raise, milestone: int, wallet: str, account: Address | None = None) -> Done | None:
    """A wallet consents to an extension, with its own shares at the record date or with those of `account`, another
    account of its party. None where the party has consented before."""
    voting = desk.account(wallet) if account is None else account
    party = desk.reads.standing_of(voting)[0].id

    def is_there() -> bool:
        return desk.raises.have_voted(target.escrow, milestone, [party])[0]

    calldata = contracts_raise.escrow.consent(milestone, voting)
    work = f"consent {milestone} {party}"
    return _once(desk, target, work, calldata, "consent to an extension", is_there, signer=wallet)


def consent_for(desk: Desk, request: Request, target: Raise, milestone: int, account: Address) -> Done:
    """The same for a book account, on its owner's signed instruction."""
    header = header_for(desk, "consent_for", request)
    calldata = contracts_raise.escrow.consent_for(header, milestone, account)
    return carry_out(desk, PLATFORM, target.escrow, calldata, header.operation, "consent for a book account")


def redeem(desk: Desk, target: Raise, report: Report = lambda _l, _d, _t: None) -> Redeemed:
    """Pays every lot its part of what was missed, in pages, and ends the shares for it."""
    pages = 0
    before: list[_Due] = []
    due, waiting = _redeemable(desk, target)
    # Who holds shares in two accounts is served for one after the other.
    while due and due != before:
        report("redeemed", 0, len(due))
        for start in range(0, len(due), PAGE):
            _redeem_page(desk, target, due[start : start + PAGE])
            pages += 1
            report("redeemed", min(start + PAGE, len(due)), len(due))
        before, (due, waiting) = due, _redeemable(desk, target)
    stuck = [Waiting(item.party, item.account, Why.ROUNDING) for item, _ in due]
    return Redeemed(desk.raises.purse(target.escrow), pages, tuple(sorted([*waiting, *stuck], key=_party)))


def _party(waiting: Waiting) -> PartyId:
    return waiting.party


def _redeem_page(desk: Desk, target: Raise, page: Sequence[_Due]) -> None:
    calldata = contracts_raise.escrow.redeem([account for _, account in page])
    # The part that is due follows from what was redeemed, shares that were given up, and how much may be redeemed.
    lines = [(account, item.subscription.pack()) for item, account in page]
    work = page_work(f"redeem {desk.raises.purse(target.escrow).redeemable}", lines)

    def is_there() -> bool:
        now = desk.raises.subscriptions_of(target.offering, [item.party for item, _ in page])
        return all(item.subscription != word for (item, _), word in zip(page, now, strict=True))

    _once(desk, target, work, calldata, f"redeem {len(page)} lots of raise {target.number}", is_there)


def lapse(desk: Desk, target: Raise, report: Report = lambda _l, _d, _t: None) -> Lapsed:
    """After the time for claims: what was missed for shares that their subscribers no longer hold goes where the terms
    say, in pages. RejectedError while that time runs, or where it never began."""
    nothing = contracts_raise.escrow.lapse([])
    desk.reads.simulate(target.escrow, nothing, desk.account(PLATFORM), "pending")
    due = _lapsing(desk, target)
    report("lapsed", 0, len(due))
    for start in range(0, len(due), PAGE):
        page = due[start : start + PAGE]
        calldata = contracts_raise.escrow.lapse([item.account for item in page])
        work = page_work("lapse", [(item.account, item.subscription.pack()) for item in page])

        def is_there(page: Sequence[Subscriber] = page) -> bool:
            now = desk.raises.subscriptions_of(target.offering, [item.party for item in page])
            return all(item.subscription != word for item, word in zip(page, now, strict=True))

        _once(desk, target, work, calldata, f"lapse {len(page)} lots of raise {target.number}", is_there)
        report("lapsed", start + len(page), len(due))
    purse = desk.raises.purse(target.escrow)
    return Lapsed(purse, -(-len(due) // PAGE), lapsed_of(desk, target, desk.node.head().number))


def exercise_put(desk: Desk, target: Raise, wallet: str, account: Address | None = None) -> Done | None:
    """A subscriber's wallet puts the rest of its shares, or those of another account of its party, to the payer. None
    where it did before."""
    put = desk.account(wallet) if account is None else account
    party = desk.reads.standing_of(put)[0].id

    def is_there() -> bool:
        return desk.raises.puts_of(target.escrow, [party])[0].shares != 0

    calldata = contracts_raise.escrow.exercise_put(put)
    label = f"put of party {party}"
    with _told_why_no_put(desk, target):
        return _once(desk, target, f"put {party}", calldata, label, is_there, signer=wallet, gas=_GAS_OF_PUT)


def exercise_put_for(desk: Desk, request: Request, target: Raise, account: Address) -> Done:
    """The same for a book account, on its owner's signed instruction."""
    header = header_for(desk, "exercise_put_for", request)
    calldata = contracts_raise.escrow.exercise_put_for(header, account)
    label = "put for a book account"
    with _told_why_no_put(desk, target):
        return carry_out(desk, PLATFORM, target.escrow, calldata, header.operation, label, _GAS_OF_PUT)


@contextmanager
def _told_why_no_put(desk: Desk, target: Raise) -> Iterator[None]:
    """The contract has one refusal for two reasons; the tranches tell which of them it is."""
    try:
        yield
    except RejectedError as refused:
        if refused.code != "PutNotOpen":
            raise
        why = why_no_put(desk.raises.tranches(target.escrow))
        raise RejectedError(f"PutNotOpen: {why}", code=refused.code, values=refused.values) from refused


def why_no_put(tranches: Sequence[Tranche]) -> str:
    """For an escrow whose puts are not open."""
    undecided = [str(n) for n, each in enumerate(tranches) if each.state in {TrancheState.WAITING, TrancheState.VOTING}]
    if not any(each.on_miss == Miss.PUT for each in tranches):
        return "no milestone of this raise means a put when it is missed"
    if undecided:
        return f"puts wait until every tranche is released or missed; undecided: milestone {', '.join(undecided)}"
    return "there is no put: no milestone that means one was missed by its own deadline"


def pay_put(desk: Desk, target: Raise, payer: str, account: Address) -> Done | None:
    """The payer's wallet pays a put's debt in full against the shares. None where it is paid."""
    party: PartyId = desk.reads.standing_of(account)[0].id
    (put,) = desk.raises.puts_of(target.escrow, [party])
    if put.shares and not put.is_paid:
        allow_money(desk, target, payer, put.debt)

    def is_there() -> bool:
        return desk.raises.puts_of(target.escrow, [party])[0].is_paid

    calldata = contracts_raise.escrow.pay_put(account)
    return _once(desk, target, f"pay put {party}", calldata, f"pay the put of party {party}", is_there, signer=payer)


def allow_money(desk: Desk, target: Raise, wallet: str, amount: int) -> Done | None:
    """A wallet lets the escrow take so much of its money for puts [fen]. None where it may already."""

    def is_there() -> bool:
        return desk.raises.allowance(desk.account(wallet), target.escrow) >= amount

    calldata = contracts_raise.token.approve(target.escrow, amount)
    work = f"allow {target.escrow.hex()} {amount}"
    return carry_out_once(desk, wallet, desk.deployment.token, calldata, work, "allow payments of puts", is_there)


def allow_shares(desk: Desk, target: Raise, wallet: str, shares: Shares) -> Done | None:
    """The founder's wallet lets the escrow take so many of its shares for the ratchet. None where it may already."""
    share_class = target.terms.share_class

    def is_there() -> bool:
        return desk.raises.share_allowance(share_class, desk.account(wallet), target.escrow) >= shares

    calldata = contracts.share_class.approve(target.escrow, shares)
    work = f"allow {target.escrow.hex()} {shares}"
    return carry_out_once(desk, wallet, share_class, calldata, work, "allow shares for a ratchet", is_there)


def deliver_ratchet(desk: Desk, target: Raise, report: Report = lambda _l, _d, _t: None) -> Delivered:
    """Shares of a ratchet that has fallen: to the founder, or to every subscriber in pages."""
    fell = ratchet_fell(desk, target)
    if fell is Fell.EARLY:
        _deliver_early(desk, target)
    if fell is not Fell.LATE:
        return Delivered(fell, 0)
    due = _unratcheted(desk, target)
    report("ratchet", 0, len(due))
    for start in range(0, len(due), PAGE):
        page = due[start : start + PAGE]
        calldata = contracts_raise.escrow.deliver_ratchet([item.account for item in page])
        work = page_work("ratchet", [(item.account, item.subscription.status) for item in page])

        def is_there(page: Sequence[Subscriber] = page) -> bool:
            now = desk.raises.subscriptions_of(target.offering, [item.party for item in page])
            return all(word.is_ratcheted for word in now)

        label = f"ratchet of {len(page)} lots of raise {target.number}"
        bound = _GAS_OF_RATCHET + len(page) * _GAS_OF_RATCHETED
        _once(desk, target, work, calldata, label, is_there, gas=bound)
        report("ratchet", start + len(page), len(due))
    return Delivered(fell, len(_unratcheted(desk, target)))


def ratchet_fell(desk: Desk, target: Raise) -> Fell:
    """How the ratchet's milestone was reached; in between also as long as it was not."""
    emitter = Emitter(target.escrow, Kind.ESCROW)
    events = events_of(desk.node, desk.deployment, [(emitter, "RatchetFell")])
    fell = [Fell(event.what) for event in events if isinstance(event, RatchetFell)]
    return fell[-1] if fell else Fell.IN_BETWEEN


def _deliver_early(desk: Desk, target: Raise) -> None:
    emitter = Emitter(target.escrow, Kind.ESCROW)

    def is_there() -> bool:
        return any(events_of(desk.node, desk.deployment, [(emitter, "RatchetDelivered")]))

    label = f"ratchet of raise {target.number}"
    _once(desk, target, "ratchet", contracts_raise.escrow.deliver_ratchet([]), label, is_there)


def _unratcheted(desk: Desk, target: Raise) -> list[Subscriber]:
    lots = [
        item
        for item in subscribers_of(desk, target)
        if item.subscription.status == SubscriptionStatus.ALLOTTED and not item.subscription.is_ratcheted
    ]
    words = desk.reads.party_words([item.party for item in lots])
    return [item for item, word in zip(lots, words, strict=True) if not word.is_frozen]


def _redeemable(desk: Desk, target: Raise) -> tuple[list[_Due], list[Waiting]]:
    """Lots to which something is due now, with an account that holds shares; and those that cannot be paid today."""
    head = desk.node.head()
    lots = [item for item, _ in _missed_lots(desk, target, head)]
    words = desk.reads.party_words([item.party for item in lots], head.hash)
    accounts = [account for item in lots for account in (item.account, desk.book(item.party))]
    holdings = desk.reads.holdings_of(target.terms.share_class, accounts, head.hash)
    free = {account: h.balance - h.encumbered for account, h in zip(accounts, holdings, strict=True)}
    held = {account: h.balance for account, h in zip(accounts, holdings, strict=True)}
    due, waiting = [], []
    for item, word in zip(lots, words, strict=True):
        own = (item.account, desk.book(item.party))
        account = max(own, key=lambda each: free[each])
        if word.is_frozen:
            waiting.append(Waiting(item.party, item.account, Why.FROZEN))
        elif not free[account]:
            why = Why.PLEDGED if any(held[each] for each in own) else Why.SOLD
            waiting.append(Waiting(item.party, item.account, why))
        else:
            due.append((item, account))
    return due, waiting


def _lapsing(desk: Desk, target: Raise) -> list[Subscriber]:
    """Lots of which something is due to shares that are held neither in the account that subscribed nor in the book
    account; pledged or frozen, they are held."""
    head = desk.node.head()
    lots = _missed_lots(desk, target, head)
    accounts = [sorted({item.account, desk.book(item.party)}) for item, _ in lots]
    flat = [account for each in accounts for account in each]
    balances = (h.balance for h in desk.reads.holdings_of(target.terms.share_class, flat, head.hash))
    held = dict(zip(flat, balances, strict=True))
    found = []
    for (item, shares), own in zip(lots, accounts, strict=True):
        if sum(held[account] for account in own) < max(shares, 1):
            found.append(item)
    return found


def _missed_lots(desk: Desk, target: Raise, block: BlockRef) -> list[tuple[Subscriber, int]]:
    """Lots that have not got all that was missed of them, with the shares that end for the rest."""
    redeemable = desk.raises.purse(target.escrow, block.hash).redeemable
    raised = desk.raises.totals(target.offering, block.hash).raised
    found = []
    for item in subscribers_of(desk, target, block):
        word = item.subscription
        if word.status == SubscriptionStatus.ALLOTTED and word.amount * redeemable // raised > word.redeemed:
            ending = word.amount // target.terms.price * redeemable // raised - word.cancelled
            found.append((item, max(ending, 0)))
    return found


def _state(desk: Desk, target: Raise, milestone: int) -> TrancheState:
    tranches = desk.raises.tranches(target.escrow)
    if not 0 <= milestone < len(tranches):
        message = f"raise {target.number} has the milestones 0 to {len(tranches) - 1}"
        raise InputError(message, code="milestone_unknown", field="milestone", value=milestone)
    return TrancheState(tranches[milestone].state)


def _once(
    desk: Desk,
    target: Raise,
    work: str,
    calldata: bytes,
    label: str,
    is_there: Callable[[], bool],
    signer: str = PLATFORM,
    gas: int | None = None,
) -> Done | None:
    whole = f"{work} {target.escrow.hex()}"
    return carry_out_once(desk, signer, target.escrow, calldata, whole, label, is_there, gas)
