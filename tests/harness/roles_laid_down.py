"""The roles of ops as migrations leave them, laid down once more: a test that empties the database takes them along."""

import importlib

from django.apps import apps
from django.db import connection

from brokerage.roles import granting, taking_back

LAID_DOWN = importlib.import_module("funding.migrations.0019_roles").ROLES
LATER = importlib.import_module("funding.migrations.0022_breaks_for_compliance").MAY
AUDIT = importlib.import_module("funding.migrations.0026_append_only")
NO_MORE = importlib.import_module("funding.migrations.0024_roles_come_with_the_code").NO_MORE


def lay_roles_down() -> None:
    for may in (LAID_DOWN, LATER, AUDIT.MAY):
        granting(may)(apps, connection.schema_editor())
    for may_not in (NO_MORE, AUDIT.MAY_NOT):
        taking_back(may_not)(apps, connection.schema_editor())
