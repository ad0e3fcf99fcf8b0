"""What a page of the transfer list costs, at its beginning and deep inside, with few and with many transfers.

    python bench/transfer_list.py [rows]

Makes a database of its own in a temporary folder and prints medians and ratios; a ratio near 1 means that neither the
number of transfers nor the depth of the page matters.
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

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FEW, PAGES = 100, 30


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        call_command("migrate", verbosity=0)
        few, many = _customer("few@example.com", FEW), _customer("many@example.com", rows)
        first = _median(few, "/transfers/")
        print(f"first page of {FEW:>9,} transfers  {first * 1000:6.1f} ms")
        for name, url in (("first page", "/transfers/"), ("deep page ", _deep(many, rows))):
            took = _median(many, url)
            print(f"{name} of {rows:>9,} transfers  {took * 1000:6.1f} ms  ratio {took / first:.2f}")


def _customer(email: str, rows: int):  # type: ignore[no-untyped-def]
    """Make a customer with `rows` settled transfers, an hour apart."""
    from django.utils import timezone

    from funding import states
    from funding.models import Transfer
    from tests import make

    user = make.user(email)
    relationship = make.relationship(make.account(user))
    now = timezone.now()
    made = (
        Transfer(
            user=user,
            brokerage_account=relationship.brokerage_account,
            relationship=relationship,
            direction=states.OUTGOING,
            amount=Decimal("10.00"),
            form_key=uuid.uuid4(),
            sending=states.ACCEPTED,
            status=states.COMPLETE,
            alpaca_id=str(uuid.uuid4()),
            created_at=now - timedelta(hours=number),
            settled_at=now,
        )
        for number in range(rows)
    )
    Transfer.objects.bulk_create(made, batch_size=500)
    return user


def _deep(user, rows: int) -> str:  # type: ignore[no-untyped-def]
    """Return the address of a page nine tenths down the list."""
    from funding.models import Transfer

    deep = Transfer.objects.filter(user=user).order_by("-created_at", "-id")[rows * 9 // 10]
    return f"/transfers/?before={deep.created_at.timestamp():.6f}_{deep.pk}"


def _median(user, url: str) -> float:  # type: ignore[no-untyped-def]
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.get(url)
    times = []
    for _ in range(PAGES):
        began_at = time.perf_counter()
        assert client.get(url).status_code == 200  # noqa: S101
        times.append(time.perf_counter() - began_at)
    return statistics.median(times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
