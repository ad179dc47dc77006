"""From the end of a raise's window on: closing, the cut, allotment in pages, settlement; or the refund in pages.

Anybody may do each step, and the chain shows which are done: the same call goes on where another one stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from registry.acts.desk import PLATFORM, Desk
from registry.acts.operations import Done, carry_out_once
from registry.acts.raising import Raise
from registry.chain import contracts_raise
from registry.chain.client import BlockRef
from registry.chain.raise_logs import subscribers
from registry.domain.cut import last_of
from registry.domain.ids import Address, PartyId
from registry.domain.raise_words import Subscription, Totals
from registry.domain.raising import OfferingPhase, SubscriptionStatus

PAGE = 50
"""Accounts of one transaction: far below the gas that one may use."""
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a raise stands after its subscribers were served. `parked` were frozen: their shares wait."""

    totals: Totals
    served: int
    parked: int

    @property
    def phase(self) -> OfferingPhase:
        return OfferingPhase(self.totals.phase)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A party's subscription, and the account that it was paid from."""

    party: PartyId
    account: Address
    subscription: Subscription


def subscribers_of(desk: Desk, target: Raise, block: BlockRef | None = None) -> list[Subscriber]:
    """All subscriptions that were not withdrawn as of a block or the newest, by party ascending."""
    at = desk.node.head() if block is None else block
    accounts = subscribers(desk.node, desk.deployment, target.offering, at.number)
    words = desk.raises.subscriptions_of(target.offering, list(accounts), at.hash)
    pairs = zip(accounts.items(), words, strict=True)
    return [Subscriber(party, account, word) for (party, account), word in pairs]


def close_raise(desk: Desk, target: Raise) -> Done | None:
    """After window and cooling-off: closing if the minimum is reached, else failed. None where it is over already."""

    def is_there() -> bool:
        return desk.raises.totals(target.offering).phase > OfferingPhase.OPEN

    calldata = contracts_raise.offering.close()
    work, label = f"close {target.offering.hex()}", f"close raise {target.number}"
    return carry_out_once(desk, PLATFORM, target.offering, calldata, work, label, is_there)


def verify_cut(desk: Desk, target: Raise) -> Done | None:
    """Where more was asked for than the maximum: who gets how much, computed here, verified by the contract. None where
    nothing is to be cut, or was cut already."""

    def is_there() -> bool:
        return desk.raises.totals(target.offering).raised != 0

    if is_there():
        return None
    price = target.terms.price
    words = {item.party: item.subscription for item in subscribers_of(desk, target)}
    asked = {party: (word.amount // price, word.paid_at) for party, word in words.items()}
    last = last_of(asked, target.terms.maximum // price)
    calldata = contracts_raise.offering.verify_cut(list(asked), last)
    work, label = f"cut {target.offering.hex()} {last}", f"cut of raise {target.number}"
    return carry_out_once(desk, PLATFORM, target.offering, calldata, work, label, is_there)


def allot(desk: Desk, target: Raise, report: Report = lambda _l, _d, _t: None) -> Standing:
    """Shares to all subscribers in pages; the last one settles the raise. Who was parked and is free gets its own."""
    return _in_pages(desk, target, "allotted", contracts_raise.offering.allot, _is_unallotted, report)


def refund(desk: Desk, target: Raise, report: Report = lambda _l, _d, _t: None) -> Standing:
    """All money back in pages, once the raise has failed."""
    return _in_pages(desk, target, "refunded", contracts_raise.offering.refund, _is_paid, report)


def fail_raise(desk: Desk, target: Raise) -> Done | None:
    """Ends a raise that was not allotted in its time for settling. None where it has failed already."""

    def is_there() -> bool:
        return desk.raises.totals(target.offering).phase == OfferingPhase.FAILED

    calldata = contracts_raise.offering.fail()
    work, label = f"fail {target.offering.hex()}", f"fail raise {target.number}"
    return carry_out_once(desk, PLATFORM, target.offering, calldata, work, label, is_there)


def settle(desk: Desk, target: Raise, report: Report = lambda _l, _d, _t: None) -> Standing:
    """Closes, cuts where it has to, allots; or finds that the raise failed, and then refunds are due."""
    close_raise(desk, target)
    if desk.raises.totals(target.offering).phase == OfferingPhase.FAILED:
        return _standing(desk, target)
    verify_cut(desk, target)
    return allot(desk, target, report)


def _in_pages(
    desk: Desk,
    target: Raise,
    what: str,
    call: Callable[[Sequence[Address]], bytes],
    is_due: Callable[[Desk, Subscriber], bool],
    report: Report,
) -> Standing:
    due = [item for item in subscribers_of(desk, target) if is_due(desk, item)]
    report(what, 0, len(due))
    for start in range(0, len(due), PAGE):
        page = due[start : start + PAGE]
        # What was parked comes a second time, with another status.
        lines = [(item.account, item.subscription.status) for item in page]
        label = f"{what}: {len(page)} subscribers of raise {target.number}"

        def is_there(page: Sequence[Subscriber] = page) -> bool:
            words = desk.raises.subscriptions_of(target.offering, [item.party for item in page])
            now = [replace(item, subscription=word) for item, word in zip(page, words, strict=True)]
            return not any(is_due(desk, item) for item in now)

        calldata = call([item.account for item in page])
        carry_out_once(
            desk,
            PLATFORM,
            target.offering,
            calldata,
            page_work(f"{what} {target.offering.hex()}", lines),
            label,
            is_there,
        )
        report(what, start + len(page), len(due))
    return _standing(desk, target)


def page_work(what: str, lines: Sequence[tuple[Address, int]]) -> str:
    """Names the work of one page: the same accounts in the same state are the same work."""
    text = "\n".join(f"{account.hex()} {state}" for account, state in lines)
    return f"{what} {hashlib.sha256(text.encode()).hexdigest()}"


def _is_paid(_: Desk, item: Subscriber) -> bool:
    return item.subscription.status == SubscriptionStatus.PAID


def _is_unallotted(desk: Desk, item: Subscriber) -> bool:
    if item.subscription.status == SubscriptionStatus.PARKED:
        return not desk.reads.party_word(item.party).is_frozen
    return item.subscription.status == SubscriptionStatus.PAID


def _standing(desk: Desk, target: Raise) -> Standing:
    head = desk.node.head()
    words = [item.subscription for item in subscribers_of(desk, target, head)]
    unserved = {SubscriptionStatus.PAID, SubscriptionStatus.PARKED}
    return Standing(
        totals=desk.raises.totals(target.offering, head.hash),
        served=sum(word.status not in unserved for word in words),
        parked=sum(word.status == SubscriptionStatus.PARKED for word in words),
    )
