"""What a dividend costs: declaring, fixing, paying in pages (first time and again), a claim with tax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eth_utils.crypto import keccak

from benchmarks.gas_market import ADMIN, AGENT, GOVERNOR, NOBODY, PLATFORM, SHARES, Market
from benchmarks.gas_raise import CUSTODIAN, DAY
from benchmarks.gas_stage import QUALIFIED, UTC_OFFSET, Contract, Person, actor, full

TAX = [(0, 0, 2_000), (QUALIFIED, 156, 2_000), (QUALIFIED, 0, 1_000)]
PERSON_TOTAL = 52_700
"""[fen] For each holder."""


class DividendMarket:
    """The contracts of dividends beside a market whose company is open."""

    def __init__(self, m: Market) -> None:
        self.m, stage = m, m.stage
        deployer, registry = actor("deployer"), m.registry.address

        def deploy(name: str, *addresses: str) -> Contract:
            return stage.deploy(deployer, name, ["address"] * len(addresses) + ["uint32"], [*addresses, UTC_OFFSET])

        self.token = deploy("SettlementToken", registry)
        self.regions = deploy("Regions", registry)
        self.schedules = deploy("TaxSchedules", registry)
        self.preferences = deploy("Preferences", registry, m.factory.address)
        parts = (self.token, self.regions, self.schedules, self.preferences)
        self.distributions = deploy("Distributions", registry, *(part.address for part in parts))
        for account, roles in ((CUSTODIAN, 8), (self.distributions.address, 16)):
            stage.send(GOVERNOR, m.registry, "setRoles", stage.header(), account, roles)
        self.issuer, self.office = m.newcomers(m.ids(2))[0]
        # A class of its own: who holds must be all that are in it.
        stage.send(ADMIN, m.company, "createClass", stage.header(), ("红利股", "XGBD-D", 10**12, 0, 0b111110))
        self.share_class = stage.at("ShareClass", "0x" + stage.read(m.company, "classes")[-20:].hex())
        # The company's officer acts with a wallet of the company's own party.
        self.admin = self.issuer.account
        stage.send(ADMIN, m.company, "offerAdmin", stage.header(), self.admin)
        stage.send(self.admin, m.company, "acceptAdmin")
        self.created = stage.send(PLATFORM, self.schedules, "createSchedule", stage.header(), self.office.account, TAX)
        line = (self.issuer.account, 10**12, full(keccak(b"dividend money")))
        stage.send(CUSTODIAN, self.token, "mint", stage.header(), [line])
        stage.send(self.admin, self.token, "approve", self.distributions.address, 2**256 - 1)
        self.count = 0
        self.rows: list[int] = []

    def declare(self, rate: int = 0) -> int:
        stage = self.m.stage
        now = stage.now()
        stage.send(AGENT, self.share_class, "setRecordDate", stage.header(), now + DAY)
        epoch = len(stage.read(self.share_class, "recordTimes")) // 32 - 2
        issued = stage.read_int(self.share_class, "totalSupply")
        total = issued * 53
        terms = (
            self.share_class.address,
            epoch,
            1,
            self.admin,
            total,
            rate,
            total,
            now + 2 * DAY,
            now + 900 * DAY,
            NOBODY,
            0,
        )
        used = stage.send(self.admin, self.distributions, "declare", stage.header(), terms, [])
        self.count += 1
        stage.jump(3 * DAY)
        return used

    def pages(self, first: int, count: int) -> Iterator[float]:
        yield self.pay(PLATFORM, first, count) / (count * LEAF)

    def pay(self, sender: str, leaf: int, leaves: int = 1) -> int:
        rows = self.rows[leaf * LEAF : (leaf + leaves) * LEAF]
        return self.m.stage.send(sender, self.distributions, "pay", self.count, leaf, rows)

    def claim(self, person: Person, leaf: int) -> int:
        rows = self.rows[leaf * LEAF : (leaf + 1) * LEAF]
        return self.m.stage.send(person.account, self.distributions, "claim", self.count, leaf, rows, 3)

    def fix(self, people: Sequence[Person]) -> int:
        """By whom they stand: party, shares, account."""
        people = sorted(people, key=lambda p: p.party)
        self.rows = [p.party | SHARES << 32 | int(p.account, 16) << 96 for p in people]
        return self.m.stage.send(PLATFORM, self.distributions, "fix", self.count, [p.account for p in people])


LEAF = 8
"""Rows that are hashed together."""


def dividends(m: Market) -> Iterator[tuple[str, float]]:
    """Three dividends on a class of its own."""
    market = DividendMarket(m)
    scattered, people = m.newcomers(m.ids(192, step=40))[0], m.newcomers(m.ids(192))[0]
    book, alone = m.book_people(m.ids(192))[0], m.newcomers(m.ids(8 * LEAF))[0]
    everybody = [*scattered, *people, *book, *alone]
    m.issue_all(market.share_class, everybody)
    for turn, rate in enumerate((0, 530_000_000, 531_000_000)):
        what = "first" if turn == 0 else "again"
        yield ("declare_first" if turn == 0 else "declare"), market.declare(rate)
        yield "fix_distribution_each", market.fix(everybody) / len(everybody)
        for name, first in (("scattered", 0), ("wallets", 24), ("book", 48)):
            for figure in market.pages(first, 24):
                yield f"pay_{name}_{what}_each", figure
        for leaf in range(72, 80):
            yield f"claim_{what}", market.claim(alone[(leaf - 72) * LEAF], leaf)
