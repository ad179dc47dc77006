"""Typed reads of tax schedules, preferences and dividends at a stated block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.chain.asking import PAGE, Asking, address_of, record_of
from registry.chain.client import Block
from registry.chain.contracts import DISTRIBUTIONS, PREFERENCES, REGISTRY, SHARE_CLASS, TAX_SCHEDULES
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import Holding


@dataclass(frozen=True, slots=True)
class DistributionWord:
    """`Distribution` of the contracts, field by field. Money in fen, times on the region's clock [s].

    `rate` and `counted` in 10^-10 CNY for a whole share; `handled`, `entitled`, `reserved` in shares × 10^decimals."""

    share_class: Address
    epoch: int
    schedule: int
    state: int
    payable_from: int
    declared: int
    rate: int
    region: int
    expires_at: int
    scrip_price: int
    decimals: int
    is_short: bool
    paid: int
    withheld: int
    handled: int
    entitled: int
    parked: int
    lapsed: int
    remitted: int
    reserved: int
    funded_by: Address
    remainder_account: Address
    counted: int
    resolution: Hash32


@dataclass(frozen=True, slots=True)
class PreferenceWord:
    """`Preference` of the contracts. Rates in 10^-10 CNY for a whole share; rank 0: none was set."""

    per_year: int
    from_day: Day
    rank: int
    declared: int


@dataclass(frozen=True, slots=True)
class Relief:
    """What is withheld from a party until a day, instead of what a schedule says [basis points]."""

    bps: int
    until_day: Day


class PayoutReads(Asking):
    """Dividends as the chain has them. `block`: a number, a hash, or None for the newest."""

    # --- dividends ---

    def distribution_count(self, block: Block = None) -> int:
        return int(self._ask(self.deployment.distributions, DISTRIBUTIONS["distributionCount"], block=block)[0])

    def distribution(self, distribution: int, block: Block = None) -> DistributionWord:
        """State 0 for one that was never declared."""
        return self.distributions_of([distribution], block)[0]

    def distributions_of(self, distributions: Sequence[int], block: Block = None) -> list[DistributionWord]:
        asked = [(each,) for each in distributions]
        answers = self._each(self.deployment.distributions, DISTRIBUTIONS["distribution"], asked, block)
        return [record_of(DistributionWord, answer) for (answer,) in answers]

    def excluded_of(self, distribution: int, block: Block = None) -> list[Address]:
        answer = self._ask(self.deployment.distributions, DISTRIBUTIONS["excludedOf"], distribution, block=block)[0]
        return [address_of(text) for text in answer]

    def have_chosen_scrip(self, distribution: int, parties: Sequence[PartyId], block: Block = None) -> list[bool]:
        asked = [(distribution, party) for party in parties]
        answers = self._each(self.deployment.distributions, DISTRIBUTIONS["hasChosenScrip"], asked, block)
        return [bool(chosen) for (chosen,) in answers]

    def settlements_of(self, distribution: int, rows: Sequence[int], block: Block = None) -> list[int]:
        """What happened to rows of the fixed register: see `Settlement`."""
        asked = [(distribution, row) for row in rows]
        answers = self._each(self.deployment.distributions, DISTRIBUTIONS["settlementOf"], asked, block)
        return [int(settlement) for (settlement,) in answers]

    def leaves_of(self, distribution: int, leaves: Sequence[int], block: Block = None) -> list[Hash32]:
        """Hashes of eight rows each; zero behind the last."""
        asked = [(distribution, leaf) for leaf in leaves]
        answers = self._each(self.deployment.distributions, DISTRIBUTIONS["leafOf"], asked, block)
        return [Hash32(found) for (found,) in answers]

    # --- tax ---

    def schedule_count(self, block: Block = None) -> int:
        return int(self._ask(self.deployment.tax_schedules, TAX_SCHEDULES["scheduleCount"], block=block)[0])

    def tax_account_of(self, schedule: int, block: Block = None) -> Address:
        """Zero for a schedule that does not exist."""
        answer = self._ask(self.deployment.tax_schedules, TAX_SCHEDULES["taxAccountOf"], schedule, block=block)
        return address_of(answer[0])

    def rate_of(self, schedule: int, category: int, residence: int, block: Block = None) -> int:
        """[basis points] RejectedError `ScheduleUnknown`."""
        function = TAX_SCHEDULES["rateOf"]
        return int(self._ask(self.deployment.tax_schedules, function, schedule, category, residence, block=block)[0])

    def reliefs_of(self, parties: Sequence[PartyId], block: Block = None) -> list[Relief]:
        """As they were stated last; until day 0 where none was."""
        asked = [(party,) for party in parties]
        answers = self._each(self.deployment.registry, REGISTRY["taxReliefOf"], asked, block)
        return [Relief(bps, Day(until)) for bps, until in answers]

    # --- preferences ---

    def preference_of(self, share_class: Address, block: Block = None) -> PreferenceWord:
        return self.preferences_of([share_class], block)[0]

    def preferences_of(self, classes: Sequence[Address], block: Block = None) -> list[PreferenceWord]:
        asked = [(share_class,) for share_class in classes]
        answers = self._each(self.deployment.preferences, PREFERENCES["preferenceOf"], asked, block)
        return [record_of(PreferenceWord, answer) for (answer,) in answers]

    def arrears_of(self, share_class: Address, day: Day, block: Block = None) -> int:
        """[10^-10 CNY for a whole share] Accrued up to a day and not declared."""
        function = PREFERENCES["arrearsOf"]
        return int(self._ask(self.deployment.preferences, function, share_class, day, block=block)[0])

    def require_claimable(self, share_class: Address, admin: Address, day: Day, rate: int, block: Block = None) -> None:
        """RejectedError where `admin` may not declare so much for a share of the class on a day, or where a class that
        comes before has arrears: what a declaration asks first, without one."""
        self._ask(
            self.deployment.preferences, PREFERENCES["requireDeclarable"], share_class, admin, day, rate, block=block
        )

    # --- classes at a record date ---

    def record_times(self, share_class: Address, block: Block = None) -> list[int]:
        """[unix s] All record dates, ascending; the first has epoch 1."""
        return [int(time) for time in self._ask(share_class, SHARE_CLASS["recordTimes"], block=block)[0]]

    def issued_at(self, share_class: Address, epoch: int, block: Block = None) -> Shares:
        """RejectedError `RecordDateAhead` while it has not passed."""
        return Shares(self._ask(share_class, SHARE_CLASS["issuedAt"], epoch, block=block)[0])

    def holdings_at(
        self, share_class: Address, accounts: Sequence[Address], epoch: int, block: Block = None
    ) -> list[tuple[Holding, Shares]]:
        """Of each account its holding as it is now, and what it held at a record date that has passed."""
        pages = [(list(accounts[start : start + PAGE]), epoch) for start in range(0, len(accounts), PAGE)]
        answers = self._each(share_class, SHARE_CLASS["holdingsAt"], pages, block)
        return [
            (Holding.unpack(word), Shares(shares))
            for words, balances in answers
            for word, shares in zip(words, balances, strict=True)
        ]
