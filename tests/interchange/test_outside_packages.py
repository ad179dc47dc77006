"""The packages that others made: what a right importer says about each (IM-2, IM-5, IM-6, IM-8, IM-10)."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.interchange import Cancel, Convert, ImportPlan, Issue, Reissue, Split, Transfer, preview, totals_on
from registry.interchange.plan import ClassId, StakeholderId
from registry.interchange.preview import Preview

PlanOf = Callable[[Path], ImportPlan]
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def acme(shared: Path, plan_of: PlanOf) -> ImportPlan:
    return plan_of(shared / "acme_holdings_limited")


def outstanding(shown: Preview) -> dict[str, str]:
    return {cls["id"]: cls["outstanding"] for cls in shown["classes"]}


def edited(shared: Path, folder: Path, name: str, edit: Edit) -> Path:
    """Acme with one transaction changed."""
    target = folder / "acme"
    shutil.copytree(shared / "acme_holdings_limited", target)
    path = target / "Transactions.ocf.json"
    body = json.loads(path.read_text(encoding="utf-8"))
    edit(next(item for item in body["items"] if item["id"] == name))
    path.write_text(json.dumps(body), encoding="utf-8")
    return target


def test_acme__whole_history__gives_exact_totals(acme: ImportPlan) -> None:
    shown = preview(acme)
    assert shown["ok"]
    assert shown["company"] == "Acme Holdings Limited"
    assert outstanding(shown) == {"ordinaryA": "145000", "ordinaryB": "50000", "preferred": "15000"}
    assert shown["holders"] == 3
    assert acme.holders_by_class == {
        "ordinaryA": {"charlieCofounder": 25_000, "fionaFounder": 120_000},
        "ordinaryB": {"janeCTO": 50_000},
        "preferred": {"fionaFounder": 15_000},
    }


def test_acme__end_of_2022__one_holder_of_680_000(acme: ImportPlan) -> None:
    table = totals_on(acme, date(2022, 12, 31))
    assert table == {"ordinaryA": {"fionaFounder": 680_000}, "ordinaryB": {}, "preferred": {}}


def test_acme__stale_sums_and_missing_exercises__are_warnings(acme: ImportPlan) -> None:
    found = Counter(finding.code for finding in acme.warnings)
    assert found["checksum_mismatch"] == 5
    dangling = {finding.object for finding in acme.warnings if finding.code == "dangling_reference"}
    assert {"EXERCISE_01", "EXERCISE_02", "EXERCISE_03", "EXERCISE_04"} <= dangling
    assert set(found) == {"checksum_mismatch", "dangling_reference"}


def test_acme__steps__endings_take_their_results_along(acme: ImportPlan, shared: Path) -> None:
    kinds = Counter(type(step) for step in acme.steps)
    assert kinds == {Issue: 6, Transfer: 1, Cancel: 5, Convert: 1, Reissue: 3, Split: 1}
    transfer = next(step for step in acme.steps if isinstance(step, Transfer))
    assert (transfer.key, transfer.reference, transfer.shares) == ("st_01", "OA-3", 300_000)
    assert transfer.transactions == ("st_01", "si_03", "si_04")
    convert = next(step for step in acme.steps if isinstance(step, Convert))
    assert (convert.shares, convert.resulting_shares) == (20_000, 40_000)
    absorbed = [name for step in acme.steps for name in step.transactions]
    file = json.loads((shared / "acme_holdings_limited" / "Transactions.ocf.json").read_text(encoding="utf-8"))
    assert sorted(absorbed) == sorted(i["id"] for i in file["items"] if i["object_type"].startswith("TX_STOCK_"))


def test_acme__split__is_counted_once_though_written_twice(acme: ImportPlan) -> None:
    split = next(step for step in acme.steps if isinstance(step, Split))
    assert (split.numerator, split.denominator) == (2, 1)
    assert split.differences == ((StakeholderId("janeCTO"), 25_000),)
    after = acme.steps[acme.steps.index(split) + 1 :]
    assert [step.key for step in after if isinstance(step, Reissue)] == ["sreissue_2", "sreissue_3"]
    assert acme.totals[ClassId("ordinaryB")] == 50_000


def test_acme__rights_and_plans__are_counted_and_named(acme: ImportPlan) -> None:
    left = {kind.kind: kind for kind in acme.left_out}
    assert left["TX_EQUITY_COMPENSATION_ISSUANCE"].ids == ("eci_01", "eci_02", "eci_03")
    assert {kind: one.count for kind, one in left.items()} == {
        "TX_EQUITY_COMPENSATION_EXERCISE": 4,
        "TX_EQUITY_COMPENSATION_ISSUANCE": 3,
        "TX_VESTING_START": 3,
        "VALUATION": 3,
        "VESTING_TERMS": 1,
    }
    assert all(one.reason for one in acme.left_out)
    assert "emilyEmployee" not in {person.id for person in acme.stakeholders}


def test_acme__transfer_of_thirty_million__is_refused_by_name(shared: Path, tmp_path: Path, plan_of: PlanOf) -> None:
    """IM-5"""
    twin = edited(shared, tmp_path, "st_01", lambda item: item.update(quantity="30000000"))
    shown = preview(plan_of(twin))
    assert not shown["ok"]
    (error,) = shown["errors"]
    assert (error["code"], error["object"]) == ("insufficient_shares", "st_01")
    assert (error["field"], error["value"]) == ("quantity", "30000000")
    assert "OA-2" in error["message"]
    assert "st_01" in error["message"]


def test_acme__fraction_of_a_share__is_refused_by_name(shared: Path, tmp_path: Path, plan_of: PlanOf) -> None:
    """IM-3"""
    twin = edited(shared, tmp_path, "si_05", lambda item: item.update(quantity="25000.5"))
    shown = preview(plan_of(twin))
    assert not shown["ok"]
    (error,) = shown["errors"]
    assert (error["code"], error["object"]) == ("fractional_quantity", "si_05")
    assert (error["field"], error["value"]) == ("quantity", "25000.5")


@pytest.mark.parametrize("name", ["quickstart", "issuance_aperture_science_inc.ocf.zip"])
def test_tutorial__folder_and_zip__give_its_figures(shared: Path, plan_of: PlanOf, name: str) -> None:
    shown = preview(plan_of(shared / name))
    assert shown["ok"]
    assert shown["company"] == "Aperture Science, Inc."
    (cls,) = shown["classes"]
    assert (cls["name"], cls["authorized"], cls["outstanding"]) == ("Preferred Shares", "100000", "5000")
    assert shown["holders"] == 1
    missing = [warning for warning in shown["warnings"] if warning["code"] == "missing_file"]
    assert [warning["object"] for warning in missing] == ["Stakeholders.json"]


def test_tutorial__options__leaves_rights_out_and_issues_the_exercised(shared: Path, plan_of: PlanOf) -> None:
    shown = preview(plan_of(shared / "options"))
    assert shown["ok"]
    by_name = {cls["name"]: (cls["authorized"], cls["outstanding"]) for cls in shown["classes"]}
    assert by_name == {"Common Stock": ("10000000", "25000"), "Preferred Shares": ("100000", "5000")}
    left = {one["kind"]: one["count"] for one in shown["left_out"]}
    assert left["TX_PLAN_SECURITY_ISSUANCE"] == left["TX_PLAN_SECURITY_EXERCISE"] == left["STOCK_PLAN"] == 1


def test_official_samples__parsed_whole__replay_is_refused_with_a_list(shared: Path, plan_of: PlanOf) -> None:
    """IM-7, IM-8: every object is of a known kind and readable; what is refused are the ties between them."""
    shown = preview(plan_of(shared / "official_samples"))
    assert not shown["ok"]
    assert {error["code"] for error in shown["errors"]} == {"dangling_reference", "ended_twice", "security_id_reused"}
    reused = [error for error in shown["errors"] if error["code"] == "security_id_reused"]
    assert {error["value"] for error in reused} == {"test-security-id"}
    assert all(error["object"] and error["field"] and error["message"] for error in shown["errors"])
    assert {cls["outstanding"] for cls in shown["classes"]} == {"0"}
