"""Hands for dividends on a deployed registry: schedule, declaration, the list of holders, pages of payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.chain import contracts, contracts_payout
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.payout_args import LEAF, DistributionTerms, HolderRow, TaxRule
from registry.domain.words import PartyWord
from tests.support.raise_stage import DAY, Raiser

MOST_ROWS = 192


@dataclass
class Payer:
    """A company that pays dividends; whoever signs for it has the key "agent". Accounts are named by party id."""

    raiser: Raiser
    issuer: int
    schedule: int = 1
    number: int = 0
    epoch: int = 0
    record_time: int = 0
    terms: DistributionTerms | None = None
    rows: dict[int, tuple[HolderRow, ...]] = field(default_factory=dict)
    """By number of the dividend: the register as it was fixed."""

    @property
    def distributions(self) -> Address:
        return self.raiser.stage.deployment.distributions

    def ready(self, tax_account: int, rules: Sequence[TaxRule]) -> None:
        """The company admits dividends, its agent acts for its own party, the platform states what is withheld."""
        raiser, deployment = self.raiser, self.raiser.stage.deployment
        raiser.bind(self.issuer, "agent")
        raiser.by("agent", raiser.company, contracts.company.admit_payouts(raiser.header(), deployment.distributions))
        call = contracts_payout.tax_schedules.create_schedule(
            raiser.header(), raiser.stage.book(tax_account), list(rules)
        )
        raiser.by("platform", deployment.tax_schedules, call)

    def relieve(self, party: int, bps: int, until_day: int) -> None:
        call = contracts.registry.state_tax_relief(self.raiser.header(), PartyId(party), bps, Day(until_day))
        self.raiser.by("platform", self.raiser.stage.deployment.registry, call)

    def standing(self, word: PartyWord) -> None:
        call = contracts.registry.set_standing(self.raiser.header(), [word])
        self.raiser.by("kyc_agent", self.raiser.stage.deployment.registry, call)

    def freeze(self, party: int, frozen: bool = True) -> None:
        call = contracts.registry.set_frozen(self.raiser.header(), PartyId(party), frozen)
        self.raiser.by("regulator", self.raiser.stage.deployment.registry, call)

    # --- one dividend ---

    def declare(
        self,
        total: int,
        rate: int = 0,
        *,
        scrip_price: int = 0,
        days: int = 2,
        pays_in: int = 3,
        lasts: int = 60,
        excluded: Sequence[int] = (),
    ) -> int:
        """To who holds at the end of the day in so many days; paid from the book account of the issuer."""
        raiser, stage = self.raiser, self.raiser.stage
        day = stage.today + days
        time = (day + 1) * DAY - stage.deployment.utc_offset - 1
        raiser.by("agent", raiser.share_class, contracts.share_class.set_record_date(raiser.header(), time))
        self.epoch, self.record_time = self.epoch + 1, time
        clock = raiser.clock + time - raiser.now
        self.terms = DistributionTerms(
            share_class=raiser.share_class,
            epoch=self.epoch,
            schedule=self.schedule,
            funded_by=stage.book(self.issuer),
            total=total,
            rate=rate,
            profit=total * 3,
            payable_from=clock + 1 + pays_in * DAY,
            expires_at=clock + (pays_in + lasts) * DAY,
            scrip_price=scrip_price,
        )
        accounts = [stage.book(party) for party in excluded]
        call = contracts_payout.distributions.declare(raiser.header(), self.terms, accounts)
        raiser.by("agent", self.distributions, call)
        self.number += 1
        return self.number

    def fix(self, holders: dict[int, Sequence[tuple[Address, int]]]) -> None:
        """Once the record date has passed. `holders`: the accounts of each party that held something, and how much."""
        raiser = self.raiser
        raiser.pass_time(max(1, self.record_time + 1 - raiser.now))
        ordered = sorted(holders.items())
        accounts = [account for _, held in ordered for account, _ in held]
        raiser.by("stranger", self.distributions, contracts_payout.distributions.fix(self.number, accounts))
        self.rows[self.number] = tuple(
            HolderRow(PartyId(party), Shares(sum(shares for _, shares in held)), held[0][0]) for party, held in ordered
        )

    def wait(self) -> None:
        """Until it is paid."""
        assert self.terms
        self.raiser.pass_until(self.terms.payable_from)

    def pay(self, number: int = 0) -> None:
        number = number or self.number
        call = contracts_payout.distributions.pay(number, 0, self.rows[number][:MOST_ROWS])
        self.raiser.by("stranger", self.distributions, call)

    def claim(self, party: int) -> None:
        """The party's own row, by anybody."""
        rows = self.rows[self.number]
        at = next(i for i, row in enumerate(rows) if row.party == party)
        leaf = at // LEAF
        call = contracts_payout.distributions.claim(self.number, leaf, rows[leaf * LEAF : (leaf + 1) * LEAF], at % LEAF)
        self.raiser.by("stranger", self.distributions, call)

    def lapse(self) -> None:
        """As soon as its time is over."""
        assert self.terms
        self.raiser.pass_until(self.terms.expires_at + 2 * DAY)
        call = contracts_payout.distributions.lapse(self.number, 0, self.rows[self.number][:MOST_ROWS])
        self.raiser.by("stranger", self.distributions, call)

    def close(self) -> None:
        self.raiser.by("stranger", self.distributions, contracts_payout.distributions.close(self.number))

    def cancel(self) -> None:
        call = contracts_payout.distributions.cancel(self.raiser.header(), self.number)
        self.raiser.by("agent", self.distributions, call)

    def choose(self, party: int) -> None:
        """Shares instead of cash, by the party's own wallet."""
        call = contracts_payout.distributions.choose_scrip(self.number, True)
        self.raiser.by(self.raiser.wallets[party], self.distributions, call)

    def prefer(self, share_class: Address, rank: int, per_year: int, days_ago: int) -> None:
        deployment = self.raiser.stage.deployment
        from_day = Day(self.raiser.stage.today - days_ago)
        call = contracts_payout.preferences.set_preference(
            self.raiser.header(),
            share_class,
            rank,
            per_year,
            from_day,
        )
        self.raiser.by("agent", deployment.preferences, call)
