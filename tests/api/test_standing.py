"""A standing in words: the day it ends still counts, and each sentence says what the holder may still do."""

from __future__ import annotations

import pytest

from api.pages.standing import lock_notice, notices, state, tags
from api.pages.tongue import Tongue
from registry.domain.days import UTC_OFFSET
from registry.domain.ids import Day, PartyId
from registry.domain.words import PartyWord

EN, ZH = Tongue("en", UTC_OFFSET), Tongue("zh", UTC_OFFSET)
TODAY = Day(20_543)
FAR = Day(TODAY + 400)


def word(category: int = 3, kyc: int = FAR, qualified: int = FAR, flags: int = 0) -> PartyWord:
    return PartyWord(PartyId(1), Day(kyc), Day(qualified), category, 1, 156, 156, 3, flags)


@pytest.mark.parametrize(
    ("party", "text"),
    [
        (word(), "In force"),
        (word(kyc=TODAY), "In force"),
        (word(kyc=TODAY - 1), "KYC not in force"),  # EL-2
        (word(qualified=TODAY - 1), "Qualification not in force"),  # EL-3
        (word(category=1, qualified=0), "In force"),
        (word(category=0), "May sell, not buy"),  # EL-1
        (word(flags=1, kyc=0), "Frozen by order"),  # FR-2
    ],
)
def test_state__day_exact__is_the_first_thing_that_matters(party: PartyWord, text: str) -> None:
    assert state(party, TODAY, EN).text == text


def test_state__lock_up__lasts_through_its_day() -> None:
    assert state(word(), TODAY, EN, TODAY).text == "Locked to 31 Mar 2026"  # LK-1
    assert state(word(), TODAY, EN, Day(TODAY - 1)).text == "In force"
    assert lock_notice("Ordinary", Day(TODAY - 1), TODAY, EN) is None
    notice = lock_notice("Ordinary", Day(TODAY + 9), TODAY, EN)
    assert notice
    assert "another 10 days" in notice.body


@pytest.mark.parametrize(
    ("party", "head", "body"),
    [
        (word(qualified=TODAY + 12), "合格投资者资格 12 天后到期", "只是不能再买入"),
        (word(qualified=TODAY), "合格投资者资格今天到期", "只是不能再买入"),
        (word(qualified=TODAY - 3), "合格投资者资格已过期 3 天", "照常分红"),
        (word(qualified=0), "尚无合格投资者资格", "照常分红"),
        (word(kyc=TODAY - 40), "身份核验已过期 40 天", "可以出售"),
        (word(kyc=0), "尚未完成身份核验", "可以出售"),
        (word(category=0, kyc=0), "尚未分类", "可以出售"),
        (word(flags=1), "股份已被依令冻结", "解除之前"),
    ],
)
def test_notices__what_needs_attention__says_days_and_consequence(party: PartyWord, head: str, body: str) -> None:
    (notice,) = notices(party, TODAY, ZH)
    assert notice.head == head
    assert body in notice.body


def test_notices__all_in_force_for_long__are_none() -> None:
    assert notices(word(), TODAY, EN) == []
    assert notices(word(category=1, qualified=0), TODAY, EN) == []


def test_tags__soon_to_end__say_in_how_many_days() -> None:
    assert [tag.text for tag in tags(word(qualified=TODAY + 1), TODAY, EN)] == [
        "qualified investor", "qualification ends in 1 day",
    ]  # fmt: skip
    assert [tag.text for tag in tags(word(kyc=TODAY), TODAY, EN)] == ["qualified investor", "KYC ends today"]
    assert len(tags(word(kyc=TODAY - 1), TODAY, EN)) == 1
