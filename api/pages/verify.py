"""The verification page: is the register equal to the chain, as of when, and what to do if it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.pages.site import Visit, render
from api.pages.tongue import Tongue
from api.parts import LastVerdict
from registry.mirror.views import Status

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Figure:
    head: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Fact:
    head: str
    value: str
    hash: bool = False


@dataclass(frozen=True, slots=True)
class VerifyPage:
    answer: str
    meaning: str
    next: str
    command: str
    figures: Sequence[Figure]
    facts: Sequence[Fact]


@router.get("/verify", response_class=HTMLResponse)
async def verify_page(request: Request) -> HTMLResponse:
    visit = Visit(request, "verify")
    t, status, verdict = visit.tongue, visit.parts.register.status(), visit.parts.last_verdict()
    # The node may be slow or gone: it is asked beside the event loop.
    head = await run_in_threadpool(visit.parts.head)
    lag = None if head is None else max(0, head - status.head.block)
    answer, meaning = _answer(verdict, t)
    next_step, command = _next(verdict, lag, t)
    page = VerifyPage(answer, meaning, next_step, command, _figures(status, verdict, head, lag, t), _facts(status, t))
    return render(visit, "verify.html", page=page, verdict=visit.chip(status.head.block))


def _answer(verdict: LastVerdict | None, t: Tongue) -> tuple[str, str]:
    if verdict is None:
        return t.text("verify.none"), t.text("verify.none.body")
    if verdict.is_equal:
        return t.text("verify.equal"), t.text("verify.equal.body", block=verdict.block)
    return t.text("verify.different"), t.text("verify.different.body", block=verdict.block, n=verdict.differences)


def _next(verdict: LastVerdict | None, lag: int | None, t: Tongue) -> tuple[str, str]:
    """The one thing to do next, with its command; nothing when all is well."""
    if verdict is not None and not verdict.is_equal:
        return t.text("verify.next.rebuild"), "equity audit && equity mirror rebuild"
    if lag:
        return t.text("verify.next.behind"), "equity mirror sync"
    if verdict is None:
        return t.text("verify.next.audit"), "equity audit"
    return "", ""


def _figures(status: Status, verdict: LastVerdict | None, head: int | None, lag: int | None, t: Tongue) -> list[Figure]:
    unknown = t.text("verify.head.unknown")
    if lag is None:
        behind = Figure(t.text("verify.lag"), t.text("verify.lag.unknown"), t.text("verify.head.unknown.note"))
    else:
        note = t.text("verify.lag.some" if lag else "verify.lag.none")
        behind = Figure(t.text("verify.lag"), t.text("verify.lag.value", n=lag), note)
    return [
        Figure(
            t.text("verify.head"),
            unknown if head is None else t.number(head),
            t.text("verify.head.unknown.note") if head is None else "",
        ),
        Figure(t.text("verify.indexed"), t.number(status.head.block), t.moment(status.head.time)),
        behind,
        Figure(
            t.text("verify.last"),
            t.number(verdict.block) if verdict else t.text("verify.last.none"),
            t.moment(verdict.time) if verdict else "",
        ),
    ]


def _facts(status: Status, t: Tongue) -> list[Fact]:
    return [
        Fact(t.text("fact.chain"), str(status.chain_id)),
        Fact(t.text("fact.block.hash"), "0x" + status.head.hash.hex(), True),
        Fact(t.text("fact.block.time"), t.moment(status.head.time)),
    ]
