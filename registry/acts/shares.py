"""Shares: issue, the agent's transfer for a book account, a holder's own transfer, cancellation."""

from __future__ import annotations

from collections.abc import Sequence

from registry.acts.desk import AGENT, Desk
from registry.acts.operations import Done, Request, carry_out, header_for, request_id
from registry.chain import contracts
from registry.chain.send import hash_of
from registry.domain.args import Consideration, Entry
from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.domain.rules import BY_CODE, ActKind, rules_in
from registry.errors import InputError, RejectedError

NOTHING = Consideration()
CANCELLATIONS = {"cancel": ActKind.CANCEL, "repurchase": ActKind.REPURCHASE, "retraction": ActKind.RETRACTION}
MOST_ENTRIES = 200
_SHORT_REFERENCE = 31


def issue(
    desk: Desk, request: Request, share_class: Address, entries: Sequence[Entry], given: Consideration = NOTHING
) -> Done:
    """New shares to one or many accounts in one act."""
    if not 0 < len(entries) <= MOST_ENTRIES:
        message = f"an issue has 1 to {MOST_ENTRIES} lines"
        raise InputError(message, code="too_many_entries", field="entries", value=len(entries))
    header = header_for(desk, "issue", request)
    calldata = contracts.share_class.issue(header, given, entries)
    label = f"issue to {len(entries)} accounts"
    return carry_out(desk, AGENT, share_class, calldata, header.operation, label)


def transfer_for(
    desk: Desk, request: Request, share_class: Address, giver: Address, entry: Entry, given: Consideration = NOTHING
) -> Done:
    """Moves shares of a book account on its owner's signed instruction, whose hash is the act's document."""
    header = header_for(desk, "transfer_for", request)
    calldata = contracts.share_class.transfer_for(header, given, giver, entry)
    return carry_out(desk, AGENT, share_class, calldata, header.operation, "transfer for a holder")


def cancel(
    desk: Desk, request: Request, share_class: Address, kind: str, entry: Entry, given: Consideration = NOTHING
) -> Done:
    """Ends shares of a book account."""
    if kind not in CANCELLATIONS:
        message = f"a cancellation is one of {', '.join(CANCELLATIONS)}"
        raise InputError(message, code="kind", field="kind", value=kind)
    header = header_for(desk, "cancel", request)
    calldata = contracts.share_class.cancel(header, CANCELLATIONS[kind], given, entry)
    return carry_out(desk, AGENT, share_class, calldata, header.operation, kind)


def transfer(desk: Desk, key: str, share_class: Address, wallet: str, taker: Address, shares: int) -> Done:
    """A holder's own transfer from a wallet whose key is among the keystores. Checked before it is signed."""
    operation = request_id("transfer", key)
    if desk.outbox.get(operation) is None:
        check_transfer(desk, share_class, desk.account(wallet), taker, shares)
    calldata = contracts.share_class.transfer(taker, shares)
    return carry_out(desk, wallet, share_class, calldata, operation, "a holder's transfer")


def withdraw(desk: Desk, key: str, share_class: Address, wallet: str, party: PartyId, shares: Shares) -> Done:
    """A party's own wallet takes shares out of the party's book account."""
    holder = desk.account(wallet)
    operation = request_id("withdraw", key)
    calldata = contracts.share_class.transfer_from(desk.book(party), holder, shares)
    return carry_out(desk, wallet, share_class, calldata, operation, "out of the book account")


def check_transfer(desk: Desk, share_class: Address, giver: Address, taker: Address, shares: int) -> None:
    """Asks the class before anybody signs; RejectedError with code, rules and text in both languages."""
    broken = desk.reads.rules_broken_at(desk.next_time(), share_class, giver, taker, shares)
    if not broken:
        return
    rules = rules_in(broken)
    first = BY_CODE[rules[0].code]
    raise RejectedError(
        f"{first.id}: {first.text_en} / {first.text_zh} (code {first.code})",
        code="Refused",
        values={
            "code": first.code,
            "broken": broken,
            "rules": [rule.id for rule in rules],
            "from": "0x" + giver.hex(),
            "to": "0x" + taker.hex(),
            "shares": shares,
            "text_en": first.text_en,
            "text_zh": first.text_zh,
        },
    )


def reference(number: str) -> Hash32:
    """A certificate number as the chain keeps it: the text itself, or the hash of a long one."""
    text = number.encode()
    if len(text) <= _SHORT_REFERENCE:
        return Hash32(text.ljust(32, b"\0"))
    return hash_of(text)
