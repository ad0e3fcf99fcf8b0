"""A broker with any number of transfers, played from a file: the pages that reconciliation reads, and nothing else.

The sandbox carries each transfer from state to state, which a hundred thousand take too long for; this one is written
as it should stand, and damaged by hand. What reads it is our own gateway over a real socket.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TABLES = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
CREATE TABLE transfers (id TEXT PRIMARY KEY, account TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX transfers_of ON transfers (account);
CREATE TABLE activities (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, at TEXT NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX activities_at ON activities (at, seq);
CREATE INDEX activities_of ON activities (account, at, seq);
CREATE TABLE balances (account TEXT PRIMARY KEY, body TEXT NOT NULL);
"""
Row = dict[str, Any]


class Shelf:
    """The file: rows as the broker would answer them."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.executescript(TABLES)

    def add(self, transfers: Iterable[Row] = (), activities: Iterable[Row] = (), balances: Iterable[Row] = ()) -> None:
        with self._lock:
            self._file.execute("BEGIN")
            self._file.executemany(
                "INSERT INTO transfers VALUES (?, ?, ?)",
                ((row["id"], row.get("listed_for") or row["account_id"], json.dumps(row)) for row in transfers),
            )
            self._file.executemany(
                "INSERT INTO activities (id, account, at, body) VALUES (?, ?, ?, ?)",
                ((row["id"], row["account_id"], row["created_at"], json.dumps(row)) for row in activities),
            )
            self._file.executemany(
                "INSERT OR REPLACE INTO balances VALUES (?, ?)", ((row["id"], json.dumps(row)) for row in balances)
            )
            self._file.execute("COMMIT")

    def change(self, table: str, key: str, **fields: Any) -> None:
        """Let the broker tell a row otherwise."""
        name = "account" if table == "balances" else "id"
        found = self._all(f"SELECT body FROM {table} WHERE {name} = ?", key)  # noqa: S608
        body = json.dumps(json.loads(found[0]) | fields)
        self._do(f"UPDATE {table} SET body = ? WHERE {name} = ?", body, key)  # noqa: S608

    def list_elsewhere(self, transfer: str, account: str) -> None:
        self._do("UPDATE transfers SET account = ? WHERE id = ?", account, transfer)

    def remove(self, table: str, key: str) -> None:
        self._do(f"DELETE FROM {table} WHERE id = ?", key)  # noqa: S608

    def _do(self, sql: str, *values: Any) -> None:
        with self._lock:
            self._file.execute(sql, values)

    def _all(self, sql: str, *values: Any) -> list[str]:
        with self._lock:
            return [row[0] for row in self._file.execute(sql, values)]

    # --- As it is asked for ---

    def transfers(self, account: str, query: dict[str, str]) -> str:
        sql = "SELECT body FROM transfers WHERE account = ? ORDER BY rowid DESC"
        bodies = self._all(f"{sql} LIMIT ? OFFSET ?", account, int(query["limit"]), int(query["offset"]))
        if way := query.get("direction"):
            bodies = [body for body in bodies if json.loads(body)["direction"] == way]
        return f"[{','.join(bodies)}]"

    def activities(self, query: dict[str, str]) -> str:
        where, values = ["at > ?", "at < ?"], [query["after"], query["until"]]
        if account := query.get("account_id"):
            where, values = [*where, "account = ?"], [*values, account]
        if last := query.get("page_token"):
            where.append("(at, seq) > (SELECT at, seq FROM activities WHERE id = ?)")
            values.append(last)
        sql = f"SELECT body FROM activities WHERE {' AND '.join(where)} ORDER BY at, seq LIMIT ?"  # noqa: S608
        return f"[{','.join(self._all(sql, *values, int(query['page_size'])))}]"

    def balance(self, account: str) -> str:
        return self._all("SELECT body FROM balances WHERE account = ?", account)[0]


class _Counter(BaseHTTPRequestHandler):
    """The broker's counter: GETs only; whoever POSTs is counted, and refused."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        parts = split.path.strip("/").split("/")
        shelf = self.server.shelf
        if parts[-1] == "activities":
            body = shelf.activities(query)
        elif parts[-1] == "transfers":
            body = shelf.transfers(parts[-2], query)
        else:
            body = shelf.balance(parts[-2])
        self.server.calls += 1
        self._answer(200, body)

    def do_POST(self) -> None:
        self.server.posts += 1
        self._answer(500, "{}")

    def _answer(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time(), usegmt=True))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.shelf, self.calls, self.posts = shelf, 0, 0


@contextmanager
def played_broker(shelf: Shelf) -> Iterator["_Server"]:
    """Answer from a shelf until the block ends; the server counts what it was asked."""
    with _Server(shelf) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def address(server: "_Server") -> str:
    return f"http://127.0.0.1:{server.server_port}"
