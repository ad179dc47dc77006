"""Our own example: valid by the format's schema, clean, and with the totals that its README tells."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from registry.interchange import Cancel, ImportPlan, Issue, preview, totals_on

PlanOf = Callable[[Path], ImportPlan]


@pytest.fixture
def xinguang(example: Path, plan_of: PlanOf) -> ImportPlan:
    return plan_of(example)


def schemas(folder: Path) -> tuple["Registry[Any]", dict[str, str]]:
    """All schemas by their own address, resolved from the folder alone, and the address for each object type."""
    resources: list[tuple[str, Resource[Any]]] = []
    by_type: dict[str, str] = {}
    for path in sorted(folder.rglob("*.schema.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        resources.append((body["$id"], Resource.from_contents(body, default_specification=DRAFT7)))
        for name in ("object_type", "file_type"):
            named = body.get("properties", {}).get(name, {})
            kinds = named.get("enum") or [named["const"]] if "const" in named or "enum" in named else []
            by_type.update(dict.fromkeys(kinds, body["$id"]))
    return Registry().with_resources(resources), by_type


def test_example__every_file_and_object__is_valid_by_the_schema(example: Path, shared: Path) -> None:
    registry, by_type = schemas(shared / "schema")

    def faults(kind: str, value: object) -> list[str]:
        validator = Draft7Validator({"$ref": by_type[kind]}, registry=registry)
        return [f"{kind} {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]

    found: list[str] = []
    files = sorted(example.glob("*.json"))
    for path in files:
        body = json.loads(path.read_text(encoding="utf-8"))
        found += faults(body["file_type"], body)
        for item in body.get("items", []):
            found += faults(item["object_type"], item)
    assert len(files) == 9
    assert found == []


def test_example__preview__is_clean_with_the_totals_of_its_readme(xinguang: ImportPlan, example: Path) -> None:
    shown = preview(xinguang)
    assert (shown["ok"], shown["warnings"], shown["errors"]) == (True, [], [])
    assert shown["company"] == "新光半导体科技（深圳）股份有限公司"
    assert [(cls["id"], cls["authorized"], cls["outstanding"]) for cls in shown["classes"]] == [
        ("class-putong", "30000000", "10500000"),
        ("class-tianshi", "5000000", "1920000"),
        ("class-a", "5000000", "3090000"),
    ]
    assert shown["holders"] == 16
    readme = (example / "README.md").read_text(encoding="utf-8")
    for cls, authorised, total, holders in (
        ("class-putong", "30 000 000", "10 500 000", 10),
        ("class-tianshi", "5 000 000", "1 920 000", 4),
        ("class-a", "5 000 000", "3 090 000", 6),
    ):
        assert f"| `{cls}` | {authorised} | {total} | {holders} |" in readme
    assert {cls: len(held) for cls, held in xinguang.holders_by_class.items()} == {
        "class-putong": 10,
        "class-tianshi": 4,
        "class-a": 6,
    }


def test_example__end_of_2022__shows_the_split_and_no_series_a(xinguang: ImportPlan) -> None:
    table = totals_on(xinguang, date(2022, 12, 31))
    assert {cls: sum(held.values()) for cls, held in table.items()} == {
        "class-putong": 10_500_000,
        "class-tianshi": 2_000_000,
        "class-a": 0,
    }
    before = totals_on(xinguang, date(2022, 12, 14))
    assert {cls: sum(held.values()) for cls, held in before.items()} == {
        "class-putong": 1_050_000,
        "class-tianshi": 200_000,
        "class-a": 0,
    }


def test_example__history__has_all_kinds_of_steps(xinguang: ImportPlan) -> None:
    assert len(xinguang.steps) == 40
    assert {type(step).__name__ for step in xinguang.steps} == {
        "Issue",
        "Transfer",
        "Cancel",
        "Convert",
        "Reissue",
        "Split",
        "SetAuthorised",
    }
    assert {step.kind for step in xinguang.steps if isinstance(step, Cancel)} == {"cancel", "repurchase", "retraction"}
    note = next(step for step in xinguang.steps if isinstance(step, Issue) and step.reference == "XGA-003")
    assert (note.consideration.kind, note.consideration.currency) == ("conversion", 840)
    assert note.consideration.price == 17_375_000_000


def test_example__personal_data__stays_out_of_representations(xinguang: ImportPlan) -> None:
    shown = repr(xinguang.stakeholders)
    assert "林若溪" not in shown
    assert "example.com" not in shown
    lin = next(person for person in xinguang.stakeholders if person.id == "lin-ruoxi")
    assert (lin.legal_name, lin.contact.emails) == ("林若溪", ("lin.ruoxi@xinguang.example.com",))
