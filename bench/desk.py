"""What the desk costs: its start page, its lists and its search, with many transfers.

    python bench/desk.py [rows]

Makes a database of its own in a temporary folder, with a customer for every twenty transfers, and prints medians in
milliseconds, the number of queries, and how long the slowest of them took.
"""

import os
import statistics
import sys
import tempfile
import time
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
A_CUSTOMER, TIMES = 20, 5


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        call_command("migrate", verbosity=0)
        one = _fill(rows)
        print(f"{rows:,} transfers")
        for name, url in _pages(one):
            print(f"  {name:32} {_measure(url)}")


def _fill(rows: int) -> Any:
    """Make settled transfers of many customers, one in two hundred returned, and a few that wait; return one."""
    from django.utils import timezone

    from funding import states
    from funding.models import Transfer
    from tests import make

    now, made = timezone.now(), []
    for number in range(rows // A_CUSTOMER):
        mask = f"{number % 10_000:04}"
        bank = make.relationship(make.account(make.user(f"customer{number}@example.com")), mask=mask)
        for each in range(A_CUSTOMER):
            at = now - timedelta(minutes=number % 60_000, days=each * 3)
            status = states.RETURNED if (number + each) % 200 == 0 else states.COMPLETE
            made.append(
                Transfer(
                    user=bank.brokerage_account.user,
                    brokerage_account=bank.brokerage_account,
                    relationship=bank,
                    direction=states.OUTGOING,
                    amount=Decimal(f"{10 + (number * 7 + each) % 5000}.{each:02}"),
                    form_key=uuid.uuid4(),
                    sending=states.ACCEPTED,
                    status=status,
                    alpaca_id=str(uuid.uuid4()),
                    created_at=at,
                    accepted_at=at,
                    settled_at=at,
                    ended_at=at if status == states.RETURNED else None,
                )
            )
    Transfer.objects.bulk_create(made, batch_size=2_000)
    make.user("ops@example.com", is_staff=True, is_superuser=True)
    return made[-1]


def _pages(one):  # type: ignore[no-untyped-def]
    transfers = "/admin/funding/transfer/"
    return [
        ("start page", "/admin/"),
        ("list of transfers", transfers),
        ("list, a queue", f"{transfers}?queue=stuck"),
        ("list, found by id", f"{transfers}?q={one.pk}"),
        ("search, by our id", f"/admin/search/?q={one.pk}"),
        ("search, by eight characters", f"/admin/search/?q={one.short_reference}"),
        ("search, by the broker's id", f"/admin/search/?q={one.alpaca_id}"),
        ("search, by amount", f"/admin/search/?q=%24{one.amount}"),
        ("search, by last four", f"/admin/search/?q={one.relationship.mask}"),
        ("search, by e-mail", f"/admin/search/?q={one.user.email}"),
        ("search, by some of an e-mail", "/admin/search/?q=tomer7"),
        ("page of a transfer", f"{transfers}{one.pk}/change/"),
    ]


def _measure(url: str) -> str:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email="ops@example.com"))
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = client.get(url)
        took.append(time.perf_counter() - began)
        if answer.status_code not in (200, 302):
            sys.exit(f"{url} answered {answer.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    slowest = max(queries.captured_queries, key=lambda query: float(query["time"]))
    if os.environ.get("SHOW"):
        print(slowest["sql"])
    middle = statistics.median(took) * 1000
    return f"{middle:8.1f} ms  {len(queries):3} queries, the slowest {float(slowest['time']) * 1000:.0f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
