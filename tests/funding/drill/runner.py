"""One run of reconciliation in a process of its own, which tells what it found and how much memory it took at the most.

Started by test_drill and by the bench as `python -m tests.funding.drill.runner AREA…`; prints a line of JSON.
"""

import json
import re
import resource
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import environ
import time_machine

KIB = 1024


def main(now: str, *areas: str) -> None:
    environ.Env.read_env = lambda *args, **kwargs: None  # a developer's own `.env` decides nothing here
    django.setup()
    from accounts.operations.account_reconciliation import Scope
    from accounts.operations.asking import Asking
    from funding.operations import reconciling

    told: dict[str, Any] = {"found": [], "seconds": {}, "processor": {}}
    with time_machine.travel(datetime.fromisoformat(now), tick=True):
        for area in areas:
            began, busy = time.perf_counter(), time.process_time()
            asking = Asking(per_minute=0)
            for each in reconciling.reconcile(area, Scope(full=True), dry_run=False, holder="a run", asking=asking):
                told["found"].append((each.code, each.subject, each.mended))
            told["seconds"][area] = round(time.perf_counter() - began, 1)
            told["processor"][area] = round(time.process_time() - busy, 1)
    told["peak_mib"] = peak_mib()
    sys.stdout.write(json.dumps(told) + "\n")


def peak_mib() -> int:
    """Return the largest memory of this process; Linux counts it anew for each program, `getrusage` does not."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) // KIB
    unit = KIB**2 if sys.platform == "darwin" else KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


if __name__ == "__main__":
    main(*sys.argv[1:])
