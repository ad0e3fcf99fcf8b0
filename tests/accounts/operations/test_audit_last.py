"""The audit's entry comes last in its transaction: the tests' watch over that sees what it should."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection, transaction

from accounts.models import User
from accounts.operations import audit, notices
from tests import make

pytestmark = pytest.mark.django_db


def write(ada: User) -> None:
    ada.save(update_fields=["last_login"])


def lock(ada: User) -> None:
    User.objects.select_for_update().get(pk=ada.pk)


def add(ada: User) -> None:
    notices.tell(user=ada, key="x", kind="x", title="x", body="x", path="/")


def by_hand(ada: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_active = %s WHERE id = %s", [True, ada.pk.hex])


@pytest.mark.parametrize("late", [write, lock, add, by_hand])
def test_what_follows_an_entry_is_seen(audit_comes_last: list[str], late: Callable[[User], None]) -> None:
    ada = make.user()

    with transaction.atomic():
        audit.command("one")
        with transaction.atomic():
            late(ada)

    (found,) = audit_comes_last
    assert found.split(" at ")[0].split()[1] in ("accounts_user", "accounts_notice")
    assert "test_audit_last.py" in found
    audit_comes_last.clear()


def test_what_comes_before_or_in_another_transaction_is_in_order(audit_comes_last: list[str]) -> None:
    ada = make.user()

    with transaction.atomic():
        lock(ada)
        add(ada)
        audit.command("one")
        audit.command("two")
        assert User.objects.exists()
    write(ada)
    with transaction.atomic():
        write(ada)

    assert audit_comes_last == []


def test_an_entry_that_was_undone_holds_nothing(audit_comes_last: list[str]) -> None:
    ada = make.user()

    with transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            audit.command("one")
            raise ZeroDivisionError
        write(ada)

    assert audit_comes_last == []
