"""Opens the mirror for a question: brought to the node's head where the node is there, and about one stated block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from registry.acts.places import open_directory, open_queries
from registry.acts.resolve import find_company
from registry.chain.deployment import Deployment
from registry.cli import parse
from registry.cli.output import Output
from registry.cli.show import stand_object
from registry.directory import Directory
from registry.domain.days import from_date
from registry.domain.ids import PartyId
from registry.errors import InputError, Unavailable
from registry.mirror.queries import AsOf, Company, Queries, Stand
from registry.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Reading:
    """The mirror and the block that the answer is about."""

    queries: Queries
    as_of: AsOf
    stand: Stand
    utc_offset: int
    settings: Settings

    def company(self, text: str) -> Company:
        return find_company(self.queries, text, self.as_of)

    def names(self, parties: Iterable[int]) -> dict[PartyId, str]:
        """Names that the directory has; none where there is no directory on this machine."""
        directory = self._directory()
        return {} if directory is None else directory.names(PartyId(party) for party in parties)

    def stand_object(self) -> dict[str, Any]:
        data = stand_object(self.stand)
        if self.as_of.effective_on is not None:
            data["effective_on"] = parse.shown_day(self.as_of.effective_on)
        return data

    def _directory(self) -> Directory | None:
        if not self.settings.durable_file.exists():
            return None
        with suppress(Unavailable):
            return open_directory(self.settings, Deployment.load(self.settings.deployment_file))
        return None


@contextmanager
def reader(out: Output, as_of: str | None = None, effective_on: str | None = None) -> Iterator[Reading]:
    """The mirror as of a block or time; default the head of the node, or of the mirror where no node answers."""
    settings = load_settings()
    deployment = Deployment.load(settings.deployment_file)
    with out.progress() as report:
        queries = open_queries(settings, deployment, report, out.note)
    try:
        asked = question(queries, deployment.utc_offset, as_of, effective_on)
        stand = queries.stand(asked)
        yield Reading(queries, replace(asked, block=stand.block), stand, deployment.utc_offset, settings)
    finally:
        queries.close()


def question(queries: Queries, utc_offset: int, as_of: str | None, effective_on: str | None = None) -> AsOf:
    """What is asked about: a block by number or time, and a legal day."""
    day = None if effective_on is None else from_date(parse.day(effective_on, "effective_on"))
    if as_of is None:
        return AsOf(None, day)
    if as_of.isascii() and as_of.isdigit() and len(as_of) < 16:
        return AsOf(int(as_of), day)
    if not as_of:
        raise InputError("--as-of is a block or a time", code="time", field="as_of", value=as_of)
    return AsOf(queries.resolve_time(parse.moment(as_of, utc_offset, "as_of")), day)
