"""Workers as they run in production: processes of their own, on the test's database and with the test's sandbox."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox
from tests.harness.waiting import eventually


class WorkerProcess:
    """One `manage.py run_worker`, and its log."""

    def __init__(self, folder: Path, sandbox: Sandbox, **settings: str) -> None:
        more = {"WORKER_INTERVAL": "0.2", "EMAIL_URL": "dummymail://", **settings}
        self._log = folder / f"worker-{len(list(folder.glob('worker-*')))}.log"
        with self._log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_worker"],
                cwd=ROOT,
                env=environment(sandbox, **more),
                stdout=output,
                stderr=output,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self._log.read_text()

    def await_beginning(self) -> None:
        eventually(lambda: "Worker running" in self.said or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.said

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self.process.kill()
        self.process.wait(timeout=10)


@contextmanager
def running_workers(folder: Path, sandbox: Sandbox, count: int, **settings: str) -> Iterator[list[WorkerProcess]]:
    """Run so many workers until the block ends; whatever the list holds then is ended."""
    workers = [WorkerProcess(folder, sandbox, **settings) for _ in range(count)]
    try:
        for worker in workers:
            worker.await_beginning()
        yield workers
    finally:
        for worker in workers:
            worker.kill()


@contextmanager
def standing_still(workers: list[WorkerProcess]) -> Iterator[None]:
    """Let no worker take a step until the block ends."""
    for worker in workers:
        worker.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            worker.process.send_signal(signal.SIGCONT)  # nothing to one that has died meanwhile
