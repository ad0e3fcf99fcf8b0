"""Watching every test for what would wait in a ring: a transaction that goes on after its entry in the audit.

Switched on by conftest; `watched` fails the test. On PostgreSQL whoever writes an entry locks the end of the chain
until they commit. Who then locks, or writes, something else may wait for somebody who holds that and waits for the end.
So an entry is the last thing that a transaction does, and more entries alone may follow. SQLite has one lock for all,
but what is done there in the wrong order is seen as well. Other processes, as those of the races, are not watched.
"""

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.sql.compiler import SQLCompiler

CHAIN = {"accounts_auditentry", "accounts_audithead"}
_WRITES = re.compile(r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.IGNORECASE)
_HELD = "_audit_held_at"  # on a connection: in how many blocks its transaction was when it took the end of the chain
_HERE = Path(__file__).parents[2]

_found: list[str] = []
_exit = transaction.Atomic.__exit__
_execute = SQLCompiler.execute_sql


def watch() -> None:
    """Look at each statement of each connection from now on."""
    connection_created.connect(_watch, dispatch_uid="audit last")
    transaction.Atomic.__exit__ = _exit_seen  # type: ignore[method-assign]  # while tests run
    SQLCompiler.execute_sql = _execute_seen  # type: ignore[method-assign]  # while tests run


@contextmanager
def watched() -> Iterator[list[str]]:
    """Give what is done too late inside the block, and fail at its end where there is any left."""
    _found.clear()
    yield _found
    assert not _found, "after the audit's entry: " + "; ".join(_found)


def _watch(connection: BaseDatabaseWrapper, **told: Any) -> None:
    if _see not in connection.execute_wrappers:
        connection.execute_wrappers.append(_see)


def _see(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    written = _WRITES.match(sql)
    if written:
        _note(context["connection"], written[1].lower(), sql.split(None, 1)[0].upper())
    return execute(sql, params, many, context)


def _execute_seen(self: Any, *args: Any, **options: Any) -> Any:
    if self.query.select_for_update:
        _note(self.connection, self.query.get_meta().db_table, "LOCK")
    return _execute(self, *args, **options)


def _note(connection: Any, table: str, what: str) -> None:
    depth = _depth(connection)
    if not depth:
        return
    held = getattr(connection, _HELD, None)
    if table not in CHAIN and held is not None:
        _found.append(f"{what} {table} at {_place()}")
    elif table in CHAIN and held is None and what != "DELETE":  # who empties the database writes no entry
        setattr(connection, _HELD, depth)


def _depth(connection: Any) -> int:
    """Return how many blocks are open that the code under test has opened, not the test around it."""
    return sum(not block._from_testcase for block in connection.atomic_blocks)


def _exit_seen(self: Any, kind: Any, value: Any, trace: Any) -> Any:
    """Forget the lock with the transaction, or with the savepoint that is rolled back to."""
    connection = connections[self.using or "default"]
    undone = kind is not None or connection.needs_rollback
    try:
        return _exit(self, kind, value, trace)
    finally:
        held, depth = getattr(connection, _HELD, None), _depth(connection)
        if held is not None:
            gone = not depth or (undone and depth < held)
            setattr(connection, _HELD, None if gone else min(held, depth))


def _place() -> str:
    frames = [each for each in traceback.extract_stack() if _is_ours(each.filename)]
    return " < ".join(f"{Path(each.filename).relative_to(_HERE)}:{each.lineno}" for each in reversed(frames[-4:]))


def _is_ours(name: str) -> bool:
    path = Path(name)
    return path.is_relative_to(_HERE) and "site-packages" not in path.parts and path != Path(__file__)
