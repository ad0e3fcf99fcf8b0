"""Several processes count, and one tells for all, those that have ended as well: no count ever goes down."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from brokerage import metrics_files
from tests.harness.environment import ROOT

# Counts as many pages as it is told, line by line, and says so.
COUNTS = """
import sys
from brokerage import metrics
for line in sys.stdin:
    for _ in range(int(line)):
        metrics.page_answered("overview", 200, 0.03)
    metrics.budget_told("broker", limit=200, left=int(line))
    print("counted", flush=True)
"""


class Process:
    """A process of ours that counts."""

    def __init__(self, process: "subprocess.Popen[str]", talks: IO[str], hears: IO[str]) -> None:
        self._process, self._talks, self._hears = process, talks, hears

    def counts(self, pages: int) -> None:
        self._talks.write(f"{pages}\n")
        self._talks.flush()
        assert self._hears.readline() == "counted\n"

    def dies(self) -> None:
        self._process.kill()
        self._process.wait(timeout=20)


@contextmanager
def process(folder: Path) -> Iterator[Process]:
    surroundings = {**os.environ, "METRICS_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "brokerage.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", COUNTS],
        cwd=ROOT,
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as made:
        assert made.stdin
        assert made.stdout
        yield Process(made, made.stdin, made.stdout)


def told(folder: Path) -> float | None:
    with metrics_files.reading(folder) as registry:
        return registry.get_sample_value("brokerage_page_seconds_count", {"view": "overview", "status": "2xx"})


def test_one_tells_for_all_that_live_and_have_lived(tmp_path: Path) -> None:
    with process(tmp_path) as one, process(tmp_path) as two:
        one.counts(3)
        two.counts(4)
        assert told(tmp_path) == 7

        one.dies()
        assert told(tmp_path) == 7

        two.counts(5)
        assert told(tmp_path) == 12

    assert told(tmp_path) == 12
    assert told(tmp_path) == 12
    assert {path.name for path in tmp_path.glob("*.db")} == {"histogram_ended.db"}


def test_a_new_start_forgets_those_that_have_ended(tmp_path: Path) -> None:
    with process(tmp_path) as worker, process(tmp_path) as server:
        worker.counts(2)
        server.counts(3)
        server.dies()
        metrics_files.add_ended(tmp_path)

        metrics_files.clean(tmp_path)

        assert told(tmp_path) == 2
        worker.counts(1)
        assert told(tmp_path) == 3


def test_what_was_told_last_counts_while_its_process_lives(tmp_path: Path) -> None:
    def left() -> float | None:
        with metrics_files.reading(tmp_path) as registry:
            return registry.get_sample_value("brokerage_vendor_requests_left", {"vendor": "broker"})

    with process(tmp_path) as one:
        with process(tmp_path) as two:
            one.counts(30)
            two.counts(20)
            assert left() == 20

        assert left() == 30


def test_a_file_that_is_spoiled_costs_no_more_than_itself(tmp_path: Path) -> None:
    with process(tmp_path) as one:
        one.counts(3)
        (tmp_path / "histogram_999999999.db").write_bytes(b"")
        (tmp_path / "counter_999999998.db").write_bytes(b"\xff" * 4096)

        assert told(tmp_path) == 3


def test_no_folder_is_nothing_to_clean(tmp_path: Path) -> None:
    metrics_files.clean(tmp_path / "none")
    metrics_files.add_ended(tmp_path / "none")

    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", ["notes.txt", "histogram_x.db", "lock"])
def test_other_files_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    metrics_files.add_ended(tmp_path)
    metrics_files.clean(tmp_path)

    assert (tmp_path / name).exists()
