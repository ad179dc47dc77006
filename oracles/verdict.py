"""What a feed makes of its sources: an outcome with the observation behind it, or the reasons against. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from oracles.exact import EXACT, plain
from oracles.reasons import Reason, Refused
from registry.domain.attestation import NOT_REACHED, REACHED

MOST_SKEW: Final = 60
"""[s] By how much a source's clock may differ from ours."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one source gave, as it came, or the reasons why it gave nothing.

    `signature` is a detached signature or the value of a signing header, `fetched_at` our clock [unix s], `date` the
    source's own [unix s], `key` the SHA-256 of the server's public key (hex), `is_keyed` whether a shared secret's
    signature was found right at the time: nobody else can repeat that. `ahead` [s] is how far the chain's clock was
    ahead of ours; by the chain's clock it is judged when a fact was observed.
    """

    source: str
    body: bytes = b""
    signature: bytes = b""
    fetched_at: int = 0
    date: int | None = None
    key: str = ""
    is_keyed: bool = False
    ahead: int = 0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says: is the criterion met, by which figure (if it is about one), observed when [unix s]."""

    source: str
    is_reached: bool
    observed_at: int
    figure: Decimal | None = None
    extracted: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "is_reached": self.is_reached,
            "observed_at": self.observed_at,
            "figure": None if self.figure is None else plain(self.figure),
            "extracted": dict(self.extracted),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` is None exactly when there are reasons against attesting anything."""

    outcome: int | None
    observed_at: int = 0
    readings: tuple[Reading, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def is_parked(self) -> bool:
        return any(reason.code == "sources_disagree" for reason in self.reasons)

    @property
    def line(self) -> str:
        """One line: the outcome, or why there is none."""
        if self.outcome is None:
            return "; ".join(reason.line for reason in self.reasons)
        return f"{_WORDS[self.outcome][0]}: {self._seen}"

    @property
    def line_zh(self) -> str:
        if self.outcome is None:
            return "；".join(reason.line_zh for reason in self.reasons)
        return f"{_WORDS[self.outcome][1]}：{self._seen}"

    @property
    def _seen(self) -> str:
        return "; ".join(
            f"{reading.source} " + ", ".join(f"{name} {value}" for name, value in reading.extracted)
            for reading in self.readings
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "observed_at": self.observed_at,
            "readings": [reading.as_json() for reading in self.readings],
            "reasons": [reason.as_json() for reason in self.reasons],
        }


_WORDS: Final = {REACHED: ("reached", "已达成"), NOT_REACHED: ("not reached", "未达成")}

Read = Callable[[Sample], Reading]
"""Reads one sample that was fetched; raises Refused."""


def settle(samples: Sequence[Sample], read: Read, tolerance: Decimal = Decimal(0)) -> Verdict:
    """All sources must have spoken and agree; the oldest observation counts. `tolerance` is the most by which their
    figures may differ."""
    readings: list[Reading] = []
    reasons: list[Reason] = []
    for sample in samples:
        if sample.reasons:
            reasons += sample.reasons
            continue
        try:
            readings.append(read(sample))
        except Refused as refused:
            reasons.append(replace(refused.reason, source=sample.source))
    if not samples:
        reasons.append(Reason("missing", field="source"))
    if not reasons:
        reasons += _disagreement(readings, tolerance)
    if reasons:
        return Verdict(None, 0, tuple(readings), tuple(reasons))
    outcome = REACHED if readings[0].is_reached else NOT_REACHED
    return Verdict(outcome, min(reading.observed_at for reading in readings), tuple(readings))


def observed(stated: int | None, sample: Sample, at: int, max_age: int, field: str) -> int:
    """When a fact was observed: what is stated, or else the source's clock as the chain counts; never later than now.

    Refused: no time at all, a clock that differs by more than MOST_SKEW, an observation older than `max_age` [s].
    """
    if sample.date is not None and abs(sample.date - sample.fetched_at) > MOST_SKEW:
        raise Refused("clock_skew", "Date", sample.date, f"within {MOST_SKEW} s of {sample.fetched_at}")
    found = stated
    if found is None and sample.date is not None:
        found = sample.date + sample.ahead
    if found is None:
        raise Refused("no_time", field)
    if found > at + MOST_SKEW:
        raise Refused("clock_skew", field, found, f"at most {MOST_SKEW} s after {at}")
    if at - found > max_age:
        raise Refused("stale", field, found, f"at most {max_age} s before {at}")
    return min(found, at)


def within(figure: Decimal, least: Decimal, most: Decimal, field: str) -> Decimal:
    """The figure, refused when it is implausible."""
    if not least <= figure <= most:
        raise Refused("out_of_bounds", field, plain(figure), f"{plain(least)} to {plain(most)}")
    return figure


def _disagreement(readings: Sequence[Reading], tolerance: Decimal) -> list[Reason]:
    if len({reading.is_reached for reading in readings}) > 1:
        return [Reason("sources_disagree", field="outcome", value=_said(readings))]
    figures = [reading.figure for reading in readings if reading.figure is not None]
    if figures and EXACT.subtract(max(figures), min(figures)) > tolerance:
        rule = f"at most {plain(tolerance)} apart"
        return [Reason("sources_disagree", field="figure", value=_said(readings), rule=rule)]
    return []


def _said(readings: Sequence[Reading]) -> str:
    return ", ".join(
        f"{reading.source} {'reached' if reading.is_reached else 'not reached'}"
        + ("" if reading.figure is None else f" {plain(reading.figure)}")
        for reading in readings
    )
