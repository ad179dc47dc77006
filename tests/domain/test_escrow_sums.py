"""The arithmetic of an escrow over drawn numbers: tranches, interest, redemption in several instalments."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from registry.domain.escrow import (
    Fell,
    RatchetSource,
    Vote,
    amounts,
    challenge_threshold,
    consents,
    interest,
    ratchet_fell,
    ratchet_need,
    ratchet_reserve,
)
from registry.domain.ids import BOOK, Address, PartyId, Shares
from registry.domain.lots import due
from registry.domain.raise_args import OfferingTerms, RatchetTerms
from registry.domain.raise_words import Subscription, Totals, Tranche
from registry.domain.raising import OfferingState, SubscriptionStatus
from registry.domain.register import ClassState, RegisterState
from registry.domain.words import Holding
from tests.domain import world as w

DAY = 86_400
money = st.integers(0, 2**40)
bps = st.integers(0, 10_000)


@st.composite
def parts_of_the_whole(draw: st.DrawFn) -> list[int]:
    """Up to ten parts, in basis points, that are all of it."""
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=9)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]


@given(parts=parts_of_the_whole(), fixed=st.lists(st.integers(1, 2**40), max_size=5), rest=money, data=st.data())
def test_amounts__any_schedule__sum_to_the_proceeds(
    parts: list[int], fixed: list[int], rest: int, data: st.DataObject
) -> None:
    scheduled = [Tranche(part, True) for part in parts] + [Tranche(value) for value in fixed]
    tranches = data.draw(st.permutations(scheduled))
    found = amounts(tranches, sum(fixed) + rest)
    assert sum(found) == sum(fixed) + rest
    last = max(i for i, t in enumerate(tranches) if t.is_share)
    for i, (tranche, amount) in enumerate(zip(tranches, found, strict=True)):
        if not tranche.is_share:
            assert amount == tranche.value
        elif i != last:
            assert amount == rest * tranche.value // 10_000
        else:
            exact = Fraction(rest * tranche.value, 10_000)
            assert exact <= amount < exact + len(parts), "the last one takes what the others were rounded down by"


@given(fixed=st.lists(st.integers(1, 2**40), min_size=1, max_size=16))
def test_amounts__fixed_only__as_they_are(fixed: list[int]) -> None:
    assert amounts([Tranche(value) for value in fixed], sum(fixed)) == fixed


@given(principal=money, rate=bps, days=st.integers(0, 20_000), seconds=st.integers(0, DAY - 1))
def test_interest__whole_days_only_and_rounded_down(principal: int, rate: int, days: int, seconds: int) -> None:
    found = interest(principal, rate, days * DAY + seconds)
    exact = Fraction(principal * rate * days, 10_000 * 365)
    assert found <= exact < found + 1
    assert found == interest(principal, rate, days * DAY)


@given(principal=money, rate=bps, first=st.integers(0, 10_000), more=st.integers(0, 10_000))
def test_interest__simple__never_more_than_its_parts_by_a_fen(principal: int, rate: int, first: int, more: int) -> None:
    together = interest(principal, rate, (first + more) * DAY)
    apart = interest(principal, rate, first * DAY) + interest(principal, rate, more * DAY)
    assert apart <= together <= apart + 1


def test_interest__one_year_at_five_percent() -> None:
    assert interest(6_000, 500, 365 * DAY) == 300
    assert interest(6_000, 500, DAY - 1) == 0


# --- redemption ---


def settled(lots: list[int], price: int) -> tuple[RegisterState, OfferingState]:
    """A raise that allotted these lots [shares], to book accounts that still hold them."""
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800)
    c = ClassState(w.ORDINARY, w.COMPANY, 0, "Ordinary", "ORD", 2**40, 0, w.CATEGORIES, 0)
    state.classes[c.address] = c
    terms = OfferingTerms(w.COMPANY, w.ORDINARY, w.STRANGER, price, *([0] * 13), w.COMPANY, w.COMPANY)  # type: ignore[arg-type]
    o = OfferingState(w.address("offering"), w.address("escrow"), 1, terms, Totals(raised=sum(lots) * price))
    for number, shares in enumerate(lots, 1):
        party = PartyId(number)
        state.parties[party] = w.word(party)
        c.holdings[party, BOOK] = Holding(party, BOOK, Shares(shares))
        paid = shares * price
        o.subscriptions[party] = Subscription(paid, status=SubscriptionStatus.ALLOTTED, account=BOOK)
    return state, o


def redeem(state: RegisterState, o: OfferingState, party: PartyId, redeemable: int) -> int:
    """One lot brought up to what is redeemable, as the raise does it; answers the money [fen]."""
    s = o.subscriptions[party]
    account = Address(w.TAG + party.to_bytes(4, "big"))
    part = due(state, o, account, s, redeemable)
    redeemed, cancelled = s.redeemed + part.amount, Shares(s.cancelled + part.shares)
    o.subscriptions[party] = Subscription(s.amount, redeemed, cancelled, s.status, account=BOOK)
    holdings = state.classes[w.ORDINARY].holdings
    h = holdings[party, BOOK]
    holdings[party, BOOK] = Holding(party, BOOK, Shares(h.balance - part.shares))
    return part.amount


@given(
    lots=st.lists(st.integers(1, 10_000), min_size=1, max_size=12),
    price=st.integers(1, 1_000),
    fee_bps=st.integers(0, 9_999),
    cuts=st.sets(st.integers(1, 9_999), max_size=4),
    data=st.data(),
)
def test_redemption__instalments_in_any_order__each_gets_its_part_and_no_fen_more(
    lots: list[int], price: int, fee_bps: int, cuts: set[int], data: st.DataObject
) -> None:
    """LAW-9: what a lot gets in the end does not depend on how often it was asked for."""
    state, o = settled(lots, price)
    raised = o.totals.raised
    proceeds = raised - raised * fee_bps // 10_000
    instalments = [proceeds * cut // 10_000 for cut in sorted(cuts)] + [proceeds]
    paid = 0
    for redeemable in instalments:
        page = data.draw(st.lists(st.sampled_from(sorted(o.subscriptions)), max_size=20))
        paid += sum(redeem(state, o, party, redeemable) for party in page)
        assert paid <= redeemable, "the escrow pays from itself"
    paid += sum(redeem(state, o, party, proceeds) for party in sorted(o.subscriptions))
    for party, s in o.subscriptions.items():
        assert s.redeemed == s.amount * proceeds // raised
        assert s.cancelled == lots[party - 1] * proceeds // raised
    assert proceeds - len(lots) < paid <= proceeds, "what is left is less than a fen a lot"


@given(lot=st.integers(1, 10_000), kept=st.integers(0, 10_000), part=bps, more=bps)
def test_redemption__sold_some__only_for_what_is_held(lot: int, kept: int, part: int, more: int) -> None:
    state, o = settled([lot, 10_000], 7)
    kept = min(lot, kept)
    state.classes[w.ORDINARY].holdings[PartyId(1), BOOK] = Holding(PartyId(1), BOOK, Shares(kept))
    raised = o.totals.raised
    first, second = sorted((raised * part // 10_000, raised * more // 10_000))
    redeem(state, o, PartyId(1), first)
    redeem(state, o, PartyId(1), second)
    s = o.subscriptions[PartyId(1)]
    assert s.redeemed <= s.amount * second // raised
    assert s.cancelled <= kept
    if s.cancelled < lot * second // raised:
        assert s.redeemed * lot <= s.amount * (s.cancelled + 2), "for the shares that ended and no others"


# --- the ratchet, and consent ---


@given(maximum=st.integers(1, 2**40), part=bps, early=bps, late=bps, source=st.integers(0, 2))
def test_ratchet__what_is_kept_free_suffices(maximum: int, part: int, early: int, late: int, source: int) -> None:
    terms = RatchetTerms(0, source, early_bps=early, late_bps=late, early_by=10, late_after=20)
    kept, allotted = ratchet_reserve(terms, maximum), maximum * part // 10_000
    if source != RatchetSource.NONE:
        assert all(ratchet_need(terms, fell, allotted) <= kept for fell in Fell)


def test_ratchet__its_times_belong_to_early_and_not_to_late() -> None:
    terms = RatchetTerms(0, 1, early_by=10, early_bps=5, late_after=20, late_bps=5)
    assert [ratchet_fell(terms, at) for at in (10, 11, 20, 21)] == [Fell.EARLY, 0, 0, Fell.LATE]


@given(issued=st.integers(0, 2**40), allotted=st.integers(1, 2**40), part=st.integers(1, 10_000))
def test_challenge_threshold__of_what_is_less__rounded_up(issued: int, allotted: int, part: int) -> None:
    """AT-13: issuing more cannot raise it, and who is left after a redemption reaches it."""
    exact = Fraction(min(issued, allotted) * part, 10_000)
    found = challenge_threshold(part, issued, allotted)
    assert exact <= found < exact + 1
    assert found <= min(issued, allotted)


@given(allotted=st.integers(1, 2**40), yes=st.integers(0, 2**40), part=st.integers(1, 10_000))
def test_consents__exactly_the_part_is_enough(allotted: int, yes: int, part: int) -> None:
    assert consents(Vote(Shares(yes), Shares(allotted)), part) == (Fraction(yes, allotted) >= Fraction(part, 10_000))
