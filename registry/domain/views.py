"""The questions a ShareClass answers before anybody signs: which rules would refuse, what was held at a record date."""

from __future__ import annotations

from registry.domain.commands.draft import Refusal
from registry.domain.commands.seats import fits
from registry.domain.days import day_of
from registry.domain.ids import NOBODY, Address
from registry.domain.moves import balance_at
from registry.domain.register import ClassState, RegisterState
from registry.domain.rules import (
    Basis,
    Rule,
    applying,
    broken_by_giver,
    broken_by_taker,
    broken_issue,
    broken_move,
    code_of,
)
from registry.domain.words import Holding, PartyWord

_ZERO = Holding()


def broken_rules(
    state: RegisterState, share_class: Address, giver_at: Address, taker_at: Address, shares: int, time: int
) -> Rule:
    """All rules that refuse a holder's own transfer; 0 if it would succeed. `brokenRules`."""
    c = state.classes[share_class]
    giver, g = _opened(state, c, giver_at)
    taker, t = _opened(state, c, taker_at)
    basis = Basis.OWN_ACCOUNT if g.id == t.id else Basis.AGREEMENT
    has_seat = _has_seat(state, c, giver, taker, t, shares)
    broken = broken_move(c.word, giver, taker, g, t, shares, day_of(time, state.utc_offset), has_seat)
    return broken & applying(basis)


def broken_issue_rules(state: RegisterState, share_class: Address, taker_at: Address, shares: int, time: int) -> Rule:
    """All rules that refuse an issue by agreement. `brokenIssueRules`."""
    c = state.classes[share_class]
    taker, t = _opened(state, c, taker_at)
    has_seat = _has_seat(state, c, _ZERO, taker, t, shares)
    return broken_issue(c.word, taker, t, shares, c.room, day_of(time, state.utc_offset), has_seat)


def restriction(
    state: RegisterState, share_class: Address, giver_at: Address, taker_at: Address, shares: int, time: int
) -> int:
    """ERC-1404's code: 0, or the first rule that refuses. `detectTransferRestriction`."""
    return code_of(broken_rules(state, share_class, giver_at, taker_at, shares, time))


def can_send(state: RegisterState, address: Address, time: int) -> bool:
    """ERC-7943: may this account send at all? Neither stops nor balance nor lock-up are asked."""
    party, number = state.account_of(address)
    word = state.party_word(party)
    return not broken_by_giver(Holding(party, number), word, 0, day_of(time, state.utc_offset))


def can_receive(state: RegisterState, share_class: Address, address: Address, time: int) -> bool:
    """ERC-7943: may this account receive shares of this class at all?"""
    party, number = state.account_of(address)
    word, categories = state.party_word(party), state.classes[share_class].categories
    return not broken_by_taker(Holding(party, number), word, categories, day_of(time, state.utc_offset))


def can_transfer(
    state: RegisterState, share_class: Address, giver_at: Address, taker_at: Address, shares: int, time: int
) -> bool:
    """ERC-7943, by whose text the balance is not asked."""
    return not broken_rules(state, share_class, giver_at, taker_at, shares, time) & ~Rule.BALANCE


def balance_on_record(state: RegisterState, share_class: Address, address: Address, epoch: int, time: int) -> int:
    """[shares × 10^decimals] at a record date that has passed; raises `Refusal`. `balanceAt`."""
    c = state.classes[share_class]
    if not 0 < epoch <= len(c.record_times):
        raise Refusal("RecordDateUnknown", epoch)
    if time <= c.record_times[epoch - 1]:
        raise Refusal("RecordDateAhead", epoch, c.record_times[epoch - 1])
    return balance_at(c, state.account_of(address), epoch)


def _opened(state: RegisterState, c: ClassState, address: Address) -> tuple[Holding, PartyWord]:
    party, number = state.account_of(address)
    return c.holdings.get((party, number), Holding(party, number)), state.party_word(party)


def _has_seat(state: RegisterState, c: ClassState, giver: Holding, taker: Holding, t: PartyWord, shares: int) -> bool:
    if shares == 0 or taker.balance != 0 or taker.party == giver.party:
        return True
    leaving = giver.party if giver.party and giver.balance == shares else NOBODY
    return fits(state.company_of(c), leaving, t.id, t.weight)
