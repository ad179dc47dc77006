"""Tells a long story step by step on stderr, with the seconds since it began: stdout holds the result alone."""

from __future__ import annotations

import time
from dataclasses import dataclass

from registry.cli.output import Output


@dataclass(frozen=True, slots=True)
class Teller:
    """`begun` is a reading of the monotonic clock."""

    out: Output
    begun: float

    def step(self, text: str) -> None:
        self.out.note(f"[{time.monotonic() - self.begun:5.1f} s] {text}")

    def more(self, text: str) -> None:
        self.out.note(f"          {text}")
