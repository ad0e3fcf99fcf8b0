"""What a request asks for, still to be done: as often, and in as many pages, as an act wants."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.wire import Answer, Request

ACCOUNT = re.compile(r"/accounts/([0-9a-f-]{36})")


@dataclass(frozen=True)
class Work:
    books: Books
    request: Request
    dispatch: Callable[[Books, Request], Answer]

    def done(self) -> Answer:
        return self.dispatch(self.books, self.request)

    def of_another(self, whole: Answer) -> Any:
        """What a reader of the same path is told of another account; or None: there is none, or nothing like it."""
        own = ACCOUNT.search(self.request.path)
        if not whole.body or whole.content_type != "application/json":
            return None
        if own is None:
            return self._other_row(self.request.path, json.loads(whole.body))
        other = self.books.one("SELECT id FROM accounts WHERE id <> ? ORDER BY created_at, id", own[1])
        if other is None:
            return None
        path = self.request.path.replace(own[1], other["id"])
        if self.request.method == "GET":
            return self._read(path)
        return self._other_row(path, json.loads(whole.body))

    def _other_row(self, path: str, own: Any) -> Any:
        """The first of a list that is not `own`, or the one thing that stands there."""
        told = self._read(path)
        if not isinstance(told, list):
            return told
        return next((row for row in told if row.get("id") != own.get("id")), None)

    def _read(self, path: str) -> Any:
        answer = self.dispatch(self.books, replace(self.request, method="GET", path=path, body=b""))
        return json.loads(answer.body) if answer.status == 200 and answer.body else None

    def rows(self, **query: int) -> list[Any] | None:
        """What the list shows for another query, or None when the answer is no list."""
        asked = {**self.request.query, **{name: [str(value)] for name, value in query.items()}}
        answer = self.dispatch(self.books, replace(self.request, query=asked))
        value = json.loads(answer.body) if answer.status == 200 else None
        return value if isinstance(value, list) else None
