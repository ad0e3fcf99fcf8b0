"""What the local sandbox costs: to start, to reset, to answer a simple read, and to stand idle.

    python bench/sandbox.py [requests]

Starts a sandbox of its own on a temporary store and prints each figure with its budget and the ratio of the two; a
ratio up to 1 keeps the budget. Most is counted twice: as it was here, whatever else the machine was doing, and by the
processor time that the sandbox itself used for it.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = {"start": 1000.0, "reset": 50.0, "idle": 80.0, "reads": 500.0}  # ms, ms, MiB, a second
CUSTOMERS, CALLERS, RESETS = 50, 4, 9
KEY = "Basic " + b64encode(b"local-broker-key:local-broker-secret").decode()
TICKS = os.sysconf("SC_CLK_TCK")


def main(reads: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began_at = time.perf_counter()
        process = _started(Path(folder) / "s.sqlite3")
        try:
            netloc = _netloc(process.stdout)
            _say("start to first line", (time.perf_counter() - began_at) * 1000, "ms", BUDGETS["start"])
            _say("start, by processor time", _processor_time(process.pid) * 1000, "ms", BUDGETS["start"])
            _measure(process, Caller(netloc), reads)
        finally:
            process.kill()
            process.wait()


def _started(store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "brokerage.sandbox", "--port", "0", "--profile", "manual", "--store", str(store)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _measure(process: subprocess.Popen[str], caller: "Caller", reads: int) -> None:
    _say("memory, idle", _resident(process.pid), "MiB", BUDGETS["idle"])
    elapsed, used = _reset(process, caller)
    _say(f"reset of {CUSTOMERS} customers", elapsed, "ms", BUDGETS["reset"])
    _say("reset, by processor time", used, "ms", BUDGETS["reset"])
    account_id = _seed(caller, 1)[0]["account_id"]
    paths = {
        "clock": "/broker/v1/clock",
        "account": f"/broker/v1/accounts/{account_id}",
        "transfers": f"/broker/v1/accounts/{account_id}/transfers",
    }
    for name, path in paths.items():
        elapsed, used = _read(process, caller.netloc, path, reads)
        _say_rate(f"{name}, {CALLERS} callers kept alive", reads / elapsed)
        _say_rate(f"{name}, by processor time", reads / used)
    _say("memory, afterwards", _resident(process.pid), "MiB", BUDGETS["idle"])


class Caller:
    """One connection that is kept alive."""

    def __init__(self, netloc: str) -> None:
        self.netloc = netloc
        self.line = http.client.HTTPConnection(netloc, timeout=60)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        self.line.request(method, path, json.dumps(body) if body is not None else None, {"Authorization": KEY})
        answer = self.line.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path} answered {answer.status}: {text!r}")
        return json.loads(text)


def _netloc(output: IO[str] | None) -> str:
    line = output.readline() if output else ""
    return urlsplit(line.split()[2]).netloc


def _seed(caller: Caller, count: int) -> Any:
    transfers = [{"amount": "10.00", "status": "COMPLETE"}, {"amount": "5.00"}, {"amount": "1.00"}]
    customers = [{"cash": "5", "link": {}, "transfers": transfers} for _ in range(count)]
    return caller.ask("POST", "/control/seed", {"customers": customers})["customers"]


def _reset(process: subprocess.Popen[str], caller: Caller) -> tuple[float, float]:
    """What a reset takes, in milliseconds: the median that passed, and the mean of the sandbox's processor time."""
    passed, used = [], 0.0
    for _ in range(RESETS):
        _seed(caller, CUSTOMERS)
        began_at, before = time.perf_counter(), _processor_time(process.pid)
        caller.ask("POST", "/control/reset")
        passed.append(time.perf_counter() - began_at)
        used += _processor_time(process.pid) - before
    return statistics.median(passed) * 1000, used * 1000 / RESETS


def _read(process: subprocess.Popen[str], netloc: str, path: str, reads: int) -> tuple[float, float]:
    """Seconds that passed, and seconds of processor time that the sandbox used."""

    def work() -> None:
        caller = Caller(netloc)
        for _ in range(reads // CALLERS):
            caller.ask("GET", path)

    threads = [threading.Thread(target=work) for _ in range(CALLERS)]
    began_at, used = time.perf_counter(), _processor_time(process.pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began_at, _processor_time(process.pid) - used


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _say(name: str, value: float, unit: str, budget: float) -> None:
    print(f"{name:36} {value:8.1f} {unit:10} budget {budget:6.0f}  ratio {value / budget:.2f}")


def _say_rate(name: str, value: float) -> None:
    print(f"{name:36} {value:8.1f} a second   budget {BUDGETS['reads']:6.0f}  ratio {BUDGETS['reads'] / value:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
