"""The end of claims in the mirror: until when, what is due to shares that were sold, what lapsed and where it went."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from registry.domain.ids import PartyId
from registry.errors import HaltError
from registry.mirror import AsOf, Mirror, Queries
from registry.mirror.views_lots import Investment
from tests.support.raise_stage import DAY, Raiser
from tests.support.raise_storm import EMIL, GRETA, LAPSING, PRICE, SOLD
from tests.support.raise_story import ANNA, ISSUER

LAST = 5
"""The raise whose lots were sold before it was missed."""
RAISED = PRICE * sum(LAPSING.values())
REDEEMABLE = RAISED * 95 // 100 // 2
DUE = {party: PRICE * shares * REDEEMABLE // RAISED for party, shares in LAPSING.items()}
ENDING = {party: shares * REDEEMABLE // RAISED for party, shares in LAPSING.items()}
KEPT = LAPSING[GRETA] - SOLD
PAID_TO_GRETA = DUE[GRETA] * KEPT // ENDING[GRETA]
LAPSED = {EMIL: DUE[EMIL], GRETA: DUE[GRETA] - PAID_TO_GRETA}


def lot(queries: Queries, party: int, as_of: AsOf) -> Investment:
    return next(each for each in queries.investments(party, as_of) if each.offering.number == LAST)


@pytest.fixture(scope="module")
def blocks(shared_raise: Raiser, raised: Queries) -> dict[str, AsOf]:
    """Before anything was missed, when half was, when the rest was released, when claims are over, after each lapse."""
    head = shared_raise.stage.node.head().number
    escrows = {block: raised.escrow(LAST, AsOf(block)) for block in range(head - 12, head + 1)}
    missed = min(block for block, escrow in escrows.items() if escrow.offering.purse.redeemable)
    began = min(block for block, escrow in escrows.items() if escrow.offering.claims_end)
    first, second = (min(block for block, escrow in escrows.items() if len(escrow.lapses) == count) for count in (1, 2))
    found = {"before": missed - 1, "missed": missed, "began": began, "over": first - 1, "once": first, "twice": second}
    return {name: AsOf(block) for name, block in found.items()}


def test_claims_end__from_the_last_decision__is_known_from_then_on(
    shared_raise: Raiser, raised: Queries, blocks: dict[str, AsOf]
) -> None:
    assert raised.offering(LAST, blocks["missed"]).claims_end == 0
    began = raised.offering(LAST, blocks["began"])
    assert began.claims_end == began.region.clock + 180 * DAY
    assert not began.is_claim_over
    assert raised.offering(LAST, blocks["over"]).is_claim_over
    # The second failed, and of the third nothing was missed: there is nothing to claim.
    assert [number for number in range(1, LAST + 1) if raised.offering(number).claims_end] == [1, 4, LAST]
    terms = raised.escrow(LAST).terms
    assert (terms.claims, terms.lapse_account) == (180 * DAY, shared_raise.account(ISSUER))


def test_unheld__before_anything_lapsed__is_what_lapses(raised: Queries, blocks: dict[str, AsOf]) -> None:
    assert raised.escrow(LAST, blocks["before"]).unheld == {}
    missed = raised.escrow(LAST, blocks["missed"])
    # Greta still holds some: what these bring is due to her.
    assert missed.unheld == LAPSED
    assert [lot(raised, party, blocks["missed"]).due for party in LAPSING] == [0, PAID_TO_GRETA, DUE[ANNA]]
    over = raised.escrow(LAST, blocks["over"])
    assert over.unheld == LAPSED
    assert over.offering.purse.redeemed == DUE[ANNA] + PAID_TO_GRETA
    assert raised.escrow(LAST, blocks["once"]).unheld == {GRETA: LAPSED[GRETA]}
    assert raised.escrow(LAST, blocks["twice"]).unheld == {}


def test_lapses__each__says_where_it_went_apart_from_what_came_back(
    shared_raise: Raiser, raised: Queries, blocks: dict[str, AsOf]
) -> None:
    escrow = raised.escrow(LAST)
    assert [(each.account, each.amount) for each in escrow.lapses] == [
        (shared_raise.account(ISSUER), LAPSED[party]) for party in (EMIL, GRETA)
    ]
    money = escrow.offering.money
    assert (money.lapsed, money.taken_back) == (sum(LAPSED.values()), DUE[ANNA] + PAID_TO_GRETA)
    assert money.redeemed == money.lapsed + money.taken_back
    assert raised.offering(LAST, blocks["once"]).lapsed == LAPSED[EMIL]
    rows = {row.party: row for row in raised.subscriptions(LAST)}
    assert {party: (row.lapsed, row.lapsed_shares) for party, row in rows.items()} == {
        EMIL: (LAPSED[EMIL], ENDING[EMIL]),
        GRETA: (LAPSED[GRETA], ENDING[GRETA] - KEPT),
        ANNA: (0, 0),
    }
    # Shares that were sold go on in other hands: only what was paid back ended any.
    assert {party: (row.redeemed, row.ended) for party, row in rows.items()} == {
        EMIL: (0, 0),
        GRETA: (PAID_TO_GRETA, KEPT),
        ANNA: (DUE[ANNA], ENDING[ANNA]),
    }


def test_investment__sold__holds_back_what_is_not_its_own_any_more(raised: Queries, blocks: dict[str, AsOf]) -> None:
    emil = lot(raised, EMIL, blocks["began"])
    assert (emil.holding, emil.left, emil.held, emil.unheld) == (0, 0, 0, DUE[EMIL])
    greta = lot(raised, GRETA, blocks["began"])
    assert (greta.holding, greta.left, greta.held) == (KEPT, KEPT, PAID_TO_GRETA)
    anna = lot(raised, ANNA, AsOf())
    assert (anna.left, anna.unheld, anna.due) == (LAPSING[ANNA] - ENDING[ANNA], 0, 0)
    # Whatever legal day was asked for: contracts know blocks only.
    early = AsOf(blocks["began"].block, effective_on=raised.entries(limit=1, newest_first=False).items[0].effective_on)
    assert (lot(raised, GRETA, early).holding, lot(raised, GRETA, early).unheld) == (KEPT, LAPSED[GRETA])


def test_catch_up__stopped_between_two_lapses__goes_on_with_the_sums(shared_raise: Raiser, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, shared_raise.stage.deployment) as mirror:
        mirror.catch_up(shared_raise.stage.node, until=shared_raise.stage.node.head().number - 1)
    with Mirror(path, shared_raise.stage.deployment) as mirror, mirror.queries() as queries:
        assert queries.offering(LAST).lapsed == LAPSED[EMIL]
        mirror.catch_up(shared_raise.stage.node)
        assert queries.offering(LAST).lapsed == sum(LAPSED.values())


def test_catch_up__a_lot_that_lapses_and_never_was__halts(shared_raise: Raiser, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, shared_raise.stage.deployment) as mirror:
        mirror.catch_up(shared_raise.stage.node, until=shared_raise.stage.node.head().number - 1)
    connection = sqlite3.connect(path)
    changed = "UPDATE subscriptions SET word = zeroblob(32) WHERE offering = ? AND party = ?"
    assert connection.execute(changed, (LAST, GRETA)).rowcount
    connection.commit()
    connection.close()
    with (
        Mirror(path, shared_raise.stage.deployment) as mirror,
        pytest.raises(HaltError, match=f"LotLapsed of party {PartyId(GRETA)}, whose subscription has status 0"),
    ):
        mirror.catch_up(shared_raise.stage.node)
