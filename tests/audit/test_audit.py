"""Replay, mirror and chain agree at every block; one share that differs is found and named (LAW-3)."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from registry.audit import Report, as_json, as_text, audit
from registry.audit.checks import CHECKS
from registry.errors import InputError
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror
from tests.support.stage import Stage
from tests.support.story import Story, tell, walk

HOLDINGS_SLOT = 2
"""Of ShareClass._holdings: behind `isDone` and the class word (storage layout in the artifact; a test compares)."""


@pytest.fixture(scope="module")
def story(module_stage: Stage) -> Story:
    story = tell(module_stage)
    assert walk(story, 120) > 10
    return story


@pytest.fixture
def mirror(story: Story, tmp_path: Path) -> Iterator[Mirror]:
    with Mirror(tmp_path / "mirror.db", story.stage.deployment) as mirror:
        mirror.catch_up(story.stage.node)
        yield mirror


@pytest.fixture
def queries(mirror: Mirror) -> Iterator[Queries]:
    queries = mirror.queries()
    yield queries
    queries.close()


def run(story: Story, queries: Queries | None, at: int | None = None) -> Report:
    return audit(story.stage.node, story.stage.deployment, queries, at=at)


def change(mirror: Mirror, statement: str, *arguments: object) -> None:
    with sqlite3.connect(mirror.path) as connection:
        assert connection.execute(statement, arguments).rowcount == 1
    connection.close()


def some_holding(queries: Queries) -> tuple[int, int, int, int]:
    row = queries.holdings(1)[0]
    return row.class_id, row.party, row.account, row.shares


# --- differences first ---


def test_audit__one_share_planted_in_the_mirror__is_named_with_its_transaction(
    story: Story, mirror: Mirror, queries: Queries
) -> None:
    class_id, party, account, shares = some_holding(queries)
    entry = queries.entries(party=party, newest_first=True, limit=200)
    last = next(e for e in entry if e.class_id == class_id and account in (e.taker_account, e.giver_account))
    change(
        mirror,
        "UPDATE holdings SET shares = shares + 1 WHERE class_id = ? AND party = ? AND account = ?",
        class_id,
        party,
        account,
    )
    report = run(story, queries)
    assert report.verdict == "different"
    found = [d for d in report.differences if d.field == "shares"]
    assert [(d.subject.party, d.subject.account) for d in found] == [(party, account)]
    assert (found[0].replay, found[0].mirror, found[0].chain) == (shares, shares + 1, shares)
    assert found[0].tx == last.tx
    assert "0x" + last.tx.hex() in as_text(report)


def test_audit__one_share_planted_on_chain__is_named_with_its_transaction(story: Story, queries: Queries) -> None:
    stage, share_class = story.stage, story.classes[0]
    book = story.book(2)
    slot = "0x" + keccak(book.rjust(32, b"\0") + HOLDINGS_SLOT.to_bytes(32, "big")).hex()
    word = stage.reads.holding(share_class, book).pack()
    before = stage.reads.holding(share_class, book).balance
    snapshot = stage.node.rpc.call("evm_snapshot")
    try:
        planted = "0x" + (word + (1 << 40)).to_bytes(32, "big").hex()
        stage.node.rpc.call("anvil_setStorageAt", "0x" + share_class.hex(), slot, planted)
        stage.node.rpc.call("evm_mine")
        report = run(story, queries, at=stage.node.head().number - 2)
        assert report.is_equal, "earlier blocks are still right"
        report = run(story, None)
        found = report.differences
        assert [(d.subject.party, d.subject.account, d.field) for d in found] == [(2, 8, "shares")]
        assert (found[0].replay, found[0].mirror, found[0].chain) == (before, "not asked", before + 1)
        assert found[0].tx is not None
        assert stage.node.receipt(found[0].tx) is not None
    finally:
        assert stage.node.rpc.call("evm_revert", snapshot)


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("DELETE FROM holdings WHERE rowid_of_first", "shares"),
        ("UPDATE company_versions SET cap = 7 WHERE company = 2", "cap"),
        ("UPDATE class_versions SET authorised = authorised + 1 WHERE class_id = :class_id", "authorised"),
        ("UPDATE seats SET weight = weight + 1 WHERE company = 1 AND party = 1", "weight"),
        ("UPDATE roles SET roles = roles + 8 WHERE company = 0 AND roles = 1", "roles"),
        ("UPDATE wallets SET number = number + 1 WHERE number = 1", "wallet"),
        ("UPDATE record_dates SET time = time + 1", "record_dates"),
        ("UPDATE providers SET until_day = until_day + 1", "provider"),
        ("DELETE FROM companies WHERE company = 4", "companies"),
    ],
)
def test_audit__any_fact_changed_in_the_mirror__is_found(
    story: Story, mirror: Mirror, queries: Queries, statement: str, field: str
) -> None:
    class_id, party, account, _ = some_holding(queries)
    where = f"class_id = {class_id} AND party = {party} AND account = {account}"
    statement = statement.replace("rowid_of_first", where).replace(":class_id", str(class_id))
    with sqlite3.connect(mirror.path) as connection:
        assert connection.execute(statement).rowcount >= 1
    connection.close()
    report = run(story, queries)
    assert report.verdict == "different"
    assert field in {d.field for d in report.differences}


def test_audit__party_word_changed_in_the_mirror__is_found(story: Story, mirror: Mirror, queries: Queries) -> None:
    word = queries.party(5).word.pack() ^ 1 << 32
    change(
        mirror,
        "UPDATE party_versions SET word = ? WHERE party = 5 AND id = (SELECT max(id) FROM party_versions "
        "WHERE party = 5)",
        word.to_bytes(32, "big"),
    )
    assert {(d.subject.party, d.field) for d in run(story, queries).differences} == {(5, "kyc_day")}


def test_audit__block_ahead_of_the_node__is_refused(story: Story, queries: Queries) -> None:
    with pytest.raises(InputError) as refused:
        run(story, queries, at=10**6)
    assert refused.value.code == "block_out_of_range"


# --- agreement ---


def test_audit__every_kind_of_event__is_equal(story: Story, queries: Queries) -> None:
    seen: list[tuple[int, int]] = []
    report = audit(story.stage.node, story.stage.deployment, queries, progress=lambda done, of: seen.append((done, of)))
    assert report.verdict == "equal", as_text(report)
    assert report.block == queries.status().head.block
    assert report.entries > 40
    assert report.faults == ()
    assert seen[-1][0] == seen[-1][1]


def test_audit__twenty_earlier_blocks__are_equal(story: Story, queries: Queries) -> None:
    head = queries.status().head.block
    first = max(deployed.block for deployed in story.stage.deployment.contracts.values())
    for block in random.Random(20).sample(range(first, head), 20):
        report = run(story, queries, at=block)
        assert report.verdict == "equal", as_text(report)
        assert report.block == block


def test_audit__without_a_mirror__compares_replay_and_chain(story: Story) -> None:
    report = run(story, None)
    assert report.is_equal
    assert not report.has_mirror
    assert "no mirror was compared" in as_text(report)


def test_report__as_json__is_plain_and_names_alarms(story: Story, queries: Queries) -> None:
    data = json.loads(json.dumps(as_json(run(story, queries))))
    assert data["verdict"] == "equal"
    assert [finding["check"] for finding in data["findings"]].count("cap_alarm") >= 1
    assert not any(finding["is_fault"] for finding in data["findings"])


def test_checks__all__have_a_name_that_says_so() -> None:
    assert len({check.__name__ for check in CHECKS}) == len(CHECKS) >= 8
    assert all(check.__name__.startswith("check_") and check.__doc__ for check in CHECKS)


def test_slot__of_holdings__is_where_the_artifact_says() -> None:
    artifact = json.loads(files("registry").joinpath("artifacts", "ShareClass.json").read_text(encoding="utf-8"))
    layout = {item["label"]: int(item["slot"]) for item in artifact["storageLayout"]["storage"]}
    assert layout["_holdings"] == HOLDINGS_SLOT
