"""What is refused before anything is drawn: an InputError names the object, the field, the value and the rule.

A statement never prints an amount that does not follow from the shares and the terms beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date

from registry.errors import InputError
from registry.statements.figures import BASIS, gross_of, tax_of
from registry.statements.model import (
    Distribution,
    DistributionReport,
    Excluded,
    Holder,
    HolderStatement,
    Paid,
    Part,
    Payment,
    PerShare,
    Scrip,
    ShareOfTotal,
    Source,
    Statement,
    TaxList,
)

MOST_TEXT = 400
"""[characters] of a name or an id number."""

_MOST = 2**64 - 1
_HASH, _ADDRESS = 32, 20
_MOST_DECIMALS = 6


def check(statement: Statement) -> None:
    """InputError if anything in it is malformed, contradicts something else in it, or if there is nothing to state."""
    _source(statement.source)
    if isinstance(statement, HolderStatement):
        _holder_statement(statement)
    elif isinstance(statement, DistributionReport):
        _report(statement)
    else:
        _tax_list(statement)


def _holder_statement(statement: HolderStatement) -> None:
    who = f"party {statement.holder.party}"
    _holder(statement.holder)
    if not date.min.year <= statement.year <= date.max.year:
        raise _wrong("year", who, "year", statement.year, "is not a calendar year")
    if not statement.payments:
        rule = "has no payment to this holder, so there is nothing to state"
        raise _wrong("no_payments", who, "year", statement.year, rule)
    _once((f"{p.distribution.number}" for p in statement.payments), who, "payments.distribution.number")
    for payment in statement.payments:
        _payment(payment, who)
        fate = payment.part.fate
        if isinstance(fate, Paid) and fate.on.year != statement.year:
            raise _wrong("other_year", who, "payments.part.fate.on", fate.on, f"is not in the year {statement.year}")


def _report(report: DistributionReport) -> None:
    d = report.distribution
    where = f"distribution {d.number}"
    _distribution(d)
    if not report.lines:
        raise _wrong("no_payments", where, "lines", 0, "no holder is in it, so there is nothing to report")
    _once((f"{line.holder.party}" for line in report.lines), where, "lines.holder.party")
    for line in report.lines:
        _holder(line.holder)
        _part(line.part, d, f"{where}, party {line.holder.party}")
    for excluded in report.excluded:
        _excluded(excluded, where)
    if not 0 <= _amount(report.carried, where, "carried") < len(report.lines):
        rule = f"must be less than the number of holders, {len(report.lines)}, in fen"
        raise _wrong("carried", where, "carried", report.carried, rule)
    told = sum(line.part.gross for line in report.lines) + report.carried
    if told != d.declared:
        rule = f"is not what all parts and what is carried come to, {told} fen"
        raise _wrong("declared", where, "distribution.declared", d.declared, rule)
    entitled = sum(line.part.shares for line in report.lines)
    if isinstance(d.measure, ShareOfTotal) and d.measure.entitled != entitled:
        rule = f"is not the sum of the holders' shares, {entitled}"
        raise _wrong("entitled", where, "distribution.measure.entitled", d.measure.entitled, rule)


def _tax_list(listed: TaxList) -> None:
    where = f"company {listed.company.number}"
    _text(listed.company.name, where, "company.name")
    if listed.last < listed.first:
        raise _wrong("period", where, "last", listed.last, f"is before the first day, {listed.first}")
    if not listed.entries:
        rule = f"through {listed.last} no payment was made, so there is nothing to list"
        raise _wrong("no_payments", where, "first", listed.first, rule)
    _once((f"{e.holder.party}/{e.payment.distribution.number}" for e in listed.entries), where, "entries")
    for entry in listed.entries:
        who = f"{where}, party {entry.holder.party}"
        _holder(entry.holder)
        _payment(entry.payment, who)
        if entry.payment.distribution.company.number != listed.company.number:
            number = entry.payment.distribution.company.number
            raise _wrong("company", who, "entries.payment.distribution.company", number, "is another company")
        fate = entry.payment.part.fate
        if not isinstance(fate, Paid):
            raise _wrong("not_paid", who, "entries.payment.part.fate", type(fate).__name__, "only payments are listed")
        if not listed.first <= fate.on <= listed.last:
            rule = f"is not within {listed.first} to {listed.last}"
            raise _wrong("other_period", who, "entries.payment.part.fate.on", fate.on, rule)


def _source(source: Source) -> None:
    _bytes(source.contract, _ADDRESS, "source", "contract")
    _bytes(source.block_hash, _HASH, "source", "block_hash")
    for field, value in (("chain_id", source.chain_id), ("block", source.block), ("time", source.time)):
        _amount(value, "source", field)


def _holder(holder: Holder) -> None:
    who = f"party {holder.party}"
    if not 0 < holder.party < 2**32:
        raise _wrong("party", who, "party", holder.party, "must be from 1 to 4294967295")
    _text(holder.name, who, "name")
    if holder.id_number:
        _text(holder.id_number, who, "id_number")


def _payment(payment: Payment, who: str) -> None:
    _distribution(payment.distribution)
    _part(payment.part, payment.distribution, f"{who}, distribution {payment.distribution.number}")


def _distribution(d: Distribution) -> None:
    where = f"distribution {d.number}"
    _text(d.company.name, where, "company.name")
    _text(d.share_class, where, "share_class")
    _bytes(d.resolution, _HASH, where, "resolution")
    if not 0 <= d.decimals <= _MOST_DECIMALS:
        raise _wrong("decimals", where, "decimals", d.decimals, f"must be from 0 to {_MOST_DECIMALS}")
    if _amount(d.declared, where, "declared") > _amount(d.profit, where, "profit"):
        raise _wrong("profit", where, "profit", d.profit, f"is less than what was declared, {d.declared} fen")
    for field, value in _measures(d):
        if _amount(value, where, f"measure.{field}", 2**80 - 1) == 0:
            raise _wrong("measure", where, f"measure.{field}", value, "must be at least 1")
    if d.expires < d.payable_from:
        raise _wrong("expires", where, "expires", d.expires, f"is before {d.payable_from}, when it becomes payable")


def _measures(d: Distribution) -> tuple[tuple[str, int], ...]:
    if isinstance(d.measure, PerShare):
        return (("rate", d.measure.rate),)
    return ("total", d.measure.total), ("entitled", d.measure.entitled)


def _part(part: Part, d: Distribution, where: str) -> None:
    if _amount(part.shares, where, "shares") == 0:
        raise _wrong("shares", where, "shares", 0, "must be at least 1")
    expected = gross_of(part.shares, d.decimals, d.measure)
    if _amount(part.gross, where, "gross") != expected:
        raise _wrong("gross", where, "gross", part.gross, f"does not follow from the terms, which give {expected} fen")
    if isinstance(part.fate, Paid):
        _paid(part.fate, part.gross, d, where)


def _paid(paid: Paid, gross: int, d: Distribution, where: str) -> None:
    _bytes(paid.account, _ADDRESS, where, "account")
    _bytes(paid.tx, _HASH, where, "tx")
    if not 0 <= _amount(paid.tax.rate, where, "tax.rate") <= BASIS:
        raise _wrong("tax_rate", where, "tax.rate", paid.tax.rate, f"must be at most {BASIS} basis points")
    if paid.tax.relief is not None:
        _bytes(paid.tax.relief.certificate, _HASH, where, "tax.relief.certificate")
    if _amount(paid.withheld, where, "withheld") != tax_of(gross, paid.tax.rate):
        rule = f"is not {paid.tax.rate} basis points of {gross} fen, {tax_of(gross, paid.tax.rate)} fen"
        raise _wrong("withheld", where, "withheld", paid.withheld, rule)
    if _amount(paid.net, where, "net") != gross - paid.withheld:
        rule = f"is not gross less tax, {gross - paid.withheld} fen"
        raise _wrong("net", where, "net", paid.net, rule)
    if paid.on < d.payable_from or paid.on <= d.record_date:
        rule = f"is before {d.payable_from}, when it becomes payable, or not after {d.record_date}, the record date"
        raise _wrong("paid_on", where, "on", paid.on, rule)
    if paid.scrip is not None:
        _scrip(paid.scrip, paid.net, d.decimals, where)


def _scrip(scrip: Scrip, net: int, decimals: int, where: str) -> None:
    for field, value in (("price", scrip.price), ("shares", scrip.shares)):
        if _amount(value, where, f"scrip.{field}") == 0:
            raise _wrong("scrip", where, f"scrip.{field}", value, "must be at least 1")
    if _amount(scrip.cost, where, "scrip.cost") * 10**decimals != scrip.shares * scrip.price:
        rule = f"is not what {scrip.shares} shares cost at that price"
        raise _wrong("scrip_cost", where, "scrip.cost", scrip.cost, rule)
    if scrip.cost > net:
        raise _wrong("scrip_cost", where, "scrip.cost", scrip.cost, f"is more than the net amount, {net} fen")


def _excluded(excluded: Excluded, where: str) -> None:
    _holder(excluded.holder)
    who = f"{where}, party {excluded.holder.party}"
    _amount(excluded.shares, who, "excluded.shares")
    _bytes(excluded.account, _ADDRESS, who, "excluded.account")


def _once(keys: Iterable[str], where: str, field: str) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise _wrong("twice", where, field, key, "is there twice")
        seen.add(key)


def _text(text: str, where: str, field: str) -> None:
    if not text.strip() or len(text) > MOST_TEXT:
        raise _wrong("text", where, field, text[:80], f"must have 1 to {MOST_TEXT} characters")
    if any(unicodedata.category(char) == "Cs" for char in text):
        raise _wrong("text", where, field, ascii(text)[:80], "has half of a character, which no file can hold")


def _bytes(value: bytes, length: int, where: str, field: str) -> None:
    if len(value) != length:
        raise _wrong("bytes", where, field, f"0x{value.hex()}", f"must have {length} bytes")


def _amount(value: int, where: str, field: str, most: int = _MOST) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise _wrong("amount", where, field, value, f"must be a whole number from 0 to {most}")
    return value


def _wrong(code: str, object: str, field: str, value: object, rule: str) -> InputError:
    return InputError(f"{object}: {field} {value} {rule}", code=code, object=object, field=field, value=value)
