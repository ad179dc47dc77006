"""Commands of the SettlementToken: the custodian bank's, the regulator's, and those of whoever has money.

Signatures (ERC-2612, ERC-3009) come as a statement whether they are good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.domain.args import ZERO_ADDRESS, ActHeader
from registry.domain.commands.draft import Draft, Refusal, require_batch
from registry.domain.events import Approval, Transfer
from registry.domain.events_raise import (
    AccountFrozen,
    AuthorizationCanceled,
    AuthorizationUsed,
    Burned,
    Minted,
    MoneyStopped,
)
from registry.domain.ids import Address, Hash32
from registry.domain.raise_args import BankLine
from registry.domain.raising import MoneyState
from registry.domain.rules import ActKind, RegistryRole

MAX_SUPPLY = 2**64 - 1
INFINITE = 2**256 - 1
BY_BLOCK = 1 << 47
"""ERC-3009 in OpenZeppelin: set in both bounds, they are numbers of blocks."""

EITHER_STOPS = RegistryRole.CUSTODIAN | RegistryRole.REGULATOR


# --- the one move ---


def move_money(draft: Draft, giver: Address, taker: Address, amount: int) -> None:
    """Every transfer ends here [fen]."""
    money = draft.state.money
    _require_moving(money)
    if draft.state.is_book(taker) and not draft.state.is_registered(taker):
        raise Refusal("AccountUnknown", taker)
    _take(money, giver, amount)
    money.add(taker, amount)
    draft.emit(Transfer(draft.at(draft.raising.token), giver, taker, amount))


def pay(draft: Draft, giver: Address, taker: Address, amount: int) -> None:
    """A contract of a raise sends money; nothing is sent for nothing."""
    if amount:
        move_money(draft, giver, taker, amount)


def collect(draft: Draft, raiser: Address, account: Address, amount: int) -> None:
    """Takes money out of a book account into a raise, on its owner's signed instruction."""
    if raiser not in draft.state.enrolled:
        raise Refusal("NotAuthorised", raiser, int(RegistryRole.OFFERINGS))
    if not draft.state.is_book(account):
        raise Refusal("NotABookAccount", account)
    move_money(draft, account, raiser, amount)


def spend(draft: Draft, owner: Address, spender: Address, amount: int) -> None:
    """Takes from an allowance; an infinite one stays."""
    allowances = draft.state.money.allowances
    allowed = allowances.get((owner, spender), 0)
    if allowed == INFINITE:
        return
    if allowed < amount:
        raise Refusal("ERC20InsufficientAllowance", spender, allowed, amount)
    if owner == ZERO_ADDRESS:
        raise Refusal("ERC20InvalidApprover", ZERO_ADDRESS)
    allowances[owner, spender] = allowed - amount


def use_authorisation(draft: Draft, a: Authorisation, amount: int) -> None:
    """ERC-3009 after the signature: the time, the nonce, the move."""
    by_block = a.valid_after & a.valid_before & BY_BLOCK
    now = draft.block if by_block else draft.time
    if not a.valid_after & ~by_block < now < a.valid_before & ~by_block:
        raise Refusal("ERC3009InvalidAuthorizationTime", a.valid_after, a.valid_before)
    _use_nonce(draft, a.giver, a.nonce)
    draft.emit(AuthorizationUsed(draft.at(draft.raising.token), a.giver, a.nonce))
    transfer(draft, a.giver, a.taker, amount)


def transfer(draft: Draft, giver: Address, taker: Address, amount: int) -> None:
    """ERC-20: neither from nobody nor to nobody."""
    if giver == ZERO_ADDRESS:
        raise Refusal("ERC20InvalidSender", ZERO_ADDRESS)
    if taker == ZERO_ADDRESS:
        raise Refusal("ERC20InvalidReceiver", ZERO_ADDRESS)
    move_money(draft, giver, taker, amount)


def transfer_from(draft: Draft, spender: Address, giver: Address, taker: Address, amount: int) -> None:
    spend(draft, giver, spender, amount)
    transfer(draft, giver, taker, amount)


def transfer_many(draft: Draft, giver: Address, payouts: Sequence[tuple[Address, int]]) -> None:
    """Many accounts at once: `SettlementToken.transferMany`."""
    money = draft.state.money
    _require_moving(money)
    _take(money, giver, sum(amount for _, amount in payouts))
    for taker, amount in payouts:
        if taker == ZERO_ADDRESS:
            raise Refusal("ERC20InvalidReceiver", taker)
        if draft.state.is_book(taker) and not draft.state.is_registered(taker):
            raise Refusal("AccountUnknown", taker)
        money.add(taker, amount)
        draft.emit(Transfer(draft.at(draft.raising.token), giver, taker, amount))


def _take(money: MoneyState, account: Address, amount: int) -> None:
    cash = money.cash(account)
    if cash.is_frozen:
        raise Refusal("MoneyFrozen", account)
    if amount > cash.balance:
        raise Refusal("ERC20InsufficientBalance", account, cash.balance, amount)
    money.take(account, amount)


def _require_moving(money: MoneyState) -> None:
    if money.is_stopped:
        raise Refusal("MoneyIsStopped")


def _use_reference(money: MoneyState, line: BankLine) -> None:
    if not any(line.ref):
        raise Refusal("ReferenceMissing", line.account)
    if line.amount == 0:
        raise Refusal("AmountMissing", line.account)
    if line.ref in money.references:
        raise Refusal("ReferenceUsed", line.ref)
    money.references.add(line.ref)


def _use_nonce(draft: Draft, signer: Address, nonce: Hash32) -> None:
    used = draft.state.money.used
    if (signer, nonce) in used:
        raise Refusal("ERC3009UsedAuthorization", signer, nonce)
    used.add((signer, nonce))


# --- the bank, and orders ---


@dataclass(frozen=True, slots=True)
class Mint:
    """CUSTODIAN. To accounts of registered parties."""

    header: ActHeader
    lines: tuple[BankLine, ...]

    def run(self, draft: Draft) -> None:
        money, token = draft.state.money, draft.raising.token
        draft.require_registry_role(RegistryRole.CUSTODIAN)
        require_batch(len(self.lines))
        _require_moving(money)
        draft.record(token, self.header, ActKind.MINT)
        for line in self.lines:
            if not draft.state.is_registered(line.account):
                raise Refusal("AccountUnknown", line.account)
            _use_reference(money, line)
            if line.amount > MAX_SUPPLY - money.supply:
                raise Refusal("AmountTooLarge", line.amount)
            money.minted += line.amount
            money.add(line.account, line.amount)
            draft.emit(Transfer(draft.at(token), ZERO_ADDRESS, line.account, line.amount))
            draft.emit(Minted(draft.at(token), line.account, line.amount, line.ref))


@dataclass(frozen=True, slots=True)
class Burn:
    """CUSTODIAN. From book accounts, on their owners' instructions, and from the bank's own account."""

    header: ActHeader
    lines: tuple[BankLine, ...]

    def run(self, draft: Draft) -> None:
        money, token = draft.state.money, draft.raising.token
        draft.require_registry_role(RegistryRole.CUSTODIAN)
        require_batch(len(self.lines))
        _require_moving(money)
        draft.record(token, self.header, ActKind.BURN)
        for line in self.lines:
            if not draft.state.is_book(line.account) and line.account != draft.actor:
                raise Refusal("NotABookAccount", line.account)
            _use_reference(money, line)
            _take(money, line.account, line.amount)
            money.burned += line.amount
            draft.emit(Transfer(draft.at(token), line.account, ZERO_ADDRESS, line.amount))
            draft.emit(Burned(draft.at(token), line.account, line.amount, line.ref))


@dataclass(frozen=True, slots=True)
class StopMoney:
    """REGULATOR or CUSTODIAN. While stopped no money moves at all. `SettlementToken.setStopped`."""

    header: ActHeader
    stopped: bool

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(EITHER_STOPS)
        draft.record(draft.raising.token, self.header, ActKind.STOP_MONEY)
        draft.state.money.is_stopped = self.stopped
        draft.emit(MoneyStopped(draft.at(draft.raising.token), self.stopped))


@dataclass(frozen=True, slots=True)
class FreezeMoney:
    """REGULATOR, by order. The account sends nothing; it still receives. `SettlementToken.setFrozen`."""

    header: ActHeader
    account: Address
    frozen: bool

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.REGULATOR)
        draft.record(draft.raising.token, self.header, ActKind.FREEZE_MONEY)
        draft.state.money.freeze(self.account, self.frozen)
        draft.emit(AccountFrozen(draft.at(draft.raising.token), self.account, self.frozen))


# --- whoever has money ---


@dataclass(frozen=True, slots=True)
class SendMoneyToMany:
    """`SettlementToken.transferMany`."""

    payouts: tuple[tuple[Address, int], ...]

    def run(self, draft: Draft) -> None:
        transfer_many(draft, draft.actor, self.payouts)


@dataclass(frozen=True, slots=True)
class SendMoney:
    """`SettlementToken.transfer`."""

    taker: Address
    amount: int

    def run(self, draft: Draft) -> None:
        transfer(draft, draft.actor, self.taker, self.amount)


@dataclass(frozen=True, slots=True)
class SendMoneyFrom:
    """With an allowance. `SettlementToken.transferFrom`."""

    giver: Address
    taker: Address
    amount: int

    def run(self, draft: Draft) -> None:
        transfer_from(draft, draft.actor, self.giver, self.taker, self.amount)


@dataclass(frozen=True, slots=True)
class AllowMoney:
    """`SettlementToken.approve`."""

    spender: Address
    amount: int

    def run(self, draft: Draft) -> None:
        _allow(draft, draft.actor, self.spender, self.amount)


@dataclass(frozen=True, slots=True)
class PermitMoney:
    """An allowance by signature (ERC-2612). `signer`: whose signature it is."""

    owner: Address
    spender: Address
    amount: int
    deadline: int
    signer: Address

    def run(self, draft: Draft) -> None:
        if draft.time > self.deadline:
            raise Refusal("ERC2612ExpiredSignature", self.deadline)
        if self.signer != self.owner:
            raise Refusal("ERC2612InvalidSigner", self.signer, self.owner)
        _allow(draft, self.owner, self.spender, self.amount)


def _allow(draft: Draft, owner: Address, spender: Address, amount: int) -> None:
    if owner == ZERO_ADDRESS:
        raise Refusal("ERC20InvalidApprover", ZERO_ADDRESS)
    if spender == ZERO_ADDRESS:
        raise Refusal("ERC20InvalidSpender", ZERO_ADDRESS)
    draft.state.money.allowances[owner, spender] = amount
    draft.emit(Approval(draft.at(draft.raising.token), owner, spender, amount))


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What a payer signs (ERC-3009): valid after and before two moments [unix s], both excluded."""

    giver: Address
    taker: Address
    valid_after: int
    valid_before: int
    nonce: Hash32


@dataclass(frozen=True, slots=True)
class SendAuthorised:
    """ERC-3009, sent by anybody. `is_signed` says whether the giver's signature is good."""

    giver: Address
    taker: Address
    amount: int
    valid_after: int
    valid_before: int
    nonce: Hash32
    is_signed: bool = True

    def run(self, draft: Draft) -> None:
        if not self.is_signed:
            raise Refusal("ERC3009InvalidSignature")
        signed = Authorisation(self.giver, self.taker, self.valid_after, self.valid_before, self.nonce)
        use_authorisation(draft, signed, self.amount)


@dataclass(frozen=True, slots=True)
class ReceiveAuthorised:
    """ERC-3009, sent by the receiver. `is_signed` says whether the giver's signature is good."""

    giver: Address
    taker: Address
    amount: int
    valid_after: int
    valid_before: int
    nonce: Hash32
    is_signed: bool = True

    def run(self, draft: Draft) -> None:
        signed = Authorisation(self.giver, self.taker, self.valid_after, self.valid_before, self.nonce)
        receive(draft, draft.actor, signed, self.amount, self.is_signed)


def receive(draft: Draft, receiver: Address, signed: Authorisation, amount: int, is_signed: bool) -> None:
    """`receiveWithAuthorization`, called by `receiver`."""
    if not is_signed:
        raise Refusal("ERC3009InvalidSignature")
    if signed.taker != receiver:
        raise Refusal("ERC20InvalidReceiver", signed.taker)
    use_authorisation(draft, signed, amount)


@dataclass(frozen=True, slots=True)
class CancelAuthorisation:
    """ERC-3009: the nonce will not be used. `is_signed` says whether the signature is good."""

    giver: Address
    nonce: Hash32
    is_signed: bool = True

    def run(self, draft: Draft) -> None:
        if not self.is_signed:
            raise Refusal("ERC3009InvalidSignature")
        _use_nonce(draft, self.giver, self.nonce)
        draft.emit(AuthorizationCanceled(draft.at(draft.raising.token), self.giver, self.nonce))
