"""What the rates of returned debits cost, with many debits inside and outside the sixty days.

    python bench/return_rates.py [rows]

Makes a database of its own, SQLite in a temporary folder or the one that DATABASE_URL names (which must be empty), and
prints the medians and the plans of the two queries.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ROUNDS = 20


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection
        from django.utils import timezone

        from funding.operations import return_rates

        call_command("migrate", verbosity=0)
        _debits(rows)
        connection.cursor().execute("ANALYZE")
        since = timezone.now() - return_rates.WINDOW
        for name, found in (("sent", return_rates.sent), ("returned", return_rates.returned)):
            print(f"{name}: {found(since=since).count():,} of {rows:,} rows\n{found(since=since).explain()}\n")
        print(f"the three rates: {_median(return_rates.rates) * 1000:.1f} ms")
        print(f"and the brake:   {_median(return_rates.apply_brake) * 1000:.1f} ms")


def _debits(rows: int) -> None:
    """Make a year of debits, of which one in a hundred came back."""
    from django.utils import timezone

    from funding import states
    from funding.models import Transfer
    from tests import make

    bank = make.relationship(make.account(make.user()))
    now = timezone.now()
    made = (
        Transfer(
            user=bank.brokerage_account.user,
            brokerage_account=bank.brokerage_account,
            relationship=bank,
            origin=Transfer.Origin.EXTERNAL,
            direction=states.INCOMING,
            amount=Decimal("10.00"),
            sending=states.ACCEPTED,
            alpaca_id=f"debit {number}",
            status=states.COMPLETE if number % 100 else states.RETURNED,
            return_code="" if number % 100 else "R01",
            accepted_at=now - timedelta(days=365) * number / rows,
            ended_at=None if number % 100 else now - timedelta(days=365) * number / rows,
        )
        for number in range(rows)
    )
    Transfer.objects.bulk_create(made, batch_size=500)


def _median(job: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began_at = time.perf_counter()
        job()
        times.append(time.perf_counter() - began_at)
    return statistics.median(times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
