"""The desk's pages, as a browser without JavaScript has them."""

from typing import Any

from tests.brokerage.sandbox.bench import Bench


class Desk:
    """Its buttons, and what its pages say."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def press(self, path: str, **fields: Any) -> str:
        """The page that a button leads to."""
        answer = self.bench.session.post(f"{self.bench.url}/control/desk/{path}", data=fields, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.text

    def page(self, path: str = "") -> str:
        return self.bench.session.get(f"{self.bench.url}/control/{path}", timeout=10).text
