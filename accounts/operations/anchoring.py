"""Anchors of the audit: each day, how far its chain had come is written to a file that the database does not hold.

Called by the worker and a command; read by audit_checking. A chain that was cut off at its end is whole in itself: only
what was said of it elsewhere tells. So the folder belongs where whoever can alter the database cannot alter files. That
a day was anchored stands in the chain, too, so that a file that is lost is missed.
"""

import logging
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.operations import audit

log = logging.getLogger(__name__)

LINE = re.compile(r"(\d{4}-\d{2}-\d{2}) ([1-9]\d{0,18}) ([0-9a-f]{64})\n")


class NothingToAnchor(Exception):
    """There is no entry yet."""


class NoFolder(Exception):
    """AUDIT_ANCHOR_DIR is empty: this installation keeps no anchors."""


class NoAnchor(Exception):
    """A file is not what was written."""


@dataclass(frozen=True)
class Anchor:
    """How far the chain had come on a day (UTC)."""

    day: date
    number: int
    hash: str

    @property
    def line(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.number} {self.hash}\n"


def folder() -> Path:
    """Return where anchors are kept. Raises NoFolder."""
    if not settings.AUDIT_ANCHOR_DIR:
        raise NoFolder
    return Path(settings.AUDIT_ANCHOR_DIR)


def next_anchor(*, now: datetime | None = None) -> Anchor:
    """Return what would be written now. Raises NothingToAnchor."""
    last = AuditEntry.objects.first()
    if last is None:
        raise NothingToAnchor
    return Anchor((now or timezone.now()).astimezone(UTC).date(), last.number, last.hash)


def anchor(*, by: str, now: datetime | None = None) -> Anchor:
    """Keep how far the chain has come, once a day; return the day's anchor. Raises NoFolder, NothingToAnchor, NoAnchor.

    Killed between the file and its entry, it goes on with the entry when it is called again.
    """
    where, made = folder(), next_anchor(now=now)
    path = path_of(made.day, where)
    kept = made if _write_once(path, made.line) else read(path)
    about = f"anchor {kept.day}"
    if not AuditEntry.objects.filter(deed=audit.Deed.ANCHORED, about=about).exists():
        audit.record(audit.Deed.ANCHORED, actor=by, about=about, number=kept.number, hash=kept.hash)
        log.info("audit: anchored at %s", kept.number)
    return kept


def path_of(day: date, where: Path) -> Path:
    return where / f"audit-{day:%Y-%m-%d}.txt"


def paths(where: Path) -> list[Path]:
    """Return the files of all anchors, the oldest first."""
    return sorted(where.glob("audit-*.txt"))


def read(path: Path) -> Anchor:
    """Return what stands in a file. Raises NoAnchor."""
    try:
        found = LINE.fullmatch(path.read_text(encoding="ascii"))
        kept = Anchor(date.fromisoformat(found[1]), int(found[2]), found[3]) if found else None
    except (OSError, ValueError):
        kept = None
    if kept is None or path.name != path_of(kept.day, path.parent).name:
        raise NoAnchor(path.name)
    return kept


def _write_once(path: Path, line: str) -> bool:
    """Write a whole file or none, and never over another; return whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=".audit-")
    try:
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fchmod(file.fileno(), 0o444)
            os.fsync(file.fileno())
        os.link(draft, path)  # refuses where a file has that name
    except FileExistsError:
        return False
    finally:
        os.unlink(draft)
    _sync(path.parent)
    return True


def _sync(where: Path) -> None:
    """Have the folder itself on the disk: else a power cut may take the file's name."""
    handle = os.open(where, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
