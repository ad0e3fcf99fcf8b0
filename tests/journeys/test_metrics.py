"""The whole site under gunicorn, several processes and a command beside it: any of them tells what all have counted."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from tests import make
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox
from tests.harness.site import running_site
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TOKEN = "a-token-of-thirty-letters-and-more"


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status, dict(answer.headers.items()), answer.read().decode()


def told(port: int, series: str) -> float:
    _, _, text = ask(port, "/metrics", Authorization=f"Bearer {TOKEN}")
    found = re.search(f"^{re.escape(series)} (.*)$", text, re.MULTILINE)
    return float(found[1]) if found else 0


def ends(folder: Path) -> set[int]:
    """Return the ids of the processes that have counted pages."""
    return {int(name[1]) for path in folder.iterdir() if (name := re.fullmatch(r"histogram_(\d+)\.db", path.name))}


def test_any_process_tells_what_all_have_counted(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    settings.SECRET_KEY = "for-the-metrics-only-" + uuid.uuid4().hex * 2
    (folder / "histogram_999999999.db").touch()  # of a run before
    monkeypatch.setenv("METRICS_DIR", str(folder))
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    home = {"Host": "brokerage.example", "X-Forwarded-Proto": "https"}
    views = 'brokerage_page_seconds_count{status="2xx",view="home"}'
    calls = 'brokerage_vendor_call_seconds_count{operation="list_accounts",outcome="ok",vendor="broker"}'
    make.account(make.user())

    with running_site(tmp_path, sandbox) as port:
        assert not (folder / "histogram_999999999.db").exists()
        asked = 0

        def both_have_counted() -> bool:
            nonlocal asked
            asked += 1
            ask(port, "/", **home)
            return len(ends(folder)) > 1

        eventually(both_have_counted, 60)
        assert told(port, views) == asked

        command = [sys.executable, "manage.py", "reconcile_accounts"]
        subprocess.run(command, cwd=ROOT, env=environment(sandbox), check=False, capture_output=True)
        assert told(port, calls) > 0

        one = ends(folder).pop()
        os.kill(one, signal.SIGKILL)  # a process of the site that was started here
        eventually(lambda: one not in ends(folder), 60)
        assert told(port, views) == asked

        status, headers, body = ask(port, "/readyz", "HEAD")
        assert (status, body, headers["Cache-Control"]) == (200, "", "no-store")
        assert not {"Set-Cookie", "Vary"} & set(headers)
