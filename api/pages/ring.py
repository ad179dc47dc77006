"""The ring chart: vega-lite computes the arcs, the markup around them is ours (title, description, colours by class).

Deterministic: the same parts give the same bytes. Colours come from the style sheet, so print and screen agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import vl_convert
from markupsafe import Markup

SIZE = 220
SLICES = 6
"""Colours of the series; what is beyond the fifth part is folded into the sixth."""

_ARC = re.compile(r'transform="translate\(110,110\)" d="([^"]+)"')
_SVG = Markup(
    '<svg class="ring" viewBox="0 0 {size} {size}" role="img" aria-labelledby="ring-title ring-desc">'
    '<title id="ring-title">{title}</title><desc id="ring-desc">{desc}</desc>{arcs}</svg>'
)
_PATH = Markup('<path class="slice-{n}" transform="translate(110 110)" d="{d}"><title>{label}</title></path>')
_EMPTY = Markup('<circle class="slice-empty" cx="110" cy="110" r="92" fill="none" stroke-width="34"/>')


def draw(parts: Sequence[int], labels: Sequence[str], title: str, desc: str) -> Markup:
    """Parts clockwise from the top, in the order given; each part that is not zero has an arc."""
    arcs = Markup("").join(
        _PATH.format(n=n, d=d, label=label)
        for n, (d, label) in enumerate(zip(_arcs(tuple(parts)), labels, strict=True))
        if d
    )
    return _SVG.format(size=SIZE, title=title, desc=desc, arcs=arcs or _EMPTY)


@lru_cache(maxsize=512)
def _arcs(parts: tuple[int, ...]) -> tuple[str, ...]:
    if not any(parts):
        return ("",) * len(parts)
    svg = vl_convert.vegalite_to_svg(_spec(parts), vl_version="5.20")
    found = iter(_ARC.findall(svg))
    return tuple(next(found) if part else "" for part in parts)


def _spec(parts: Sequence[int]) -> dict[str, Any]:
    whole = sum(parts)
    # Billionths: the chart's own numbers are floats, ours are up to 64 bits.
    values = [{"n": n, "part": part * 10**9 // whole} for n, part in enumerate(parts) if part]
    return {
        "width": SIZE,
        "height": SIZE,
        "padding": 0,
        "data": {"values": values},
        "mark": {"type": "arc", "innerRadius": 75, "outerRadius": 109, "padAngle": 0.02 if len(values) > 1 else 0},
        "encoding": {
            "theta": {"field": "part", "type": "quantitative", "stack": True},
            "order": {"field": "n"},
            "color": {"field": "n", "type": "ordinal", "legend": None},
        },
        "view": {"stroke": None},
    }
