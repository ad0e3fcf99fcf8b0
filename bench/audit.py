"""What it costs to read the audit's whole chain again, and to append to it.

    python bench/audit.py [entries]

Makes a database of its own, SQLite in a temporary folder or the one that DATABASE_URL names (which must be empty).
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
APPENDED = 1000
BEGAN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def main(entries: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        os.environ["AUDIT_ANCHOR_DIR"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        from accounts.operations import anchoring, audit
        from accounts.operations.audit_checking import Check

        call_command("migrate", verbosity=0)
        _chain(entries)
        anchoring.anchor(by="bench")
        began, before, worked = time.perf_counter(), _most_memory(), time.process_time()
        check = Check()
        faults = list(check.faults())
        seconds = time.perf_counter() - began
        print(f"{check.read:,} entries verified in {seconds:.1f} s ({check.read / seconds:,.0f} a second), {faults=}")
        print(f"of which this process worked {time.process_time() - worked:.1f} s")
        print(f"memory: {before:.0f} MiB at the most before, {_most_memory():.0f} MiB after")
        began = time.perf_counter()
        for number in range(APPENDED):
            audit.record(audit.Deed.SIGNED_IN, actor=f"customer {number}", about=f"user {number}")
        print(f"an entry appended and committed: {(time.perf_counter() - began) / APPENDED * 1000:.2f} ms")


def _chain(entries: int) -> None:
    """Write so many entries, sealed as they would have been one by one."""
    from accounts.audit_chain import BEFORE_THE_FIRST, Link, digest
    from accounts.models import AuditEntry, AuditHead

    def each() -> Iterator[AuditEntry]:
        previous = BEFORE_THE_FIRST
        for number in range(1, entries + 1):
            at, facts = BEGAN + timedelta(seconds=number), {"direction": "INCOMING", "sent": number % 2 == 0}
            link = Link(number, at, "transfer.asked", f"customer {number % 999}", f"transfer {number}", facts, previous)
            previous = digest(link)
            yield AuditEntry(
                number=number,
                at=at,
                deed=link.deed,
                actor=link.actor,
                about=link.about,
                facts=facts,
                previous=link.previous,
                hash=previous,
            )

    rows = each()
    while batch := list(islice(rows, 5000)):
        AuditEntry.objects.bulk_create(batch)
        last = batch[-1]
    AuditHead.objects.create(number=last.number, hash=last.hash)


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
