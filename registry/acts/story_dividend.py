"""What the demo shows last: a company pays a dividend under three tax rates, and one holder's part waits.

The company is one of its own again. Money in fen; payment date and expiry on the clock of the company's region, which
nothing halts here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.acts import bank, company, dividend_pay, dividends, identity, opening, shares
from registry.acts.company import Created
from registry.acts.desk import ADMIN, Desk
from registry.acts.dividend_pay import Line, Served
from registry.acts.dividend_terms import Declaration, preview
from registry.acts.identity import Newcomer, Standing
from registry.acts.operations import Done, Request
from registry.directory import Dossier
from registry.domain.args import ClassTerms, CompanyTerms, Consideration, Entry
from registry.domain.days import last_second
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.payout_args import TaxRule
from registry.domain.raise_args import BankLine
from registry.mirror.views_payout import Preview

NAME = "Haitian Precision Co., Ltd. 海天精密股份有限公司"
REGION = 4403
DAY = 86_400
RATE = 1_234_567_000
"""[10^-10 CNY for a share] ¥ 0.1234567."""
PROVIDED = 15_000_000
"""[fen] What the company puts there; what the rate does not need goes back."""
PROFIT = 48_000_000_00
"""[fen] Distributable, as the accounts have it that the resolution rests on."""
TREASURY = Shares(20_000)
"""Shares that the company holds itself."""
SOLD = 23_457
"""What one holder sells after the record date."""
_CHINA, _SINGAPORE = 156, 702
_EVERYBODY_ELSE, _FOUNDER, _QUALIFIED, _INSTITUTION, _TREASURY = 0, 1, 3, 4, 5
_PERSON, _LEGAL = 1, 2
_CATEGORIES = 0b111110
_LONG = 3_650
RESIDENT, TREATY = 2_000, 1_000
"""[basis points] What is withheld from resident individuals, and from who lives elsewhere under a treaty."""
RULES = (
    TaxRule(_FOUNDER, _CHINA, RESIDENT),
    TaxRule(_QUALIFIED, _CHINA, RESIDENT),
    TaxRule(_QUALIFIED, 0, RESIDENT),
    TaxRule(_INSTITUTION, 0, 0),
    TaxRule(_EVERYBODY_ELSE, 0, RESIDENT),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A holder of the company's shares, and what is withheld from it. Without a wallet it holds in its book account."""

    name: str
    holds: int
    category: int
    residence: int
    bps: int
    wallet: str | None = None
    party: PartyId = PartyId(0)

    @property
    def is_person(self) -> bool:
        return self.category != _INSTITUTION


SELLER, LATE, ABROAD, FUND = 1, 2, 3, 4
"""Positions of those who do something, or to whom something happens."""
MEMBERS = (
    Member("Sun Wei 孙伟", 600_000, _FOUNDER, _CHINA, RESIDENT),
    Member("Chen Jing 陈静", 123_457, _QUALIFIED, _CHINA, RESIDENT, "dividend_seller"),
    Member("Luo Yuhan 罗雨涵", 41_113, _QUALIFIED, _CHINA, RESIDENT),
    Member("Tan Mei Ling 陈美玲", 88_901, _QUALIFIED, _SINGAPORE, TREATY),
    Member("Qianhai Fund 前海基金", 250_000, _INSTITUTION, _CHINA, 0),
)


@dataclass(frozen=True, slots=True)
class Payer:
    """The company, its own party, the tax office's, who holds, and the record date."""

    created: Created
    itself: PartyId
    office: PartyId
    members: tuple[Member, ...]
    record_day: Day

    @property
    def share_class(self) -> Address:
        return self.created.classes[0]


def request_of(desk: Desk, what: str, document: str) -> Request:
    return Request(f"demo dividend {what}", desk.keep_document(f"demo: {document}".encode()))


def found(desk: Desk) -> Payer:
    """A company with its holders and shares of its own; its officer acts with a wallet of the company's party."""
    people = _onboard(desk)
    terms = CompanyTerms(NAME, 1, REGION, 200)
    classes = (ClassTerms("Ordinary", "ORD", Shares(10_000_000), 0, _CATEGORIES),)
    created, _ = company.create_company(desk, request_of(desk, "company", "articles"), terms, classes)
    entries = [Entry(account_of(desk, member), Shares(member.holds)) for member in people.members]
    entries.append(Entry(desk.book(people.itself), TREASURY))
    shares.issue(desk, request_of(desk, "shares", "register"), created.classes[0], entries, Consideration())
    opening.open_company(desk, "demo dividend open", created.number, created.address)
    return replace(people, created=created)


def _onboard(desk: Desk) -> Payer:
    """One KYC for everybody, in force for long; of one holder it lapses with the record date."""
    record_day, until = Day(desk.today() + 1), Day(desk.today() + _LONG)

    def legal(name: str, category: int) -> Newcomer:
        # Shares that a company holds itself count for no holder of record.
        weight = 0 if category == _TREASURY else 1
        dossier = Dossier(name, kind="institution")
        return Newcomer(dossier, _LEGAL, _CHINA, weight, category, until, tax_residence=_CHINA)

    def newcomer(position: int, member: Member) -> Newcomer:
        if not member.is_person:
            return legal(member.name, member.category)
        kyc = record_day if position == LATE else until
        at_home = member.residence
        return Newcomer(Dossier(member.name), _PERSON, at_home, 1, member.category, kyc, until, tax_residence=at_home)

    newcomers = [newcomer(position, member) for position, member in enumerate(MEMBERS)]
    newcomers += [
        legal("Haitian Precision, own account 海天精密自有账户", _TREASURY),
        legal("Tax Office 税务局", _INSTITUTION),
    ]
    ids, _ = identity.onboard(desk, request_of(desk, "people", "identities of holders"), newcomers)
    *holders, itself, office = ids
    members = tuple(replace(member, party=party) for member, party in zip(MEMBERS, holders, strict=True))
    keys = [(member.party, member.wallet) for member in members if member.wallet is not None]
    for party, wallet in [*keys, (itself, ADMIN)]:
        request = request_of(desk, f"bind {party}", f"party {party} asked for this wallet")
        identity.bind_wallet(desk, request, party, desk.keys.wallet(wallet))
    return Payer(Created(0, Address(bytes(20)), ()), itself, office, members, record_day)


def account_of(desk: Desk, member: Member) -> Address:
    return desk.book(member.party) if member.wallet is None else desk.account(member.wallet)


def deposit(desk: Desk, payer: Payer) -> Done:
    """What the company has earned, from its bank onto its account on the chain."""
    line = BankLine(desk.book(payer.itself), PROVIDED, shares.reference("DIV-2026-0001"))
    return bank.mint(desk, request_of(desk, "deposit", "bank statement of the payer"), [line])


def state_taxes(desk: Desk, payer: Payer) -> int:
    """The schedule's number; what is withheld from whom, and the certificate of who lives where a treaty counts."""
    rules = request_of(desk, "schedule", "the law on withholding tax")
    schedule, _ = dividends.create_schedule(desk, rules, desk.book(payer.office), RULES)
    certificate = request_of(desk, "relief", "certificate of residence under the treaty")
    until = Day(desk.today() + 365)
    dividends.state_relief(desk, certificate, payer.members[ABROAD].party, TREATY, until)
    return schedule


def plan(desk: Desk, payer: Payer, schedule: int) -> Declaration:
    """So much for a share, paid from the third day after the record date on, for three years."""
    ends = last_second(payer.record_day, desk.deployment.utc_offset)
    own = desk.book(payer.itself)
    return Declaration(
        share_class=payer.share_class,
        record_day=payer.record_day,
        pays_at=ends + 1 + 2 * DAY,
        expires_at=ends + 3 * 365 * DAY,
        schedule=schedule,
        total=PROVIDED,
        profit=PROFIT,
        funded_by=own,
        rate=RATE,
        excluded=(own,),
    )


def foresee(desk: Desk, planned: Declaration) -> Preview:
    """What each holder would get, before anybody signs."""
    return preview(desk, planned)


def declare(desk: Desk, planned: Declaration) -> int:
    """The number of the dividend; its money is taken."""
    return dividends.declare(desk, request_of(desk, "declare", "resolution of the general meeting"), planned).number


def fix(desk: Desk, number: int) -> list[Line]:
    """The register as it was at the end of the record date."""
    dividend_pay.fix(desk, number)
    return dividend_pay.lines_of(desk, number)


def pay(desk: Desk, number: int) -> Served:
    return dividend_pay.pay(desk, number)


def close(desk: Desk, number: int) -> Served:
    """The tax goes to the tax office, what roundings leave back to the company."""
    dividend_pay.close(desk, number)
    return dividend_pay.served(desk, number)


def sell(desk: Desk, payer: Payer) -> Done:
    """After the record date: the buyer has no part in the dividend, the seller keeps its own."""
    seller, buyer = payer.members[SELLER], payer.members[FUND]
    assert seller.wallet is not None
    key = f"demo dividend sale {seller.party}"
    return shares.transfer(desk, key, payer.share_class, seller.wallet, account_of(desk, buyer), SOLD)


def cure(desk: Desk, payer: Payer) -> Done:
    """The holder whose KYC lapsed shows up with its papers."""
    late = payer.members[LATE]
    standing = Standing(kyc_day=Day(desk.today() + _LONG))
    return identity.set_standing(desk, request_of(desk, "cure", "papers of who was parked"), late.party, standing)
