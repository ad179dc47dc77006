"""Hands for dividends on a deployed registry: an issuer that declares, holders under several rates of tax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from registry.chain import contracts, contracts_payout, contracts_raise
from registry.chain.client import Receipt
from registry.chain.reads_payout import PayoutReads
from registry.domain.args import ClassTerms, Entry
from registry.domain.days import last_second
from registry.domain.ids import BOOK, Address, Day, PartyId, Shares
from registry.domain.payout_args import LEAF, DistributionTerms, HolderRow, TaxRule
from registry.domain.raise_args import BankLine
from registry.domain.words import PartyWord
from tests.support.raise_stage import (
    DAY,
    FAR_DAY,
    INSTITUTION,
    QUALIFIED,
    TREASURY,
    Raiser,
    company_that_raises,
    person,
)
from tests.support.stage import EVERYBODY, NOTHING_GIVEN, Stage, signer

ISSUER, OFFICE, PLATFORM = 210, 211, 212
"""The company itself, with treasury shares; the tax office; who gets what lapses."""
ANNA, BEN, FUND, ABROAD, DORA, EMIL, GRETA = 201, 202, 203, 204, 205, 206, 207
"""Anna has two wallets and a book account; Ben lives in Hong Kong; Abroad is an institution of the United States;
Dora's KYC lapses; Emil and Fund have no wallet; Greta is frozen by order."""
HOLDERS = (ANNA, BEN, FUND, ABROAD, DORA, EMIL, GRETA)
PEOPLE = (*HOLDERS, ISSUER, OFFICE, PLATFORM)
CHINA, HONG_KONG, AMERICA = 156, 344, 840
RULES = (
    TaxRule(QUALIFIED, CHINA, 2_000),
    TaxRule(QUALIFIED, 0, 1_000),
    TaxRule(INSTITUTION, CHINA, 0),
    TaxRule(INSTITUTION, 0, 1_000),
    TaxRule(TREASURY, 0, 0),
    TaxRule(0, 0, 1_500),
)
SHARES = {ANNA: 333, BEN: 1_000, FUND: 12_345, ABROAD: 777, DORA: 500, EMIL: 91, GRETA: 250, ISSUER: 4_000}
SECOND = "second wallet of 201"


@dataclass
class Payer:
    """An open company whose ADMIN is its own party's wallet, an ordinary class and a preferred one (two decimals)."""

    raiser: Raiser
    preferred: Address
    rows: dict[int, tuple[HolderRow, ...]] = field(default_factory=dict)
    """By distribution, once it is fixed."""

    @property
    def stage(self) -> Stage:
        return self.raiser.stage

    @property
    def ordinary(self) -> Address:
        return self.raiser.share_class

    @property
    def company(self) -> Address:
        return self.raiser.company

    @property
    def reads(self) -> PayoutReads:
        return PayoutReads(self.stage.node, self.stage.deployment)

    @property
    def contract(self) -> Address:
        return self.stage.deployment.distributions

    @property
    def issuer(self) -> str:
        return self.raiser.wallets[ISSUER]

    def accounts(self) -> list[tuple[int, int, Address]]:
        """Everybody's accounts by party and number."""
        known = [(party, int(BOOK), self.stage.book(party)) for party in PEOPLE]
        known += [(party, 0, signer(name).address) for party, name in self.raiser.wallets.items()]
        return sorted([*known, (ANNA, 1, signer(SECOND).address)])

    # --- terms ---

    def fund(self, amount: int) -> None:
        """A deposit to the issuer's book account [fen]."""
        lines = [BankLine(self.stage.book(ISSUER), amount, self.raiser.reference())]
        mint = contracts_raise.token.mint(self.raiser.header(), lines)
        self.raiser.by("custodian", self.stage.deployment.token, mint)

    def schedule(self, *rules: TaxRule) -> None:
        create = contracts_payout.tax_schedules.create_schedule(
            self.raiser.header(), self.stage.book(OFFICE), rules or RULES
        )
        self.raiser.by("platform", self.stage.deployment.tax_schedules, create)

    def relief(self, party: int, bps: int, until: int) -> None:
        state = contracts.registry.state_tax_relief(self.raiser.header(), PartyId(party), bps, Day(until))
        self.raiser.by("platform", self.stage.deployment.registry, state)

    def prefer(self, rank: int, per_year: int, from_day: int) -> None:
        prefer = contracts_payout.preferences.set_preference(
            self.raiser.header(), self.preferred, rank, per_year, Day(from_day)
        )
        self.raiser.by(self.issuer, self.stage.deployment.preferences, prefer)

    def record_date(self, share_class: Address, ahead: int = 0) -> int:
        """The register at the end of today, or of a later day; its number in the class."""
        time = last_second(Day(self.stage.today + ahead))
        self.raiser.by("agent", share_class, contracts.share_class.set_record_date(self.raiser.header(), time))
        return len(self.reads.record_times(share_class))

    def declare(
        self,
        share_class: Address,
        epoch: int,
        total: int,
        rate: int = 0,
        excluded: Sequence[Address] = (),
        **changes: int | Address,
    ) -> int:
        """Payable a day after the record date, for a year, out of the issuer's book account."""
        payable = self.reads.record_times(share_class)[epoch - 1] + DAY + self.raiser.clock - self.raiser.now
        terms = DistributionTerms(
            share_class=share_class,
            epoch=epoch,
            schedule=1,
            funded_by=self.stage.book(ISSUER),
            total=total,
            rate=rate,
            profit=10 * total,
            payable_from=payable,
            expires_at=payable + 365 * DAY,
        )
        terms = replace(terms, **changes)  # type: ignore[arg-type]
        declare = contracts_payout.distributions.declare(self.raiser.header(), terms, excluded)
        self.raiser.by(self.issuer, self.contract, declare)
        return self.reads.distribution_count()

    # --- paying ---

    def fix(self, distribution: int) -> Receipt:
        """As soon as the record date has passed."""
        word = self.reads.distribution(distribution)
        time = self.reads.record_times(word.share_class)[word.epoch - 1]
        if self.raiser.now <= time:
            self.raiser.pass_time(time + 1 - self.raiser.now)
        excluded = self.reads.excluded_of(distribution)
        known = [each for each in self.accounts() if each[2] not in excluded]
        held = self.reads.holdings_at(word.share_class, [account for _, _, account in known], word.epoch)
        shares = [(*each, balance) for each, (_, balance) in zip(known, held, strict=True) if balance]
        self.rows[distribution] = tuple(
            HolderRow(PartyId(party), Shares(sum(balance for *_, balance in each)), each[0][2])
            for party, each in ((p, list(of_party)) for p, of_party in groupby(shares, key=lambda one: one[0]))
        )
        fix = contracts_payout.distributions.fix(distribution, [account for _, _, account, _ in shares])
        return self.raiser.by("stranger", self.contract, fix)

    def pay(self, distribution: int, leaf: int = 0, leaves: int = 99) -> Receipt:
        """As soon as it is payable."""
        word = self.reads.distribution(distribution)
        if self.raiser.clock < word.payable_from:
            self.raiser.pass_until(word.payable_from)
        rows = self.rows[distribution][leaf * LEAF : (leaf + leaves) * LEAF]
        return self.raiser.by("stranger", self.contract, contracts_payout.distributions.pay(distribution, leaf, rows))

    def claim(self, distribution: int, party: int) -> Receipt:
        rows = self.rows[distribution]
        leaf, place = divmod(next(n for n, row in enumerate(rows) if row.party == party), LEAF)
        page = rows[leaf * LEAF : (leaf + 1) * LEAF]
        claim = contracts_payout.distributions.claim(distribution, leaf, page, place)
        return self.raiser.by("stranger", self.contract, claim)

    def lapse(self, distribution: int) -> Receipt:
        """As soon as it has expired."""
        self.raiser.pass_until(self.reads.distribution(distribution).expires_at)
        lapse = contracts_payout.distributions.lapse(distribution, 0, self.rows[distribution])
        return self.raiser.by("stranger", self.contract, lapse)

    def close(self, distribution: int) -> Receipt:
        return self.raiser.by("stranger", self.contract, contracts_payout.distributions.close(distribution))

    def remit(self, distribution: int) -> Receipt:
        return self.raiser.by("stranger", self.contract, contracts_payout.distributions.remit(distribution))

    def cancel(self, distribution: int) -> Receipt:
        cancel = contracts_payout.distributions.cancel(self.raiser.header(), distribution)
        return self.raiser.by(self.issuer, self.contract, cancel)

    def choose(self, distribution: int, party: int, chosen: bool = True) -> Receipt:
        """With the party's wallet, else by the platform on its instruction."""
        calls = contracts_payout.distributions
        if party in self.raiser.wallets:
            return self.raiser.by(self.raiser.wallets[party], self.contract, calls.choose_scrip(distribution, chosen))
        choose = calls.choose_scrip_for(self.raiser.header(), distribution, PartyId(party), chosen)
        return self.raiser.by("platform", self.contract, choose)

    # --- people ---

    def state(self, party: int, kyc_day: int = FAR_DAY) -> None:
        """A new statement of the KYC provider: valid through a day."""
        word = replace(word_of(party), kyc_day=Day(kyc_day))
        standing = contracts.registry.set_standing(self.raiser.header(), [word])
        self.stage.send("kyc_agent", self.stage.deployment.registry, standing)

    def freeze(self, party: int, is_frozen: bool) -> None:
        """By order of the regulator."""
        order = contracts.registry.set_frozen(self.raiser.header(), PartyId(party), is_frozen)
        self.stage.send("regulator", self.stage.deployment.registry, order)


def word_of(party: int) -> PartyWord:
    residences = {BEN: HONG_KONG, ABROAD: AMERICA}
    if party in (FUND, ABROAD, OFFICE, PLATFORM):
        word = person(party, INSTITUTION, kind=2)
    else:
        word = person(party, TREASURY, kind=2) if party == ISSUER else person(party)
    return replace(word, tax_residence=residences.get(party, CHINA))


def payer_ready(stage: Stage) -> Payer:
    """A company with holders, money and a tax schedule; nothing is declared yet."""
    raiser = company_that_raises(stage, "红利科技")
    raiser.onboard(*(word_of(party) for party in PEOPLE))
    for party in (ISSUER, ANNA, BEN, DORA, GRETA):
        raiser.bind(party)
    raiser.bind(ANNA, SECOND)
    raiser.wallets[ANNA] = f"wallet of {ANNA}"
    terms = ClassTerms("优先股", "XG-P", Shares(10**10), 2, EVERYBODY)
    raiser.by("agent", raiser.company, contracts.company.create_class(raiser.header(), terms))
    preferred = stage.reads.classes(raiser.company)[1]
    raiser.by("agent", raiser.company, contracts.company.offer_admin(raiser.header(), raiser.account(ISSUER)))
    raiser.by(raiser.wallets[ISSUER], raiser.company, contracts.company.accept_admin())
    stage.issue(raiser.share_class, SHARES)
    for party in (ANNA, BEN):
        move = contracts.share_class.transfer_for(
            raiser.header(), NOTHING_GIVEN, stage.book(party), Entry(raiser.account(party), Shares(SHARES[party] // 3))
        )
        raiser.by("agent", raiser.share_class, move)
    to_second = contracts.share_class.transfer(signer(SECOND).address, 40)
    raiser.by(raiser.wallets[ANNA], raiser.share_class, to_second)
    stage.issue(preferred, {FUND: 123_456, BEN: 33_333})
    payer = Payer(raiser, preferred)
    payer.fund(500_000_000)
    payer.schedule()
    return payer
