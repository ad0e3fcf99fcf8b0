"""A copy of our whole database, to be put back later, as an operator does after a disaster; on either database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from django.db import connection

PutBack = Callable[[], None]


def copy_of_our_database() -> PutBack:
    """Copy every table; return what puts the copy back."""
    connection.ensure_connection()
    return _sqlite() if connection.vendor == "sqlite" else _postgres()


def _sqlite() -> PutBack:
    copy = sqlite3.connect(":memory:")
    connection.connection.backup(copy)

    def put_back() -> None:
        with closing(copy):
            copy.backup(connection.connection)

    return put_back


def _postgres() -> PutBack:
    tables = sorted(connection.introspection.django_table_names(only_existing=True))
    kept: dict[str, list[bytes]] = {}
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                kept[table] = [bytes(piece) for piece in rows]

    def put_back() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # in any order
            cursor.execute(f"TRUNCATE {', '.join(f'{chr(34)}{table}{chr(34)}' for table in tables)}")
            for table, pieces in kept.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN') as rows:
                    for piece in pieces:
                        rows.write(piece)
            cursor.execute("SET session_replication_role = DEFAULT")

    return put_back
