"""Reading the mirror: pages, orders, the two times, and clear words where something is not there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from registry.domain.ids import Day
from registry.errors import InputError
from registry.mirror import AsOf, Page, Queries
from tests.support.story import PARTIES, Story

ISSUE, TRANSFER, REPURCHASE, REISSUANCE, CONVERSION, SPLIT = 1, 2, 4, 6, 7, 8
AGREEMENT, MIGRATION, OWN_ACCOUNT = 1, 4, 5


def walked(ask: Callable[[str | None], Page[Any]]) -> list[Any]:
    """All pages, one after the other."""
    found: list[Any] = []
    cursor = None
    for _ in range(1_000):
        page = ask(cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("pages without end")


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_entries__page_by_page__each_once_in_both_orders(queries: Queries, limit: int) -> None:
    newest = walked(lambda cursor: queries.entries(company=1, cursor=cursor, limit=limit))
    oldest = walked(lambda cursor: queries.entries(company=1, newest_first=False, cursor=cursor, limit=limit))
    assert newest == oldest[::-1]
    assert len({entry.id for entry in newest}) == len(newest) > 30
    assert newest == sorted(newest, key=lambda entry: -entry.id)


def test_entries__of_a_class_and_of_a_party__are_those_of_all(queries: Queries) -> None:
    everything = list(walked(lambda cursor: queries.entries(cursor=cursor, limit=200)))
    assert len(everything) == queries.status().entries
    for class_id in {entry.class_id for entry in everything}:
        found = walked(lambda cursor, class_id=class_id: queries.entries(class_id=class_id, cursor=cursor, limit=7))
        assert found == [entry for entry in everything if entry.class_id == class_id]
    for party in PARTIES:
        found = walked(lambda cursor, party=party: queries.entries(party=party, company=1, cursor=cursor, limit=7))
        assert found == [e for e in everything if e.company == 1 and party in (e.giver, e.taker)]


def test_entries__sums_of_all__are_the_holdings(queries: Queries) -> None:
    sums: dict[tuple[int, int, int], int] = {}
    for entry in walked(lambda cursor: queries.entries(cursor=cursor, limit=200)):
        for party, account, sign in (
            (entry.giver, entry.giver_account, -1),
            (entry.taker, entry.taker_account, 1),
        ):
            if party:
                key = (entry.class_id, party, account)
                sums[key] = sums.get(key, 0) + sign * entry.shares
    held = {
        (row.class_id, row.party, row.account): row.shares
        for company in queries.companies()
        for row in queries.holdings(company.number)
    }
    assert {key: shares for key, shares in sums.items() if shares} == held


def test_entry__of_each_kind__tells_who_why_and_with_which_document(shared_story: Story, queries: Queries) -> None:
    entries = list(queries.entries(company=1, newest_first=False, limit=200))
    issue = entries[0]
    assert (issue.giver, issue.taker, issue.shares, issue.kind, issue.basis) == (0, 1, 60_000, ISSUE, MIGRATION)
    assert issue.effective_on == shared_story.stage.today - 900
    assert issue.ref == b"A-1".ljust(32, b"\0")
    assert issue.act is not None
    assert issue.act.consideration is not None
    assert (issue.act.consideration.currency, issue.act.consideration.price) == (156, 85_000_000_000)
    receipt = shared_story.stage.node.receipt(issue.tx)
    assert receipt is not None
    assert (receipt.block, receipt.block_hash) == (issue.block, queries.stand(AsOf(issue.block)).hash)
    assert queries.acts(issue.act.operation) == (issue.act,)
    assert queries.entry(issue.id) == issue

    assert {entry.kind for entry in entries} == {ISSUE, TRANSFER, REPURCHASE, REISSUANCE, CONVERSION, SPLIT}
    split = next(entry for entry in entries if entry.kind == SPLIT)
    assert split.act is not None
    assert split.act.ratio == (2, 1)
    conversion = [entry for entry in entries if entry.kind == CONVERSION]
    assert [(entry.giver, entry.taker, entry.shares) for entry in conversion] == [(0, 4, 690), (4, 0, 345)]
    assert {entry.act for entry in conversion} == {conversion[0].act}
    assert conversion[0].act is not None
    assert (conversion[0].act.class_id, conversion[0].effective_on) == (None, shared_story.stage.today - 300)
    reissue = next(entry for entry in entries if entry.kind == REISSUANCE)
    assert (reissue.giver, reissue.taker, reissue.shares) == (1, 1, 0)


def test_entry__holders_own_transfer__has_no_act_and_its_blocks_day(shared_story: Story, queries: Queries) -> None:
    own = next(e for e in queries.entries(company=1, newest_first=False, limit=200) if e.act is None)
    assert (own.giver, own.taker, own.shares, own.basis) == (1, 1, 20_000, OWN_ACCOUNT)
    assert own.effective_on == (own.time + shared_story.stage.deployment.utc_offset) // 86_400
    other = next(e for e in queries.entries(party=7, newest_first=False, limit=200) if e.act is None)
    assert (other.giver, other.taker, other.kind, other.basis) == (1, 7, TRANSFER, AGREEMENT)


def test_acts_of__company__begin_with_its_creation(queries: Queries) -> None:
    acts = walked(lambda cursor: queries.acts_of(1, cursor=cursor, limit=5))
    ids = [act.id for act in acts]
    assert ids == sorted(ids, reverse=True)
    assert acts[-1].kind == 13
    assert {act.company for act in acts} == {1}
    assert all(act.company is None for act in queries.acts_of(0, limit=200))


def test_as_of__older_block__knows_nothing_newer(queries: Queries) -> None:
    block = queries.entries(company=1, newest_first=False, limit=5).items[-1].block
    as_of = AsOf(block)
    assert max(entry.block for entry in queries.entries(as_of, limit=200)) == block
    assert queries.company(1, as_of).phase == 1
    assert queries.company(1).phase == 2
    assert len(queries.companies(as_of)) == 2
    assert all(act.block <= block for act in queries.acts_of(1, as_of))
    with pytest.raises(InputError, match="no entry"):
        queries.entry(queries.entries(limit=1).items[0].id, as_of)


def test_stand__pinned__all_questions_are_about_that_block(queries: Queries) -> None:
    stand = queries.stand(AsOf(queries.stand().block - 3))
    as_of = AsOf(effective_on=Day(1)).at(stand)
    assert (as_of.block, as_of.effective_on) == (stand.block, 1)
    assert queries.cap_table(1, as_of).stand == queries.entries(as_of).stand == stand


def test_resolve_time__between_blocks__is_the_last_one_not_after(shared_story: Story, queries: Queries) -> None:
    node, stand = shared_story.stage.node, queries.stand()
    assert queries.resolve_time(stand.time + 10_000) == stand.block
    for number in range(stand.block - 60, stand.block, 7):
        block = node.block(number)
        found = queries.resolve_time(block.time)
        assert node.block(found).time == block.time
        assert node.block(found + 1).time > block.time if found < stand.block else True
    with pytest.raises(InputError, match="before the registry's first block"):
        queries.resolve_time(node.block(0).time - 1)


def test_holders__page_by_page__are_the_cap_tables(queries: Queries) -> None:
    table = queries.cap_table(1)
    holders = walked(lambda cursor: queries.holders(1, cursor=cursor, limit=2))
    assert [holder.party for holder in holders] == sorted({row.party for row in table.rows})
    assert table.company.holders == len(holders)
    assert table.company.seats == sum(holder.weight for holder in holders)
    rows = {row for holder in holders for row in holder.shares}
    assert rows == set(table.rows)
    for position in table.classes:
        assert position.issued == sum(row.shares for row in table.rows if row.class_id == position.class_id)
    shares = [row.shares for row in table.rows if row.class_id == table.classes[0].class_id]
    assert shares == sorted(shares, reverse=True)


def test_holder__over_all_companies__by_class_and_account(queries: Queries) -> None:
    rows = queries.holder(1)
    assert {row.company for row in rows} == {1, 2}
    assert queries.holder(1, 2) == tuple(row for row in rows if row.company == 2)
    assert queries.holder(1, 2, AsOf(queries.stand().block - 1)) == queries.holder(1, 2)
    assert queries.holder(99) == ()


def test_documents_record_dates__of_the_story__are_there(shared_story: Story, queries: Queries) -> None:
    (document,) = queries.documents(1)
    assert (document.kind, document.uri) == (4, "ipfs://卡 table")
    preferred = queries.share_class(shared_story.classes[1])
    (record_date,) = queries.record_dates(preferred.class_id)
    assert record_date.epoch == 1
    assert queries.share_class(preferred.class_id) == preferred
    assert (preferred.decimals, preferred.authorised) == (2, 900_000)


@pytest.mark.parametrize(("ask", "code"), [
    (lambda q: q.company(77), "company_unknown"),
    (lambda q: q.company(b"\x01" * 20), "company_unknown"),
    (lambda q: q.cap_table(77), "company_unknown"),
    (lambda q: q.holders(77), "company_unknown"),
    (lambda q: q.share_class(5), "class_unknown"),
    (lambda q: q.share_class(b"\x01" * 20), "class_unknown"),
    (lambda q: q.party(77), "party_unknown"),
    (lambda q: q.entry(1), "entry_unknown"),
    (lambda q: q.status() and q.stand(AsOf(10**9)), "block_ahead"),
    (lambda q: q.stand(AsOf(-1)), "block_too_old"),
    (lambda q: q.entries(limit=0), "limit_out_of_range"),
    (lambda q: q.companies(limit=201), "limit_out_of_range"),
    (lambda q: q.entries(cursor="1 OR 1"), "cursor_malformed"),
    (lambda q: q.entries(cursor="٣"), "cursor_malformed"),
    (lambda q: q.parties(cursor="-1"), "cursor_malformed"),
])  # fmt: skip
def test_queries__what_is_not_there__is_refused_by_name(
    queries: Queries, ask: Callable[[Queries], object], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        ask(queries)
    assert caught.value.code == code
    assert caught.value.field


def test_queries__many_threads__each_has_its_own_connection(queries: Queries) -> None:
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(lambda _: queries.cap_table(1), range(64)))
    assert len({table.rows for table in tables}) == 1


def test_status__whose_mirror_it_is(shared_story: Story, queries: Queries) -> None:
    status, deployment = queries.status(), shared_story.stage.deployment
    assert (status.chain_id, status.genesis_hash) == (deployment.chain_id, deployment.genesis_hash)
    assert (status.registry, status.factory) == (deployment.registry, deployment.factory)
    assert status.head.hash == shared_story.stage.node.head().hash
    assert (status.companies, status.rewinds) == (4, 0)
