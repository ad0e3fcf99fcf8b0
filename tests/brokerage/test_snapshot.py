"""One look at the database: what others write meanwhile is not seen, and nothing can be written inside."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from brokerage.snapshot import one_look
from tests import make


def elsewhere(email: str) -> None:
    """Make a user by another connection."""

    def work() -> None:
        try:
            make.user(email)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(timeout=20)


@pytest.mark.django_db(transaction=True)
def test_every_query_sees_the_same_moment() -> None:
    make.user("ada@example.com")

    with one_look():
        before = User.objects.count()
        elsewhere("grace@example.com")
        inside = User.objects.count()

    assert (before, inside, User.objects.count()) == (1, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_inside() -> None:
    with pytest.raises(DatabaseError), one_look():
        make.user("ada@example.com")

    assert not User.objects.exists()
    make.user("ada@example.com")


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_its_own_view_stands() -> None:
    with transaction.atomic():
        make.user("ada@example.com")
        with one_look():
            assert User.objects.count() == 1
        make.user("grace@example.com")

    assert User.objects.count() == 2
