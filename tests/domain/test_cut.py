"""Pro rata by largest remainder: exact, fair, the same in any order (OF-6)."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from registry.domain.cut import NO_KEY, key_of, last_of, part_of
from registry.domain.ids import NOBODY, PartyId

demands = st.dictionaries(
    st.integers(1, 2**32 - 1).map(PartyId),
    st.tuples(st.integers(1, 10**6), st.integers(0, 2**40 - 1)),
    min_size=1,
    max_size=30,
)


def parts(asked: dict[PartyId, tuple[int, int]], maximum: int, last: PartyId) -> dict[PartyId, int]:
    """What each gets, if this is the last one with a share more."""
    total = sum(shares for shares, _ in asked.values())
    keys = {party: key_of(shares, maximum, total, paid_at, party) for party, (shares, paid_at) in asked.items()}
    smallest = keys.get(last, NO_KEY)
    return {party: part_of(shares, maximum, total, keys[party], smallest) for party, (shares, _) in asked.items()}


@given(asked=demands, fraction=st.floats(0.001, 0.999))
def test_cut__of_any_demand__allots_exactly_the_maximum(asked: dict[PartyId, tuple[int, int]], fraction: float) -> None:
    """OF-6: and nobody gets a share less than its part rounded down, nor more than it asked for."""
    total = sum(shares for shares, _ in asked.values())
    maximum = max(1, int(total * fraction))
    assume(maximum < total)
    given_ = parts(asked, maximum, last_of(asked, maximum))
    assert sum(given_.values()) == maximum
    for party, (shares, _) in asked.items():
        assert 0 <= given_[party] - shares * maximum // total <= 1
        assert given_[party] <= shares


@given(asked=demands, fraction=st.floats(0.001, 0.999), order=st.randoms())
def test_cut__named_in_any_order__is_the_same(
    asked: dict[PartyId, tuple[int, int]], fraction: float, order: st.DataObject
) -> None:
    """OF-6."""
    total = sum(shares for shares, _ in asked.values())
    maximum = max(1, int(total * fraction))
    assume(maximum < total)
    shuffled = list(asked.items())
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert last_of(dict(shuffled), maximum) == last_of(asked, maximum)


@given(asked=demands, fraction=st.floats(0.001, 0.999), other=st.integers(0, 29))
def test_cut__another_last_one__allots_another_number_of_shares(
    asked: dict[PartyId, tuple[int, int]], fraction: float, other: int
) -> None:
    """OF-6: so there is one cut that is accepted, and only one."""
    total = sum(shares for shares, _ in asked.values())
    maximum = max(1, int(total * fraction))
    assume(maximum < total)
    proposed = sorted(asked)[other % len(asked)]
    fair = last_of(asked, maximum)
    is_exact = sum(parts(asked, maximum, proposed).values()) == maximum
    assert is_exact == (proposed == fair)


def test_cut__equal_remainders__go_to_the_earlier_payment_then_the_smaller_id() -> None:
    """OF-6: 3 × 5 shares asked for, 7 to give: 2 each, one is left."""
    asked = {PartyId(1): (5, 200), PartyId(2): (5, 100), PartyId(3): (5, 100)}
    assert parts(asked, 7, last_of(asked, 7)) == {1: 2, 2: 3, 3: 2}
    same = dict.fromkeys(asked, (5, 100))
    assert parts(same, 7, last_of(same, 7)) == {1: 3, 2: 2, 3: 2}


def test_cut__without_remainders__gives_nobody_a_share_more() -> None:
    """OF-6."""
    asked = {PartyId(1): (6, 0), PartyId(2): (4, 0)}
    assert last_of(asked, 5) == NOBODY
    assert parts(asked, 5, NOBODY) == {1: 3, 2: 2}


def test_cut__small_one__may_be_cut_to_nothing() -> None:
    """OF-6."""
    asked = {PartyId(1): (1_000, 0), PartyId(2): (1, 0)}
    assert parts(asked, 10, last_of(asked, 10)) == {1: 10, 2: 0}
