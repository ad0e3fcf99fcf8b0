"""What a query reads through, as the database in use says it: whole tables of ours, or a whole index of one."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

OURS = ("accounts_", "funding_")


def read_through(asked: Iterable[str], *, of_many: bool = False) -> list[tuple[str, str]]:
    """Return each table that a SELECT reads from its beginning to its end, with that SELECT.

    Where there are not many rows, PostgreSQL is kept from reading them all as it would, whatever the indexes.
    """
    selects = [sql for sql in asked if sql.startswith("SELECT") and "django_" not in sql]
    assert selects
    return [(found, sql) for sql in selects for found in _WAYS[connection.vendor](sql, of_many)]


def _sqlite(sql: str, of_many: bool) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        for *_, line in cursor.fetchall():
            if re.match(r"SCAN (accounts_|funding_|U\d)", line):
                yield line


def _postgresql(sql: str, of_many: bool) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET enable_seqscan = {'on' if of_many else 'off'}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        [told] = cursor.fetchone()
        cursor.execute("RESET enable_seqscan")
    yield from _whole((told if isinstance(told, list) else json.loads(told))[0]["Plan"], of_many)


def _whole(node: dict[str, Any], of_many: bool) -> Iterator[str]:
    """Yield what is read without a condition: a table or, where that would be dear, the whole of an index."""
    table, kind = node.get("Relation Name", ""), node["Node Type"]
    by_index = of_many and kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node
    if table.startswith(OURS) and (kind == "Seq Scan" or by_index):
        yield f"{kind} of {table}"
    for child in node.get("Plans", ()):
        yield from _whole(child, of_many)


_WAYS = {"sqlite": _sqlite, "postgresql": _postgresql}
