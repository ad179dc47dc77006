"""What the demo shows after the cap table: a young company raises money, reaches one milestone and misses the other.

The company is one of its own beside the imported package, so the package's totals and holders stay what they are. Money
in fen; times on the clock of the company's region, which nothing halts here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.acts import bank, board, company, escrow, identity, opening, raising, settling, shares, subscribing
from registry.acts.company import Created
from registry.acts.desk import Desk
from registry.acts.identity import Newcomer
from registry.acts.operations import Done, Request
from registry.acts.overview import Overview, overview
from registry.acts.raising import Raise, RaiseTerms
from registry.directory import Dossier
from registry.domain.args import ClassTerms, CompanyTerms, Consideration, Entry
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.raise_args import Appointment, BankLine, EscrowTerms, OfferingTerms, TrancheTerms
from registry.errors import RejectedError

NAME = "Chenguang Robotics Co., Ltd. 晨光机器人股份有限公司"
REGION = 4403
KIND = 1
DAY = 86_400
PRICE = 731
"""[fen] for one share."""
COOLING_OFF, WINDOW, CLAIMS = 3 * DAY, 3 * DAY, 180 * DAY
_FOUNDER, _QUALIFIED, _INSTITUTION, _TREASURY = 1, 3, 4, 5
_PERSON, _LEGAL = 1, 2
_CATEGORIES = 0b11110
_LONG = 3_650


@dataclass(frozen=True, slots=True)
class Investor:
    """A subscriber: its wallet's key by name, and what it asks for [shares]. Without a wallet the platform acts on its
    signed instruction."""

    name: str
    asks: int
    wallet: str | None
    party: PartyId = PartyId(0)

    @property
    def amount(self) -> int:
        return self.asks * PRICE


INVESTORS = (
    Investor("Lin Xiaomei 林小梅", 123_000, "investor_1"),
    Investor("Zhao Guoqiang 赵国强", 95_700, "investor_2"),
    Investor("Ma Yulan 马玉兰", 54_321, None),
)
TOO_MANY = 140_000
"""What the first of them asks for at first [shares]: more than an individual may invest in a year."""
VERIFIERS = ("Huaxin Test Laboratory 华信检测", "Lixin Auditors 立信会计师", "Nanshan Registrar 南山登记所")
"""Independent verifiers; each signs with a key of its own, which nobody here has."""
ARBITER = "arbiter"
"""Its key by name: none of the company's, which would judge itself."""


@dataclass(frozen=True, slots=True)
class Firm:
    """The young company and everybody around its raise."""

    created: Created
    issuer: PartyId
    portal: PartyId
    founder: PartyId
    investors: tuple[Investor, ...]
    verifiers: tuple[PartyId, ...]

    @property
    def series(self) -> Address:
        return self.created.classes[1]


def found(desk: Desk, keys: Sequence[Address]) -> Firm:
    """Company, founder's shares, investors; verifiers with mandates and their keys; the region's scheme."""
    document = desk.keep_document(b"demo: the documents of a young company and of those around it")

    def request(what: str) -> Request:
        return Request(f"demo raise {what}", document)

    people = _onboard(desk, request("people"))
    terms = CompanyTerms(NAME, 1, REGION, 200)
    classes = (
        ClassTerms("Ordinary", "ORD", Shares(10_000_000), 0, _CATEGORIES),
        ClassTerms("Series A", "SER-A", Shares(2_000_000), 0, _CATEGORIES),
    )
    created, _ = company.create_company(desk, request("company"), terms, classes)
    founder = Entry(desk.book(people.founder), Shares(6_000_000))
    shares.issue(desk, request("founder"), created.classes[0], [founder], Consideration())
    opening.open_company(desk, "demo raise open", created.number, created.address)
    raising.set_scheme(desk, request("scheme"), REGION, 1, 3_000_000_000, 200_000_000)
    firm = replace(people, created=created)
    for party, key in zip(firm.verifiers, keys, strict=True):
        appointment = Appointment(created.address, KIND, party, key, desk.today(), Day(desk.today() + _LONG))
        board.appoint(desk, request(f"appoint {party}"), appointment)
    return firm


def _onboard(desk: Desk, request: Request) -> Firm:
    """One KYC for everybody, wallets for those who have one."""
    until = Day(desk.today() + _LONG)

    def person(name: str) -> Newcomer:
        return Newcomer(Dossier(name), _PERSON, 156, 1, _QUALIFIED, until, until, risk_grade=4)

    def legal(name: str, category: int) -> Newcomer:
        return Newcomer(Dossier(name, kind="institution"), _LEGAL, 156, 1, category, until)

    newcomers = [legal("Chenguang Robotics, proceeds account 晨光机器人募集专户", _TREASURY)]
    newcomers += [legal("Portal Operator 平台运营方", _INSTITUTION)]
    newcomers += [Newcomer(Dossier("He Chen 何晨"), _PERSON, 156, 1, _FOUNDER, until)]
    newcomers += [person(investor.name) for investor in INVESTORS]
    newcomers += [legal(name, _INSTITUTION) for name in VERIFIERS]
    ids, _ = identity.onboard(desk, request, newcomers)
    issuer, portal, founder, *others = ids
    investors = tuple(replace(i, party=party) for i, party in zip(INVESTORS, others[:3], strict=True))
    for investor in investors:
        if investor.wallet is not None:
            bound = Request(f"demo raise bind {investor.party}", request.document)
            identity.bind_wallet(desk, bound, investor.party, desk.keys.wallet(investor.wallet))
    nothing = Created(0, Address(bytes(20)), ())
    return Firm(nothing, issuer, portal, founder, investors, tuple(others[3:]))


def account_of(desk: Desk, investor: Investor) -> Address:
    return desk.book(investor.party) if investor.wallet is None else desk.account(investor.wallet)


def deposit(desk: Desk, firm: Firm) -> Done:
    """The custodian bank turns deposits into money on the chain, each under its own reference."""
    lines = [
        BankLine(account_of(desk, investor), TOO_MANY * PRICE, shares.reference(f"DEP-2026-{place:04d}"))
        for place, investor in enumerate(firm.investors, 1)
    ]
    return bank.mint(desk, Request("demo raise deposits", desk.keep_document(b"demo: bank statement")), lines)


def start(desk: Desk, firm: Firm) -> Raise:
    """Drafted by the platform, admitted by the company, opened by the platform."""
    memorandum = desk.keep_document(b"demo: offering memorandum")
    now = desk.node.head().time
    offering = OfferingTerms(
        company=firm.created.address,
        share_class=firm.series,
        fee_recipient=desk.book(firm.portal),
        price=PRICE,
        minimum=100_000 * PRICE,
        maximum=1_000_000 * PRICE,
        investor_minimum=1_000 * PRICE,
        investor_maximum=200_000 * PRICE,
        opens_at=now,
        closes_at=now + 10 * DAY,
        cooling_off=COOLING_OFF,
        settle_within=10 * DAY,
        fee_bps=500,
        region=REGION,
        risk_grade=3,
        method=1,
        lock_day=Day(0),
        memorandum=memorandum,
        disclosure=desk.keep_document(b"demo: risk disclosure"),
    )
    terms = RaiseTerms(offering, _escrow_terms(desk, firm), _tranches(desk, offering.closes_at))
    target, _ = raising.create_raise(desk, Request("demo raise create", memorandum), terms)
    raising.admit_raise(desk, Request("demo raise admit", memorandum), target)
    raising.open_raise(desk, Request("demo raise open", memorandum), target)
    return target


def _escrow_terms(desk: Desk, firm: Firm) -> EscrowTerms:
    return EscrowTerms(
        issuer_account=desk.book(firm.issuer),
        arbiter=desk.keys.wallet(ARBITER).address,
        window=WINDOW,
        arbitration=10 * DAY,
        silence_upholds=True,
        challenge_bps=1_000,
        consent_bps=5_000,
        voting=10 * DAY,
        claims=CLAIMS,
        lapse_account=desk.book(firm.issuer),
    )


def _tranches(desk: Desk, closes_at: int) -> tuple[TrancheTerms, ...]:
    """40 % for 100 000 users, 60 % for 5 000 units shipped; what is missed goes back."""
    planned = (
        (4_000, 90, "100 000 registered users", "注册用户达到十万", {"measure": "users", "at_least": 100_000}),
        (6_000, 120, "5 000 units shipped", "交付五千台", {"measure": "units", "at_least": 5_000}),
    )
    return tuple(
        TrancheTerms(
            is_share=True,
            value=bps,
            kind=KIND,
            quorum=2,
            deadline=closes_at + days * DAY,
            on_miss=1,
            extension=0,
            criterion=desk.keep_document(f"{en} {zh}".encode()),
            terms=json.dumps({"title": {"en": en, "zh": zh}, **terms}, ensure_ascii=False),
        )
        for bps, days, en, zh, terms in planned
    )


def ask_for_too_much(desk: Desk, target: Raise, firm: Firm) -> RejectedError:
    """More than the annual limit: refused with its rule before anybody signs."""
    investor = firm.investors[0]
    try:
        _subscribe(desk, target, replace(investor, asks=TOO_MANY), "demo raise too much")
    except RejectedError as refused:
        return refused
    raise AssertionError("the raise took more from one individual than the annual limit")


def subscribe(desk: Desk, target: Raise, investor: Investor) -> None:
    _subscribe(desk, target, investor, f"demo raise subscribe {investor.party}")


def _subscribe(desk: Desk, target: Raise, investor: Investor, key: str) -> None:
    signed = desk.keep_document(f"demo: risk disclosure signed by party {investor.party}".encode())
    if investor.wallet is None:
        instruction = Request(key, desk.keep_document(f"demo: instruction of party {investor.party}".encode()))
        subscribing.subscribe_for(desk, instruction, target, desk.book(investor.party), investor.amount, signed)
    else:
        subscribing.subscribe(desk, key, target, investor.wallet, investor.amount, signed)


def settle(desk: Desk, target: Raise) -> Overview:
    settling.settle(desk, target)
    return overview(desk, target)


def is_quorate(desk: Desk, target: Raise, milestone: int) -> bool:
    """A quorum stands, whatever the dispute window says."""
    return bool(overview(desk, target).cases[milestone].window_ends)


def release(desk: Desk, target: Raise) -> Overview:
    escrow.release(desk, target, 0)
    return overview(desk, target)


def miss_and_redeem(desk: Desk, target: Raise) -> Overview:
    escrow.miss(desk, target, 1)
    escrow.redeem(desk, target)
    return overview(desk, target)


def until(desk: Desk, time: int) -> int:
    """[s] From the chain's newest block to just after a moment."""
    return max(time + 1 - desk.node.head().time, 0)
