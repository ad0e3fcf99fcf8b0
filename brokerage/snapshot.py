"""One look at the database: however many queries it takes, they all see the same moment, and none can write.

Called by operations that compare rows of several tables while everybody else goes on moving them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_look() -> Iterator[None]:
    """Show every query inside the database as it stood at the first of them, and refuse to write.

    Inside a transaction that is open already, that transaction's own view stands.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _sqlite_look():
            yield
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _sqlite_look() -> Iterator[None]:
    """Begin a reader's transaction; `atomic` would take the lock of a writer (see DATABASES in settings)."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
            cursor.execute("PRAGMA query_only = OFF")
