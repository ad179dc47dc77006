"""Splits of a class: each holder's difference, fractions, and the reissuances that only write a split down (IM-6)."""

from typing import Any

import pytest

from registry.interchange import Finding, ImportPlan, Split
from registry.interchange.plan import ClassId

COMMON = ClassId("common")


def only_error(plan: ImportPlan) -> Finding:
    (error,) = plan.errors
    return error


def held(plan: ImportPlan) -> dict[str, int]:
    return {str(holder): shares for holder, shares in plan.holders_by_class[COMMON].items()}


def split(build: Any, ratio: str, name: str = "split", day: str = "2021-02-01") -> None:
    above, below = ratio.split(":")
    build.tx(
        "STOCK_CLASS_SPLIT", name, day, stock_class_id="common", split_ratio={"numerator": above, "denominator": below}
    )


def test_split__fractions__are_rounded_down_by_holder_with_a_warning(build: Any) -> None:
    """IM-6: ann holds 7 in two certificates, bob 5; at 1 for 2 they come to 3 and 2."""
    build.issue("C-1", "ann", 3).issue("C-2", "ann", 4).issue("C-3", "bob", 5)
    split(build, "1:2")
    plan = build.plan()
    assert held(plan) == {"ann": 3, "bob": 2}
    step = plan.steps[-1]
    assert isinstance(step, Split)
    assert step.differences == (("ann", -4), ("bob", -3))
    assert [(finding.code, finding.value) for finding in plan.warnings] == [
        ("split_remainder", "ann: 1/2"),
        ("split_remainder", "bob: 1/2"),
    ]


def test_split__no_reissuance__grows_the_certificates_themselves(build: Any) -> None:
    """IM-6"""
    build.issue("C-1", "ann", 10)
    split(build, "3:1")
    build.issue("C-2", "bob", 30, day="2021-03-01").transfer("C-1", 30, to="C-2", day="2021-03-01")
    plan = build.plan()
    assert plan.ok
    assert held(plan) == {"bob": 30}


def test_split__old_shares_reissued_on_its_day__come_before_it(build: Any) -> None:
    """IM-6: the sum of a certificate that ends on the day says in which shares it counts."""
    build.issue("C-1", "ann", 10).issue("C-2", "ann", 4, day="2021-02-01").issue("C-3", "ann", 6, day="2021-02-01")
    build.tx("STOCK_REISSUANCE", "cut", security_id="sec-C-1", resulting_security_ids=["sec-C-2", "sec-C-3"])
    split(build, "2:1", "a-split")
    plan = build.plan()
    assert [step.key for step in plan.steps] == ["issue-C-1", "cut", "a-split"]
    assert held(plan) == {"ann": 20}


def test_split__named_by_the_new_certificate_only__changes_no_balance_again(build: Any) -> None:
    """IM-6"""
    build.issue("C-1", "ann", 10).issue("C-2", "ann", 20, day="2021-02-03", split_transaction_id="split")
    split(build, "2:1")
    build.tx("STOCK_REISSUANCE", "cut", "2021-02-03", security_id="sec-C-1", resulting_security_ids=["sec-C-2"])
    plan = build.plan()
    assert plan.ok
    assert held(plan) == {"ann": 20}


def test_split__reissuance_names_one_that_is_missing__is_refused_if_it_changes_a_total(build: Any) -> None:
    """IM-8"""
    build.issue("C-1", "ann", 10).issue("C-2", "ann", 20, day="2021-02-01")
    build.tx(
        "STOCK_REISSUANCE",
        "cut",
        security_id="sec-C-1",
        resulting_security_ids=["sec-C-2"],
        split_transaction_id="gone",
    )
    plan = build.plan()
    assert (only_error(plan).code, only_error(plan).object) == ("quantity_mismatch", "cut")
    assert [(finding.code, finding.value) for finding in plan.warnings] == [("dangling_reference", "gone")]


@pytest.mark.parametrize("ratio", ["0:1", "-2:1", "1:0", "99999999999:7"])
def test_split__impossible_ratio__is_refused(build: Any, ratio: str) -> None:
    build.issue("C-1", "ann", 10)
    split(build, ratio)
    assert (only_error(build.plan()).object, only_error(build.plan()).field) == ("split", "split_ratio")


def test_split__beyond_authorised__is_refused(build: Any) -> None:
    """IM-9"""
    build.issue("C-1", "ann", 600)
    split(build, "2:1")
    assert (only_error(build.plan()).code, only_error(build.plan()).object) == ("authorised_exceeded", "split")


def test_split__certificate_reissued_by_it__counts_as_the_package_states(build: Any) -> None:
    """IM-6: both of ann's certificates come to 1½; the reissuance states 1, the other one is rounded down by itself."""
    build.issue("C-1", "ann", 3).issue("C-2", "ann", 3).issue("C-9", "ann", 1, day="2021-02-01")
    build.tx(
        "STOCK_REISSUANCE",
        "cut",
        security_id="sec-C-1",
        resulting_security_ids=["sec-C-9"],
        split_transaction_id="split",
    )
    split(build, "1:2")
    split(build, "5:1", "other", "2021-05-01")
    plan = build.plan()
    assert plan.ok
    assert held(plan) == {"ann": 10}
    assert [(finding.code, finding.value) for finding in plan.warnings] == [("split_remainder", "ann: 1")]


def test_split__reissuance_rounds_up__is_refused(build: Any) -> None:
    """IM-6"""
    build.issue("C-1", "ann", 3).issue("C-9", "ann", 2, day="2021-02-01")
    build.tx(
        "STOCK_REISSUANCE",
        "cut",
        security_id="sec-C-1",
        resulting_security_ids=["sec-C-9"],
        split_transaction_id="split",
    )
    split(build, "1:2")
    assert (only_error(build.plan()).code, only_error(build.plan()).object) == ("quantity_mismatch", "cut")


@pytest.mark.parametrize("ratio", ["1:1", "7:7"])
def test_split__one_for_one__is_left_out_with_a_warning(build: Any, ratio: str) -> None:
    build.issue("C-1", "ann", 3)
    split(build, ratio)
    plan = build.plan()
    assert [(finding.code, finding.object) for finding in plan.warnings] == [("split_without_effect", "split")]
    assert len(plan.steps) == 1
