"""A superuser who waits for another one: what they may do is looked at after that.

Who waits is shown by the database itself, so this runs on PostgreSQL alone.
"""

import pytest
from django.db import transaction

from accounts.models import User
from tests import make
from tests.accounts.operations.test_email_change_locks import beside
from tests.funding.admin.ops import AtTheDesk, page, person

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_who_is_demoted_while_their_form_waits_changes_nobody() -> None:
    desk, clerk = AtTheDesk(person("root@example.com")), make.user("clerk@example.com", is_staff=True)
    fields = {"email": clerk.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    answers: list[int] = []

    with transaction.atomic():  # another superuser's form
        User.objects.filter(pk=desk.user.pk).update(is_superuser=False)
        waiting = beside(lambda: answers.append(desk.client.post(page(clerk), fields).status_code))
    waiting.join(timeout=20)

    clerk.refresh_from_db()
    assert answers == [403]
    assert not clerk.is_superuser
