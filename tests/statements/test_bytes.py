"""The same records give the same bytes, in this process and in another; other records give others."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from registry.statements.ledger import ledger_of
from registry.statements.model import Lang, Statement
from registry.statements.render import name_of, render, render_csv
from tests.support import statements as market

ROOT = Path(__file__).resolve().parents[2]
KINDS: dict[str, Callable[[], Statement]] = {"year": market.year, "report": market.report, "taxes": market.taxes}
ELSEWHERE = """
import hashlib, sys
from registry.statements.render import render
from tests.support import statements as market
for kind in ("year", "report", "taxes"):
    for lang in ("en", "zh"):
        made = render(getattr(market, kind)(), lang)
        print(hashlib.sha256(made.pdf).hexdigest(), hashlib.sha256(made.csv).hexdigest())
"""


def digests(kind: str, lang: Lang) -> str:
    made = render(KINDS[kind](), lang)
    return f"{hashlib.sha256(made.pdf).hexdigest()} {hashlib.sha256(made.csv).hexdigest()}"


def test_files__made_in_another_process_zone_and_locale__are_the_same_bytes() -> None:
    langs: tuple[Lang, ...] = ("en", "zh")
    here = [digests(kind, lang) for kind in KINDS for lang in langs]
    environment = {
        **os.environ,
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", ELSEWHERE]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == here


def test_files__made_by_threads_at_once__are_the_same_bytes() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: digests("year", "zh"), range(8)))) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_csv__made_alone__is_the_same_bytes_and_typesets_nothing(
    kind: str, lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = render(KINDS[kind](), lang)
    monkeypatch.setattr("typst.Compiler", None)
    assert render_csv(KINDS[kind](), lang) == both.csv


@pytest.mark.parametrize("kind", KINDS)
def test_files__another_block__are_others_over_the_same_figures(kind: str) -> None:
    before = KINDS[kind]()
    after = replace(before, source=replace(market.SOURCE, block=market.SOURCE.block + 1))
    assert render(before, "en").pdf != render(after, "en").pdf
    assert ledger_of(before).digest == ledger_of(after).digest


def test_ledger__its_digest__is_the_sha256_of_its_lines() -> None:
    lines = ledger_of(market.year()).lines
    assert lines[0] == f"equity-figures/1 31337 0x{market.SOURCE.contract.hex()}"
    assert lines[1] == "2 1001 77 9.62 lapsed 0.00 0.00"
    assert lines[2] == "7 1001 12000 1500.00 paid 300.00 1200.00"
    whole = "\n".join(lines) + "\n"
    assert ledger_of(market.year()).digest == hashlib.sha256(whole.encode()).hexdigest()


def test_pdf__its_properties__are_an_archive_file_of_the_blocks_moment() -> None:
    reader = PdfReader(io.BytesIO(render(market.year(), "zh").pdf))
    about = reader.metadata
    assert about is not None
    assert about.title == "2026 年分红及代扣税单 · 林启明"
    assert about.creation_date is not None
    assert int(about.creation_date.timestamp()) == market.SOURCE.time
    root = reader.trailer["/Root"].get_object()
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert b"<pdfaid:part>2</pdfaid:part>" in root["/Metadata"].get_object().get_data()


def test_names__of_files__tell_what_they_are() -> None:
    langs: tuple[Lang, ...] = ("en", "zh")
    names = [name_of(KINDS[kind](), lang) for kind, lang in zip(KINDS, (*langs, "en"), strict=True)]
    assert names == ["statement-2026-1001-en", "dividend-7-zh", "tax-17-2026-01-01-2026-12-31-en"]
