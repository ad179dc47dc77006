"""Commands of a holder: the ERC-20 functions of one ShareClass."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.args import ZERO_ADDRESS
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.register import Side, basis_of, check_and_move, holding_of, opened
from registry.domain.events import Approval, HoldingsMoved
from registry.domain.ids import BOOK, Address, Day
from registry.domain.register import ClassState

INFINITE = 2**256 - 1


@dataclass(frozen=True, slots=True)
class Transfer:
    """The holder moves its own shares."""

    share_class: Address
    taker: Address
    shares: int

    def run(self, draft: Draft) -> None:
        _transfer(draft, draft.share_class(self.share_class), draft.actor, self.taker, self.shares)


@dataclass(frozen=True, slots=True)
class TransferFrom:
    """With an allowance; the owner's open wallet needs none for the owner's book account."""

    share_class: Address
    giver: Address
    taker: Address
    shares: int

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        _spend_allowance(draft, c, self.giver, self.shares)
        _transfer(draft, c, self.giver, self.taker, self.shares)


@dataclass(frozen=True, slots=True)
class Approve:
    """An allowance."""

    share_class: Address
    spender: Address
    value: int

    def run(self, draft: Draft) -> None:
        c = draft.share_class(self.share_class)
        if draft.actor == ZERO_ADDRESS:
            raise Refusal("ERC20InvalidApprover", ZERO_ADDRESS)
        if self.spender == ZERO_ADDRESS:
            raise Refusal("ERC20InvalidSpender", ZERO_ADDRESS)
        c.allowances[draft.actor, self.spender] = self.value
        draft.emit(Approval(draft.at(c.address), draft.actor, self.spender, self.value))


def _spend_allowance(draft: Draft, c: ClassState, owner: Address, value: int) -> None:
    h = holding_of(draft, c, owner)
    if h is not None and h.account == BOOK:
        party, number = draft.state.account_of(draft.actor)
        if party == h.party and not draft.state.party_word(party).is_closed(number):
            return
    allowed = c.allowances.get((owner, draft.actor), 0)
    if allowed == INFINITE:
        return
    if allowed < value:
        raise Refusal("ERC20InsufficientAllowance", draft.actor, allowed, value)
    if owner == ZERO_ADDRESS:
        raise Refusal("ERC20InvalidApprover", ZERO_ADDRESS)
    c.allowances[owner, draft.actor] = allowed - value


def _transfer(draft: Draft, c: ClassState, giver_at: Address, taker_at: Address, shares: int) -> None:
    """The zero address is an account like any other that nobody has registered: the check names the rule."""
    giver, g = opened(draft, c, giver_at)
    taker, t = opened(draft, c, taker_at)
    ends = Side(giver_at, giver, g), Side(taker_at, taker, t)
    giver, taker = check_and_move(draft, c, *ends, shares, Day(0), basis_of(g, t))
    draft.emit(HoldingsMoved(draft.at(c.address), giver, taker))
