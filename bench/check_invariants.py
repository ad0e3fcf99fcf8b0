"""What check_invariants costs with few and with many transfers: time, and memory, which must not grow.

    python bench/check_invariants.py [rows]

Makes settled and returned transfers with their whole history, in a database of its own: an SQLite file in a temporary
folder, or the empty one that DATABASE_URL names. Runs the command in a process of its own at a hundredth, a tenth and
all of `rows`, and prints the figures and each one's ratio to the first. Memory should keep its near 1; processor time
for each transfer falls, as the start is shared by more, and must not rise again.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TO_ONE_ACCOUNT = 10
KIB_OR_BYTES = 1024**2 if sys.platform == "darwin" else 1024  # what ru_maxrss counts, in a MiB
KEYS = ("id", "transfer_id", "row_id", "form_key", "authorization_id", "cleared_by_id")
APART = 31  # days between one copy of everything and the next, so that no limit is reached


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ["DEBUG"] = "off"
        _run("manage.py", "migrate", "--verbosity=0")
        first = None
        for copies, before in ((1, 0), (10, 1), (100, 10)):
            began_at = time.perf_counter()
            _run(__file__, "--make", str(before), str(copies), str(rows // 100))
            print(f"{rows // 100 * copies:>9,} transfers, made in {time.perf_counter() - began_at:.0f} s", flush=True)
            first = _measure(rows // 100 * copies, first)


def _run(*command: str) -> None:
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True)


def _measure(transfers: int, first: tuple[float, float] | None) -> tuple[float, float]:
    """Run the command, print what it cost, and return the first's seconds per transfer and memory.

    This process stays small: a child begins its count of memory with that of its parent.
    """
    began_at = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "check_invariants"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.read().splitlines()[-1]
    _, status, used = os.wait4(process.pid, 0)
    took, memory = time.perf_counter() - began_at, used.ru_maxrss / KIB_OR_BYTES
    each, of_processor = took / transfers, (used.ru_utime + used.ru_stime) / transfers
    first = first or (of_processor, memory)
    print(f"  {took:8.1f} s, {each * 1e6:.0f} µs each, by processor time {of_processor * 1e6:.0f} µs; {memory:.0f} MiB")
    print(f"  ratios: processor time each {of_processor / first[0]:.2f}, memory {memory / first[1]:.2f}")
    print(f"  exit {os.waitstatus_to_exitcode(status)}: {said}", flush=True)
    return first


def _make_all(before: int, copies: int, transfers: int) -> None:
    """Make copies of everything, the first one from nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
    import django

    django.setup()
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")  # nobody keeps these rows
            cursor.execute("PRAGMA cache_size = -500000")
    if before == 0:
        _make(transfers)
    for number in range(max(before, 1), copies):
        _copy(number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# --- The first copy ---------------------------------------------------------------------------------------------------


def _make(transfers: int) -> None:
    """Make transfers with all that hangs on them; their ids begin with 00, those of copies do not."""
    from django.db import transaction

    rows = [row for number in range(transfers // TO_ONE_ACCOUNT) for row in _of_one_account(number)]
    with transaction.atomic():  # a transfer and its decision name each other
        for model in _models():
            model.objects.bulk_create([row for row in rows if isinstance(row, model)], batch_size=500)


def _models() -> tuple[Any, ...]:
    from funding import models

    return (
        models.DebitAuthorization,
        models.Transfer,
        models.RiskDecision,
        models.SendAttempt,
        models.TransferEvent,
        models.Reversal,
    )


def _of_one_account(number: int) -> Iterator[Any]:
    """Make an account, and yield its transfers, an hour apart, with what hangs on them."""
    from django.utils import timezone

    from accounts.models import Application, BrokerageAccount, User
    from funding.models import ACHRelationship, PlaidItem

    now = timezone.now()
    user = User.objects.create(email=f"{number}@example.com")
    application = Application.objects.create(user=user)
    account = BrokerageAccount.objects.create(
        user=user, application=application, alpaca_id=f"{number}", status="ACTIVE", compared_at=now
    )
    account.begin_history(actor="bench", because="made")
    item = PlaidItem.objects.create(user=user, plaid_item_id=f"{number}")
    relationship = ACHRelationship.objects.create(brokerage_account=account, item=item, subtype="checking")
    relationship.events.create(field="sending", after="RESERVED", actor="bench")
    for hours in range(TO_ONE_ACCOUNT):
        yield from _transfer(relationship, now - timedelta(days=3, hours=hours), returned=hours == 0)


def _transfer(relationship: Any, at: datetime, *, returned: bool) -> Iterator[Any]:
    from funding.models import DebitAuthorization, Reversal, RiskDecision, Transfer

    account, key = relationship.brokerage_account, _id()
    authorization = DebitAuthorization(
        id=_id(), relationship=relationship, amount="50.00", text="I do.", ip_address="203.0.113.7", created_at=at
    )
    decision = RiskDecision(id=_id(), transfer_id=key, at=at, actor="bench", outcome="ALLOW", rules_version="bench")
    parameters = hashlib.sha256(f"{account.pk} INCOMING 50.00".encode()).hexdigest()
    transfer = Transfer(
        id=key,
        user_id=account.user_id,
        brokerage_account=account,
        relationship=relationship,
        direction="INCOMING",
        amount="50.00",
        form_key=_id(),
        parameters_hash=parameters,
        authorization=authorization,
        cleared_by=decision,
        sending="ACCEPTED",
        status="RETURNED" if returned else "COMPLETE",
        alpaca_id=key.hex,
        created_at=at,
        leaves_on=at.date(),
        accepted_at=at + timedelta(seconds=2),
        settled_at=at + timedelta(days=1),
        ended_at=at + timedelta(days=2) if returned else None,
    )
    yield from (authorization, transfer, decision, _attempt(transfer, at))
    yield from _events(transfer, at, ["RETURNED"] if returned else [])
    if returned:
        yield Reversal(id=_id(), transfer=transfer, amount="50.00", created_at=at)


def _attempt(transfer: Any, at: datetime) -> Any:
    from funding.models import SendAttempt

    return SendAttempt(
        id=_id(),
        transfer=transfer,
        sender="bench",
        sent_at=at + timedelta(seconds=1),
        lease_until=at + timedelta(seconds=61),
        answered_at=at + timedelta(seconds=2),
        http_status=200,
        answer={"id": transfer.pk.hex, "amount": "50.00", "direction": "INCOMING", "status": "QUEUED"},
    )


def _events(transfer: Any, at: datetime, end: list[str]) -> Iterator[Any]:
    from funding.models import TransferEvent

    limits = {"limits": {"one transfer": "25000.00", "one day": "50000.00", "30 days": "100000.00"}}
    words = ["", "QUEUED", "SENT_TO_CLEARING", "COMPLETE", *end]
    steps = [("sending", *step) for step in (("", "RESERVED"), ("RESERVED", "SENDING"), ("SENDING", "ACCEPTED"))]
    steps += [("status", *step) for step in pairwise(words)]
    for number, (field, before, after) in enumerate(steps):
        evidence = {} if before else limits
        moment = at + timedelta(seconds=number)
        yield TransferEvent(
            id=_id(), row=transfer, field=field, before=before, after=after, at=moment, actor="b", evidence=evidence
        )


def _id() -> uuid.UUID:
    return uuid.UUID("00" + uuid.uuid4().hex[2:])


# --- The others -------------------------------------------------------------------------------------------------------


def _copy(number: int) -> None:
    """Copy the first transfers, and what hangs on them, to other ids and to some months earlier."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for model in _models():
            table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
            taken = ", ".join(_copied(column, number) for column in columns)
            first = "id < '01000000000000000000000000000000'"
            cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM {table} WHERE {first}")  # noqa: S608


def _copied(column: str, number: int) -> str:
    """Return the expression by which a copy gets its value of a column."""
    from django.db import connection

    on_sqlite = connection.vendor == "sqlite"
    if column in (*KEYS, "alpaca_id"):
        plain = column if on_sqlite or column == "alpaca_id" else f"replace({column}::text, '-', '')"
        copied = f"'{number:02x}' || substr({plain}, 3)"
        return copied if on_sqlite or column == "alpaca_id" else f"({copied})::uuid"
    if column == "answer":
        before, after = '"id": "00', f'"id": "{number:02x}'
        return (
            f"replace({column}, '{before}', '{after}')"
            if on_sqlite
            else f"replace({column}::text, '{before}', '{after}')::jsonb"
        )
    if column == "leaves_on":
        return f"date({column}, '-{APART * number} days')" if on_sqlite else f"{column} - {APART * number}"
    if column == "at" or column.endswith(("_at", "_until")):
        days = APART * number
        return (
            f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{days} days')"
            if on_sqlite
            else f"{column} - interval '{days} days'"
        )
    return column


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        _make_all(*map(int, sys.argv[2:]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
