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

TABLES = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, route TEXT NOT NULL, kind TEXT NOT NULL, times INTEGER NOT NULL,
    fired INTEGER NOT NULL DEFAULT 0, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, due_at REAL NOT NULL, kind TEXT NOT NULL, entity_id TEXT NOT NULL UNIQUE,
    status_from TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at, id);
CREATE TABLE IF NOT EXISTS broker_tokens (token TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, account_number TEXT NOT NULL UNIQUE, status TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    given_name TEXT NOT NULL, family_name TEXT NOT NULL, phone TEXT NOT NULL, document TEXT NOT NULL,
    kyc_results TEXT, ach_return INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS relationships (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id), status TEXT NOT NULL, reason TEXT,
    owner_name TEXT NOT NULL, bank_type TEXT, bank_number TEXT, bank_routing TEXT, nickname TEXT,
    processor_token TEXT, mask TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS relationships_account ON relationships (account_id);
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id),
    relationship_id TEXT NOT NULL REFERENCES relationships (id), direction TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (cents > 0), status TEXT NOT NULL, reason TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS transfers_account ON transfers (account_id, created_at DESC);
CREATE INDEX IF NOT EXISTS transfers_relationship ON transfers (relationship_id);
CREATE TABLE IF NOT EXISTS activities (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts (id),
    activity_type TEXT NOT NULL, cents INTEGER NOT NULL, description TEXT NOT NULL, date TEXT NOT NULL,
    created_at TEXT NOT NULL, transfer_id TEXT REFERENCES transfers (id), reverses INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS activities_account ON activities (account_id);
-- However often a transfer is completed or returned, its money moves once each way.
CREATE UNIQUE INDEX IF NOT EXISTS activities_once ON activities (transfer_id, reverses) WHERE transfer_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, ulid TEXT NOT NULL UNIQUE, stream TEXT NOT NULL, at REAL NOT NULL,
    account_id TEXT NOT NULL, entity_id TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_stream ON events (stream, ulid);
CREATE TABLE IF NOT EXISTS link_tokens (
    token TEXT PRIMARY KEY, created_at REAL NOT NULL, expires_at REAL NOT NULL, request TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS link_sessions (
    id TEXT PRIMARY KEY, link_token TEXT NOT NULL, institution_id TEXT, username TEXT,
    signed_in INTEGER NOT NULL DEFAULT 0, code_wanted INTEGER NOT NULL DEFAULT 0, started_at REAL NOT NULL,
    finished_at REAL, result TEXT);
CREATE TABLE IF NOT EXISTS public_tokens (
    token TEXT PRIMARY KEY, item_id TEXT NOT NULL, expires_at REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY, access_token TEXT NOT NULL UNIQUE, institution_id TEXT NOT NULL, products TEXT NOT NULL,
    webhook TEXT, owner_name TEXT NOT NULL, login_required INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS bank_accounts (
    id TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES items (id), position INTEGER NOT NULL, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS processor_tokens (
    token TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES items (id),
    bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id), processor TEXT NOT NULL);
"""

# What control may change, and what it is before anybody does.
SETTINGS: dict[str, Any] = {
    "profile": "fast",
    "ach_per_day": None,  # None: one per direction and day in the realistic profile, no such limit in the others
    "daily_limit": "50000",
    "heartbeat_seconds": 15,
    "emit_events": True,
    "inclusive_cursor": False,
    "strict_credentials": False,
    "bad_keys": [],
    "rate_limit": 10_000,
    "enforce_rate_limit": False,
    "max_streams": 25,
    "list_canceled_relationships": False,
    "disabled_processors": [],
    "reject_name_mismatch": False,
    "block_transfers_after_return": False,
    "item_owner_name": "Alberta Bobbeth Charleson",
    "correspondent": "SIMU",
}


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
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        self._connection.executescript(TABLES)
        self._recall()
        if profile:
            self.set_setting("profile", profile)

    def _recall(self) -> None:
        rows = self.all("SELECT name, value FROM settings")
        kept = {row["name"]: json.loads(row["value"]) for row in rows}
        self.clock = Clock(**kept.pop("clock", {}))
        self._settings = {**SETTINGS, **kept}

    @contextmanager
    def entry(self) -> Iterator[None]:
        """One transaction; inner entries join the outer one. Whoever waits for news hears of it afterwards."""
        with self.lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth, changes = 1, self._connection.total_changes
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
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

    def close(self) -> None:
        with self.lock:
            self.closed = True
            self._connection.close()
        self.announce()
