"""No refusal without a test: every declared error and every rule is expected somewhere in this folder."""

from __future__ import annotations

import re
from pathlib import Path

from registry.domain.rules import Rule
from registry.domain.subscription_rules import SubscriptionRule

HERE = Path(__file__).resolve().parent
DECLARED = HERE.parents[1] / "contracts" / "types" / "Errors.sol"


def _tests() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(HERE.rglob("test_*.py")))


def test_errors__each_declared_one__is_expected_by_a_test() -> None:
    declared = set(re.findall(r"^error (\w+)\(", DECLARED.read_text(encoding="utf-8"), re.MULTILINE))
    expected = set(re.findall(r'raises\(\s*"(\w+)"', _tests())) | set(re.findall(r'\("(\w+)", [\d*]', _tests()))
    expected |= {"Refused"} if "refused(Rule." in _tests() else set()
    expected |= {"SubscriptionRefused"} if "declined(R." in _tests() else set()
    assert len(declared) > 30
    assert declared - expected == set()


def test_rules__each_one__is_the_first_reason_of_a_refusal_in_a_test() -> None:
    expected = set(re.findall(r"refused\(Rule\.(\w+)", _tests())) | set(re.findall(r"\(Rule\.(\w+), \{", _tests()))
    assert {rule.name for rule in Rule} - expected == set()


def test_subscription_rules__each_one__is_told_or_refuses_first_in_a_test() -> None:
    expected = re.findall(r"(?:declined\(|\n    \(|== )(?:R|SubscriptionRule)\.(\w+)", _tests())
    assert {rule.name for rule in SubscriptionRule} - set(expected) == set()
