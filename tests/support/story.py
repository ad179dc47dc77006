"""A history in which every event of the contracts occurs, and a random walk to make it longer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from registry.chain import contracts
from registry.chain.sign import compact
from registry.domain.args import (
    ActHeader,
    ClassTerms,
    CompanyTerms,
    Consideration,
    Entry,
    Newcomer,
    Provider,
    RoleGrant,
)
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import PartyWord
from registry.errors import RejectedError
from tests.support.stage import EVERYBODY, NOTHING_GIVEN, Stage, document, signer

FAR = 1 << 40
CASH = Consideration(1, 156, 85_000_000_000)
REPURCHASE = 4
PARTIES = range(1, 9)
EMPLOYEE = 2


@dataclass
class Story:
    """What there is at the end of it."""

    stage: Stage
    companies: list[Address] = field(default_factory=list)
    classes: list[Address] = field(default_factory=list)
    wallets: dict[str, PartyId] = field(default_factory=dict)

    def accounts(self) -> list[Address]:
        """Every account that may hold something."""
        return [*map(self.book, PARTIES), *(signer(name).address for name in self.wallets)]

    def book(self, party: int) -> Address:
        return self.stage.book(party)

    # --- how it is told ---

    def act(self, share_class: Address, calldata: bytes) -> None:
        self.stage.send("agent", share_class, calldata)

    def entry(self, party: int, shares: int, ref: str = "", lock_day: int = 0) -> Entry:
        return Entry(self.book(party), Shares(shares), Day(lock_day), Hash32(ref.encode().ljust(32, b"\0")))

    def header(self, days_ago: int = 0) -> ActHeader:
        return self.stage.header(day=Day(self.stage.today - days_ago))

    def bind(self, name: str, party: int) -> None:
        wallet = signer(name)
        signature = wallet.sign_binding(self.stage.deployment, PartyId(party), FAR)
        calldata = contracts.registry.bind_wallet(self.header(), PartyId(party), wallet.address, FAR, signature)
        self.stage.send("kyc_agent", self.stage.deployment.registry, calldata)
        self.wallets[name] = PartyId(party)

    def state(self, party: int, **fields: int) -> None:
        """Restates a party's standing."""
        day = Day(60_000)
        word = PartyWord(PartyId(party), day, day, fields.get("category", 4), 1, 156, 156, 3)
        if "weight" in fields:
            word = PartyWord(PartyId(party), day, day, 4, 1, 156, 156, 3, weight=fields["weight"])
        calldata = contracts.registry.set_standing(self.header(), [word])
        self.stage.send("kyc_agent", self.stage.deployment.registry, calldata)

    def transfer(self, name: str, share_class: Address, taker: Address, shares: int) -> None:
        self.stage.send(name, share_class, contracts.share_class.transfer(taker, shares))


def tell(stage: Stage) -> Story:
    """Two companies, three classes, eight parties, all acts."""
    story = Story(stage)
    _found(story)
    _migrate(story)
    _open(story)
    _live(story)
    _succeed(story)
    _hand_over(story)
    return story


def walk(story: Story, steps: int, seed: int = 7) -> int:
    """Random moves of the two open classes; how many of them the rules let pass."""
    draw = random.Random(seed)
    done = 0
    for _ in range(steps):
        share_class = draw.choice(story.classes[:2])
        giver, taker = draw.sample(PARTIES, 2)
        shares = draw.choice([0, 1, 5, 17])
        try:
            if draw.random() < 0.5:
                entry = story.entry(taker, shares, f"W-{draw.randrange(100)}")
                calldata = contracts.share_class.transfer_for(
                    story.header(draw.randrange(3)), NOTHING_GIVEN, story.book(giver), entry
                )
                story.act(share_class, calldata)
            else:
                name = draw.choice(list(story.wallets))
                story.transfer(name, share_class, draw.choice(story.accounts()), shares)
            done += 1
        except RejectedError:
            continue
    return done


def _found(story: Story) -> None:
    stage = story.stage
    first, classes = stage.create_company("星光科技", [ClassTerms("普通股", "A", Shares(10**6), 0, EVERYBODY)], cap=200)
    story.companies.append(first)
    terms = ClassTerms("优先股", "P", Shares(10**6), 2, EVERYBODY)
    stage.send("agent", first, contracts.company.create_class(stage.header(), terms))
    second, others = stage.create_company("Other", [ClassTerms("Ordinary", "O", Shares(2**64 - 2), 6, EVERYBODY)], 2)
    story.companies.append(second)
    story.classes = [*stage.reads.classes(first), *others]
    assert classes[0] == story.classes[0]
    stage.onboard(*PARTIES[:-2])
    wallet = signer("wallet 7")
    r, vs = compact(wallet.sign_binding(stage.deployment, PartyId(7), FAR))
    word = PartyWord(PartyId(7), Day(60_000), Day(60_000), 3, 1, 156, 156, 3)
    calldata = contracts.registry.onboard_with_wallets(
        stage.header(), FAR, [Newcomer(word, document("dossier 7"), wallet.address, r, vs)]
    )
    stage.send("kyc_agent", stage.deployment.registry, calldata)
    story.wallets["wallet 7"] = PartyId(7)
    stage.onboard(8, category=0)


def _migrate(story: Story) -> None:
    """History with its legal dates, before anything is open."""
    ordinary, preferred, other = story.classes
    calls = contracts.share_class
    first = [story.entry(1, 60_000, "A-1"), story.entry(2, 30_000, "A-2", 25_000), story.entry(8, 400)]
    story.act(ordinary, calls.issue(story.header(900), CASH, first))
    story.act(ordinary, calls.transfer_for(story.header(800), CASH, story.book(1), story.entry(3, 10_000, "A-3")))
    story.act(ordinary, calls.split(story.header(700), 2, 1, [story.entry(2, 30_000), story.entry(3, 10_000)]))
    story.act(ordinary, calls.split(story.header(600), 1, 2, [story.entry(2, 30_000), story.entry(3, 10_000)]))
    story.act(preferred, calls.issue(story.header(500), NOTHING_GIVEN, [story.entry(4, 12_345, "P-1")]))
    story.act(ordinary, calls.cancel(story.header(400), REPURCHASE, CASH, story.entry(3, 10_000)))
    convert = contracts.company.convert(
        story.header(300), Consideration(4), preferred, ordinary, story.book(4), Shares(345), Shares(690),
        Hash32(b"C-1".ljust(32, b"\0")),
    )  # fmt: skip
    story.act(story.companies[0], convert)
    # Three holders of record where two are allowed: an alarm. And more shares than a signed 64-bit integer holds.
    huge = [story.entry(1, 2**63 + 5), story.entry(2, 7), story.entry(3, 2**62)]
    story.act(other, calls.issue(story.header(), NOTHING_GIVEN, huge))


def _open(story: Story) -> None:
    stage, company = story.stage, story.companies[0]
    stage.send("agent", company, contracts.company.record_document(stage.header(), 4, "ipfs://卡 table"))
    stage.open(company)
    story.bind("wallet 1", 1)
    story.bind("wallet 1b", 1)
    story.bind("wallet 5", 5)


def _live(story: Story) -> None:
    stage, (ordinary, preferred, _) = story.stage, story.classes
    company, calls = story.companies[0], contracts.share_class
    now = stage.node.head().time
    story.act(ordinary, calls.transfer_for(story.header(2), NOTHING_GIVEN, story.book(1), story.entry(5, 99)))
    stage.send("wallet 1", ordinary, calls.transfer_from(story.book(1), signer("wallet 1").address, 20_000))
    story.transfer("wallet 1", ordinary, signer("wallet 7").address, 500)
    story.transfer("wallet 1", ordinary, signer("wallet 1").address, 3)
    story.transfer("wallet 1", ordinary, signer("wallet 1b").address, 19_500)
    stage.send("wallet 1b", ordinary, calls.approve(signer("wallet 5").address, 50))
    stage.send("wallet 5", ordinary, calls.transfer_from(signer("wallet 1b").address, signer("wallet 5").address, 50))
    story.act(ordinary, calls.reissue(story.header(), story.book(1), Hash32(b"A-9".ljust(32, b"\0"))))
    story.act(ordinary, calls.set_lock(story.header(), signer("wallet 5").address, Day(30_000)))
    story.act(preferred, calls.set_authorised(story.header(), Shares(900_000)))
    story.act(preferred, calls.admit_categories(story.header(), EVERYBODY & ~(1 << EMPLOYEE)))
    story.act(preferred, calls.set_record_date(story.header(), now + 1_000))
    act = contracts.company
    for stopped in (True, False):
        stage.send("agent", company, act.stop_class(story.header(), preferred, stopped))
        stage.send("agent", company, act.stop_company(story.header(), stopped))
        stage.send("regulator", company, act.stop_by_regulator(story.header(), stopped))
    stage.send("agent", company, act.fix_weight(story.header(), PartyId(2), True, 0))
    stage.send("agent", company, act.fix_weight(story.header(), PartyId(6), True, 5))
    stage.send("agent", company, act.fix_weight(story.header(), PartyId(2), False, 0))
    story.state(4, weight=3)
    stage.send("stranger", company, act.recount(PartyId(4)))
    story.act(ordinary, calls.issue(story.header(), CASH, [story.entry(6, 11), story.entry(6, 4), story.entry(1, 1)]))
    stage.send("regulator", company, act.set_cap(story.header(), 4))
    stage.send("regulator", company, act.set_cap(story.header(), 150))


def _hand_over(story: Story) -> None:
    stage = story.stage
    registry, target = contracts.registry, stage.deployment.registry
    first, second, *_ = story.companies
    new_agent = signer("new agent").address
    stage.send("agent", first, contracts.company.set_roles(story.header(), new_agent, 2))
    stage.send("agent", first, contracts.company.offer_admin(story.header(), new_agent))
    stage.send("new agent", first, contracts.company.accept_admin())
    stage.send("agent", second, contracts.company.abandon(story.header()))
    stage.send("regulator", target, registry.set_frozen(story.header(), PartyId(3), True))
    stage.send("kyc_agent", target, registry.revoke(story.header(), PartyId(6)))
    closed = registry.set_wallet_closed(story.header(), signer("wallet 1").address, True)
    stage.send("kyc_agent", target, closed)
    other = signer("other provider").address
    trusted = registry.trust_provider(story.header(), other, Provider(PartyId(10), PartyId(20), Day(40_000)))
    stage.send("governor", target, trusted)
    stage.send("governor", target, registry.revoke_provider(story.header(), other))
    stage.send("governor", target, registry.offer_governor(story.header(), new_agent))
    stage.send("new agent", target, registry.accept_governor())


def _succeed(story: Story) -> None:
    """A small company goes on in another contract."""
    stage = story.stage
    old, classes = stage.create_company("Old")
    stage.issue(classes[0], {2: 10})
    stage.open(old)
    terms = CompanyTerms("New", 2, 310, 50, old)
    grants = [RoleGrant(signer("agent").address, 31)]
    stage.send(
        "platform", stage.deployment.factory, contracts.factory.create_company(story.header(), terms, [], grants)
    )
    heir = stage.newest_company()
    stage.send("agent", old, contracts.company.name_successor(story.header(), heir))
    story.companies += [old, heir]
    story.classes += classes
