"""Whatever may happen to dividends: three rates of tax, a relief, parked and cured, claimed, lapsed, cancelled, in
shares, preferred, short of money, sold after the record date, and corrected once it was paid."""

from __future__ import annotations

from collections.abc import Callable

from registry.chain import contracts
from registry.domain.args import Entry
from registry.domain.ids import Shares
from registry.domain.payout_args import TaxRule
from tests.support.payout_stage import (
    ABROAD,
    ANNA,
    BEN,
    DORA,
    EMIL,
    FUND,
    GRETA,
    ISSUER,
    PLATFORM,
    QUALIFIED,
    Payer,
)
from tests.support.raise_stage import DAY
from tests.support.stage import NOTHING_GIVEN

RATE = 1_234_567_891
"""[10^-10 CNY] 12.34567891 fen a share."""
SCRIP_PRICE = 425
ENOUGH = 10_000_000
"""[gas] Delivering shares needs more than an estimate may leave."""
STEPS = ("declared", "fixed", "paid", "cured", "lapsed", "scrip", "corrected", "preferred")
BY_RATE, SHARED, FIRST_CANCELLED, THEN_CANCELLED, IN_SHARES, OPEN = range(1, 7)
OF_PREFERRED, SHORT, RELEASED, SETTLED, VOID = range(7, 12)
"""The distributions, by number."""


def tell_dividends(payer: Payer, after: Callable[[str], None] = lambda step: None) -> None:
    """From the first declaration to the last payment; `after` is called with each of `STEPS`."""
    _by_rate(payer, after)
    _shared(payer)
    after("lapsed")
    _cancelled(payer)
    _in_shares(payer)
    after("scrip")
    _open(payer)
    after("corrected")
    _preferred(payer)
    after("preferred")


def _by_rate(payer: Payer, after: Callable[[str], None]) -> None:
    """Three rates, one parked and cured after the close; who sells after the record date keeps it."""
    stage, raiser = payer.stage, payer.raiser
    payer.state(DORA, stage.today)
    payer.relief(BEN, 500, stage.today + 4)
    treasury = stage.book(ISSUER)
    epoch = payer.record_date(payer.ordinary)
    payer.record_date(payer.ordinary, ahead=6)
    payer.declare(payer.ordinary, epoch, 3_000_000, RATE, [treasury])
    after("declared")
    raiser.pass_time(DAY)
    raiser.by(raiser.wallets[BEN], payer.ordinary, contracts.share_class.transfer(raiser.account(GRETA), 100))
    payer.fix(BY_RATE)
    after("fixed")
    raiser.pass_time(DAY)
    payer.claim(BY_RATE, ANNA)
    payer.remit(BY_RATE)
    payer.pay(BY_RATE)
    payer.close(BY_RATE)
    after("paid")
    payer.state(DORA)
    payer.claim(BY_RATE, DORA)
    after("cured")


def _shared(payer: Payer) -> None:
    """A total shared out, one wallet closed, one holder frozen, the rest never claimed; another gets what lapses."""
    stage, raiser = payer.stage, payer.raiser
    payer.schedule(TaxRule(QUALIFIED, 0, 3_333), TaxRule(4, 0, 1), TaxRule(5, 0, 0), TaxRule(0, 0, 7))
    epoch = 2  # stated long ago
    payer.declare(payer.ordinary, epoch, 1_000_003, schedule=2, remainder_account=raiser.account(PLATFORM))
    closing = contracts.registry.set_wallet_closed(raiser.header(), raiser.account(ANNA), True)
    payer.fix(SHARED)
    stage.send("kyc_agent", stage.deployment.registry, closing)
    payer.freeze(GRETA, True)
    raiser.pass_time(DAY)
    for party in (GRETA, ANNA, FUND):
        payer.claim(SHARED, party)
    payer.lapse(SHARED)
    payer.close(SHARED)
    payer.freeze(GRETA, False)
    payer.pay(SHARED)
    payer.remit(SHARED)


def _cancelled(payer: Payer) -> None:
    """Before the record date, and once it was fixed."""
    epoch = payer.record_date(payer.ordinary)
    for number in (FIRST_CANCELLED, THEN_CANCELLED):
        payer.declare(payer.ordinary, epoch, 50_000)
        if number == THEN_CANCELLED:
            payer.fix(number)
        payer.cancel(number)


def _preferred(payer: Payer) -> None:
    """Arrears come first; money that does not cover the rate since more was issued; one taken back, one void."""
    stage = payer.stage
    per_year = 8_000_000_000
    payer.prefer(1, per_year, stage.today - 730)
    epoch = payer.record_date(payer.preferred)
    payer.declare(payer.preferred, epoch, 100_000, 4_000_000_000)
    payer.fix(OF_PREFERRED)
    payer.pay(OF_PREFERRED)
    payer.close(OF_PREFERRED)
    epoch = payer.record_date(payer.preferred, ahead=1)
    payer.declare(payer.preferred, epoch, 200_000, 12_000_000_000)
    stage.issue(payer.preferred, {EMIL: 77_777})
    payer.fix(SHORT)
    payer.pay(SHORT)
    payer.close(SHORT)
    payer.remit(SHORT)
    epoch = payer.record_date(payer.preferred)
    payer.declare(payer.preferred, epoch, 1_000_000, 5_000_000_000)
    payer.cancel(RELEASED)
    # What is open of it would bind the other class.
    epoch = payer.record_date(payer.preferred, ahead=2)
    payer.declare(payer.preferred, epoch, 4_000_000, 16_000_000_000)
    payer.fix(SETTLED)
    payer.pay(SETTLED)
    # Not a fen for all together: nobody needs to take it back.
    epoch = payer.record_date(payer.preferred, ahead=1)
    payer.declare(payer.preferred, epoch, 500_000, 1)
    payer.fix(VOID)


def _in_shares(payer: Payer) -> None:
    """Two choose shares, one thinks better of it, one sold everything, one's part does not pay for a share."""
    raiser, number = payer.raiser, IN_SHARES
    admit = contracts.company.admit_payouts(raiser.header(), payer.contract)
    raiser.by(payer.issuer, payer.company, admit)
    epoch = payer.record_date(payer.ordinary)
    payer.declare(payer.ordinary, epoch, 9_000_000, scrip_price=SCRIP_PRICE, excluded=[payer.stage.book(ISSUER)])
    for party in (BEN, FUND, EMIL, DORA, GRETA):
        payer.choose(number, party)
    payer.choose(number, DORA, chosen=False)
    payer.fix(number)
    sell = contracts.share_class.transfer_for(
        raiser.header(), NOTHING_GIVEN, payer.stage.book(EMIL), Entry(raiser.account(BEN), Shares(91))
    )
    raiser.by("agent", payer.ordinary, sell)
    payer.pay(number)
    payer.close(number)


def _open(payer: Payer) -> None:
    """Fixed, half of it paid; then the register of that day is corrected, with an earlier effective date."""
    raiser, number = payer.raiser, OPEN
    day = payer.stage.today
    epoch = payer.record_date(payer.ordinary)
    payer.record_date(payer.ordinary, ahead=3)
    payer.declare(payer.ordinary, epoch, 777_777)
    payer.fix(number)
    raiser.pass_time(DAY)
    for party in (ABROAD, BEN):
        payer.claim(number, party)
    header = payer.stage.header(day=day)
    correct = contracts.share_class.transfer_for(
        header, NOTHING_GIVEN, payer.stage.book(FUND), Entry(payer.stage.book(ABROAD), Shares(1_000))
    )
    raiser.by("agent", payer.ordinary, correct)
    payer.state(GRETA, payer.stage.today - 1)
    payer.claim(number, GRETA)
    raiser.by(raiser.wallets[BEN], payer.ordinary, contracts.share_class.transfer(raiser.account(DORA), 7))
