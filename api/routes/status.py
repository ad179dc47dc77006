"""Where the register stands: head, indexed, lag, last verdict."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.asof import Question
from api.parts import LastVerdict, Parts
from api.schemas import register as s
from api.schemas.common import hexed, time_text

router = APIRouter(tags=["status"])


@router.get("/status", summary="Head, indexed, lag, last verdict")
async def status(request: Request, asked: Question) -> s.StatusAnswer:
    """The counts are those of now; `as_of` tells the block that was asked about."""
    parts: Parts = request.app.state.parts
    found, verdict = parts.register.status(), parts.last_verdict()
    # The node may be slow or gone: it is asked beside the event loop.
    head = await run_in_threadpool(parts.head)
    return s.StatusAnswer(
        as_of=asked.block,
        chain_id=found.chain_id,
        genesis_hash=hexed(found.genesis_hash),
        registry=hexed(found.registry),
        factory=hexed(found.factory),
        head=head,
        indexed=found.head.block,
        lag=None if head is None else max(0, head - found.head.block),
        companies=found.companies,
        entries=found.entries,
        last_verdict=_verdict(verdict) if verdict else None,
    )


def _verdict(found: LastVerdict) -> s.Verdict:
    return s.Verdict(
        verdict="equal" if found.is_equal else "different",
        block=found.block,
        time=time_text(found.time),
        differences=found.differences,
    )
