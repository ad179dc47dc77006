"""Puts the API together: `create_app()` serves the home directory of the settings, or the parts it is given."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from starlette.staticfiles import StaticFiles

from api import problems
from api.head import HeadAsGet
from api.pages import captable, companies, dividends, entries, escrow, holders, money, raises, ring, verify
from api.parts import BrokenRules, Judged, LastVerdict, Parts, is_loopback
from api.routes import companies as company_routes
from api.routes import dividends as dividend_routes
from api.routes import money as money_routes
from api.routes import papers, status
from api.routes import raises as raise_routes
from api.schemas.common import ProblemDetails
from api.security import LoopbackOnly, SecurityHeaders
from registry.acts.desk import ReadingDesk
from registry.chain.client import Node, Rpc
from registry.chain.deployment import Deployment
from registry.chain.reads_raise import RaiseReads
from registry.directory import Directory
from registry.documents import Documents
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, InputError, RetryableError, Unavailable
from registry.mirror.queries import Queries
from registry.settings import Settings, load_settings
from registry.store.engine import Identity, open_durable
from registry.store.verdicts import last_verdict

_STATIC = Path(__file__).parent / "static"
_HEAD_PATIENCE = 2.0
"""[s] a page waits for the node to say its newest block."""

_ABOUT = """The read side of the register. Every answer names the block it is about (`as_of`); every read can be asked
as of an earlier block or time, and for the entries dated up to a day (`effective_on`). Quantities are decimal texts."""


def create_app(settings: Settings | None = None, *, parts: Parts | None = None) -> FastAPI:
    """`parts` stands for everything the settings would open."""
    known = settings or (None if parts else load_settings())
    show_names = parts.show_names if parts else is_loopback(known.bind_host if known else "")
    if known and not parts:
        # Tried once here, so that who starts the server gets the error itself and not the server's account of it.
        with ExitStack() as trial:
            _open(known, show_names, trial)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as owned:
            app.state.parts = parts or _open(known or load_settings(), show_names, owned)
            # The first chart loads the drawing engine; a visitor should not wait for that.
            ring.draw([1], ["1"], "", "")
            yield

    app = FastAPI(
        title="Equity register",
        version=version("equity-registry"),
        description=_ABOUT,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        # Their scripts come from another host.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(HeadAsGet)
    if show_names:
        app.add_middleware(LoopbackOnly)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    app.include_router(_api())
    for page in (companies, captable, holders, raises, escrow, dividends, money, entries, verify):
        app.include_router(page.router)
    # Pages lead here, so that what goes wrong is told by a page.
    app.include_router(papers.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    return app


def _api() -> APIRouter:
    problem: dict[int | str, dict[str, Any]] = {
        code: {"description": text, "content": {problems.MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}}}
        for code, text in (
            (404, "Not in the register"),
            (422, "A value breaks a rule"),
            (503, "Not to be read just now"),
        )
    }
    router = APIRouter(prefix="/api/v1", responses=problem)
    router.include_router(status.router)
    router.include_router(company_routes.router)
    router.include_router(raise_routes.router)
    router.include_router(money_routes.router)
    router.include_router(dividend_routes.router)
    router.include_router(papers.router)
    return router


def _open(settings: Settings, show_names: bool, owned: ExitStack) -> Parts:
    """Opens what the home directory has; everything is closed again with the application."""
    deployment = Deployment.load(settings.deployment_file)
    register = Queries(settings.mirror_file)
    owned.callback(register.close)
    _check(register, deployment, settings.mirror_file)
    identity = Identity(deployment.chain_id, deployment.genesis_hash, deployment.registry)
    engine = open_durable(settings.durable_file, identity)
    owned.callback(engine.dispose)
    directory = Directory.open(engine, settings.directory_key_file or settings.home / "directory.key")
    return Parts(
        register=register,
        names_of=directory.names,
        last_verdict=_verdict_of(engine),
        head=_head_of(settings.rpc_url),
        show_names=show_names,
        utc_offset=deployment.utc_offset,
        broken_rules=_rules_of(settings.rpc_url, deployment),
        document=_document_of(Documents(settings.home / "documents")),
        reading=_reading_of(settings, deployment, directory),
    )


def _check(register: Queries, deployment: Deployment, path: Path) -> None:
    """A mirror of another deployment is not shown; one that is not made yet may come later."""
    try:
        found = register.status()
    except Unavailable:
        return
    mirrored = found.chain_id, found.genesis_hash, found.registry, found.utc_offset
    if mirrored != (deployment.chain_id, deployment.genesis_hash, deployment.registry, deployment.utc_offset):
        raise HaltError(
            f"the mirror at {path} belongs to another chain or deployment; `equity mirror rebuild` makes it anew"
        )


def _verdict_of(engine: Engine) -> Callable[[], LastVerdict | None]:
    def last() -> LastVerdict | None:
        found = last_verdict(engine)
        if found is None:
            return None
        differences = found.findings + found.differences
        return LastVerdict(found.verdict == "equal", found.block, found.at, differences)

    return last


def _rules_of(url: str, deployment: Deployment) -> BrokenRules:
    def judge(offering: Address, accounts: Sequence[Address], amount: int, disclosure: Hash32) -> Judged | None:
        try:
            with Node.connect(url, deployment, timeout=_HEAD_PATIENCE) as node:
                head, reads = node.head(), RaiseReads(node, deployment)
                time_ = node.next_time(time.time())
                found = [
                    reads.subscription_rules_broken_at(time_, offering, account, amount, disclosure)
                    for account in accounts
                ]
        except RetryableError:
            return None
        return Judged(min(found, key=lambda broken: (broken.bit_count(), broken)), head.number)

    return judge


def _reading_of(
    settings: Settings, deployment: Deployment, directory: Directory
) -> Callable[[], AbstractContextManager[ReadingDesk]]:
    @contextmanager
    def reading() -> Iterator[ReadingDesk]:
        with (
            Node.connect(settings.rpc_url, deployment, timeout=settings.rpc_timeout) as node,
            Queries(settings.mirror_file) as queries,
        ):
            yield ReadingDesk(node, deployment, directory, queries)

    return reading


def _document_of(documents: Documents) -> Callable[[bytes], bytes | None]:
    def kept(digest: bytes) -> bytes | None:
        try:
            return documents.get(digest)
        except InputError:
            return None

    return kept


def _head_of(url: str) -> Callable[[], int | None]:
    def head() -> int | None:
        try:
            with Rpc(url, _HEAD_PATIENCE) as rpc:
                return int(rpc.call("eth_blockNumber"), 16)
        except RetryableError:
            return None

    return head
