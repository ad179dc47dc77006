"""What a reader says about a package: findings, each naming object, field, value and rule.

A finding is data, not an exception: a package with twenty faults is reported with twenty findings in one go. Whoever
reads decides whether a finding is a warning (the totals stand) or an error (they do not). Knows nothing of any format.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# A hostile package may hold a megabyte in one field; a finding repeats enough of it to be recognised.
SHOWN = 120
LONGEST_MESSAGE = 800


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One remark: `code` is stable, `object` is the id in the package (or a file's path), `message` is for people."""

    object: str
    field: str
    code: str
    value: str
    message: str


@dataclass(slots=True)
class Findings:
    """Collects warnings and errors while a package is read; the order of reading never shows in the result."""

    _warnings: set[Finding] = field(default_factory=set)
    _errors: set[Finding] = field(default_factory=set)

    def warn(self, code: str, obj: str, name: str, value: object, message: str) -> None:
        self._warnings.add(_finding(code, obj, name, value, message))

    def refuse(self, code: str, obj: str, name: str, value: object, message: str) -> None:
        self._errors.add(_finding(code, obj, name, value, message))

    def take(self, warnings: tuple[Finding, ...], errors: tuple[Finding, ...]) -> None:
        """Adds what an earlier stage found."""
        self._warnings.update(warnings)
        self._errors.update(errors)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(sorted(self._warnings))

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(sorted(self._errors))

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Tells whether an error was added inside the block: `with findings.watching() as seen: ...; seen.errors`."""
        watch = Watch(self._errors, len(self._errors))
        yield watch


@dataclass(frozen=True, slots=True)
class Watch:
    """The number of errors at one moment, against the number now."""

    _now: set[Finding]
    _then: int

    @property
    def errors(self) -> int:
        return len(self._now) - self._then


def shown(value: object) -> str:
    """A value as a finding repeats it: one line, at most SHOWN characters, always encodable."""
    text = value if isinstance(value, str) else "" if value is None else repr(value)
    return _one_line(text, SHOWN)


def _finding(code: str, obj: str, name: str, value: object, message: str) -> Finding:
    return Finding(shown(obj), name, code, shown(value), _one_line(message, LONGEST_MESSAGE))


def _one_line(text: str, longest: int) -> str:
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text[: longest + 1])
    return clean if len(clean) <= longest else clean[:longest] + "…"
