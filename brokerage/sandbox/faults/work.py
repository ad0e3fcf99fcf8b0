"""What a request asks for, still to be done: as often, and in as many pages, as an act wants."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.wire import Answer, Request


@dataclass(frozen=True)
class Work:
    books: Books
    request: Request
    dispatch: Callable[[Books, Request], Answer]

    def done(self) -> Answer:
        return self.dispatch(self.books, self.request)

    def rows(self, **query: int) -> list[Any] | None:
        """What the list shows for another query, or None when the answer is no list."""
        asked = {**self.request.query, **{name: [str(value)] for name, value in query.items()}}
        answer = self.dispatch(self.books, replace(self.request, query=asked))
        value = json.loads(answer.body) if answer.status == 200 else None
        return value if isinstance(value, list) else None
