"""A dividend fixed and paid by several processes at once, some of them killed: each holder is paid once."""

from __future__ import annotations

import os
import random

from registry.acts import dividend_pay, dividends
from registry.domain.payout_args import Settlement
from tests.acts.test_raise_crash import all_at_once, killed
from tests.support.dividend_bench import DAY, HELD, ISSUER, RATE, DividendBench
from tests.support.registry_home import Home, desk_of

MORE = 200


def test_dividend__fixed_and_paid_by_processes_that_die__pays_each_holder_once(home: Home) -> None:
    chance = random.Random(os.environ.get("SEED", "1"))
    with desk_of(home) as desk:
        bench = DividendBench(desk).furnish(more=MORE)
        number = bench.declared()
        bench.later(3 * DAY)
        killed(home, chance, "dividend", "fix", number)
        all_at_once(home, "dividend", "fix", number)
        killed(home, chance, "dividend", "pay", number)
        all_at_once(home, "dividend", "pay", number)
        all_at_once(home, "dividend", "close", number)
        served = dividend_pay.served(desk, number)
        assert served.rows[Settlement.PAID] == len(HELD) + MORE
        assert served.money.is_whole
        gross = sum(shares * RATE // 10**8 for shares in HELD.values()) + MORE * (RATE // 10**8)
        assert bench.balance(ISSUER) == 1_000_000_00 - gross
        (left,) = desk.raises.cash_of([desk.deployment.distributions])
        assert left.balance == 0


def test_declare__begun_by_a_process_that_announced_the_record_date_only__goes_on(home: Home) -> None:
    with desk_of(home) as desk:
        bench = DividendBench(desk).furnish()
        request, asked = bench.request("dividend"), bench.asked()
        epoch = dividends.announce(desk, request, asked.share_class, asked.record_day)
        declared = dividends.declare(desk, request, asked)
        assert (declared.number, declared.terms.epoch) == (1, epoch)
        assert len(desk.payouts.record_times(asked.share_class)) == 1
        bench.later(40 * DAY)
        again = dividends.declare(desk, request, asked)
        assert again == declared
