"""The broker's words as the database takes them, and otherwise as they came.

Called by operations. What a column refuses would lose a yes that has moved money, or stop all the news behind it.
"""

import json
import re
from typing import Any

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def text(words: str, length: int) -> str:
    """Return `words` without NULs and halves of characters, cut to `length`."""
    return words.replace("\x00", "").encode(errors="replace").decode()[:length]


def document(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object without NULs, halves of characters, and numbers that are none, which become text."""
    written = json.dumps(answer, ensure_ascii=False).encode(errors="replace").decode()
    found: dict[str, Any] = json.loads(_NUL.sub(r"\1", written), parse_constant=str)
    return found
