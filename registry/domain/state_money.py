"""What the events of settlement token and regions do to the state: balances, the bank's references, halts, ceilings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from registry.domain.args import ZERO_ADDRESS, ZERO_HASH
from registry.domain.events import Approval, At, RegistryEvent, Transfer
from registry.domain.events_raise import (
    AccountFrozen,
    AuthorizationCanceled,
    AuthorizationUsed,
    Burned,
    Minted,
    MoneyStopped,
    RegionHalted,
    SchemeSet,
)
from registry.domain.findings import Check
from registry.domain.ids import Address, Hash32
from registry.domain.register import NO_REGION, RegisterState
from registry.domain.state_notes import met, note


def is_token(state: RegisterState, emitter: Address) -> bool:
    return state.raising is not None and emitter == state.raising.token


def transfer(state: RegisterState, e: Transfer) -> None:
    """An event of the token. From nobody and to nobody only with the bank's reference, which follows."""
    state.trail.last_of_money[e.giver] = state.trail.last_of_money[e.taker] = e.at
    if state.trail.minting is not None:
        _unexplained(state, state.trail.minting)
        state.trail.minting = None
    if ZERO_ADDRESS in (e.giver, e.taker):
        state.trail.minting = e
        return
    _judge(state, e)
    is_explained = met(state.trail.payments, (e.giver, e.taker, e.value))
    is_paying = state.paying is not None and e.giver == state.paying.distributions
    if not is_explained and (is_paying or e.giver in state.offerings or e.giver in state.escrows):
        note(state, Check.MONEY, e.at, f"{e.value} fen leave the contract {e.giver.hex()}, and no event says why")
    state.money.take(e.giver, e.value)
    state.money.add(e.taker, e.value)


def settle(state: RegisterState) -> None:
    """Ends a transaction: money that was to move has moved."""
    trail = state.trail
    if trail.minting is not None:
        _unexplained(state, trail.minting)
        trail.minting = None
    for giver, taker, amount in trail.payments:
        note(state, Check.MONEY, trail.last_at, f"{amount} fen did not move from {giver.hex()} to {taker.hex()}")
    trail.payments.clear()


def approval(state: RegisterState, e: Approval) -> None:
    state.money.allowances[e.owner, e.spender] = e.value


def _unexplained(state: RegisterState, e: Transfer) -> None:
    note(state, Check.MONEY, e.at, f"{e.value} fen minted or burned without the bank's reference")


def _judge(state: RegisterState, e: Transfer) -> None:
    """What the token would have refused."""
    money, giver = state.money, e.giver
    _judge_leaving(state, e.at, giver, e.value)
    if money.is_stopped:
        note(state, Check.MONEY, e.at, f"{e.value} fen moved while all money was stopped")
    if state.is_book(e.taker) and not state.is_registered(e.taker):
        note(state, Check.PARTY, e.at, f"money sent to {e.taker.hex()}, behind which nobody is registered")
    if state.is_book(giver) and e.taker not in state.enrolled:
        note(
            state,
            Check.MONEY,
            e.at,
            f"money of the book account {giver.hex()} left it otherwise than into a raise or dividend",
        )


def _judge_leaving(state: RegisterState, at: At, account: Address, amount: int) -> None:
    cash = state.money.cash(account)
    if cash.is_frozen:
        note(state, Check.MONEY, at, f"{amount} fen left the frozen account {account.hex()}")
    if amount > cash.balance:
        note(state, Check.NEGATIVE, at, f"{account.hex()} pays {amount} fen and has {cash.balance}")


def _minted(state: RegisterState, e: Minted) -> None:
    if not _is_token(state, e):
        return
    _judge_line(state, e.at, (ZERO_ADDRESS, e.account, e.amount), e.ref)
    if not state.is_registered(e.account):
        note(state, Check.PARTY, e.at, f"money minted for {e.account.hex()}, behind which nobody is registered")
    state.money.minted += e.amount
    state.money.add(e.account, e.amount)


def _burned(state: RegisterState, e: Burned) -> None:
    if not _is_token(state, e):
        return
    _judge_line(state, e.at, (e.account, ZERO_ADDRESS, e.amount), e.ref)
    _judge_leaving(state, e.at, e.account, e.amount)
    state.money.burned += e.amount
    state.money.take(e.account, e.amount)


def _judge_line(state: RegisterState, at: At, told: tuple[Address, Address, int], ref: Hash32) -> None:
    """A line of the bank: in an act, with a reference of its own, and the ERC-20 event before it says the same."""
    moved, state.trail.minting = state.trail.minting, None
    if at.emitter not in state.trail.acts:
        note(state, Check.ACT, at, "money minted or burned without an act")
    if moved is None or (moved.giver, moved.taker, moved.value) != told:
        note(state, Check.MONEY, at, f"the bank's line {told[2]} differs from what moved")
    if state.money.is_stopped:
        note(state, Check.MONEY, at, f"{told[2]} fen minted or burned while all money was stopped")
    if ref in state.money.references or ref == ZERO_HASH:
        note(state, Check.REFERENCE, at, f"the bank's reference {ref.hex()} a second time")
    state.money.references.add(ref)


def _stopped(state: RegisterState, e: MoneyStopped) -> None:
    if _is_token(state, e):
        _require_act(state, e)
        state.money.is_stopped = e.stopped


def _frozen(state: RegisterState, e: AccountFrozen) -> None:
    if _is_token(state, e):
        _require_act(state, e)
        state.money.freeze(e.account, e.frozen)
        state.trail.last_of_money[e.account] = e.at


def _authorisation(state: RegisterState, e: AuthorizationUsed | AuthorizationCanceled) -> None:
    if not _is_token(state, e):
        return
    if (e.authorizer, e.nonce) in state.money.used:
        note(state, Check.ONCE, e.at, f"authorisation {e.nonce.hex()} of {e.authorizer.hex()} a second time")
    state.money.used.add((e.authorizer, e.nonce))


def _scheme(state: RegisterState, e: SchemeSet) -> None:
    if not _is_regions(state, e):
        return
    state.regions[e.region] = replace(
        state.regions.get(e.region, NO_REGION),
        version=e.version,
        raise_ceiling=e.raise_ceiling,
        investor_ceiling=e.investor_ceiling,
    )


def _halted(state: RegisterState, e: RegionHalted) -> None:
    if not _is_regions(state, e):
        return
    word = state.regions.get(e.region, NO_REGION)
    if word.is_halted == e.halted:
        note(state, Check.REGION, e.at, f"region {e.region} halted or resumed a second time")
        return
    state.regions[e.region] = word.halted_from(e.at.time) if e.halted else word.resumed_at(e.at.time)


def _is_token(state: RegisterState, e: RegistryEvent) -> bool:
    if is_token(state, e.at.emitter):
        return True
    note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the settlement token")
    return False


def _is_regions(state: RegisterState, e: RegistryEvent) -> bool:
    if state.raising is None or e.at.emitter != state.raising.regions:
        note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the contract of the regions")
        return False
    _require_act(state, e)
    return True


def _require_act(state: RegisterState, e: RegistryEvent) -> None:
    if e.at.emitter not in state.trail.acts:
        note(state, Check.ACT, e.at, f"{type(e).__name__} without an act")


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    Minted: _minted,
    Burned: _burned,
    MoneyStopped: _stopped,
    AccountFrozen: _frozen,
    AuthorizationUsed: _authorisation,
    AuthorizationCanceled: _authorisation,
    SchemeSet: _scheme,
    RegionHalted: _halted,
}
