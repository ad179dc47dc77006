"""Single fields of a bank statement: the value in our types, or an InputError with place, field, value and rule.

The same rules for both formats. Money is whole fen from the first reading on; no float, no rounding anywhere.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.domain.days import from_date
from registry.domain.ids import Address, Day
from registry.domain.reconcile import Line
from registry.errors import InputError
from registry.interchange.findings import shown

CURRENCY = "CNY"
UTF8_BOM = codecs.BOM_UTF8
MOST_BYTES = 64 * 1024 * 1024
MOST_FEN = 2**64 - 1
"""The settlement token's amounts fit 64 bits."""
MOST_PARTY = 2**32 - 1
LONGEST_REFERENCE = 140
LONGEST_TEXT = 1_000

# [0-9], not \d: a full-width digit is refused and not read.
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,20})(?:\.([0-9]+))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_PARTY = re.compile(r"P([1-9][0-9]{0,9})")
_LONE_ADDRESS = re.compile(r"(?<![0-9a-zA-Z])0x[0-9a-fA-F]{40}(?![0-9a-zA-Z])")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of one account. A table says neither account nor balances: they are None. Balances are in fen."""

    account: str | None
    currency: str
    opening: int | None
    closing: int | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands: its name, and "line 7" or "entry 3, detail 2"."""

    file: str
    where: str = ""

    def at(self, where: str) -> Place:
        return Place(self.file, f"{self.where}, {where}" if self.where else where)

    def error(self, code: str, field: str, value: object, rule: str) -> InputError:
        here = shown(f"{self.file}, {self.where}" if self.where else self.file)
        return InputError(f"{here}: {field} {rule}", code=code, object=here, field=field, value=shown(value))


def money(place: Place, field: str, text: str, *, signed: bool, zero: bool = False) -> int:
    """[fen] a plain decimal number with at most two decimals."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        rule = "must be plain digits with a point before at most two decimals: no separators, no exponent"
        raise place.error("missing_field" if not text else "malformed_amount", field, text, rule)
    sign, whole, decimals = found[1], found[2], found[3] or ""
    if sign and not signed:
        raise place.error("malformed_amount", field, text, "has no sign here; whether it is a debit stands beside it")
    if len(decimals) > 2:
        raise place.error("too_many_decimals", field, text, "has more than two decimals; the smallest unit is the fen")
    fen = int(whole + decimals.ljust(2, "0"))
    if fen > MOST_FEN:
        raise place.error("amount_too_large", field, text, f"is more than {MOST_FEN} fen, which the chain can keep")
    if not fen and (sign == "-" or not zero):
        raise place.error("zero_amount", field, text, "is zero; a line moves money")
    return -fen if sign == "-" else fen


def currency(place: Place, field: str, text: str) -> str:
    if text != CURRENCY:
        code = "missing_field" if not text else "foreign_currency"
        raise place.error(code, field, text, f"must be {CURRENCY}; the settlement token stands for nothing else")
    return text


def day(place: Place, field: str, text: str) -> Day:
    """A civil day in the registry's time zone."""
    try:
        if _DATE.fullmatch(text):
            return from_date(date.fromisoformat(text))
    except ValueError:
        pass
    code = "missing_field" if not text else "malformed_date"
    raise place.error(code, field, text, "must be a day of the calendar, written YYYY-MM-DD")


def name(place: Place, field: str, text: str) -> str:
    """A reference or account number: compared sign by sign, so nothing invisible may hide in it."""
    if not text:
        raise place.error("missing_field", field, text, "must not be empty")
    if len(text) > LONGEST_REFERENCE or not text.isprintable():
        rule = f"must be one printable line of at most {LONGEST_REFERENCE} signs"
        raise place.error("malformed_text", field, text, rule)
    return text


def account(place: Place, field: str, text: str) -> tuple[Address | None, int]:
    """An account on the chain by its address, or a party whose book account is meant, as payment orders name it. An
    empty field names neither: None and 0."""
    if not text:
        return None, 0
    if _ADDRESS.fullmatch(text):
        return Address(bytes.fromhex(text[2:])), 0
    party = _PARTY.fullmatch(text)
    if party is None or int(party[1]) > MOST_PARTY:
        rule = "may be empty; else it is P and a party's number, such as P12, or 0x and 40 hex digits"
        raise place.error("malformed_address", field, text, rule)
    return None, int(party[1])


def address_within(text: str) -> Address | None:
    """The one account that a free text names; None where it names none, or several.

    Anybody who pays in writes this text: whatever it says must not keep the statement from being read.
    """
    named = {bytes.fromhex(word[2:]) for word in _LONE_ADDRESS.findall(text)}
    return Address(named.pop()) if len(named) == 1 else None


def free_text(text: str) -> str:
    """For people only: one line, nothing invisible, cut where it is too long."""
    line = "".join(_visible(sign) for sign in " ".join(text.split())[: LONGEST_TEXT + 1])
    return line if len(line) <= LONGEST_TEXT else line[:LONGEST_TEXT] + "…"


def distinct(lines: Iterable[tuple[Place, Line]]) -> tuple[Line, ...]:
    """The lines, each with a reference of its own; an order whose money came back may have been paid once more."""
    found = list(lines)
    allowed = Counter(line.returns for _, line in found if line.returns)
    first: dict[tuple[str, bool], Place] = {}
    seen: Counter[tuple[str, bool]] = Counter()
    for place, line in found:
        # A table names the return of a payment as it names the payment.
        is_return = line.reference == line.returns
        name = line.reference, is_return
        before = first.setdefault(name, place)
        seen[name] += 1
        if seen[name] > 1 + (0 if is_return or line.amount_fen > 0 else allowed[line.reference]):
            rule = f"stands at {before.where} already; a bank gives a reference once"
            raise place.error("duplicate_reference", "reference", line.reference, rule)
    return tuple(line for _, line in found)


def _visible(sign: str) -> str:
    # Wide spaces stand in Chinese names, so they stay.
    return sign if sign.isprintable() or unicodedata.category(sign) == "Zs" else "\ufffd"
