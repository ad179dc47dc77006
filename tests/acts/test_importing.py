"""A package comes on the chain once, whole, with its dates; or not at all; or is abandoned for ever."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from benchmarks.packages import write_package
from registry.acts.desk import Desk
from registry.acts.importing import Terms, abandon_import, import_plan
from registry.acts.opening import open_company
from registry.acts.verifying import verify
from registry.domain.days import from_date
from registry.domain.rules import Phase
from registry.errors import InputError, RejectedError
from registry.mirror.queries import AsOf
from tests.support.registry_home import ACME, EXAMPLE, Home, desk_of, entries_of, outside, plan_of


def held(desk: Desk, company: int, as_of: AsOf | None = None) -> dict[str, dict[str, int]]:
    """By class and name of the holder."""
    table = desk.queries.cap_table(company, as_of or AsOf())
    names = desk.directory.names(row.party for row in table.rows)
    classes = {cls.class_id: cls.name for cls in table.classes}
    found: dict[str, dict[str, int]] = {name: {} for name in classes.values()}
    for row in table.rows:
        found[classes[row.class_id]][names[row.party]] = row.shares
    return found


def twin(folder: Path, change: Callable[[list[dict[str, object]]], None]) -> Path:
    """The Acme package with one transaction changed."""
    package = folder / "twin"
    shutil.copytree(outside(ACME), package)
    file = package / "Transactions.ocf.json"
    content = json.loads(file.read_text())
    change(content["items"])
    file.write_text(json.dumps(content))
    return package


def test_import__acme__stands_with_its_exact_totals_and_dates(desk: Desk) -> None:
    plan = plan_of(outside(ACME))
    imported = import_plan(desk, plan)
    assert {name: sum(rows.values()) for name, rows in held(desk, imported.company).items()} == {
        "Ordinary A": 145_000,
        "Ordinary B": 50_000,
        "Preferred": 15_000,
    }
    assert desk.queries.company(imported.company).holders == 3
    then = held(desk, imported.company, AsOf(effective_on=from_date(date(2022, 12, 31))))
    assert then == {"Ordinary A": {"Fiona Felicity Founder": 680_000}, "Ordinary B": {}, "Preferred": {}}
    assert verify(desk).verdict == "equal"


def test_import__the_example__replays_to_what_its_readme_says(desk: Desk) -> None:
    imported = import_plan(desk, plan_of(EXAMPLE))
    table = held(desk, imported.company)
    assert {name: (sum(rows.values()), len(rows)) for name, rows in table.items()} == {
        "普通股": (10_500_000, 10),
        "天使轮优先股": (1_920_000, 4),
        "A轮优先股": (3_090_000, 6),
    }
    assert verify(desk).verdict == "equal"


def test_import__certificate_numbers_and_considerations__stand_with_the_entries(desk: Desk) -> None:
    imported = import_plan(desk, plan_of(EXAMPLE))
    oldest = desk.queries.entries(company=imported.company, newest_first=False, limit=1).items[0]
    assert oldest.ref is not None
    assert oldest.ref.rstrip(b"\0").startswith(b"XG")
    assert oldest.act is not None
    assert oldest.act.document == bytes.fromhex(plan_of(EXAMPLE).digest)


def test_import__the_same_package_again__is_recognised_and_adds_nothing(desk: Desk) -> None:
    first = import_plan(desk, plan_of(EXAMPLE))
    before = entries_of(desk, first.company), desk.node.head().number
    again = import_plan(desk, plan_of(EXAMPLE))
    assert again.was_there
    assert (again.company, again.classes, again.parties) == (first.company, first.classes, first.parties)
    assert (entries_of(desk, first.company), desk.node.head().number) == before
    assert desk.reads.company_count() == 1


def test_import__durable_database_lost__takes_over_what_the_chain_has(desk: Desk, home: Home) -> None:
    first = import_plan(desk, plan_of(EXAMPLE))
    lines = entries_of(desk, first.company)
    for file in home.folder.glob("durable.db*"):
        file.unlink()
    with desk_of(home) as fresh:
        again = import_plan(fresh, plan_of(EXAMPLE))
        assert (again.company, again.parties) == (first.company, first.parties)
        assert (entries_of(fresh, again.company), fresh.reads.company_count()) == (lines, 1)
        assert held(fresh, again.company)["普通股"]["林若溪"] == 3_500_000
        assert verify(fresh).verdict == "equal"


def test_import__durable_database_restored_from_before__does_nothing_twice(desk: Desk, home: Home) -> None:
    import_plan(desk, plan_of(outside(ACME)))
    desk.outbox.engine.dispose()
    copy = home.folder / "older.db"
    shutil.copy(home.folder / "durable.db", copy)
    with desk_of(home) as later:
        first = import_plan(later, plan_of(EXAMPLE))
        lines = entries_of(later, first.company)
    for file in home.folder.glob("durable.db*"):
        file.unlink()
    shutil.copy(copy, home.folder / "durable.db")
    with desk_of(home) as restored:
        again = import_plan(restored, plan_of(EXAMPLE))
        assert (again.company, again.parties) == (first.company, first.parties)
        assert (entries_of(restored, again.company), restored.reads.company_count()) == (lines, 2)
        assert verify(restored).verdict == "equal"


def test_import__a_transfer_of_more_than_is_held__is_refused_and_nothing_is_written(desk: Desk, tmp_path: Path) -> None:
    named: list[str] = []

    def raise_transfer(items: list[dict[str, object]]) -> None:
        transfer = next(item for item in items if item["object_type"] == "TX_STOCK_TRANSFER")
        transfer["quantity"] = "30000000"
        named.append(str(transfer["id"]))

    plan = plan_of(twin(tmp_path, raise_transfer))
    before = desk.node.head()
    with pytest.raises(InputError) as refused:
        import_plan(desk, plan)
    assert named[0] in {error.object for error in plan.errors}
    assert refused.value.code == plan.errors[0].code
    assert desk.node.head() == before
    assert desk.outbox.counts() == {}
    assert desk.outbox.journals() == []
    assert desk.queries.highest_party(1, 2**31) == 0


def test_import__a_fraction_of_a_whole_share__is_refused_and_nothing_is_written(desk: Desk, tmp_path: Path) -> None:
    named: list[str] = []

    def halve(items: list[dict[str, object]]) -> None:
        issue = next(item for item in items if item["object_type"] == "TX_STOCK_ISSUANCE")
        issue["quantity"] = f"{issue['quantity']}".split(".")[0] + ".5"
        named.append(str(issue["id"]))

    plan = plan_of(twin(tmp_path, halve))
    before = desk.node.head()
    with pytest.raises(InputError):
        import_plan(desk, plan)
    assert (named[0], "fractional_quantity") in {(error.object, error.code) for error in plan.errors}
    assert desk.node.head() == before
    assert desk.outbox.counts() == {}


def test_import__a_step_dated_after_the_chains_day__is_refused_by_ac_3(desk: Desk, tmp_path: Path) -> None:
    package = write_package(tmp_path / "late", 1, 1)
    file = package / "Transactions.ocf.json"
    file.write_text(file.read_text().replace("2020-03-02", "2999-03-02"))
    before = desk.node.head()
    with pytest.raises(InputError, match="AC-3") as refused:
        import_plan(desk, plan_of(package))
    assert refused.value.code == "effective_in_future"
    assert desk.node.head() == before


def test_import__a_form_that_is_none__is_refused_with_its_field(desk: Desk) -> None:
    with pytest.raises(InputError) as refused:
        import_plan(desk, plan_of(EXAMPLE), Terms(form=3))
    assert (refused.value.field, refused.value.value) == ("form", "3")


def test_abandon__a_migrating_company__ends_it_and_erases_its_names(desk: Desk) -> None:
    plan = plan_of(EXAMPLE)
    imported = import_plan(desk, plan)
    number, erased = abandon_import(desk, plan.digest)
    assert (number, erased) == (imported.company, len(plan.stakeholders))
    assert desk.reads.charter(imported.address).phase == Phase.ABANDONED
    assert desk.directory.names(imported.parties.values()) == {}
    report = verify(desk)
    assert report.verdict == "equal"
    assert report.entries == entries_of(desk, number) > 0


def test_abandon__and_the_same_package_again__is_refused_unless_it_is_another_attempt(desk: Desk) -> None:
    plan = plan_of(EXAMPLE)
    first = import_plan(desk, plan)
    abandon_import(desk, plan.digest)
    with pytest.raises(RejectedError) as refused:
        import_plan(desk, plan)
    assert refused.value.code == "package_abandoned"
    second = import_plan(desk, plan, Terms(attempt=2))
    assert second.company == first.company + 1
    assert not set(first.parties.values()) & set(second.parties.values())
    assert verify(desk).verdict == "equal"


def test_abandon__durable_database_lost_meanwhile__is_still_for_ever(desk: Desk, home: Home) -> None:
    plan = plan_of(EXAMPLE)
    import_plan(desk, plan)
    abandon_import(desk, plan.digest)
    for file in home.folder.glob("durable.db*"):
        file.unlink()
    with desk_of(home) as fresh, pytest.raises(RejectedError) as refused:
        import_plan(fresh, plan)
    assert refused.value.code == "package_abandoned"


def test_abandon__twice__changes_nothing(desk: Desk) -> None:
    plan = plan_of(EXAMPLE)
    import_plan(desk, plan)
    abandon_import(desk, plan.digest)
    head = desk.node.head()
    assert abandon_import(desk, plan.digest)[1] == 0
    assert desk.node.head() == head


def test_abandon__never_imported__is_refused(desk: Desk) -> None:
    with pytest.raises(InputError) as refused:
        abandon_import(desk, plan_of(EXAMPLE).digest)
    assert refused.value.code == "not_imported"


def test_abandon__an_open_company__is_refused_and_stays(desk: Desk) -> None:
    plan = plan_of(EXAMPLE)
    imported = import_plan(desk, plan)
    open_company(desk, "open", imported.company, imported.address)
    with pytest.raises(RejectedError):
        abandon_import(desk, plan.digest)
    assert desk.reads.charter(imported.address).phase == Phase.OPEN
    assert len(desk.directory.names(imported.parties.values())) == len(plan.stakeholders)


def test_import__authorised_without_limit__takes_the_registers_own(desk: Desk, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", 1, 3)
    file = package / "StockClasses.ocf.json"
    file.write_text(file.read_text().replace('"1000000000"', '"UNLIMITED"'))
    plan = plan_of(package)
    imported = import_plan(desk, plan)
    word = desk.reads.class_word(imported.classes["common"])
    assert word.authorised == plan.authorised[plan.classes[0].id] > 2**63
    assert verify(desk).verdict == "equal"


@pytest.mark.parametrize(
    ("name", "totals"),
    [
        ("quickstart", {"Preferred Shares": 5_000}),
        ("options", {"Common Stock": 25_000, "Preferred Shares": 5_000}),
        ("issuance_aperture_science_inc.ocf.zip", {"Preferred Shares": 5_000}),
    ],
)
def test_import__the_tutorials__stand_with_their_own_figures(desk: Desk, name: str, totals: dict[str, int]) -> None:
    imported = import_plan(desk, plan_of(outside(ACME.parent / name)))
    assert {cls: sum(rows.values()) for cls, rows in held(desk, imported.company).items()} == totals
    assert verify(desk).verdict == "equal"
