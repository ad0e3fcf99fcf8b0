"""Holding back an answer that Link awaits, and seeing when it knows one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.brokerage.sandbox.link_host import Link
from tests.harness.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Route


def hold(link: Link, path: str, act: Callable[[], None]) -> "Route":
    """Do what asks the server, and return its answer, which waits to be let go."""
    held: list[Route] = []
    link.page.route(f"**/frame/{path}", lambda route: held.append(route))
    act()
    eventually(lambda: link.page.evaluate("true") and held)
    return held[0]


def await_in_session(link: Link, name: str, value: str) -> None:
    """Wait until the frame's session holds it, which no eye sees."""
    frame = next(frame for frame in link.page.frames if frame.url.endswith("link.html"))
    knows = "async (name) => { const {session} = await import('./link-session.js'); return session[name]; }"
    eventually(lambda: frame.evaluate(knows, name) == value)
