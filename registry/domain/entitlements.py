"""Who gets how much of a distribution: the arithmetic that contracts, replay, mirror and pages have in common.

Pure. A holder is a party: what all its accounts held at the record date is multiplied and rounded down once, tax is
rounded half up, what roundings leave is carried. Money in fen, shares × 10^decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.domain.ids import Address, Day, Shares
from registry.domain.moves import balance_at
from registry.domain.payout_args import (
    RATE_UNIT,
    DistributionPhase,
    DistributionTerms,
    HolderRow,
    Settlement,
)
from registry.domain.payouts import DistributionState, TaxSchedule
from registry.domain.raising import WHOLE
from registry.domain.register import Account, ClassState, RegisterState
from registry.domain.words import PartyWord


@dataclass(frozen=True, slots=True)
class Held:
    """What one account holds, or held at a record date."""

    account: Account
    address: Address
    shares: int


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a holder gets if its part is handled now."""

    row: HolderRow
    gross: int
    bps: int
    settlement: Settlement

    @property
    def tax(self) -> int:
        return tax_on(self.gross, self.bps) if self.settlement == Settlement.PAID else 0

    @property
    def net(self) -> int:
        return self.gross - self.tax


@dataclass(frozen=True, slots=True)
class Fixing:
    """What a register that is known makes of a total."""

    declared: int
    returned: int
    """What the rate does not need."""
    is_short: bool
    covered: int
    """[10^-10 CNY for a whole share] What the total covers, where it is short."""


@dataclass(frozen=True, slots=True)
class DividendSummary:
    """declared = paid + withheld + unclaimed + parked + carried; what lapsed counts as unclaimed."""

    declared: int
    paid: int
    withheld: int
    unclaimed: int
    parked: int
    carried: int
    lapsed: int

    @property
    def is_whole(self) -> bool:
        return self.declared == self.paid + self.withheld + self.unclaimed + self.parked + self.carried


def part_of(d: DistributionState, shares: int) -> int:
    """Gross of a holder of so many shares, rounded down. The register must be fixed."""
    numerator, denominator = d.fraction
    return shares * numerator // denominator


def tax_on(gross: int, bps: int) -> int:
    """What is withheld, rounded half up."""
    return (gross * bps + WHOLE // 2) // WHOLE


def fixing(d: DistributionState, entitled: int, decimals: int) -> Fixing:
    """A rate that needs more than there is makes way for sharing out what there is."""
    if d.terms.rate == 0:
        return Fixing(d.declared, 0, False, 0)
    unit = RATE_UNIT * 10**decimals
    needed = d.terms.rate * entitled // unit
    if needed > d.declared:
        return Fixing(d.declared, 0, True, d.declared * unit // entitled)
    return Fixing(needed, d.declared - needed, False, 0)


def is_void(d: DistributionState, entitled: int, decimals: int) -> bool:
    """Not a fen is due to anybody: it is never fixed, and its money goes back."""
    return not entitled or not fixing(d, entitled, decimals).declared


def summary(d: DistributionState) -> DividendSummary:
    """Where the declared amount is."""
    if d.phase not in (DistributionPhase.FIXED, DistributionPhase.CLOSED):
        return DividendSummary(d.declared, 0, 0, d.declared, 0, 0, 0)
    parts = [part_of(d, row.shares) for row in d.holders]
    waiting = sum(part for part, was in zip(parts, d.settlements, strict=True) if was == Settlement.NONE)
    carried = d.declared - sum(parts)
    return DividendSummary(d.declared, d.paid, d.withheld, waiting + d.lapsed, d.parked, carried, d.lapsed)


# --- the register at a record date ---


def held_now(state: RegisterState, c: ClassState) -> list[Held]:
    """All accounts that hold something, in the order in which a register is fixed."""
    return _ordered(state, ((account, h.balance) for account, h in c.holdings.items()))


def held_at(state: RegisterState, c: ClassState, epoch: int) -> list[Held]:
    """All accounts that held something at a record date that has passed."""
    return _ordered(state, ((account, balance_at(c, account, epoch)) for account in c.holdings))


def rows_of(held: Sequence[Held], excluded: Iterable[Address]) -> tuple[HolderRow, ...]:
    """One row a party, ascending: the shares of all its accounts, paid to the first of them."""
    out, rows = set(excluded), list[HolderRow]()
    for one in held:
        if one.address in out:
            continue
        party = one.account[0]
        if rows and rows[-1].party == party:
            rows[-1] = HolderRow(party, Shares(rows[-1].shares + one.shares), rows[-1].account)
        else:
            rows.append(HolderRow(party, Shares(one.shares), one.address))
    return tuple(rows)


def accounts_to_fix(state: RegisterState, d: DistributionState) -> tuple[Address, ...]:
    """What `fix` has to be called with once the record date has passed."""
    held = held_at(state, state.classes[d.terms.share_class], d.terms.epoch)
    return tuple(one.address for one in held if one.address not in d.excluded)


def _ordered(state: RegisterState, balances: Iterable[tuple[Account, int]]) -> list[Held]:
    kept = sorted((account, shares) for account, shares in balances if shares)
    return [Held(account, state.address_of(account), shares) for account, shares in kept]


# --- what happens to a row ---


def rate_for(state: RegisterState, schedule: TaxSchedule, word: PartyWord, today: int) -> int:
    """[basis points] What is withheld from a party today: its relief while that counts, else by the schedule."""
    relief = state.payouts.reliefs.get(word.id) if word.has_relief else None
    if relief is not None and today <= relief.until_day:
        return relief.bps
    return schedule.rate_of(word.category, word.tax_residence)


def is_parking(word: PartyWord, today: int) -> bool:
    """KYC has lapsed, or frozen by order: the money waits, and no expiry runs against it."""
    return word.is_frozen or today > word.kyc_day


def outcome(
    state: RegisterState,
    d: DistributionState,
    row: HolderRow,
    was: Settlement,
    today: Day,
    *,
    is_over: bool = False,
    is_lapsing: bool = False,
) -> Entitlement | None:
    """What happens to a row of a fixed register if it is handled now; `None` if nothing does."""
    if was in (Settlement.PAID, Settlement.LAPSED):
        return None
    word, gross = state.party_word(row.party), part_of(d, row.shares)
    if is_parking(word, today):
        return None if was == Settlement.PARKED else Entitlement(row, gross, 0, Settlement.PARKED)
    if is_over and was != Settlement.PARKED:
        return Entitlement(row, gross, 0, Settlement.LAPSED) if is_lapsing else None
    bps = rate_for(state, state.payouts.schedules[d.terms.schedule], word, today)
    return Entitlement(row, gross, bps, Settlement.PAID)


def preview(
    state: RegisterState, terms: DistributionTerms, excluded: Sequence[Address], today: Day
) -> tuple[Fixing, tuple[Entitlement, ...]]:
    """What each holder would get if today's register were that of the record date. Nobody holds: no lines."""
    c = state.classes[terms.share_class]
    rows = rows_of(held_now(state, c), excluded)
    d = DistributionState(0, terms, tuple(excluded), c.company, 0, terms.total, terms.expires_at, decimals=c.decimals)
    d.entitled = sum(row.shares for row in rows)
    if not d.entitled:
        return Fixing(0, terms.total, False, 0), ()
    found = fixing(d, d.entitled, c.decimals)
    d.declared, d.is_short = found.declared, found.is_short
    lines = (outcome(state, d, row, Settlement.NONE, today) for row in rows)
    return found, tuple(line for line in lines if line is not None)


def scrip_of(d: DistributionState, net: int) -> tuple[int, int]:
    """Whole shares for a net amount: how many units, and what they cost [fen]; fractions stay cash."""
    whole = net // d.terms.scrip_price
    return whole * 10**d.decimals, whole * d.terms.scrip_price
