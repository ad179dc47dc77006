"""How long a dividend takes: 200 holders, from the command that declares it to the last receipt."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    seconds, paid, transactions = [], [], 0
    for run in range(runs):
        parts, transactions = _dividend()
        seconds.append(sum(parts.values()))
        paid.append(round(parts["pay"], 3))
        say(f"run {run + 1}: " + ", ".join(f"{name} {took:.2f} s" for name, took in parts.items()))
    return Outcome(
        figure=Series("command to the last receipt", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        facts={"holders": HOLDERS, "page": dividend_pay.PAGE, "transactions": transactions, "pay_s": paid},
    )


def _dividend() -> tuple[dict[str, float], int]:
    """Seconds of each command, the clock's jumps left out, and how many transactions they took."""
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as home, running() as chain:
        settings = Settings(home=Path(home), rpc_url=chain.url)
        ensure_local_passphrase(settings)
        deploy_registry(settings, _nobody, lambda _: None)
        with open_desk(settings, _nobody) as desk:
            return _timed(desk, chain, _planned(desk))


def _timed(desk: Desk, chain: Anvil, planned: Declaration) -> tuple[dict[str, float], int]:
    parts: dict[str, float] = {}
    began = desk.node.head().number

    def timed(name: str, command: Callable[[], object]) -> None:
        started = time.perf_counter()
        command()
        parts[name] = time.perf_counter() - started

    number = 1
    timed("declare", lambda: story.declare(desk, planned))
    chain.advance(until(desk, last_second(planned.record_day, desk.deployment.utc_offset)))
    timed("fix", lambda: dividend_pay.fix(desk, number))
    chain.advance(until(desk, planned.pays_at))
    timed("pay", lambda: story.pay(desk, number))
    timed("close", lambda: dividend_pay.close(desk, number))
    served = dividend_pay.served(desk, number)
    if served.rows[Settlement.PAID] != HOLDERS or not served.money.is_whole:
        raise RegistryError(f"not everybody was paid: {served}")
    blocks = desk.node.read_many(
        [("eth_getBlockByNumber", (hex(n), False)) for n in range(began + 1, desk.node.head().number + 1)]
    )
    return parts, sum(len(block["transactions"]) for block in blocks)


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
