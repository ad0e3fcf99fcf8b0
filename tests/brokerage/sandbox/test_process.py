"""The sandbox as a process: what it prints, how it stops, and what it remembers."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokerage.sandbox.bench import Bench

ROOT = Path(__file__).resolve().parents[3]


def command(store: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "brokerage.sandbox", "--store", str(store), *more]


@contextmanager
def running(store: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the address it says on its only line."""
    process = subprocess.Popen(command(store, "--port", "0", *more), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def address(line: str) -> str:
    return line.split()[2]


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(tmp_path: Path, name: signal.Signals) -> None:
    with running(tmp_path / "s.sqlite3", "--profile", "instant") as (process, line):
        bench = Bench(address(line))
        assert bench.state()["settings"]["profile"] == "instant"
        process.send_signal(name)

        assert process.wait(timeout=5) == 0
    assert line == f"Sandbox on {bench.url} (profile instant, store {tmp_path / 's.sqlite3'})\n"


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            command(tmp_path / "s.sqlite3", "--port", port), cwd=ROOT, capture_output=True, text=True, timeout=20
        )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in ended.stderr


def test_it_does_not_start_in_production(tmp_path: Path) -> None:
    ended = subprocess.run(
        command(tmp_path / "s.sqlite3"), cwd=ROOT, capture_output=True, text=True, timeout=20,
        env={**os.environ, "BROKERAGE_ENV": "production"},
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert "BROKERAGE_ENV is production" in ended.stderr
    assert not (tmp_path / "s.sqlite3").exists()


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite3"
    with running(store, "--profile", "manual") as (_, line):
        bench = Bench(address(line))
        bench.control("clock", freeze=True)
        bench.pass_time(86_400)
        account_id = bench.open_account()
        bench.transfer(account_id, bench.link(account_id), "3.00")
        before = bench.state()

    with running(store) as (_, line):
        after = Bench(address(line)).state()

    assert after == before
    assert after["transfers"][0]["amount"] == "3.00"
