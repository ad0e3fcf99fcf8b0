"""What the close of a day costs, with many transfers on that day and as many on each of the nine before.

    python bench/daily_close.py [transfers a day]

Makes a database of its own, SQLite in a temporary folder or the one that DATABASE_URL names (which must be empty), and
prints how long the close takes, in how many queries, and the slowest of them.
"""

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
DAYS = 10
BREAKS = 200


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection
        from django.test.utils import CaptureQueriesContext
        from django.utils import timezone

        from funding.models import ReconciliationRun
        from funding.operations import daily_close

        call_command("migrate", verbosity=0)
        day = daily_close.last_ended(timezone.now())
        _books(day, rows)
        for area in ("accounts", "items", "relationships", "transfers", "cash"):
            ReconciliationRun.objects.create(area=area, holder="bench", finished_at=timezone.now())
        connection.cursor().execute("ANALYZE")
        began_at = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            close = daily_close.close(day=day, holder="bench")
        took = time.perf_counter() - began_at
        slowest = max(float(query["time"]) for query in queries.captured_queries)
        deposits = close.figures["ways"]["INCOMING"]
        print(f"{deposits['transfers']['settled']['count']:,} transfers of the day, {rows * DAYS:,} in all")
        print(f"closed in {took:.2f} s, {len(queries)} queries, the slowest {slowest:.2f} s")
        print(f"unexplained {deposits['unexplained']}, {len(close.differences)} breaks open")


def _books(day: date, rows: int) -> None:
    """Make settled transfers with their cash; on the last day some rows of cash have no transfer, and a break."""
    from funding.models import Break, CashActivity, Transfer
    from funding.operations import daily_close
    from tests import make

    bank = make.relationship(make.account(make.user()))
    account = bank.brokerage_account
    for back in range(DAYS):
        at = daily_close.ends_at(day - timedelta(days=back)) - timedelta(hours=5)
        made = Transfer.objects.bulk_create(_transfers(bank, at, rows), batch_size=2000)
        CashActivity.objects.bulk_create((_cash(account, at, each) for each in made), batch_size=2000)
    alone = CashActivity.objects.bulk_create(_cash(account, daily_close.ends_at(day), None) for _ in range(BREAKS))
    Break.objects.bulk_create(
        Break(kind="CASH_UNEXPLAINED", subject=f"cash {row.alpaca_id}", brokerage_account=account) for row in alone
    )


def _transfers(bank: Any, at: datetime, rows: int) -> Iterator[Any]:
    from funding import states
    from funding.models import Transfer

    for number in range(rows):
        yield Transfer(
            user=bank.brokerage_account.user,
            brokerage_account=bank.brokerage_account,
            relationship=bank,
            origin=Transfer.Origin.EXTERNAL,
            direction=states.INCOMING,
            amount=Decimal(number % 5000 + 1) / 4,
            sending=states.ACCEPTED,
            status=states.COMPLETE,
            alpaca_id=str(uuid.uuid4()),
            created_at=at - timedelta(days=3),
            accepted_at=at - timedelta(days=3),
            settled_at=at,
        )


def _cash(account: Any, at: datetime, transfer: Any) -> Any:
    from funding.models import CashActivity

    return CashActivity(
        alpaca_id=str(uuid.uuid4()),
        alpaca_account_id=account.alpaca_id,
        brokerage_account=account,
        kind="CSD",
        amount=transfer.amount if transfer else Decimal("1.25"),
        booked_on=at.date(),
        created_at=at,
        transfer=transfer,
        role=CashActivity.BOOKING if transfer else "",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
