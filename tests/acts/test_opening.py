"""Opening a company: the breaches are listed, their list is the act's document, and they follow the rules."""

from __future__ import annotations

import hashlib
import json

from registry.acts import identity
from registry.acts.desk import Desk
from registry.acts.identity import Standing
from registry.acts.importing import Terms, import_plan
from registry.acts.opening import find_breaches, open_company
from registry.acts.operations import Request
from registry.domain.ids import Day, Hash32
from registry.domain.rules import Phase
from tests.support.registry_home import EXAMPLE, plan_of

DOCUMENT = Hash32(b"\xd0" * 32)


def test_open__an_imported_company__lists_every_holder_who_may_not_receive(desk: Desk) -> None:
    plan = plan_of(EXAMPLE)
    imported = import_plan(desk, plan)
    founder = imported.parties["lin-ruoxi"]
    until = Day(desk.today() + 30)
    identity.set_standing(desk, Request("q", DOCUMENT), founder, Standing(category=1, kyc_day=until))
    found = find_breaches(desk, imported.company)
    holders = {imported.parties[holder] for table in plan.holders_by_class.values() for holder in table}
    assert {breach.party for breach in found.breaches} == holders - {founder}
    assert {rule.id for breach in found.breaches for rule in breach.rules} == {"EL-1", "EL-2"}
    breaches, done = open_company(desk, "open", imported.company, imported.address)
    assert breaches == found
    desk.catch_up()
    (act,) = desk.queries.acts(done.operation)
    assert act.document == hashlib.sha256(found.document()).digest()
    kept = (desk.documents / act.document.hex()).read_bytes()
    assert json.loads(kept) == found.as_json()
    assert desk.reads.charter(imported.address).phase == Phase.OPEN


def test_open__under_the_same_key_again__changes_nothing(desk: Desk) -> None:
    imported = import_plan(desk, plan_of(EXAMPLE))
    first = open_company(desk, "open", imported.company, imported.address)[1]
    head = desk.node.head()
    assert open_company(desk, "open", imported.company, imported.address) == (None, first)
    assert desk.node.head() == head


def test_open__more_holders_than_the_cap__is_listed_and_raises_the_alarm(desk: Desk) -> None:
    imported = import_plan(desk, plan_of(EXAMPLE), Terms(cap=5))
    found, _ = open_company(desk, "open", imported.company, imported.address)
    assert found is not None
    assert found.is_above_cap
    assert (found.seats, found.cap) == (16, 5)
    desk.catch_up()
    assert desk.queries.alarms(imported.company)[-1].seats == 16
