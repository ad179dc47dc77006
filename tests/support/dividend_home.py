"""A company that pays dividends as a visitor finds it: paid and parked, lapsed, cancelled, shares chosen, announced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from registry.chain import contracts
from registry.chain.anvil import running
from registry.domain.args import ClassTerms, Entry
from registry.domain.days import day_of
from registry.domain.ids import Shares
from registry.domain.payout_args import TaxRule
from registry.settings import Settings
from tests.support.dividend_stage import Payer
from tests.support.raise_home import kept
from tests.support.raise_stage import INSTITUTION, QUALIFIED, TREASURY, company_that_raises, person
from tests.support.stage import EVERYBODY, NOTHING_GIVEN, Stage, set_up

FOUNDER, FUND, ANNA, BEN, CARL, DORA, ISSUER, TAX = 201, 202, 203, 204, 205, 206, 210, 211
NAMES = {
    FOUNDER: "林启明",
    FUND: "前海共创一号合伙企业（有限合伙）",
    ANNA: "陈思远",
    BEN: "周雅",
    CARL: "<script>document.title='taken'</script>",
    DORA: "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren",
    ISSUER: "新光半导体科技（深圳）股份有限公司",
    TAX: "深圳市代扣代缴专户",
}
HELD = {FOUNDER: 4_800_000, FUND: 2_046_000, ANNA: 1_252_403, BEN: 650_001, CARL: 333_333, DORA: 120_000}
TREASURY_SHARES = 200_000
CORRECTED = 1_600
RATE = 1_250_000_000
"""0.125 CNY a share."""
RULES = (
    TaxRule(1, 0, 2_000),
    TaxRule(QUALIFIED, 156, 2_000),
    TaxRule(QUALIFIED, 0, 1_000),
    TaxRule(INSTITUTION, 0, 0),
    TaxRule(TREASURY, 0, 0),
    TaxRule(0, 0, 1_500),
)
RELIEF, NEXT_RELIEF = 500, 750
PAID, LAPSED, CANCELLED, SHORT, CHOSEN, AHEAD = range(1, 7)
"""By number."""
SCRIP_PRICE = 850
STEPS = ("declared", "fixed", "paid", "cured", "closed")
"""Of the first dividend."""


@dataclass(frozen=True, slots=True)
class DividendPlace:
    """What tests ask: the home and its settings, the hands, and the block after each step of the first dividend."""

    settings: Settings
    payer: Payer
    steps: dict[str, int]


@contextmanager
def dividend_place(home: Path) -> Iterator[DividendPlace]:
    with running() as chain:
        payer, steps = _ready(set_up(chain)), dict[str, int]()
        _tell_first(payer, steps)
        _tell_others(payer)
        yield DividendPlace(kept(payer.raiser, home, chain.url, NAMES), payer, steps)
        payer.raiser.stage.node.close()


def _ready(stage: Stage) -> Payer:
    raiser = company_that_raises(stage, "新光半导体科技（深圳）股份有限公司")
    raiser.onboard(
        person(FOUNDER, category=1),
        person(FUND, INSTITUTION, kind=2),
        *(person(party) for party in (ANNA, BEN, CARL)),
        replace(person(DORA), tax_residence=840),
        *(person(party, TREASURY, kind=2) for party in (ISSUER, TAX)),
    )
    raiser.mint({ISSUER: 900_000_000})
    raiser.bind(ANNA)
    stage.issue(raiser.share_class, {**HELD, ISSUER: TREASURY_SHARES})
    payer = Payer(raiser, ISSUER)
    payer.ready(TAX, RULES)
    return payer


def _tell_first(payer: Payer, steps: dict[str, int]) -> None:
    """Under three rates, one of them by certificate; two are parked, and one of these is cured."""
    stage = payer.raiser.stage

    def after(step: str) -> None:
        steps[step] = stage.node.head().number

    payer.relieve(ANNA, RELIEF, stage.today + 400)
    payer.standing(replace(person(BEN), kyc_day=stage.today))
    payer.declare(120_000_000, RATE, excluded=(ISSUER,))
    after("declared")
    _fix(payer)
    after("fixed")
    payer.freeze(CARL)
    payer.wait()
    payer.pay()
    after("paid")
    payer.standing(person(BEN))
    payer.pay()
    after("cured")
    payer.close()
    after("closed")


def _tell_others(payer: Payer) -> None:
    raiser = payer.raiser
    _correct(payer)
    payer.declare(10_000_001, excluded=(ISSUER,))
    _fix(payer)
    payer.wait()
    payer.claim(ANNA)
    payer.lapse()
    payer.close()
    payer.declare(50_000_000, RATE, days=1, excluded=(ISSUER,))
    _fix(payer)
    payer.cancel()
    # Shares that are issued before the record date make the money too little for the rate.
    payer.declare(115_200_000, RATE, scrip_price=SCRIP_PRICE, excluded=(ISSUER,))
    raiser.stage.issue(raiser.share_class, {FOUNDER: 1_000_000})
    payer.choose(ANNA)
    _fix(payer)
    payer.wait()
    payer.claim(ANNA)
    payer.claim(FUND)
    payer.declare(60_000_000, scrip_price=SCRIP_PRICE, pays_in=30, excluded=(ISSUER,))
    payer.choose(ANNA)
    _fix(payer)
    payer.declare(90_000_000, RATE // 2, days=9, excluded=(ISSUER,))
    # Another certificate: what was paid under the first one stays so.
    payer.relieve(ANNA, NEXT_RELIEF, raiser.stage.today + 800)
    _prefer_another_class(payer)


def _correct(payer: Payer) -> None:
    """A transfer from before the first record date that is recorded only now."""
    raiser = payer.raiser
    day = day_of(payer.record_time, raiser.stage.deployment.utc_offset)
    entry = Entry(raiser.stage.book(DORA), Shares(CORRECTED))
    call = contracts.share_class.transfer_for(
        raiser.stage.header(day=day), NOTHING_GIVEN, raiser.stage.book(FUND), entry
    )
    raiser.by("agent", raiser.share_class, call)


def _fix(payer: Payer) -> None:
    """As the class is held now: nobody moves anything between a record date and its fix."""
    raiser = payer.raiser
    books = {party: raiser.stage.book(party) for party in HELD}
    held = raiser.stage.reads.holdings_of(raiser.share_class, list(books.values()))
    payer.fix(
        {
            party: [(account, holding.balance)]
            for (party, account), holding in zip(books.items(), held, strict=True)
            if holding.balance
        }
    )


def _prefer_another_class(payer: Payer) -> None:
    """It comes first, and has arrears of some hundred days."""
    raiser = payer.raiser
    terms = ClassTerms("优先股", "XG-P", Shares(10**7), 0, EVERYBODY)
    raiser.by("agent", raiser.company, contracts.company.create_class(raiser.header(), terms))
    preferred = raiser.stage.reads.classes(raiser.company)[-1]
    payer.prefer(preferred, 1, 3_000_000_000, 146)
