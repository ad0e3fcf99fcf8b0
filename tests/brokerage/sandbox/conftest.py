"""A sandbox in this very process."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from brokerage.sandbox.books import Books
from brokerage.sandbox.server import SandboxServer
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.link_host import Host

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    server = SandboxServer(("127.0.0.1", 0), Books(str(tmp_path / "sandbox.sqlite3"), profile="fast"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bench(server: SandboxServer) -> Iterator[Bench]:
    """A sandbox whose clock stands still until the test moves it."""
    bench = Bench(server.url)
    bench.control("clock", freeze=True)
    yield bench
    bench.session.close()


@pytest.fixture
def account(bench: Bench) -> str:
    return bench.open_account()


@pytest.fixture
def relationship(bench: Bench, account: str) -> str:
    return bench.link(account)


@pytest.fixture
def host(bench: Bench) -> Iterator[Host]:
    """A page on another origin that opens Link."""
    host = Host(bench)
    yield host
    host.stop()


@pytest.fixture
def complaints(page: "Page") -> list[str]:
    """What the browser has to say; it should be nothing."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
