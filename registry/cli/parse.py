"""From what is typed to typed values. A value that cannot be meant is refused with field, value and rule."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from registry.domain.args import Consideration
from registry.domain.days import from_date, to_date
from registry.domain.ids import MAX_SHARES, Address, Day, Hash32, PartyId, Shares
from registry.errors import InputError
from registry.interchange.currency import currency_number

CATEGORIES = {"unclassified": 0, "founder": 1, "employee": 2, "qualified": 3, "institution": 4, "treasury": 5}
DEFAULT_ADMITTED = "founder,employee,qualified,institution,treasury"
KINDS = {"person": 1, "organisation": 2, "vehicle": 3}
PRICE_DECIMALS = 10
MONEY_DECIMALS = 2
CONSIDERATIONS = {"none": 0, "cash": 1, "services": 2, "ip": 3, "conversion": 4}
_HEX = re.compile(r"0x[0-9a-fA-F]+")


def party(text: str, field: str = "party") -> PartyId:
    """A party id, with or without a leading P as pages show it."""
    digits = text[1:] if text[:1] in "pP" else text
    if not re.fullmatch(r"[0-9]{1,12}", digits) or not 0 < int(digits) < 2**32:
        raise InputError("a party id is a whole number from 1 to 4294967295", code="party_id", field=field, value=text)
    return PartyId(int(digits))


def address(text: str, field: str) -> Address:
    if not _HEX.fullmatch(text) or len(text) != 42:
        raise InputError("an address is 0x and 40 hex digits", code="address", field=field, value=text)
    return Address(bytes.fromhex(text[2:]))


def is_address(text: str) -> bool:
    return text.startswith(("0x", "0X"))


def shares(text: str, decimals: int, field: str = "shares") -> Shares:
    """A plain decimal number with at most the decimals that the class has."""
    units = _units(text, decimals, field, "quantity")
    if units is None:
        rule = "whole shares only" if not decimals else f"at most {decimals} decimals"
        raise InputError(f"a quantity of this class has {rule}", code="fractional_quantity", field=field, value=text)
    if not 0 < units <= MAX_SHARES:
        message = "a quantity is above zero and fits 64 bits"
        raise InputError(message, code="quantity_out_of_range", field=field, value=text)
    return Shares(units)


def money(text: str, field: str = "amount", *, least: int = 1) -> int:
    """[fen] from a plain decimal number of CNY with at most two decimals, exactly."""
    fen = _units(text, MONEY_DECIMALS, field, "amount")
    if fen is None:
        raise InputError("an amount in CNY has at most 2 decimals", code="fractional_fen", field=field, value=text)
    if not least <= fen <= MAX_SHARES:
        message = f"an amount is {'above zero' if least else 'not negative'} and fits 64 bits of fen"
        raise InputError(message, code="amount_out_of_range", field=field, value=text)
    return fen


def rate(text: str, field: str = "rate") -> int:
    """[10^-10 CNY for a whole share] from a plain decimal number of CNY with at most ten decimals, exactly."""
    units = _units(text, PRICE_DECIMALS, field, "rate")
    if units is None or not 0 < units < 2**72:
        message = "a rate for a share is above zero, in CNY with at most 10 decimals, and fits 72 bits"
        raise InputError(message, code="rate", field=field, value=text)
    return units


def bps(text: str, field: str = "percent") -> int:
    """Basis points from a percentage with at most two decimals, exactly; not checked against 100 percent."""
    found = _units(text, 2, field, "percent")
    if found is None or not 0 <= found < 2**16:
        message = "a percentage is not negative and has at most 2 decimals"
        raise InputError(message, code="percent", field=field, value=text)
    return found


def number(text: str, what: str) -> int:
    """The number of something that is counted from 1."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise InputError(f"a {what} is named by its number", code=f"{what}_malformed", field=what, value=text)
    return int(text)


def signature(text: str, field: str = "signature") -> bytes:
    """Bytes of an ordinary wallet (64 or 65), or whatever a contract wallet accepts."""
    if not _HEX.fullmatch(text) or len(text) % 2 or len(text) > 4_098:
        raise InputError(
            "a signature is 0x and an even number of hex digits", code="signature", field=field, value=text
        )
    return bytes.fromhex(text[2:])


def milestone(text: str, field: str = "milestone") -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > 255:
        message = "a milestone is its number in the schedule, counted from 0"
        raise InputError(message, code="milestone", field=field, value=text)
    return int(text)


def day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("a day is written 2022-12-31", code="date", field=field, value=text) from None


def last_day(text: str | None, field: str) -> Day | None:
    """The last day on which something is in force; the chain keeps it as a day since 1970, 0 meaning never."""
    if text is None:
        return None
    found = from_date(day(text, field))
    if found <= 0:
        raise InputError("the last day is after 1970-01-01", code="date_too_old", field=field, value=text)
    return found


def moment(text: str, utc_offset: int, field: str) -> int:
    """Unix seconds of an ISO time; without an offset it is the registry's own time, a bare day means its end."""
    home = timezone(timedelta(seconds=utc_offset))
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            ends = datetime.combine(date.fromisoformat(text), datetime.max.time(), home)
            return int(ends.timestamp())
        read = datetime.fromisoformat(text)
    except ValueError:
        message = "a time is written 2025-01-31 or 2025-01-31T09:30+08:00, a block as its number"
        raise InputError(message, code="time", field=field, value=text) from None
    return int((read if read.tzinfo else read.replace(tzinfo=home)).timestamp())


def country(text: str, field: str) -> int:
    """An ISO 3166-1 number; 0 where none is stated."""
    if not re.fullmatch(r"[0-9]{1,3}", text):
        message = "a country is its ISO 3166-1 number, from 1 to 999, such as 156 for China (0: none is stated)"
        raise InputError(message, code="country", field=field, value=text)
    return int(text)


def category(text: str, field: str = "category") -> int:
    if text not in CATEGORIES:
        message = f"a category is one of {', '.join(CATEGORIES)}"
        raise InputError(message, code="category", field=field, value=text)
    return CATEGORIES[text]


def categories(text: str, field: str = "categories") -> int:
    """A mask from names with commas between; nobody unclassified can be admitted."""
    mask = 0
    for name in filter(None, (part.strip() for part in text.split(","))):
        mask |= 1 << category(name, field)
    if not mask:
        raise InputError("a class admits one category at least", code="category", field=field, value=text)
    if mask & 1:
        raise InputError("a class cannot admit the unclassified", code="category", field=field, value=text)
    return mask


def kind(text: str, field: str = "kind") -> int:
    if text not in KINDS:
        raise InputError(f"a kind is one of {', '.join(KINDS)}", code="kind", field=field, value=text)
    return KINDS[text]


def consideration(kind_: str, price: str, currency: str) -> Consideration:
    """Kind, price a share and currency; a price needs both others."""
    if kind_ not in CONSIDERATIONS:
        message = f"a consideration is one of {', '.join(CONSIDERATIONS)}"
        raise InputError(message, code="consideration", field="consideration", value=kind_)
    number = 0
    if currency:
        found = currency_number(currency)
        if found is None:
            raise InputError("a currency is its ISO 4217 code", code="currency", field="currency", value=currency)
        number = found
    units = _units(price, PRICE_DECIMALS, "price", "price") if price else 0
    if units is None or not 0 <= units < 2**96:
        message = "a price has at most 10 decimals and is not negative"
        raise InputError(message, code="price", field="price", value=price)
    if units and not (number and CONSIDERATIONS[kind_]):
        raise InputError("a price needs a currency and a kind", code="price", field="price", value=price)
    return Consideration(CONSIDERATIONS[kind_], number, units)


def document(text: str, field: str = "document") -> Hash32:
    """The hash of a document: given as 0x and 64 digits, or taken of a file (SHA-256)."""
    if _HEX.fullmatch(text):
        if len(text) != 66 or not int(text, 16):
            message = "a document's hash is 0x and 64 hex digits, not all zero"
            raise InputError(message, code="document", field=field, value=text)
        return Hash32(bytes.fromhex(text[2:]))
    if not text:
        raise InputError("an act rests on a document: a file or a hash", code="document", field=field)
    try:
        return Hash32(hashlib.sha256(Path(text).read_bytes()).digest())
    except OSError as error:
        message = f"no such document: {error.strerror or 'not readable'}"
        raise InputError(message, code="document", field=field, value=text) from None


def _units(text: str, decimals: int, field: str, what: str) -> int | None:
    """A plain decimal number in units of its last decimal, exactly; None where it has more decimals than there are."""
    found = re.fullmatch(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?", text)
    if found is None:
        article = "an" if what[0] in "aeiou" else "a"
        raise InputError(f"{article} {what} is a plain decimal number", code=what, field=field, value=text)
    part = (found[3] or "").rstrip("0")
    if len(part) > decimals:
        return None
    units: int = int(found[2]) * 10**decimals + int(part.ljust(decimals, "0") or "0")
    return -units if found[1] else units


def category_names(mask: int) -> str:
    """The names behind a mask, for people."""
    return ", ".join(name for name, number in CATEGORIES.items() if mask >> number & 1)


def shown_day(number: int) -> str:
    """A day field can name years that no calendar has; it then reads as the last day that has a date."""
    return to_date(Day(min(number, from_date(date.max)))).isoformat()
