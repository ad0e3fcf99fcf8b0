"""The sandbox as a process of its own, and the handle by which a test moves it."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.harness.environment import ROOT

FIRST_LINE = re.compile(r"Sandbox on (http://127\.0\.0\.1:\d+) ")


class Sandbox:
    """The sandbox's control side: `sandbox.post("/control/clock", advance_seconds=60)`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, **body: Any) -> Any:
        return self._ask("POST", path, body)

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/{path.lstrip('/')}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None


@contextmanager
def running_sandbox(folder: Path) -> Iterator[Sandbox]:
    """Run a sandbox on a free port, its books and its log in `folder`, until the block ends."""
    command = [sys.executable, "-m", "brokerage.sandbox", "--port", "0", "--profile", "manual"]
    command += ["--store", str(folder / "sandbox.sqlite3")]
    log = folder / "sandbox.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            yield Sandbox(_address(process.stdout, log))
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(output: IO[str] | None, log: Path) -> str:
    """Return the address that the sandbox says on its first line."""
    line = output.readline() if output else ""
    match = FIRST_LINE.match(line)
    if match is None:
        raise RuntimeError(f"the sandbox did not start: {line}{log.read_text()}")
    return match[1]
