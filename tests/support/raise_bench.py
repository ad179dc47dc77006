"""A company with money, investors and verifiers in a home, and a raise from a file of terms: for acts and commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from registry.acts import bank, board, identity, raising, settling, subscribing
from registry.acts.company import create_company
from registry.acts.desk import Desk
from registry.acts.identity import Newcomer
from registry.acts.opening import open_company
from registry.acts.operations import Request
from registry.acts.overview import overview
from registry.acts.raise_file import read_raise
from registry.acts.raising import Raise
from registry.acts.shares import reference
from registry.chain.typed import Board
from registry.directory import Dossier
from registry.domain.args import ClassTerms, CompanyTerms
from registry.domain.attestation import REACHED, Attestation
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.raise_args import Appointment, BankLine
from tests.support.stage import EVERYBODY

DAY = 86_400
REGION = 310
PRICE = 12_00
DOCUMENT = Hash32(b"\xd1" * 32)
SIGNED = Hash32(b"\xd2" * 32)
"""A subscriber's signed copy of the disclosure."""
ISSUER, FEES = PartyId(1), PartyId(2)
INVESTORS = range(10, 15)

TERMS = """
company = {company}
class = "ORD"
price = "12.00"
minimum = "12000.00"
maximum = "{maximum}"
investor_minimum = "120.00"
investor_maximum = "1200000.00"
opens = {opens}
closes = {closes}
cooling_off = "2 days"
settle_within = "30 days"
fee_percent = "5"
fee_to = 2
risk_grade = {risk}
method = "{method}"
memorandum = "0x{document}"
disclosure = "0x{document}"

[escrow]
issuer_account = 1
arbiter = "arbiter"
dispute_window = "2 days"
arbitration = "5 days"
silence = "voids"
challenge_percent = "10"
consent_percent = "50"
voting = "3 days"
put_payer = "payer"
put_payer_is_issuer = true
put_interest_percent = "5"
claim_period = "180 days"
lapsed_to = 1

[[tranche]]
share_percent = "40"
kind = 1
quorum = 2
deadline = {first}
on_miss = "redeem"
criterion = "licence"
terms = {{ product = "WA-1" }}

[[tranche]]
share_percent = "60"
kind = 1
quorum = 2
deadline = {second}
on_miss = "{on_miss}"
{extension}
criterion = "users"
"""


@dataclass
class RaiseBench:
    """`desk` on a chain of its own; parties from 10 on are investors, 20 to 22 verifiers."""

    desk: Desk
    folder: Path
    method: str = "first_come"
    maximum: str = "120000.00"
    on_miss: str = "redeem"
    ratchet: str = ""
    name: str = ""
    """Of the raise, where one bench sees several: its acts have keys of their own."""
    company: Address = field(init=False)
    number: int = field(init=False)
    share_class: Address = field(init=False)
    raise_: Raise = field(init=False)

    def furnish(self) -> RaiseBench:
        """A company that is open, a region with its scheme, everybody registered, wallets with money."""
        desk = self.desk
        desk.keys.wallet("arbiter")
        self.onboard(22)
        terms = CompanyTerms("Water Ltd", 1, REGION, 200)
        classes = [ClassTerms("Ordinary", "ORD", Shares(1_000_000), 0, EVERYBODY)]
        created, _ = create_company(desk, self.request("company"), terms, classes)
        self.company, self.number, self.share_class = created.address, created.number, created.classes[0]
        open_company(desk, "open the company", self.number, self.company)
        raising.set_scheme(desk, self.request("scheme"), REGION, 1, 30_000_000_00, 0)
        for party, name in ((1, "payer"), (10, "alice"), (11, "bo"), (12, "chen")):
            self.bind(party, name)
            self.deposit(desk.account(name), 500_000_00)
        self.deposit(desk.book(PartyId(13)), 500_000_00)
        return self

    def onboard(self, count: int) -> None:
        """Parties 1 to `count`: qualified persons; the investors among them of risk grade 5."""
        desk = self.desk
        day = Day(60_000)
        people = [Newcomer(Dossier(legal_name=f"Party {each}"), 1, 156, 1, 3, day, day) for each in range(1, count + 1)]
        identity.onboard(desk, self.request("onboard"), people)
        for party in INVESTORS:
            graded = identity.Standing(risk_grade=5)
            identity.set_standing(desk, self.request(f"grade {party}"), PartyId(party), graded)

    def bind(self, party: int, name: str) -> None:
        signer = self.desk.keys.wallet(name)
        identity.bind_wallet(self.desk, self.request(f"bind {name}"), PartyId(party), signer)

    def deposit(self, account: Address, amount: int) -> None:
        text = f"deposit {account.hex()[:12]} {amount}"
        bank.mint(self.desk, self.request(text), [BankLine(account, amount, reference(text[:31]))])

    def request(self, key: str) -> Request:
        return Request(f"{self.name}{key}", DOCUMENT)

    # --- the raise ---

    def write(self, name: str = "RAISE.toml", **changed: str) -> Path:
        """The file of terms, with dates that begin at the chain's own time."""
        filled = {
            "company": str(self.number),
            "maximum": self.maximum,
            "method": self.method,
            "opens": self.moment(0),
            "closes": self.moment(10 * DAY),
            "first": self.moment(100 * DAY),
            "second": self.moment(200 * DAY),
            "on_miss": self.on_miss,
            "extension": 'extension = "50 days"' if self.on_miss == "extend" else "",
            "document": DOCUMENT.hex(),
            "risk": "4",
        }
        file = self.folder / name
        file.write_text(TERMS.format(**(filled | changed)) + self.ratchet)
        return file

    def moment(self, later: int) -> str:
        """So many seconds from the newest block, as TOML at UTC+8."""
        home = timezone(timedelta(hours=8))
        return datetime.fromtimestamp(self.desk.node.head().time + later, home).replace(tzinfo=None).isoformat()

    def create(self, **changed: str) -> Raise:
        terms = read_raise(self.desk, self.write(**changed))
        self.raise_, _ = raising.create_raise(self.desk, self.request("create"), terms)
        return self.raise_

    def opened(self, **changed: str) -> Raise:
        """Created, admitted, with three verifiers of whom two have to agree, and open."""
        target = self.create(**changed)
        raising.admit_raise(self.desk, self.request("admit"), target)
        if not self.desk.raises.panel(self.company, 1)[0]:
            for party in (20, 21, 22):
                self.appoint(party)
        raising.open_raise(self.desk, self.request("open"), target)
        return target

    def appoint(self, party: int, kind: int = 1) -> Address:
        key = self.desk.keys.wallet(f"verifier_{party}").address
        first = board.first_day(self.desk, self.company, kind)
        appointment = Appointment(self.company, kind, PartyId(party), key, first, Day(first + 3_000))
        board.appoint(self.desk, self.request(f"appoint {party} {kind}"), appointment)
        return key

    def attest(self, party: int, milestone: int, outcome: int = REACHED) -> None:
        signer = self.desk.keys.wallet(f"verifier_{party}")
        now = self.desk.node.head().time
        evidence = Hash32(bytes([party]) * 32)
        round_ = board.case_of(self.desk, self.raise_, milestone).round
        said = Attestation(
            self.company, self.raise_.escrow, milestone, round_, outcome, evidence, "file:evidence", now, now + 30 * DAY
        )
        signature = signer.sign_statement(said, self.board)
        board.attest(self.desk, said, signer.address, signature)

    @property
    def board(self) -> Board:
        return Board(self.desk.deployment.chain_id, self.desk.deployment.board)

    def later(self, seconds: int) -> None:
        """The chain's next block is so much later."""
        rpc = self.desk.node.rpc
        rpc.call("evm_increaseTime", hex(seconds))
        rpc.call("evm_mine")

    def money(self) -> dict[str, int]:
        """Where the money of the raise is [fen]; it sums to what came in, and what is held is there."""
        seen = overview(self.desk, self.raise_)
        found = seen.money.as_json()
        assert found["in"] == sum(found.values()) - found["in"]
        held = self.desk.raises.cash_of([self.raise_.offering, self.raise_.escrow])
        assert found["held"] == sum(each.balance for each in held)
        return found

    def balance(self, account: str | int) -> int:
        """[fen] Of a wallet by its key's name, or of a party's book account."""
        desk = self.desk
        address = desk.account(account) if isinstance(account, str) else desk.book(PartyId(account))
        return desk.raises.cash_of([address])[0].balance

    def shares(self, account: str | int) -> int:
        desk = self.desk
        address = desk.account(account) if isinstance(account, str) else desk.book(PartyId(account))
        return desk.reads.holding(self.share_class, address).balance

    def subscribe(self, wallet: str, amount: int) -> None:
        subscribing.subscribe(self.desk, f"{self.name}{wallet}", self.raise_, wallet, amount, SIGNED)

    def settled(self) -> Raise:
        """Open, subscribed by alice (12 000), bo (6 000) and party 13 (6 000), closed and allotted."""
        target = self.opened()
        self.subscribe("alice", 12_000_00)
        self.subscribe("bo", 6_000_00)
        book = self.desk.book(PartyId(13))
        subscribing.subscribe_for(self.desk, self.request("party 13"), target, book, 6_000_00, SIGNED)
        self.later(13 * DAY)
        settling.settle(self.desk, target)
        return target
