"""A company in a home that pays dividends, with holders in wallets and book accounts: for acts and commands."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.acts import bank, dividend_pay, dividends, identity
from registry.acts.company import create_company
from registry.acts.desk import ADMIN, Desk
from registry.acts.dividend_terms import Declaration
from registry.acts.identity import Newcomer, Standing
from registry.acts.opening import open_company
from registry.acts.operations import Request
from registry.acts.shares import cancel, issue, reference
from registry.directory import Dossier
from registry.domain.args import ClassTerms, CompanyTerms, Entry
from registry.domain.days import last_second
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.payout_args import TaxRule
from registry.domain.raise_args import BankLine
from tests.support.stage import EVERYBODY

DAY = 86_400
REGION = 310
DOCUMENT = Hash32(b"\xd1" * 32)
ISSUER, OFFICE = PartyId(1), PartyId(2)
ALICE, BO, FUND, ABROAD = PartyId(10), PartyId(11), PartyId(12), PartyId(13)
HELD = {ALICE: 600, BO: 300, FUND: 93, ABROAD: 7}
QUALIFIED, INSTITUTION, TREASURY = 3, 4, 5
RULES = (
    TaxRule(QUALIFIED, 156, 2_000),
    TaxRule(QUALIFIED, 0, 1_000),
    TaxRule(INSTITUTION, 0, 0),
    TaxRule(0, 0, 1_500),
)
PROFIT = 10_000_000_00
RATE = 1_234_500_000
"""[10^-10 CNY] 0.12345 for a share."""


@dataclass
class DividendBench:
    """`desk` on a chain of its own. Parties 10 and 11 have wallets alice and bo, 12 and 13 book accounts; the company's
    key is a wallet of party 1, whose book account pays."""

    desk: Desk
    company: Address = field(init=False)
    number: int = field(init=False)
    share_class: Address = field(init=False)
    schedule: int = field(init=False)

    def furnish(self, more: int = 0) -> DividendBench:
        """With `more` holders of one share each, from party 20 on."""
        desk, until = self.desk, Day(60_000)
        categories = {ISSUER: TREASURY, OFFICE: INSTITUTION, FUND: INSTITUTION}
        people = [
            Newcomer(Dossier(f"Party {each}"), 1, 156, 1, categories.get(PartyId(each), QUALIFIED), until, until)
            for each in range(1, 20 + more)
        ]
        for start in range(0, len(people), 100):
            identity.onboard(desk, self.request(f"onboard {start}"), people[start : start + 100])
        for party in (ALICE, BO):
            identity.set_standing(desk, self.request(f"at home {party}"), party, Standing(tax_residence=156))
        for party, name in ((ISSUER, ADMIN), (ALICE, "alice"), (BO, "bo")):
            identity.bind_wallet(desk, self.request(f"bind {name}"), party, desk.keys.wallet(name))
        terms = CompanyTerms("Dividend Ltd", 1, REGION, 60_000)
        classes = [ClassTerms("Ordinary", "ORD", Shares(1_000_000), 0, EVERYBODY)]
        created, _ = create_company(desk, self.request("company"), terms, classes)
        self.company, self.number, self.share_class = created.address, created.number, created.classes[0]
        entries = [Entry(self.account(party), Shares(shares)) for party, shares in HELD.items()]
        entries += [Entry(desk.book(PartyId(20 + each)), Shares(1)) for each in range(more)]
        for start in range(0, len(entries), 100):
            issue(desk, self.request(f"issue {start}"), self.share_class, entries[start : start + 100])
        open_company(desk, "open the company", self.number, self.company)
        self.deposit(1_000_000_00)
        self.schedule, _ = dividends.create_schedule(desk, self.request("schedule"), desk.book(OFFICE), RULES)
        return self

    def request(self, key: str) -> Request:
        return Request(key, DOCUMENT)

    def account(self, party: PartyId) -> Address:
        names = {ALICE: "alice", BO: "bo"}
        return self.desk.account(names[party]) if party in names else self.desk.book(party)

    def deposit(self, amount: int) -> None:
        line = BankLine(self.desk.book(ISSUER), amount, reference(f"deposit {amount}"))
        bank.mint(self.desk, self.request(f"deposit {amount}"), [line])

    def asked(self, **changed: object) -> Declaration:
        """0.12345 a share, at the end of today, paid the day after, for thirty days."""
        desk, today = self.desk, self.desk.today()
        pays = last_second(Day(today + 1))
        terms: dict[str, object] = {
            "share_class": self.share_class,
            "record_day": today,
            "pays_at": pays,
            "expires_at": pays + 30 * DAY,
            "schedule": self.schedule,
            "total": 500_00,
            "profit": PROFIT,
            "funded_by": desk.book(ISSUER),
            "rate": RATE,
        }
        return Declaration(**(terms | changed))  # type: ignore[arg-type]

    def declared(self, key: str = "dividend", **changed: object) -> int:
        return dividends.declare(self.desk, self.request(key), self.asked(**changed)).number

    def fixed(self, key: str = "dividend", **changed: object) -> int:
        """Declared, its record date passed, and payable."""
        number = self.declared(key, **changed)
        self.later(3 * DAY)
        dividend_pay.fix(self.desk, number)
        return number

    def emptied(self, key: str) -> int:
        """A dividend of a company of its own, in which nobody holds a share any more at the record date."""
        desk, held = self.desk, Entry(self.desk.book(FUND), Shares(1_000))
        terms = CompanyTerms("Empty Ltd", 1, REGION, 200)
        classes = [ClassTerms("Ordinary", "EMPTY", Shares(1_000), 0, EVERYBODY)]
        created, _ = create_company(desk, self.request(f"empty {key}"), terms, classes)
        issue(desk, self.request(f"issue {key}"), created.classes[0], [held])
        open_company(desk, f"open {key}", created.number, created.address)
        number = self.declared(key, share_class=created.classes[0])
        cancel(desk, self.request(f"end {key}"), created.classes[0], "cancel", held)
        self.later(3 * DAY)
        return number

    def later(self, seconds: int) -> None:
        """The chain's next block is so much later."""
        rpc = self.desk.node.rpc
        rpc.call("evm_increaseTime", hex(seconds))
        rpc.call("evm_mine")

    def balance(self, party: PartyId) -> int:
        """[fen] Of the account in which a party holds its shares."""
        return self.desk.raises.cash_of([self.account(party)])[0].balance
