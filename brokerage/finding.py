"""Finding rows by what was typed: each way through an index of its own, however many rows there are.

Used by every list of the desk and by its search. A list names its columns as Django's admin has it: "=column" is
compared whole (ids in any capitals, ours by their first eight characters, too), "^column" by how it begins (e-mail
addresses, which are kept in lower case), "~column" whole in any capitals (names, whose index is of their lower case),
and a bare one by any part of it. That reads the whole table, so it is for those that stay small.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import ValidationError
from django.db.models import CharField, Field, Lookup, Model, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Lower

M = TypeVar("M", bound=Model)

FEWEST_LETTERS = 3
_HEX = re.compile(r"[0-9a-f]{8,32}")
_LAST = "\U0010ffff"  # sorts behind whatever may follow


CharField.register_lookup(Lower)  # `column__lower`, as the indexes of names have it


@CharField.register_lookup
class Begins(Lookup):
    """`column__begins`: the text as it is, found by the column's index.

    Django's `startswith` is no range to SQLite, whose LIKE knows no capitals; and a range is no prefix to PostgreSQL,
    which sorts by the language.
    """

    lookup_name = "begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", [*params, f"{connection.ops.prep_for_like_query(self.rhs)}%"]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", [*params, self.rhs, *params, f"{self.rhs}{_LAST}"]


def any_of(rows: QuerySet[M], ways: Sequence[Q]) -> QuerySet[M]:
    """Return those of the rows to which any of these ways leads.

    A union of look-ups, each through its own index: one condition that joins several tables by OR reads them all.
    """
    if not ways:
        return rows.none()
    every = rows.model._default_manager.order_by()
    keys = [every.filter(way).values("pk") for way in ways]
    return rows.filter(pk__in=keys[0].union(*keys[1:]) if keys[1:] else keys[0])


def ways(model: type[Model], columns: Iterable[str], text: str) -> list[Q]:
    """Return each way in which the text may be found in one of the columns; those for which it is no value are left."""
    return [way for column in columns for way in _ways(model, column, text)]


def in_any_capitals(**columns: str) -> Q:
    """Return the way to rows in which each of these columns is just this, but for capitals."""
    return Q(**{f"{path}__lower": Lower(Value(text, output_field=CharField())) for path, text in columns.items()})


def of_our_ids(text: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Return between which ids of ours one lies that is written whole, or by its first eight digits or more."""
    digits = text.lower().replace("-", "")
    if not _HEX.fullmatch(digits):
        return None
    return uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))


def _ways(model: type[Model], column: str, text: str) -> list[Q]:
    path = column.lstrip("=^~")
    if column == path:
        return [Q(**{f"{path}__icontains": text})]
    if column.startswith("~"):
        return [in_any_capitals(**{path: text})]
    if column.startswith("^"):
        return [Q(**{f"{path}__begins": text.lower()})] if len(text) >= FEWEST_LETTERS else []
    field = get_fields_from_path(model, path)[-1]
    if isinstance(field, UUIDField):
        ours = of_our_ids(text)
        return [Q(**{f"{path}__range": ours})] if ours else []
    values = [each for each in dict.fromkeys((text, text.lower(), text.upper())) if _may_be(field, each)]
    return [Q(**{f"{path}__in": values})] if values else []


def _may_be(field: "Field[Any, Any]", text: str) -> bool:
    """Say whether a column can hold this: a database refuses to compare with what is no address, for one."""
    try:
        field.clean(text, None)
    except ValidationError:
        return False
    return True
