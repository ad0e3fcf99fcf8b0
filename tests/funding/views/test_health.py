"""Whether this server is ready, line by line; and who may read its metrics."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session
from funding import readiness
from funding.models import Worker
from tests import make
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox

TOKEN = "a-token-of-thirty-letters-and-more"
WELL = ["database: ok", "migrations: ok", "keys: ok", "settings: ok"]


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> None:
    readiness.CHECKS.forget()


def ready(client: Client, query: str = "") -> tuple[int, list[str]]:
    answer = client.get(f"/readyz{query}")
    return answer.status_code, answer.content.decode().splitlines()


# --- Ready ------------------------------------------------------------------------------------------------------------


def test_a_server_that_is_well_is_ready(client: Client) -> None:
    make.relationship(make.account(make.user()))

    assert ready(client) == (200, WELL)
    assert not Session.objects.exists()


def test_a_migration_that_is_missing_is_not_ready(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    MigrationRecorder.Migration.objects.filter(app="funding").latest("pk").delete()

    assert ready(client) == ready(client) == (503, [WELL[0], "migrations: 1 not applied", *WELL[2:]])
    assert [record.message for record in caplog.records] == ["readiness: migrations: 1 not applied"]


def test_a_database_that_is_ahead_of_this_code_is_ready(client: Client) -> None:
    MigrationRecorder.Migration.objects.create(app="funding", name="0999_of_tomorrow")

    assert ready(client) == (200, WELL)


def test_keys_that_do_not_open_what_is_stored_are_not_ready(client: Client, settings: Settings) -> None:
    make.relationship(make.account(make.user()))
    settings.FIELD_KEYS = "k2:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    assert ready(client) == (503, [*WELL[:2], "keys: FIELD_KEYS does not open what is stored", WELL[3]])


def test_without_a_database_a_server_lives_and_is_not_ready() -> None:
    ask = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "for path in ('/healthz', '/readyz', '/metrics'):\n"
        "    answer = Client().get(path)\n"
        "    print(answer.status_code, answer.content.decode().splitlines())\n"
    )
    nowhere = environment(Sandbox("http://127.0.0.1:1"), METRICS_TOKEN="")
    nowhere |= {"DATABASE_URL": "postgres://someone:a-secret@127.0.0.1:1/books"}

    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=nowhere, capture_output=True, text=True, check=True
    )

    lives, is_ready, metrics = said.stdout.splitlines()
    assert lives == "200 ['ok']"
    assert is_ready.startswith("503 ['database: no answer (OperationalError)', 'migrations: no answer")
    assert "'brokerage_database_up 0.0'" in metrics
    assert "a-secret" not in said.stdout


def test_the_worker_is_told_of_and_does_not_count(client: Client) -> None:
    assert ready(client, "?full") == (200, [*WELL, "worker: never seen"])

    seen_at = timezone.now() - timedelta(hours=2)
    Worker.objects.create(name="worker", host="here", pid=1, beat_at=seen_at)

    assert ready(client, "?full") == (200, [*WELL, "worker: seen 7200 s ago"])
    assert ready(client) == (200, WELL)


def test_a_worker_that_is_heard_of_and_does_not_get_on_is_told_of(client: Client) -> None:
    now = timezone.now()
    worker = Worker.objects.create(name="worker", host="here", pid=1, round_at=now - timedelta(seconds=3))
    Worker.objects.create(name="another", host="here", pid=2, round_at=now)
    assert ready(client, "?full")[1][-1] == "worker: seen 0 s ago, a round done 3 s ago"

    Worker.objects.filter(pk=worker.pk).update(stuck="rounds", stuck_since=now, round_at=now - timedelta(hours=1))

    assert ready(client, "?full") == (200, [*WELL, "worker: seen 0 s ago, a round done 3600 s ago, stuck: rounds"])


# --- Who may read metrics ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        ("", 404),
        (f"Bearer {TOKEN}x", 404),
        (f"Bearer {TOKEN[:-1]}", 404),
        (TOKEN, 404),
        (f"Basic {TOKEN}", 404),
        ("Bearer ", 404),
        ("Bearer é", 404),
    ],
)
def test_whoever_shows_the_token_reads_metrics(client: Client, settings: Settings, shown: str, status: int) -> None:
    settings.METRICS_TOKEN = TOKEN

    answer = client.get("/metrics", headers={"Authorization": shown})

    assert answer.status_code == status
    assert (b"brokerage_database_up" in answer.content) == (status == 200)


def test_without_a_token_nobody_reads_metrics_but_in_local_mode(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics").status_code == 200

    settings.LOCAL = False

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
