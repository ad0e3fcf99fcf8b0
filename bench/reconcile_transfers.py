"""What reconciliation of transfers and cash costs: time, memory and calls, beside a plain copy and join of the rows.

    python bench/reconcile_transfers.py [transfers]

Makes books that agree (tests/funding/drill/ground.py) in a database of its own: an SQLite file in a temporary folder,
or the empty one that DATABASE_URL names; `--postgres` starts a server for this run. The broker is played from a file,
over a real socket. Runs the engine in a process of its own, over all transfers and all cash, twice, and prints seconds
(on the wall, and of the processor), transfers a second, peak memory and calls. What it is measured by: the broker's
rows copied into a table in bulk and joined with ours in one statement, which finds differences, and heals, matches and
remembers nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
AREAS = ("transfers", "cash")


def main(rows: int, *, on_postgres: bool) -> None:
    from tests.harness.postgres import running_postgres

    with tempfile.TemporaryDirectory() as folder, ExitStack() as until_the_end:
        if on_postgres:
            os.environ["DATABASE_URL"] = until_the_end.enter_context(running_postgres())
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ |= {"DJANGO_SETTINGS_MODULE": "brokerage.settings", "LOG_LEVEL": "CRITICAL", "DEBUG": "off"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _measure(Path(folder), rows)


def _measure(folder: Path, rows: int) -> None:
    from django.db import connection

    from tests.funding.drill import ground
    from tests.harness.played_broker import Shelf, address, played_broker

    shelf = Shelf(folder / "broker.sqlite3")
    began = time.perf_counter()
    accounts = sum(1 for _ in ground.lay_out(shelf, transfers=rows))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(
        f"{rows:,} transfers of {accounts:,} accounts, made in {_since(began):.0f} s on {connection.vendor}", flush=True
    )
    plain = _plain(folder / "broker.sqlite3")
    with played_broker(shelf) as server:
        for run in ("first", "second"):
            before = server.calls
            told = _engine(address(server), ground.NOW.isoformat())
            took = sum(told["seconds"].values())
            calls = server.calls - before
            print(
                f"{run} run: {took:.1f} s ({told['seconds']}, of the processor {told['processor']}), "
                f"{rows / took:,.0f} transfers/s, {calls:,} calls, "
                f"{took / calls * 1000:.1f} ms a call, {told['peak_mib']} MiB, {len(told['found'])} findings; "
                f"{took / plain:.0f} times the plain copy and join",
                flush=True,
            )


def _engine(url: str, now: str) -> Any:
    command = [sys.executable, "-m", "tests.funding.drill.runner", now, *AREAS]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"BROKER_BASE_URL": url}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def _plain(file: Path) -> float:
    """Copy the broker's rows beside ours and join them; return the seconds."""
    import sqlite3

    from django.db import connection

    began = time.perf_counter()
    with sqlite3.connect(file) as broker, connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE theirs (id varchar(64) PRIMARY KEY, status varchar(40), amount numeric)")
        for (body,) in _batches(broker):
            _put(cursor, [(row["id"], row["status"], row["amount"]) for row in body])
        cursor.execute(
            "SELECT count(*) FROM funding_transfer o FULL OUTER JOIN theirs t ON t.id = o.alpaca_id "
            "WHERE o.id IS NULL OR (o.alpaca_id IS NOT NULL AND (t.id IS NULL OR t.status <> o.status "
            "OR abs(t.amount - o.amount) >= 0.005))"
        )
        differences = cursor.fetchone()[0]
        cursor.execute("DROP TABLE theirs")
    took = _since(began)
    print(f"plain copy and join: {took:.1f} s, {differences} differences", flush=True)
    return took


def _batches(broker: Any) -> Any:
    rows = broker.execute("SELECT body FROM transfers")
    while some := rows.fetchmany(5000):
        yield ([json.loads(body) for (body,) in some],)


def _put(cursor: Any, rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        cursor.executemany("INSERT INTO theirs VALUES (%s, %s, %s)", rows)
        return
    with cursor.copy("COPY theirs FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _since(began: float) -> float:
    return time.perf_counter() - began


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--postgres"]
    main(int(words[0]) if words else 100_000, on_postgres="--postgres" in sys.argv)
