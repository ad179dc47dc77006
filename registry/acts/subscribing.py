"""What a subscriber does: ask beforehand, subscribe with one signature, withdraw. Each party once to a raise."""

from __future__ import annotations

import hashlib

from registry.acts.desk import PLATFORM, Desk
from registry.acts.operations import Done, Request, carry_out, carry_out_once, header_for
from registry.acts.raising import Raise
from registry.chain import contracts_raise
from registry.chain.raise_logs import subscription_events
from registry.chain.refusals import subscription_refused
from registry.chain.sign import Payment
from registry.domain.events_raise import Subscribed
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.subscription_rules import SubscriptionRule, subscription_rules_in
from registry.errors import InputError

_YEAR = 365 * 86_400


def broken_rules(
    desk: Desk, target: Raise, account: Address, amount: int, disclosure: Hash32 | None = None
) -> tuple[SubscriptionRule, ...]:
    """All rules that would refuse this subscription in the next block, lowest first. Without a disclosure of the
    subscriber's that of the raise is taken: the question is then about everything else."""
    given = target.terms.disclosure if disclosure is None else disclosure
    return subscription_rules_in(_broken(desk, target, account, amount, given))


def subscribe(desk: Desk, key: str, target: Raise, wallet: str, amount: int, disclosure: Hash32) -> Done | None:
    """A wallet among the keystores signs once; the platform brings the signature. `disclosure` is the hash of the
    subscriber's signed copy. None where this very subscription is on the chain already; InputError where the key was
    used for another one."""
    account = desk.account(wallet)
    payment = Payment(target.offering, amount, disclosure, _salt(key), target.terms.closes_at + _YEAR)

    def is_there() -> bool:
        return _is_subscribed(desk, target, account, payment, key)

    if not is_there():
        _require_unbroken(desk, target, account, amount, disclosure)
    signature = desk.keys[account].sign_payment(desk.deployment, payment)
    calldata = contracts_raise.offering.subscribe(
        account, amount, disclosure, payment.salt, payment.valid_before, signature
    )
    work = f"subscribe {payment.nonce.hex()} {account.hex()}"
    return carry_out_once(desk, PLATFORM, target.offering, calldata, work, "subscribe by signature", is_there)


def subscribe_for(
    desk: Desk, request: Request, target: Raise, account: Address, amount: int, disclosure: Hash32
) -> Done:
    """For a book account, on its owner's signed instruction, whose hash is the act's document."""
    header = header_for(desk, "subscribe_for", request)
    if desk.outbox.get(header.operation) is None and not desk.reads.is_done(target.offering, header.operation):
        _require_unbroken(desk, target, account, amount, disclosure)
    calldata = contracts_raise.offering.subscribe_for(header, account, amount, disclosure)
    return carry_out(desk, PLATFORM, target.offering, calldata, header.operation, "subscribe for a book account")


def withdraw(desk: Desk, target: Raise, wallet: str) -> Done | None:
    """Within the cooling-off period, by the wallet that paid or another open one of the party: all comes back. None
    where the party has withdrawn already."""
    sender = desk.account(wallet)
    party = desk.reads.standing_of(sender)[0].id
    account, paid_at = _newest(desk, target, sender, party)

    def is_gone() -> bool:
        return desk.raises.subscription(target.offering, party).paid_at != paid_at

    calldata = contracts_raise.offering.withdraw(account)
    work = f"withdraw {target.offering.hex()} {party} {paid_at}"
    return carry_out_once(desk, wallet, target.offering, calldata, work, "withdraw a subscription", is_gone)


def withdraw_for(desk: Desk, request: Request, target: Raise, account: Address) -> Done:
    """For a book account, on its owner's signed instruction."""
    header = header_for(desk, "withdraw_for", request)
    calldata = contracts_raise.offering.withdraw_for(header, account)
    return carry_out(desk, PLATFORM, target.offering, calldata, header.operation, "withdraw for a book account")


def _is_subscribed(desk: Desk, target: Raise, account: Address, payment: Payment, key: str) -> bool:
    """Raise and amount are no part of the nonce, so that a key that meant something else is noticed, not paid twice."""
    if not desk.raises.is_authorization_used(account, payment.nonce):
        return False
    said = (account, payment.amount, payment.disclosure)
    for event in subscription_events(desk.node, desk.deployment, target.offering):
        if isinstance(event, Subscribed) and (event.account, event.amount, event.disclosure) == said:
            return True
    message = "this key stands for another payment of the wallet, to another raise or of another amount, or called back"
    raise InputError(message, code="operation_id_reused", object=f"raise {target.number}", field="key", value=key)


def _newest(desk: Desk, target: Raise, sender: Address, party: PartyId) -> tuple[Address, int]:
    """Account and time of the party's newest subscription; the time is -1 once it has withdrawn, and 0 if it never
    subscribed, which the contract refuses."""
    account, paid_at = sender, 0
    for event in subscription_events(desk.node, desk.deployment, target.offering):
        if event.party != party:
            continue
        account, paid_at = (event.account, event.paid_at) if isinstance(event, Subscribed) else (sender, -1)
    return account, paid_at


def _require_unbroken(desk: Desk, target: Raise, account: Address, amount: int, disclosure: Hash32) -> None:
    """Asks before anybody signs; RejectedError with all rules and their texts in both languages."""
    if not 0 < amount < 2**64:
        raise InputError("an amount is above zero and fits 64 bits", code="amount", field="amount", value=amount)
    broken = _broken(desk, target, account, amount, disclosure)
    if broken:
        raise subscription_refused(broken, account, amount)


def _broken(desk: Desk, target: Raise, account: Address, amount: int, disclosure: Hash32) -> int:
    """As the next block will judge: on a chain without traffic the newest one may be older than the window."""
    time = desk.next_time()
    return desk.raises.subscription_rules_broken_at(time, target.offering, account, amount, disclosure)


def _salt(key: str) -> Hash32:
    """The same idempotency key, the same payment: the token lets it be used once."""
    if not key:
        raise InputError("an idempotency key is not empty", code="key_missing", field="key")
    return Hash32(hashlib.sha256(f"equity subscription\x00{key}".encode()).digest())
