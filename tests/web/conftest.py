"""The pages served over HTTP, and a real Chromium to look at them."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from api.app import create_app
from registry.settings import Settings
from tests.support.dividend_home import DividendPlace, dividend_place
from tests.support.market import Market, market
from tests.support.raise_home import RaisePlace, raise_place, storm_place

WIDTHS = {"desk": 1180, "phone": 390, "small": 320}
READ_ALOUD = {("en", "desk"), ("zh", "phone")}
"""Where accessibility is judged; the third width is there for what might overflow."""
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@dataclass
class Looker:
    """A page of the browser that remembers what went wrong and where it went."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.base):
            self.strangers.append(request.url)

    def open(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer
        assert answer.status == 200, path
        self.page.evaluate("document.fonts.ready.then(() => 0)")

    def width_beyond_the_screen(self) -> int:
        widths = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(widths))

    def serious_violations(self) -> list[str]:
        # Evaluated through the browser's own door: the pages' policy lets no foreign script in.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        assert len(found["passes"]) > 10
        return [
            f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ]


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with market(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="package")
def base(place: Market) -> Iterator[str]:
    """The address of a server that runs for the whole folder."""
    with served(place.settings) as address:
        yield address


@pytest.fixture(scope="package")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaisePlace]:
    """A company with a raise that has ended and one that is open."""
    with raise_place(tmp_path_factory.mktemp("raised")) as made:
        yield made


@pytest.fixture(scope="package")
def raise_base(raised: RaisePlace) -> Iterator[str]:
    with served(raised.settings) as address:
        yield address


@pytest.fixture(scope="package")
def stormy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaisePlace]:
    """A company whose raises met everything that can happen to one."""
    with storm_place(tmp_path_factory.mktemp("stormy")) as made:
        yield made


@pytest.fixture(scope="package")
def storm_base(stormy: RaisePlace) -> Iterator[str]:
    with served(stormy.settings) as address:
        yield address


@pytest.fixture(scope="package")
def paying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DividendPlace]:
    """A company with dividends in every phase."""
    with dividend_place(tmp_path_factory.mktemp("paying")) as made:
        yield made


@pytest.fixture(scope="package")
def dividend_base(paying: DividendPlace) -> Iterator[str]:
    with served(paying.settings) as address:
        yield address


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; a machine without it fails here and says so."""
    executable = shutil.which("chromium")
    assert executable, "Chromium is not installed; `make setup` installs it or says how"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield launched
        launched.close()


def context_of(browser: Browser, width: int, height: int = 840, **options: object) -> BrowserContext:
    return browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]


@pytest.fixture
def desktop(browser: Browser, base: str) -> Iterator[Looker]:
    context = context_of(browser, 1180)
    yield Looker(context.new_page(), base)
    context.close()


@pytest.fixture
def phone(browser: Browser, base: str) -> Iterator[Looker]:
    context = context_of(browser, 390, has_touch=True, is_mobile=True)
    yield Looker(context.new_page(), base)
    context.close()


def walk(browser: Browser, base: str, pages: Mapping[str, str], lang: str, size: str, folder: Path) -> None:
    """Each page by its name: overflows nothing, reads well, asks nobody else, and has its picture taken."""
    context = context_of(browser, WIDTHS[size])
    looker = Looker(context.new_page(), base)
    troubles: dict[str, object] = {}
    for name, path in pages.items():
        looker.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        looker.page.screenshot(path=folder / f"{name}-{lang}-{size}.png", full_page=True)
        found: list[object] = [looker.width_beyond_the_screen()]
        if (lang, size) in READ_ALOUD:
            found += looker.serious_violations()
        if any(found):
            troubles[name] = found
    assert troubles == {}
    assert looker.errors == []
    assert looker.strangers == []
    context.close()
