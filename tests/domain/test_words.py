"""Packed words: the same fields, the same bits as contracts/types/*.sol."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.days import day_of, first_second, from_date, last_second, to_date
from registry.domain.ids import Day
from registry.domain.raise_words import Case, Cash, Purse, RegionWord, Subscription, Totals, Tranche
from registry.domain.words import Charter, ClassWord, Holding, PartyWord

ROOT = Path(__file__).resolve().parents[2]
WORDS = (PartyWord, Holding, ClassWord, Charter)
BITS = {PartyWord: 184, Holding: 240, ClassWord: 249, Charter: 128}
PACKED = (
    (Cash, "Money", "Cash"),
    (RegionWord, "Region", "RegionWord"),
    (Subscription, "Subscription", "Subscription"),
    (Totals, "Raise", "Totals"),
    (Tranche, "Tranche", "Tranche"),
    (Purse, "Tranche", "Purse"),
    (Case, "Case", "Case"),
)


@pytest.mark.parametrize("word", WORDS)
@given(data=st.data())
def test_word__packed_and_unpacked__is_the_same(word: type[Holding], data: st.DataObject) -> None:
    packed = data.draw(st.integers(0, 2 ** BITS[word] - 1))
    assert word.unpack(packed).pack() == packed


@pytest.mark.parametrize("word", WORDS)
def test_word__each_field__stands_where_the_contract_says(word: type[Holding]) -> None:
    in_answers_only = {"account"} if word is PartyWord else set()
    compare(word, word.__name__, in_answers_only)


@pytest.mark.parametrize(("word", "file", "word_type"), PACKED)
def test_packed_word__each_field__stands_where_the_contract_says(word: Any, file: str, word_type: str) -> None:
    compare(word, file, set(), word_type)
    for name, at, width in word.LAYOUT:
        highest = 2**width - 1
        assert word.unpack(highest << at).pack() == highest << at, name
    with pytest.raises(OverflowError, match=word.LAYOUT[0][0]):
        word(**{word.LAYOUT[0][0]: 2**256}).pack()


def compare(word: Any, file: str, ignored: set[str], word_type: str = "") -> None:
    """Every field of the table above the type in contracts/types, and no other."""
    text = (ROOT / "contracts/types" / f"{file}.sol").read_text(encoding="utf-8")
    if word_type:
        before = text.split(f"\ntype {word_type} is")[0]
        text = before[before.rindex("| bits ") :]
    table = re.findall(r"^/// \| (\d+)(?:–(\d+))?\s*\| (\w+)", text, re.MULTILINE)
    names = {field.name for field in fields(word)}
    for first, last, name in table:
        snake = re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), name)
        if snake in ignored:
            continue
        field = next(name for name in (snake, f"is_{snake}", f"{snake}_upholds") if name in names)
        highest = 2 ** (int(last or first) - int(first) + 1) - 1
        found = getattr(word.unpack(highest << int(first)), field)
        assert (int.from_bytes(found, "big") if isinstance(found, bytes) else found) == highest
    assert len(table) >= len(names)


def test_word__field_too_wide__is_refused() -> None:
    with pytest.raises(OverflowError):
        Holding(balance=2**64).pack()  # type: ignore[arg-type]


@given(day=st.integers(-400_000, 400_000))
def test_day__its_first_and_last_second__belong_to_it(day: int) -> None:
    assert day_of(first_second(Day(day))) == day_of(last_second(Day(day))) == day
    assert day_of(last_second(Day(day)) + 1) == day + 1
    assert from_date(to_date(Day(day))) == day


def test_day__midnight_in_china__begins_it() -> None:
    assert day_of(16 * 3_600 - 1) == 0
    assert day_of(16 * 3_600) == 1
