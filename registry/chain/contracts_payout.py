"""Calls of tax schedules, preferences and dividends, as typed functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.chain.contracts import DISTRIBUTIONS, PREFERENCES, TAX_SCHEDULES
from registry.domain.args import ActHeader
from registry.domain.ids import Address, Day, PartyId
from registry.domain.payout_args import DistributionTerms, HolderRow, TaxRule


class TaxSchedulesCalls:
    """Writes of the tax schedules."""

    def create_schedule(self, header: ActHeader, tax_account: Address, rules: Sequence[TaxRule]) -> bytes:
        return TAX_SCHEDULES["createSchedule"].encode(header, tax_account, list(rules))


class PreferencesCalls:
    """Writes of the preferences that an account may call."""

    def set_preference(self, header: ActHeader, share_class: Address, rank: int, per_year: int, from_day: Day) -> bytes:
        return PREFERENCES["setPreference"].encode(header, share_class, rank, per_year, from_day)


class DistributionsCalls:
    """Writes of the dividends. `holders`: rows of the fixed register, whole leaves from `leaf` on."""

    def declare(self, header: ActHeader, terms: DistributionTerms, excluded: Sequence[Address]) -> bytes:
        return DISTRIBUTIONS["declare"].encode(header, terms, list(excluded))

    def cancel(self, header: ActHeader, distribution: int) -> bytes:
        return DISTRIBUTIONS["cancel"].encode(header, distribution)

    def fix(self, distribution: int, accounts: Sequence[Address]) -> bytes:
        return DISTRIBUTIONS["fix"].encode(distribution, list(accounts))

    def pay(self, distribution: int, leaf: int, holders: Sequence[HolderRow]) -> bytes:
        return DISTRIBUTIONS["pay"].encode(distribution, leaf, _packed(holders))

    def claim(self, distribution: int, leaf: int, holders: Sequence[HolderRow], row: int) -> bytes:
        return DISTRIBUTIONS["claim"].encode(distribution, leaf, _packed(holders), row)

    def lapse(self, distribution: int, leaf: int, holders: Sequence[HolderRow]) -> bytes:
        return DISTRIBUTIONS["lapse"].encode(distribution, leaf, _packed(holders))

    def close(self, distribution: int) -> bytes:
        return DISTRIBUTIONS["close"].encode(distribution)

    def remit(self, distribution: int) -> bytes:
        return DISTRIBUTIONS["remit"].encode(distribution)

    def choose_scrip(self, distribution: int, chosen: bool) -> bytes:
        return DISTRIBUTIONS["chooseScrip"].encode(distribution, chosen)

    def choose_scrip_for(self, header: ActHeader, distribution: int, party: PartyId, chosen: bool) -> bytes:
        return DISTRIBUTIONS["chooseScripFor"].encode(header, distribution, party, chosen)


def _packed(holders: Sequence[HolderRow]) -> list[int]:
    return [row.pack() for row in holders]


tax_schedules: Final = TaxSchedulesCalls()
preferences: Final = PreferencesCalls()
distributions: Final = DistributionsCalls()
