"""Where the money of a dividend is, what happens next and who may do it, its terms in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages import dividing
from api.pages.dividing import Owners
from api.pages.rows import Fact, MoneyPart, MoneyRow
from api.pages.standing import Notice, category
from api.pages.tongue import Tongue
from registry.domain.payout_args import RATE_UNIT, DistributionPhase, TaxRule
from registry.mirror.views_payout import Distribution, TaxSchedule

WHOLE = 10_000
"""Basis points."""


@dataclass(frozen=True, slots=True)
class Rule:
    category: str
    residence: str
    part: str


class DividendMoney:
    """One dividend in words."""

    def __init__(self, found: Distribution, owners: Owners, t: Tongue) -> None:
        self.found, self.owners, self.t = found, owners, t
        self.record = t.day(found.record_day)
        self.heir = owners.name(found.remainder_account)

    # --- where it is ---

    def lead(self) -> str:
        t, found, money = self.t, self.found, self.found.summary
        if found.phase == DistributionPhase.CANCELLED:
            return t.text("dividend.lead.cancelled", money=t.yuan(found.steps[-1].amount))
        if found.phase == DistributionPhase.DECLARED:
            return t.text("dividend.lead.declared", declared=t.yuan(money.declared))
        if not found.handled:
            return t.text("dividend.lead.fixed", declared=t.yuan(money.declared), n=found.holders)
        sums = {"paid": t.yuan(money.paid), "withheld": t.yuan(money.withheld)}
        left = money.unclaimed - money.lapsed
        return t.text("dividend.lead.paying", **sums, unclaimed=t.yuan(left)) if left else self.text_done(sums)

    def text_done(self, sums: dict[str, str]) -> str:
        return self.t.text("dividend.lead.done", **sums)

    def told(self) -> list[str]:
        """What the first line means for holders."""
        t, found, money = self.t, self.found, self.found.summary
        if found.phase == DistributionPhase.DECLARED:
            words = [t.text("dividend.lead.declared.body", record=self.record)]
            if found.terms.rate:
                words.append(t.text("dividend.lead.rate.body", rate=t.rate(found.terms.rate)))
            return words
        words = []
        if found.phase == DistributionPhase.FIXED and not found.handled:
            words.append(t.text("dividend.lead.fixed.body"))
        if money.parked:
            words.append(t.text("dividend.lead.parked", parked=t.yuan(money.parked)))
        if money.lapsed:
            words.append(t.text("dividend.lead.lapsed", lapsed=t.yuan(money.lapsed), who=self.heir))
        return words

    def notices(self) -> list[Notice]:
        t, found = self.t, self.found
        notices = dividing.halt_notices(found, t)
        if found.is_short and found.phase != DistributionPhase.CANCELLED:
            notices.append(short_notice(found, found.summary.declared, found.entitled, t))
        return notices

    def rows(self) -> list[MoneyRow]:
        t, money = self.t, self.found.summary
        within, notes = self._within(), self._notes()
        return [
            MoneyRow(
                colour,
                t.text(f"payout.{name}"),
                notes[name],
                t.fen(getattr(money, name)),
                t.percent(getattr(money, name), money.declared),
                within.get(name),
            )
            for name, colour in dividing.MONEY
        ]

    def _notes(self) -> dict[str, str]:
        t, found = self.t, self.found
        is_closed = found.phase == DistributionPhase.CLOSED
        tax = self.owners.name(found.tax_account)
        return {
            "paid": t.text("payout.paid.note"),
            "withheld": t.text("payout.withheld.note", who=tax),
            "unclaimed": self._unclaimed(),
            "parked": t.text("payout.parked.note"),
            "carried": t.text("payout.carried.gone", who=self.heir) if is_closed else t.text("payout.carried.note"),
        }

    def _unclaimed(self) -> str:
        t, found = self.t, self.found
        if found.phase == DistributionPhase.DECLARED:
            return t.text("payout.unclaimed.open")
        if not dividing.is_open(found):
            return t.text("payout.unclaimed.over") if found.summary.lapsed else ""
        if found.is_over:
            return t.text("payout.unclaimed.over")
        return t.text("payout.unclaimed.note", day=t.day_at(found.region.unix(found.expires_at)))

    def _within(self) -> dict[str, MoneyPart]:
        t, money = self.t, self.found.summary
        within = {}
        if money.remitted:
            key = "payout.remitted.all" if money.remitted == money.withheld else "payout.remitted.note"
            within["withheld"] = MoneyPart(t.text("payout.remitted"), t.text(key), t.fen(money.remitted))
        if money.lapsed:
            note = t.text("payout.lapsed.note", who=self.heir)
            within["unclaimed"] = MoneyPart(t.text("payout.lapsed"), note, t.fen(money.lapsed))
        return within

    # --- what comes next ---

    def step(self) -> str:
        """One sentence, for whatever phase it is in: what comes next, until when, and who may do it."""
        t, found = self.t, self.found
        if found.phase == DistributionPhase.DECLARED:
            if found.is_record_passed:
                return t.text("pay.fix", record=self.record)
            left = found.record_time - found.stand.time
            return t.text("pay.ahead", record=self.record, span=t.span(left))
        if found.phase == DistributionPhase.FIXED:
            return self._of_fixed()
        if found.phase == DistributionPhase.CLOSED:
            return self._of_closed()
        return t.text("pay.nothing")

    def _of_fixed(self) -> str:
        t, found = self.t, self.found
        if not found.is_payable:
            key = "pay.early.scrip" if found.terms.scrip_price else "pay.early"
            left = found.terms.payable_from - found.region.clock
            return t.text(key, until=dividing.moment(found, found.terms.payable_from, t), span=t.span(left))
        if not dividing.is_open(found):
            return t.text("pay.close", money=t.yuan(found.summary.carried), who=self.heir)
        until = dividing.moment(found, found.expires_at, t)
        if found.is_over:
            return t.text("pay.lapse", until=until, who=self.heir)
        return t.text("pay.now", money=t.yuan(found.summary.unclaimed - found.summary.lapsed), until=until)

    def _of_closed(self) -> str:
        t, money = self.t, self.found.summary
        if money.parked:
            return t.text("pay.cure")
        if money.withheld > money.remitted:
            return t.text("pay.remit", money=t.yuan(money.withheld - money.remitted))
        return t.text("pay.nothing")

    # --- terms ---

    def facts(self) -> list[Fact]:
        t, found, terms = self.t, self.found, self.found.terms
        rate = self._rate()
        tax = t.text("dividend.tax.value", number=str(terms.schedule), who=self.owners.name(found.tax_account))
        expiry = t.text("dividend.expiry.value", until=dividing.moment(found, found.expires_at, t), who=self.heir)
        facts = [
            Fact(t.text("dividend.rate"), rate),
            Fact(t.text("dividend.total"), t.yuan(terms.total)),
            Fact(t.text("dividend.profit"), t.text("dividend.profit.value", money=t.yuan(terms.profit))),
            Fact(t.text("dividend.resolution"), t.text("fact.document.value"), "0x" + found.resolution.hex()),
            Fact(t.text("dividend.record"), t.text("dividend.record.value", day=self.record)),
            Fact(t.text("dividend.payment"), self._payment()),
            Fact(t.text("dividend.expiry"), expiry),
            Fact(t.text("dividend.tax"), tax, "0x" + found.tax_account.hex()),
            Fact(t.text("dividend.rounding"), t.text("dividend.rounding.value", who=self.heir)),
        ]
        if found.excluded:
            names = t.text("list.join").join(self.owners.name(account) for account in found.excluded)
            facts.append(Fact(t.text("dividend.excluded"), names))
        if terms.scrip_price:
            price = t.yuan(terms.scrip_price)
            facts.append(Fact(t.text("dividend.scrip"), t.text("dividend.scrip.value", price=price)))
        return facts

    def _rate(self) -> str:
        t, found = self.t, self.found
        if not found.terms.rate:
            return t.text("dividend.rate.shared")
        rate = t.rate(found.terms.rate)
        is_less = found.is_short and found.phase != DistributionPhase.CANCELLED
        return t.text("dividend.rate.short", rate=rate, got=t.rate(found.per_share)) if is_less else rate

    def _payment(self) -> str:
        t, found = self.t, self.found
        return t.text("dividend.payment.value", until=dividing.moment(found, found.terms.payable_from, t))


def arithmetic(found: Distribution, shares: int, numerator: int, denominator: int, t: Tongue) -> str:
    """How a part comes about, without its result: it stands beside it, rounded down."""
    held = t.shares(shares, found.decimals)
    if denominator == RATE_UNIT * 10**found.decimals and numerator == found.terms.rate:
        return t.text("line.rate", shares=held, rate=t.rate(found.terms.rate))
    entitled = t.shares(denominator, found.decimals)
    return t.text("line.shared", declared=t.yuan(numerator), shares=held, entitled=entitled)


def short_notice(found: Distribution, money: int, entitled: int, t: Tongue) -> Notice:
    """The money [fen] does not cover the rate for all who share in it, so it is shared out. What a share gets:
    rounded down."""
    unit, rate = RATE_UNIT * 10**found.decimals, found.terms.rate
    words = {
        "rate": t.rate(rate),
        "needed": t.yuan(rate * entitled // unit),
        "money": t.yuan(money),
        "got": t.rate(money * unit // entitled),
    }
    key = "ahead" if found.phase == DistributionPhase.DECLARED else "body"
    return Notice(t.text("dividend.short"), t.text(f"dividend.short.{key}", **words), "calm")


def rules(schedule: TaxSchedule, t: Tongue) -> Sequence[Rule]:
    """As they are looked up: of a category the countries that are named, then every other; last everybody else."""
    ordered = sorted(
        schedule.rules, key=lambda rule: (rule.category == 0, rule.category, rule.residence == 0, rule.residence)
    )
    return [_rule(rule, t) for rule in ordered]


def _rule(rule: TaxRule, t: Tongue) -> Rule:
    part = t.percent(rule.bps, WHOLE)
    if rule.category == 0:
        return Rule(t.text("tax.others"), t.text("tax.anywhere"), part)
    return Rule(category(rule.category, t), t.country(rule.residence) if rule.residence else t.text("tax.every"), part)
