"""Words for scripts that people read in English and Chinese."""

from __future__ import annotations

from enum import StrEnum


class Bilingual(StrEnum):
    """Each member is written as its word for scripts, its English and its Chinese text; it is the word."""

    text_en: str
    text_zh: str

    def __new__(cls, word: str, text_en: str, text_zh: str) -> Bilingual:
        member = str.__new__(cls, word)
        member._value_ = word
        member.text_en, member.text_zh = text_en, text_zh
        return member
