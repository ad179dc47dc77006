"""What a command shows: tables for people or one JSON object for scripts on stdout; progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from registry.domain.days import civil
from registry.errors import InputError, RegistryError, RejectedError

_HEADINGS = {1: "refused", 2: "usage", 65: "bad input", 69: "not there", 75: "try again", 78: "halted"}

_MOMENTS = {"clock", "due"}
"""What refusals call moments [s]."""

Report = Callable[[str, int, int], None]
"""Called with a label, what is done, and what there is to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand to the right."""

    title: str
    is_number: bool = False


@dataclass(slots=True)
class Output:
    """One command's way to speak."""

    as_json: bool = False
    is_quiet: bool = False
    _out: Console = field(default_factory=lambda: _console(False))
    _err: Console = field(default_factory=lambda: _console(True))

    def result(self, data: Mapping[str, Any], show: Callable[[Output], None]) -> None:
        """The one object of `--json`, or whatever `show` writes for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            show(self)

    def line(self, text: str = "", style: str | None = None) -> None:
        """A line on stdout, taken as it stands: names from outside cannot switch styles."""
        self._out.print(escape(_printable(text)), style=style)

    def table(self, title: str, columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> None:
        table = Table(title=escape(_printable(title)), title_justify="left", header_style="bold", title_style="bold")
        for column in columns:
            table.add_column(column.title, justify="right" if column.is_number else "left", overflow="fold")
        for row in rows:
            table.add_row(*(escape(_printable(cell)) for cell in row))
        self._out.print(table)

    def page(
        self, title: str, columns: Sequence[Column], rows: Sequence[Sequence[object]], next_cursor: str | None
    ) -> None:
        """A table, and how to ask for the rows behind it."""
        self.table(title, columns, rows)
        if next_cursor is not None:
            self.line(f"more: --cursor {next_cursor}")

    def note(self, text: str, style: str | None = None) -> None:
        """What a person wants to know while waiting: on stderr, so that stdout stays the result."""
        if not self.is_quiet:
            self._err.print(escape(_printable(text)), style=style)

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """Bars on stderr while the block runs; nothing where nobody looks."""
        if self.is_quiet or not self._err.is_terminal:
            yield lambda _label, _done, _total: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._err, transient=True) as bars:
            known: dict[str, Any] = {}

            def report(label: str, done: int, total: int) -> None:
                if label not in known:
                    known[label] = bars.add_task(label, total=total)
                bars.update(known[label], completed=done, total=total)

            yield report

    def error(self, error: RegistryError) -> None:
        if self.as_json:
            sys.stderr.write(json.dumps({"error": described(error)}, ensure_ascii=False) + "\n")
            return
        self._err.print(f"[bold red]{escape(_heading(error))}[/]: {escape(_printable(error.message))}")
        for name, value in _details(error):
            self._err.print(f"  {escape(name)}: {escape(_printable(value))}")


def _console(is_stderr: bool) -> Console:
    console = Console(stderr=is_stderr, highlight=False, soft_wrap=True)
    # Into a file or a pipe: no terminal's width cuts a table.
    return console if console.is_terminal else Console(stderr=is_stderr, highlight=False, soft_wrap=True, width=140)


def described(error: RegistryError) -> dict[str, Any]:
    """An error for scripts: always code, message and exit code, and what the kind of error adds."""
    data: dict[str, Any] = {"code": error.code, "message": error.message, "exit_code": error.exit_code}
    if isinstance(error, InputError):
        data |= error.as_dict()
    if isinstance(error, RejectedError):
        data["values"] = {name: _plain(value) for name, value in error.values.items()}
    return data


def quantity(shares: int, decimals: int = 0) -> str:
    """Shares as a plain decimal text: "145000", or "12.500000" in a class with decimals."""
    if not decimals:
        return str(shares)
    whole, part = divmod(shares, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"


def grouped(shares: int, decimals: int = 0) -> str:
    """The same for people: thousands apart."""
    whole, dot, part = quantity(shares, decimals).partition(".")
    return f"{int(whole):,}".replace(",", " ") + dot + part


def _heading(error: RegistryError) -> str:
    return _HEADINGS.get(error.exit_code, "error")


def _details(error: RegistryError) -> list[tuple[str, str]]:
    if isinstance(error, InputError):
        found = (("rule", error.code), ("object", error.object), ("field", error.field), ("value", error.value))
        return [(name, text) for name, text in found if text]
    if isinstance(error, RejectedError):
        return [("rule", error.code), *((name, _for_people(name, value)) for name, value in error.values.items())]
    return []


def _for_people(name: str, value: object) -> str:
    """A value of a refusal; scripts get moments in seconds."""
    return civil(value) if name in _MOMENTS and isinstance(value, int) else str(_plain(value))


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, str, bool, dict)) else str(value)


def _printable(cell: object) -> str:
    """Names come from outside: what would steer a terminal is shown as a mark."""
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
