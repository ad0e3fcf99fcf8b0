"""The sandbox's books: one SQLite file, one connection, one lock.

Every request runs inside one `entry`: all of it is written or none of it. What is written survives a restart,
the clock and the settings included.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brokerage.sandbox.clock import Clock
from brokerage.sandbox.settings import SETTINGS
from brokerage.sandbox.tables import lay_out


class Books:
    """The file, its lock, and the clock that dates what is written."""

    def __init__(self, path: str, *, profile: str | None = None) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.news = threading.Condition()
        self.closed = False
        self.edition = 0
        self.life = 0  # how often the books were begun anew
        self.open_streams = 0
        self._depth = 0
        self._settings: dict[str, Any] = {}
        self._settings_moved = False
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        lay_out(self._connection)
        self._recall()
        if profile:
            self.set_setting("profile", profile)

    def _recall(self) -> None:
        rows = self.all("SELECT name, value FROM settings")
        kept = {row["name"]: json.loads(row["value"]) for row in rows}
        self.clock = Clock(**kept.pop("clock", {}))
        self._settings = {**SETTINGS, **kept}
        self._settings_moved = False

    @contextmanager
    def entry(self) -> Iterator[None]:
        """One transaction; inner entries join the outer one. Whoever waits for news hears of it afterwards."""
        with self.lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth, self._settings_moved, changes = 1, False, self._connection.total_changes
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                if self._settings_moved:
                    self._recall()
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0
            changed = self._connection.total_changes != changes
        if changed:
            self.announce()

    def announce(self) -> None:
        """Wake whoever waits in `await_news`."""
        with self.news:
            self.edition += 1
            self.news.notify_all()

    def await_news(self, *, after: int, seconds: float) -> None:
        """Return when there is an edition later than `after`, or after that many real seconds."""
        with self.news:
            self.news.wait_for(lambda: self.edition != after, timeout=max(0.0, seconds))

    def pause(self, seconds: float) -> None:
        """Let real time pass, until the books are begun anew or closed."""
        life = self.life
        with self.news:
            self.news.wait_for(lambda: self.closed or self.life != life, timeout=seconds)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with self.lock:
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    def number(self, sql: str, *values: Any) -> int:
        row = self.one(sql, *values)
        return int(row[0] or 0) if row else 0

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement; answer how many rows it touched."""
        with self.lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **columns: Any) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self.write(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())

    def setting(self, name: str) -> Any:
        return self._settings[name]

    def settings(self) -> dict[str, Any]:
        return dict(self._settings)

    def set_setting(self, name: str, value: Any) -> None:
        self._settings[name] = value
        self._keep(name, value)

    def keep_clock(self) -> None:
        self._keep("clock", self.clock.state())

    def _keep(self, name: str, value: Any) -> None:
        self._settings_moved = True
        self.write("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))

    def now(self) -> float:
        return self.clock.now()

    def reset(self) -> None:
        """Forget everything but the profile, and go back to real time."""
        profile = self.setting("profile")
        with self.entry():
            self.write("PRAGMA defer_foreign_keys=ON")
            for table in self.all("SELECT name FROM sqlite_master WHERE type = 'table'"):
                self.write(f"DELETE FROM {table['name']}")
            self._recall()
            self.set_setting("profile", profile)
            self.life += 1

    def end(self) -> None:
        """Let everybody go who waits for news."""
        self.closed = True
        self.announce()

    def close(self) -> None:
        self.end()
        with self.lock:
            self._connection.close()
