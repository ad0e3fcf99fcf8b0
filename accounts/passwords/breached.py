"""A list of stolen passwords on our own disk: nothing about a password leaves the house.

The list is that of Pwned Passwords, as its downloader writes it: a line for each SHA-1, sorted, `HASH:COUNT`.
https://haveibeenpwned.com/Passwords. It may be tens of gigabytes: it is searched where it lies, by halves.
"""

import hashlib
import os

from accounts.passwords import normal

_DIGITS = 40
# More than a line, and less than a disk gives at once: each of some 35 looks reads only what it needs.
_READ = 256


def contains(path: str, password: str) -> bool:
    """Say whether the list at `path` has this password."""
    wanted = _sha1(password)
    with open(path, "rb", buffering=_READ) as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:  # the line, if there is one, begins from low on and before high
            middle = (low + high) // 2
            lines.seek(max(0, middle - 1))
            if middle:
                lines.readline()  # the rest of the line before
            begins = lines.tell()
            digest = lines.readline()[:_DIGITS].upper()
            if begins >= high or digest > wanted:
                high = middle
            elif digest < wanted:
                low = lines.tell()
            else:
                return True
    return False


def _sha1(password: str) -> bytes:
    """Return what the list is sorted by. It is no protection, and is kept nowhere."""
    return hashlib.sha1(normal(password).encode(), usedforsecurity=False).hexdigest().upper().encode()
