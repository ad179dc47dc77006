"""`equity dividend statement`, `report` and `tax-list` as commands: their files, their object, what they refuse."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.acts import story_dividend as story
from registry.acts.story_dividend import ABROAD, LATE
from registry.chain.anvil import Anvil
from tests.support.dividend_told import Told, dividend_told
from tests.support.registry_home import furnished


@pytest.fixture(scope="module")
def told(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with dividend_told(furnished(tmp_path_factory.mktemp("papers") / "home", module_anvil), module_anvil) as found:
        yield found


def rows_of(file: str) -> list[list[str]]:
    with open(file, encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


def test_statement__of_one_party__writes_both_languages(told: Told, tmp_path: Path) -> None:
    party = told.party(ABROAD)
    found = told.home.equity_json("dividend", "statement", told.year, "--party", party, "--out", tmp_path)
    names = sorted(file.name for file in tmp_path.iterdir())
    stems = [f"statement-{told.year}-{party}-{lang}" for lang in ("en", "zh")]
    assert names == [f"{stem}.{ending}" for stem in stems for ending in ("csv", "pdf")]
    first, second = found["papers"]
    assert first["figures"] == second["figures"]
    assert found["as_of"]["block"] == told.closed.block
    assert len(rows_of(first["csv"])) == 2
    assert Path(first["pdf"]).read_bytes().startswith(b"%PDF-")


def test_statement__of_a_company__writes_one_for_each_holder(told: Told, tmp_path: Path) -> None:
    arguments = ("--company", told.payer.created.number, "--lang", "zh", "--out", tmp_path)
    found = told.home.equity_json("dividend", "statement", told.year, *arguments)
    assert len(found["papers"]) == len(story.MEMBERS)


def test_statement__as_of_before_the_cure__is_refused_for_who_was_parked(told: Told, tmp_path: Path) -> None:
    arguments = ("--party", told.party(LATE), "--as-of", told.parked.block, "--out", tmp_path)
    done = told.home.equity("dividend", "statement", told.year, *arguments, "--json")
    assert done.returncode == 65
    assert json.loads(done.stderr)["error"]["code"] == "no_payments"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("statement", 2019, "--party", 2), "no_payments"),
        (("statement", 2019, "--company", 1), "no_payments"),
        (("statement", 2026), "party_or_company"),
        (("statement", 2026, "--party", 2, "--company", 1), "party_or_company"),
        (("statement", 2026, "--party", 2, "--lang", "de"), "language"),
        (("report", 9), "distribution_unknown"),
        (("tax-list", 1, 2019), "no_payments"),
    ],
)
def test_papers__bad_input__is_named_and_writes_nothing(
    told: Told, tmp_path: Path, arguments: tuple[object, ...], code: str
) -> None:
    done = told.home.equity("dividend", *arguments, "--out", tmp_path, "--json")
    assert done.returncode == 65, done.stderr
    assert json.loads(done.stderr)["error"]["code"] == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("statement", 2019, "--company", 1), ("tax-list", 1, 2019)])
def test_papers__of_a_year_without_payments__name_the_years_that_have_some(
    told: Told, tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    done = told.home.equity("dividend", *arguments, "--out", tmp_path, "--json")
    assert f"years with payments: {told.year}" in json.loads(done.stderr)["error"]["message"]


def test_report_and_tax_list__of_the_dividend__tell_every_holder(told: Told, tmp_path: Path) -> None:
    out = ("--lang", "en", "--out", tmp_path)
    (report,) = told.home.equity_json("dividend", "report", told.number, *out)["papers"]
    (taxes,) = told.home.equity_json("dividend", "tax-list", told.payer.created.number, told.year, *out)["papers"]
    # Below the holders: the company's own shares, and what is carried.
    assert len(rows_of(report["csv"])) == 1 + len(story.MEMBERS) + 2
    assert len(rows_of(taxes["csv"])) == 1 + len(story.MEMBERS)
    shown = told.home.equity("dividend", "report", told.number, *out)
    assert shown.stdout.split() == [report["pdf"], report["csv"]]


def test_papers__made_again_at_another_time__are_the_same_bytes(told: Told, tmp_path: Path) -> None:
    kept = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        told.home.equity_json("dividend", "report", told.number, "--out", folder, "--as-of", told.closed.block)
        kept.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert kept[0] == kept[1]
