"""What a stranger learns by trying passwords: how many tries are let through, and whether known names take longer.

    python bench/sign_in.py [tries]

Tries wrong passwords with the production hash and settings, on a database of its own in a temporary folder, from two
hundred addresses: against names that somebody has, that nobody has, that were stopped, and that have no password, one
kind after the other, so that a busy machine slows all alike. Exits 1 where two kinds read differently, or where the
medians of their times differ by more than a tenth.
"""

import hashlib
import logging
import os
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
KINDS = ("known", "unknown", "stopped", "without password")
NAMES_EACH, ADDRESSES, MOST_APART = 2, 200, 0.10
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
WAIT = re.compile(rb"<time.*?</time>", re.DOTALL)


@dataclass
class Seen:
    """What came of the tries at names of one kind: milliseconds by status, and the pages that were shown."""

    times: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    pages: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


def main(tries: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        logging.disable(logging.WARNING)  # a line for each refusal
        call_command("migrate", verbosity=0)
        _make_people()
        return _tell(tries, _try(tries))


def _make_people() -> None:
    from accounts.models import User

    for number in range(NAMES_EACH):
        User.objects.create_user(_name("known", number), "correct horse battery staple")
        User.objects.create_user(_name("stopped", number), "correct horse battery staple", is_active=False)
        User.objects.create_user(_name("without password", number))


def _name(kind: str, number: int) -> str:
    """Return names of one length, so that it does not show in a page."""
    return f"{kind.split()[0]:x<8}{number}@example.com"


def _try(tries: int) -> dict[str, Seen]:
    from django.test import Client

    seen = {kind: Seen() for kind in KINDS}
    for number in range(tries):
        kind, name = KINDS[number % len(KINDS)], _name(KINDS[number % len(KINDS)], number // len(KINDS) % NAMES_EACH)
        address = number // len(KINDS) % ADDRESSES
        client = Client(REMOTE_ADDR=f"198.51.100.{address}")
        began = time.perf_counter()
        answer = client.post("/sign-in/", {"username": name, "password": "not the one at all"})
        seen[kind].times[answer.status_code].append((time.perf_counter() - began) * 1000)
        seen[kind].pages[answer.status_code].add(_digest(answer, name))
    return seen


def _digest(answer: Any, name: str) -> str:
    """Return what tells two pages apart, but for the form's token, the name that was typed, and the time to wait."""
    page = WAIT.sub(b"", TOKEN.sub(b"", answer.content)).replace(name.encode(), b"")
    headers = sorted(key for key, _ in answer.items())
    return hashlib.sha256(page + repr(headers).encode()).hexdigest()


def _tell(tries: int, seen: dict[str, Seen]) -> int:
    throttled = sum(len(each.times[429]) for each in seen.values())
    print(f"{tries:,} tries: {throttled:,} were told to wait ({throttled / tries:.1%})")
    is_fine = True
    for status, words in ((200, "let through"), (429, "told to wait")):
        medians = {kind: statistics.median(each.times[status]) for kind, each in seen.items() if each.times[status]}
        if not medians:
            continue
        pages = set[str]().union(*(each.pages[status] for each in seen.values()))
        apart = max(medians.values()) / min(medians.values()) - 1
        print(f"{words} ({status}): {len(pages)} page{'s' if len(pages) > 1 else ''}, medians {apart:.1%} apart")
        for kind, median in medians.items():
            times = seen[kind].times[status]
            ratio = median / medians["known"]
            print(f"  {kind:<17} {len(times):>6,} tries  median {median:7.2f} ms  as of known {ratio:.3f}")
        is_fine &= len(pages) == 1 and apart <= MOST_APART
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
