"""The handle by which a test lets processes live, and die at one point of their I/O."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox

Place = tuple[int, str]  # the number of a point, and "before" or "after"


@dataclass(frozen=True)
class Wish:
    """One of tests.harness.works, and what it is to be done with."""

    work: str
    of: dict[str, Any]


class Mortals:
    """Somebody who is born for one piece of work each time, at the present time of the test."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process, self._log = process, log

    def live(self, wish: Wish) -> list[str]:
        """Do all of it; return the points of I/O that were passed."""
        became = self._ask(wish, None)
        assert became["code"] == 0, self._log.read_text()
        points: list[str] = became["points"]
        return points

    def die(self, wish: Wish, place: Place) -> bool:
        """Do it up to that place; return whether that is how it ended, and not at its natural end."""
        code = self._ask(wish, place)["code"]
        assert code in (0, -signal.SIGKILL), self._log.read_text()
        return bool(code)

    def _ask(self, wish: Wish, die: Place | None) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        line = {"work": wish.work, "of": wish.of, "die": die, "now": timezone.now().isoformat()}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline() or '{"code": 1}')


@contextmanager
def running_mortals(folder: Path, sandbox: Sandbox) -> Iterator[Mortals]:
    """Run the process that they are forked from until the block ends, its log in `folder`."""
    log = folder / "mortals.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "tests.harness.mortal"],
            cwd=ROOT,
            env=environment(sandbox, LOG_LEVEL="ERROR"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Mortals(process, log)
        finally:
            process.kill()
