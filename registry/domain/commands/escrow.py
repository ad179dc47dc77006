"""Commands of a MilestoneEscrow about its tranches, and what its raise asks of it (MilestoneEscrow.sol).

Redemptions, puts and the ratchet stand in `rights`. A command names the escrow that is called first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from registry.domain.args import ActHeader
from registry.domain.commands.board import close_overdue, close_reached, close_undecided, open_case, reopen
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.lots import lot_shares_of, raise_header
from registry.domain.commands.money import transfer
from registry.domain.commands.rights import (
    decide_ratchet,
    free_ratchet,
    require_owner,
    require_platform_for,
    reserve_ratchet,
)
from registry.domain.commands.shares import set_record_date
from registry.domain.escrow import (
    MAX_TRANCHES,
    EscrowState,
    Miss,
    RatchetSource,
    TrancheState,
    Vote,
    amounts,
    begins_claims,
    consents,
    first_case,
    is_closed_to_dates,
)
from registry.domain.events_escrow import (
    ClaimsBegan,
    ConsentGiven,
    EscrowFunded,
    EscrowScheduled,
    MilestoneMissed,
    RatchetScheduled,
    TrancheChanged,
    TrancheReleased,
    TrancheScheduled,
)
from registry.domain.ids import Address, Shares
from registry.domain.raise_args import EscrowTerms, RatchetTerms, TrancheTerms
from registry.domain.raise_words import Purse, Tranche
from registry.domain.rules import ActKind
from registry.domain.views import balance_on_record

# --- for the factory and the raise ---


def initialise(
    draft: Draft, e: EscrowState, terms: EscrowTerms, scheduled: Sequence[TrancheTerms], ratchet: RatchetTerms
) -> None:
    """Once, when the raise is created."""
    if not 0 < len(scheduled) <= MAX_TRANCHES:
        raise Refusal("TooManyTranches", len(scheduled), MAX_TRANCHES)
    e.terms, e.ratchet = terms, ratchet
    draft.emit(EscrowScheduled(draft.at(e.address), *astuple(terms)))
    for i, t in enumerate(scheduled):
        tranche = Tranche(t.value, t.is_share, t.kind, t.quorum, t.deadline, t.on_miss, t.extension)
        e.tranches.append(tranche)
        e.criteria.append((t.criterion, t.terms))
        draft.emit(TrancheScheduled(draft.at(e.address), i, tranche, t.criterion, t.terms))
    if ratchet.source != RatchetSource.NONE:
        draft.emit(RatchetScheduled(draft.at(e.address), *astuple(ratchet)))


def prepare(draft: Draft, e: EscrowState, maximum: int) -> None:
    """At opening: every panel has verifiers enough; shares of a ratchet are kept free."""
    for tranche in e.tranches:
        members = draft.state.board.panel_of(e.company, tranche.kind).in_force(draft.today)
        if tranche.quorum > members:
            raise Refusal("QuorumAbovePanel", tranche.quorum, members)
    reserve_ratchet(draft, e, maximum)


def abandon(draft: Draft, e: EscrowState) -> None:
    """The raise failed: nothing will come."""
    free_ratchet(draft, e)


def fund(draft: Draft, e: EscrowState, proceeds: int) -> None:
    """[fen] The money has arrived; tranches get their amounts, the board its cases."""
    e.purse = Purse(proceeds)
    draft.emit(EscrowFunded(draft.at(e.address), proceeds))
    for i, amount in enumerate(amounts(e.tranches, proceeds)):
        tranche = replace(e.tranches[i], value=amount, state=TrancheState.WAITING)
        _change(draft, e, i, tranche)
        open_case(draft, e, i, first_case(e, tranche))


# --- anybody ---


@dataclass(frozen=True, slots=True)
class Release:
    """The verdict is final: the tranche goes to the issuer."""

    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        e = draft.state.escrows[self.escrow]
        tranche = _in(e, self.milestone, TrancheState.WAITING)
        if not close_reached(draft, e, self.milestone):
            raise Refusal("NotReached", self.milestone)
        _change(draft, e, self.milestone, replace(tranche, state=TrancheState.RELEASED))
        _count(draft, e, replace(e.purse, released=e.purse.released + tranche.value))
        to = draft.state.destination_of(e.terms.issuer_account)
        draft.emit(TrancheReleased(draft.at(e.address), self.milestone, to, tranche.value))
        decide_ratchet(draft, e, self.milestone)
        transfer(draft, e.address, to, tranche.value)


@dataclass(frozen=True, slots=True)
class DeclareMissed:
    """The deadline passed without a quorum: what that means stands in the terms. `miss`."""

    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        e = draft.state.escrows[self.escrow]
        tranche = _in(e, self.milestone, TrancheState.WAITING)
        close_overdue(draft, e, self.milestone)
        if tranche.on_miss == Miss.EXTEND and not tranche.is_extended:
            _ask_holders(draft, e, self.milestone, tranche)
        else:
            _fail_from(draft, e, self.milestone, tranche)


@dataclass(frozen=True, slots=True)
class CloseVote:
    """Ends a vote whose time is over without consent."""

    escrow: Address
    milestone: int

    def run(self, draft: Draft) -> None:
        e = draft.state.escrows[self.escrow]
        tranche = _in(e, self.milestone, TrancheState.VOTING)
        clock = _clock(draft, e)
        if clock <= tranche.vote_ends:
            raise Refusal("NotDue", clock, tranche.vote_ends + 1)
        _fail_from(draft, e, self.milestone, tranche)


# --- holders ---


@dataclass(frozen=True, slots=True)
class Consent:
    """A subscriber, by an open wallet of the account's party, with the shares of its lot."""

    escrow: Address
    milestone: int
    account: Address

    def run(self, draft: Draft) -> None:
        require_owner(draft, self.account)
        _consent(draft, draft.state.escrows[self.escrow], self.milestone, self.account)


@dataclass(frozen=True, slots=True)
class ConsentFor:
    """PLATFORM, for a book account, on its owner's signed instruction."""

    escrow: Address
    header: ActHeader
    milestone: int
    account: Address

    def run(self, draft: Draft) -> None:
        require_platform_for(draft, self.account)
        draft.record(self.escrow, self.header, ActKind.VOTE)
        _consent(draft, draft.state.escrows[self.escrow], self.milestone, self.account)


# --- internal ---


def _ask_holders(draft: Draft, e: EscrowState, milestone: int, tranche: Tranche) -> None:
    c, o = draft.share_class(e.share_class), draft.offering(e.offering)
    if is_closed_to_dates(c.record_times, draft.time):
        _fail_from(draft, e, milestone, tranche)
        return
    e.act_count += 1
    header = raise_header(draft, e.address, e.act_count, o.terms.memorandum)
    epoch = set_record_date(draft, c, header, draft.time, e.address)
    e.votes[milestone] = Vote(Shares(0), Shares(o.totals.raised // o.terms.price))
    ends = _clock(draft, e) + e.terms.voting
    voting = replace(tranche, state=TrancheState.VOTING, is_extended=True, epoch=epoch, vote_ends=ends)
    _change(draft, e, milestone, voting)


def _consent(draft: Draft, e: EscrowState, milestone: int, account: Address) -> None:
    tranche = _in(e, milestone, TrancheState.VOTING)
    clock = _clock(draft, e)
    if clock > tranche.vote_ends:
        raise Refusal("Overdue", clock, tranche.vote_ends)
    party, shares = lot_shares_of(draft, draft.offering(e.offering), account)
    if (milestone, party) in e.voted:
        raise Refusal("AlreadyVoted", account)
    shares = min(shares, balance_on_record(draft.state, e.share_class, account, tranche.epoch, draft.time))
    if shares == 0:
        raise Refusal("NotAHolder", account, tranche.epoch)
    e.voted.add((milestone, party))
    vote = e.votes[milestone] = replace(e.votes[milestone], yes=Shares(e.votes[milestone].yes + shares))
    draft.emit(ConsentGiven(draft.at(e.address), milestone, account, Shares(shares)))
    if consents(vote, e.terms.consent_bps):
        _change(draft, e, milestone, replace(tranche, state=TrancheState.WAITING))
        reopen(draft, e, milestone, clock + tranche.extension)


def _fail_from(draft: Draft, e: EscrowState, milestone: int, tranche: Tranche) -> None:
    """What is missed becomes redeemable, and with it every tranche that has no quorum."""
    draft.emit(MilestoneMissed(draft.at(e.address), milestone))
    if tranche.on_miss == Miss.PUT:
        e.is_put_open = True
    missed = 0
    for i, other in enumerate(e.tranches):
        is_over = i == milestone or other.state == TrancheState.VOTING
        if not is_over and other.state == TrancheState.WAITING:
            is_over = close_undecided(draft, e, i)
        if not is_over:
            continue
        missed += other.value
        _change(draft, e, i, replace(other, state=TrancheState.MISSED))
        if i == e.ratchet.milestone:
            free_ratchet(draft, e)
    _count(draft, e, replace(e.purse, redeemable=e.purse.redeemable + missed))


def _count(draft: Draft, e: EscrowState, purse: Purse) -> None:
    """Once the last tranche is decided and something was missed, the time for claims runs."""
    e.purse = purse
    if begins_claims(e.tranches):
        e.claims_end = _clock(draft, e) + e.terms.claims
        draft.emit(ClaimsBegan(draft.at(e.address), e.claims_end))


def _in(e: EscrowState, milestone: int, state: TrancheState) -> Tranche:
    if milestone >= len(e.tranches):
        raise Refusal("TooManyTranches", milestone, len(e.tranches))
    tranche = e.tranches[milestone]
    if tranche.state != state:
        raise Refusal("TrancheStateForbids", milestone, tranche.state)
    return tranche


def _change(draft: Draft, e: EscrowState, milestone: int, tranche: Tranche) -> None:
    e.tranches[milestone] = tranche
    draft.emit(TrancheChanged(draft.at(e.address), milestone, tranche))


def _clock(draft: Draft, e: EscrowState) -> int:
    return draft.state.clock(e.region, draft.time)
