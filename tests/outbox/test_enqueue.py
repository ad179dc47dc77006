"""What the outbox takes: the same operation once, another one under its id never."""

from __future__ import annotations

import dataclasses

import pytest

from registry.domain.ids import Hash32
from registry.errors import InputError
from registry.outbox import Journal, Operation
from tests.support.outbox_bench import Bench


def test_enqueue__id_used_for_other_content__is_refused_and_nothing_of_the_call_is_kept(bench: Bench) -> None:
    bench.outbox.enqueue([bench.issue("a", shares=10)])
    with pytest.raises(InputError, match="with other calldata") as refused:
        bench.outbox.enqueue([bench.issue("b"), bench.issue("a", shares=11)])
    assert refused.value.code == "operation_id_reused"
    assert bench.outbox.get(bench.issue("b").id) is None


def test_enqueue__predecessor_unknown__is_refused(bench: Bench) -> None:
    with pytest.raises(InputError, match="is not in the outbox") as refused:
        bench.outbox.enqueue([bench.issue("a", depends_on=bench.issue("b").id)])
    assert refused.value.field == "depends_on"
    assert bench.outbox.counts() == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": Hash32(bytes(32))}, "id"),
        ({"id": Hash32(b"short")}, "id"),
        ({"sender": b""}, "sender"),
        ({"target": bytes(20)}, "target"),
        ({"calldata": b"abc"}, "calldata"),
        ({"calldata": bytes(130_000)}, "calldata"),
    ],
)
def test_operation__malformed__names_field_and_rule(bench: Bench, change: dict[str, object], field: str) -> None:
    with pytest.raises(InputError, match=r"rule: ") as refused:
        dataclasses.replace(bench.issue("a"), **change)  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.object) == (field, "issue a")


def test_enqueue__same_operation_again__changes_nothing(bench: Bench) -> None:
    operation = bench.issue("a")
    bench.outbox.enqueue([operation, operation])
    bench.outbox.enqueue([dataclasses.replace(operation, label="another note", gas=1_000_000)])
    assert bench.outbox.counts() == {"queued": 1}
    assert bench.outbox.get(operation.id) == operation


def test_operation__call_without_header__carries_its_id_behind_the_calldata(bench: Bench) -> None:
    act = bench.issue("a")
    plain = Operation(act.id, act.sender, act.target, b"\xa9\x05\x9c\xbb" + bytes(64), "a holder's transfer")
    assert (act.is_act, act.payload) == (True, act.calldata)
    assert (plain.is_act, plain.payload) == (False, plain.calldata + act.id)


def test_journal__opened_again__keeps_what_it_was_opened_with(bench: Bench) -> None:
    first = bench.outbox.open_journal("import:1", "import", {"begun_on": 1})
    assert bench.outbox.open_journal("import:1", "import", {"begun_on": 2}) == first
    bench.outbox.enqueue([bench.issue("b", journal="import:1"), bench.issue("a", journal="import:1")])
    assert [outcome.label for outcome in bench.outbox.operations_of("import:1")] == ["issue b", "issue a"]
    bench.outbox.close_journal("import:1", "done")
    assert bench.outbox.journal("import:1") == Journal("import:1", "import", {"begun_on": 1}, "done")
    assert bench.outbox.journals("import") == [Journal("import:1", "import", {"begun_on": 1}, "done")]
    assert bench.outbox.journal("import:2") is None


def test_journal__abandoned__sends_nothing_that_was_not_sent_yet(bench: Bench) -> None:
    bench.outbox.open_journal("import:1", "import")
    bench.outbox.enqueue([bench.issue("a", journal="import:1"), bench.issue("b")])
    bench.outbox.close_journal("import:1", "abandoned")
    (waiting,) = bench.outbox.operations_of("import:1")
    assert waiting.state == "parked"
    assert waiting.error is not None
    assert waiting.error.code == "journal_abandoned"
    assert bench.outbox.counts() == {"parked": 1, "queued": 1}
