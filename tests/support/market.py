"""A company as a visitor finds it: many holders with names good and hostile, a wallet, a verdict, all in one home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.chain import contracts
from registry.chain.anvil import running
from registry.directory import Directory, Dossier
from registry.domain.args import ClassTerms, CompanyTerms, Consideration, Entry, RoleGrant
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import PartyWord
from registry.mirror import Mirror
from registry.settings import Settings
from registry.store.engine import Identity, open_durable
from registry.store.verdicts import Verdict, record_verdict
from tests.support.stage import Stage, document, set_up, signer

COMPANY = "新光半导体科技（深圳）股份有限公司"
ORDINARY, PREFERRED = "普通股", "A 轮优先股"
SCRIPT = "</script><script>document.title='taken'</script>"
REVERSED = "\u202ereversed\u202c & Co"
LONG = "A Very Long Holding Name International (Shenzhen) Technology Partners Limited Partnership No. 3"
UNBROKEN = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren"
FOUNDER, FUND, PARTNER, STAFF, INVESTOR, HOSTILE, TURNED, WORDY, UNBROKEN_ID, FROZEN, NEWCOMER, NAMELESS = range(1, 13)
LAST = 37
NAMES = {
    FOUNDER: "林启明",
    FUND: "前海共创一号合伙企业（有限合伙）",
    PARTNER: "周雅",
    STAFF: "员工持股平台",
    INVESTOR: "陈思远",
    HOSTILE: SCRIPT,
    TURNED: REVERSED,
    WORDY: LONG,
    UNBROKEN_ID: UNBROKEN,
    FROZEN: "Frozen Holder",
    NEWCOMER: "Nora Newcomer",
    **{party: f"Holder {party}" for party in range(NAMELESS + 1, LAST + 1)},
}
PIECES = 25
CERTIFICATE = "普-0001"
LOCKED_FOR, ENDS_IN, ENDED_AGO = 450, 12, 40
CASH = Consideration(1, 156, 42_500_000_000)
"""4.25 CNY a share."""


@dataclass(frozen=True, slots=True)
class Market:
    """What tests ask: the home and its settings, the stage, the classes, and days counted from today."""

    settings: Settings
    stage: Stage
    classes: tuple[Address, Address]
    today: Day


@contextmanager
def market(home: Path) -> Iterator[Market]:
    with running() as chain:
        stage = set_up(chain)
        classes = _history(stage)
        settings = Settings(home=home, rpc_url=chain.url)
        stage.deployment.save(settings.deployment_file)
        with Mirror(settings.mirror_file, stage.deployment) as mirror:
            stand = mirror.catch_up(stage.node)
        deployment = stage.deployment
        identity = Identity(deployment.chain_id, deployment.genesis_hash, deployment.registry)
        engine = open_durable(settings.durable_file, identity)
        directory = Directory.open(engine, home / "directory.key")
        directory.put_all({PartyId(party): Dossier(name) for party, name in NAMES.items()})
        record_verdict(engine, Verdict("equal", stand.block, stand.hash, 41, 0, 0, stand.time))
        engine.dispose()
        yield Market(settings, stage, classes, stage.today)
        stage.node.close()


def _history(stage: Stage) -> tuple[Address, Address]:
    classes = [
        ClassTerms(ORDINARY, "XG-C", Shares(15_000_000), 0, 0b111110),
        ClassTerms(PREFERRED, "XG-A", Shares(5_000_000), 0, 0b011000),
    ]
    terms = CompanyTerms(COMPANY, 1, 440, 200)
    grants = [RoleGrant(signer("agent").address, 31)]
    calldata = contracts.factory.create_company(stage.header(), terms, classes, grants)
    stage.send("platform", stage.deployment.factory, calldata)
    company = stage.newest_company()
    ordinary, preferred = stage.reads.classes(company)
    _onboard(stage)
    _issue(stage, ordinary, preferred)
    stage.open(company)
    _live(stage, ordinary)
    return ordinary, preferred


def _onboard(stage: Stage) -> None:
    today = stage.today
    words = [_word(party, today) for party in range(1, LAST + 1)]
    dossiers = [document(f"dossier {word.id}") for word in words]
    stage.send("kyc_agent", stage.deployment.registry, contracts.registry.onboard(stage.header(), words, dossiers))


def _word(party: int, today: Day) -> PartyWord:
    """Founders and staff in force; one qualification about to end; some lapsed; newcomers not classified."""
    far = Day(today + 400)
    special = {
        FOUNDER: PartyWord(PartyId(party), far, Day(0), 1, 1, 156, 156, 3),
        PARTNER: PartyWord(PartyId(party), far, Day(0), 1, 1, 156, 156, 3),
        FUND: PartyWord(PartyId(party), far, Day(0), 4, 3, 156, 156, 3, weight=16),
        INVESTOR: PartyWord(PartyId(party), far, Day(today + ENDS_IN), 3, 1, 156, 156, 3),
        HOSTILE: PartyWord(PartyId(party), Day(today - ENDED_AGO), far, 3, 1, 156, 156, 3),
        NEWCOMER: PartyWord(PartyId(party)),
    }
    return special.get(party, PartyWord(PartyId(party), far, far, 2 if party % 2 else 4, 1, 156, 156, 3))


def _issue(stage: Stage, ordinary: Address, preferred: Address) -> None:
    today, book = stage.today, stage.book

    def line(party: int, shares: int, ref: str, lock: int = 0) -> Entry:
        return Entry(book(party), Shares(shares), Day(lock), Hash32(ref.encode().ljust(32, b"\0")))

    first = [line(FOUNDER, 4_800_000, CERTIFICATE, today + LOCKED_FOR), line(PARTNER, 1_847_600, "普-0002")]
    calls = contracts.share_class
    stage.send("agent", ordinary, calls.issue(stage.header(day=Day(today - 1500)), CASH, first))
    others = [line(STAFF, 1_488_000, "普-0003")]
    others += [line(party, 30_000 + party, f"普-{party:04}") for party in range(HOSTILE, LAST + 1)]
    # More lines than a page has: the last holder's come one by one.
    others += [line(LAST, 1, f"普-{100 + n}") for n in range(PIECES)]
    stage.send("agent", ordinary, calls.issue(stage.header(day=Day(today - 900)), CASH, others))
    series_a = [line(FUND, 2_046_000, "A-0001"), line(INVESTOR, 1_252_400, "A-0002")]
    stage.send("agent", preferred, calls.issue(stage.header(day=Day(today - 300)), CASH, series_a))


def _live(stage: Stage, ordinary: Address) -> None:
    """A transfer by an agent, one by a holder's own wallet, and a freeze."""
    calls = contracts.share_class
    line = Entry(stage.book(STAFF), Shares(7_600), Day(0), Hash32(bytes(32)))
    stage.send("agent", ordinary, calls.transfer_for(stage.header(), CASH, stage.book(PARTNER), line))
    wallet, deadline = signer("partner's wallet"), 1 << 40
    signature = wallet.sign_binding(stage.deployment, PartyId(PARTNER), deadline)
    calldata = contracts.registry.bind_wallet(stage.header(), PartyId(PARTNER), wallet.address, deadline, signature)
    stage.send("kyc_agent", stage.deployment.registry, calldata)
    own = calls.transfer_from(stage.book(PARTNER), stage.book(STAFF), 1_000)
    stage.send("partner's wallet", ordinary, own)
    frozen = contracts.registry.set_frozen(stage.header(), PartyId(FROZEN), True)
    stage.send("regulator", stage.deployment.registry, frozen)
