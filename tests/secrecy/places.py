"""Where a secret could come to rest or be seen: every place by name, with what lies there."""

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psutil
from django.db import connection

from accounts.models import Session
from accounts.session_store import SessionStore
from tests.secrecy.visitor import Visitor

Place = tuple[str, bytes]


def columns() -> Iterator[Place]:
    """Yield every value of every column, as the database holds it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if value is not None:
                        yield f"column {table}.{name}", _raw(value)


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else bytes(value) if isinstance(value, memoryview) else str(value).encode()


def forgotten_pages() -> Iterator[Place]:
    """Yield SQLite's file as it lies on the disk, with what was deleted or written over, and is no column any more."""
    if connection.vendor != "sqlite":
        return
    file = Path(str(connection.settings_dict["NAME"]))
    with closing(sqlite3.connect(file)) as line:
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield "database file", file.read_bytes()


def opened_sessions() -> Iterator[Place]:
    for session in Session.objects.all():
        yield "session", str(SessionStore().decode(session.session_data)).encode()


def files(*folders: Path, but: Iterable[Path] = ()) -> Iterator[Place]:
    """Yield every file that the processes left, by its name: logs, counts, temporary ones."""
    left_out = tuple(but)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(each) for each in left_out):
                yield f"file {path.name}", path.read_bytes()


def pages(visitors: Iterable[Visitor]) -> Iterator[tuple[str, str, bytes]]:
    """Yield who was shown a page, which, and all of it: its headers and its body; its cookies by themselves."""
    for visitor in visitors:
        for page in visitor.pages:
            cookies = page.headers.get_all("Set-Cookie", [])
            headers = [(name, value) for name, value in page.headers.items() if name.lower() != "set-cookie"]
            yield visitor.name, f"page {page.asked}", str(headers).encode() + page.content
            yield visitor.name, f"cookies of {page.asked}", "\n".join(cookies).encode()


def letters(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every e-mail: to whom, and what it says."""
    for path in sorted(folder.glob("*")):
        for raw in filter(None, (part.strip() for part in path.read_bytes().split(b"-" * 79))):
            letter = message_from_bytes(raw)
            parts = [part.get_payload(decode=True) for part in letter.walk() if not part.is_multipart()]
            said = b"".join([raw, *(part for part in parts if isinstance(part, bytes))])
            yield str(letter["To"]), said.decode(errors="replace")


def of_our_site() -> list[int]:
    """Return the process of each site that this test runs."""
    return [each.pid for each in psutil.Process().children() if "gunicorn" in " ".join(each.cmdline())]


def command_lines(pid: int) -> Iterator[Place]:
    """Yield what everybody on the machine can read of a process and its children."""
    first = psutil.Process(pid)
    for process in (first, *first.children(recursive=True)):
        yield "command line", "\0".join(process.cmdline()).encode()


def environment_is_shut(pid: int) -> bool:
    """Say whether only the owner of a process may read its environment, where the secrets have to be."""
    return stat.S_IMODE(os.stat(f"/proc/{pid}/environ").st_mode) == 0o400
