"""Commands of an Offering from the closing on: the cut, the allotment in pages, the settlement."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from registry.domain.args import ZERO_ADDRESS, Consideration, Entry
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.escrow import fund
from registry.domain.commands.lots import allot_shares, class_of, offering_header, paid_from, unreserve_shares
from registry.domain.commands.money import pay
from registry.domain.commands.offering import enter_phase, pay_back, release, require_phase
from registry.domain.commands.register import refuse
from registry.domain.cut import NO_KEY, allotted_to, subscribers_key, subscribers_part
from registry.domain.events_raise import AllotmentParked, CutVerified, RaiseSettled, SubscriptionAllotted
from registry.domain.ids import NOBODY, Address, PartyId, Shares
from registry.domain.raising import OfferingPhase, OfferingState, SubscriptionStatus
from registry.domain.rules import Basis, Rule

CASH = 1
CNY = 156


@dataclass(frozen=True, slots=True)
class VerifyCut:
    """Anybody, when more was asked for than the maximum. `parties`: all subscribers, ascending; `last`: the one whose
    remainder is the last to get a share more, 0 if none does."""

    offering: Address
    parties: tuple[PartyId, ...]
    last: PartyId

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        require_phase(o, OfferingPhase.CLOSING)
        if o.totals.raised:
            raise Refusal("CutNotNeeded")
        named = o.subscriptions.get(self.last)
        is_named = self.last == NOBODY or (named is not None and named.status == SubscriptionStatus.PAID)
        if not is_named or len(self.parties) != o.totals.subscribers:
            raise Refusal("CutMalformed", len(self.parties))
        asked = o.totals.live
        smallest = NO_KEY if self.last == NOBODY else subscribers_key(o, self.last, asked)
        allotted, before = 0, -1
        for position, party in enumerate(self.parties):
            s = o.subscriptions.get(party)
            if party <= before or s is None or s.status != SubscriptionStatus.PAID:
                raise Refusal("CutMalformed", position)
            before = party
            allotted += subscribers_part(o, party, asked, smallest)
        if allotted != o.most_shares:
            raise Refusal("CutUnfair", allotted, o.most_shares)
        o.cut, o.asked = smallest, asked
        o.totals = replace(o.totals, raised=o.terms.maximum)
        draft.emit(CutVerified(draft.at(o.address), self.last, o.terms.maximum))


@dataclass(slots=True)
class _Page:
    """One page of an allotment while it is put together."""

    entries: list[Entry] = field(default_factory=list)
    leaving: list[PartyId] = field(default_factory=list)
    handled: int = 0


@dataclass(frozen=True, slots=True)
class Allot:
    """Anybody, in pages. The page that handles the last subscriber settles the raise."""

    offering: Address
    accounts: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        is_settled = o.phase == OfferingPhase.SETTLED
        if not is_settled:
            require_phase(o, OfferingPhase.CLOSING)
        if o.totals.raised == 0:
            raise Refusal("CutMissing")
        # Nobody enters a register that is closed; what was begun before is finished all the same.
        if o.totals.handled == 0 and class_of(draft, o).stops & Rule.CLOSED:
            refuse(Rule.CLOSED, Basis.LAW, ZERO_ADDRESS, ZERO_ADDRESS, 0)
        page = _Page()
        for account in self.accounts:
            _allot_one(draft, o, page, account)
        _issue(draft, o, page)
        if is_settled:
            return
        o.totals = replace(o.totals, handled=o.totals.handled + page.handled)
        if o.totals.handled == o.totals.subscribers:
            _settle(draft, o)


def _allot_one(draft: Draft, o: OfferingState, page: _Page, account: Address) -> None:
    party, s = paid_from(draft, o, account)
    is_parked = s.status == SubscriptionStatus.PARKED
    if not is_parked and s.status != SubscriptionStatus.PAID:
        raise Refusal("SubscriptionUnknown", account)
    page.handled += not is_parked
    if draft.state.party_word(party).is_frozen:
        if not is_parked:
            o.subscriptions[party] = replace(s, status=SubscriptionStatus.PARKED)
            o.totals = replace(o.totals, parked=o.totals.parked + 1)
            draft.emit(AllotmentParked(draft.at(o.address), party))
        return
    if is_parked:
        o.totals = replace(o.totals, parked=o.totals.parked - 1)
    shares = allotted_to(o, party)
    amount = shares * o.terms.price
    to = draft.state.destination_of(account)
    status = SubscriptionStatus.ALLOTTED if shares else SubscriptionStatus.REFUNDED
    o.subscriptions[party] = replace(s, amount=amount, status=status)
    back = s.amount - amount
    draft.emit(SubscriptionAllotted(draft.at(o.address), party, to, amount, Shares(shares), back))
    if shares:
        page.entries.append(Entry(to, Shares(shares), o.terms.lock_day))
    page.leaving.append(party)
    pay_back(draft, o, party, s, to, back)


def _issue(draft: Draft, o: OfferingState, page: _Page) -> None:
    """First in, then out: who held a seat as a subscriber holds it as a holder."""
    if not page.leaving:
        return
    if page.entries:
        c = class_of(draft, o)
        # [10^-10 CNY for a whole share]
        given = Consideration(CASH, CNY, o.terms.price * 10 ** (8 + c.decimals))
        allot_shares(draft, c, o.address, offering_header(draft, o), given, page.entries)
    release(draft, o, page.leaving)


def _settle(draft: Draft, o: OfferingState) -> None:
    """The fee is rounded down; what was raised less the fee goes into the escrow."""
    raised, fee = o.totals.raised, o.fee
    enter_phase(draft, o, OfferingPhase.SETTLED)
    draft.emit(RaiseSettled(draft.at(o.address), raised, fee, raised - fee))
    if raised != o.terms.maximum:
        unreserve_shares(draft, class_of(draft, o), (o.terms.maximum - raised) // o.terms.price)
    pay(draft, o.address, draft.state.destination_of(o.terms.fee_recipient), fee)
    pay(draft, o.address, o.escrow, raised - fee)
    fund(draft, draft.state.escrows[o.escrow], raised - fee)
