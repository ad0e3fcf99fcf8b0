"""`make demo`, run for real in a copy of the project: three processes that start, live and end together."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.harness.environment import ROOT, declared_variables
from tests.harness.waiting import eventually

pytestmark = pytest.mark.slow

START = 120  # seconds at the most; a first start prepares the database and the static files
END = 20  # its worker alone may take ten
NOT_COPIED = shutil.ignore_patterns(".*", "var", "__pycache__", "bench", "docs")


@dataclass
class Demo:
    """A running demo, and every process that it has started."""

    process: subprocess.Popen[str]
    output: Path
    web_port: int
    sandbox_port: int
    family: list[psutil.Process]

    def child(self, words: str) -> psutil.Process:
        """Return the child with these words in its command line."""
        return next(each for each in self.family if words in " ".join(each.cmdline()))

    def ends_with(self) -> int:
        """Return the exit code, once the demo and everything it started have ended."""
        code = self.process.wait(timeout=END)
        eventually(lambda: not any(map(_alive, self.family)), END, because=f"still there: {self.family}")
        return code


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def answer(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project: the demo's data must not be a developer's own."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("demo") / "clone", ignore=NOT_COPIED)


@pytest.fixture
def run_demo(clone: Path, tmp_path: Path) -> Callable[[int, int], subprocess.Popen[str]]:
    """Return a function that starts the demo on two ports, its output in `tmp_path / "output"`."""

    def start(web_port: int, sandbox_port: int) -> subprocess.Popen[str]:
        settings = {name: value for name, value in os.environ.items() if name not in declared_variables()}
        ports = {"WEB_PORT": str(web_port), "SANDBOX_PORT": str(sandbox_port)}
        with (tmp_path / "output").open("w") as output, _as_from_a_terminal():
            command = [sys.executable, "manage.py", "run_demo"]
            return subprocess.Popen(command, cwd=clone, env=settings | ports, stdout=output, stderr=output, text=True)

    return start


@contextmanager
def _as_from_a_terminal() -> Iterator[None]:
    """Let what is started hear Ctrl-C: where the tests run in the background it is ignored, by all they start, too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def demo(run_demo: Callable[[int, int], subprocess.Popen[str]], tmp_path: Path) -> Iterator[Demo]:
    """Run the demo until it is ready; whatever the test does to it, nothing is left behind."""
    web_port, sandbox_port = free_port(), free_port()
    process = run_demo(web_port, sandbox_port)
    demo = Demo(process, tmp_path / "output", web_port, sandbox_port, [])
    with _ended(demo):
        eventually(lambda: "Ready in" in demo.output.read_text() or process.poll() is not None, START)
        assert process.poll() is None, demo.output.read_text()
        demo.family = psutil.Process(process.pid).children(recursive=True)
        yield demo


@contextmanager
def _ended(demo: Demo) -> Iterator[None]:
    try:
        yield
    finally:
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.wait(timeout=END)


@pytest.mark.parametrize("variable", ["WEB_PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named_with_the_variable_that_moves_it(
    variable: str, run_demo: Callable[[int, int], subprocess.Popen[str]], tmp_path: Path
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = (taken, free_port()) if variable == "WEB_PORT" else (free_port(), taken)

        code = run_demo(*ports).wait(timeout=START)

    said = (tmp_path / "output").read_text()
    assert code == 1
    assert f"Port {taken} is taken" in said
    assert f"{variable}=" in said
    assert len(said.splitlines()) == 1


def test_the_demo_answers_and_ctrl_c_ends_all_of_it(demo: Demo) -> None:
    assert answer(demo.web_port, "/") == 200
    assert answer(demo.sandbox_port, "/control/health") == 200
    assert len(demo.family) >= 4

    demo.process.send_signal(signal.SIGINT)

    assert demo.ends_with() == 0
    assert re.search(rf"http://127\.0\.0\.1:{demo.web_port}/admin/", demo.output.read_text())


def test_killing_the_demo_leaves_nothing_behind(demo: Demo) -> None:
    demo.process.kill()

    assert demo.ends_with() == -signal.SIGKILL


def test_when_one_part_dies_the_demo_says_which_and_ends(demo: Demo) -> None:
    demo.child("brokerage.sandbox").kill()

    assert demo.ends_with() == 1
    said = demo.output.read_text()
    assert "The sandbox ended (exit code -9)" in said
    assert f"Sandbox on http://127.0.0.1:{demo.sandbox_port}" in said  # the last lines of its log
