"""The demo's second half: a raise, three oracles as processes of their own, a release, a miss, money paid back."""

from __future__ import annotations

from registry.acts import story_raise as story
from registry.acts.overview import Money
from registry.acts.raising import Raise
from registry.acts.story_raise import Firm
from registry.cli.demo_feeds import (
    Source,
    Verifier,
    Watched,
    running_oracles,
    serving_figures,
    verifier_home,
    wait_until,
    write_feed,
)
from registry.cli.output import Column, Output
from registry.cli.stack import Stack
from registry.cli.teller import Teller

_USERS, _BEHIND, _NEEDED = 104_233, 98_112, 100_000
"""What two sources say, what the third still says, and the criterion."""
_NAMES = ("laboratory", "auditors", "registrar")


def play_raise(running: Stack, teller: Teller) -> tuple[Money, int]:
    """The raise from its draft to the redemption; its money as the chain has it, and its number."""
    desk = running.desk
    folder = running.settings.home / "verifiers"
    verifiers = [verifier_home(folder, name, desk.deployment) for name in _NAMES]
    firm = story.found(desk, [verifier.address for verifier in verifiers])
    teller.step(f"{story.NAME} is company {firm.created.number}; three verifiers have mandates and keys of their own")
    story.deposit(desk, firm)
    target = story.start(desk, firm)
    teller.step(f"raise {target.number} is open: {_yuan(story.PRICE)} a share, at least {_yuan(target.terms.minimum)}")
    _subscribe(running, target, firm, teller)
    running.chain.advance(story.until(desk, target.terms.closes_at + story.COOLING_OFF))
    settled = story.settle(desk, target)
    teller.step("window and cooling-off are over: shares allotted, fee taken, the rest is in escrow")
    _tell_money(teller, settled.money)
    with serving_figures(running.settings.home / "source") as source:
        _attest(running, target, verifiers, source, teller)
    running.chain.advance(story.until(desk, settled.tranches[0].deadline - 1))
    released = story.release(desk, target)
    teller.step(f"nobody disputed within the window: {_yuan(released.money.released)} released to the issuer")
    running.chain.advance(story.until(desk, settled.tranches[1].deadline))
    ended = story.miss_and_redeem(desk, target)
    teller.step(f"the second milestone was missed: {_yuan(ended.money.redeemed)} paid back, shares ended for it")
    _tell_money(teller, ended.money)
    return ended.money, target.number


def _subscribe(running: Stack, target: Raise, firm: Firm, teller: Teller) -> None:
    refused = story.ask_for_too_much(running.desk, target, firm)
    too_much = _yuan(story.TOO_MANY * story.PRICE)
    teller.step(f"party {firm.investors[0].party} asks for {too_much}, refused before anybody signs: {refused.message}")
    for investor in firm.investors:
        story.subscribe(running.desk, target, investor)
        how = "by one signature" if investor.wallet else "on its signed instruction"
        teller.step(f"party {investor.party} subscribes {_yuan(investor.amount)} {how}; the money is frozen")


def _attest(running: Stack, target: Raise, verifiers: list[Verifier], source: Source, teller: Teller) -> None:
    """Two of three sources say that the milestone is reached; the third is behind and attests nothing."""
    feeds = []
    for verifier, users in zip(verifiers, (_USERS, _USERS, _BEHIND), strict=True):
        source.tell(verifier.name, users=users)
        url = source.url(verifier.name)
        watched = Watched(target.company, target.escrow, 0, url, source.pin, "$.users", _NEEDED)
        feeds.append((verifier, write_feed(verifier, watched)))
    with running_oracles(feeds, running.chain.url) as daemons:
        teller.step(f"three oracles run: processes {', '.join(str(daemon.process.pid) for daemon in daemons)}")
        wait_until(lambda: story.is_quorate(running.desk, target, 0), daemons)
        wait_until(lambda: all(daemon.last() for daemon in daemons), daemons)
        for daemon in daemons:
            teller.more(f"{daemon.verifier.name}: {(daemon.last() or {}).get('line')}")
    teller.step("milestone 1 is attested by 2 of 3; the dispute window runs")


def show_money(out: Output, money: Money) -> None:
    """What came in, and where each part of it is."""
    parts = money.as_json()
    rows = [[name, _yuan(amount)] for name, amount in parts.items()]
    out.table("Money of the raise", [Column("where"), Column("amount", True)], rows)


def _tell_money(teller: Teller, money: Money) -> None:
    parts = money.as_json()
    total = _yuan(parts.pop("in"))
    teller.more(f"in {total} = " + " + ".join(f"{name} {_yuan(amount)}" for name, amount in parts.items()))


def _yuan(fen: int) -> str:
    return f"¥ {fen // 100:,}.{fen % 100:02d}"
