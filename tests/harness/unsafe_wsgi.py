"""The site with safeguards taken away, in this process alone, to show that without them a race is lost.

Served by gunicorn as `tests.harness.unsafe_wsgi:without('lock')`. The site itself has no such switch. Our own modules
are imported late: not before Django stands.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db.models import QuerySet


def without(*safeguards: str) -> WSGIHandler:
    """Return the site's application, without some of `SAFEGUARDS`."""
    application = get_wsgi_application()
    for name in safeguards:
        SAFEGUARDS[name]()
    return application


def _lock() -> None:
    """Rows are read without waiting for whoever is about to change them."""

    def unlocked(self: "QuerySet[Any]", *args: Any, **options: Any) -> "QuerySet[Any]":
        return self

    QuerySet.select_for_update = unlocked  # type: ignore[method-assign, assignment]


def _keys() -> None:
    """Any form key is as good as the one that is due."""
    from funding.operations import transfers

    transfers.form_key = lambda **_: ANY


def _one_in_doubt() -> None:
    """A transfer that is not answered yet keeps no other one waiting."""
    from funding.models.transfer_rows import TransferQuerySet

    TransferQuerySet.in_doubt = TransferQuerySet.none  # type: ignore[method-assign]


SAFEGUARDS: dict[str, Callable[[], None]] = {"lock": _lock, "keys": _keys, "one in doubt": _one_in_doubt}
