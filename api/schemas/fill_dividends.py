"""Fills the shapes of dividends from the mirror's records."""

from __future__ import annotations

from collections.abc import Mapping

from api.schemas import dividends as s
from api.schemas.common import day_text, hexed, time_text
from api.schemas.fill import category
from registry.chain.decode import CLASSES_PER_COMPANY
from registry.domain.ids import PartyId
from registry.domain.payout_args import DistributionPhase
from registry.mirror import views_payout as v

Names = Mapping[PartyId, str]


def schedule(found: v.TaxSchedule) -> s.TaxSchedule:
    return s.TaxSchedule(
        number=found.number,
        tax_account=hexed(found.tax_account),
        rules=[
            s.TaxRule(
                category=category(rule.category) if rule.category else None,
                residence=rule.residence or None,
                bps=rule.bps,
            )
            for rule in found.rules
        ],
        document=hexed(found.document),
        block=found.block,
    )


def relief(found: v.TaxRelief) -> s.Relief:
    return s.Relief(
        bps=found.bps,
        until_day=day_text(found.until_day),
        document=hexed(found.document),
        time=time_text(found.time),
    )


def preference(found: v.Preference) -> s.Preference:
    return s.Preference(
        share_class=found.class_id % CLASSES_PER_COMPANY,
        rank=found.rank,
        per_year=str(found.per_year),
        from_day=day_text(found.from_day),
        declared=str(found.declared),
        day=day_text(found.day),
        accrued=str(found.accrued),
        arrears=str(found.arrears),
        document=hexed(found.document),
    )


def distribution(found: v.Distribution) -> s.Distribution:
    return s.Distribution(
        number=found.number,
        company=found.company,
        phase=_phase(found.phase),
        terms=_terms(found),
        money=_money(found),
        is_short=found.is_short,
        returned=str(found.returned),
        entitled=str(found.entitled),
        handled=str(found.handled),
        holders=found.holders,
        steps=[_step(step) for step in found.steps],
    )


def _terms(found: v.Distribution) -> s.DividendTerms:
    terms, region = found.terms, found.region
    return s.DividendTerms(
        share_class=found.class_id % CLASSES_PER_COMPANY,
        record_day=day_text(found.record_day),
        record_time=time_text(found.record_time),
        schedule=terms.schedule,
        tax_account=hexed(found.tax_account),
        funded_by=hexed(terms.funded_by),
        total=str(terms.total),
        rate=str(terms.rate) if terms.rate else None,
        profit=str(terms.profit),
        payable_from=time_text(region.unix(terms.payable_from)),
        expires_at=time_text(region.unix(found.expires_at)),
        remainder_account=hexed(found.remainder_account),
        scrip_price=str(terms.scrip_price) if terms.scrip_price else None,
        excluded=[hexed(account) for account in found.excluded],
        resolution=hexed(found.resolution),
    )


def _money(found: v.Distribution) -> s.DividendMoney:
    money = found.summary
    return s.DividendMoney(
        declared=str(money.declared),
        paid=str(money.paid),
        withheld=str(money.withheld),
        unclaimed=str(money.unclaimed),
        parked=str(money.parked),
        carried=str(money.carried),
        lapsed=str(money.lapsed),
        remitted=str(money.remitted),
        held=str(found.held),
    )


def _step(step: v.DistributionStep) -> s.DividendStep:
    return s.DividendStep(
        phase=_phase(step.phase),
        amount=str(step.amount),
        document=hexed(step.document) if step.document else None,
        block=step.at.block,
        time=time_text(step.at.time),
        transaction=hexed(step.at.tx),
    )


def line(row: v.DividendLine, names: Names) -> s.DividendLine:
    return s.DividendLine(
        distribution=row.distribution,
        party=row.party,
        name=names.get(row.party),
        account=hexed(row.account),
        shares=str(row.shares),
        numerator=str(row.numerator),
        denominator=str(row.denominator),
        gross=str(row.gross),
        bps=row.bps,
        tax=str(row.tax),
        net=str(row.net),
        would_park=row.would_park,
        settlement=row.settlement.name.lower(),
        wants_scrip=row.wants_scrip,
        scrip_shares=str(row.scrip_shares),
        scrip_cost=str(row.scrip_cost),
        parked_at=time_text(row.parked.time) if row.parked else None,
        settled_at=time_text(row.settled.time) if row.settled else None,
        transaction=hexed(row.settled.tx) if row.settled else None,
    )


def preview_line(row: v.PreviewLine, found: v.Preview, names: Names) -> s.Line:
    return s.Line(
        party=row.party,
        name=names.get(row.party),
        account=hexed(row.account),
        shares=str(row.shares),
        numerator=str(found.numerator),
        denominator=str(found.denominator),
        gross=str(row.gross),
        bps=row.bps,
        tax=str(row.tax),
        net=str(row.net),
        would_park=row.would_park,
        wants_scrip=row.wants_scrip,
    )


def difference(row: v.DividendDifference, names: Names) -> s.Difference:
    return s.Difference(
        party=row.party,
        name=names.get(row.party),
        shares=str(row.shares),
        corrected_shares=str(row.corrected_shares),
        gross=str(row.gross),
        corrected_gross=str(row.corrected_gross),
        difference=str(row.difference),
        entries=list(row.entries),
    )


def _phase(phase: int) -> str:
    return DistributionPhase(phase).name.lower()
