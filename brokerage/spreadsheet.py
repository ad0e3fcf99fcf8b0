"""Rows for spreadsheets: CSV a line at a time, with nothing in it that a spreadsheet would run as a formula.

Called by what offers downloads.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

# Whatever begins so is read as a formula, unless it is a plain number.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class _Line:
    """A file that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield each row as a line of CSV, as it is read."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: object) -> str:
    """Return a value as a cell; one that would be a formula stands behind an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
