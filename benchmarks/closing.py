"""How long the closing of a full raise takes: 200 subscribers, from the close to the settlement's receipt."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.floors import FLOOR, Signed, chain_alone, raw_transactions
from benchmarks.harness import Outcome, Say, Series
from registry.acts import bank, identity, settling, shares, subscribing
from registry.acts import story_raise as story
from registry.acts.desk import Desk
from registry.acts.identity import Newcomer
from registry.acts.operations import Request
from registry.acts.raising import Raise
from registry.acts.workplace import deploy_registry, ensure_local_passphrase, open_desk
from registry.chain.anvil import Anvil, running
from registry.directory import Dossier
from registry.domain.ids import Address, Day, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.raising import OfferingPhase
from registry.errors import RegistryError
from registry.settings import Settings

NAME = "closing"
SUMMARY = "seconds to close a raise of 200 subscribers: shares allotted, fee taken, the rest in escrow"
TARGET = 30
SUBSCRIBERS = 199
"""Beside the founder, who holds the last of 200 seats."""
_ASKED = 2_000 * story.PRICE


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    seconds, floors = [], []
    for run in range(runs):
        took, before, raws, advance = _close()
        floor = chain_alone(before, (advance, raws))
        seconds.append(took)
        floors.append(floor)
        say(f"run {run + 1}: closing {took:.2f} s, floor {floor:.2f} s")
    return Outcome(
        figure=Series("close to the settlement's receipt", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        baseline=Series(FLOOR, "s", tuple(floors)),
        facts={"subscribers": SUBSCRIBERS, "page": settling.PAGE, "transactions": len(raws)},
    )


def _close() -> tuple[float, list[Signed], list[Signed], int]:
    """Seconds, the signed bytes before the closing and of it, and how far the clock ran ahead in between."""
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as home, running() as chain:
        settings = Settings(home=Path(home), rpc_url=chain.url)
        ensure_local_passphrase(settings)
        deploy_registry(settings, _nobody, lambda _: None)
        with open_desk(settings, _nobody) as desk:
            target = _subscribed(desk)
            advance = story.until(desk, target.terms.closes_at + story.COOLING_OFF)
            chain.advance(advance)
            return _timed(desk, chain, target, advance)


def _timed(desk: Desk, chain: Anvil, target: Raise, advance: int) -> tuple[float, list[Signed], list[Signed], int]:
    opened = desk.node.head().number
    began = time.perf_counter()
    standing = settling.settle(desk, target)
    seconds = time.perf_counter() - began
    if standing.phase != OfferingPhase.SETTLED or standing.totals.handled != SUBSCRIBERS:
        raise RegistryError(f"the raise did not settle: {standing}")
    before, raws = (raw_transactions(desk.node, *span) for span in ((1, opened), (opened + 1, desk.node.head().number)))
    return seconds, before, raws, advance


def _subscribed(desk: Desk) -> Raise:
    """An open raise that everybody has subscribed to, from book accounts with money in them."""
    keys = [desk.keys.wallet(f"verifier_{number}").address for number in range(3)]
    firm = story.found(desk, keys)
    target = story.start(desk, firm)
    document = desk.keep_document(b"bench: instructions of the subscribers")
    accounts = [desk.book(party) for party in _people(desk, Request("bench people", document))]
    _deposit(desk, accounts, Request("bench deposits", document))
    for place, account in enumerate(accounts):
        request = Request(f"bench subscribe {place}", document)
        subscribing.subscribe_for(desk, request, target, account, _ASKED, document)
    return target


def _people(desk: Desk, request: Request) -> Sequence[PartyId]:
    until = Day(desk.today() + 3_650)
    newcomers = [
        Newcomer(Dossier(f"Subscriber {place}"), 1, 156, 1, 3, until, until, risk_grade=4)
        for place in range(SUBSCRIBERS)
    ]
    return identity.onboard(desk, request, newcomers)[0]


def _deposit(desk: Desk, accounts: Sequence[Address], request: Request) -> None:
    lines = [BankLine(account, _ASKED, shares.reference(f"BENCH-{n}")) for n, account in enumerate(accounts)]
    bank.mint(desk, request, lines)


def _nobody() -> str:
    raise RegistryError("a benchmark asks nobody for a passphrase")
