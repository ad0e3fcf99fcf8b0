"""A sandbox in this very process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from brokerage.sandbox.books import Books
from brokerage.sandbox.server import SandboxServer
from tests.brokerage.sandbox.bench import Bench


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
