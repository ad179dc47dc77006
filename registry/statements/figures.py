"""Integer arithmetic of a payment, and figures as text. No floating point, no rounding that is not named."""

from __future__ import annotations

from registry.statements.model import Measure, PerShare

BASIS = 10_000
"""[basis points] the whole."""

_FEN_OF_RATE = 10**8
"""[10^-10 CNY] in a fen."""

_MOST_DECIMALS = 8


def quotient(shares: int, decimals: int, measure: Measure) -> tuple[int, int]:
    """Gross [fen] before rounding, as numerator and denominator."""
    if isinstance(measure, PerShare):
        return shares * measure.rate, _FEN_OF_RATE * 10**decimals
    return shares * measure.total, measure.entitled


def gross_of(shares: int, decimals: int, measure: Measure) -> int:
    """[fen], parts of a fen left out."""
    numerator, denominator = quotient(shares, decimals, measure)
    return numerator // denominator


def tax_of(gross: int, rate: int) -> int:
    """[fen], to the nearest fen, half a fen upwards."""
    return (gross * rate + BASIS // 2) // BASIS


def fen(amount: int) -> str:
    """CNY with two decimals, grouped: 1,234.50."""
    return f"{amount // 100:,}.{amount % 100:02}"


def plain_fen(amount: int) -> str:
    """The same for machines: 1234.50."""
    return f"{amount // 100}.{amount % 100:02}"


def shares_text(shares: int, decimals: int, mark: str = ",") -> str:
    """A quantity with the decimals of its class; `mark` groups the thousands."""
    whole, rest = divmod(shares, 10**decimals)
    return f"{whole:,}".replace(",", mark) + (f".{rest:0{decimals}}" if decimals else "")


def rate_text(rate: int) -> str:
    """[10^-10 CNY] as CNY, with as many decimals as it needs, at least two."""
    whole, rest = divmod(rate, 10**10)
    return f"{whole:,}.{f'{rest:010}'.rstrip('0'):0<2}"


def percent(rate: int) -> str:
    """[basis points] as per cent: 20, 12.5."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def exact(numerator: int, denominator: int) -> str:
    """An amount [fen] that may not be whole, in CNY: all its decimals, or the first and an ellipsis."""
    whole, rest = divmod(numerator, denominator * 100)
    digits = ""
    while rest and len(digits) < _MOST_DECIMALS:
        digit, rest = divmod(rest * 10, denominator * 100)
        digits += str(digit)
    return f"{whole:,}.{digits:0<2}" + ("…" if rest else "")


def is_whole(numerator: int, denominator: int) -> bool:
    return numerator % denominator == 0
