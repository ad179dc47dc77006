"""A party's dividends: sums, what needs attention, and for each what came when and why that amount, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.asof import Asked
from api.pages import dividing
from api.pages.dividend_money import WHOLE
from api.pages.dividing import Owners
from api.pages.own import Amount
from api.pages.papers import Paper, statements
from api.pages.site import Visit
from api.pages.standing import Notice
from api.pages.tongue import Tongue, plain
from registry.domain.ids import PartyId
from registry.domain.payout_args import RATE_UNIT, Settlement
from registry.domain.words import PartyWord
from registry.mirror.views_payout import Distribution, DividendLine, PartyDividend, PartyPreview, PreviewLine


@dataclass(frozen=True, slots=True)
class Got:
    """One dividend as its holder sees it."""

    title: str
    company: str
    href: str
    change: str
    tone: str
    sentences: Sequence[str]


class Received:
    """A party's dividends, the newest first, and its statements; for its own page and for that of a holder."""

    def __init__(
        self, visit: Visit, asked: Asked, found: Sequence[PartyDividend], word: PartyWord, papers: Sequence[Paper]
    ) -> None:
        self.visit, self.asked, self.t, self.found, self.word = visit, asked, visit.tongue, found, word
        self.papers = papers
        accounts = {account for each in found for account in dividing.accounts_of(each.distribution)}
        self.owners = Owners(visit, asked, accounts)

    # --- sums ---

    def totals(self) -> list[Amount]:
        """Over all of them; what is still to come or parked only where there is some."""
        t, paid = self.t, self._lines(Settlement.PAID)
        waiting = sum(line.net for line in self._waiting())
        parked = sum(line.gross for line in self._lines(Settlement.PARKED))
        found = [("received", sum(line.net for line in paid)), ("withheld", sum(line.tax for line in paid))]
        found += [("waiting", waiting)] if waiting else []
        found += [("parked", parked)] if parked else []
        return [Amount(t.text(f"got.{name}"), t.fen(amount)) for name, amount in found]

    def _lines(self, settlement: Settlement) -> list[DividendLine]:
        return [each.line for each in self.found if each.line.settlement == settlement]

    def _waiting(self) -> list[DividendLine]:
        """Not handled yet, and in time."""
        return [
            each.line
            for each in self.found
            if each.line.settlement == Settlement.NONE and not each.distribution.is_over
        ]

    # --- what needs attention ---

    def notices(self) -> list[Notice]:
        """Parked money with the way to cure it, and shares that can be chosen instead of cash."""
        asked = [each for each in self.found if each.line.settlement == Settlement.NONE]
        return [*self._parked(), *(notice for each in asked for notice in choice(self.t, each.distribution, each.line))]

    def _parked(self) -> list[Notice]:
        t, lines = self.t, self._lines(Settlement.PARKED)
        if not lines:
            return []
        money = t.yuan(sum(line.gross for line in lines))
        cause = "cured" if not lines[0].would_park else "frozen" if self.word.is_frozen else "kyc"
        return [Notice(t.text(f"got.park.{cause}", money=money), t.text(f"got.park.{cause}.body"))]

    # --- dividend by dividend ---

    def rows(self) -> list[Got]:
        t, found = self.t, []
        for each in self.found:
            line, dividend = each.line, each.distribution
            is_paid = line.settlement == Settlement.PAID
            title = t.text("got.dividend", share_class=plain(dividend.class_name), number=str(dividend.number))
            found.append(
                Got(
                    title=title,
                    company=plain(dividend.company_name),
                    href=self.visit.url(f"/dividends/{dividend.number}"),
                    change=f"+{t.fen(line.net)}" if is_paid else t.fen(line.gross),
                    tone="plus" if is_paid else "soft",
                    sentences=[self._when(each), self._why(each), *self._tax(each)],
                )
            )
        return found

    def _why(self, each: PartyDividend) -> str:
        t, line, dividend = self.t, each.line, each.distribution
        words = {
            "n": line.shares,
            "shares": t.shares(line.shares, dividend.decimals),
            "record": t.day(dividend.record_day),
            "gross": t.yuan(line.gross),
        }
        if dividend.is_short:
            got, rate = t.rate(dividend.per_share), t.rate(dividend.terms.rate)
            return t.text("got.why.short", got=got, rate=rate, **words)
        if not dividend.is_shared_out:
            return t.text("got.why.rate", rate=t.rate(dividend.terms.rate), **words)
        entitled = t.shares(dividend.entitled, dividend.decimals)
        return t.text("got.why.shared", entitled=entitled, declared=t.yuan(dividend.summary.declared), **words)

    def _tax(self, each: PartyDividend) -> list[str]:
        t, line = self.t, each.line
        if line.settlement == Settlement.LAPSED:
            return []
        is_paid = line.settlement == Settlement.PAID
        if is_paid and not line.tax:
            return [t.text("got.tax.none")]
        words = {"part": t.percent(line.bps, WHOLE), "tax": t.yuan(line.tax), "net": t.yuan(line.net)}
        if not is_paid:
            return [t.text("got.tax.would", **words)]
        return [t.text("got.tax.relief" if line.by_relief else "got.tax", **words)]

    def _when(self, each: PartyDividend) -> str:
        t, line, dividend = self.t, each.line, each.distribution
        day = t.day_at(line.settled.time) if line.settled else ""
        heir = self.owners.name(dividend.remainder_account)
        if line.settlement == Settlement.PAID and line.scrip_shares:
            shares, cost = t.shares(line.scrip_shares, dividend.decimals), t.yuan(line.scrip_cost)
            return t.text("got.scrip", n=line.scrip_shares, day=day, shares=shares, cost=cost)
        if line.settlement == Settlement.PAID:
            return t.text("got.paid", day=day)
        if line.settlement == Settlement.LAPSED:
            return t.text("got.lapsed", day=day, who=heir)
        if line.settlement == Settlement.PARKED:
            return t.text("got.waits", day=day)
        if line.would_park and dividend.is_payable:
            return t.text("got.will.park")
        if not dividend.is_payable:
            return t.text("got.ahead", until=dividing.moment(dividend, dividend.terms.payable_from, t))
        until = dividing.moment(dividend, dividend.expires_at, t)
        return t.text("got.over" if dividend.is_over else "got.now", until=until, **_heir(dividend, heir))


def _heir(dividend: Distribution, heir: str) -> dict[str, str]:
    """Who gets what was not paid in time, once that is so."""
    return {"who": heir} if dividend.is_over else {}


def _soon(t: Tongue, each: PartyPreview) -> Notice:
    dividend, record = each.distribution, t.day(each.distribution.record_day)
    words = {
        "number": str(dividend.number),
        "share_class": plain(dividend.class_name),
        "until": dividing.moment(dividend, dividend.terms.payable_from, t),
    }
    if dividend.is_record_passed:
        body = t.text("got.unfixed.body", gross=t.yuan(each.line.gross), **words)
        return Notice(t.text("got.unfixed", record=record), body, "calm")
    what = {"rate": t.rate(dividend.terms.rate), "total": t.yuan(dividend.terms.total)}
    whole = each.line.shares * dividend.terms.rate // (RATE_UNIT * 10**dividend.decimals)
    key = "shared" if not dividend.terms.rate else "short" if each.line.gross < whole else "rate"
    return Notice(t.text("got.soon", record=record), t.text(f"got.soon.{key}", **what, **words), "calm")


def choice(t: Tongue, dividend: Distribution, line: DividendLine | PreviewLine) -> list[Notice]:
    """Shares instead of cash: what was chosen, or can be, while it can be changed."""
    if not dividend.is_choosable:
        return []
    price, until = dividend.terms.scrip_price, dividing.moment(dividend, dividend.terms.payable_from, t)
    whole = line.net // price
    words = {
        "number": str(dividend.number),
        "n": whole,
        "net": t.yuan(line.net),
        "shares": t.number(whole),
        "price": t.yuan(price),
        "rest": t.yuan(line.net - whole * price),
    }
    if line.wants_scrip:
        return [Notice(t.text("got.chosen"), t.text("got.chosen.body", until=until, **words), "calm")]
    return [Notice(t.text("got.choice", until=until), t.text("got.choice.body", **words), "calm")]


def received(visit: Visit, asked: Asked, party: PartyId, word: PartyWord, company: int | None = None) -> Received:
    """Of all companies, with the statements, which are about all; or of one."""
    found = visit.parts.register.party_dividends(party, asked.as_of)
    papers = statements(visit, asked, party) if company is None else []
    mine = [each for each in found if company in (None, each.distribution.company)]
    return Received(visit, asked, mine, word, papers)


def ahead(visit: Visit, asked: Asked, party: PartyId, company: int | None = None) -> list[Notice]:
    """Dividends whose holders are not fixed yet, with the choice of shares that each offers; of all companies,
    or of one."""
    t, found = visit.tongue, visit.parts.register.dividends_ahead(party, asked.as_of)
    mine = [each for each in found if company in (None, each.distribution.company)]
    return [notice for each in mine for notice in (_soon(t, each), *choice(t, each.distribution, each.line))]
