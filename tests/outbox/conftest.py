"""An outbox in front of a real company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.outbox_bench import Bench, bench_of
from tests.support.stage import Stage


@pytest.fixture
def bench(stage: Stage, tmp_path: Path) -> Iterator[Bench]:
    bench = bench_of(stage, tmp_path / "durable.db")
    yield bench
    bench.close()
