"""FEED.toml: read at the door, all its problems told at once, and then a frozen value that nothing else need check."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from oracles.bank_statement import terms as bank_statement
from oracles.exact import canonical
from oracles.http_json import terms as http_json
from oracles.kpi import terms as kpi
from oracles.reasons import shown
from oracles.signed_document import terms as signed_document
from oracles.terms import DOOR, Line, Slug, Url
from registry.domain.ids import Address
from registry.errors import InputError

Terms: TypeAlias = http_json.Terms | signed_document.Terms | bank_statement.Terms | kpi.Terms

KINDS: Final[dict[str, type[Terms]]] = {
    "http_json": http_json.Terms,
    "signed_document": signed_document.Terms,
    "bank_statement": bank_statement.Terms,
    "kpi": kpi.Terms,
}
_ADAPTERS: Final[dict[type[Any], TypeAdapter[Any]]] = {}
_MOST_BYTES: Final = 200_000
_INLINED: Final = ("roots_file", "ed25519_file", "jws_file")


def _address(value: str) -> str:
    digits = value.removeprefix("0x")
    if len(value) != 42 or len(digits) != 40 or not set(digits) <= set("0123456789abcdefABCDEF") or not int(digits, 16):
        raise ValueError("0x and 40 hex digits that are not all zero")
    return "0x" + digits.lower()


HexAddress = Annotated[str, AfterValidator(_address)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Which milestone of which escrow is attested."""

    __pydantic_config__ = DOOR

    escrow: HexAddress
    number: Annotated[int, Field(strict=True, ge=0, le=255)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attesting:
    """`uri` is where evidence can be asked for; its hash is put behind. `valid_for` [s] from the observation on."""

    __pydantic_config__ = DOOR

    uri: Annotated[str, Field(max_length=180, pattern=r"^[\x21-\x7e]+$")]
    valid_for: Annotated[int, Field(strict=True, ge=60, le=400 * 86_400)] = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerTerms:
    """A key of the home by name, or a signer at an address with the account that signs.

    `relay` is the key of the home that sends what was signed, and pays for it; the same key unless it is named.
    """

    __pydantic_config__ = DOOR

    key: Line | None = None
    url: Url | None = None
    address: HexAddress | None = None
    relay: Line | None = None

    @property
    def problem(self) -> str:
        if (self.key is None) == (not self.url):
            return "either key or url"
        return "" if bool(self.url) == bool(self.address) else "url and address go together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """A text endpoint on loopback."""

    __pydantic_config__ = DOOR

    port: Annotated[int, Field(strict=True, ge=0, le=65_535)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What all feeds have in common. Without a signer the feed is dry: it judges and signs nothing."""

    __pydantic_config__ = DOOR

    kind: str
    name: Slug
    company: HexAddress
    every: Annotated[int, Field(strict=True, ge=1, le=86_400)] = 300
    milestone: Milestone | None = None
    attestation: Attesting | None = None
    signer: SignerTerms | None = None
    metrics: Metrics | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as the daemon works with it. `every` [s] is the pause between two cycles, `folder` where its file is.

    A feed without a milestone discloses figures and attests nothing.
    """

    name: str
    folder: Path
    company: Address
    every: int
    terms: Terms
    escrow: Address | None = None
    milestone: int = 0
    uri: str = ""
    valid_for: int = 0
    signer: SignerTerms | None = None
    metrics_port: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of the file."""

    field: str
    value: str
    rule: str

    def __str__(self) -> str:
        return f"{self.field} is {self.value}; rule: {self.rule}" if self.value else f"{self.field}: {self.rule}"


class FeedError(InputError):
    """All that is wrong with a feed's file; the first problem stands in field and value as well."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        first = problems[0]
        message = f"the feed {file} has {len(problems)} problem{'s' if len(problems) > 1 else ''}:\n{lines}"
        super().__init__(message, code="feed", object=str(file), field=first.field, value=first.value)
        self.problems = tuple(problems)


@dataclass(slots=True)
class _Door:
    """Collects problems while a file is read."""

    file: Path
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str, value: object, rule: str) -> None:
        self.problems.append(Problem(name, shown(value), rule))

    def validated(self, kind: type[Any], value: Mapping[str, Any]) -> Any:
        try:
            return _adapter(kind).validate_python(dict(value))
        except ValidationError as error:
            for one in error.errors(include_url=False):
                value_met = "" if one["type"] == "missing" or isinstance(one["input"], dict) else one["input"]
                self.add(_dotted(one["loc"]), value_met, one["msg"].removeprefix("Value error, "))
            return None

    def inline(self, holder: Any, name: str) -> None:
        """Puts keys and roots in the place of the files that hold them, at any depth."""
        if isinstance(holder, list):
            for number, inner in enumerate(holder):
                self.inline(inner, f"{name}[{number}]")
        if not isinstance(holder, dict):
            return
        for key in list(holder):
            where = f"{name}.{key}".lstrip(".")
            if key in _INLINED:
                text = self._text_of(holder.pop(key), where)
                if text is not None:
                    holder[key.removesuffix("_file")] = text
            else:
                self.inline(holder[key], where)

    def _text_of(self, value: object, where: str) -> str | None:
        try:
            content = (self.file.parent / str(value)).read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            self.add(where, value, f"a file that can be read ({type(error).__name__})")
            return None
        return content[:_MOST_BYTES]


def read_feed(file: Path) -> Feed:
    """The feed in a file; FeedError with every problem found."""
    door = _Door(file)
    content = _toml(door)
    door.inline(content, "")
    kind = content.get("kind")
    chosen = KINDS.get(kind) if isinstance(kind, str) else None
    if chosen is None:
        door.add("kind", kind if kind is not None else "", f"one of {', '.join(KINDS)}")
        raise FeedError(file, door.problems)
    own = {f.name for f in fields(chosen)}
    head = door.validated(_Head, {k: v for k, v in content.items() if k not in own - {"kind", "company"}})
    terms = door.validated(chosen, {k: v for k, v in content.items() if k in own})
    # A company that is none is told once.
    door.problems[:] = dict.fromkeys(door.problems)
    for part in (head, terms):
        for name, rule in _contradictions(part, ""):
            door.add(name or "feed", "", rule)
    if head is not None and terms is not None:
        _check_together(door, head, terms)
    if door.problems:
        raise FeedError(file, door.problems)
    return _feed(file, head, terms)


def terms_json(terms: Terms) -> Any:
    """The terms as plain JSON, which `terms_from` reads again."""
    return _adapter(type(terms)).dump_python(terms, mode="json")


def terms_bytes(terms: Terms) -> bytes:
    """One spelling for the same terms; its hash is the feed's digest."""
    return canonical(terms_json(terms))


def terms_from(content: object) -> Terms:
    """Terms that were kept with evidence; ValueError if they are none."""
    kind = content.get("kind") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"terms of an unknown kind {kind!r}")
    terms: Terms = _adapter(KINDS[kind]).validate_python(content)
    return terms


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _toml(door: _Door) -> dict[str, Any]:
    try:
        content = door.file.read_bytes()
        if len(content) > _MOST_BYTES:
            raise ValueError(f"{len(content)} bytes, at most {_MOST_BYTES}")
        return tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except OSError as error:
        door.add("file", door.file, f"can be read ({error.strerror})")
    except (ValueError, ArithmeticError, RecursionError) as error:
        door.add("file", door.file, f"TOML in UTF-8 ({error})")
    raise FeedError(door.file, door.problems)


def _dotted(place: tuple[int | str, ...]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "feed"


def _contradictions(part: object, name: str) -> Iterator[tuple[str, str]]:
    """What single fields cannot show: every part that has a `problem` says it."""
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _contradictions(inner, f"{name}[{number}]")
    elif hasattr(part, "__dataclass_fields__"):
        rule = getattr(part, "problem", "")
        if rule:
            yield name, rule
        for inner_field in fields(part):  # type: ignore[arg-type]
            yield from _contradictions(getattr(part, inner_field.name), f"{name}.{inner_field.name}".lstrip("."))


def _check_together(door: _Door, head: _Head, terms: Terms) -> None:
    names = [source.name for source in terms.source]
    if len(set(names)) != len(names):
        door.add("source", ", ".join(names), "each source has a name of its own")
    if (head.milestone is None) != (head.attestation is None):
        door.add("attestation" if head.milestone else "milestone", "", "milestone and attestation go together")
    signer = head.signer
    if head.milestone and signer and not signer.problem and signer.url and signer.relay is None:
        door.add("signer.relay", "", "a key of the home that sends, since a signer elsewhere signs statements only")
    if (head.milestone is None) != (terms.criterion is None):
        door.add("criterion" if head.milestone else "milestone", "", "milestone and criterion go together")
    if isinstance(terms, kpi.Terms):
        criterion = terms.criterion
        if criterion is not None and criterion.figure not in terms.disclosed.figures:
            door.add("criterion.figure", criterion.figure, "one of disclosed.figures")


def _feed(file: Path, head: _Head, terms: Terms) -> Feed:
    milestone, attesting = head.milestone, head.attestation
    return Feed(
        name=head.name,
        folder=file.parent,
        company=_bytes(head.company),
        every=head.every,
        terms=terms,
        escrow=None if milestone is None else _bytes(milestone.escrow),
        milestone=0 if milestone is None else milestone.number,
        uri="" if attesting is None else attesting.uri,
        valid_for=0 if attesting is None else attesting.valid_for,
        signer=head.signer,
        metrics_port=None if head.metrics is None else head.metrics.port,
    )


def _bytes(address: str) -> Address:
    return Address(bytes.fromhex(address[2:]))
