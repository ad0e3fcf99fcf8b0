"""Tables whose rows are facts: the database itself refuses to change or delete them, whoever asks.

Models say with `append_only` which of theirs are such, and what may still become of a row; migrations put the guards up
with Guard. A guard is a trigger or two. Whoever may alter tables can take it off, and the audit's chain is for finding
out what was done then; a slip in our own code, or in a console, ends here.

SQLite drops a table's triggers when Django makes the table anew, which most alterations do there, and a trigger knows
the columns of its day. So a migration that alters a guarded table ends with a Guard; `gaps` tells where one is missing.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.migrations.operations.base import Operation
from django.db.models import JSONField, Model

# PostgreSQL's one function for all tables. Its argument says what may still become of a row.
FUNCTION = """
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rules jsonb := TG_ARGV[0]::jsonb;
    was jsonb;
    becomes jsonb;
    emptied text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := to_jsonb(OLD) - ARRAY(SELECT jsonb_array_elements_text(rules->'change'));
        becomes := to_jsonb(NEW) - ARRAY(SELECT jsonb_array_elements_text(rules->'change'));
        FOR emptied IN SELECT jsonb_object_keys(rules->'empty') LOOP
            IF becomes->emptied = rules->'empty'->emptied THEN
                was := was - emptied;
                becomes := becomes - emptied;
            END IF;
        END LOOP;
        IF was = becomes THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' AND rules->>'since' IS NOT NULL THEN
        IF (to_jsonb(OLD)->>(rules->>'since'))::timestamptz < now() - make_interval(days => (rules->>'days')::int) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


@dataclass(frozen=True)
class AppendOnly:
    """What may still become of a row: columns that may change, or be emptied, and when it may go.

    `may_empty` has the empty value of each. `goes_after` is a column with a time, and how many days later a row may be
    deleted: less than any rule of retention keeps it, by the database's own clock.
    """

    may_change: tuple[str, ...] = ()
    may_empty: Mapping[str, Any] = field(default_factory=dict)
    goes_after: tuple[str, int] | None = None


Guards = dict[str, str]  # triggers by name; what makes each


def guarded_models() -> list[type[Model]]:
    """Return the models that say they are append-only."""
    return [model for model in apps.get_models() if hasattr(model, "append_only")]


def guards_of(model: type[Model], rules: AppendOnly, vendor: str) -> Guards:
    """Return the triggers that a model's table is to have."""
    return _in_postgres(model, rules) if vendor == "postgresql" else _in_sqlite(model, rules)


def _in_postgres(model: type[Model], rules: AppendOnly) -> Guards:
    table = model._meta.db_table
    since, days = rules.goes_after or (None, None)
    told = {"change": [_column(model, name) for name in rules.may_change], "empty": dict(rules.may_empty)}
    text = json.dumps(told | {"since": since, "days": days}).replace("'", "''")
    call = f"EXECUTE FUNCTION append_only('{text}')"
    row, whole = f"{table}_append_only", f"{table}_no_truncate"
    return {
        row: f'CREATE TRIGGER "{row}" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {call}',
        whole: f'CREATE TRIGGER "{whole}" BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT {call}',
    }


def _in_sqlite(model: type[Model], rules: AppendOnly) -> Guards:
    table = model._meta.db_table
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    young = ""
    if rules.goes_after:
        since, days = rules.goes_after
        young = f"WHEN (OLD.\"{since}\" < datetime('now', '-{days} days')) IS NOT 1 "
    update, delete = f"{table}_no_update", f"{table}_no_delete"
    changed = " OR ".join(_changed(model, rules))
    return {
        update: f'CREATE TRIGGER "{update}" BEFORE UPDATE ON "{table}" WHEN {changed} {refuse}',
        delete: f'CREATE TRIGGER "{delete}" BEFORE DELETE ON "{table}" {young}{refuse}',
    }


def _changed(model: type[Model], rules: AppendOnly) -> Iterator[str]:
    """Say in SQLite's words, column by column, what must not have happened."""
    for each in sorted(model._meta.concrete_fields, key=lambda field: field.attname):  # migrations know another order
        if each.name in rules.may_change:
            continue
        differs = f'OLD."{each.column}" IS NOT NEW."{each.column}"'
        if each.name not in rules.may_empty:
            yield differs
            continue
        empty = rules.may_empty[each.name]
        text = json.dumps(empty) if isinstance(each, JSONField) else empty
        yield f"({differs} AND NEW.\"{each.column}\" IS NOT '{text}')"


def _column(model: type[Model], name: str) -> str:
    return {each.name: str(each.column) for each in model._meta.concrete_fields}[name]


class Guard(Operation):
    """Guards one table, in a migration: `Guard("fieldreveal", AppendOnly(…))`. The rules are those of that day."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str, rules: AppendOnly) -> None:
        self.model, self.rules = model, rules

    def state_forwards(self, app_label: str, state: Any) -> None:
        """No model looks another."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.database_backwards(app_label, schema_editor, from_state, to_state)  # what stood there is replaced
        vendor = schema_editor.connection.vendor
        if vendor == "postgresql":
            schema_editor.execute(FUNCTION, params=None)
        for made in guards_of(to_state.apps.get_model(app_label, self.model), self.rules, vendor).values():
            schema_editor.execute(made, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model, vendor = from_state.apps.get_model(app_label, self.model), schema_editor.connection.vendor
        table = f' ON "{model._meta.db_table}"' if vendor == "postgresql" else ""
        for name in guards_of(model, self.rules, vendor):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{name}"{table}', params=None)

    def describe(self) -> str:
        return f"Let nobody change or delete what stands in {self.model}"


def gaps(using: str = "default") -> list[str]:
    """Return the names of the guards that are not in the database as the models want them."""
    connection = connections[using]
    return [
        name
        for model in guarded_models()
        for name, made in guards_of(model, model.append_only, connection.vendor).items()  # type: ignore[attr-defined]  # which these have
        if not _stands(connection, model._meta.db_table, name, made)
    ]


def _stands(connection: Any, table: str, name: str, made: str) -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s", [name])
            return cursor.fetchone() == (made,)
        cursor.execute(
            "SELECT tgargs FROM pg_trigger WHERE tgname = %s AND tgrelid = to_regclass(%s) AND tgenabled = 'O'",
            [name, f'"{table}"'],
        )
        found = cursor.fetchone()
        rules = bytes(found[0]).rstrip(b"\0").decode() if found else ""
        return bool(rules) and f"append_only('{rules.replace(chr(39), chr(39) * 2)}')" in made


@contextmanager
def lifted(*models: type[Model], using: str = "default") -> Iterator[None]:
    """Take the guards off, all of them or those of `models`, until the block ends; all in one transaction.

    For the demo, which dates its story back, and for tests. No operation ever does this.
    """
    with transaction.atomic(using=using):
        put_back = take_off(*models, using=using)
        yield
        put_back()


def take_off(*models: type[Model], using: str = "default") -> Callable[[], None]:
    """Take these guards off, or all; return what puts them back. See `lifted`."""
    tables = [model._meta.db_table for model in models or guarded_models()]
    off = _off_in_postgres if connections[using].vendor == "postgresql" else _off_in_sqlite
    return off(using, tables)


def _off_in_sqlite(using: str, tables: Sequence[str]) -> Callable[[], None]:
    marks = ", ".join(["%s"] * len(tables))
    with connections[using].cursor() as cursor:
        named = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks})"  # noqa: S608 - marks
        cursor.execute(named, tables)
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'DROP TRIGGER "{name}"')

    def put_back() -> None:
        with connections[using].cursor() as cursor:
            for _, made in found:
                cursor.execute(made, None)

    return put_back


def _off_in_postgres(using: str, tables: Sequence[str]) -> Callable[[], None]:
    def switch(how: str) -> None:
        with connections[using].cursor() as cursor:
            # A table is not altered while its foreign keys are still to be checked; which is done now, then.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" {how} TRIGGER USER')
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    switch("DISABLE")
    return lambda: switch("ENABLE")
