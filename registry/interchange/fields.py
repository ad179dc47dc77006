"""Reads single fields of an object: the value in our types, or a finding that names object, field, value and rule.

Numbers in this format are texts with up to ten decimals. A share count is whole as long as its decimals are zeros:
decimals never tell how finely a class is divided.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from registry.interchange.currency import currency_number
from registry.interchange.findings import Findings
from registry.interchange.plan import MOST_SHARES, NOTHING_GIVEN, PRICE_UNITS, Consideration
from registry.interchange.strictjson import Json, JsonObject

_NUMERIC = re.compile(r"([+-]?)([0-9]{1,40})(?:\.([0-9]{1,10}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
LONGEST_TEXT = 1_000
# The room that the register has for a side of a ratio and for a price.
MOST_RATIO = 2**32 - 1
MOST_PRICE = 2**96 - 1


@dataclass(frozen=True, slots=True)
class Fields:
    """One object under reading. Each method returns None after it has reported why."""

    obj: str
    body: JsonObject
    findings: Findings
    where: str

    def refuse(self, code: str, name: str, value: Json, rule: str) -> None:
        self.findings.refuse(code, self.obj, name, value, f"{self.where}: {name} {rule}")

    def text(self, name: str, *, optional: bool = False) -> str | None:
        """A text of one line. An empty optional text counts as absent: the field writes both."""
        value = self.body.get(name)
        if optional and (value is None or value == ""):
            return None
        if not isinstance(value, str) or not value.strip():
            self.refuse("missing_field" if value is None else "wrong_type", name, value, "must be a text")
            return None
        if len(value) > LONGEST_TEXT or not _is_line(value):
            self.refuse("malformed_text", name, value, f"must be one printable line of at most {LONGEST_TEXT} signs")
            return None
        return value.strip()

    def choice(self, name: str, *allowed: str) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            self.refuse("unknown_value", name, value, f"must be one of {', '.join(allowed)}")
            return None
        return value

    def day(self, name: str) -> date | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.refuse("malformed_date", name, value, "must be a day of the calendar, written YYYY-MM-DD")
        return None

    def texts(self, name: str) -> tuple[str, ...] | None:
        value = self.body.get(name)
        if not isinstance(value, list) or not value:
            rule = "must be a list of ids that is not empty"
            self.refuse("missing_field" if value is None else "wrong_type", name, value, rule)
            return None
        found = [item for item in value if isinstance(item, str) and item]
        if len(found) != len(value) or len(set(found)) != len(found):
            self.refuse("wrong_type", name, value, "must be a list of ids, each once")
            return None
        return tuple(found)

    def number(self, name: str) -> Fraction | None:
        """An exact number."""
        value = self.body.get(name)
        if not isinstance(value, str):
            rule = "must be a number written as a text"
            self.refuse("missing_field" if value is None else "wrong_type", name, value, rule)
            return None
        return self._exact(name, value)

    def shares(self, name: str, *, zero: bool = False) -> int | None:
        """A whole number of shares in 64 bits; more than none, unless told otherwise."""
        number = self.number(name)
        if number is None:
            return None
        value = self.body.get(name)
        if number.denominator != 1:
            self.refuse("fractional_quantity", name, value, f"is {value}; the class is divided into whole shares only")
        elif number < 0 or (number == 0 and not zero):
            self.refuse("not_positive", name, value, f"is {value}; a quantity of shares is above zero")
        elif number > MOST_SHARES:
            self.refuse("quantity_too_large", name, value, f"is {value}; the register keeps at most {MOST_SHARES}")
        else:
            return int(number)
        return None

    def ratio(self, name: str) -> Fraction | None:
        """Numerator and denominator as an object, or side by side as in the first versions of the format."""
        body = self.body.get(name)
        if isinstance(body, dict):
            inner = Fields(self.obj, body, self.findings, self.where)
            above, below = inner.number("numerator"), inner.number("denominator")
        else:
            above, below = self.number(f"{name}_numerator"), self.number(f"{name}_denominator")
        if above is None or below is None:
            return None
        if above <= 0 or below <= 0:
            self.refuse("not_positive", name, f"{above}:{below}", f"is {above}:{below}; both sides are above zero")
            return None
        ratio = above / below
        if max(ratio.numerator, ratio.denominator) > MOST_RATIO:
            rule = f"is {above}:{below}, in lowest terms beyond {MOST_RATIO}"
            self.refuse("quantity_too_large", name, f"{above}:{below}", rule)
            return None
        return ratio

    def price(self, name: str) -> Consideration | None:
        """An amount of money per share; no price or a price of zero is no consideration."""
        body = self.body.get(name)
        if body is None:
            return NOTHING_GIVEN
        if not isinstance(body, dict):
            self.refuse("wrong_type", name, body, "must hold amount and currency")
            return None
        inner = Fields(self.obj, body, self.findings, self.where)
        amount, currency = inner.number("amount"), inner.text("currency")
        if amount is None or currency is None:
            return None
        if amount < 0:
            self.refuse("negative_amount", name, body.get("amount"), "is below zero")
            return None
        if not _CURRENCY.fullmatch(currency):
            self.refuse("unknown_currency", name, currency, "needs a currency code of ISO 4217")
            return None
        number = currency_number(currency)
        if number is None:
            text = f"{self.where}: the currency {currency} is not in ISO 4217; the price is left out"
            self.findings.warn("unknown_currency", self.obj, name, currency, text)
            return NOTHING_GIVEN
        if amount == 0:
            return NOTHING_GIVEN
        if amount * PRICE_UNITS > MOST_PRICE:
            self.refuse("quantity_too_large", name, body.get("amount"), "is more than the register keeps for a price")
            return None
        return Consideration("cash", number, int(amount * PRICE_UNITS))

    def _exact(self, name: str, value: str) -> Fraction | None:
        found = _NUMERIC.fullmatch(value)
        if found is None:
            rule = "must be digits with at most ten decimals, without exponent"
            self.refuse("malformed_number", name, value, rule)
            return None
        sign, whole, decimals = found.groups()
        return Fraction(f"{sign}{whole}.{decimals or '0'}")


def _is_line(text: str) -> bool:
    """Nothing invisible but spaces of any width: names of two characters are written with a wide one between them."""
    return all(sign.isprintable() or unicodedata.category(sign) == "Zs" for sign in text)
