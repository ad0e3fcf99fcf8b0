"""Reading pages in tests."""

import re
from typing import Any

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def bare(answer: Any) -> bytes:
    """Return a page without what is never the same: the token of its form."""
    return _TOKEN.sub(b"", answer.content)
