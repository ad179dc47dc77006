"""The tax authority's list as a page: how much at which rate, then each payment with its holder's standing."""

from __future__ import annotations

from registry.statements.figures import fen
from registry.statements.ledger import Ledger
from registry.statements.model import Paid, TaxEntry, TaxList
from registry.statements.page import Answer, Column, Page, Row, Table
from registry.statements.sums import Sums, sums_of
from registry.statements.tongue import Tongue
from registry.statements.wording import as_of, checking, dotted, foot, headed, standing


def taxes_page(listed: TaxList, ledger: Ledger, tongue: Tongue) -> Page:
    sums = sums_of(entry.payment.part for entry in listed.entries)
    period = tongue.text("list.period", first=tongue.day(listed.first), last=tongue.day(listed.last))
    holders = len({entry.holder.party for entry in listed.entries})
    answer = tongue.text("list.sum", gross=fen(sums.gross_paid), n=holders)
    title = tongue.text("list.title")
    return Page(
        title=title,
        mark=tongue.text("mark"),
        subject=tongue.text("list.subject", company=listed.company.name),
        lines=(period,),
        running=dotted(tongue, title, listed.company.name, period),
        as_of=as_of(listed.source, tongue),
        foot=foot(listed.source, ledger, tongue),
        blocks=(
            Answer(tongue.text("list.lead"), fen(sums.withheld), tongue.text("unit"), (answer,)),
            headed("list.rates", tongue),
            _rates(listed, sums, tongue),
            headed("list.entries", tongue),
            _entries(listed, sums, tongue),
            *checking(listed.source, ledger, tongue),
        ),
        is_wide=True,
    )


def ordered(listed: TaxList) -> list[tuple[TaxEntry, Paid]]:
    """By holder, then by day, then by distribution; all of them are payments."""
    found = [(e, e.payment.part.fate) for e in listed.entries if isinstance(e.payment.part.fate, Paid)]
    return sorted(found, key=lambda one: (one[0].holder.party, one[1].on, one[0].payment.distribution.number))


def _rates(listed: TaxList, sums: Sums, tongue: Tongue) -> Table:
    heads = (tongue.text("list.rate.count"), tongue.text("column.gross"), tongue.text("column.tax"))
    columns = (Column(tongue.text("column.rate"), 1), *(Column(head, align="right") for head in heads))
    by_rate: dict[int, list[TaxEntry]] = {}
    for entry, paid in ordered(listed):
        by_rate.setdefault(paid.tax.rate, []).append(entry)
    rows = []
    for rate, entries in sorted(by_rate.items()):
        of_rate = sums_of(entry.payment.part for entry in entries)
        rows.append(Row((tongue.percent(rate), f"{len(entries):,}", fen(of_rate.gross_paid), fen(of_rate.withheld))))
    total = (tongue.text("total"), f"{len(listed.entries):,}", fen(sums.gross_paid), fen(sums.withheld))
    return Table(columns, tuple(rows), (Row(total),), width=60)


def _entries(listed: TaxList, sums: Sums, tongue: Tongue) -> Table:
    columns = (
        Column(tongue.text("column.number"), align="right"),
        Column(tongue.text("column.holder"), 3),
        Column(tongue.text("column.id"), 2),
        Column(tongue.text("column.standing"), 2),
        *(Column(tongue.text(f"column.{name}"), align="right") for name in ("gross", "rate", "tax")),
    )
    rows = tuple(_entry(place, entry, paid, tongue) for place, (entry, paid) in enumerate(ordered(listed), 1))
    total = ("", tongue.text("total"), "", "", fen(sums.gross_paid), "", fen(sums.withheld))
    return Table(columns, rows, (Row(total),), under_from=1)


def _entry(place: int, entry: TaxEntry, paid: Paid, tongue: Tongue) -> Row:
    part, tax = entry.payment.part, paid.tax
    number = str(entry.payment.distribution.number)
    under = [
        tongue.text("party", party=str(entry.holder.party)),
        tongue.text("list.payment", number=number, day=tongue.day(paid.on)),
    ]
    if tax.relief is not None:
        under.append(tongue.text("list.relief", certificate=tax.relief.certificate.hex()))
    amounts = (fen(part.gross), tongue.percent(tax.rate), fen(paid.withheld))
    number = entry.holder.id_number or tongue.text("residence.none")
    return Row((str(place), entry.holder.name, number, standing(tax, tongue), *amounts), tuple(under))
