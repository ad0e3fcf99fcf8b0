"""What a storm of Plaid's webhooks costs: how soon each is answered, whether all are stored, how soon forgeries go.

    python bench/webhooks.py [webhooks] [seconds]

Starts the local sandbox for its key, and the site under gunicorn as in production, on a database of its own: first
SQLite in a temporary folder, then a PostgreSQL of its own (or neither, but the empty one that DATABASE_URL names).
Sends signed webhooks evenly over the seconds, one in ten of them once more with an altered body. An answer's time is
counted from when its webhook should have been sent, so one that had to queue is not flattered.
"""

import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from tests.harness.plaid_signing import SigningKey

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CALLERS = 32
PATIENCE = 10  # seconds, as Plaid has
ASIDE = 10  # one forgery for so many webhooks


@dataclass(frozen=True)
class Letter:
    """One webhook, and when it is to be sent, in seconds from the start."""

    at: float
    body: bytes
    signature: str
    forged: bool


@dataclass(frozen=True)
class Answer:
    """What came back, and how many milliseconds after it was due."""

    status: int
    after: float
    forged: bool


def main(count: int, seconds: int) -> None:
    with ExitStack() as until_the_end:
        for name, url in _databases(until_the_end):
            print(f"--- {count:,} webhooks in {seconds} s on {name}", flush=True)
            command = [sys.executable, __file__, "--on", str(count), str(seconds)]
            surroundings = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "for-the-bench-only-" + "0" * 50}
            subprocess.run(command, cwd=ROOT, env=surroundings, check=True, timeout=300)


def _databases(until_the_end: ExitStack) -> Iterator[tuple[str, str]]:
    """Yield the name and address of each database to try."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        yield "the database given", given
        return
    from tests.harness.postgres import running_postgres

    folder = until_the_end.enter_context(tempfile.TemporaryDirectory())
    yield "SQLite", f"sqlite:///{folder}/bench.sqlite3"
    yield "PostgreSQL", until_the_end.enter_context(running_postgres())


def _measure(count: int, seconds: int) -> None:
    """Do all of it on the database that DATABASE_URL names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from funding.models import PlaidWebhook
    from tests.harness.sandbox import running_sandbox
    from tests.harness.site import running_site

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as name, running_sandbox(Path(name)) as sandbox:
        letters = _letters(_key(sandbox.url, Path(name) / "sandbox.sqlite3"), count, seconds)
        with running_site(Path(name), sandbox) as port:
            answers, took = _send(port, letters)
    _report(answers, took)
    stored = PlaidWebhook.objects.count()
    print(f"{'stored':36} {stored:8,} rows of {count:,}", flush=True)
    if stored != count or {answer.status for answer in answers} != {200, 401}:
        raise SystemExit("not all were stored, or not all forgeries refused")


def _key(sandbox_url: str, store: Path) -> "SigningKey":
    """Return the key by which the sandbox signs; it is made when it is first asked for."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from tests.brokerage.sandbox.bench import Bench
    from tests.harness.plaid_signing import SigningKey

    kid = "6c5516e1-92dc-479e-a8ff-5a51992e0001"  # which every sandbox has
    Bench(sandbox_url).plaid("webhook_verification_key/get", key_id=kid)
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as books:
        kid, private = books.execute("SELECT kid, private FROM webhook_keys ORDER BY seq DESC").fetchone()
    key = SigningKey(kid)
    key.private = cast("EllipticCurvePrivateKey", load_pem_private_key(private.encode(), password=None))
    return key


def _letters(key: "SigningKey", count: int, seconds: int) -> list[Letter]:
    letters = []
    for number in range(count):
        said = {"webhook_type": "ITEM", "webhook_code": "LOGIN_REPAIRED", "item_id": f"item-{number}"}
        body, at = json.dumps({**said, "environment": "sandbox"}, indent=2).encode(), number * seconds / count
        signature = key.sign(body)
        letters.append(Letter(at, body, signature, forged=False))
        if number % ASIDE == 0:
            letters.append(Letter(at, body.replace(b"ITEM", b"AUTH"), signature, forged=True))
    return letters


def _send(port: int, letters: list[Letter]) -> tuple[list[Answer], float]:
    """Send each at its time, by callers who keep their connections; return the answers, and how long it took."""
    waiting, lock, answers = iter(letters), threading.Lock(), list[Answer]()
    began_at = time.perf_counter()

    def call() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while True:
            with lock:
                letter = next(waiting, None)
            if letter is None:
                break
            time.sleep(max(0.0, began_at + letter.at - time.perf_counter()))
            status = _post(line, letter)
            answers.append(Answer(status, (time.perf_counter() - began_at - letter.at) * 1000, letter.forged))
        line.close()

    threads = [threading.Thread(target=call, daemon=True) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return answers, time.perf_counter() - began_at


def _post(line: http.client.HTTPConnection, letter: Letter) -> int:
    """Send one; where the server has meanwhile closed an idle connection, on a new one. 0: no answer."""
    from tests.harness.site import HOST

    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Plaid-Verification": letter.signature}
    for _ in range(2):
        try:
            line.request("POST", "/webhooks/plaid/", letter.body, {**headers, "Content-Type": "application/json"})
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            line.close()
        else:
            return answer.status
    return 0


def _report(answers: list[Answer], took: float) -> None:
    print(f"{'all sent and answered':36} {took:8.1f} s", flush=True)
    for name, forged in (("taken in", False), ("forged, and refused", True)):
        after = [answer.after for answer in answers if answer.forged is forged]
        p50, p95 = statistics.median(after), statistics.quantiles(after, n=20)[-1]
        print(f"{name:36} {len(after):8,} answers: p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {max(after):.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--on"]:
        _measure(*map(int, sys.argv[2:]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, int(sys.argv[2]) if len(sys.argv) > 2 else 10)
