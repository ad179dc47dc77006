"""What signed reports say of a company's months: the figures to disclose, and whether they meet the criterion. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from oracles.authentic import open_jws
from oracles.detached import check_signed
from oracles.exact import EXACT, Exact, decode, member, moment, number, plain, text
from oracles.kpi.terms import Criterion, Source, Terms
from oracles.reasons import Reason, Refused
from oracles.verdict import Reading, Sample, Verdict, observed, settle, within
from registry.domain.days import day_of, to_date

_MONTH = re.compile(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])")
_MOST_MONTHS = 600
_ANY_AGE = 10**12

Figures = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Report:
    """One source's report: figures by month (`YYYY-MM`), and when it was made [unix s]."""

    source: str
    months: Mapping[str, Figures]
    reported_at: int


def judge(terms: Terms, samples: Sequence[Sample], at: int) -> Verdict:
    """REACHED or NOT_REACHED with the figure of each report, or why nothing can be said. `at` [unix s].

    Without a criterion a report in order counts as NOT_REACHED, which nobody attests.
    """
    tolerance = Decimal(0) if terms.criterion is None else terms.criterion.tolerance
    return settle(samples, lambda sample: _reading(terms, read_report(terms, sample, at)), tolerance)


def months_told(terms: Terms, samples: Sequence[Sample], at: int) -> tuple[Mapping[str, Figures], tuple[Reason, ...]]:
    """The months on whose figures all sources agree, and what speaks against disclosing others."""
    reports: list[Report] = []
    reasons: list[Reason] = []
    for sample in samples:
        if sample.reasons:
            reasons += sample.reasons
            continue
        try:
            reports.append(read_report(terms, sample, at))
        except Refused as refused:
            reasons.append(replace(refused.reason, source=sample.source))
    if reasons or not reports:
        return {}, tuple(reasons)
    first, *others = reports
    agreed = {}
    for month, figures in first.months.items():
        if all(other.months.get(month) == figures for other in others):
            agreed[month] = figures
        elif all(month in other.months for other in others):
            reasons.append(Reason("sources_disagree", field=month))
    return agreed, tuple(reasons)


def silent_months(terms: Terms, told: frozenset[str], at: int) -> tuple[str, ...]:
    """Months since the first one that nobody has told by the end of their due day, oldest first."""
    today = to_date(day_of(at))
    found = []
    month = terms.disclosed.first
    while (due := _next(month)) and (due, terms.disclosed.due_day) < (f"{today:%Y-%m}", today.day):
        if month not in told:
            found.append(month)
        month = due
    return tuple(found)


def read_report(terms: Terms, sample: Sample, at: int) -> Report:
    """The report in a sample; Refused where it is not from whom it should be, or a figure is in doubt."""
    source = next(source for source in terms.source if source.name == sample.source)
    document = decode(_authentic(source, sample, at))
    company = text(member(document, "company"), "company")
    if company.lower() != terms.company.lower():
        raise Refused("mismatch", "company", company, terms.company)
    max_age = _ANY_AGE if terms.criterion is None else terms.criterion.max_age
    stated = moment(member(document, "reported_at"), "reported_at")
    reported = observed(stated, sample, at, max_age, "reported_at")
    return Report(sample.source, _months(terms, member(document, "months"), at), reported)


def _authentic(source: Source, sample: Sample, at: int) -> bytes:
    content = check_signed(source, sample, at)
    return open_jws(content, source.jws) if source.jws else content


def _months(terms: Terms, listed: Exact, at: int) -> dict[str, Figures]:
    if not isinstance(listed, list) or len(listed) > _MOST_MONTHS:
        raise Refused("wrong_type", "months", "", f"a list of at most {_MOST_MONTHS}")
    present = f"{to_date(day_of(at)):%Y-%m}"
    months: dict[str, Figures] = {}
    for item in listed:
        month = text(member(item, "month", "months"), "months.month")
        if not _MONTH.fullmatch(month):
            raise Refused("wrong_type", "months.month", month, "YYYY-MM")
        if month in months:
            raise Refused("ambiguous", month, "", "each month once")
        if month >= present:
            raise Refused("clock_skew", month, "", "a month that is over")
        months[month] = _figures(terms, member(item, "figures", month), month)
    return months


def _figures(terms: Terms, told: Exact, month: str) -> Figures:
    """The figures that the terms disclose, all of them; others stay in the kept report."""
    disclosed = terms.disclosed
    found = {}
    for name in sorted(disclosed.figures):
        field = f"{month}.{name}"
        found[name] = within(number(member(told, name, month), field), disclosed.least, disclosed.most, field)
    return found


def _reading(terms: Terms, report: Report) -> Reading:
    if terms.criterion is None:
        told = ", ".join(sorted(report.months))
        return Reading(report.source, False, report.reported_at, None, (("months", told),))
    figure, months = _folded(terms.criterion, report)
    criterion = terms.criterion
    extracted = (
        (f"{criterion.fold}({criterion.figure})", plain(figure)),
        ("months", f"{months[0]} to {months[-1]}"),
        ("at_least", plain(criterion.at_least)),
    )
    return Reading(report.source, figure >= criterion.at_least, report.reported_at, figure, extracted)


def _folded(criterion: Criterion, report: Report) -> tuple[Decimal, list[str]]:
    """The sum, or the least, of the newest months; they must follow on each other without a gap."""
    if not report.months:
        raise Refused("missing", "months")
    months = [max(report.months)]
    while len(months) < criterion.months:
        months.insert(0, _previous(months[0]))
    missing = [month for month in months if month not in report.months]
    if missing:
        raise Refused("missing", missing[-1], "", f"{criterion.months} months on end")
    figures = [report.months[month][criterion.figure] for month in months]
    if criterion.fold == "each":
        return min(figures), months
    total = Decimal(0)
    for figure in figures:
        total = EXACT.add(total, figure)
    return total, months


def _next(month: str) -> str:
    year, number_ = int(month[:4]), int(month[5:])
    return f"{year + number_ // 12:04d}-{number_ % 12 + 1:02d}"


def _previous(month: str) -> str:
    year, number_ = int(month[:4]), int(month[5:])
    return f"{year - (number_ == 1):04d}-{(number_ - 2) % 12 + 1:02d}"
