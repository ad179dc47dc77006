"""Laws of the planner: the order of files and objects is nothing (IM-4), and two ways of adding up agree (IM-5)."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.interchange import ImportPlan, plan_import, read_package
from registry.interchange.plan import changes

PlanOf = Callable[[Path], ImportPlan]


def shuffled(source: Path, target: Path, seed: int) -> Path:
    """The same package with its transactions dealt to three files and everything in another order."""
    chance = Random(seed)
    manifest = json.loads((source / "Manifest.ocf.json").read_text(encoding="utf-8"))
    target.mkdir(exist_ok=True)
    for key, entries in [(key, value) for key, value in manifest.items() if key.endswith("_files")]:
        bodies = [json.loads((source / entry["filepath"]).read_text(encoding="utf-8")) for entry in entries]
        items = [item for body in bodies for item in body["items"]]
        chance.shuffle(items)
        manifest[key] = []
        for part in range(3 if items else 0):
            name = f"{key}-{part}-{seed}.ocf.json"
            body = {"items": items[part::3], "file_type": bodies[0]["file_type"]}
            (target / name).write_text(json.dumps(body), encoding="utf-8")
            manifest[key].append({"filepath": name, "md5": ""})
        chance.shuffle(manifest[key])
    (target / "Manifest.ocf.json").write_text(json.dumps(manifest), encoding="utf-8")
    return target


def without_files(plan: ImportPlan) -> ImportPlan:
    """A plan without the remarks about checksums, which do depend on the files."""
    return replace(plan, warnings=tuple(w for w in plan.warnings if not w.code.startswith("checksum")))


@pytest.mark.parametrize("seed", range(8))
def test_plan__acme_in_another_order__is_the_same(shared: Path, plan_of: PlanOf, tmp_path: Path, seed: int) -> None:
    """IM-4"""
    acme = shared / "acme_holdings_limited"
    assert without_files(plan_of(shuffled(acme, tmp_path / "acme", seed))) == without_files(plan_of(acme))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_plan__example_in_any_order__is_the_same(example: Path, tmp_path: Path, seed: int) -> None:
    """IM-4, IM-12"""
    folder = tmp_path / str(seed)
    first, second = read_package(example), read_package(shuffled(example, folder, seed))
    assert second.digest == first.digest
    assert without_files(plan_import(second)) == without_files(plan_import(first))


class Market:
    """Draws a lawful history: each act picks a live certificate and ends it in one of the ways of the format."""

    def __init__(self, build: Any, data: st.DataObject) -> None:
        self.build, self.data = build, data
        self.live: dict[str, tuple[str, int]] = {}
        self.count = 0
        self.day = 1

    def date(self) -> str:
        return f"2021-{1 + self.day // 28:02d}-{1 + self.day % 28:02d}"

    def open(self, holder: str, shares: int) -> str:
        self.count += 1
        number = f"C-{self.count}"
        self.build.issue(number, holder, shares, day=self.date())
        self.live[number] = (holder, shares)
        return f"sec-{number}"

    def act(self) -> None:
        self.day += self.data.draw(st.integers(0, 3))
        kind = self.data.draw(st.sampled_from(["issue", "TRANSFER", "CANCELLATION", "RETRACTION", "REISSUANCE"]))
        if kind == "issue" or not self.live:
            self.open(self.data.draw(st.sampled_from(["ann", "bob", "eve"])), self.data.draw(st.integers(1, 90)))
            return
        number = self.data.draw(st.sampled_from(sorted(self.live)))
        holder, shares = self.live.pop(number)
        moved = self.data.draw(st.integers(1, shares)) if kind in ("TRANSFER", "CANCELLATION") else shares
        fields: dict[str, object] = {"security_id": f"sec-{number}"}
        if kind in ("TRANSFER", "CANCELLATION"):
            fields["quantity"] = f"{moved}.00"
        if kind in ("TRANSFER", "REISSUANCE"):
            to = self.data.draw(st.sampled_from(["ann", "bob", "eve"])) if kind == "TRANSFER" else holder
            cut = self.data.draw(st.integers(0, moved - 1))
            fields["resulting_security_ids"] = [self.open(to, part) for part in (cut, moved - cut) if part]
        if moved < shares:
            fields["balance_security_id"] = self.open(holder, shares - moved)
        self.build.tx(f"STOCK_{kind}", f"tx-{self.count}-{number}", self.date(), **fields)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_plan__any_lawful_history__holders_and_certificates_agree(build: Any, data: st.DataObject) -> None:
    """IM-5: the fold of the steps by holder, the certificates in force, and the model that drew them, are one."""
    build.transactions = []
    build.classes = [build.share_class("common", "100000")]
    build.stakeholders = [build.person(name) for name in ("ann", "bob", "eve")]
    market = Market(build, data)
    for _ in range(data.draw(st.integers(1, 25))):
        market.act()
    build.transactions = data.draw(st.permutations(build.transactions))
    plan = build.plan()
    assert (plan.errors, plan.warnings) == ((), ())
    model: defaultdict[str, int] = defaultdict(int)
    certified: defaultdict[str, int] = defaultdict(int)
    for holder, shares in market.live.values():
        model[holder] += shares
    for certificate in plan.certificates:
        certified[certificate.holder] += certificate.shares
    (table,) = plan.holders_by_class.values()
    assert dict(table) == dict(certified) == dict(model)
    assert [(c.number, c.shares) for c in plan.certificates] == sorted((n, s) for n, (_, s) in market.live.items())
    balance: defaultdict[object, int] = defaultdict(int)
    for step in plan.steps:
        for holding, change in changes(step):
            balance[holding] += change
            assert balance[holding] >= 0
    assert len({step.key for step in plan.steps}) == len(plan.steps)
