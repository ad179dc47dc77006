"""A dividend from its record date on: fixed, paid in pages or claimed, lapsed, closed, its tax remitted.

Anybody may do each step, and the chain shows which are done: the same call goes on where another one stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from registry.acts.desk import PLATFORM, Desk
from registry.acts.operations import Done, carry_out_once
from registry.chain import contracts_payout
from registry.chain.client import Block, BlockRef
from registry.chain.payout_logs import holders_of
from registry.chain.reads_payout import DistributionWord
from registry.chain.refusals import dividend_state_forbids
from registry.domain.days import civil
from registry.domain.entitlements import DividendSummary, is_parking
from registry.domain.ids import PartyId
from registry.domain.payout_args import LEAF, RATE_UNIT, DistributionPhase, HolderRow, Settlement
from registry.domain.words import PartyWord
from registry.errors import InputError, RejectedError, RetryableError

PAGE, PAGE_OF_SCRIP = 192, 48
"""Rows of one transaction, whole leaves; new shares cost more gas than money."""
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A holder's row in the fixed register, and what happened to it so far."""

    row: int
    holder: HolderRow
    settlement: Settlement
    word: PartyWord
    """The holder's standing as it is now."""
    is_waiting: bool
    """KYC lapsed or frozen, as things stand."""

    def is_payable(self, is_over: bool) -> bool:
        """Is there anything to do: pay it, or park it? After the expiry only what waits is still paid or parked."""
        if self.settlement == Settlement.PARKED:
            return not self.is_waiting
        return self.settlement == Settlement.NONE and (self.is_waiting or not is_over)


@dataclass(frozen=True, slots=True)
class Served:
    """Where a dividend stands after its holders were served: rows by what happened to them, and where the money is.

    `parked`: who waits, in the order of the register; `expired`: when it did, in civil time, None before that;
    `unsent` [fen]: withheld, and not remitted yet."""

    number: int
    phase: DistributionPhase
    rows: dict[Settlement, int]
    money: DividendSummary
    parked: tuple[Line, ...]
    expired: str | None
    unsent: int

    @property
    def is_late(self) -> bool:
        """Does somebody wait who is not paid any more, since the dividend expired?"""
        return self.expired is not None and self.rows[Settlement.NONE] > 0


def word_of(desk: Desk, distribution: int, block: Block = None) -> DistributionWord:
    """As the chain has it at a block; InputError for one that was never declared."""
    count = desk.payouts.distribution_count(block)
    if not 0 < distribution <= count:
        message = f"there is no such dividend; there are {count}"
        raise InputError(message, code="dividend_unknown", field="dividend", value=distribution)
    return desk.payouts.distribution(distribution, block)


def fix(desk: Desk, distribution: int) -> Done | None:
    """The register at the record date, with all accounts that held something then. None where it is fixed already."""
    word = word_of(desk, distribution)

    def is_there() -> bool:
        return desk.payouts.distribution(distribution).state != DistributionPhase.DECLARED

    if is_there():
        return None
    _require_passed(desk, distribution, word)
    desk.catch_up()
    cls = desk.queries.share_class(word.share_class)
    excluded = desk.payouts.excluded_of(distribution)
    register = desk.queries.register_at(cls.class_id, word.epoch, excluded=excluded)
    calldata = contracts_payout.distributions.fix(distribution, [each.account for each in register.accounts])
    return _once(desk, distribution, "fix", calldata, is_there)


def require_fixed(distribution: int, word: DistributionWord) -> None:
    """RejectedError `DistributionStateForbids`, as the chain would say, where there are no holders yet, or no more."""
    if word.state not in (DistributionPhase.FIXED, DistributionPhase.CLOSED):
        raise dividend_state_forbids(distribution, word.state)


def lines_of(desk: Desk, distribution: int, block: BlockRef | None = None) -> list[Line]:
    """The fixed register by row as of a block, or the newest; nobody until it is fixed."""
    at = desk.node.head() if block is None else block
    rows = holders_of(desk.node, desk.deployment, distribution, at.number)
    states = desk.payouts.settlements_of(distribution, range(len(rows)), at.hash)
    words, today = desk.reads.party_words([row.party for row in rows], at.hash), desk.today()
    known = enumerate(zip(rows, states, words, strict=True))
    return [Line(i, row, Settlement(state), word, is_parking(word, today)) for i, (row, state, word) in known]


def line_of(desk: Desk, distribution: int, party: PartyId) -> Line:
    """One holder's row; InputError for a party without a part."""
    for line in lines_of(desk, distribution):
        if line.holder.party == party:
            return line
    message = "the party has no part in this dividend"
    raise InputError(message, code="no_entitlement", field="party", value=party)


def pay(desk: Desk, distribution: int, report: Report = lambda _l, _d, _t: None) -> Served:
    """Pays everybody who is due, in pages: who has KYC lapsed or is frozen is parked, who was parked and is cured is
    paid. RejectedError while there are no holders, and before the payment date."""
    word = word_of(desk, distribution)
    require_fixed(distribution, word)
    is_over = _is_over(desk, word)

    def is_due(line: Line) -> bool:
        return line.is_payable(is_over)

    with _explained(desk, distribution, "it is paid from", word.payable_from):
        _in_pages(desk, distribution, "paid", contracts_payout.distributions.pay, is_due, report)
    return served(desk, distribution)


def claim(desk: Desk, distribution: int, party: PartyId, signer: str = PLATFORM) -> Done | None:
    """One holder's part, by anybody. None where it is paid, lapsed, or has to go on waiting: `line_of` tells which."""
    word = word_of(desk, distribution)
    require_fixed(distribution, word)
    is_over = _is_over(desk, word)
    line = line_of(desk, distribution, party)

    def is_there() -> bool:
        (state,) = desk.payouts.settlements_of(distribution, [line.row])
        return not replace(line, settlement=Settlement(state)).is_payable(is_over)

    with _explained(desk, distribution, "it is paid from", word.payable_from):
        return _claim(desk, distribution, line, is_there, signer)


def lapse(desk: Desk, distribution: int, report: Report = lambda _l, _d, _t: None) -> Served:
    """After the expiry: what was not paid goes to the remainder account, in pages. Who is frozen is parked.

    RejectedError while there are no holders, and up to the expiry."""
    word = word_of(desk, distribution)
    require_fixed(distribution, word)
    with _explained(desk, distribution, "what nobody got lapses from", word.expires_at + 1):
        _in_pages(desk, distribution, "lapsed", contracts_payout.distributions.lapse, _is_unhandled, report)
    return served(desk, distribution)


def close(desk: Desk, distribution: int) -> Done | None:
    """Once every row was handled: what roundings leave goes to the remainder account, tax to the tax account."""
    require_fixed(distribution, word_of(desk, distribution))

    def is_there() -> bool:
        return desk.payouts.distribution(distribution).state == DistributionPhase.CLOSED

    with _explained(desk, distribution):
        return _once(desk, distribution, "close", contracts_payout.distributions.close(distribution), is_there)


def remit(desk: Desk, distribution: int) -> Done | None:
    """Tax that was withheld goes to the schedule's account. None where nothing waits; RejectedError while there are no
    holders, of whom something could be withheld."""
    word = word_of(desk, distribution)
    require_fixed(distribution, word)

    def is_there() -> bool:
        now = desk.payouts.distribution(distribution)
        return now.withheld == now.remitted

    calldata = contracts_payout.distributions.remit(distribution)
    return _once(desk, distribution, f"remit {word.remitted}", calldata, is_there)


def served(desk: Desk, distribution: int) -> Served:
    """Where a dividend stands, from the chain as of one block: whoever pays meanwhile, the sum adds up."""
    head = desk.node.head()
    word, lines = word_of(desk, distribution, head.hash), lines_of(desk, distribution, head)
    desk.node.require(head)
    phase = DistributionPhase(word.state)
    return Served(
        number=distribution,
        phase=phase,
        rows={state: sum(line.settlement == state for line in lines) for state in Settlement},
        money=_money(word, lines),
        parked=tuple(line for line in lines if line.settlement == Settlement.PARKED),
        expired=_civil(desk, word, word.expires_at) if _is_over(desk, word) else None,
        unsent=word.withheld - word.remitted,
    )


def part_of(word: DistributionWord, shares: int) -> int:
    """[fen] Gross of so many shares, rounded down; the register is fixed."""
    if word.rate == 0 or word.is_short:
        return shares * word.declared // word.entitled
    unit: int = RATE_UNIT * 10**word.decimals
    return shares * word.rate // unit


def _money(word: DistributionWord, lines: Sequence[Line]) -> DividendSummary:
    """declared = paid + withheld + unclaimed + parked + carried."""
    if not lines or word.state == DistributionPhase.CANCELLED:
        return DividendSummary(word.declared, 0, 0, word.declared, 0, 0, 0)
    parts = [(line, part_of(word, line.holder.shares)) for line in lines]
    waiting = sum(part for line, part in parts if line.settlement == Settlement.NONE)
    carried = word.declared - sum(part for _, part in parts)
    return DividendSummary(
        word.declared, word.paid, word.withheld, waiting + word.lapsed, word.parked, carried, word.lapsed
    )


# --- pages ---


def _is_unhandled(line: Line) -> bool:
    return line.settlement == Settlement.NONE


def _in_pages(
    desk: Desk,
    distribution: int,
    what: str,
    call: Callable[[int, int, Sequence[HolderRow]], bytes],
    is_due: Callable[[Line], bool],
    report: Report,
) -> None:
    lines = lines_of(desk, distribution)
    due = sum(is_due(line) for line in lines)
    report(what, 0, due)
    served_ = 0
    most = PAGE_OF_SCRIP if desk.payouts.distribution(distribution).scrip_price else PAGE
    for page in _pages(lines, is_due, most):
        _page(desk, distribution, what, call, page, is_due)
        served_ += sum(is_due(line) for line in page)
        report(what, served_, due)


def _pages(lines: Sequence[Line], is_due: Callable[[Line], bool], most: int) -> list[list[Line]]:
    """Whole leaves, from the first with somebody due in it to the last, at most so many rows each."""
    pages: list[list[Line]] = []
    for start in range(0, len(lines), most):
        leaves = [list(lines[at : at + LEAF]) for at in range(start, min(start + most, len(lines)), LEAF)]
        due = [place for place, leaf in enumerate(leaves) if any(is_due(line) for line in leaf)]
        if due:
            pages.append([line for leaf in leaves[due[0] : due[-1] + 1] for line in leaf])
    return pages


def _page(
    desk: Desk,
    distribution: int,
    what: str,
    call: Callable[[int, int, Sequence[HolderRow]], bytes],
    page: Sequence[Line],
    is_due: Callable[[Line], bool],
) -> None:
    rows = [line.row for line in page]

    def is_there() -> bool:
        states = desk.payouts.settlements_of(distribution, rows)
        now = zip(page, states, strict=True)
        return not any(is_due(replace(line, settlement=Settlement(state))) for line, state in now)

    calldata = call(distribution, rows[0] // LEAF, [line.holder for line in page])
    # What was parked comes a second time, in another state.
    text = "\n".join(f"{line.row} {int(line.settlement)}" for line in page)
    _once(desk, distribution, f"{what} {hashlib.sha256(text.encode()).hexdigest()}", calldata, is_there)


def _claim(desk: Desk, distribution: int, line: Line, is_there: Callable[[], bool], signer: str) -> Done | None:
    rows = holders_of(desk.node, desk.deployment, distribution)
    leaf = line.row // LEAF
    holders = rows[leaf * LEAF : (leaf + 1) * LEAF]
    calldata = contracts_payout.distributions.claim(distribution, leaf, holders, line.row % LEAF)
    return _once(desk, distribution, f"claim {line.row} {int(line.settlement)}", calldata, is_there, signer)


def _is_over(desk: Desk, word: DistributionWord) -> bool:
    return desk.raises.clock(word.region) > word.expires_at


def _civil(desk: Desk, word: DistributionWord, clock: int) -> str:
    """When the region's clock shows this, as far as is known."""
    return civil(desk.node.head().time - desk.raises.clock(word.region) + clock, desk.deployment.utc_offset)


@contextmanager
def _explained(desk: Desk, distribution: int, until: str = "", clock: int = 0) -> Iterator[None]:
    """What the chain refuses, with the next step; `until` tells what a moment of the region's clock stands for."""
    try:
        yield
    except RejectedError as refused:
        if refused.code == "NotDue":
            when = _civil(desk, word_of(desk, distribution), clock)
            told = f"{refused.code}: dividend {distribution}: {until} {when} on"
        elif refused.code == "SharesUnhandled":
            rows = served(desk, distribution).rows
            if not rows[Settlement.NONE]:
                message = f"dividend {distribution}: the last part was handled at this very moment; try again"
                raise RetryableError(message) from None
            told = f"{refused.code}: dividend {distribution}: {rows[Settlement.NONE]} of {sum(rows.values())} holders "
            told += f"were neither paid nor parked, nor lapsed: `equity dividend pay {distribution}`, and after the "
            told += f"expiry `equity dividend lapse {distribution}`"
        else:
            raise
        raise RejectedError(told, code=refused.code, values=refused.values) from None


def _require_passed(desk: Desk, distribution: int, word: DistributionWord) -> None:
    """The next block is after the record date."""
    time = desk.payouts.record_times(word.share_class)[word.epoch - 1]
    if max(int(desk.clock()), desk.node.head().time) <= time:
        message = (
            f"the register is fixed after the record date, which ends at {civil(time, desk.deployment.utc_offset)}"
        )
        raise InputError(message, code="record_date_ahead", field="dividend", value=distribution)


def _once(
    desk: Desk, distribution: int, work: str, calldata: bytes, is_there: Callable[[], bool], signer: str = PLATFORM
) -> Done | None:
    target = desk.deployment.distributions
    what = work.split(" ", 1)[0]
    name = f"dividend {target.hex()} {distribution} {work}"
    return carry_out_once(desk, signer, target, calldata, name, f"{what}: dividend {distribution}", is_there)
