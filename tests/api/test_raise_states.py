"""And what now? In every state of a raise its pages answer, in both languages, with what is true then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from registry.domain.board import CasePhase
from registry.domain.escrow import TrancheState
from registry.domain.raising import OfferingPhase
from registry.mirror import Mirror
from registry.mirror.views import AsOf
from registry.mirror.views_raise import Escrow
from tests.api.test_raise_pages import read
from tests.support.raise_home import LAPSED_RAISE, NAMES, UNEVEN_RAISE, RaisePlace
from tests.support.raise_story import ANNA, BEN

FAILING, EARLY, CUT = 3, 4, 5
Wish = Callable[[Escrow], bool]


@pytest.fixture(scope="module")
def block_of(stormy: RaisePlace) -> Callable[[int, Wish], int]:
    """The first block at which a raise is as wished."""
    with Mirror(stormy.settings.mirror_file, stormy.raiser.stage.deployment) as mirror, mirror.queries() as queries:
        head = stormy.raiser.stage.node.head().number
        seen: dict[int, dict[int, Escrow]] = defaultdict(dict)
        for block in range(1, head + 1):
            for offering in queries.offerings(as_of=AsOf(block)).items:
                seen[offering.number][block] = queries.escrow(offering.number, AsOf(block))
    return lambda number, wish: next(block for block, escrow in seen[number].items() if wish(escrow))


def in_phase(phase: OfferingPhase) -> Wish:
    return lambda escrow: escrow.offering.phase == phase


def over(escrow: Escrow) -> bool:
    offering = escrow.offering
    last = offering.terms.closes_at + offering.terms.cooling_off
    return offering.phase == OfferingPhase.OPEN and offering.region.clock > last


def in_case(milestone: int, phase: CasePhase) -> Wish:
    def wish(escrow: Escrow) -> bool:
        case = escrow.tranches[milestone].case
        return case is not None and case.phase == phase

    return wish


def in_state(milestone: int, state: TrancheState) -> Wish:
    return lambda escrow: escrow.tranches[milestone].word.state == state


def silent(escrow: Escrow) -> bool:
    case = escrow.tranches[1].case
    if case is None or case.phase != CasePhase.CHALLENGED:
        return False
    return escrow.offering.region.clock > case.window_ends + case.arbitration


STATES: list[tuple[int, Wish, str, str]] = [
    (FAILING, in_phase(OfferingPhase.DRAFT), "the platform opens the raise, by ", "平台最迟于"),
    (FAILING, in_phase(OfferingPhase.OPEN), "may subscribe until ", "前可以认购，付款后 2 天内可以全额撤回"),
    (
        FAILING,
        lambda e: e.offering.region.word.is_halted,
        "until the regulator lifts the halt",
        "恢复该地区之前不能认购",
    ),
    (FAILING, in_phase(OfferingPhase.FAILED), "anybody may set the refunds going", "任何人都可以触发退款"),
    (LAPSED_RAISE, over, "anybody may close the raise now", "任何人现在都可以结束募集"),
    (CUT, in_phase(OfferingPhase.CLOSING), "have the contract work out each part", "先由合约算定每人的份额"),
    (
        CUT,
        lambda e: e.offering.totals.handled == 2,
        "the shares of the other 2 subscribers",
        "为其余 2 位认购人触发配售",
    ),
    (CUT, in_phase(OfferingPhase.SETTLED), "Next: milestone 1, Sample delivered. Due ", "里程碑 1“样品交付”。"),
    (CUT, in_case(0, CasePhase.QUORATE), "The verdict may be disputed until ", "前可以提出异议"),
    (CUT, in_case(0, CasePhase.CHALLENGED), "disputed, and the arbiter decides until ", "仲裁人须在"),
    (CUT, in_case(0, CasePhase.UPHELD), "Anybody may now set the release going", "任何人现在都可以触发释放"),
    (CUT, in_state(1, TrancheState.VOTING), "may agree to more time until ", "同意延期"),
    (CUT, silent, "stayed silent; anybody may close the dispute", "未裁决，任何人都可以了结"),
    (CUT, in_state(2, TrancheState.MISSED), "set the payments back going", "任何人都可以触发退还"),
    (CUT, lambda e: len(e.puts) == 4, "owes for the shares that were put", "尚欠回售股份的价款"),
    (EARLY, in_state(0, TrancheState.RELEASED), "Nothing more is to be done here", "没有待办事项"),
]


@pytest.mark.parametrize(("number", "wish", "english", "chinese"), STATES, ids=[words for *_, words, _ in STATES])
def test_pages__in_each_state__say_what_comes_next(
    storm_client: TestClient,
    block_of: Callable[[int, Wish], int],
    number: int,
    wish: Wish,
    english: str,
    chinese: str,
) -> None:
    block = block_of(number, wish)
    for path in (f"/raises/{number}", f"/raises/{number}/escrow"):
        assert english in read(storm_client, path, as_of_block=block)
        assert chinese in read(storm_client, path, lang="zh", as_of_block=block)


def test_escrow__rest_of_less_than_a_fen_a_lot__is_rounding_and_not_due(storm_client: TestClient) -> None:
    text = read(storm_client, f"/raises/{UNEVEN_RAISE}/escrow")
    assert "Every milestone is decided. The company received ¥ 50.06, subscribers took back ¥ 75.10." in text
    assert "Held left by rounding down each part; it stays in escrow 0.01" in text
    assert "The money went back to the subscribers." in text
    assert "can be taken back" not in text
    assert "各份向下取整的余数，留在存管中" in read(storm_client, f"/raises/{UNEVEN_RAISE}/escrow", lang="zh")
    own = read(storm_client, f"/parties/{BEN}/money")
    assert "11 shares for ¥ 46.75. 6 of them ended when ¥ 26.65 were paid back; 5 are left." in own
    assert "can be taken back" not in own


def test_escrow__one_lot_not_paid_yet__is_due(storm_client: TestClient, block_of: Callable[[int, Wish], int]) -> None:
    missed = block_of(UNEVEN_RAISE, lambda escrow: bool(escrow.offering.purse.redeemable))
    text = read(storm_client, f"/raises/{UNEVEN_RAISE}/escrow", as_of_block=missed)
    assert "¥ 75.11 can be taken back now" in text
    assert "The ¥ 75.11 left in escrow are the subscribers' to take back." in text


def test_offer__told_to_its_end__tells_the_present(
    storm_client: TestClient, block_of: Callable[[int, Wish], int]
) -> None:
    early = read(storm_client, f"/raises/{EARLY}")
    assert "Every milestone was reached. The company has received ¥ 6,056.25; nothing waits any more." in early
    uneven = read(storm_client, f"/raises/{UNEVEN_RAISE}")
    assert (
        "Subscribers took back ¥ 75.10, and the shares paid with it ended; the company has received ¥ 50.06" in uneven
    )
    released = block_of(CUT, in_state(0, TrancheState.RELEASED))
    part = read(storm_client, f"/raises/{CUT}", as_of_block=released)
    assert "The company has received ¥ 807.50; ¥ 3,230.00 still wait in escrow for milestones." in part


def test_offer__subscribers__read_what_became_of_each(
    storm_client: TestClient, block_of: Callable[[int, Wish], int]
) -> None:
    parked = block_of(CUT, in_phase(OfferingPhase.SETTLED))
    text = read(storm_client, f"/raises/{CUT}", as_of_block=parked)
    assert f"{NAMES[BEN]} qualified investor 2,550.00 – – – ■ Frozen by order, so the shares wait." in text
    end = read(storm_client, f"/raises/{CUT}")
    assert f"{NAMES[ANNA]} qualified investor 2,975.00 427 427 2,539.46 ✓ Sold 103 shares to the payer" in end
    assert "1,415.25 203 154 1,208.19 ○ Put 49 shares; ¥ 211.02 are owed for them" in end
    assert "Total 6,999.75 1,000 951 5,979.75" in end
    failed = read(storm_client, f"/raises/{FAILING}")
    assert "The raise failed, all went back" in failed


def test_own_money__with_a_put__says_what_may_be_sold_and_what_was(
    storm_client: TestClient, block_of: Callable[[int, Wish], int]
) -> None:
    redeemed = block_of(CUT, lambda escrow: bool(escrow.offering.purse.redeemed))
    before = read(storm_client, f"/parties/{ANNA}/money", as_of_block=redeemed)
    assert "103 shares may be sold to the payer named in the terms" in before
    assert "103 shares were sold to the payer for ¥ 443.87." in read(storm_client, f"/parties/{ANNA}/money")
