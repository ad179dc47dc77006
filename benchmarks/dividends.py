"""How long a dividend takes: 200 holders, from the command that declares it to the last receipt."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.floors import FLOOR, Signed, chain_alone, raw_transactions
from benchmarks.harness import Outcome, Say, Series
from registry.acts import dividend_pay, identity, shares
from registry.acts import story_dividend as story
from registry.acts.desk import Desk
from registry.acts.dividend_terms import Declaration
from registry.acts.identity import Newcomer
from registry.acts.operations import Request
from registry.acts.story_raise import until
from registry.acts.workplace import deploy_registry, ensure_local_passphrase, open_desk
from registry.chain.anvil import Anvil, running
from registry.directory import Dossier
from registry.domain.args import Consideration, Entry
from registry.domain.days import last_second
from registry.domain.ids import Day, Shares
from registry.domain.payout_args import Settlement
from registry.errors import RegistryError
from registry.settings import Settings

NAME = "dividends"
SUMMARY = "seconds for a dividend to 200 holders: declared, fixed, paid with tax withheld, closed"
TARGET = 10
HOLDERS = 200
_HELD = 5_000
Step = tuple[int, list[Signed]]
"""How far the clock runs on before a command [s], and the signed bytes that it sent."""


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    seconds, paid, floors, transactions = [], [], [], 0
    for run in range(runs):
        parts, before, steps = _dividend()
        seconds.append(sum(parts.values()))
        paid.append(round(parts["pay"], 3))
        floors.append(chain_alone(before, *steps))
        transactions = sum(len(raws) for _, raws in steps)
        told = ", ".join(f"{name} {took:.2f} s" for name, took in parts.items())
        say(f"run {run + 1}: {told}, floor {floors[-1]:.2f} s")
    return Outcome(
        figure=Series("command to the last receipt", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        baseline=Series(FLOOR, "s", tuple(floors)),
        facts={"holders": HOLDERS, "page": dividend_pay.PAGE, "transactions": transactions, "pay_s": paid},
    )


def _dividend() -> tuple[dict[str, float], list[Signed], list[Step]]:
    """Seconds of each command, the clock's jumps left out; the signed bytes before them, and theirs."""
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as home, running() as chain:
        settings = Settings(home=Path(home), rpc_url=chain.url)
        ensure_local_passphrase(settings)
        deploy_registry(settings, _nobody, lambda _: None)
        with open_desk(settings, _nobody) as desk:
            return _timed(desk, chain, _planned(desk))


def _timed(desk: Desk, chain: Anvil, planned: Declaration) -> tuple[dict[str, float], list[Signed], list[Step]]:
    parts: dict[str, float] = {}
    steps: list[Step] = []
    before = raw_transactions(desk.node, 1, desk.node.head().number)

    def timed(name: str, command: Callable[[], object], time_to: int = 0) -> None:
        advance = until(desk, time_to) if time_to else 0
        if advance:
            chain.advance(advance)
        first = desk.node.head().number + 1
        started = time.perf_counter()
        command()
        parts[name] = time.perf_counter() - started
        steps.append((advance, raw_transactions(desk.node, first, desk.node.head().number)))

    number = 1
    timed("declare", lambda: story.declare(desk, planned))
    recorded = last_second(planned.record_day, desk.deployment.utc_offset)
    timed("fix", lambda: dividend_pay.fix(desk, number), recorded)
    timed("pay", lambda: story.pay(desk, number), planned.pays_at)
    timed("close", lambda: dividend_pay.close(desk, number))
    served = dividend_pay.served(desk, number)
    if served.rows[Settlement.PAID] != HOLDERS or not served.money.is_whole:
        raise RegistryError(f"not everybody was paid: {served}")
    return parts, before, steps


def _planned(desk: Desk) -> Declaration:
    """The demo's company with 195 holders more, and money for all of them."""
    payer = story.found(desk)
    story.cure(desk, payer)
    story.deposit(desk, payer)
    until_day = Day(desk.today() + 3_650)
    more = HOLDERS - len(payer.members)
    document = desk.keep_document(b"bench: holders")
    newcomers = [Newcomer(Dossier(f"Holder {n}"), 1, 156, 1, 3, until_day, until_day) for n in range(more)]
    parties, _ = identity.onboard(desk, Request("bench holders", document), newcomers)
    entries = [Entry(desk.book(party), Shares(_HELD + place)) for place, party in enumerate(parties)]
    shares.issue(desk, Request("bench shares", document), payer.share_class, entries, Consideration())
    # The same money for twice as many shares: a lower rate.
    return replace(story.plan(desk, payer, story.state_taxes(desk, payer)), rate=story.RATE // 2)


def _nobody() -> str:
    raise RegistryError("a benchmark asks nobody for a passphrase")
