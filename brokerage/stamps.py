"""What a person was shown of a row before they decide: its stamp stands on the page, and is compared when it is done.

Operations make and compare stamps; deeds carry them from the page to the operation, which compares under the
row's lock. Whatever a page shows and may change meanwhile goes into a stamp. It is made of the row as it was read, and
before the rest of the page is read: it may be older than what is shown, never younger.
"""

import hashlib


class ChangedMeanwhile(Exception):
    """The row is not any more what whoever decides was shown."""


def stamp(*shown: object) -> str:
    """Return a digest of what is shown."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def compare(seen: str | None, now: str) -> None:
    """Raise ChangedMeanwhile where something else was seen than stands now; None is for whoever opened no page."""
    if seen is not None and seen != now:
        raise ChangedMeanwhile
