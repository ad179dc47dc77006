"""Words for scripts with their texts for people: looked up by the word, complete in both languages."""

from __future__ import annotations

import pytest

from registry.domain.bank_orders import Fate, Rule
from registry.domain.bilingual import Bilingual
from registry.domain.escrow_views import Waiting
from registry.domain.reconcile import Kind


@pytest.mark.parametrize("words", [Kind, Rule, Fate, Waiting], ids=lambda words: words.__name__)
def test_word__of_each_member__is_found_again_and_has_a_text_of_its_own_in_both_languages(
    words: type[Bilingual],
) -> None:
    assert [words(str(member)) for member in words] == list(words)
    assert all(member == member.value and member.value.isidentifier() for member in words)
    for texts in ([member.text_en for member in words], [member.text_zh for member in words]):
        assert len(set(texts)) == len(words)
        assert all(texts)
    assert all(member.text_en.isascii() and not member.text_zh.isascii() for member in words)
