"""Reading raises: pages, orders, an investor's own money, verdicts with evidence; clear words where nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from registry.errors import InputError
from registry.mirror import AsOf, Page, Queries
from registry.mirror.views_lots import Investment
from registry.mirror.views_money import MoneyMove
from tests.mirror.test_queries import walked
from tests.support.raise_stage import INVESTOR_CEILING, REACHED, REGION, SIGNED, Raiser
from tests.support.raise_storm import DORA, KIND
from tests.support.raise_story import (
    AMOUNTS,
    ANNA,
    AUDITOR,
    BEN,
    CARL,
    FEE,
    FOUNDER,
    FUND,
    ISSUER,
    LAB,
    PLATFORM,
    RAISED,
    REGISTRAR,
    TITLES,
    TRANCHE,
)
from tests.support.stage import document

DRAFT, OPEN, CLOSING, SETTLED, FAILED = 1, 2, 3, 4, 5
RELEASED, MISSED = 2, 4
PAID, ALLOTTED = 1, 3


def block_of(queries: Queries, offering: int, phase: int) -> AsOf:
    """The block at which a raise entered a phase."""
    return AsOf(next(each.block for each in queries.offering(offering).phases if each.phase == phase))


def investment(queries: Queries, party: int, offering: int, as_of: AsOf | None = None) -> Investment:
    found = queries.investments(party, as_of or AsOf())
    return next(each for each in found if each.offering.number == offering)


# --- what is not there ---


@pytest.mark.parametrize(("ask", "code"), [
    (lambda q: q.offering(99), "offering_unknown"),
    (lambda q: q.offering(b"\x01" * 20), "offering_unknown"),
    (lambda q: q.offering(1, AsOf(15)), "offering_unknown"),
    (lambda q: q.subscriptions(99), "offering_unknown"),
    (lambda q: q.escrow(99), "offering_unknown"),
    (lambda q: q.verifiers(99), "company_unknown"),
    (lambda q: q.contradictions(99), "company_unknown"),
    (lambda q: q.attestations(99), "offering_unknown"),
    (lambda q: q.attestation(7), "attestation_unknown"),
    (lambda q: q.party_money(7), "party_unknown"),
    (lambda q: q.money_moves(7), "party_unknown"),
    (lambda q: q.annual_use(7, 2026), "party_unknown"),
    (lambda q: q.bank_movements(cursor="x"), "cursor_malformed"),
    (lambda q: q.offerings(limit=0), "limit_out_of_range"),
])  # fmt: skip
def test_queries__what_is_not_there__is_refused_by_name(
    raised: Queries, ask: Callable[[Queries], object], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        ask(raised)
    assert caught.value.code == code
    assert caught.value.field


def test_queries__nobody_and_nothing__are_empty(raised: Queries) -> None:
    assert raised.investments(7) == ()
    assert raised.offerings(99).items == ()
    assert raised.bank_movement(b"never".ljust(32, b"\0")) is None
    assert raised.region(999).word.raise_ceiling == 0
    assert raised.verifiers(b"\x01" * 20) == ()
    nobody = b"\x07" * 20
    assert raised.money_accounts([nobody])[nobody].balance == 0


# --- raises ---


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_offerings__page_by_page__newest_first(raised: Queries, limit: int) -> None:
    found = walked(lambda cursor: raised.offerings(1, cursor=cursor, limit=limit))
    assert [offering.number for offering in found] == [5, 4, 3, 2, 1]
    assert found == walked(lambda cursor: raised.offerings(cursor=cursor, limit=limit))


def test_offering__by_number_or_address__is_the_same(raised: Queries) -> None:
    offering = raised.offering(1)
    assert raised.offering(offering.address) == raised.offering(offering.escrow) == offering
    assert (offering.terms.maximum, offering.terms.fee_bps, offering.region.region) == (595_000_000, 500, REGION)
    assert offering.region.word.investor_ceiling == INVESTOR_CEILING
    assert [each.phase for each in offering.phases] == [DRAFT, OPEN, CLOSING, SETTLED]
    assert offering.phases[1].document is not None
    assert offering.phases[2].document is None


def test_offering__from_draft_to_redeemed__the_money_is_always_whole(raised: Queries, shared_raise: Raiser) -> None:
    seen = set()
    first = raised.offering(1).phases[0].block
    for block in range(first, raised.stand().block + 1):
        money = raised.offering(1, AsOf(block)).money
        assert money.is_whole
        seen.add(money)
    held = RAISED - FEE
    end = raised.offering(1).money
    assert (end.money_in, end.refunded, end.fee, end.released) == (RAISED + AMOUNTS[CARL], AMOUNTS[CARL], FEE, TRANCHE)
    assert (end.held, end.redeemed) == (0, held - TRANCHE)
    assert len(seen) > 8


def test_offering__failed__everything_went_back(raised: Queries) -> None:
    offering = raised.offering(2)
    assert offering.phase == FAILED
    assert offering.money.money_in == offering.money.refunded == 425_000
    assert [each.phase for each in offering.phases] == [DRAFT, OPEN, FAILED]
    assert raised.region(REGION).word.halted_for > 0


def test_subscriptions__by_party__page_by_page(raised: Queries) -> None:
    found = walked(lambda cursor: raised.subscriptions(1, cursor=cursor, limit=2))
    assert [row.party for row in found] == [FUND, ANNA, BEN, CARL]
    rows = {row.party: row for row in found}
    assert rows[ANNA].word.status == ALLOTTED
    assert (rows[ANNA].word.amount, rows[ANNA].shares, rows[ANNA].paid) == (AMOUNTS[ANNA], 200_000, AMOUNTS[ANNA])
    assert rows[ANNA].disclosure == SIGNED
    assert rows[CARL].is_withdrawn
    assert (rows[CARL].paid, rows[CARL].returned) == (AMOUNTS[CARL], AMOUNTS[CARL])
    cut = {row.party: row for row in raised.subscriptions(4)}
    assert sum(row.shares for row in cut.values()) == 1_000
    # She subscribed, withdrew, and subscribed anew.
    assert cut[FUND].paid == 2 * 7 * 425
    assert cut[BEN].returned == cut[BEN].paid - cut[BEN].word.amount > 0


def test_seats_left__while_open__counts_subscribers(raised: Queries) -> None:
    before = raised.offering(1, block_of(raised, 1, OPEN)).seats_left
    after = raised.offering(1, AsOf(block_of(raised, 1, CLOSING).block)).seats_left
    assert (before, after) == (200, 197)


# --- an investor's own money ---


def test_investments__of_a_subscriber__tell_what_is_held_due_and_back(raised: Queries) -> None:
    waiting = investment(raised, ANNA, 1, AsOf(block_of(raised, 1, CLOSING).block))
    assert (waiting.held, waiting.in_escrow, waiting.due) == (AMOUNTS[ANNA], 0, 0)
    settled = investment(raised, ANNA, 1, block_of(raised, 1, SETTLED))
    in_escrow = AMOUNTS[ANNA] * (RAISED - FEE) // RAISED
    assert (settled.held, settled.in_escrow, settled.due) == (in_escrow, in_escrow, 0)
    due = investment(raised, ANNA, 1, AsOf(raised.redemptions(1, ANNA).items[0].block - 1))
    assert due.due == due.held == 60_562_500
    done = investment(raised, ANNA, 1)
    assert (done.held, done.due, done.subscription.word.redeemed) == (0, 0, 60_562_500)
    assert [each.offering.number for each in raised.investments(ANNA)] == [5, 4, 2, 1]
    assert investment(raised, CARL, 1).held == 0


def test_investments__put__is_told_with_its_debt(raised: Queries) -> None:
    paid, owed = investment(raised, ANNA, 4).put, investment(raised, DORA, 4).put
    assert paid is not None
    assert owed is not None
    assert paid.payer is not None
    assert paid.settled_at is not None
    assert (owed.payer, owed.settled_at) == (None, None)
    assert owed.debt == owed.rest + owed.interest > 0
    assert investment(raised, FUND, 1).put is None
    assert {put.party for put in raised.escrow(4).puts} == {FUND, ANNA, BEN, DORA}
    assert raised.escrow(4).is_put_open
    assert not raised.escrow(1).is_put_open


def test_redemptions__of_a_raise_and_of_a_party__are_those_of_all(raised: Queries) -> None:
    everything = walked(lambda cursor: raised.redemptions(cursor=cursor, limit=2))
    assert everything == sorted(everything, key=lambda each: -each.id)
    for offering in (1, 4, 5):
        found = walked(lambda cursor, offering=offering: raised.redemptions(offering, cursor=cursor, limit=3))
        assert found == [each for each in everything if each.offering == offering]
        assert sum(each.amount for each in found) == raised.offering(offering).money.taken_back
    assert {each.party for each in raised.redemptions(None, ANNA)} == {ANNA}


def test_party_money__its_movements__sum_to_its_balance(raised: Queries, shared_raise: Raiser) -> None:
    for party in (FUND, ANNA, BEN, CARL, ISSUER, PLATFORM, FOUNDER, DORA):
        money = raised.party_money(party)
        moves = walked(lambda cursor, party=party: raised.money_moves(party, cursor=cursor, limit=4))
        came = sum(move.amount for move in moves if _is(move.taker, party))
        went = sum(move.amount for move in moves if _is(move.giver, party))
        assert money.balance == came - went
        assert [move.id for move in moves] == sorted((move.id for move in moves), reverse=True)
        assert money.accounts[-1].account == shared_raise.stage.book(party)


def _is(name: object, party: int) -> bool:
    return getattr(name, "party", None) == party


def test_money_moves__of_a_subscriber__name_the_other_side(raised: Queries) -> None:
    moves: list[MoneyMove] = walked(lambda cursor: raised.money_moves(CARL, cursor=cursor))
    back, paid, minted = moves
    assert (minted.giver, minted.amount) == (None, AMOUNTS[CARL] + 1_000_000)
    assert minted.ref is not None
    assert minted.document == document("resolution")
    assert paid.taker is not None
    assert back.giver is not None
    assert (paid.taker.offering, paid.taker.is_escrow, back.giver.offering) == (1, False, 1)
    assert paid.giver is not None
    assert (paid.giver.party, paid.giver.account) == (CARL, 0)
    released = next(move for move in raised.money_moves(ISSUER) if move.amount == TRANCHE)
    assert released.giver is not None
    assert released.giver.is_escrow


def test_bank_movements__each_reference__is_found_once(raised: Queries) -> None:
    found = walked(lambda cursor: raised.bank_movements(cursor=cursor, limit=3))
    refs = [move.ref for move in found]
    assert len(set(refs)) == len(refs) > 6
    for move in found:
        assert move.ref is not None
        assert raised.bank_movement(move.ref) == move
        assert (move.giver is None) != (move.taker is None)
    minted = sum(move.amount * (1 if move.giver is None else -1) for move in found)
    assert minted == raised.money_status().supply


def test_annual_use__of_a_year__is_the_sum_of_live_subscriptions(raised: Queries) -> None:
    use = raised.annual_use(DORA, 2027)
    live = [each.subscription.word for each in raised.investments(DORA)]
    assert use.own == sum(word.amount for word in live if word.status == ALLOTTED and word.year == 27)
    assert (use.outside, use.limit, use.is_limited) == (20_000_000, 120_000_000, True)
    assert use.left == use.limit - use.own - use.outside
    fund = raised.annual_use(FUND, 2026)
    assert (fund.own, fund.is_limited, fund.left) == (AMOUNTS[FUND], False, None)
    assert raised.outside_use(DORA, 2027)[0] == 20_000_000
    assert raised.outside_use(DORA, 2026) == (0, 0)


# --- escrows ---


def test_escrow__tranches__with_verdicts_evidence_and_release(raised: Queries, shared_raise: Raiser) -> None:
    escrow = raised.escrow(1)
    first, second, *others = escrow.tranches
    assert [row.word.state for row in escrow.tranches] == [RELEASED, MISSED, MISSED, MISSED]
    assert [json.loads(row.terms)["title"]["en"] for row in escrow.tranches] == [title for title, _ in TITLES]
    assert first.release is not None
    assert (first.release.amount, first.release.account) == (TRANCHE, shared_raise.account(ISSUER))
    assert [(each.party, each.outcome) for each in first.attestations] == [(LAB, REACHED), (REGISTRAR, REACHED)]
    assert first.attestations[0].evidence == document("evidence 0")
    assert first.attestations[0].uri.endswith("/0")
    assert not any(each.is_void for each in first.attestations)
    assert [verifier.party for verifier in first.panel] == [LAB, AUDITOR, REGISTRAR]
    assert first.panel[0].mandate == document("resolution")
    assert second.is_cause
    assert not any(row.is_cause for row in others)
    assert second.missed_at == others[0].missed_at
    assert first.missed_at is None
    assert escrow.offering.purse.held == 0


def test_escrow__disputed__tells_challenges_rulings_votes_and_void_attestations(raised: Queries) -> None:
    first, second, third = raised.escrow(4).tranches
    assert [(each.round, each.is_upheld, each.by_silence) for each in first.rulings] == [(1, True, False)]
    assert first.challenges[0].document == document("grounds of the holders")
    lab = first.attestations[0]
    assert lab.retracted_at is not None
    assert [each.is_void for each in second.attestations] == [True, True]
    assert [(each.is_upheld, each.by_silence) for each in second.rulings] == [(False, True)]
    assert second.vote is not None
    assert second.vote.yes * 2 >= second.vote.allotted == 1_000
    assert third.vote is None
    assert third.is_cause
    assert [line.kind for line in raised.escrow(4).ratchet_lines][:2] == [2, 3]
    assert [line.kind for line in raised.escrow(3).ratchet_lines] == [1, 3]


def test_verifiers__rotated_suspended_and_dismissed__say_so(raised: Queries, shared_raise: Raiser) -> None:
    lab, auditor, registrar = raised.verifiers(1, KIND)
    assert (lab.state, auditor.state, registrar.state) == (1, 0, 2)
    assert [verifier.is_active for verifier in (lab, auditor, registrar)] == [False, True, False]
    assert raised.verifiers(1)[:3] == (lab, auditor, registrar)
    before = raised.verifiers(1, KIND, block_of(raised, 1, SETTLED))
    assert all(verifier.is_active for verifier in before)
    assert before[1].key != auditor.key
    (contradiction,) = raised.contradictions(1)
    assert (contradiction.party, len(contradiction.first_signature)) == (REGISTRAR, 65)
    assert contradiction.first != contradiction.second


def test_attestations__of_a_raise_and_of_a_party__are_those_of_all(raised: Queries) -> None:
    everything = walked(lambda cursor: raised.attestations(cursor=cursor, limit=2))
    assert everything == sorted(everything, key=lambda each: -each.id)
    of_four = walked(lambda cursor: raised.attestations(4, cursor=cursor, limit=2))
    assert {each.id for each in of_four} == {a.id for row in raised.escrow(4).tranches for a in row.attestations}
    of_lab: Page[object] = raised.attestations(None, LAB)
    assert len(of_lab) == sum(each.party == LAB for each in everything)
    found, offering = raised.attestation(everything[-1].id)
    assert (found, offering) == (everything[-1], 1)
