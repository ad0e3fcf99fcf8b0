"""Doing to append-only tables what nobody may: the guards are off for just so long."""

from typing import Any

from django.core.management import call_command
from django.core.management.commands.flush import Command
from django.db.models import QuerySet

from brokerage.append_only import lifted

_handle = Command.handle


def _handle_unguarded(self: Command, **options: Any) -> None:
    with lifted(using=options["database"]):
        _handle(self, **options)


def let_flush() -> None:
    """Have Django's own command pass the guards, by which it empties the database after each transactional test."""
    Command.handle = _handle_unguarded  # type: ignore[method-assign]  # while tests run


def flush() -> None:
    call_command("flush", interactive=False, verbosity=0)


def rewrite(rows: QuerySet[Any], **values: Any) -> int:
    """Change rows that never change; return how many."""
    with lifted(rows.model):
        return rows.update(**values)


def remove(rows: QuerySet[Any]) -> None:
    """Delete rows that are never deleted."""
    with lifted(rows.model):
        rows.delete()
