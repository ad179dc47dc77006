"""The one check and the one move, as contracts/ShareRegister.sol and ShareClass.sol carry them out."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.args import ZERO_ADDRESS, ActHeader, Consideration, Entry
from registry.domain.commands.draft import Draft, Refusal, require_batch
from registry.domain.commands.seats import enter_seats, move_seats, recount
from registry.domain.events import ClassChanged, ConsiderationStated, EntryRecorded
from registry.domain.events import Transfer as Transferred
from registry.domain.ids import BOOK, MAX_SHARES, NOBODY, Address, Day, Hash32, PartyId, Shares
from registry.domain.moves import given, roll, save, save_supply, taken
from registry.domain.payout_args import DistributionPhase
from registry.domain.raising import OfferingPhase
from registry.domain.register import ClassState, CompanyState
from registry.domain.rules import (
    ActKind,
    Basis,
    CompanyRole,
    Phase,
    Rule,
    applying,
    broken_by_giver,
    broken_issue,
    broken_move,
    code_of,
)
from registry.domain.words import Holding, PartyWord

ZERO_HOLDING = Holding()


def require_actor(draft: Draft, company: CompanyState, role: CompanyRole) -> bool:
    """True while migrating, when only the migrator acts."""
    is_migrating = company.phase == Phase.MIGRATING
    needed = CompanyRole.MIGRATOR if is_migrating else role
    if not company.roles.get(draft.actor, 0) & needed:
        draft.refuse_actor(needed)
    return is_migrating


def require_unbound(draft: Draft, share_class: Address) -> None:
    """Shares of a raise keep their meaning until nothing is owed for them: `Company.requireUnbound`."""
    company = draft.state.company_of(draft.share_class(share_class))
    if share_class in bound_classes(draft, company) or _offers_scrip(draft, share_class):
        raise Refusal("ClassBound", share_class)


def _offers_scrip(draft: Draft, share_class: Address) -> bool:
    """Shares that a dividend offers were counted by the ratio of today."""
    live = (DistributionPhase.DECLARED, DistributionPhase.FIXED)
    found = draft.state.payouts.distributions.values()
    return any(d.terms.scrip_price and d.phase in live for d in found if d.terms.share_class == share_class)


def bound_classes(draft: Draft, company: CompanyState) -> list[Address]:
    """Of every raise that binds, in the order in which the company admitted them."""
    state, found = draft.state, []
    for address, roles in company.roles.items():
        o = state.offerings.get(address)
        if o is None or not roles & CompanyRole.OFFERING:
            continue
        is_open = o.phase in (OfferingPhase.OPEN, OfferingPhase.CLOSING)
        clock, lots = state.clock(o.terms.region, draft.time), o.totals.subscribers
        # A lot that is parked was bought in the shares of today.
        is_owed = o.totals.parked != 0 or state.escrows[o.escrow].is_owing(lots, clock)
        if is_open or (o.phase == OfferingPhase.SETTLED and is_owed):
            found.append(o.terms.share_class)
    return found


def record_act(draft: Draft, c: ClassState, header: ActHeader, kind: ActKind, basis: Basis) -> Basis:
    """Heads an act in a class; answers the basis on which its lines stand."""
    if require_actor(draft, draft.state.company_of(c), CompanyRole.TRANSFER_AGENT):
        basis = Basis.MIGRATION
    draft.record(c.address, header, kind, basis)
    return basis


def state_consideration(draft: Draft, contract: Address, given: Consideration) -> None:
    if given.kind:
        draft.emit(ConsiderationStated(draft.at(contract), given.kind, given.currency, given.price))


def set_class(draft: Draft, c: ClassState) -> None:
    draft.emit(ClassChanged(draft.at(c.address), c.word))


def refuse(broken: Rule, basis: Basis, giver: Address, taker: Address, shares: int) -> None:
    """Raises if a rule that applies on this basis is broken."""
    refusing = int(broken & applying(basis))
    if refusing:
        raise Refusal("Refused", code_of(refusing), refusing, giver, taker, shares)


def refuse_seat(giver: Address, taker: Address, shares: int) -> None:
    rule = Rule.HOLDERS_CAP
    raise Refusal("Refused", rule.code, int(rule), giver, taker, shares)


def require_savable(authorised: int) -> None:
    """A saved balance is kept as shares + 1, so authorised shares leave room for one more in 64 bits."""
    if authorised == MAX_SHARES:
        raise Refusal("AuthorisedTooLarge", authorised)


def holding_of(draft: Draft, c: ClassState, address: Address) -> Holding | None:
    """What is stored for an account in this class."""
    return c.holdings.get(draft.state.account_of(address))


def book_holding(draft: Draft, c: ClassState, address: Address) -> Holding:
    h = holding_of(draft, c, address)
    if h is None or h.account != BOOK:
        raise Refusal("NotABookAccount", address)
    return h


def opened(draft: Draft, c: ClassState, address: Address) -> tuple[Holding, PartyWord]:
    """The holding of an account, made if it is new to the class, and its party's word."""
    party, number = draft.state.account_of(address)
    word = draft.state.party_word(party)
    return c.holdings.get((party, number)) or Holding(party, number), word


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a move: the account's address, its holding, its party's word."""

    address: Address
    holding: Holding
    word: PartyWord


def basis_of(g: PartyWord, t: PartyWord) -> Basis:
    return Basis.OWN_ACCOUNT if g.id == t.id else Basis.AGREEMENT


def check_and_move(
    draft: Draft, c: ClassState, giver: Side, taker: Side, shares: int, lock_day: Day, basis: Basis
) -> tuple[Holding, Holding]:
    """The one way from account to account: the check, the move, the ERC-20 event. Answers the resulting words."""
    g, t = giver.word, taker.word
    broken = broken_move(c.word, giver.holding, taker.holding, g, t, shares, draft.today)
    refuse(broken, basis, giver.address, taker.address, shares)
    # Between accounts of one party the later lock-up stays; an empty move, which anybody may send, carries none.
    lock = max(lock_day, giver.holding.lock_day if g.id == t.id else 0) if shares else 0
    words = _move(draft, c, giver, taker, shares, Day(lock))
    draft.emit(Transferred(draft.at(c.address), giver.address, taker.address, Shares(shares)))
    return words


def _move(
    draft: Draft, c: ClassState, giving: Side, taking: Side, shares: int, lock_day: Day
) -> tuple[Holding, Holding]:
    """Moves shares that the check let pass: balances, saved balances, seats."""
    giver, taker, weight = giving.holding, taking.holding, taking.word.weight
    if giving.address == taking.address:
        return giver, giver
    roll(c, draft.time)
    g_account, t_account = (giver.party, giver.account), (taker.party, taker.account)
    giver, taker = save(c, g_account, giver), save(c, t_account, taker)
    leaves = shares != 0 and giver.balance == shares
    enters = shares != 0 and taker.balance == 0
    is_reweighed = taker.weight != weight
    giver, taker = given(giver, shares), taken(taker, shares, lock_day, weight)
    c.holdings[g_account], c.holdings[t_account] = giver, taker
    company = draft.state.company_of(c)
    if leaves and enters and giver.party == taker.party:
        # From one account of a party into another: as many accounts as before.
        leaves = enters = False
    if leaves or enters:
        left = giver.party if leaves else NOBODY
        if not move_seats(draft, company, left, taker.party if enters else NOBODY, weight):
            refuse_seat(giving.address, taking.address, shares)
    if is_reweighed and not enters:
        recount(draft, company, taker.party)
    return giver, taker


def issue_all(draft: Draft, c: ClassState, entries: tuple[Entry, ...], basis: Basis) -> None:
    """One line an entry, then the seats of all who entered."""
    require_batch(len(entries))
    entering: list[tuple[PartyId, int]] = []
    for entry in entries:
        word = issue_one(draft, c, entry, basis)
        if word is not None:
            entering.append((word.id, word.weight))
    if entering and not enter_seats(draft, draft.state.company_of(c), entering):
        refuse_seat(ZERO_ADDRESS, entries[0].account if len(entries) == 1 else ZERO_ADDRESS, 0)


def issue_one(draft: Draft, c: ClassState, entry: Entry, basis: Basis) -> PartyWord | None:
    """One line of an issue. Answers the party's word if its account held nothing before."""
    roll(c, draft.time)
    save_supply(c)
    taker, t = opened(draft, c, entry.account)
    broken = broken_issue(c.word, taker, t, entry.shares, c.room, draft.today)
    refuse(broken, basis, ZERO_ADDRESS, entry.account, entry.shares)
    held = taker.balance
    is_reweighed = taker.weight != t.weight
    account = (taker.party, taker.account)
    lock_day = entry.lock_day if entry.shares else Day(0)
    taker = taken(save(c, account, taker), entry.shares, lock_day, t.weight)
    if is_reweighed and held:
        recount(draft, draft.state.company_of(c), taker.party)
    c.holdings[account] = taker
    c.issued += entry.shares
    draft.emit(Transferred(draft.at(c.address), ZERO_ADDRESS, entry.account, entry.shares))
    draft.emit(EntryRecorded(draft.at(c.address), ZERO_HOLDING, taker, entry.ref))
    return t if held == 0 and entry.shares else None


def end(draft: Draft, c: ClassState, address: Address, shares: Shares, ref: Hash32, basis: Basis) -> None:
    """Shares that end."""
    account = draft.state.account_of(address)
    giver = c.holdings.get(account, ZERO_HOLDING)
    g = draft.state.party_word(giver.party)
    broken = Rule(c.stops) | broken_by_giver(giver, g, shares, draft.today)
    refuse(broken, basis, address, ZERO_ADDRESS, shares)
    roll(c, draft.time)
    save_supply(c)
    giver = save(c, account, giver)
    leaves = shares != 0 and giver.balance == shares
    giver = given(giver, shares)
    c.holdings[account] = giver
    c.issued -= shares
    if leaves:
        move_seats(draft, draft.state.company_of(c), giver.party, NOBODY, 0)
    draft.emit(Transferred(draft.at(c.address), address, ZERO_ADDRESS, shares))
    draft.emit(EntryRecorded(draft.at(c.address), giver, ZERO_HOLDING, ref))
