"""A company's report about one distribution as a page: where the money is, the terms, each holder's amounts."""

from __future__ import annotations

from registry.statements.arithmetic import on_one_line
from registry.statements.figures import fen, rate_text, shares_text
from registry.statements.ledger import Ledger, state
from registry.statements.model import (
    Distribution,
    DistributionReport,
    Excluded,
    Line,
    Paid,
    Parked,
    PerShare,
)
from registry.statements.page import SERIES, Answer, Bar, Block, Column, Facts, Heading, Note, Page, Row, Table
from registry.statements.sums import Sums, sums_of
from registry.statements.tongue import Tongue
from registry.statements.wording import as_of, checking, dotted, foot, headed


def report_page(report: DistributionReport, ledger: Ledger, tongue: Tongue) -> Page:
    d = report.distribution
    sums = sums_of(line.part for line in report.lines)
    title = tongue.text("report.title", number=str(d.number))
    return Page(
        title=title,
        mark=tongue.text("mark"),
        subject=d.company.name,
        lines=(d.share_class,),
        running=dotted(tongue, title, d.company.name),
        as_of=as_of(report.source, tongue),
        foot=foot(report.source, ledger, tongue),
        blocks=(
            _answer(report, tongue),
            *_money(report, sums, tongue),
            headed("report.terms", tongue),
            _terms(d, tongue),
            *_scrip(report, sums, tongue),
            headed("report.holders", tongue),
            _holders(report, sums, tongue),
            *_excluded(report, tongue),
            *checking(report.source, ledger, tongue),
        ),
    )


def _answer(report: DistributionReport, tongue: Tongue) -> Answer:
    d = report.distribution
    values = {"n": len(report.lines), "day": tongue.day(d.record_date)}
    if isinstance(d.measure, PerShare):
        how = tongue.text("report.rate", rate=rate_text(d.measure.rate), **values)
    else:
        how = tongue.text("report.shared", total=fen(d.measure.total), **values)
    lead = tongue.text("report.lead", share_class=d.share_class)
    return Answer(lead, fen(d.declared), tongue.text("unit"), (how, tongue.text("report.law")))


def _money(report: DistributionReport, sums: Sums, tongue: Tongue) -> tuple[Block, ...]:
    """The same five amounts as bar and as table, in one order."""
    amounts = {
        "paid": sums.paid,
        "withheld": sums.withheld,
        "unclaimed": sums.unclaimed,
        "parked": sums.parked,
        "carried": report.carried,
    }
    bar = Bar(tuple((SERIES[name], amount) for name, amount in amounts.items() if amount))
    rows = tuple(
        Row((tongue.text(f"part.{name}"), fen(amount)), colour=SERIES[name]) for name, amount in amounts.items()
    )
    columns = (Column(tongue.text("column.part"), 1), Column(tongue.text("column.amount"), align="right"))
    total = Row((tongue.text("part.declared"), fen(report.distribution.declared)))
    notes = [tongue.text("report.lapsed", amount=fen(sums.lapsed))] if sums.lapsed else []
    notes += [tongue.text("report.carried")] if report.carried else []
    return (
        headed("report.parts", tongue),
        bar,
        Table(columns, rows, (total,)),
        *(Note(note, is_small=True) for note in notes),
    )


def _terms(d: Distribution, tongue: Tongue) -> Facts:
    if isinstance(d.measure, PerShare):
        measure = tongue.text("terms.measure.rate", rate=rate_text(d.measure.rate))
    else:
        entitled = shares_text(d.measure.entitled, d.decimals)
        measure = tongue.text("terms.measure.share", total=fen(d.measure.total), entitled=entitled)
    terms = {
        "company": d.company.name,
        "class": d.share_class,
        "resolution": f"0x{d.resolution.hex()}",
        "profit": fen(d.profit),
        "declared": fen(d.declared),
        "measure": measure,
        "record": tongue.day(d.record_date),
        "payable": tongue.day(d.payable_from),
        "expires": tongue.day(d.expires),
        "schedule": str(d.schedule),
    }
    return Facts(tuple((tongue.text(f"terms.{name}"), value) for name, value in terms.items()))


def _scrip(report: DistributionReport, sums: Sums, tongue: Tongue) -> tuple[Block, ...]:
    if not sums.scrip:
        return ()
    fates = (line.part.fate for line in report.lines)
    taken = [fate.scrip.shares for fate in fates if isinstance(fate, Paid) and fate.scrip is not None]
    values = {"shares": shares_text(sum(taken), report.distribution.decimals), "cost": fen(sums.scrip)}
    body = tongue.text("report.scrip.body", n=len(taken), **values)
    return Heading(tongue.text("report.scrip")), Note(body)


def _holders(report: DistributionReport, sums: Sums, tongue: Tongue) -> Table:
    d = report.distribution
    names = ("shares", "gross", "rate", "tax", "net")
    columns = (
        Column(tongue.text("column.number"), align="right"),
        Column(tongue.text("column.holder"), 1),
        *(Column(tongue.text(f"column.{name}"), align="right") for name in names),
        Column(tongue.text("column.state")),
    )
    lines = sorted(report.lines, key=lambda line: line.holder.party)
    rows = tuple(_holder(place, line, d, tongue) for place, line in enumerate(lines, 1))
    shares = shares_text(sum(line.part.shares for line in lines), d.decimals)
    total = ("", tongue.text("total"), shares, fen(sums.gross), "", fen(sums.withheld), fen(sums.paid), "")
    return Table(columns, rows, (Row(total),), under_from=1)


def _holder(place: int, line: Line, d: Distribution, tongue: Tongue) -> Row:
    part, fate = line.part, line.part.fate
    taxed = ("–", "–", "–")
    if isinstance(fate, Paid):
        taxed = (tongue.percent(fate.tax.rate), fen(fate.withheld), fen(fate.net))
    why = (tongue.text(f"why.short.{fate.why}"),) if isinstance(fate, Parked) else ()
    under = (tongue.text("party", party=str(line.holder.party)), *on_one_line(part, d, tongue), *why)
    shares = shares_text(part.shares, d.decimals)
    return Row(
        (str(place), line.holder.name, shares, fen(part.gross), *taxed, tongue.text(f"state.{state(part)}")), under
    )


def _excluded(report: DistributionReport, tongue: Tongue) -> tuple[Block, ...]:
    if not report.excluded:
        return ()
    columns = (
        Column(tongue.text("column.holder"), 1),
        Column(tongue.text("column.account")),
        Column(tongue.text("column.shares"), align="right"),
        Column(tongue.text("column.why")),
    )
    ordered = sorted(report.excluded, key=lambda excluded: (excluded.holder.party, excluded.account))
    rows = tuple(_one_excluded(excluded, report.distribution.decimals, tongue) for excluded in ordered)
    return Heading(tongue.text("report.excluded")), Table(columns, rows)


def _one_excluded(excluded: Excluded, decimals: int, tongue: Tongue) -> Row:
    shares, why = shares_text(excluded.shares, decimals), tongue.text(f"exclusion.{excluded.why}")
    return Row((excluded.holder.name, f"0x{excluded.account.hex()}", shares, why))
