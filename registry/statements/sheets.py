"""Statements as CSV: one row for each payment, every row complete in itself, no sums that would be counted twice.

UTF-8 with a byte-order mark: Excel and WPS take a CSV file without one for GBK on a Chinese system, and names turn into
other characters. Programs that read `utf-8-sig` lose nothing. Text that a spreadsheet would run as a formula gets an
apostrophe before it, digits that it would round or shorten (id numbers) a tab after them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from registry.statements.arithmetic import on_one_line
from registry.statements.figures import percent, plain_fen, shares_text
from registry.statements.ledger import state
from registry.statements.model import (
    Distribution,
    DistributionReport,
    Holder,
    HolderStatement,
    Paid,
    Parked,
    Part,
    Source,
    Statement,
    TaxList,
)
from registry.statements.tongue import Tongue
from registry.statements.view_holder import in_order
from registry.statements.view_taxes import ordered

_MOST_DIGITS = 15
"""A spreadsheet keeps so many of a number."""
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""How a text begins that a spreadsheet would run; one for Chinese takes the full width for the same sign."""

_WHO = ("party", "holder", "id_number")
_WHAT = ("company_number", "company", "share_class", "distribution", "record_date", "payable_from")
_HOW = ("state", "paid_on", "shares", "gross", "category", "residence", "rate", "certificate", "tax", "net")
_WHERE = ("scrip_shares", "scrip_cost", "place", "account", "arithmetic", "tx")
_PARTS = ("part_paid", "part_withheld", "part_unclaimed", "part_parked", "part_carried")
_SOURCE = ("chain", "contract", "block", "block_hash", "figures")

Cells = Mapping[str, str]


def sheet(statement: Statement, digest: str, tongue: Tongue) -> bytes:
    """The file's bytes."""
    source = _source(statement.source, digest)
    if isinstance(statement, HolderStatement):
        heads: tuple[str, ...] = (*_WHO, *_WHAT, *_HOW, *_WHERE, *_SOURCE)
        rows = [
            _row(statement.holder, payment.distribution, payment.part, tongue)
            for payment in in_order(statement.payments)
        ]
    elif isinstance(statement, DistributionReport):
        heads = (*_WHO, *_WHAT, *_HOW, *_PARTS, *_WHERE, *_SOURCE)
        rows = _report_rows(statement, tongue)
    else:
        heads = (*_WHO, *_WHAT, *_HOW, *_WHERE, *_SOURCE)
        rows = _list_rows(statement, tongue)
    return _written(heads, [{**row, **source} for row in rows], tongue)


def _report_rows(report: DistributionReport, tongue: Tongue) -> list[Cells]:
    """Holders, then what is carried, so that the columns of parts add up to what was declared; then the excluded."""
    d = report.distribution
    lines = sorted(report.lines, key=lambda line: line.holder.party)
    rows: list[Cells] = [{**_row(line.holder, d, line.part, tongue), **_parts(line.part)} for line in lines]
    if report.carried:
        carried = plain_fen(report.carried)
        rows.append({**_terms(d), "state": tongue.text("csv.carried"), "part_carried": carried})
    for out in sorted(report.excluded, key=lambda excluded: (excluded.holder.party, excluded.account)):
        shares = shares_text(out.shares, d.decimals, "")
        why = tongue.text("csv.excluded", why=tongue.text(f"exclusion.{out.why}"))
        where = {"state": why, "shares": shares, "account": f"0x{out.account.hex()}"}
        rows.append({**_who(out.holder), **_terms(d), **where})
    return rows


def _list_rows(listed: TaxList, tongue: Tongue) -> list[Cells]:
    payments = [(entry.holder, entry.payment) for entry, _ in ordered(listed)]
    return [_row(holder, payment.distribution, payment.part, tongue) for holder, payment in payments]


def _row(holder: Holder, d: Distribution, part: Part, tongue: Tongue) -> Cells:
    found = {
        **_who(holder),
        **_terms(d),
        "state": _state(part, tongue),
        "shares": shares_text(part.shares, d.decimals, ""),
        "gross": plain_fen(part.gross),
        "arithmetic": "; ".join(on_one_line(part, d, tongue)),
    }
    return {**found, **(_paid(part.fate, d, tongue) if isinstance(part.fate, Paid) else {})}


def _state(part: Part, tongue: Tongue) -> str:
    if isinstance(part.fate, Parked):
        return tongue.text(f"why.short.{part.fate.why}")
    return tongue.text("csv.state.paid" if isinstance(part.fate, Paid) else f"state.{state(part)}")


def _who(holder: Holder) -> Cells:
    return {"party": str(holder.party), "holder": holder.name, "id_number": holder.id_number}


def _terms(d: Distribution) -> Cells:
    return {
        "company_number": str(d.company.number),
        "company": d.company.name,
        "share_class": d.share_class,
        "distribution": str(d.number),
        "record_date": d.record_date.isoformat(),
        "payable_from": d.payable_from.isoformat(),
    }


def _paid(paid: Paid, d: Distribution, tongue: Tongue) -> Cells:
    scrip = paid.scrip
    return {
        "paid_on": paid.on.isoformat(),
        "category": tongue.category(paid.tax.category),
        "residence": tongue.residence(paid.tax.residence),
        "rate": percent(paid.tax.rate),
        "certificate": f"0x{paid.tax.relief.certificate.hex()}" if paid.tax.relief else "",
        "tax": plain_fen(paid.withheld),
        "net": plain_fen(paid.net),
        "scrip_shares": shares_text(scrip.shares, d.decimals, "") if scrip else "",
        "scrip_cost": plain_fen(scrip.cost) if scrip else "",
        "place": tongue.text(f"csv.place.{paid.place}"),
        "account": f"0x{paid.account.hex()}",
        "tx": f"0x{paid.tx.hex()}",
    }


def _parts(part: Part) -> Cells:
    fate = part.fate
    if isinstance(fate, Paid):
        return {"part_paid": plain_fen(fate.net), "part_withheld": plain_fen(fate.withheld)}
    return {"part_parked" if isinstance(fate, Parked) else "part_unclaimed": plain_fen(part.gross)}


def _source(source: Source, digest: str) -> Cells:
    return {
        "chain": str(source.chain_id),
        "contract": f"0x{source.contract.hex()}",
        "block": str(source.block),
        "block_hash": f"0x{source.block_hash.hex()}",
        "figures": digest,
    }


def _written(heads: Iterable[str], rows: Iterable[Cells], tongue: Tongue) -> bytes:
    names = tuple(heads)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([tongue.text(f"csv.{name}") for name in names])
    writer.writerows([_cell(row.get(name, "")) for name in names] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(text: str) -> str:
    if text.startswith(_FORMULA):
        return f"'{text}"
    is_long = text.isascii() and text.isdigit() and (len(text) > _MOST_DIGITS or (len(text) > 1 and text[0] == "0"))
    return f"{text}\t" if is_long else text
