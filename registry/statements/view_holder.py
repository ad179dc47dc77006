"""A holder's year as a page: what came, why that amount, what is still open."""

from __future__ import annotations

from collections.abc import Sequence

from registry.statements.arithmetic import steps
from registry.statements.figures import fen, shares_text
from registry.statements.ledger import Ledger, state
from registry.statements.model import HolderStatement, Lapsed, Paid, Parked, Payment, Unclaimed
from registry.statements.page import Answer, Block, Card, Column, Page, Row, Table
from registry.statements.sums import Sums, sums_of
from registry.statements.tongue import Tongue
from registry.statements.wording import as_of, checking, dotted, foot, headed, tax_reason


def holder_page(statement: HolderStatement, ledger: Ledger, tongue: Tongue) -> Page:
    holder = statement.holder
    payments = in_order(statement.payments)
    title = tongue.text("holder.title", year=str(statement.year))
    number = tongue.text("id", number=holder.id_number) if holder.id_number else ""
    return Page(
        title=title,
        mark=tongue.text("mark"),
        subject=holder.name,
        lines=(dotted(tongue, tongue.text("party", party=str(holder.party)), number),),
        running=dotted(tongue, title, holder.name),
        as_of=as_of(statement.source, tongue),
        foot=foot(statement.source, ledger, tongue),
        blocks=(
            _answer(statement, sums_of(payment.part for payment in payments), tongue),
            *_glance([payment for payment in payments if isinstance(payment.part.fate, Paid)], tongue),
            headed("holder.steps", tongue),
            *(_card(payment, tongue) for payment in payments),
            *checking(statement.source, ledger, tongue),
        ),
    )


def in_order(payments: Sequence[Payment]) -> list[Payment]:
    """What was paid by its day, then what is open by the day since when it is payable."""

    def key(payment: Payment) -> tuple[bool, str, int]:
        fate = payment.part.fate
        day = fate.on if isinstance(fate, Paid) else payment.distribution.payable_from
        return not isinstance(fate, Paid), day.isoformat(), payment.distribution.number

    return sorted(payments, key=key)


def _answer(statement: HolderStatement, sums: Sums, tongue: Tongue) -> Answer:
    paid = sum(1 for payment in statement.payments if isinstance(payment.part.fate, Paid))
    values = {"gross": fen(sums.gross_paid), "tax": fen(sums.withheld)}
    notes = [tongue.text("holder.sum", n=paid, **values) if paid else tongue.text("holder.none")]
    notes += [tongue.text("holder.scrip", cost=fen(sums.scrip))] if sums.scrip else []
    open_ones = (("parked", sums.parked), ("unclaimed", sums.unclaimed - sums.lapsed), ("lapsed", sums.lapsed))
    notes += [tongue.text(f"holder.{name}", amount=fen(amount)) for name, amount in open_ones if amount]
    lead = tongue.text("holder.lead", year=str(statement.year))
    return Answer(lead, fen(sums.paid), tongue.text("unit"), tuple(notes))


def _glance(payments: Sequence[Payment], tongue: Tongue) -> tuple[Block, ...]:
    """One line for each payment, and what they come to; nothing where nothing was paid."""
    if not payments:
        return ()
    right = [Column(tongue.text(f"column.{name}"), align="right") for name in ("shares", "gross", "rate", "tax", "net")]
    columns = (Column(tongue.text("column.payment"), 1), Column(tongue.text("column.paid_on")), *right)
    sums = sums_of(payment.part for payment in payments)
    total = (tongue.text("total"), "", "", fen(sums.gross_paid), "", fen(sums.withheld), fen(sums.paid))
    rows = tuple(_row(payment, tongue) for payment in payments)
    return headed("holder.payments", tongue), Table(columns, rows, (Row(total),))


def _row(payment: Payment, tongue: Tongue) -> Row:
    d, part = payment.distribution, payment.part
    assert isinstance(part.fate, Paid)
    paid = part.fate
    amounts = (fen(part.gross), tongue.percent(paid.tax.rate), fen(paid.withheld), fen(paid.net))
    shares = shares_text(part.shares, d.decimals)
    return Row((dotted(tongue, d.company.name, d.share_class), paid.on.isoformat(), shares, *amounts))


def _card(payment: Payment, tongue: Tongue) -> Card:
    d, part = payment.distribution, payment.part
    shares = shares_text(part.shares, d.decimals)
    day = tongue.day(d.record_date)
    held = tongue.text("payment.held", number=str(d.number), shares=shares, day=day)
    fate = part.fate
    notes = [tax_reason(fate.tax, d, tongue)] if isinstance(fate, Paid) else [_still_open(payment, tongue)]
    lines = [held]
    if isinstance(fate, Paid):
        lines.append(tongue.text(f"payment.to.{fate.place}", day=tongue.day(fate.on), account=fate.account.hex()))
        notes.append(tongue.text("payment.tx", tx=fate.tx.hex()))
    return Card(
        title=dotted(tongue, d.company.name, d.share_class),
        chip=tongue.text(f"state.{state(part)}"),
        tone="good" if isinstance(fate, Paid) else "soft" if isinstance(fate, Lapsed) else "care",
        lines=tuple(lines),
        steps=steps(part, d, tongue),
        notes=tuple(notes),
    )


def _still_open(payment: Payment, tongue: Tongue) -> str:
    d, fate = payment.distribution, payment.part.fate
    if isinstance(fate, Parked):
        return tongue.text(f"why.{fate.why}")
    until = tongue.day(d.expires)
    if isinstance(fate, Unclaimed):
        return tongue.text("open.unclaimed", first=tongue.day(d.payable_from), until=until)
    assert isinstance(fate, Lapsed)
    return tongue.text("open.lapsed", until=until, day=tongue.day(fate.on))
