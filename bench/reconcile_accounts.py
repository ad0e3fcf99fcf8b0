"""What reconcile_accounts costs in time and memory, with many accounts that all agree with the broker.

    python bench/reconcile_accounts.py [accounts]

Makes a database of its own, SQLite in a temporary folder or the one that DATABASE_URL names (which must be empty), and
a broker on a socket that agrees to everything; prints the seconds, and the memory at each tenth of the way.
"""

import json
import os
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


class Broker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece

    def do_GET(self) -> None:
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[-1] == "accounts":
            answer: object = []
        elif "trading" in parts:
            answer = {"id": parts[-2], "cash": "10", "cash_withdrawable": "10", "equity": "10"}
        else:
            answer = {"id": parts[-1], "status": "ACTIVE", "account_number": "1", "kyc_results": None}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(rows: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Broker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brokerage.settings")
        os.environ["BROKER_BASE_URL"] = f"http://127.0.0.1:{server.server_port}"
        os.environ["LOG_LEVEL"] = "WARNING"
        import django

        django.setup()
        from django.core.management import call_command

        from accounts.operations import account_reconciliation

        call_command("migrate", verbosity=0)
        _accounts(rows)
        began = time.monotonic()
        found = account_reconciliation.reconcile(
            account_reconciliation.Scope(), dry_run=False, holder="bench", progress=lambda done: _tell(done, rows)
        )
        findings = list(found)
        seconds = time.monotonic() - began
        print(f"{rows} accounts: {len(findings)} findings, {seconds:.0f} s, {seconds / rows * 1000:.1f} ms an account")


def _accounts(rows: int) -> None:
    from accounts import states
    from accounts.models import AgreementSignature, Application, BrokerageAccount, User

    for start in range(0, rows, 1000):
        numbers = range(start, min(start + 1000, rows))
        users = User.objects.bulk_create([User(email=f"{number}@example.com") for number in numbers])
        applications = Application.objects.bulk_create(
            [Application(user=user, status=states.ACCEPTED, given_name="Ada", family_name="Okafor") for user in users]
        )
        AgreementSignature.objects.bulk_create(
            AgreementSignature(application=one, agreement="customer_agreement", revision="1", ip_address="192.0.2.1")
            for one in applications
        )
        BrokerageAccount.objects.bulk_create(
            BrokerageAccount(
                user=one.user, application=one, alpaca_id=f"a{one.pk}", account_number="1", status=states.ACTIVE
            )
            for one in applications
        )


def _tell(done: int, rows: int) -> None:
    if done % max(1, rows // 10) == 0:
        with Path("/proc/self/statm").open() as statm:
            pages = int(statm.read().split()[1])
        print(f"  {done:>8} accounts, {pages * os.sysconf('SC_PAGE_SIZE') // 1024 // 1024} MiB", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
