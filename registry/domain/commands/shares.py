"""Commands of the transfer agent and the migrator in one ShareClass."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.args import ActHeader, Consideration, Entry
from registry.domain.commands.draft import Draft, Refusal, require_batch
from registry.domain.commands.register import (
    Side,
    basis_of,
    book_holding,
    check_and_move,
    end,
    holding_of,
    issue_all,
    opened,
    record_act,
    refuse,
    require_actor,
    require_savable,
    require_unbound,
    set_class,
    state_consideration,
)
from registry.domain.events import EntryRecorded, HoldingChanged, RecordDateSet, SplitDeclared
from registry.domain.ids import Address, Day, Hash32, Shares
from registry.domain.moves import append_record_date, roll
from registry.domain.register import ClassState
from registry.domain.rules import ActKind, Basis, CompanyRole, Rule
from registry.domain.words import Holding

MAX_QUEUED = 255
MAX_RECORD_DATES = 65_535


@dataclass(frozen=True, slots=True)
class Issue:
    """New shares for at most 200 accounts."""

    share_class: Address
    header: ActHeader
    given: Consideration
    entries: tuple[Entry, ...]

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        basis = record_act(draft, c, self.header, ActKind.ISSUE, Basis.ALLOTMENT)
        state_consideration(draft, c.address, self.given)
        issue_all(draft, c, self.entries, basis)


@dataclass(frozen=True, slots=True)
class TransferFor:
    """Moves shares of a book account on its owner's signed instruction."""

    share_class: Address
    header: ActHeader
    given: Consideration
    giver: Address
    entry: Entry

    def run(self, draft: Draft) -> None:
        c, entry = draft.share_class(self.share_class), self.entry
        giver = book_holding(draft, c, self.giver)
        taker, t = opened(draft, c, entry.account)
        g = draft.state.party_word(giver.party)
        basis = record_act(draft, c, self.header, ActKind.TRANSFER, basis_of(g, t))
        state_consideration(draft, c.address, self.given)
        ends = Side(self.giver, giver, g), Side(entry.account, taker, t)
        giver, taker = check_and_move(draft, c, *ends, entry.shares, entry.lock_day, basis)
        draft.emit(EntryRecorded(draft.at(c.address), giver, taker, entry.ref))


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ends shares of a book account: CANCEL, REPURCHASE or RETRACTION."""

    share_class: Address
    header: ActHeader
    kind: int
    given: Consideration
    entry: Entry

    def run(self, draft: Draft) -> None:
        if not ActKind.CANCEL <= self.kind <= ActKind.RETRACTION:
            raise Refusal("KindMalformed", int(self.kind))
        c, entry = draft.share_class(self.share_class), self.entry
        book_holding(draft, c, entry.account)
        basis = record_act(draft, c, self.header, ActKind(self.kind), Basis.AGREEMENT)
        state_consideration(draft, c.address, self.given)
        end(draft, c, entry.account, entry.shares, entry.ref, basis)


@dataclass(frozen=True, slots=True)
class Reissue:
    """A certificate replaced by others; no balance changes."""

    share_class: Address
    header: ActHeader
    account: Address
    ref: Hash32

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        h = book_holding(draft, c, self.account)
        if h.balance == 0:
            raise Refusal("SharesMissing")
        basis = record_act(draft, c, self.header, ActKind.REISSUANCE, Basis.AGREEMENT)
        # No rule of moving is asked, but a register that is stopped or closed takes no entry.
        refuse(Rule(c.stops), basis, self.account, self.account, 0)
        draft.emit(EntryRecorded(draft.at(c.address), h, h, self.ref))


@dataclass(frozen=True, slots=True)
class Split:
    """Issues (ratio above one) or ends (below one) each account's difference."""

    share_class: Address
    header: ActHeader
    numerator: int
    denominator: int
    differences: tuple[Entry, ...]

    def run(self, draft: Draft) -> None:
        if not self.numerator or not self.denominator or self.numerator == self.denominator:
            raise Refusal("RatioMalformed", self.numerator, self.denominator)
        c = draft.share_class(self.share_class)
        require_unbound(draft, c.address)
        basis = record_act(draft, c, self.header, ActKind.SPLIT, Basis.LAW)
        draft.emit(SplitDeclared(draft.at(c.address), self.numerator, self.denominator))
        # A split is by law and asks no rule of receiving, so it reaches nobody who holds nothing.
        for entry in self.differences:
            h = holding_of(draft, c, entry.account)
            if h is None or h.balance == 0:
                raise Refusal("SharesMissing")
        if self.numerator > self.denominator:
            issue_all(draft, c, self.differences, basis)
            return
        require_batch(len(self.differences))
        for entry in self.differences:
            end(draft, c, entry.account, entry.shares, entry.ref, basis)


@dataclass(frozen=True, slots=True)
class SetLock:
    """Sets an account's lock-up day; 0 ends it."""

    share_class: Address
    header: ActHeader
    account: Address
    lock_day: Day

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        h = holding_of(draft, c, self.account)
        if h is None:
            raise Refusal("SharesMissing")
        record_act(draft, c, self.header, ActKind.LOCK, Basis.NONE)
        h = Holding(
            h.party,
            h.account,
            h.balance,
            h.encumbered,
            self.lock_day,
            h.saved_epoch,
            h.first_epoch,
            h.weight,
        )
        c.holdings[h.party, h.account] = h
        draft.emit(HoldingChanged(draft.at(c.address), h))


@dataclass(frozen=True, slots=True)
class SetAuthorised:
    """Changes the authorised shares, never below the issued ones with those kept free for raises."""

    share_class: Address
    header: ActHeader
    authorised: Shares

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        record_act(draft, c, self.header, ActKind.AUTHORISE, Basis.NONE)
        bound = c.authorised - c.room
        if self.authorised < bound:
            raise Refusal("AuthorisedBelowIssued", self.authorised, bound)
        require_savable(self.authorised)
        c.authorised = self.authorised
        set_class(draft, c)


@dataclass(frozen=True, slots=True)
class AdmitCategories:
    """Which categories may receive from now on."""

    share_class: Address
    header: ActHeader
    categories: int

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        if self.categories & 1:
            raise Refusal("ClassMalformed", c.decimals, self.categories)
        record_act(draft, c, self.header, ActKind.ADMIT, Basis.NONE)
        c.categories = self.categories
        set_class(draft, c)


@dataclass(frozen=True, slots=True)
class SetRecordDate:
    """Fixes the register after the last block not later than `time`, which may lie ahead."""

    share_class: Address
    header: ActHeader
    time: int

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        require_actor(draft, draft.state.company_of(c), CompanyRole.TRANSFER_AGENT | CompanyRole.OFFERING)
        set_record_date(draft, c, self.header, self.time, draft.actor)


def set_record_date(draft: Draft, c: ClassState, header: ActHeader, time: int, actor: Address) -> int:
    """The act, for whoever may: an agent, or an escrow that asks the holders. Answers the record date's number."""
    draft.record(c.address, header, ActKind.RECORD_DATE, actor=actor)
    previous = c.record_times[-1] if c.record_times else 0
    if time <= previous or time < draft.time:
        raise Refusal("RecordTimeMalformed", time, previous)
    roll(c, draft.time)
    count = len(c.record_times)
    if c.queued == MAX_QUEUED or count == MAX_RECORD_DATES:
        raise Refusal("TooManyEntries", count, count)
    epoch = append_record_date(c, time)
    draft.emit(RecordDateSet(draft.at(c.address), epoch, time))
    set_class(draft, c)
    return epoch
