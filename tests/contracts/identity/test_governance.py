"""The governor of the registry: roles, and the hand-over in two steps."""

from __future__ import annotations

import pytest

from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER, deploy
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ZERO, Ground, header


def test_deploy__without_a_governor__refused() -> None:
    with raises("RoleMalformed", ZERO, 1):
        deploy("IdentityRegistry", ZERO, node.UTC_OFFSET)


def test_deploy__by_anybody__the_deployer_holds_nothing(ground: Ground) -> None:
    assert ground.registry.read("rolesOf", STRANGER) == 0
    assert ground.registry.read("rolesOf", ground.governor) == 1


@pytest.mark.parametrize(("account", "roles"), [(ZERO, 2), (STRANGER, 1), (STRANGER, 3), (STRANGER, 32)])
def test_set_roles__for_nobody_or_of_the_governor_or_unheard_of__refused(
    ground: Ground, account: str, roles: int
) -> None:
    with raises("RoleMalformed", account, roles):
        ground.registry.act("setRoles", header(), account, roles, by=ground.governor)


def test_set_roles__of_the_governor__the_governor_stays_one(ground: Ground) -> None:
    ground.registry.act("setRoles", header(), ground.governor, 2, by=ground.governor)
    assert ground.registry.read("rolesOf", ground.governor) == 3
    ground.registry.act("setRoles", header(), ground.governor, 0, by=ground.governor)
    assert ground.registry.read("rolesOf", ground.governor) == 1


def test_accept_governor__by_another_than_the_named__refused(ground: Ground) -> None:
    with raises("NotAuthorised", ground.stranger, 1):
        ground.registry.act("acceptGovernor", by=ground.stranger)
    ground.registry.act("offerGovernor", header(), ground.issuer, by=ground.governor)
    with raises("NotAuthorised", ground.stranger, 1):
        ground.registry.act("acceptGovernor", by=ground.stranger)


def test_accept_governor__by_the_named__the_former_one_is_a_stranger(ground: Ground) -> None:
    ground.registry.act("offerGovernor", header(), ground.regulator, by=ground.governor)
    events = ground.registry.act("acceptGovernor", by=ground.regulator)
    assert [tuple(e.values.values()) for e in events] == [(ground.governor, 0), (ground.regulator, 3)]
    with raises("NotAuthorised", ground.governor, 1):
        ground.registry.act("setRoles", header(), STRANGER, 2, by=ground.governor)
    with raises("NotAuthorised", ground.regulator, 1):
        ground.registry.act("acceptGovernor", by=ground.regulator)
