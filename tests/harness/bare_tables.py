"""Tables as a restored dump or a hand in psql may leave them: without a constraint, for as long as a test lasts."""

from django.db import connection, models


def without_constraints(*of: type[models.Model]) -> None:
    """Put a copy without any constraint or index before each model's table: every query finds the copy first.

    Temporary tables come first in SQLite and in PostgreSQL alike, and go with the test's transaction.
    """
    schema = "main" if connection.vendor == "sqlite" else "public"
    with connection.cursor() as cursor:
        for model in of:
            table = model._meta.db_table
            cursor.execute(f'CREATE TEMPORARY TABLE "{table}" AS SELECT * FROM {schema}."{table}"')  # noqa: S608


def delete(rows: models.QuerySet) -> None:
    """Delete rows as nobody may: whatever hangs on them stays."""
    assert rows._raw_delete(rows.db), "there was nothing to delete"
