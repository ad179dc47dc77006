"""What people ask about dividends: previews, a party's own, a year's, record dates, corrections, arrears."""

from __future__ import annotations

import pytest

from registry.domain.days import day_of, year_of
from registry.domain.payout_args import DistributionPhase, Settlement, TaxRule
from registry.domain.rules import ActKind
from registry.errors import InputError
from registry.mirror import AsOf, Queries
from tests.support.payout_stage import (
    ABROAD,
    ANNA,
    BEN,
    DORA,
    EMIL,
    FUND,
    GRETA,
    ISSUER,
    OFFICE,
    PEOPLE,
    PLATFORM,
    SECOND,
    SHARES,
    Payer,
)
from tests.support.payout_storm import (
    BY_RATE,
    FIRST_CANCELLED,
    IN_SHARES,
    OF_PREFERRED,
    OPEN,
    RATE,
    SCRIP_PRICE,
    SHARED,
    SHORT,
    THEN_CANCELLED,
    VOID,
)
from tests.support.stage import signer

ORDINARY, PREFERRED = 32, 33
"""Class ids of company 1."""


def block_of(queries: Queries, distribution: int, phase: int) -> int:
    """In which a distribution entered a phase."""
    return next(step.at.block for step in queries.distribution(distribution).steps if step.phase == phase)


# --- distributions ---


def test_distributions__of_company_and_class__newest_first(dividends: Queries) -> None:
    assert [each.number for each in dividends.distributions(1)] == [*range(11, 0, -1)]
    of_class = dividends.distributions(1, class_id=PREFERRED)
    assert [each.number for each in of_class] == [11, 10, 9, 8, 7]
    page = dividends.distributions(None, limit=5)
    assert [each.number for each in dividends.distributions(None, cursor=page.next_cursor, limit=6)] == [
        *range(6, 0, -1)
    ]
    assert dividends.distributions(2).items == ()


def test_distribution__by_rate__tells_its_life(shared_payer: Payer, dividends: Queries) -> None:
    found = dividends.distribution(BY_RATE)
    assert (found.company_name, found.symbol, found.decimals) == ("红利科技", "XG-A", 0)
    assert (found.terms.rate, found.terms.total, found.entitled) == (RATE, 3_000_000, 15_296)
    assert [step.phase for step in found.steps] == [1, 2, 4]
    assert [step.amount for step in found.steps] == [3_000_000, 3_000_000 - found.summary.declared, 3]
    assert found.resolution == found.steps[0].document
    assert found.steps[1].document is None
    assert found.excluded == (shared_payer.stage.book(ISSUER),)
    assert found.tax_account == shared_payer.stage.book(OFFICE)
    assert sum(each.amount for each in found.remittances) == found.summary.remitted
    assert found.summary.withheld - found.summary.remitted == found.held
    assert found.remainder_account == shared_payer.stage.book(ISSUER)
    other = dividends.distribution(SHARED)
    assert other.remainder_account == shared_payer.raiser.account(PLATFORM)
    assert (other.numerator, other.denominator) == (1_000_003, 19_296)


def test_distribution__before_it_was_fixed__everything_is_unclaimed(dividends: Queries) -> None:
    block = block_of(dividends, BY_RATE, DistributionPhase.DECLARED)
    found = dividends.distribution(BY_RATE, AsOf(block))
    assert (found.summary.declared, found.summary.unclaimed, found.summary.carried) == (3_000_000, 3_000_000, 0)
    assert found.held == 3_000_000
    assert (found.holders, found.is_payable, found.is_record_passed) == (0, False, False)
    assert dividends.dividend_lines(BY_RATE, AsOf(block)).items == ()
    assert dividends.dividend_differences(BY_RATE, AsOf(block)) == ()


@pytest.mark.parametrize("number", [FIRST_CANCELLED, THEN_CANCELLED])
def test_distribution__cancelled__all_money_is_back(dividends: Queries, number: int) -> None:
    found = dividends.distribution(number)
    assert found.phase == DistributionPhase.CANCELLED
    assert (found.summary.declared, found.held, found.returned) == (0, 0, 50_000)
    assert found.steps[-1].amount == 50_000
    assert found.steps[-1].document is not None


def test_distribution__cancelled_once_fixed__owes_nobody_anything(dividends: Queries) -> None:
    before = block_of(dividends, THEN_CANCELLED, DistributionPhase.FIXED)
    assert sum(line.gross for line in dividends.dividend_lines(THEN_CANCELLED, AsOf(before))) > 0
    lines = dividends.dividend_lines(THEN_CANCELLED)
    assert len(lines) > 0
    assert {(line.gross, line.tax, line.net, line.numerator) for line in lines} == {(0, 0, 0, 0)}
    assert dividends.dividend_differences(THEN_CANCELLED) == ()
    with pytest.raises(InputError, match="was cancelled: nobody gets anything") as error:
        dividends.preview_distribution(THEN_CANCELLED)
    assert error.value.code == "distribution_cancelled"


def test_distribution__that_nobody_declared__is_named(dividends: Queries) -> None:
    with pytest.raises(InputError, match="there is no dividend 99") as error:
        dividends.distribution(99)
    assert (error.value.code, error.value.field, error.value.value) == ("distribution_unknown", "distribution", "99")
    with pytest.raises(InputError, match="there is no dividend 1 as of block"):
        dividends.distribution(BY_RATE, AsOf(block_of(dividends, BY_RATE, DistributionPhase.DECLARED) - 1))


# --- lines ---


def test_lines__three_rates_and_a_relief__each_with_its_arithmetic(dividends: Queries) -> None:
    lines = {line.party: line for line in dividends.dividend_lines(BY_RATE)}
    assert {party: line.bps for party, line in lines.items()} == {
        ANNA: 2_000, BEN: 500, FUND: 0, ABROAD: 1_000, DORA: 2_000, EMIL: 2_000, GRETA: 2_000
    }  # fmt: skip
    assert all(line.shares == SHARES[party] for party, line in lines.items()), "who sold after the record date keeps it"
    assert [party for party, line in lines.items() if line.by_relief] == [BEN]
    anna = lines[ANNA]
    assert (anna.gross, anna.tax, anna.net, anna.cash) == (333 * RATE // 10**8, 822, 3_289, 3_289)
    assert (anna.numerator, anna.denominator) == (RATE, 10**8)
    assert anna.settled is not None
    assert lines[DORA].parked is not None
    assert lines[DORA].settled is not None
    assert lines[DORA].parked.block < lines[DORA].settled.block
    pages = [dividends.dividend_lines(BY_RATE, limit=3)]
    while pages[-1].next_cursor:
        pages.append(dividends.dividend_lines(BY_RATE, cursor=pages[-1].next_cursor, limit=3))
    assert [line.row for page in pages for line in page] == [*range(7)]


def test_lines__parked_and_not_yet_paid__say_what_they_would_get(dividends: Queries) -> None:
    lines = {line.party: line for line in dividends.dividend_lines(OPEN)}
    greta, fund = lines[GRETA], lines[FUND]
    assert (greta.settlement, greta.would_park) == (Settlement.PARKED, True)
    assert greta.settled == greta.parked
    assert (fund.settlement, fund.settled, fund.tax) == (Settlement.NONE, None, 0)
    assert lines[BEN].settlement == Settlement.PAID
    assert dividends.dividend_line(OPEN, OFFICE) is None


def test_lines__lapsed__have_no_tax(dividends: Queries) -> None:
    lines = {line.party: line for line in dividends.dividend_lines(SHARED)}
    assert {party for party, line in lines.items() if line.settlement == Settlement.LAPSED} == {
        BEN, ABROAD, DORA, EMIL, ISSUER
    }  # fmt: skip
    assert all(line.tax == 0 for line in lines.values() if line.settlement == Settlement.LAPSED)
    assert lines[ANNA].bps == 3_333


def test_lines__scrip__whole_shares_and_the_rest_in_cash(dividends: Queries) -> None:
    lines = {line.party: line for line in dividends.dividend_lines(IN_SHARES)}
    assert {party for party, line in lines.items() if line.wants_scrip} == {BEN, FUND, EMIL, GRETA}
    assert {party for party, line in lines.items() if line.scrip_shares} == {BEN, FUND, GRETA}
    for line in lines.values():
        assert line.scrip_cost == line.scrip_shares * SCRIP_PRICE
        assert line.cash + line.scrip_cost == line.net
        assert not line.scrip_shares or line.cash < SCRIP_PRICE
    assert dividends.distribution(IN_SHARES).reserved == 0


def test_handlings__of_every_dividend__add_up_to_its_money(dividends: Queries) -> None:
    for found in dividends.distributions(1):
        handled, money = dividends.handlings(found.number), found.summary
        by = {kind: [each for each in handled if each.settlement == kind] for kind in Settlement}
        assert sum(each.cash + each.scrip_cost for each in by[Settlement.PAID]) == money.paid
        assert sum(each.tax for each in handled) == money.withheld
        assert sum(each.gross for each in by[Settlement.LAPSED]) == money.lapsed
        cured = sum(each.gross for each in by[Settlement.PAID] if each.was_parked)
        assert sum(each.gross for each in by[Settlement.PARKED]) - cured == money.parked
        assert [each.at.key for each in handled] == sorted(each.at.key for each in handled)
        assert len({(each.at.tx, each.settlement, each.was_parked) for each in handled}) == len(handled)
    (by_scrip,) = [each for each in dividends.handlings(IN_SHARES) if each.scrip_parties]
    lines = dividends.dividend_lines(IN_SHARES)
    assert (by_scrip.scrip_parties, by_scrip.scrip_shares) == (3, sum(line.scrip_shares for line in lines))
    assert any(each.was_parked for each in dividends.handlings(BY_RATE))
    assert dividends.handlings(BY_RATE, AsOf(block_of(dividends, BY_RATE, DistributionPhase.FIXED))) == ()


def test_scrip_choosers__before_and_after_the_fix__are_told(dividends: Queries) -> None:
    declared, fixed = (
        block_of(dividends, IN_SHARES, phase) for phase in (DistributionPhase.DECLARED, DistributionPhase.FIXED)
    )
    assert dividends.scrip_choosers(IN_SHARES, AsOf(declared)) == frozenset()
    early = dividends.scrip_choosers(IN_SHARES, AsOf(fixed - 1))
    preview = dividends.preview_distribution(IN_SHARES, AsOf(fixed - 1))
    assert {line.party for line in preview.lines if line.wants_scrip} == early & {line.party for line in preview.lines}
    lines = dividends.dividend_lines(IN_SHARES)
    assert dividends.scrip_choosers(IN_SHARES) == {line.party for line in lines if line.wants_scrip}
    assert dividends.scrip_choosers(BY_RATE) == frozenset()


# --- a party's, a year's ---


def test_dividends_ahead__until_the_holders_are_fixed__are_what_the_preview_says(dividends: Queries) -> None:
    declared, fixed = (
        block_of(dividends, BY_RATE, phase) for phase in (DistributionPhase.DECLARED, DistributionPhase.FIXED)
    )
    for block in (declared, fixed - 1):
        preview = dividends.preview_distribution(BY_RATE, AsOf(block))
        for line in preview.lines:
            (found,) = dividends.dividends_ahead(line.party, AsOf(block))
            assert (found.line, found.distribution.number) == (line, BY_RATE)
    assert dividends.dividends_ahead(ISSUER, AsOf(declared)) == ()
    assert dividends.dividends_ahead(OFFICE, AsOf(declared)) == ()
    assert dividends.dividends_ahead(ANNA, AsOf(fixed)) == ()


def test_party_dividends__all_but_cancelled__newest_first(dividends: Queries) -> None:
    found = dividends.party_dividends(BEN)
    assert [each.distribution.number for each in found] == [10, 8, 7, 6, 5, 2, 1]
    assert all(each.line.party == BEN for each in found)
    assert dividends.party_dividends(OFFICE) == ()


def test_dividends_paid__of_years__are_the_companys_whole(dividends: Queries) -> None:
    years = dividends.dividend_years(company=1)
    assert years == dividends.dividend_years()
    assert len(years) >= 2
    paid = [each for year in years for each in dividends.dividends_paid(year, company=1)]
    sums = [each.summary for each in dividends.distributions(1)]
    assert sum(each.line.net for each in paid) == sum(each.paid for each in sums)
    assert sum(each.line.tax for each in paid) == sum(each.withheld for each in sums)
    of_parties = [each for party in PEOPLE for year in years for each in dividends.dividends_paid(year, party=party)]
    assert len(of_parties) == len(paid)
    for year in years:
        for each in dividends.dividends_paid(year, party=DORA):
            assert each.line.settled is not None
            assert year_of(day_of(each.line.settled.time)) == year
    assert dividends.dividends_paid(2020) == ()
    assert dividends.dividend_years(party=OFFICE) == ()
    with pytest.raises(InputError, match="year must be"):
        dividends.dividends_paid(99_999)


# --- record dates and previews ---


def test_register_at__record_date__accounts_of_a_party_come_together(shared_payer: Payer, dividends: Queries) -> None:
    register = dividends.register_at(ORDINARY, 1)
    assert register.is_final
    assert register.issued == sum(SHARES.values())
    anna = [each for each in register.accounts if each.party == ANNA]
    assert [(each.number, each.shares) for each in anna] == [(0, 71), (1, 40), (8, 222)]
    assert anna[1].account == signer(SECOND).address
    row = next(row for row in register.rows if row.party == ANNA)
    assert (row.shares, row.account) == (333, shared_payer.raiser.account(ANNA))
    assert dividends.holding_at(ORDINARY, 1, ANNA) == 333
    assert dividends.holding_at(ORDINARY, 1, OFFICE) == 0
    assert dividends.issued_at(ORDINARY, 1) == register.issued
    without = dividends.register_at(ORDINARY, 1, excluded=[shared_payer.stage.book(ISSUER)])
    assert (without.excluded, without.entitled) == (4_000, 15_296)


@pytest.mark.parametrize(("class_id", "epoch", "field"), [(99, 1, "class"), (ORDINARY, 77, "record_date")])
def test_register_at__unknown__is_named(dividends: Queries, class_id: int, epoch: int, field: str) -> None:
    with pytest.raises(InputError) as error:
        dividends.register_at(class_id, epoch)
    assert (error.value.field, error.value.code) == (field, f"{field}_unknown")


@pytest.mark.parametrize("number", [BY_RATE, SHARED, OF_PREFERRED, SHORT, OPEN])
def test_preview__of_a_distribution__is_what_was_fixed(dividends: Queries, number: int) -> None:
    known, found = dividends.distribution(number), dividends.preview_distribution(number)
    assert found.register.is_final
    assert (found.declared, found.is_short, found.carried) == (
        known.summary.declared, known.is_short, known.summary.carried
    )  # fmt: skip
    lines = dividends.dividend_lines(number).items
    mine = [(line.party, line.shares, line.account, line.gross) for line in found.lines]
    assert mine == [(line.party, line.shares, line.account, line.gross) for line in lines]
    assert found.gross == found.net + found.tax == found.declared - found.carried


def test_preview__before_the_record_date__is_from_the_register_as_it_stands(
    shared_payer: Payer, dividends: Queries
) -> None:
    block = block_of(dividends, BY_RATE, DistributionPhase.DECLARED)
    found = dividends.preview_distribution(BY_RATE, AsOf(block))
    assert not found.register.is_final
    assert {line.party: line.shares for line in found.lines} == {p: s for p, s in SHARES.items() if p != ISSUER}
    assert (found.returned, found.carried) == (3_000_000 - found.declared, 3)
    same = dividends.preview(
        ORDINARY, 1, AsOf(block), total=3_000_000, rate=RATE, excluded=[shared_payer.stage.book(ISSUER)]
    )
    assert same.lines == found.lines
    assert same.register.time == 0
    assert next(line for line in dividends.preview(ORDINARY, 1, total=1_000).lines if line.party == GRETA).would_park


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"total": 0}, "amount_indivisible"),
        ({"total": 1_000, "rate": 1}, "amount_indivisible"),
        ({"total": -1}, "total_out_of_range"),
        ({"total": 1, "rate": 1 << 72}, "rate_out_of_range"),
        ({"total": 1, "schedule": 9}, "schedule_unknown"),
        ({"total": 1, "class_id": 34}, "class_unknown"),
        ({"total": 1, "epoch": 99}, "record_date_unknown"),
    ],
)
def test_preview__bad_terms__are_named(dividends: Queries, terms: dict[str, int], code: str) -> None:
    asked = {"class_id": ORDINARY, "schedule": 1, **terms}
    with pytest.raises(InputError) as error:
        dividends.preview(asked.pop("class_id"), asked.pop("schedule"), **asked)
    assert error.value.code == code


def test_preview__everybody_excluded__is_named(shared_payer: Payer, dividends: Queries) -> None:
    register = dividends.register_at(PREFERRED, 1)
    with pytest.raises(InputError, match="nobody shares"):
        dividends.preview(PREFERRED, 1, total=1, epoch=1, excluded=[each.account for each in register.accounts])


# --- corrections ---


def test_differences__a_correction_dated_before_the_record_date__is_shown(dividends: Queries) -> None:
    """What was paid stays as it was."""
    lines = {line.party: line for line in dividends.dividend_lines(OPEN)}
    fund, abroad = dividends.dividend_differences(OPEN)
    assert (fund.party, fund.corrected_shares - fund.shares) == (FUND, -1_000)
    assert (abroad.party, abroad.corrected_shares - abroad.shares) == (ABROAD, 1_000)
    assert (fund.gross, abroad.gross) == (lines[FUND].gross, lines[ABROAD].gross)
    assert fund.difference < 0 < abroad.difference
    known = dividends.distribution(OPEN)
    assert abroad.corrected_gross == 1_777 * known.summary.declared // known.entitled
    assert fund.entries == abroad.entries
    entry = dividends.entry(fund.entries[0])
    assert (entry.giver, entry.taker, entry.shares) == (FUND, ABROAD, 1_000)
    assert all(dividends.dividend_differences(n) == () for n in (BY_RATE, IN_SHARES))


# --- tax, preferences, money ---


def test_schedules_and_reliefs__are_told_with_their_documents(shared_payer: Payer, dividends: Queries) -> None:
    schedule = dividends.tax_schedule(1)
    assert len(schedule.rules) == 6
    assert schedule.rules[0] == TaxRule(0, 0, 1_500)
    assert [each.number for each in dividends.tax_schedules(limit=1)] == [1]
    assert [each.number for each in dividends.tax_schedules(cursor=dividends.tax_schedules(limit=1).next_cursor)] == [2]
    assert any(schedule.document)
    with pytest.raises(InputError, match="there is no schedule 7"):
        dividends.tax_schedule(7)
    (relief,) = dividends.tax_reliefs()
    assert (relief.party, relief.bps) == (BEN, 500)
    assert dividends.tax_relief(ANNA) is None


def test_preference__arrears__grow_by_the_day(dividends: Queries) -> None:
    found = dividends.preference(PREFERRED)
    assert found is not None
    assert found.arrears == found.accrued - found.declared > 0
    later = dividends.preference(PREFERRED, day=found.day + 365)
    assert later is not None
    assert later.arrears - found.arrears == found.per_year
    assert dividends.preference(ORDINARY) is None


def test_account_owner__of_the_contract__says_dividends(shared_payer: Payer, dividends: Queries) -> None:
    assert dividends.account_owner(shared_payer.contract).is_dividends
    givers = [move.giver for move in dividends.money_moves(EMIL)]
    assert any(giver is not None and giver.is_dividends for giver in givers)


def test_acts__of_the_company__have_its_dividends(dividends: Queries) -> None:
    kinds = [(act.kind, act.class_id) for act in dividends.acts_of(1, limit=200)]
    assert kinds.count((ActKind.DECLARE, ORDINARY)) == 6
    assert kinds.count((ActKind.DECLARE, PREFERRED)) == 5
    assert kinds.count((ActKind.CANCEL_DISTRIBUTION, ORDINARY)) == 2
    assert kinds.count((ActKind.PREFERENCE, PREFERRED)) == 1


def test_distribution__of_which_nothing_was_due__was_cancelled_by_nobody_in_particular(dividends: Queries) -> None:
    """DV-17: without an act, all money back."""
    found = dividends.distribution(VOID)
    assert (found.phase, found.summary.declared, found.holders) == (DistributionPhase.CANCELLED, 0, 0)
    assert [(step.phase, step.amount, step.document) for step in found.steps][1:] == [
        (DistributionPhase.CANCELLED, 500_000, None)
    ]
