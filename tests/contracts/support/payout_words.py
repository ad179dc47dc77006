"""Every stored word of dividends: where the chain is read, and what the domain says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.domain.args import ZERO_HASH
from registry.domain.ids import NOBODY
from registry.domain.payouts import DistributionState, Preference, Relief
from registry.domain.register import RegisterState
from tests.contracts.support.calls import hexed, raw
from tests.contracts.support.contracts import Contract
from tests.contracts.support.ground import Ground

Told = tuple[tuple[Any, ...], Any]


def of_payouts(ground: Ground, state: RegisterState) -> Iterator[Told]:
    """Schedules, reliefs, preferences, every distribution, and what supply was at record dates."""
    known, contract = state.payouts, ground.distributions
    if not known.schedules:
        return
    yield (ground.schedules, "scheduleCount"), len(known.schedules)
    for number, schedule in known.schedules.items():
        yield (ground.schedules, "taxAccountOf", number), hexed(schedule.tax_account)
        for rule in schedule.rules:
            yield (ground.schedules, "rateOf", number, rule.category, rule.residence), rule.bps
    for party in state.parties:
        relief = known.reliefs.get(party, Relief(0, 0))  # type: ignore[arg-type]
        yield (ground.registry, "taxReliefOf", party), [relief.bps, relief.until_day]
    for c in (ground.common, ground.preferred):
        p = known.preferences.get(raw(c.address), Preference(0, 0, 0))  # type: ignore[arg-type]
        yield (ground.preferences, "preferenceOf", c.address), [p.per_year, p.from_day, p.rank, p.declared]
    yield (ground.registry, "isEnrolled", contract.address), raw(contract.address) in state.enrolled
    yield (contract, "distributionCount"), len(known.distributions)
    for d in known.distributions.values():
        yield from _of_distribution(contract, state, d)


def _of_distribution(contract: Contract, state: RegisterState, d: DistributionState) -> Iterator[Told]:
    yield (contract, "distribution", d.id), _stored(d)
    yield (contract, "excludedOf", d.id), [hexed(account) for account in d.excluded]
    for row, settlement in enumerate(d.settlements):
        yield (contract, "settlementOf", d.id, row), int(settlement)
    for party in state.parties if d.terms.scrip_price else ():
        yield (contract, "hasChosenScrip", d.id, party), party in d.scrip
    assert NOBODY not in state.parties


def _stored(d: DistributionState) -> list[Any]:
    """The contract's struct, in its order."""
    t = d.terms
    first = hexed(t.share_class), t.epoch, t.schedule, int(d.phase), t.payable_from
    second = d.declared, t.rate, d.region, d.expires_at, t.scrip_price, d.decimals, d.is_short
    third = d.paid, d.withheld, d.handled, d.entitled
    fourth = d.parked, d.lapsed, d.remitted, d.reserved
    resolution = d.resolution if t.scrip_price else ZERO_HASH
    rest = hexed(t.funded_by), hexed(t.remainder_account), d.counted, resolution
    return [*first, *second, *third, *fourth, *rest]
