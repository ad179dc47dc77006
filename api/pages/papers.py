"""Papers that can be taken along: a holder's statement of a year, a dividend's report, a company's tax list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.asof import Asked
from api.pages.catalogue import Lang
from api.pages.site import Visit
from registry.domain.days import day_of, year_of
from registry.domain.payout_args import DistributionPhase
from registry.mirror.views_payout import Distribution

_NAMES: dict[Lang, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Edition:
    """A paper in one language, as two files."""

    lang: Lang
    language: str
    pdf: str
    csv: str


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    editions: Sequence[Edition]


def statements(visit: Visit, asked: Asked, party: int) -> list[Paper]:
    """Of each year in which something was paid to the party, the newest first."""
    years = visit.parts.register.dividend_years(asked.as_of, party=party)
    return _papers(visit, [("paper.statement", f"/parties/{party}/statements/{year}", year) for year in years])


def of_dividend(visit: Visit, asked: Asked, found: Distribution) -> list[Paper]:
    """Its report once its holders are fixed, and the company's tax lists of the years that it may be paid in."""
    if found.phase not in (DistributionPhase.FIXED, DistributionPhase.CLOSED):
        return []
    number, first = found.number, year_of(day_of(found.region.unix(found.terms.payable_from), visit.parts.utc_offset))
    report = _papers(visit, [("paper.report", f"/distributions/{number}/report", number)])
    return [*report, *tax_lists(visit, asked, found.company, first)]


def tax_lists(visit: Visit, asked: Asked, company: int, first: int = 0) -> list[Paper]:
    """Of each year from the first on in which the company paid something, the newest first."""
    years = visit.parts.register.dividend_years(asked.as_of, company=company)
    found = [year for year in years if year >= first]
    return _papers(visit, [("paper.taxes", f"/companies/{company}/tax-lists/{year}", year) for year in found])


def _papers(visit: Visit, found: Iterable[tuple[str, str, int]]) -> list[Paper]:
    """Of keys, addresses and numbers; none where holders are not named, for these papers name them."""
    if not visit.parts.show_names:
        return []
    # The reader's own language comes first.
    order = sorted(_NAMES, key=lambda lang: lang != visit.tongue.lang)
    return [
        Paper(
            visit.tongue.text(key, number=str(number)),
            [
                Edition(
                    lang,
                    _NAMES[lang],
                    visit.url(f"{path}.pdf", lang=lang),
                    visit.url(f"{path}.csv", lang=lang),
                )
                for lang in order
            ],
        )
        for key, path, number in found
    ]
