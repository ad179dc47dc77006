"""One raise as the chain has it at one block: phase, money, tranches, verdicts, seats that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.acts.desk import Desk
from registry.acts.raising import Raise
from registry.chain.client import BlockRef
from registry.chain.decode import Emitter, Kind
from registry.chain.raise_logs import events_of
from registry.domain.escrow import Miss, TrancheState
from registry.domain.events_escrow import ClaimsLapsed, MilestoneMissed
from registry.domain.raise_args import EscrowTerms, RatchetTerms
from registry.domain.raise_words import Case, Purse, Totals, Tranche
from registry.domain.raising import OfferingPhase
from registry.errors import InputError


@dataclass(frozen=True, slots=True)
class Money:
    """Where the money of a raise is [fen]; what came in is the sum of the rest. What lapsed counts as redeemed."""

    paid_in: int
    held: int
    released: int
    fee: int
    refunded: int
    redeemed: int

    def as_json(self) -> dict[str, int]:
        return {
            "in": self.paid_in,
            "held": self.held,
            "released": self.released,
            "fee": self.fee,
            "refunded": self.refunded,
            "redeemed": self.redeemed,
        }


@dataclass(frozen=True, slots=True)
class Overview:
    """A raise at one block. `time` [s] is the next block's, by which what is sent now will be judged; of an earlier
    block it is the block's own. `struck` are bits of the verifiers whose votes on a milestone are void; `slip` is how
    far the region's clock is behind civil time, for all its halts [s]. `claims_end` [s, region's clock] is the last
    second for puts, 0 until it is known; `lapsed` [fen] went where the terms say; `puts_open`: a milestone was missed
    that means a put."""

    target: Raise
    block: BlockRef
    time: int
    totals: Totals
    purse: Purse
    escrow: EscrowTerms
    ratchet: RatchetTerms
    tranches: tuple[Tranche, ...]
    cases: tuple[Case, ...]
    struck: tuple[int, ...]
    is_halted: bool
    slip: int
    seats_left: int
    claims_end: int
    lapsed: int
    puts_open: bool

    @property
    def clock(self) -> int:
        """The region's [s]."""
        return self.time - self.slip

    @property
    def phase(self) -> OfferingPhase:
        return OfferingPhase(self.totals.phase)

    @property
    def money(self) -> Money:
        return money_of(self.totals, self.purse, self.target.terms.fee_bps)

    def votes_for(self, milestone: int) -> int:
        return (self.cases[milestone].yes & ~self.struck[milestone]).bit_count()

    def votes_against(self, milestone: int) -> int:
        return (self.cases[milestone].no & ~self.struck[milestone]).bit_count()

    def state_of(self, milestone: int) -> TrancheState:
        return TrancheState(self.tranches[milestone].state)


def money_of(totals: Totals, purse: Purse, fee_bps: int) -> Money:
    """Before the settlement all live money is held by the raise; afterwards by the escrow, and by the raise what parked
    subscribers still get back."""
    is_settled = totals.phase == OfferingPhase.SETTLED
    fee = totals.raised * fee_bps // 10_000 if is_settled else 0
    held = totals.live - totals.raised + purse.held if is_settled else totals.live
    return Money(totals.money_in, held, purse.released, fee, totals.refunded, purse.redeemed)


def overview(desk: Desk, target: Raise, block: int | None = None) -> Overview:
    """All about one block, default the newest; InputError if the raise was not there yet."""
    if block is not None and block < target.since:
        message = f"raise {target.number} was created in block {target.since}"
        raise InputError(message, code="raise_unknown", object=f"raise {target.number}", field="block", value=block)
    at = desk.node.head() if block is None else desk.node.block(block)
    time = desk.next_time() if block is None else at.time
    reads, charter = desk.raises, desk.reads.charter(target.company, at.number)
    tranches = reads.tranches(target.escrow, at.number)
    struck = {kind: reads.panel(target.company, kind, at.number)[1] for kind in {tranche.kind for tranche in tranches}}
    region = reads.region_word(target.terms.region, at.number)
    (claims_end,) = reads.claims_ends_of([target.escrow], at.number)
    return Overview(
        target=target,
        block=at,
        time=time,
        totals=reads.totals(target.offering, at.number),
        purse=reads.purse(target.escrow, at.number),
        escrow=reads.escrow_terms(target.escrow, at.number),
        ratchet=reads.ratchet_terms(target.escrow, at.number),
        tranches=tuple(tranches),
        cases=tuple(reads.cases_now(target.company, target.escrow, range(len(tranches)), at.number, time)),
        struck=tuple(struck[tranche.kind] for tranche in tranches),
        is_halted=region.is_halted,
        slip=time - region.clock_at(time),
        seats_left=max(charter.cap - charter.seats - charter.pending, 0),
        claims_end=claims_end,
        lapsed=lapsed_of(desk, target, at.number) if claims_end else 0,
        puts_open=_are_puts_open(desk, target, tranches, at.number) if claims_end else False,
    )


def lapsed_of(desk: Desk, target: Raise, block: int) -> int:
    """[fen] What was due to shares that their subscribers no longer held, and went where the terms say."""
    events = events_of(desk.node, desk.deployment, [(Emitter(target.escrow, Kind.ESCROW), "ClaimsLapsed")], block)
    return sum(event.amount for event in events if isinstance(event, ClaimsLapsed))


def _are_puts_open(desk: Desk, target: Raise, tranches: Sequence[Tranche], block: int) -> bool:
    """A tranche that was only taken along by another's miss opens none."""
    events = events_of(desk.node, desk.deployment, [(Emitter(target.escrow, Kind.ESCROW), "MilestoneMissed")], block)
    missed = [event for event in events if isinstance(event, MilestoneMissed)]
    return any(tranches[event.milestone].on_miss == Miss.PUT for event in missed)
