"""Following, rewinding, stopping at any moment: the mirror is always that of one chain, and equal to one made anew."""

from __future__ import annotations

import dataclasses
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from registry.chain.anvil import running
from registry.chain.client import Node
from registry.domain.ids import Hash32, Shares
from registry.errors import HaltError, Rebuilding, RetryableError, Unavailable
from registry.mirror import Mirror, Queries
from tests.mirror.conftest import dump, rebuilt
from tests.support.stage import set_up, signer
from tests.support.story import Story, tell, walk

DRIVER = Path(__file__).with_name("crash_sync.py")


def mine(story: Story, blocks: int) -> None:
    story.stage.node.read("anvil_mine", hex(blocks))


def reorganise(story: Story, depth: int) -> None:
    """The newest blocks are replaced by empty ones."""
    story.stage.node.read("anvil_reorg", depth, [])


@pytest.mark.parametrize("batch_events", [1, 7, 20_000])
def test_catch_up__any_batch_size__same_mirror(story: Story, tmp_path: Path, batch_events: int) -> None:
    path = tmp_path / "mirror.db"
    mine(story, 70)
    walk(story, 20)
    with Mirror(path, story.stage.deployment, batch_events=batch_events) as mirror:
        assert mirror.catch_up(story.stage.node).block == story.stage.node.head().number
    assert dump(path) == rebuilt(story, tmp_path)


def test_catch_up__step_by_step_with_pauses__same_mirror(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, story.stage.deployment) as mirror:
        head = story.stage.node.head().number
        for until in range(1, head + 1, 5):
            assert mirror.catch_up(story.stage.node, until=until).block == until
        mine(story, 70)
        mirror.catch_up(story.stage.node)
        walk(story, 10)
        mirror.catch_up(story.stage.node)
    assert dump(path) == rebuilt(story, tmp_path)


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
def test_catch_up__after_a_reorganisation__equals_a_rebuild(story: Story, tmp_path: Path, depth: int) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, story.stage.deployment) as mirror:
        walk(story, 60)
        before = mirror.catch_up(story.stage.node)
        reorganise(story, depth)
        walk(story, 30, seed=11)
        after = mirror.catch_up(story.stage.node)
        assert after == mirror.queries().stand()
        (undone,) = mirror.queries().rewinds()
    assert (undone.from_block, undone.from_hash) == (before.block, before.hash)
    assert undone.blocks == depth
    assert undone.entries > 0
    assert dump(path) == rebuilt(story, tmp_path)


def test_catch_up__company_undone_and_created_again__its_events_are_read_again(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, story.stage.deployment) as mirror:
        _, classes = story.stage.create_company("Gone")
        story.stage.issue(classes[0], {1: 10})
        mirror.catch_up(story.stage.node)
        reorganise(story, 2)
        _, again = story.stage.create_company("Here")
        story.stage.issue(again[0], {2: 20})
        mirror.catch_up(story.stage.node)
        found = mirror.queries().share_class(again[0])
        assert (mirror.queries().company(found.company).name, found.issued) == ("Here", 20)
    assert dump(path) == rebuilt(story, tmp_path)


def test_catch_up__reorganisation_deeper_than_finality__halts(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, story.stage.deployment, finality=3) as mirror:
        mirror.catch_up(story.stage.node)
        before = dump(path)
        reorganise(story, 5)
        with pytest.raises(HaltError, match="deeper than 3 blocks"):
            mirror.catch_up(story.stage.node)
    assert dump(path) == before


def test_catch_up__reorganisation_as_deep_as_finality__goes_on(story: Story, tmp_path: Path) -> None:
    with Mirror(tmp_path / "mirror.db", story.stage.deployment, finality=5) as mirror:
        mine(story, 30)
        story.stage.issue(story.classes[0], {2: 5})
        mine(story, 4)
        mirror.catch_up(story.stage.node)
        reorganise(story, 5)
        story.stage.issue(story.classes[0], {2: 5})
        assert mirror.catch_up(story.stage.node).hash == story.stage.node.head().hash
        assert [undone.blocks for undone in mirror.queries().rewinds()] == [5]


def test_catch_up__node_behind_by_a_few_blocks__asks_to_try_again(story: Story, tmp_path: Path) -> None:
    node = story.stage.node
    with Mirror(tmp_path / "mirror.db", story.stage.deployment) as mirror:
        snapshot = node.read("evm_snapshot")
        mine(story, 3)
        mirror.catch_up(node)
        node.read("evm_revert", snapshot)
        with pytest.raises(RetryableError, match="behind") as caught:
            mirror.catch_up(node)
        assert not isinstance(caught.value, HaltError)
        mine(story, 4)
        assert mirror.catch_up(node).block == node.head().number


def test_catch_up__wiped_node_with_the_same_genesis__halts(story: Story, tmp_path: Path) -> None:
    with Mirror(tmp_path / "mirror.db", story.stage.deployment) as mirror, running() as fresh:
        stand = mirror.catch_up(story.stage.node)
        node = Node.connect(fresh.url)
        assert node.genesis_hash() == story.stage.deployment.genesis_hash
        with pytest.raises(HaltError, match="wiped"):
            mirror.catch_up(node)
        node.read("anvil_mine", hex(stand.block + 5))
        with pytest.raises(HaltError, match="wiped, set back or exchanged"):
            mirror.catch_up(node)
        assert mirror.head == stand


def test_open__database_of_another_chain_or_deployment__halts(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    deployment = story.stage.deployment
    Mirror(path, deployment).close()
    swapped = {**deployment.contracts, "registry": deployment.contracts["factory"]}
    for other, named in (
        (dataclasses.replace(deployment, chain_id=7), "chain id"),
        (dataclasses.replace(deployment, genesis_hash=Hash32(bytes(32))), "genesis hash"),
        (dataclasses.replace(deployment, contracts=swapped), "registry"),
    ):
        with pytest.raises(HaltError, match=f"another chain or deployment: its {named}"):
            Mirror(path, other)


def test_open__damaged_file__halts(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(HaltError, match="damaged or no database"):
        Mirror(path, story.stage.deployment)


def test_queries__no_mirror_or_an_empty_one__are_unavailable(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with pytest.raises(Unavailable, match="there is no mirror"):
        Queries(path).status()
    Mirror(path, story.stage.deployment).close()
    with pytest.raises(Unavailable, match="taken in nothing yet"):
        Queries(path).status()


def test_catch_up__node_of_another_chain__halts(story: Story, tmp_path: Path) -> None:
    other = dataclasses.replace(story.stage.deployment, chain_id=7)
    with Mirror(tmp_path / "mirror.db", other) as mirror, pytest.raises(HaltError, match="wrong chain"):
        mirror.catch_up(story.stage.node)


def test_catch_up__unknown_event_from_a_contract_of_ours__halts_and_keeps_what_was(
    story: Story, tmp_path: Path
) -> None:
    path, company = tmp_path / "mirror.db", story.companies[0]
    with Mirror(path, story.stage.deployment) as mirror:
        mirror.catch_up(story.stage.node)
        before = dump(path)
        # LOG1 of no data under topic 0x42
        story.stage.node.read("anvil_setCode", "0x" + company.hex(), "0x60425f5fa100")
        story.stage.send("stranger", company, b"", gas=100_000)
        with pytest.raises(HaltError, match=r"unknown event .* from company 0x"):
            mirror.catch_up(story.stage.node)
    assert dump(path) == before


def test_catch_up__same_events_from_a_stranger__are_skipped(story: Story, tmp_path: Path) -> None:
    path, stranger = tmp_path / "mirror.db", b"\x77" * 20
    node = story.stage.node
    # The code of a real class, at an address that no company created: its logs look like ours.
    node.read("anvil_setCode", "0x" + stranger.hex(), "0x60425f5fa100")
    story.stage.send("stranger", stranger, b"", gas=100_000)
    assert any(log.address == "0x" + stranger.hex() for log in node.raw_logs(0, node.head().number))
    with Mirror(path, story.stage.deployment) as mirror:
        mirror.catch_up(node)
    assert b"\x77" * 20 not in {row[0] for row in dump(path)["emitters"]}


def test_catch_up__two_mirrors_on_one_file_in_turns__nothing_doubled(story: Story, tmp_path: Path) -> None:
    path, stage = tmp_path / "mirror.db", story.stage
    with Mirror(path, stage.deployment) as one, Mirror(path, stage.deployment) as other:
        for turn in range(6):
            walk(story, 10, seed=turn)
            (one, other)[turn % 2].catch_up(stage.node)
            if turn == 3:
                reorganise(story, 2)
        one.catch_up(stage.node)
    assert dump(path) == rebuilt(story, tmp_path)


def test_commit__cursor_moved_by_another_process__is_refused_whole(story: Story, tmp_path: Path) -> None:
    path, stage = tmp_path / "mirror.db", story.stage
    with Mirror(path, stage.deployment) as mirror, Mirror(path, stage.deployment) as other:
        mirror.catch_up(stage.node, until=20)
        fetch = stage.node.raw_logs_of

        def overtaken(block_hash: bytes):
            stage.node.raw_logs_of = fetch
            other.catch_up(stage.node)
            return fetch(block_hash)

        stage.node.raw_logs_of = overtaken
        with pytest.raises(RetryableError, match="another process moved the mirror"):
            mirror.catch_up(stage.node)
        assert mirror.catch_up(stage.node).block == stage.node.head().number
    assert dump(path) == rebuilt(story, tmp_path)


def test_catch_up__killed_in_mid_batch_again_and_again__goes_on_where_it_was(story: Story, tmp_path: Path) -> None:
    path, saved, draw = tmp_path / "mirror.db", tmp_path / "deployment.json", random.Random(5)
    story.stage.deployment.save(saved)
    mine(story, 3)
    command = [sys.executable, str(DRIVER), str(path), str(saved), story.stage.node.rpc.url]
    reached = 0
    for kill in range(4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(draw.randrange(1, 12)):
            process.stdout.readline()
        if kill % 2:
            time.sleep(draw.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        connection = sqlite3.connect(path)
        (block,) = connection.execute("SELECT number FROM cursor").fetchone() or (0,)
        (highest,) = connection.execute("SELECT max(number) FROM blocks").fetchone()
        connection.close()
        assert block == (highest or 0)
        assert block >= reached
        reached = block
    assert 0 < reached < story.stage.node.head().number
    with Mirror(path, story.stage.deployment) as mirror:
        mirror.catch_up(story.stage.node)
    assert dump(path) == rebuilt(story, tmp_path)


def test_follow__chain_goes_on_node_is_away_and_back__rows_appear(tmp_path: Path) -> None:
    with running() as chain:
        story = tell(set_up(chain))
        node, stop, troubles = Node.connect(chain.url), threading.Event(), []
        mirror = Mirror(tmp_path / "mirror.db", story.stage.deployment)
        follower = threading.Thread(
            target=mirror.follow, args=(node, stop), kwargs={"pause": 0.01, "on_trouble": troubles.append}
        )
        follower.start()
        try:
            story.stage.issue(story.classes[0], {2: 5})
            _wait(lambda: _stand(mirror) == story.stage.node.head().number)
            chain.kill()
            _wait(lambda: bool(troubles))
            assert follower.is_alive()
        finally:
            stop.set()
            follower.join(10)
            mirror.close()
        assert not follower.is_alive()


def test_rebuild__after_following__same_mirror(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, story.stage.deployment) as mirror, mirror.queries() as queries:
        mirror.catch_up(story.stage.node)
        before, known = dump(path), queries.cap_table(1)
        progress: list[tuple[int, int, int]] = []
        mirror.rebuild(story.stage.node, lambda *step: progress.append(step))
        assert dump(path) == before
        assert queries.cap_table(1) == known
    assert progress[-1][0] == progress[-1][1] == story.stage.node.head().number


def test_rebuild__until_it_has_caught_up__readers_are_told_and_never_that_something_is_not_there(
    story: Story, tmp_path: Path
) -> None:
    path, node = tmp_path / "mirror.db", story.stage.node
    with Mirror(path, story.stage.deployment, batch_events=1) as mirror, mirror.queries() as queries:
        mirror.catch_up(node)
        known, told = queries.cap_table(1), []

        def look(block: int, goal: int, _: int) -> None:
            if block < goal:
                with pytest.raises(Rebuilding, match=f"is being rebuilt: block {block} of {goal}"):
                    queries.company(1)
                with pytest.raises(Rebuilding):
                    queries.resolve_time(story.stage.node.head().time)
                told.append(block)

        mirror.rebuild(node, look)
        assert told
        assert queries.cap_table(1) == known


def test_rebuild__cut_off__goes_on_with_the_next_sync_whatever_the_chain_did_since(
    story: Story, tmp_path: Path
) -> None:
    path, node = tmp_path / "mirror.db", story.stage.node

    def cut_off(block: int, goal: int, _: int) -> None:
        raise KeyboardInterrupt

    with Mirror(path, story.stage.deployment, batch_events=1) as mirror, mirror.queries() as queries:
        with pytest.raises(KeyboardInterrupt):
            mirror.rebuild(node, cut_off)
        with pytest.raises(Rebuilding):
            queries.status()
        mirror.catch_up(node)
        assert queries.status().head.block == node.head().number
        reorganise(story, 1)
        mirror.catch_up(node)
        assert queries.status().head.block == node.head().number


def test_rebuild__file_damaged_or_of_another_deployment__is_made_anew_and_readers_see_it(
    story: Story, tmp_path: Path
) -> None:
    path, deployment = tmp_path / "mirror.db", story.stage.deployment
    other = dataclasses.replace(deployment, utc_offset=0)
    with Mirror(path, other) as mirror, mirror.queries() as queries:
        mirror.catch_up(story.stage.node)
        assert queries.status().utc_offset == 0
        with Mirror(path, deployment, for_rebuild=True) as again:
            again.rebuild(story.stage.node)
        assert queries.status().utc_offset == deployment.utc_offset
    path.write_bytes(b"damaged" * 1_000)
    with Mirror(path, deployment, for_rebuild=True) as again:
        again.rebuild(story.stage.node)
    assert dump(path) == rebuilt(story, tmp_path)


def test_follow__a_moment_after_the_transaction__the_entry_is_there(story: Story, tmp_path: Path) -> None:
    with Mirror(tmp_path / "mirror.db", story.stage.deployment) as mirror:
        mirror.catch_up(story.stage.node)
        receipt = story.stage.issue(story.classes[0], {2: 5})
        mirror.catch_up(story.stage.node)
        (newest,) = mirror.queries().entries(limit=1)
        assert (newest.tx, newest.taker, newest.shares) == (receipt.tx, 2, Shares(5))
        assert newest.act is not None
        assert newest.act.actor == signer("agent").address


def _stand(mirror: Mirror) -> int:
    try:
        return mirror.queries().stand().block
    except Unavailable:
        return -1


def _wait(condition: object, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
