"""The register by legal date: sums of lines dated up to a day, days on which such a sum would be negative, and what
differs from a register that was fixed for a dividend."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from registry.domain.findings import Check, Finding, Movement
from registry.domain.ids import Address, PartyId
from registry.domain.payout_args import HolderRow
from registry.domain.register import Account


def holdings_on(movements: Iterable[Movement], day: int) -> dict[Address, dict[Account, int]]:
    """Balances by class and account as of a legal date."""
    sums: dict[Address, dict[Account, int]] = {}
    for m in movements:
        if m.effective_on > day:
            continue
        balances = sums.setdefault(m.share_class, {})
        if m.giver is not None:
            balances[m.giver] = balances.get(m.giver, 0) - m.shares
        if m.taker is not None:
            balances[m.taker] = balances.get(m.taker, 0) + m.shares
    return sums


def backdated(movements: Iterable[Movement]) -> Iterator[Finding]:
    """Parties that by the legal dates gave shares away before they had them. Lines of one day count together."""
    deltas: dict[tuple[Address, PartyId], dict[int, int]] = {}
    last: dict[tuple[Address, PartyId], Movement] = {}
    for m in movements:
        for account, delta in ((m.giver, -m.shares), (m.taker, m.shares)):
            if account is not None:
                key = (m.share_class, account[0])
                days = deltas.setdefault(key, {})
                days[m.effective_on] = days.get(m.effective_on, 0) + delta
                if delta < 0:
                    last[key] = m
    for key, days in deltas.items():
        balance = 0
        for day in sorted(days):
            balance += days[day]
            if balance < 0:
                message = f"party {key[1]} would hold {balance} of class 0x{key[0].hex()} on day {day}"
                yield Finding(Check.BACKDATED, last[key].at, message)
                break


@dataclass(frozen=True, slots=True)
class Difference:
    """A holder whose shares by legal date differ from those by which a dividend was paid."""

    party: PartyId
    fixed: int
    """[shares × 10^decimals] In the fixed register."""
    effective: int
    """[shares × 10^decimals] By lines dated up to the record day, whenever they were recorded."""


def differences(
    movements: Iterable[Movement],
    share_class: Address,
    day: int,
    rows: Iterable[HolderRow],
    excluded: Container[Account] = (),
) -> tuple[Difference, ...]:
    """What corrections with an earlier legal date changed about a register that was fixed; a paid dividend stays as it
    is. Ascending by party. `day`: the record day; `excluded`: accounts that do not share in it."""
    effective: dict[PartyId, int] = {}
    for account, shares in holdings_on(movements, day).get(share_class, {}).items():
        if account not in excluded:
            effective[account[0]] = effective.get(account[0], 0) + shares
    fixed = {row.party: int(row.shares) for row in rows}
    found = (Difference(p, fixed.get(p, 0), effective.get(p, 0)) for p in sorted({*fixed, *effective}))
    return tuple(one for one in found if one.fixed != one.effective)
