"""Integer arithmetic and its texts: exact at any size, rounded only where it says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.ids import Shares
from registry.statements import figures
from registry.statements.figures import exact, fen, gross_of, percent, rate_text, shares_text, tax_of
from registry.statements.model import PerShare, ShareOfTotal
from registry.statements.tongue import MESSAGES

ROOM = Path(figures.__file__).parent


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (fen(0), "0.00"),
        (fen(5), "0.05"),
        (fen(2**64 - 1), "184,467,440,737,095,516.15"),
        (rate_text(1_250_000_000), "0.125"),
        (rate_text(1), "0.0000000001"),
        (rate_text(35_000_000_000), "3.50"),
        (shares_text(12_000, 0), "12,000"),
        (shares_text(12_000_005, 6), "12.000005"),
        (shares_text(1_234_500, 2, ""), "12345.00"),
        (percent(2_000), "20"),
        (percent(1_250), "12.5"),
        (percent(0), "0"),
        (percent(10_000), "100"),
        (exact(1_000, 3), "3.33333333…"),
        (exact(962_500, 1_000), "9.625"),
        (exact(300, 1), "3.00"),
    ],
)
def test_text__of_a_figure__is_exact(made: str, expected: str) -> None:
    assert made == expected


@given(st.integers(1, 2**64 - 1), st.integers(0, 6), st.integers(1, 2**80 - 1))
def test_gross__by_rate__leaves_out_less_than_a_fen(shares: int, decimals: int, rate: int) -> None:
    gross = gross_of(shares, decimals, PerShare(rate))
    assert gross * 10 ** (8 + decimals) <= shares * rate < (gross + 1) * 10 ** (8 + decimals)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=50), st.integers(1, 10**12))
def test_gross__by_share_of_a_total__leaves_less_than_a_fen_a_holder(held: list[int], total: int) -> None:
    measure = ShareOfTotal(total, Shares(sum(held)))
    assert 0 <= total - sum(gross_of(shares, 0, measure) for shares in held) < len(held)


@given(st.integers(0, 2**64 - 1), st.integers(0, 10_000))
def test_tax__of_any_amount__is_the_nearest_fen(gross: int, rate: int) -> None:
    assert -5_000 < tax_of(gross, rate) * 10_000 - gross * rate <= 5_000


def test_catalogues__both__have_the_same_keys_and_values_and_no_idle_ones() -> None:
    assert list(MESSAGES["en"]) == list(MESSAGES["zh"])
    for key, english in MESSAGES["en"].items():
        values = {frozenset(re.findall(r"{(\w+)}", form)) for form in english.split("|")}
        assert frozenset(re.findall(r"{(\w+)}", MESSAGES["zh"][key])) in values, key
    text = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    made = [re.sub(r"\\{[^}]*\\}", ".+", re.escape(key)) for key in re.findall(r'f"([a-z_.]+\.{[^"]*)"', text)]
    idle = [key for key in MESSAGES["en"] if f'"{key}"' not in text]
    assert [key for key in idle if not any(re.fullmatch(pattern, key) for pattern in made)] == []
