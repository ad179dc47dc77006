"""Whatever stands in a package: a plan with findings or an InputError, never another exception (IM-1, IM-11)."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import InputError
from registry.interchange import plan_import, preview, preview_unreadable, read_package

# Numbers, texts and shapes that break importers.
HOSTILE: list[Any] = [
    None, True, 0, -1, 2**63, 10**39, 1.5, "", " ", "\x00", "\ud800", "\u202e", "x" * 100_000, "NaN", "1e3", "-0",
    "18446744073709551616", "9" * 40, "0.0000000001", "2021-02-29", "0000-00-00", "9999-12-31", "../../x", [], {},
    [None], [[]], {"amount": None}, {"numerator": "1", "denominator": "0"}, ["sec-xgp-001", "sec-xgp-001"],
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value below a JSON value."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, child in below for found in [(*path, key), *places(child, (*path, key))]]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_package__fields_replaced_by_hostile_values__gives_findings_only(
    example: Path, tmp_path: Path, data: st.DataObject
) -> None:
    for path in example.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        target = tmp_path / data.draw(st.sampled_from(sorted(path.name for path in example.glob("*.json"))))
        body = json.loads(target.read_text(encoding="utf-8"))
        way = data.draw(st.sampled_from(places(body)))
        inner = body
        for key in way[:-1]:
            inner = inner[key]
        inner[way[-1]] = data.draw(st.sampled_from(HOSTILE))
        target.write_text(json.dumps(body), encoding="utf-8")
    try:
        shown = preview(plan_import(read_package(tmp_path)))
    except InputError as error:
        shown = preview_unreadable(error)
    # The preview is printed as one line of JSON: whatever it repeats can be encoded, and is short.
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < 200_000
    assert shown["ok"] == (not shown["errors"])
    assert all(int(cls["outstanding"]) >= 0 for cls in shown["classes"])
