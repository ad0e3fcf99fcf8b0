"""The files in which processes keep what they count, so that each of them can tell for all.

A process writes into `histogram_PID.db` and its like in METRICS_DIR; they stay when it ends. Those of processes that
have ended are added together here, so that no count goes down and no number of ended processes slows a reading.
Called by funding.views.health with each reading, and by gunicorn's hooks.

Processes that share a METRICS_DIR see each other's process ids: it belongs to one machine, or one container.
"""

import fcntl
import logging
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger(__name__)

# The sums of those that have ended stand under this name in the place of a process id.
ENDED = "ended"
# What prometheus_client makes of a file that a crash has left half-written.
_SPOILED = (RuntimeError, ValueError, struct.error)
_OF_PROCESS = re.compile(r"(counter|histogram|gauge_mostrecent)_([0-9]+)\.db")


def clean(folder: Path) -> None:
    """Begin anew: remove the files of all processes but those that live, such as a worker beside a new server."""
    if not folder.is_dir():
        return
    with _alone(folder):
        for path in [*_of_ended(folder), *folder.glob(f"*_{ENDED}.db")]:
            path.unlink(missing_ok=True)


def add_ended(folder: Path) -> None:
    """Add the counts of processes that have ended together, and remove their files."""
    if folder.is_dir():
        with _alone(folder):
            _add_ended(folder)


@contextmanager
def reading(folder: Path) -> Iterator[CollectorRegistry]:
    """Give a registry that reads what all processes have counted, for as long as nobody moves the files."""
    registry = CollectorRegistry()
    with _alone(folder):
        _add_ended(folder)
        MultiProcessCollector(registry, str(folder))
        yield registry


def _add_ended(folder: Path) -> None:
    for path in _of_ended(folder):
        kind, _, _ = path.name.partition("_")
        if kind != "gauge":  # what a process saw last says nothing once it has ended
            try:
                _add(path, to=folder / f"{kind}_{ENDED}.db")
            except _SPOILED:
                log.warning("metrics: %s is spoiled, and left out", path.name)
        path.unlink(missing_ok=True)


def _add(path: Path, *, to: Path) -> None:
    total = MmapedDict(str(to))
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
            before, _ = total.read_value(key)
            total.write_value(key, before + value, 0)
    finally:
        total.close()


def _of_ended(folder: Path) -> list[Path]:
    found = [(path, _OF_PROCESS.fullmatch(path.name)) for path in folder.iterdir()]
    return [path for path, named in found if named and not _lives(int(named[2]))]


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes, and other threads, from moving the files; the lock ends with its holder."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
