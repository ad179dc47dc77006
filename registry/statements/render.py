"""A statement in, its PDF and its CSV out, in English or Chinese."""

from __future__ import annotations

from registry.statements.checks import check
from registry.statements.ledger import Ledger, ledger_of
from registry.statements.model import DistributionReport, HolderStatement, Lang, Rendered, Statement
from registry.statements.page import Page
from registry.statements.sheets import sheet
from registry.statements.tongue import Tongue
from registry.statements.typeset import typeset
from registry.statements.view_holder import holder_page
from registry.statements.view_report import report_page
from registry.statements.view_taxes import taxes_page


def render(statement: Statement, lang: Lang) -> Rendered:
    """Both files: the same bytes for the same records, always. InputError if they are malformed, contradict each other,
    or hold nothing to state."""
    csv = render_csv(statement, lang)
    pdf, missing = typeset(_page(statement, ledger_of(statement), Tongue(lang)), statement.source.time, lang)
    return Rendered(name_of(statement, lang), pdf, csv, missing)


def render_csv(statement: Statement, lang: Lang) -> bytes:
    """The CSV alone, the same bytes, without the work of typesetting. InputError as for both."""
    check(statement)
    return sheet(statement, ledger_of(statement).digest, Tongue(lang))


def _page(statement: Statement, ledger: Ledger, tongue: Tongue) -> Page:
    if isinstance(statement, HolderStatement):
        return holder_page(statement, ledger, tongue)
    if isinstance(statement, DistributionReport):
        return report_page(statement, ledger, tongue)
    return taxes_page(statement, ledger, tongue)


def name_of(statement: Statement, lang: Lang) -> str:
    """What its files are called, without an ending; the same in both languages but for its end."""
    if isinstance(statement, HolderStatement):
        return f"statement-{statement.year}-{statement.holder.party}-{lang}"
    if isinstance(statement, DistributionReport):
        return f"dividend-{statement.distribution.number}-{lang}"
    return f"tax-{statement.company.number}-{statement.first}-{statement.last}-{lang}"
