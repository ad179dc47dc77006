"""The demo's last part: a dividend under three tax rates; one holder's part is parked, cured, and paid."""

from __future__ import annotations

from registry.acts import story_dividend as story
from registry.acts.dividend_terms import Declaration
from registry.acts.story_dividend import Payer
from registry.acts.story_raise import until
from registry.cli.output import Column, Output, grouped
from registry.cli.stack import Stack
from registry.cli.teller import Teller
from registry.domain.days import last_second
from registry.domain.entitlements import DividendSummary
from registry.domain.ids import PartyId
from registry.domain.payout_args import Settlement
from registry.mirror.views_payout import Preview, PreviewLine

_PARTS = ("paid", "withheld", "unclaimed", "parked", "carried")


def play_dividend(running: Stack, teller: Teller) -> tuple[DividendSummary, int]:
    """The dividend from its tax schedule to the close; its money as the chain has it, and its number."""
    desk = running.desk
    payer = story.found(desk)
    teller.step(
        f"{story.NAME} is company {payer.created.number}, with {len(payer.members)} holders and shares of its own"
    )
    story.deposit(desk, payer)
    planned = story.plan(desk, payer, story.state_taxes(desk, payer))
    teller.step(f"tax schedule {planned.schedule}: residents 20 %, by treaty 10 % with a certificate, institutions 0 %")
    _foretell(story.foresee(desk, planned), payer, teller)
    number = story.declare(desk, planned)
    teller.step(
        f"dividend {number} is declared, ¥ 0.1234567 a share; {_yuan(planned.total)} left the company's account"
    )
    _fix(running, planned, payer, number, teller)
    _pay(running, planned, payer, number, teller)
    closed = story.close(desk, number).money
    teller.step(f"closed: {_yuan(closed.withheld)} went to the tax office, what roundings left back to the company")
    _tell_sum(teller, closed)
    return closed, number


def _fix(running: Stack, planned: Declaration, payer: Payer, number: int, teller: Teller) -> None:
    desk = running.desk
    running.chain.advance(until(desk, last_second(planned.record_day, desk.deployment.utc_offset)))
    story.sell(desk, payer)
    seller, buyer = payer.members[story.SELLER].party, payer.members[story.FUND].party
    sold = grouped(story.SOLD)
    teller.step(f"the record date is over; party {seller} sells {sold} shares to party {buyer}, too late to count")
    lines = story.fix(desk, number)
    held = grouped(sum(line.holder.shares for line in lines))
    teller.step(f"the register of that day is fixed: {len(lines)} holders, {held} shares")


def _pay(running: Stack, planned: Declaration, payer: Payer, number: int, teller: Teller) -> None:
    desk, late = running.desk, payer.members[story.LATE].party
    running.chain.advance(until(desk, planned.pays_at))
    served = story.pay(desk, number)
    paid, parked = served.rows[Settlement.PAID], served.money.parked
    teller.step(f"{paid} holders are paid in one page; party {late}'s KYC has lapsed: {_yuan(parked)} is parked")
    _tell_sum(teller, served.money)
    story.cure(desk, payer)
    story.pay(desk, number)
    teller.step(f"party {late} renewed its KYC and is paid what was parked, less tax")


def _foretell(preview: Preview, payer: Payer, teller: Teller) -> None:
    """The table that everybody can look at before anything is signed."""
    names = {member.party: member.name for member in payer.members}
    teller.step("what each holder would get, before anybody signs:")
    for line in preview.lines:
        teller.more(_foretold(line, names))


def _foretold(line: PreviewLine, names: dict[PartyId, str]) -> str:
    rate = f"{line.bps // 100} %"
    parts = f"{grouped(line.shares):>9} shares  gross {_yuan(line.gross):>12}  tax {rate:>4} {_yuan(line.tax):>11}"
    return f"{parts}  net {_yuan(line.net):>12}  {names.get(line.party, '')}"


def show_dividend(out: Output, money: DividendSummary) -> None:
    """What was declared, and where each part of it is."""
    rows = [["declared", _yuan(money.declared)], *([name, _yuan(getattr(money, name))] for name in _PARTS)]
    out.table("Money of the dividend", [Column("where"), Column("amount", True)], rows)


def dividend_object(money: DividendSummary) -> dict[str, int]:
    """[fen]"""
    return {"declared": money.declared, **{name: getattr(money, name) for name in _PARTS}}


def _tell_sum(teller: Teller, money: DividendSummary) -> None:
    parts = " + ".join(f"{name} {_yuan(getattr(money, name))}" for name in _PARTS)
    teller.more(f"declared {_yuan(money.declared)} = {parts}")


def _yuan(fen: int) -> str:
    return f"¥ {fen // 100:,}.{fen % 100:02d}"
