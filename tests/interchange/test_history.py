"""What a history may say and what it must add up to (IM-3 to IM-9), on companies of a few lines."""

from datetime import date
from typing import Any

import pytest

from registry.interchange import Cancel, Convert, Finding, ImportPlan, Issue, Reissue, SetAuthorised, Transfer
from registry.interchange.plan import MOST_SHARES, ClassId

COMMON = ClassId("common")


def only_error(plan: ImportPlan) -> Finding:
    (error,) = plan.errors
    return error


def held(plan: ImportPlan) -> dict[str, int]:
    return {str(holder): shares for holder, shares in plan.holders_by_class[COMMON].items()}


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("10.5", "fractional_quantity"),
        ("0.0000000001", "fractional_quantity"),
        ("0", "not_positive"),
        ("-1", "not_positive"),
        (str(MOST_SHARES + 1), "quantity_too_large"),
        ("1e3", "malformed_number"),
        ("", "malformed_number"),
        (" 1", "malformed_number"),
        ("１", "malformed_number"),
        ("1\n", "malformed_number"),
        ("0x10", "malformed_number"),
        ("NaN", "malformed_number"),
        ("1.00000000000", "malformed_number"),
        ("9" * 41, "malformed_number"),
        (None, "missing_field"),
        (1.0, "wrong_type"),
        (True, "wrong_type"),
        (["1"], "wrong_type"),
    ],
)
def test_quantity__not_a_whole_number_of_shares__names_object_field_and_value(
    build: Any, quantity: object, code: str
) -> None:
    """IM-3"""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", quantity)
    error = only_error(build.plan())
    assert (error.code, error.object, error.field) == (code, "issue-C-2", "quantity")
    assert "issue-C-2" in error.message


@pytest.mark.parametrize("quantity", ["100", "100.00", "+100", "0100", "100.0000000000"])
def test_quantity__decimals_of_zero__is_whole(build: Any, quantity: str) -> None:
    """IM-3"""
    plan = build.issue("C-1", "ann", quantity).plan()
    assert plan.ok
    assert plan.totals[COMMON] == 100
    assert plan.classes[0].decimals == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("date", "2021-02-30", "malformed_date"),
        ("date", "01.02.2021", "malformed_date"),
        ("date", "20210201", "malformed_date"),
        ("date", None, "missing_field"),
        ("stock_class_id", "no-such-class", "dangling_reference"),
        ("stakeholder_id", "nobody", "dangling_reference"),
        ("stakeholder_id", ["ann"], "wrong_type"),
        ("security_id", "", "wrong_type"),
        ("share_price", "1.00", "wrong_type"),
        ("share_price", {"amount": "-1", "currency": "CNY"}, "negative_amount"),
        ("share_price", {"amount": "1", "currency": "yuan"}, "unknown_currency"),
    ],
)
def test_issuance__bad_field__is_refused_with_its_name(build: Any, field: str, value: object, code: str) -> None:
    """IM-8"""
    build.issue("C-1", "ann", 100, **{field: value})
    plan = build.plan()
    assert (only_error(plan).code, only_error(plan).object, only_error(plan).field) == (code, "issue-C-1", field)
    assert plan.totals[COMMON] == 0


@pytest.mark.parametrize("number", ["C-1\u0000", "C-1\nC-2", "\ud800", "x" * 1001, 7])
def test_issuance__certificate_number_that_cannot_be_printed__is_refused(build: Any, number: object) -> None:
    error = only_error(build.issue("C-1", "ann", 100, custom_id=number).plan())
    assert (error.object, error.field) == ("issue-C-1", "custom_id")
    assert error.message.isprintable()
    assert len(error.value) <= 121


def test_issue__consideration__is_exact_to_ten_decimals(build: Any) -> None:
    build.issue("C-1", "ann", 100, share_price={"amount": "0.0000000001", "currency": "CNY"})
    build.issue("C-2", "ann", 100, share_price={"amount": "0", "currency": "CNY"})
    first, second = (step.consideration for step in build.plan().steps if isinstance(step, Issue))
    assert (first.kind, first.currency, first.price) == ("cash", 156, 1)
    assert (second.kind, second.currency, second.price) == ("none", 0, 0)


def test_issue__more_than_authorised__is_refused_and_names_the_certificate(build: Any) -> None:
    """IM-9"""
    plan = build.issue("C-1", "ann", 900).issue("C-2", "bob", 101, day="2021-01-02").plan()
    error = only_error(plan)
    assert (error.code, error.object, error.value) == ("authorised_exceeded", "issue-C-2", "101")
    assert "C-2" in error.message
    assert held(plan) == {"ann": 900}


def test_issue__room_made_on_the_same_day__fits(build: Any) -> None:
    """IM-4: what makes room goes first in its day, what takes room last."""
    build.issue("C-1", "ann", 1500)
    change = {"stock_class_id": "common"}
    kind = "STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT"
    build.tx(kind, "z-rise", "2021-01-01", new_shares_authorized="2000", **change)
    build.tx("STOCK_CANCELLATION", "z-cancel", "2021-03-01", security_id="sec-C-1", quantity="1500")
    build.tx(kind, "a-fall", "2021-03-01", new_shares_authorized="0", **change)
    plan = build.plan()
    assert plan.errors == ()
    assert [step.key for step in plan.steps] == ["z-rise", "issue-C-1", "z-cancel", "a-fall"]
    assert plan.authorised[COMMON] == 0


def test_authorised__lowered_below_outstanding__is_refused(build: Any) -> None:
    """IM-9"""
    build.issue("C-1", "ann", 100)
    build.tx("STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "fall", stock_class_id="common", new_shares_authorized="99")
    error = only_error(build.plan())
    assert (error.code, error.object, error.value) == ("authorised_exceeded", "fall", "99")


def test_authorised__unlimited__is_the_registers_own_limit(build: Any) -> None:
    build.classes = [build.share_class("common", "UNLIMITED")]
    plan = build.issue("C-1", "ann", MOST_SHARES).plan()
    assert plan.ok
    assert plan.totals[COMMON] == MOST_SHARES
    assert [finding.code for finding in plan.warnings] == ["authorised_unlimited"]


def test_transfer__to_several__is_one_step_each_and_keeps_what_stays(build: Any) -> None:
    """IM-5"""
    build.stakeholders.append(build.person("eve"))
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 30, day="2021-02-01").issue("C-3", "eve", 20, day="2021-02-01")
    build.issue("C-4", "ann", 10, day="2021-02-01").issue("C-5", "ann", 40, day="2021-02-01")
    results = ["sec-C-3", "sec-C-2", "sec-C-4"]
    build.tx(
        "STOCK_TRANSFER",
        "move",
        security_id="sec-C-1",
        quantity="60",
        resulting_security_ids=results,
        balance_security_id="sec-C-5",
    )
    plan = build.plan()
    assert plan.ok
    moves = plan.steps[1:]
    assert [(type(step), step.key, step.reference) for step in moves] == [
        (Transfer, "move#1", "C-3"),
        (Transfer, "move#2", "C-2"),
        (Reissue, "move#3", "C-4"),
    ]
    assert held(plan) == {"ann": 50, "bob": 30, "eve": 20}
    assert [certificate.number for certificate in plan.certificates] == ["C-2", "C-3", "C-4", "C-5"]


def test_transfer__chain_within_one_day__is_ordered_by_dependency(build: Any) -> None:
    """IM-4: ids run against the order that the certificates force."""
    build.issue("C-1", "ann", 10, day="2021-02-01")
    build.issue("C-2", "bob", 10, day="2021-02-01").issue("C-3", "ann", 10, day="2021-02-01")
    build.tx("STOCK_TRANSFER", "a", security_id="sec-C-2", quantity="10", resulting_security_ids=["sec-C-3"])
    build.tx("STOCK_TRANSFER", "b", security_id="sec-C-1", quantity="10", resulting_security_ids=["sec-C-2"])
    plan = build.plan()
    assert plan.ok
    assert [step.key for step in plan.steps] == ["issue-C-1", "b", "a"]
    assert held(plan) == {"ann": 10}


@pytest.mark.parametrize(
    ("moved", "result", "balance", "code"),
    [
        (101, 101, None, "insufficient_shares"),
        (60, 60, 41, "balance_mismatch"),
        (60, 60, None, "balance_mismatch"),
        (100, 100, 1, "balance_mismatch"),
        (60, 61, 40, "quantity_mismatch"),
    ],
)
def test_transfer__sums_that_disagree__are_refused_and_move_nothing(
    build: Any, moved: int, result: int, balance: int | None, code: str
) -> None:
    """IM-5"""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", result, day="2021-02-01")
    if balance is not None:
        build.issue("C-3", "ann", balance, day="2021-02-01")
    build.transfer("C-1", moved, to="C-2", balance="" if balance is None else "C-3")
    # What follows from the faulty transaction is not reported again.
    build.tx("STOCK_CANCELLATION", "later", "2021-03-01", security_id="sec-C-2", quantity=str(result))
    plan = build.plan()
    error = only_error(plan)
    assert (error.code, error.object) == (code, "transfer-C-1")
    assert "C-1" in error.message
    assert held(plan) == {"ann": 100}


def test_transfer__balance_in_other_hands__is_refused(build: Any) -> None:
    """IM-5"""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 60).issue("C-3", "bob", 40)
    error = only_error(build.transfer("C-1", 60, to="C-2", balance="C-3").plan())
    assert (error.code, error.object, error.value) == ("holder_mismatch", "transfer-C-1", "bob")


def test_transfer__result_of_another_class__is_refused(build: Any) -> None:
    """IM-5"""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 100, stock_class_id="preferred")
    error = only_error(build.transfer("C-1", 100, to="C-2").plan())
    assert (error.code, error.object, error.value) == ("class_mismatch", "transfer-C-1", "preferred")


def test_transfer__missing_result__is_fatal_because_a_total_depends_on_it(build: Any) -> None:
    """IM-8"""
    error = only_error(build.issue("C-1", "ann", 100).transfer("C-1", 100, to="C-9").plan())
    assert (error.code, error.object, error.value) == ("dangling_reference", "transfer-C-1", "sec-C-9")


def test_ending__before_the_certificate_began__is_refused(build: Any) -> None:
    """IM-4"""
    build.issue("C-1", "ann", 100)
    build.tx("STOCK_RETRACTION", "early", "2020-12-31", security_id="sec-C-1", reason_text="")
    assert (only_error(build.plan()).code, only_error(build.plan()).object) == ("date_order", "early")


def test_ending__certificates_that_come_from_each_other__are_refused(build: Any) -> None:
    """IM-4"""
    build.issue("C-1", "ann", 100).issue("C-2", "ann", 100)
    build.tx("STOCK_REISSUANCE", "a", security_id="sec-C-1", resulting_security_ids=["sec-C-2"])
    build.tx("STOCK_REISSUANCE", "b", security_id="sec-C-2", resulting_security_ids=["sec-C-1"])
    assert [(error.code, error.object) for error in build.plan().errors] == [
        ("cyclic_history", "a"),
        ("cyclic_history", "b"),
    ]


def test_ending__result_of_two_transactions__is_refused(build: Any) -> None:
    """IM-5"""
    build.issue("C-1", "ann", 100).issue("C-2", "ann", 100).issue("C-3", "bob", 100)
    error = only_error(build.transfer("C-1", 100, to="C-3").transfer("C-2", 100, to="C-3").plan())
    assert (error.code, error.object, error.value) == ("result_claimed_twice", "transfer-C-2", "sec-C-3")


def test_ended_twice__by_a_cancellation_too__counts_once_and_warns(build: Any) -> None:
    """IM-7: the transaction that says what came of the certificate counts, whichever is dated first."""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 100, day="2021-02-01").transfer("C-1", 100, to="C-2")
    build.tx("STOCK_CANCELLATION", "also", "2021-01-15", security_id="sec-C-1", quantity="100")
    plan = build.plan()
    assert plan.ok
    assert [(finding.code, finding.object) for finding in plan.warnings] == [("ended_twice", "also")]
    assert held(plan) == {"bob": 100}


def test_ended_twice__with_other_results__is_refused(build: Any) -> None:
    """IM-7"""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 100, day="2021-02-01").transfer("C-1", 100, to="C-2")
    build.issue("C-3", "ann", 100)
    build.tx("STOCK_REISSUANCE", "z", "2021-03-01", security_id="sec-C-1", resulting_security_ids=["sec-C-3"])
    assert [(error.code, error.object) for error in build.plan().errors] == [("ended_twice", "z")]


def test_security_id__used_again__is_refused(build: Any) -> None:
    """IM-7"""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 100, security_id="sec-C-1")
    error = only_error(build.plan())
    assert (error.code, error.object, error.value) == ("security_id_reused", "issue-C-2", "sec-C-1")


@pytest.mark.parametrize(
    ("kind", "fields", "left"),
    [
        ("CANCELLATION", {"quantity": "30", "balance_security_id": "sec-C-2"}, 70),
        (
            "REPURCHASE",
            {"quantity": "30", "balance_security_id": "sec-C-2", "price": {"amount": "2.5", "currency": "CNY"}},
            70,
        ),
        ("RETRACTION", {}, 0),
    ],
)
def test_cancel__of_each_kind__ends_shares(build: Any, kind: str, fields: dict[str, object], left: int) -> None:
    """IM-5"""
    build.issue("C-1", "ann", 100)
    if left:
        build.issue("C-2", "ann", left, day="2021-02-01")
    build.tx(f"STOCK_{kind}", "end", security_id="sec-C-1", **fields)
    plan = build.plan()
    step = plan.steps[-1]
    assert isinstance(step, Cancel)
    assert (step.kind[:6], step.shares, step.reference) == (kind.lower()[:6], 100 - left, "C-1")
    assert step.consideration.price == (25_000_000_000 if kind == "REPURCHASE" else 0)
    assert plan.totals[COMMON] == left


def test_conversion__to_more_shares__is_one_step(build: Any) -> None:
    """IM-5"""
    build.issue("P-1", "ann", 50, stock_class_id="preferred").issue("C-1", "ann", 100, day="2021-02-01")
    build.tx(
        "STOCK_CONVERSION", "cv", security_id="sec-P-1", quantity_converted="50", resulting_security_ids=["sec-C-1"]
    )
    plan = build.plan()
    step = plan.steps[-1]
    assert isinstance(step, Convert)
    assert (step.from_class, step.to_class, step.shares, step.resulting_shares) == ("preferred", "common", 50, 100)
    assert plan.totals == {"common": 100, "preferred": 0}


@pytest.mark.parametrize(
    ("more", "code"),
    [({"stakeholder_id": "bob"}, "holder_mismatch"), ({"stock_class_id": "preferred"}, "class_mismatch")],
)
def test_conversion__to_other_hands_or_its_own_class__is_refused(build: Any, more: dict[str, str], code: str) -> None:
    """IM-5"""
    build.issue("P-1", "ann", 50, stock_class_id="preferred").issue("C-1", "ann", 50, **more)
    build.tx(
        "STOCK_CONVERSION", "cv", security_id="sec-P-1", quantity_converted="50", resulting_security_ids=["sec-C-1"]
    )
    assert (only_error(build.plan()).code, only_error(build.plan()).object) == (code, "cv")


def test_consolidation__of_one_holder__moves_nothing(build: Any) -> None:
    build.issue("C-1", "ann", 60).issue("C-2", "ann", 40).issue("C-3", "ann", 100, day="2021-02-01")
    build.tx("STOCK_CONSOLIDATION", "one", security_ids=["sec-C-1", "sec-C-2"], resulting_security_id="sec-C-3")
    plan = build.plan()
    step = plan.steps[-1]
    assert isinstance(step, Reissue)
    assert (step.reference, step.certificates) == ("C-3", ("C-1", "C-2", "C-3"))
    assert held(plan) == {"ann": 100}


def test_early_format__other_spellings__are_understood(build: Any) -> None:
    """IM-2: first versions wrote names as texts and ratios side by side, and knew fewer files."""
    build.version = "1.0.0-alpha"
    build.stakeholders[0]["name"] = "Ann Elder"
    build.issue("C-1", "ann", 10)
    build.tx(
        "STOCK_CLASS_SPLIT",
        "split",
        stock_class_id="common",
        split_ratio_numerator="2",
        split_ratio_denominator="1",
    )
    plan = build.plan()
    assert (plan.errors, plan.warnings) == ((), ())
    assert plan.stakeholders[0].legal_name == "Ann Elder"
    assert held(plan) == {"ann": 20}


def test_holders__more_than_the_cap__is_a_warning(build: Any) -> None:
    build.stakeholders = [build.person(f"p{number:03d}") for number in range(201)]
    for number in range(201):
        build.issue(f"C-{number}", f"p{number:03d}", 1)
    plan = build.plan()
    assert plan.ok
    assert [(finding.code, finding.value) for finding in plan.warnings] == [("holders_above_cap", "201")]
    assert plan.holders == 201


def test_unknown_kind__of_stock__is_refused__of_other__is_left_out(build: Any) -> None:
    """IM-10"""
    build.tx("STOCK_MIRACLE", "m").tx("LOYALTY_POINT", "l")
    plan = build.plan()
    assert [(error.code, error.object) for error in plan.errors] == [("unknown_object_type", "m")]
    assert [(warning.code, warning.object) for warning in plan.warnings] == [("unknown_object_type", "l")]
    assert {(left.kind, left.count) for left in plan.left_out} == {("TX_LOYALTY_POINT", 1), ("TX_STOCK_MIRACLE", 1)}


def test_date__after_the_day_that_is_reported__is_a_warning(build: Any) -> None:
    build.as_of = "2021-06-30"
    plan = build.issue("C-1", "ann", 1).issue("C-2", "ann", 1, day="2021-07-01").plan()
    assert [(finding.code, finding.object) for finding in plan.warnings] == [("after_as_of", "issue-C-2")]
    assert plan.steps[-1].effective_on == date(2021, 7, 1)


def test_authorised__change_of_an_unknown_class__is_refused(build: Any) -> None:
    """IM-8"""
    build.tx("STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "rise", stock_class_id="none", new_shares_authorized="9")
    plan = build.plan()
    assert (only_error(plan).code, only_error(plan).value) == ("dangling_reference", "none")
    assert not [step for step in plan.steps if isinstance(step, SetAuthorised)]


def test_ending__unreadable_itself__loses_its_results_and_is_reported_once(build: Any) -> None:
    """IM-5: nobody can tell what came of the certificate, so it stays where it was."""
    build.issue("C-1", "ann", 100).issue("C-2", "bob", 60, day="2021-02-01").issue("C-3", "ann", 40, day="2021-02-01")
    build.transfer("C-1", 60, to="C-2", balance="C-3")
    build.transactions[-1]["quantity"] = "sixty"
    plan = build.plan()
    assert (only_error(plan).code, only_error(plan).object) == ("malformed_number", "transfer-C-1")
    assert held(plan) == {"ann": 100}


def test_class__unreadable__is_reported_once(build: Any) -> None:
    build.classes[0]["initial_shares_authorized"] = "many"
    plan = build.issue("C-1", "ann", 100).plan()
    assert (only_error(plan).code, only_error(plan).object) == ("malformed_number", "common")
    assert [cls.id for cls in plan.classes] == ["preferred"]


def test_stakeholder__unreadable__is_reported_once(build: Any) -> None:
    build.stakeholders[0]["stakeholder_type"] = "ROBOT"
    plan = build.issue("C-1", "ann", 100).plan()
    assert (only_error(plan).code, only_error(plan).object) == ("unknown_value", "ann")
    assert plan.steps == ()


def test_acceptance__of_an_issue__is_absorbed__of_nothing__is_a_warning(build: Any) -> None:
    """IM-8"""
    build.issue("C-1", "ann", 100).tx("STOCK_ACCEPTANCE", "yes", security_id="sec-C-1")
    build.tx("STOCK_ACCEPTANCE", "lost", security_id="sec-C-9")
    plan = build.plan()
    assert plan.steps[0].transactions == ("issue-C-1", "yes")
    assert [(finding.code, finding.object) for finding in plan.warnings] == [("dangling_reference", "lost")]


def test_certificate_number__used_twice_in_a_class__is_a_warning(build: Any) -> None:
    build.issue("C-1", "ann", 1)
    build.issue("C-1", "bob", 1, id="again", security_id="sec-again")
    plan = build.plan()
    assert plan.ok
    assert [(finding.code, finding.object) for finding in plan.warnings] == [("certificate_number_reused", "issue-C-1")]


def test_issue__currency_that_the_standard_lacks__is_a_warning_without_price(build: Any) -> None:
    plan = build.issue("C-1", "ann", 1, share_price={"amount": "1", "currency": "XQQ"}).plan()
    assert [(finding.code, finding.value) for finding in plan.warnings] == [("unknown_currency", "XQQ")]
    step = plan.steps[0]
    assert isinstance(step, Issue)
    assert (step.consideration.kind, step.consideration.price) == ("none", 0)


def test_errors__of_one_transaction__do_not_taint_the_next(build: Any) -> None:
    """IM-11: all faults are told at once, and what is sound is still understood."""
    build.issue("C-1", "ann", 10).issue("C-2", "ann", 20).issue("C-3", "bob", 30)
    build.tx("STOCK_CANCELLATION", "a", security_id="sec-C-1", quantity="11")
    build.tx("STOCK_CANCELLATION", "b", security_id="sec-C-2", quantity="20")
    build.tx("STOCK_CANCELLATION", "c", security_id="sec-C-3", quantity="31")
    plan = build.plan()
    assert [(error.code, error.object) for error in plan.errors] == [
        ("insufficient_shares", "a"),
        ("insufficient_shares", "c"),
    ]
    assert held(plan) == {"ann": 10, "bob": 30}


def test_quantity__the_most_that_is_kept__is_64_bits(build: Any) -> None:
    """IM-3"""
    build.classes = [build.share_class("common", "18446744073709551614")]
    assert build.issue("C-1", "ann", "18446744073709551614").plan().ok
    build.classes = [build.share_class("common", "18446744073709551615")]
    assert only_error(build.plan()).code == "quantity_too_large"
