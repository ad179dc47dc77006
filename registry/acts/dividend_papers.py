"""Dividend and tax statements, reports and tax lists: their records filled in from the mirror, as of one block.

Before anything is drawn the figures are compared with the chain at the same block (`dividend_proof`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from registry.acts.desk import ReadingDesk
from registry.acts.dividend_proof import prove
from registry.domain.days import day_of, from_date, to_date
from registry.domain.ids import Day, PartyId, Shares
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.domain.words import CATEGORY_TREASURY, PartyWord
from registry.errors import InputError, RetryableError
from registry.mirror.queries import AsOf, Stand
from registry.mirror.views_payout import Distribution, DividendLine, PartyDividend
from registry.statements import model

_PAGE = 200


def holder_statements(
    desk: ReadingDesk, parties: Sequence[PartyId], year: int, as_of: AsOf
) -> tuple[model.HolderStatement, ...]:
    """Each holder's dividends of a civil year: what was paid or lapsed in it, and what is still open at the block.

    InputError for a party nobody knows and for a year in which nothing was paid to it."""
    papers = _Papers(desk, as_of)
    found = {party: _of_year(desk, papers, party, year, as_of) for party in parties}
    _prove_all(desk, [each for several in found.values() for each in several])
    return tuple(
        model.HolderStatement(papers.holder(party), year, tuple(map(papers.payment, several)), papers.source)
        for party, several in found.items()
    )


def distribution_report(desk: ReadingDesk, distribution: int, as_of: AsOf) -> model.DistributionReport:
    """Every holder's part of a dividend whose register is fixed, and who is excluded; InputError before that."""
    papers = _Papers(desk, as_of)
    known = desk.queries.distribution(distribution, as_of)
    if known.phase not in (DistributionPhase.FIXED, DistributionPhase.CLOSED):
        raise _without_holders(known)
    lines = all_lines(desk, distribution, as_of)
    prove(desk, known, lines)
    return model.DistributionReport(
        distribution=papers.distribution(known),
        lines=tuple(model.Line(papers.holder(line.party), papers.part(known, line)) for line in lines),
        carried=known.summary.carried,
        source=papers.source,
        excluded=papers.excluded(known),
    )


def _without_holders(d: Distribution) -> InputError:
    if d.phase == DistributionPhase.CANCELLED:
        message = f"dividend {d.number} was cancelled 已撤销 and all its money went back: it has no holders"
    else:
        message = f"dividend {d.number} is declared 已宣告, and its holders are not known yet: `equity dividend fix "
        message += f"{d.number}`, once the record date has passed"
    state = DistributionPhase(d.phase).name.lower()
    return InputError(message, code="not_fixed", object=f"dividend {d.number}", field="state", value=state)


def tax_list(desk: ReadingDesk, company: int, first: date, last: date, as_of: AsOf) -> model.TaxList:
    """What a company paid from day to day, with the tax of each payment; InputError if it paid nothing."""
    papers = _Papers(desk, as_of)
    known = desk.queries.company(company, as_of)
    if last < first:
        message = f"the last day, {last}, is before the first, {first}"
        raise InputError(message, code="period", field="last", value=str(last))
    found = [
        each
        for year in range(first.year, last.year + 1)
        for each in desk.queries.dividends_paid(year, as_of, company=company)
        if first <= papers.paid_on(each.line) <= last
    ]
    if not found:
        message = (
            f"company {company} paid no dividend from {first} through {last}; {_years(desk, as_of, company=company)}"
        )
        raise InputError(message, code="no_payments", object=f"company {company}", field="first", value=str(first))
    _prove_all(desk, found)
    entries = tuple(model.TaxEntry(papers.holder(each.line.party), papers.payment(each)) for each in found)
    return model.TaxList(model.Company(known.number, known.name), first, last, entries, papers.source)


def all_lines(desk: ReadingDesk, distribution: int, as_of: AsOf) -> list[DividendLine]:
    """Every row of the fixed register."""
    lines: list[DividendLine] = []
    cursor: str | None = None
    while True:
        page = desk.queries.dividend_lines(distribution, as_of, cursor=cursor, limit=_PAGE)
        lines += page.items
        cursor = page.next_cursor
        if cursor is None:
            return lines


def _of_year(desk: ReadingDesk, papers: _Papers, party: PartyId, year: int, as_of: AsOf) -> list[PartyDividend]:
    desk.queries.party(party, as_of)
    if not desk.queries.dividends_paid(year, as_of, party=party):
        message = f"nothing was paid to party {party} in {year}; {_years(desk, as_of, party=party)}"
        raise InputError(message, code="no_payments", object=f"party {party}", field="year", value=year)
    return [each for each in desk.queries.party_dividends(party, as_of) if papers.belongs(each, year)]


def _prove_all(desk: ReadingDesk, found: Iterable[PartyDividend]) -> None:
    by_number: dict[int, tuple[Distribution, list[DividendLine]]] = {}
    for each in found:
        by_number.setdefault(each.distribution.number, (each.distribution, []))[1].append(each.line)
    for known, lines in by_number.values():
        prove(desk, known, lines)


class _Papers:
    """Records of statements, all about one block. Who holds, and how it stood at a block, is read once."""

    def __init__(self, desk: ReadingDesk, as_of: AsOf) -> None:
        self._desk = desk
        self._as_of = as_of
        self._holders: dict[PartyId, model.Holder] = {}
        self._words: dict[tuple[PartyId, int], PartyWord] = {}
        self.source = _source(desk, desk.queries.stand(as_of))

    def belongs(self, each: PartyDividend, year: int) -> bool:
        """To the statement of a year: handled in it, or open and of a record date up to its end."""
        line = each.line
        if line.settlement in (Settlement.PAID, Settlement.LAPSED):
            return self.paid_on(line).year == year
        return to_date(each.distribution.record_day).year <= year

    def paid_on(self, line: DividendLine) -> date:
        assert line.settled is not None  # handled
        return self._day(line.settled.time)

    def holder(self, party: PartyId) -> model.Holder:
        """With the name and the tax number of the directory; where it has none, or no more, the party's id."""
        if party not in self._holders:
            dossier = self._desk.directory.get(party)
            name, numbers = ("", ()) if dossier is None else (dossier.legal_name, dossier.tax_ids)
            self._holders[party] = model.Holder(party, name or f"party {party}", numbers[0] if numbers else "")
        return self._holders[party]

    def payment(self, each: PartyDividend) -> model.Payment:
        return model.Payment(self.distribution(each.distribution), self.part(each.distribution, each.line))

    def distribution(self, d: Distribution) -> model.Distribution:
        shared = model.ShareOfTotal(d.summary.declared, d.entitled)
        return model.Distribution(
            number=d.number,
            company=model.Company(d.company, d.company_name),
            share_class=d.class_name,
            decimals=d.decimals,
            resolution=d.resolution,
            profit=d.terms.profit,
            declared=d.summary.declared,
            measure=shared if d.is_shared_out else model.PerShare(d.terms.rate),
            record_date=to_date(d.record_day),
            payable_from=self._day(d.region.unix(d.terms.payable_from)),
            expires=self._day(d.region.unix(d.expires_at)),
            schedule=d.terms.schedule,
        )

    def part(self, d: Distribution, line: DividendLine) -> model.Part:
        return model.Part(line.shares, line.gross, self._fate(d, line))

    def excluded(self, d: Distribution) -> tuple[model.Excluded, ...]:
        """Accounts that the terms exclude, with what they held at the record date."""
        register = self._desk.queries.register_at(d.class_id, d.terms.epoch, self._as_of)
        held = {row.account: row.shares for row in register.accounts}
        found = []
        for account in d.excluded:
            party = self._desk.queries.account_owner(account, self._as_of).party
            if party is None:
                continue
            is_treasury = self._word(party, self.source.block).category == CATEGORY_TREASURY
            why = model.Exclusion.TREASURY if is_treasury else model.Exclusion.RESOLUTION
            found.append(model.Excluded(self.holder(party), account, held.get(account, Shares(0)), why))
        return tuple(found)

    def _fate(self, d: Distribution, line: DividendLine) -> model.Fate:
        if line.settlement == Settlement.PAID:
            return self._paid(d, line)
        if line.settlement == Settlement.LAPSED:
            return model.Lapsed(self.paid_on(line))
        if line.settlement == Settlement.NONE:
            return model.Unclaimed()
        assert line.parked is not None
        is_frozen = self._word(line.party, line.parked.block).is_frozen
        return model.Parked(model.Why.FROZEN if is_frozen else model.Why.KYC_LAPSED)

    def _paid(self, d: Distribution, line: DividendLine) -> model.Paid:
        assert line.settled is not None
        at, word = line.settled, self._word(line.party, line.settled.block)
        account = line.account
        wallet = self._desk.queries.wallet(account, AsOf(at.block))
        # A wallet that was closed when it was paid stands for its book account.
        if wallet is not None and word.is_closed(wallet.number):
            account, wallet = self._desk.book(line.party), None
        scrip = None
        if line.scrip_shares:
            scrip = model.Scrip(d.terms.scrip_price, line.scrip_shares, line.scrip_cost)
        return model.Paid(
            on=self._day(at.time),
            place=model.Place.BOOK if wallet is None else model.Place.WALLET,
            account=account,
            tax=model.Tax(line.bps, word.category, word.tax_residence, self._relief(line, word, at.block)),
            withheld=line.tax,
            net=line.net,
            tx=at.tx,
            scrip=scrip,
        )

    def _relief(self, line: DividendLine, word: PartyWord, block: int) -> model.Relief | None:
        """The certificate that counted on the day of payment."""
        if not word.has_relief:
            return None
        relief = self._desk.queries.tax_relief(line.party, AsOf(block))
        if relief is None or from_date(self.paid_on(line)) > relief.until_day:
            return None
        return model.Relief(relief.document, to_date(relief.until_day))

    def _word(self, party: PartyId, block: int) -> PartyWord:
        key = (party, block)
        if key not in self._words:
            self._words |= {(each, block): w for each, w in self._desk.queries.words([party], AsOf(block)).items()}
        return self._words[key]

    def _day(self, time: int) -> date:
        return to_date(Day(day_of(time, self._desk.deployment.utc_offset)))


def _source(desk: ReadingDesk, stand: Stand) -> model.Source:
    """RetryableError where the chain gave the block up, and the mirror has not followed it yet."""
    if desk.node.block(stand.block).hash != stand.hash:
        raise RetryableError(f"the chain has another block {stand.block} than the mirror, which has to follow it first")
    deployment = desk.deployment
    return model.Source(deployment.chain_id, deployment.distributions, stand.block, stand.hash, stand.time)


def parties_with_payments(desk: ReadingDesk, company: int, year: int, as_of: AsOf) -> Sequence[PartyId]:
    """To whom a company paid something in a year, ascending; InputError if to nobody."""
    found = {each.line.party for each in desk.queries.dividends_paid(year, as_of, company=company)}
    if not found:
        message = f"company {company} paid no dividend in {year}; {_years(desk, as_of, company=company)}"
        raise InputError(message, code="no_payments", object=f"company {company}", field="year", value=year)
    return sorted(found)


def _years(desk: ReadingDesk, as_of: AsOf, *, company: int | None = None, party: int | None = None) -> str:
    found = desk.queries.dividend_years(as_of, company=company, party=party)
    return f"years with payments: {', '.join(map(str, found)) or 'none'}"
