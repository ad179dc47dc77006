"""What the mirror says of a dividend, held against the chain at the same block, before it goes onto paper."""

from __future__ import annotations

from collections.abc import Sequence

from registry.acts.desk import ReadingDesk
from registry.chain.payout_logs import events_of_distribution
from registry.domain.events_payout import EntitlementsHandled, ScripDelivered
from registry.domain.ids import Hash32, PartyId, Shares
from registry.domain.keccak import keccak256
from registry.domain.payout_args import LEAF, HolderRow, Payment, Settlement
from registry.errors import HaltError
from registry.mirror.queries import AsOf
from registry.mirror.views_payout import Distribution, DividendLine

_SAME = ("paid", "withheld", "parked", "lapsed", "remitted")
"""Sums that mirror and chain both keep [fen]."""


def prove(desk: ReadingDesk, known: Distribution, lines: Sequence[DividendLine]) -> None:
    """HaltError unless the chain has the same terms and sums, each line's row under its hash, what happened to it, and
    what was paid and withheld."""
    block = known.stand.block
    _prove_sums(desk, known, block)
    _prove_rows(desk, known, lines, block)
    settlements = desk.payouts.settlements_of(known.number, [line.row for line in lines], block)
    handled, delivered = _told(desk, known.number, block)
    for line, settlement in zip(lines, settlements, strict=True):
        where = f"party {line.party}"
        _require(known, where, "settlement", line.settlement, settlement)
        if settlement == Settlement.NONE:
            continue
        payment = handled.get(line.party)
        tax = line.tax if line.settlement == Settlement.PAID else 0
        told = None if payment is None else (payment.gross, payment.tax, payment.settlement)
        _require(known, where, "gross, tax and settlement", (line.gross, tax, line.settlement), told)
        scrip = (line.scrip_shares, line.scrip_cost)
        _require(known, where, "shares instead of cash", scrip, delivered.get(line.party, (Shares(0), 0)))


def _prove_sums(desk: ReadingDesk, known: Distribution, block: int) -> None:
    word = desk.payouts.distribution(known.number, block)
    terms = known.terms
    said = {name: getattr(known.summary, name) for name in _SAME} | {
        "state": known.phase,
        "class": terms.share_class,
        "record date": terms.epoch,
        "schedule": terms.schedule,
        "rate": terms.rate,
        "declared": known.summary.declared,
        "expires_at": known.expires_at,
        "is_short": known.is_short,
        "entitled": known.entitled,
        "handled": known.handled,
    }
    stored = {name: getattr(word, name) for name in _SAME} | {
        "state": word.state,
        "class": word.share_class,
        "record date": word.epoch,
        "schedule": word.schedule,
        "rate": word.rate,
        "declared": word.declared,
        "expires_at": word.expires_at,
        "is_short": word.is_short,
        "entitled": word.entitled,
        "handled": word.handled,
    }
    for name, value in said.items():
        _require(known, "its terms and sums", name, value, stored[name])


def _prove_rows(desk: ReadingDesk, known: Distribution, lines: Sequence[DividendLine], block: int) -> None:
    """The whole leaf of each line is read: the hash stands for eight rows together."""
    leaves = sorted({line.row // LEAF for line in lines})
    stored = desk.payouts.leaves_of(known.number, leaves, block)
    told = {line.row: line for line in lines}
    for leaf, expected in zip(leaves, stored, strict=True):
        page = desk.queries.dividend_lines(known.number, AsOf(block), cursor=str(leaf * LEAF), limit=LEAF)
        for row in page.items:
            if row.row in told:
                _require(known, f"row {row.row}", "holder", _row(told[row.row]), _row(row))
        _require(known, f"rows from {leaf * LEAF} on", "hash", leaf_hash([_row(row) for row in page.items]), expected)


def leaf_hash(rows: Sequence[HolderRow]) -> Hash32:
    """As the contract keeps rows of the fixed register together."""
    return keccak256(b"".join(row.pack().to_bytes(32, "big") for row in rows))


def _row(line: DividendLine) -> HolderRow:
    return HolderRow(line.party, line.shares, line.account)


def _told(
    desk: ReadingDesk, distribution: int, block: int
) -> tuple[dict[PartyId, Payment], dict[PartyId, tuple[Shares, int]]]:
    """Of each party what the chain's log says last: of its part, and of shares it got instead of cash."""
    handled: dict[PartyId, Payment] = {}
    delivered: dict[PartyId, tuple[Shares, int]] = {}
    for event in events_of_distribution(desk.node, desk.deployment, distribution, block):
        if isinstance(event, EntitlementsHandled):
            handled |= {payment.party: payment for payment in event.payments}
        elif isinstance(event, ScripDelivered):
            delivered[event.party] = (event.shares, event.cost)
    return handled, delivered


def _require(known: Distribution, where: str, what: str, said: object, stored: object) -> None:
    if said != stored:
        raise HaltError(
            f"dividend {known.number}, {where}: mirror and chain differ in {what} at block {known.stand.block}: "
            f"{said} and {stored}; nothing was written. `equity audit` tells where it comes from"
        )
