"""A company that pays dividends: ten parties that may hold shares, money, two tax schedules.

Parties 1 to 5 are investors, 3 and 5 without a wallet, 1 with two; 6 is the issuer, whose wallet is the company's
ADMIN; 7 is the platform, which collects tax; 8 to 10 have book accounts only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain import commands as do
from registry.domain.args import ClassTerms, CompanyTerms, RoleGrant
from registry.domain.entitlements import accounts_to_fix
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.payout_args import DistributionTerms, HolderRow, TaxRule
from registry.domain.payouts import DistributionState, Paying
from registry.domain.raise_args import BankLine
from registry.domain.register import RegisterState
from registry.domain.words import PartyWord
from tests.domain import world as w
from tests.domain.escrow_world import BANK, DAY, RAISING, Raised
from tests.domain.raise_cast import ISSUER, PLATFORMS, PURE, Cast

PAYING = Paying(w.address("distributions"), w.address("tax schedules"), w.address("preferences"))
CAST = replace(PURE, admin=PURE.wallet(ISSUER))
HOLDERS = tuple(PartyId(p) for p in range(1, 11))
WITH_WALLET = (1, 2, 4, ISSUER)
PURSE = 10_000_000
"""[fen] What wallet and book account of the issuer begin with."""
PREFERRED = {2: 50, 9: 13}
PROFIT = 2**40
SHARES = {1: 333, 2: 250, 3: 7, 4: 100, 5: 11, 6: 1_000, 7: 1, 8: 5, 9: 39, 10: 3}
"""[units] That everybody holds at first; party 1 in wallet and book account, one of them."""
RULES = (
    TaxRule(3, 156, 2_000),
    TaxRule(3, 0, 1_000),
    TaxRule(1, 0, 1_111),
    TaxRule(2, 0, 555),
    TaxRule(4, 0, 0),
    TaxRule(0, 0, 777),
)
FEWER = (TaxRule(3, 0, 10_000), TaxRule(4, 156, 1), TaxRule(1, 156, 3_333), TaxRule(0, 0, 4_444))
"""Category 2, and others of another residence, are everybody else."""
CATEGORIES = {1: (3, 156), 2: (1, 156), 3: (3, 840), 4: (4, 156), 5: (2, 344), 6: (1, 156)}
"""Category and tax residence of a party; of all others (3, 392)."""


def account_of(cast: Cast, party: int) -> Address:
    """Where a party mostly holds."""
    return cast.admin if party == ISSUER else cast.account(party) if party < ISSUER else cast.book(party)


@dataclass
class Payer(Raised):
    """A world that pays dividends."""

    def dividend(self, number: int = 1) -> DistributionState:
        return self.state.payouts.distributions[number]

    def rows(self, number: int = 1, leaf: int = 0, leaves: int = 64) -> tuple[HolderRow, ...]:
        return self.dividend(number).holders[8 * leaf : 8 * (leaf + leaves)]

    def announce(self, ahead: int = DAY, share_class: Address = w.ORDINARY) -> int:
        """A record date; answers its number."""
        self.run(do.SetRecordDate(share_class, w.header(), self.time + ahead), w.AGENT)
        return len(self.state.classes[share_class].record_times)

    def declare(self, terms: DistributionTerms, excluded: tuple[Address, ...] = ()) -> DistributionState:
        self.run(do.Declare(w.header(self.today), terms, excluded), CAST.admin)
        return self.dividend(len(self.state.payouts.distributions))

    def fix(self, number: int = 1) -> tuple[RegistryEvent, ...]:
        """Behind the record date."""
        d = self.dividend(number)
        self.at(max(self.time, self.state.classes[d.terms.share_class].record_times[d.terms.epoch - 1] + 1))
        return self.run(do.FixDistribution(number, accounts_to_fix(self.state, d)), w.STRANGER)

    def pay(self, number: int = 1) -> tuple[RegistryEvent, ...]:
        """All rows, from the payment date on."""
        self.due(number)
        return self.run(do.PayEntitlements(number, 0, self.rows(number)), w.STRANGER)

    def due(self, number: int = 1) -> None:
        self.wait(max(self.dividend(number).terms.payable_from - self.clock, 0))


def person(day: Day, party: int) -> PartyWord:
    category, residence = CATEGORIES.get(party, (3, 392))
    kind = 2 if party == 4 else 1
    usual = w.word(party, day + 200, day + 150, category)
    return replace(usual, kind=kind, tax_residence=residence)


def founded(cap: int = 200, decimals: int = 0, authorised: int = 100_000) -> Payer:
    """An open company, its people and their shares, money, two schedules; no dividend is declared."""
    states = [RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING, PAYING) for _ in range(2)]
    world = Payer(state=states[0], replay=states[1])
    _company(world, cap, decimals, authorised)
    for account, roles in ((BANK, 8), (RAISING.offering_factory, 16), (PAYING.distributions, 16)):
        world.run(do.SetRoles(w.header(), account, roles), w.GOVERNOR)
    w.onboard(world, *(person(PURE.day, p) for p in HOLDERS))
    for party in WITH_WALLET:
        w.bind(world, party, 0)
    w.bind(world, 1, 1)
    hand_over(world)
    for party, units in SHARES.items():
        w.issue(world, account_of(CAST, party), units)
    w.issue(world, CAST.book(1), 1)
    for party, units in PREFERRED.items():
        w.issue(world, CAST.book(party), units, w.PREFERRED)
    for number, account in enumerate((CAST.admin, CAST.book(ISSUER))):
        head = w.header()
        world.run(do.Mint(head, (BankLine(account, PURSE + number, head.operation),)), BANK)
    world.run(do.AllowMoney(PAYING.distributions, 2**256 - 1), CAST.admin)
    for rules in (RULES, FEWER):
        world.run(do.CreateSchedule(w.header(), CAST.book(PLATFORMS), rules), w.PLATFORM)
    return world


def hand_over(world: w.World) -> None:
    """The issuer's wallet becomes the company's ADMIN."""
    world.run(do.OfferAdmin(w.COMPANY, w.header(), CAST.admin), w.ADMIN)
    world.run(do.AcceptAdmin(w.COMPANY), CAST.admin)


def _company(world: w.World, cap: int, decimals: int, authorised: int) -> None:
    w.deployed(world)
    terms = tuple(
        ClassTerms(name, name[:3].upper(), Shares(authorised), decimals, w.CATEGORIES)
        for name in ("Ordinary", "Preferred")
    )
    roles = ((w.ADMIN, 1), (w.AGENT, 2), (w.MIGRATOR, 4), (w.STOPPER, 8), (w.SECRETARY, 16))
    grants = tuple(RoleGrant(account, mask) for account, mask in roles)
    company = CompanyTerms("Acme", 1, PURE.region, cap)
    world.run(do.CreateCompany(w.header(), company, terms, grants, w.COMPANY, (w.ORDINARY, w.PREFERRED)), w.PLATFORM)
    world.run(do.Open(w.COMPANY, w.header()), w.ADMIN)


def dividend_terms(world: Raised, epoch: int = 1, **changes: object) -> DistributionTerms:
    """10 000 fen in all, shared out two days after the record date, claimable for 30 days."""
    c = world.state.classes[w.ORDINARY]
    payable = world.clock + c.record_times[epoch - 1] - world.time + 2 * DAY if c.record_times else DAY
    usual = DistributionTerms(
        w.ORDINARY, epoch, 1, CAST.admin, 10_000, 0, PROFIT, payable, payable + 30 * DAY, CAST.book(ISSUER)
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def declared(**changes: object) -> Payer:
    """A dividend that waits for its record date."""
    world = founded()
    world.announce()
    excluded = changes.pop("excluded", ())
    terms = dividend_terms(world)
    if "expires_after" in changes:
        changes["expires_at"] = terms.payable_from + int(str(changes.pop("expires_after")))
    world.declare(replace(terms, **changes), excluded)  # type: ignore[arg-type]
    return world


def fixed(**changes: object) -> Payer:
    """A dividend whose holders are known; it is paid two days after the record date."""
    world = declared(**changes)
    world.fix()
    return world
