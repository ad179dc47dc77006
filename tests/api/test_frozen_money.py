"""What the pages say of money under an order, of a vote that failed, and how a subscriber's figures add up."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from registry.chain import contracts_raise
from registry.chain.anvil import running
from registry.mirror import Mirror
from registry.mirror.views import AsOf
from tests.api.test_raise_pages import read
from tests.support.raise_home import NAMES, RaisePlace, kept
from tests.support.raise_stage import EXTEND, HOUR, NO_RATCHET, PUT, Raiser, tranche, usual_escrow, usual_terms
from tests.support.raise_storm import freeze
from tests.support.raise_story import ANNA, BEN, CARL, FOUNDER, FUND, ISSUER, PLATFORM, raise_ready
from tests.support.stage import set_up

PRICE = 425
SHARES = {ANNA: 301, BEN: 699, FUND: 100}
"""Who subscribed how many: the fund alone agrees to more time, with 100 of 1,100."""


@pytest.fixture(scope="module")
def stuck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaisePlace]:
    """A milestone whose extension failed, one with a put that ended with it, and one lot that an order keeps back."""
    with running() as chain:
        raiser, steps = raise_ready(set_up(chain)), dict[str, int]()
        _tell(raiser, steps)
        yield RaisePlace(kept(raiser, tmp_path_factory.mktemp("stuck"), chain.url), raiser, steps)
        raiser.stage.node.close()


@pytest.fixture(scope="module")
def stuck_client(stuck: RaisePlace) -> Iterator[TestClient]:
    with TestClient(create_app(stuck.settings), base_url="http://127.0.0.1:8080") as client:
        yield client


def _tell(raiser: Raiser, steps: dict[str, int]) -> None:
    calls, token = contracts_raise.escrow, raiser.stage.deployment.token

    def step(name: str) -> None:
        steps[name] = raiser.stage.node.head().number

    terms = usual_terms(raiser, PLATFORM, minimum=PRICE * 500, maximum=PRICE * 2_000, investor_minimum=PRICE)
    tranches = [
        tranche(terms, 30, ("Prototype", "样机"), value=3_333),
        tranche(terms, 60, ("Pilot", "试点"), EXTEND, value=3_333),
        tranche(terms, 90, ("Series", "量产"), PUT, value=3_334),
    ]
    raiser.create(terms, usual_escrow(raiser, ISSUER, FOUNDER), tranches, NO_RATCHET)
    raiser.open()
    for party, shares in SHARES.items():
        raiser.subscribe(party, PRICE * shares)
    raiser.close()
    raiser.allot(ANNA)
    step("closing")
    raiser.allot(BEN, FUND)
    raiser.attest("lab", 0)
    raiser.attest("auditor", 0)
    raiser.release(0)
    step("released")
    raiser.miss(1)
    raiser.pass_time(HOUR)
    consent = calls.consent_for(raiser.header(), 1, raiser.account(FUND))
    raiser.by("platform", raiser.escrow, consent)
    raiser.pass_time(100 * HOUR)
    step("voted")
    raiser.by("stranger", raiser.escrow, calls.close_vote(1))
    freeze(raiser, BEN, True)
    step("missed")
    raiser.redeem(ANNA, BEN, FUND)
    raiser.by("regulator", token, contracts_raise.token.set_frozen(raiser.header(), raiser.account(CARL), True))
    step("left")
    freeze(raiser, BEN, False)


# --- the escrow ---


def test_escrow__only_a_frozen_lot_left__waits_for_the_order_to_be_lifted(
    stuck: RaisePlace, stuck_client: TestClient
) -> None:
    both = read(stuck_client, "/raises/1/escrow", as_of_block=stuck.steps["missed"])
    assert "¥ 1,881.57 can be taken back once the order is lifted" in both
    assert "¥ 1,079.42 can be taken back now" in both
    for path in ("/raises/1/escrow", "/raises/1", f"/parties/{BEN}/money", f"/companies/1/holders/{BEN}"):
        text = read(stuck_client, path, as_of_block=stuck.steps["left"])
        assert "once the order is lifted" in text
        assert "can be taken back now" not in text
        zh = read(stuck_client, path, lang="zh", as_of_block=stuck.steps["left"])
        assert "命令解除后" in zh
        assert "现在可以取回" not in zh
    lifted = read(stuck_client, "/raises/1/escrow")
    assert "can be taken back now" in lifted
    assert "once the order is lifted" not in lifted


def test_escrow__only_a_frozen_lot_left__next_step_and_milestones_say_so(
    stuck: RaisePlace, stuck_client: TestClient
) -> None:
    text = read(stuck_client, "/raises/1/escrow", as_of_block=stuck.steps["left"])
    assert "Next: ¥ 1,881.57 of frozen subscribers are paid back once the order is lifted, without" in text
    assert "The money of frozen subscribers waits until the order is lifted; the others were paid." in text
    assert "anybody may set the payments back going" not in text.lower()


def test_escrow__extension_vote_failed__says_how_many_agreed(stuck: RaisePlace, stuck_client: TestClient) -> None:
    open_ = read(stuck_client, "/raises/1/escrow", as_of_block=stuck.steps["voted"])
    figures = "9.09 % of their shares agreed, 50.00 % were needed."
    assert re.search(rf"did not agree to more time by [^:]+: {figures} Anybody may now close the vote", open_)
    closed = read(stuck_client, "/raises/1/escrow")
    assert f"and the subscribers did not agree to more time: {figures}" in closed
    zh = read(stuck_client, "/raises/1/escrow", lang="zh")
    assert "认购人也未同意延期：9.09% 的股份同意，需要 50.00%" in zh.replace(" %", "%")


def test_escrow__put__stands_only_while_it_can_come(stuck: RaisePlace, stuck_client: TestClient) -> None:
    before = read(stuck_client, "/raises/1/escrow", as_of_block=stuck.steps["voted"])
    assert "buys the rest of the shares back" in before
    assert "so long the rest of the shares can be put" in before
    after = read(stuck_client, "/raises/1/escrow")
    assert "buys the rest of the shares back" not in after
    assert "can be put" not in after
    assert "180 days from when the last milestone is decided" in after
    assert "购回其余股份" not in read(stuck_client, "/raises/1/escrow", lang="zh")


def test_escrow__put_that_came__still_stands(storm_client: TestClient) -> None:
    assert "so long the rest of the shares can be put" in read(storm_client, "/raises/5/escrow")


# --- own money ---


def test_money__account_under_an_order__is_not_free(stuck: RaisePlace, stuck_client: TestClient) -> None:
    free = read(stuck_client, f"/parties/{CARL}/money", as_of_block=stuck.steps["missed"])
    assert "Free to use ¥ 95,000.00 in 2 accounts" in free
    text = read(stuck_client, f"/parties/{CARL}/money")
    assert "Free to use ¥ 0.00 ■ ¥ 95,000.00 frozen by order in 2 accounts" in text
    assert "An account is frozen by order It still receives money" in text
    assert "¥ 95,000.00, frozen by order" in text
    assert "可用余额 ¥ 0.00 ■ ¥ 95,000.00 因命令被冻结" in read(stuck_client, f"/parties/{CARL}/money", lang="zh")


def test_money__frozen_party__reads_what_that_means(stuck: RaisePlace, stuck_client: TestClient) -> None:
    text = read(stuck_client, f"/parties/{BEN}/money", as_of_block=stuck.steps["left"])
    assert "The investor is frozen by order Until the order is lifted the investor cannot sell" in text
    assert "While the order stands nothing is paid; the money waits and does not lapse." in text
    assert "frozen by order" not in read(stuck_client, f"/parties/{BEN}/money")


def test_money__one_lot__its_parts_add_up_to_the_fen(stuck: RaisePlace, stuck_client: TestClient) -> None:
    text = read(stuck_client, f"/parties/{ANNA}/money")
    parts = "Refunded, CNY 0.00 Paid back (redeemed), CNY 810.23 Went to the company, CNY 405.05 "
    assert f"Subscribed, CNY 1,279.25 {parts}Fee, CNY 63.96 Rounding, CNY 0.01 Held for you, CNY 0.00" in text
    assert "each part is rounded down, and what that leaves is called rounding." in text
    assert NAMES[ANNA] in text


def test_money__every_lot_at_every_block__adds_up_to_the_fen(stormy: RaisePlace, stuck: RaisePlace) -> None:
    seen = set[str]()
    for place in (stormy, stuck):
        deployment, node = place.raiser.stage.deployment, place.raiser.stage.node
        with Mirror(place.settings.mirror_file, deployment) as mirror, mirror.queries() as queries:
            parties = [party.id for party in queries.parties().items]
            for block in range(1, node.head().number + 1, 3):
                for party in parties:
                    for each in queries.investments(party, AsOf(block)):
                        row = each.subscription
                        parts = {
                            "returned": row.returned, "redeemed": row.redeemed, "lapsed": row.lapsed,
                            "released": each.released, "fee": each.fee, "held": each.held, "unheld": each.unheld,
                            "rounding": each.rounding,
                        }  # fmt: skip
                        assert sum(parts.values()) == row.paid, (block, party, parts)
                        assert 0 <= each.rounding <= 2
                        seen |= {name for name, amount in parts.items() if amount}
    assert seen == {"returned", "redeemed", "lapsed", "released", "fee", "held", "unheld", "rounding"}
