"""What anybody, holders and payers do with an escrow, on a settled raise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from registry.domain.raise_args import EscrowTerms, RatchetTerms, TrancheTerms
from tests.contracts.support import node
from tests.contracts.support.attesting import attest_all, pass_window
from tests.contracts.support.contracts import Event
from tests.contracts.support.ground import Ground, header, wallet_of
from tests.contracts.support.raising import (
    GRACE,
    NO_RATCHET,
    REDEEM,
    USUAL_BOOK,
    Raise,
    clock_to,
    escrow_terms,
    offering_terms,
    raw,
    settled,
    tranche,
)

PROCEEDS = 3_412_500
"""[fen] Of the usual raise: 3 500 shares at 10 yuan, less 2.5 %."""
WAITING, RELEASED, VOTING, MISSED = 1, 2, 3, 4


def scheduled(
    ground: Ground,
    *changes: dict[str, Any],
    escrow: EscrowTerms | None = None,
    ratchet: RatchetTerms = NO_RATCHET,
    book: dict[int, int] = USUAL_BOOK,
    **offering: Any,
) -> Raise:
    """A settled raise with one tranche for each of `changes`, equal parts unless they say so, 90 days apart."""
    terms = offering_terms(ground, **offering)
    return settled(ground, terms, escrow or escrow_terms(ground), tranches_of(terms, *changes), ratchet, book=book)


def tranches_of(terms: Any, *changes: dict[str, Any]) -> list[TrancheTerms]:
    count = len(changes)
    first = tranche(terms, value=10_000 // count, on_miss=REDEEM)
    lines = [replace(first, deadline=first.deadline + i * 90 * node.DAY) for i in range(count)]
    lines[-1] = replace(lines[-1], value=10_000 - first.value * (count - 1))
    return [replace(line, **change) for line, change in zip(lines, changes, strict=True)]


def founded(ground: Ground, shares: int = 10_000) -> str:
    """Grace is the founder: she holds preferred shares in her wallet."""
    founder = wallet_of(GRACE)
    ground.issue(ground.preferred, (founder, shares, 0, b"\0" * 32))
    return founder


def ratchet_of(ground: Ground, terms: Any, **changes: Any) -> RatchetTerms:
    """Of the first milestone: early until 30 days after the raise had to be settled, late 60 days after; 5 % each."""
    over = terms.closes_at + terms.cooling_off + terms.settle_within
    usual = RatchetTerms(
        milestone=0,
        source=1,
        founder=raw(wallet_of(GRACE)),
        early_by=over + 30 * node.DAY,
        early_bps=500,
        late_after=over + 60 * node.DAY,
        late_bps=500,
    )
    return replace(usual, **changes)


def release(done: Raise, milestone: int = 0) -> list[Event]:
    return done.escrow.act("release", milestone, by=done.ground.stranger)


def reach(done: Raise, milestone: int = 0) -> list[Event]:
    """Attested, undisputed, released."""
    attest_all(done.ground, done.escrow, milestone)
    pass_window(done.ground, done.escrow, milestone)
    return release(done, milestone)


def miss(done: Raise, milestone: int = 0) -> list[Event]:
    return done.escrow.act("miss", milestone, by=done.ground.stranger)


def pass_deadline(done: Raise, milestone: int = 0) -> None:
    """Jumps to the last second of the scheduled deadline, so that the next act comes after it."""
    clock_to(done.ground, done.tranches()[milestone].deadline)


def fail(done: Raise, milestone: int = 0) -> list[Event]:
    """Not attested in time, and anybody says so."""
    pass_deadline(done, milestone)
    return miss(done, milestone)


def redeem(done: Raise, *accounts: str) -> list[Event]:
    return done.escrow.act("redeem", list(accounts), by=done.ground.stranger)


def claims_end(done: Raise) -> int:
    """[s] Region clock: last second of the time for claims; 0 until it runs."""
    ends: int = done.escrow.read("claimsEnd")
    return ends


def pass_claims(done: Raise) -> None:
    """Jumps to the last second of the time for claims, so that the next act comes after it."""
    clock_to(done.ground, claims_end(done))


def lapse(done: Raise, *accounts: str) -> list[Event]:
    return done.escrow.act("lapse", list(accounts), by=done.ground.stranger)


def consent(done: Raise, party: int, milestone: int = 0, account: str | None = None) -> list[Event]:
    wallet = wallet_of(party)
    return done.escrow.act("consent", milestone, account or wallet, by=wallet)


def exercise(done: Raise, party: int, account: str | None = None) -> list[Event]:
    wallet = wallet_of(party)
    return done.escrow.act("exercisePut", account or wallet, by=wallet)


def pay_put(done: Raise, account: str, by: str) -> list[Event]:
    return done.escrow.act("payPut", account, by=by)


def put_of(done: Raise, party: int) -> tuple[int, int, bool]:
    shares, debt, is_paid = done.escrow.read("putOf", party)
    return shares, debt, is_paid


def allow(done: Raise, payer: str, amount: int = 2**60) -> None:
    """The payer lets the escrow take so much of its money."""
    done.ground.token.act("approve", done.escrow.address, amount, by=payer)


def ratchet(done: Raise, *accounts: str) -> list[Event]:
    return done.escrow.act("deliverRatchet", list(accounts), by=done.ground.stranger)


def reserved(done: Raise) -> int:
    """[shares] Kept free of the class's authorised number."""
    kept: int = done.ground.preferred.read("reservedShares")
    return kept


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def platform_act(done: Raise, function: str, *arguments: Any, by: str | None = None) -> list[Event]:
    """What the platform does on a book account owner's signed instruction."""
    return done.escrow.act(function, header(), *arguments, by=by or done.ground.platform)
