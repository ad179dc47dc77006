"""What a test expects of a refusal: the contract's own error, by name and arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from registry.domain.rules import Rule
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support.contracts import Contract, Refusal


@contextmanager
def raises(name: str, *values: Any) -> Iterator[None]:
    """The act inside is refused with this error; its first values are compared, `...` matches any."""
    with pytest.raises(Refusal) as caught:
        yield
    refusal = caught.value
    assert refusal.name == name, str(refusal)
    assert len(values) <= len(refusal.values), str(refusal)
    for given, expected in zip(refusal.values, values, strict=False):
        assert expected is ... or given == expected, f"{refusal}, expected {values}"


@contextmanager
def refused(rule: Rule, *others: Rule) -> Iterator[None]:
    """The rules refuse the move: this one first, and exactly these others with it."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.name == "Refused", str(caught.value)
    code, broken = caught.value.values[:2]
    expected = rule
    for other in others:
        expected |= other
    assert Rule(broken) == expected, f"{Rule(broken)!r}, expected {expected!r}"
    assert code == rule.code


def asked(share_class: Contract, giver: str, taker: str, shares: int) -> Rule:
    """What the views answer beforehand; code and bitmap must agree."""
    broken = Rule(share_class.read("brokenRules", giver, taker, shares))
    code = share_class.read("detectTransferRestriction", giver, taker, shares)
    assert code == (broken & -broken).bit_length()
    allowed = share_class.read("canTransfer", giver, taker, shares)
    assert allowed == (broken & ~Rule.BALANCE == 0)
    return broken


@contextmanager
def declined(rule: SubscriptionRule, *others: SubscriptionRule) -> Iterator[None]:
    """The rules refuse the subscription: this one first, and exactly these others with it."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.name == "SubscriptionRefused", str(caught.value)
    code, broken = caught.value.values[:2]
    expected = rule
    for other in others:
        expected |= other
    assert SubscriptionRule(broken) == expected, f"{SubscriptionRule(broken)!r}, expected {expected!r}"
    assert code == rule.code
