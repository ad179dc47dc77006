"""What a schedule withholds from whom, by the mirror's own look-up and by the pure domain's: never two answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from registry.domain.args import ZERO_ADDRESS
from registry.domain.ids import PartyId
from registry.domain.payout_args import TaxRule
from registry.domain.payouts import TaxSchedule
from registry.domain.words import PartyWord
from registry.errors import HaltError
from registry.mirror.columns import metadata
from registry.mirror.reading_tax import Rates

LAST = (1 << 63) - 1
RULES = (TaxRule(0, 0, 7), TaxRule(1, 0, 100), TaxRule(3, 0, 1_000), TaxRule(3, 156, 2_000), TaxRule(4, 156, 0))


@pytest.fixture
def tables() -> Iterator[sqlite3.Connection]:
    """The mirror's tables with schedules 1 and 2, of which one has lost its rule for everybody else."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        for schedule, rules in ((1, RULES), (2, RULES[1:])):
            raw.executemany(
                "INSERT INTO tax_rules (schedule, category, residence, id, bps, block) VALUES (?, ?, ?, 1, ?, 0)",
                [(schedule, rule.category, rule.residence, rule.bps) for rule in rules],
            )
        yield raw
    engine.dispose()


@pytest.mark.parametrize("residence", [0, 156, 840])
@pytest.mark.parametrize("category", range(6))
def test_rate__of_any_category_and_residence__is_the_domains(
    tables: sqlite3.Connection, category: int, residence: int
) -> None:
    word = PartyWord(PartyId(1), category=category, tax_residence=residence)
    expected = TaxSchedule(ZERO_ADDRESS, RULES).rate_of(category, residence)
    assert Rates(tables, 1, LAST).of(word, 0, LAST).bps == expected


def test_rate__in_order__both_then_the_category_then_everybody_else(tables: sqlite3.Connection) -> None:
    rates = Rates(tables, 1, LAST)

    def bps(category: int, residence: int) -> int:
        return rates.of(PartyWord(PartyId(1), category=category, tax_residence=residence), 0, LAST).bps

    assert [bps(3, 156), bps(3, 840), bps(4, 156), bps(4, 840), bps(2, 156), bps(0, 156)] == [2_000, 1_000, 0, 7, 7, 7]


def test_rates__a_mirror_without_the_rule_for_everybody_else__halts(tables: sqlite3.Connection) -> None:
    with pytest.raises(HaltError, match="the mirror has lost what tax schedule 2 says of everybody else"):
        Rates(tables, 2, LAST)
