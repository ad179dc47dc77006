"""Rows that several pages show: a fact with its hash one click away, and where money is, in the order of a bar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    head: str
    value: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """What of a row is told apart."""

    name: str
    note: str
    amount: str


@dataclass(frozen=True, slots=True)
class MoneyRow:
    colour: int
    name: str
    note: str
    amount: str
    part: str
    within: MoneyPart | None = None
