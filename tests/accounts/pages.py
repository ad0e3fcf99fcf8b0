"""Reading pages in tests."""

import re
from typing import Any

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def bare(answer: Any) -> bytes:
    """Return a page without what is never the same: the token of its form."""
    return _TOKEN.sub(b"", answer.content)


def headers(answer: Any) -> list[tuple[str, str]]:
    """Return what the headers say but for the request's own name, which is never the same."""
    return sorted((name, value) for name, value in answer.items() if name != "X-Request-ID")
