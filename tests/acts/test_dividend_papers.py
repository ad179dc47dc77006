"""Statements, reports and tax lists of a dividend on a real chain: records, comparison with the chain, files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from registry.acts import dividend_papers as papers
from registry.acts import story_dividend as story
from registry.acts.dividend_proof import leaf_hash, prove
from registry.acts.paper_files import write_papers
from registry.acts.story_dividend import ABROAD, FUND, LATE, SELLER
from registry.chain.anvil import Anvil
from registry.domain.ids import PartyId, Shares
from registry.errors import HaltError, InputError
from registry.mirror.queries import AsOf
from registry.statements import model
from registry.statements.render import render
from tests.support.dividend_told import Told, dividend_told
from tests.support.registry_home import furnished


@pytest.fixture(scope="module")
def told(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with dividend_told(furnished(tmp_path_factory.mktemp("papers") / "home", module_anvil), module_anvil) as found:
        yield found


def statement_of(told: Told, party: PartyId, as_of: AsOf) -> model.HolderStatement:
    (found,) = papers.holder_statements(told.desk, [party], told.year, as_of)
    return found


def paid_part(part: model.Part) -> model.Paid:
    assert isinstance(part.fate, model.Paid)
    return part.fate


def test_holder_statement__who_was_paid_by_treaty__has_amounts_rate_and_certificate(told: Told) -> None:
    found = statement_of(told, told.party(ABROAD), told.closed)
    (payment,) = found.payments
    paid = paid_part(payment.part)
    assert (payment.part.shares, payment.part.gross, paid.withheld, paid.net) == (88_901, 1_097_542, 109_754, 987_788)
    assert (paid.tax.rate, paid.tax.category, paid.tax.residence, paid.place) == (1_000, 3, 702, model.Place.BOOK)
    assert paid.tax.relief is not None
    assert (found.holder.name, found.source.block) == (story.MEMBERS[ABROAD].name, told.closed.block)
    assert payment.distribution.measure == model.PerShare(story.RATE)
    assert payment.distribution.declared == 13_623_088


def test_holder_statement__who_sold_after_the_record_date__is_told_the_shares_of_that_day(told: Told) -> None:
    (payment,) = statement_of(told, told.party(SELLER), told.closed).payments
    assert payment.part.shares == story.MEMBERS[SELLER].holds
    assert paid_part(payment.part).place == model.Place.WALLET
    (bought,) = statement_of(told, told.party(FUND), told.closed).payments
    assert (bought.part.shares, paid_part(bought.part).withheld) == (story.MEMBERS[FUND].holds, 0)


def test_holder_statement__a_year_without_payments__is_refused_with_the_years_there_are(told: Told) -> None:
    with pytest.raises(InputError, match=f"nothing was paid .* in 2019; years with payments: {told.year}") as refused:
        papers.holder_statements(told.desk, [told.party(SELLER)], 2019, told.closed)
    assert (refused.value.code, refused.value.field) == ("no_payments", "year")
    with pytest.raises(InputError, match="years with payments: none"):
        statement_of(told, told.party(LATE), told.parked)


def test_holder_statement__nobody_knows_the_party__is_refused(told: Told) -> None:
    with pytest.raises(InputError, match="4000"):
        statement_of(told, PartyId(4_000), told.closed)


def test_report__before_the_cure__adds_up_with_one_parked_and_the_companys_own_excluded(told: Told) -> None:
    found = papers.distribution_report(told.desk, told.number, told.parked)
    fates = [type(line.part.fate) for line in found.lines]
    assert (fates.count(model.Paid), fates.count(model.Parked), found.carried) == (4, 1, 1)
    assert sum(line.part.gross for line in found.lines) + found.carried == found.distribution.declared
    (excluded,) = found.excluded
    assert (excluded.shares, excluded.why) == (story.TREASURY, model.Exclusion.TREASURY)


def test_report__fixed_and_nobody_paid__says_unclaimed(told: Told) -> None:
    found = papers.distribution_report(told.desk, told.number, told.fixed)
    assert {type(line.part.fate) for line in found.lines} == {model.Unclaimed}


def test_report__before_the_register_is_fixed__is_refused(told: Told) -> None:
    with pytest.raises(InputError, match="declared") as refused:
        papers.distribution_report(told.desk, told.number, told.declared)
    assert refused.value.code == "not_fixed"


def test_tax_list__of_the_year__has_every_payment_with_its_tax(told: Told) -> None:
    company = told.payer.created.number
    found = papers.tax_list(told.desk, company, date(told.year, 1, 1), date(told.year, 12, 31), told.closed)
    withheld = [paid_part(entry.payment.part).withheld for entry in found.entries]
    assert (len(withheld), sum(withheld)) == (5, 1_997_579)
    with pytest.raises(InputError, match="paid no dividend") as refused:
        papers.tax_list(told.desk, company, date(2019, 1, 1), date(2019, 12, 31), told.closed)
    assert refused.value.code == "no_payments"
    with pytest.raises(InputError, match="before the first"):
        papers.tax_list(told.desk, company, date(2020, 1, 1), date(2019, 12, 31), told.closed)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_papers__made_again__are_the_same_bytes(told: Told, lang: model.Lang) -> None:
    def made() -> list[model.Rendered]:
        desk, at = told.desk, told.closed
        first, last = date(told.year, 1, 1), date(told.year, 12, 31)
        return [
            render(statement_of(told, told.party(ABROAD), at), lang),
            render(papers.distribution_report(desk, told.number, at), lang),
            render(papers.tax_list(desk, told.payer.created.number, first, last, at), lang),
        ]

    assert made() == made()


TAMPERINGS: list[tuple[str, Callable[[sqlite3.Connection], object]]] = [
    ("paid", lambda c: c.execute("UPDATE distribution_versions SET paid = paid + 1")),
    ("hash", lambda c: c.execute("UPDATE distribution_rows SET shares = shares + 1 WHERE position = 0")),
    ("gross, tax", lambda c: c.execute("UPDATE settlements SET tax = tax + 1 WHERE tax > 0")),
    ("settlement", lambda c: c.execute("UPDATE settlements SET settlement = 3")),
]


@pytest.mark.parametrize(("what", "tamper"), TAMPERINGS, ids=[what for what, _ in TAMPERINGS])
def test_papers__a_mirror_that_is_not_the_chain__are_not_made(
    told: Told, what: str, tamper: Callable[[sqlite3.Connection], object]
) -> None:
    with sqlite3.connect(told.home.settings.mirror_file) as connection:
        before = list(connection.iterdump())
        tamper(connection)
    try:
        with pytest.raises(HaltError, match=f"mirror and chain differ in .*{what}"):
            papers.distribution_report(told.desk, told.number, told.closed)
    finally:
        restore(told.home.settings.mirror_file, before)
    papers.distribution_report(told.desk, told.number, told.closed)


def restore(file: Path, before: list[str]) -> None:
    tables = ("distribution_versions", "distribution_rows", "settlements")
    with sqlite3.connect(file) as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
        for line in before:
            if line.startswith(tuple(f'INSERT INTO "{table}"' for table in tables)):
                connection.execute(line)


def test_prove__a_line_that_is_not_the_mirrors__is_refused(told: Told) -> None:
    known = told.desk.queries.distribution(told.number, told.closed)
    line = papers.all_lines(told.desk, told.number, told.closed)[0]
    with pytest.raises(HaltError, match="differ in holder"):
        prove(told.desk, known, [replace(line, shares=Shares(line.shares + 1))])


def test_leaf_hash__of_no_rows__is_that_of_nothing() -> None:
    assert leaf_hash([]).hex().startswith("c5d2460186f7233c")


def test_files__written_twice__are_whole_private_and_without_drafts(told: Told, tmp_path: Path) -> None:
    made = render(statement_of(told, told.party(LATE), told.closed), "zh")
    folder = tmp_path / "new" / "papers"
    for _ in range(2):
        pdf, csv = write_papers(folder, made)
    assert (pdf.read_bytes(), csv.read_bytes()) == (made.pdf, made.csv)
    assert sorted(file.name for file in folder.iterdir()) == [f"{made.name}.csv", f"{made.name}.pdf"]
    assert {file.stat().st_mode & 0o777 for file in (pdf, csv)} == {0o600}


def test_files__a_folder_that_is_a_file__is_refused_and_nothing_is_left(told: Told, tmp_path: Path) -> None:
    made = render(statement_of(told, told.party(LATE), told.closed), "en")
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="cannot write there"):
        write_papers(tmp_path / "taken", made)
    (tmp_path / "papers" / f"{made.name}.csv").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot write there"):
        write_papers(tmp_path / "papers", made)
    assert not [file for file in os.listdir(tmp_path / "papers") if file.endswith(".draft")]
