"""`equity dividend statement`, `report` and `tax-list`: PDF and CSV, compared with the chain before that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from registry.acts import dividend_papers as papers
from registry.acts.desk import Desk
from registry.acts.paper_files import write_papers
from registry.acts.resolve import find_company
from registry.cli import options, parse
from registry.cli.output import Output
from registry.cli.reading import question
from registry.cli.session import desk
from registry.cli.show import stand_object
from registry.errors import InputError
from registry.mirror.queries import AsOf
from registry.statements.ledger import ledger_of
from registry.statements.model import Lang, Statement
from registry.statements.render import render

_LANGUAGES: dict[str, tuple[Lang, ...]] = {"both": ("en", "zh"), "en": ("en",), "zh": ("zh",)}
Year = Annotated[int, typer.Argument(min=1971, max=9998, help="Civil year of the payments.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the files; made if it is not there.")]
Language = Annotated[str, typer.Option("--lang", metavar="en|zh|both", help="Language of the files.")]
Party = Annotated[str | None, typer.Option("--party", metavar="NUMBER", help="One holder.")]
Company = Annotated[
    str | None, typer.Option("--company", "-c", metavar="NUMBER", help="Every holder that the company paid.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the group of dividends."""
    app.command("statement")(statement)
    app.command("report")(report)
    app.command("tax-list")(tax_list)


def statement(
    year: Year,
    party: Party = None,
    company: Company = None,
    out: Out = Path(),
    lang: Language = "both",
    as_of: options.AsOf = None,
    json: options.Json = False,
) -> None:
    """Write a holder's dividend and tax statement of a year, or those of all holders that a company paid.

    equity dividend statement 2026 --party 12 --out papers
    """
    if (party is None) == (company is None):
        raise InputError("name one of --party and --company", code="party_or_company", field="party", value=party)
    with _opened(Output(json), lang, as_of) as writing:
        if party is not None:
            parties = [parse.party(party)]
        else:
            number = find_company(writing.desk.queries, company or "", writing.as_of).number
            parties = list(papers.parties_with_payments(writing.desk, number, year, writing.as_of))
        writing.write(out, papers.holder_statements(writing.desk, parties, year, writing.as_of))


def report(
    dividend: Annotated[int, typer.Argument(min=1, metavar="DIVIDEND", help="Number of the dividend.")],
    out: Out = Path(),
    lang: Language = "both",
    as_of: options.AsOf = None,
    json: options.Json = False,
) -> None:
    """Write the company's report about a dividend: every holder's part, and what became of it.

    equity dividend report 1 --out papers
    """
    with _opened(Output(json), lang, as_of) as writing:
        writing.write(out, [papers.distribution_report(writing.desk, dividend, writing.as_of)])


def tax_list(
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="The company's number or address.")],
    year: Year,
    out: Out = Path(),
    lang: Language = "both",
    as_of: options.AsOf = None,
    json: options.Json = False,
) -> None:
    """Write what a company tells the tax authority: all payments of a year with their tax.

    equity dividend tax-list 1 2026 --out papers
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    with _opened(Output(json), lang, as_of) as writing:
        number = find_company(writing.desk.queries, company, writing.as_of).number
        writing.write(out, [papers.tax_list(writing.desk, number, first, last, writing.as_of)])


class _Writing:
    """A desk at one block, and the languages that are asked for."""

    def __init__(self, desk: Desk, as_of: AsOf, languages: tuple[Lang, ...], out: Output) -> None:
        self.desk = desk
        self.as_of = as_of
        self._languages = languages
        self._out = out

    def write(self, folder: Path, statements: Iterable[Statement]) -> None:
        """All of them, each whole or not at all; then says which files there are."""
        written = [self._one(folder, each, lang) for each in statements for lang in self._languages]
        data = {"as_of": stand_object(self.desk.queries.stand(self.as_of)), "papers": written}
        self._out.result(data, lambda out: _show(out, written))

    def _one(self, folder: Path, statement: Statement, lang: Lang) -> dict[str, Any]:
        made = render(statement, lang)
        pdf, csv = write_papers(folder, made)
        digest = ledger_of(statement).digest
        return {"pdf": str(pdf), "csv": str(csv), "figures": digest, "missing": list(made.missing)}


@contextmanager
def _opened(out: Output, lang: str, as_of: str | None) -> Iterator[_Writing]:
    if lang not in _LANGUAGES:
        message = f"a language is one of {', '.join(_LANGUAGES)}"
        raise InputError(message, code="language", field="lang", value=lang)
    with desk(out) as opened:
        asked = question(opened.queries, opened.deployment.utc_offset, as_of)
        asked = replace(asked, block=opened.queries.stand(asked).block)
        yield _Writing(opened, asked, _LANGUAGES[lang], out)


def _show(out: Output, written: list[dict[str, Any]]) -> None:
    for each in written:
        out.line(f"{each['pdf']}")
        out.line(f"{each['csv']}")
        if each["missing"]:
            codes = " ".join(f"U+{ord(char):04X}" for char in each["missing"])
            out.note(f"no face can draw {codes}: the PDF has the codes, the CSV the characters")
