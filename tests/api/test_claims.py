"""The end of claims in answers and pages: until when, what waits for shares that were sold, what lapsed and where."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from registry.mirror import Mirror
from registry.mirror.views import AsOf
from registry.mirror.views_raise import Escrow
from tests.api.test_raise_pages import read
from tests.api.test_register import ask
from tests.support.raise_home import LAPSED_RAISE, NAMES, RaisePlace
from tests.support.raise_stage import DAY
from tests.support.raise_storm import DORA, EMIL, GRETA
from tests.support.raise_story import ANNA, FOUNDER, ISSUER

V1 = "/api/v1"
CUT = 5
ESCROW = f"/raises/{LAPSED_RAISE}/escrow"
SOLD, OF_EMIL, OF_GRETA, BACK = "258.11", "201.87", "56.24", "145.63"
"""[CNY] What is due to shares that were sold, and what came back for those that were not."""
Wish = Callable[[Escrow], bool]
WISHES: dict[str, Wish] = {
    "early": lambda e: bool(e.offering.purse.redeemed) and not e.offering.claims_end,
    "runs": lambda e: e.offering.claims_end != 0 and e.offering.purse.redeemed == 14_563,
    "over": lambda e: e.offering.is_claim_over,
    "once": lambda e: len(e.lapses) == 1,
    "end": lambda e: len(e.lapses) == 2,
}


@pytest.fixture(scope="module")
def blocks(stormy: RaisePlace) -> dict[str, int]:
    """The first block at which the raise is as wished."""
    head = stormy.raiser.stage.node.head().number
    with Mirror(stormy.settings.mirror_file, stormy.raiser.stage.deployment) as mirror, mirror.queries() as queries:
        escrows = {block: queries.escrow(LAPSED_RAISE, AsOf(block)) for block in range(head - 20, head + 1)}
    return {name: min(block for block, escrow in escrows.items() if wish(escrow)) for name, wish in WISHES.items()}


# --- answers ---


def test_escrow__its_terms_and_claims__are_told(
    storm_client: TestClient, stormy: RaisePlace, blocks: dict[str, int]
) -> None:
    path = f"{V1}/offerings/{LAPSED_RAISE}/escrow"
    early = ask(storm_client, path, as_of_block=blocks["early"])["escrow"]
    heir = "0x" + stormy.raiser.account(ISSUER).hex()
    assert (early["terms"]["claims"], early["terms"]["lapse_account"]) == (180 * DAY, heir)
    assert (early["claims_end"], early["lapsed"]) == (None, "0")
    runs = ask(storm_client, path, as_of_block=blocks["runs"])
    assert runs["as_of"]["time"] < runs["escrow"]["claims_end"]
    end = ask(storm_client, path)["escrow"]
    assert end["claims_end"] == runs["escrow"]["claims_end"]
    assert (end["lapsed"], end["money"]["redeemed"]) == ("25811", str(14_563 + 25_811))
    money = {name: int(amount) for name, amount in end["money"].items()}
    assert money.pop("money_in") == sum(money.values())


def test_subscriptions__sold__tell_what_lapsed_apart_from_what_came_back(storm_client: TestClient) -> None:
    found = ask(storm_client, f"{V1}/offerings/{LAPSED_RAISE}/subscriptions")["items"]
    told = {row["party"]: (row["redeemed"], row["lapsed"], row["shares_ended"]) for row in found}
    assert told == {ANNA: ("8075", "0", "19"), EMIL: ("0", "20187", "0"), GRETA: ("6488", "5624", "15")}


def test_party_money__sold__tells_what_lapses_and_when(storm_client: TestClient, blocks: dict[str, int]) -> None:
    path = f"{V1}/parties/{GRETA}/money"
    early = ask(storm_client, path, as_of_block=blocks["early"])["investments"][0]
    assert (early["due"], early["unheld"], early["claims_end"]) == ("6488", "5624", None)
    runs = ask(storm_client, path, as_of_block=blocks["runs"])["investments"][0]
    assert (runs["due"], runs["unheld"], runs["held"]) == ("0", "5624", "0")
    assert runs["claims_end"].startswith("2028-")
    end = ask(storm_client, path)["investments"][0]
    assert (end["unheld"], end["subscription"]["lapsed"]) == ("0", "5624")


# --- where the money is ---


def test_escrow_page__its_rules__say_how_long_and_what_lapses_to_whom(storm_client: TestClient) -> None:
    text = read(storm_client, ESCROW)
    assert "Claim period 180 days from when the last milestone is decided, if one was missed: so long" in text
    assert "What lapses after that the missed money of shares that their subscriber sold; it goes to" in text
    assert f"the registered account of {NAMES[ISSUER]}" in text
    without_put = read(storm_client, "/raises/2/escrow")
    assert "if one was missed. Money for shares still held has no time limit." in without_put
    zh = read(storm_client, ESCROW, lang="zh")
    assert "主张期 有里程碑未达成的，自最后一个里程碑了结起 180 天" in zh
    assert f"此后失权 认购人已卖出的股份所对应的退款失权，付至{NAMES[ISSUER]}的登记账户" in zh


def test_escrow_page__half_missed__says_what_sold_shares_mean(storm_client: TestClient, blocks: dict[str, int]) -> None:
    text = read(storm_client, ESCROW, as_of_block=blocks["early"])
    assert f"¥ {SOLD} are due to shares that were sold" in text
    assert "can take the money back, until 180 days after the last milestone is decided." in text
    assert "They have 180 days for it, once the other milestones are decided." in text
    assert "¥ 64.89 can be taken back now" in text


def test_escrow_page__while_claims_run__says_until_when(storm_client: TestClient, blocks: dict[str, int]) -> None:
    text = read(storm_client, ESCROW, as_of_block=blocks["runs"])
    until = re.search(r"The claim period runs until (.{10,40}?), (\d+) days more", text)
    assert until
    assert f"They have until {until[1]}, {until[2]} days more." in text
    assert f"hold these shares again by {until[1]}, {until[2]} days more, can take the money back" in text
    assert f"anybody may have it paid to {NAMES[ISSUER]}, as the terms say" in text
    assert f"may sell their remaining shares to the payer that the terms name, until {until[1]}." in text
    assert "The money for shares still held went back to the subscribers." in text
    zh = read(storm_client, ESCROW, lang="zh", as_of_block=blocks["runs"])
    assert re.search(r"主张期至 2028年\S+ [\d:]+，还有 1\d\d 天", zh)
    assert f"认购人可以将本次募集的剩余股份卖给{NAMES[FOUNDER]}" in zh


def test_escrow_page__claims_over__anybody_may_let_the_rest_lapse(
    storm_client: TestClient, blocks: dict[str, int]
) -> None:
    text = read(storm_client, ESCROW, as_of_block=blocks["over"])
    assert "The claim period ended on " in text
    assert f"Next: anybody may have the ¥ {SOLD} that lapse paid to the account that the terms name." in text
    assert "may sell their remaining shares" not in text
    zh = read(storm_client, ESCROW, lang="zh", as_of_block=blocks["over"])
    assert f"任何人都可以将失权款 ¥ {SOLD} 付至条款指明的账户" in zh


def test_escrow_page__lapsed__says_where_it_went(storm_client: TestClient, blocks: dict[str, int]) -> None:
    once = read(storm_client, ESCROW, as_of_block=blocks["once"])
    assert f"¥ {OF_EMIL} lapsed and went to {NAMES[ISSUER]} on " in once
    assert f"¥ {OF_GRETA} are due to shares that were sold" in once
    end = read(storm_client, ESCROW)
    assert f"subscribers took back ¥ {BACK}." in end
    assert f"¥ {SOLD} lapsed and went to {NAMES[ISSUER]} on " in end
    assert "Redeemed taken back after a missed milestone, or lapsed 403.74" in end
    assert f"of which lapsed to {NAMES[ISSUER]}, for shares that were sold {SOLD} Came in 850.00" in end
    assert "Nothing more is to be done here." in end
    assert "claim period runs" not in end
    zh = read(storm_client, ESCROW, lang="zh")
    assert f"其中失权款 付至{NAMES[ISSUER]}，对应已卖出的股份 {SOLD}" in zh


def test_escrow_page__put_owed__can_be_paid_as_long_as_claims_run(storm_client: TestClient, stormy: RaisePlace) -> None:
    head = stormy.raiser.stage.node.head().number
    over = read(storm_client, f"/raises/{CUT}/escrow")
    assert "are owed for shares that were put The payer named in the terms has not paid. Since " in over
    assert "it can't be paid here any more; the debt stands recorded, and is settled elsewhere." in over
    assert "The payer named in the terms still owes for shares that were put." in over
    runs = read(storm_client, f"/raises/{CUT}/escrow", as_of_block=head - 20)
    assert "Anybody may pay for it until " in runs
    assert "anybody may pay for it until " in runs


# --- the offer ---


def test_offer__subscribers__say_who_sold_and_what_lapsed(storm_client: TestClient, blocks: dict[str, int]) -> None:
    path = f"/raises/{LAPSED_RAISE}"
    over = read(storm_client, path, as_of_block=blocks["over"])
    assert f"{NAMES[EMIL]} institution 425.00 100 – – ◐ Sold shares; ¥ {OF_EMIL} for them wait, then lapse" in over
    end = read(storm_client, path)
    assert f"{NAMES[EMIL]} institution 425.00 100 – – ✕ Sold its shares; ¥ {OF_EMIL} for them lapsed" in end
    assert f"60 15 64.88 ✕ Part paid back: 15 shares ended; ¥ {OF_GRETA} for sold ones lapsed" in end
    # What lapsed did not come back, and the shares go on in other hands.
    assert f"Total 850.00 200 34 {BACK}" in end
    assert f"Subscribers took back ¥ {BACK}, and the shares paid with it ended" in end
    assert f"¥ {SOLD} lapsed and went to {NAMES[ISSUER]}" in end


# --- own money ---


def test_own_money__with_a_put__says_until_when(storm_client: TestClient, blocks: dict[str, int]) -> None:
    runs = read(storm_client, f"/parties/{ANNA}/money", as_of_block=blocks["runs"])
    until = re.search(
        r"The rest of the shares can be sold to the payer until (.{10,40}?) Raise no\. 6, 1\d\d days", runs
    )
    assert until
    assert f"Until {until[1]}, 21 shares may be sold to the payer named in the terms" in runs
    over = read(storm_client, f"/parties/{ANNA}/money", as_of_block=blocks["over"])
    assert "The time for selling the rest of the shares to the payer ended on " in over
    assert "shares may be sold" not in over


@pytest.mark.parametrize(("state", "english", "chinese"), [
    ("early", "If they are held again, the money can be taken back; 180 days after", "最后一个里程碑了结 180 天后失权"),
    ("runs", f"¥ {OF_GRETA} lapse if the shares are not held again by ", f"前未重新持有股份的，¥ {OF_GRETA} 失权"),
    ("over", "The claim period is over, so the money lapses: anybody may have it", "主张期已届满，这笔款项失权"),
    ("end", f"¥ {OF_GRETA} of it lapsed, because the shares were sold;", f"其中 ¥ {OF_GRETA} 因股份已卖出而失权"),
])  # fmt: skip
def test_own_money__of_who_sold__says_what_lapses_when_and_to_whom(
    storm_client: TestClient, blocks: dict[str, int], state: str, english: str, chinese: str
) -> None:
    path, block = f"/parties/{GRETA}/money", blocks[state]
    text = read(storm_client, path, as_of_block=block)
    assert english in text
    if state != "early":
        assert NAMES[ISSUER] in text
    assert chinese in read(storm_client, path, lang="zh", as_of_block=block)


def test_own_money__lapsed__stands_beside_what_came_back(storm_client: TestClient) -> None:
    for path in (f"/parties/{GRETA}/money", f"/companies/1/holders/{GRETA}"):
        text = read(storm_client, path)
        back = f"Paid back (redeemed), CNY 64.88 Lapsed, CNY {OF_GRETA}"
        assert (
            f"{back} Went to the company, CNY 121.12 Fee, CNY 12.75 Rounding, CNY 0.01 Held for you, CNY 0.00" in text
        )
        assert "15 of them ended when ¥ 64.88 were paid back. " in text
    assert "Lapsed, CNY" not in read(storm_client, f"/parties/{ANNA}/money")


def test_own_money__put_that_nobody_paid__is_settled_elsewhere(storm_client: TestClient) -> None:
    text = read(storm_client, f"/parties/{DORA}/money")
    assert "It can pay here while the claim period runs; after that the debt stands recorded" in text
