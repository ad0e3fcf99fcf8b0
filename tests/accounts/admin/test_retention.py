"""The desks of proofs, holds and looks: to read alone, and without what was purged or shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import states
from accounts.models import FieldReveal, LegalHold, PurgeRecord
from accounts.operations import retention
from accounts.operations.retention_rules import BY_NAME
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> AtTheDesk:
    return AtTheDesk(person())


def test_a_proof_says_what_was_purged_and_not_whose(desk: AtTheDesk) -> None:
    made = make.application(make.user(), status=states.ACCEPTED)
    make.account(made.user, status=states.CLOSED)
    rules = [BY_NAME["closed"]]
    list(retention.purge(by="worker 7", rules=rules, now=timezone.now() + timedelta(days=366 * 7)))

    listed = desk.read("/admin/accounts/purgerecord/")
    record = PurgeRecord.objects.get(rule="closed")
    shown = desk.read(page(record))

    assert "Answers of whose account is closed 1" in listed
    assert record.digest in shown
    for text in (listed, shown):
        assert made.user.email not in text
        assert str(made.pk) not in text
    assert "The answers were purged on" in desk.read(page(made))


@pytest.mark.parametrize("name", ["purgerecord", "legalhold", "fieldreveal"])
@pytest.mark.parametrize("way", ["add/", "{pk}/delete/", "{pk}/change/"])
def test_nobody_adds_changes_or_deletes_one_by_hand(desk: AtTheDesk, name: str, way: str) -> None:
    user = make.user()
    rows = {
        "purgerecord": PurgeRecord.objects.create(
            rule="closed", cutoff=timezone.now(), count=1, digest="d" * 64, by="a test"
        ),
        "legalhold": LegalHold.objects.create(person=user, because="a suit", placed_by=desk.user),
        "fieldreveal": FieldReveal.objects.create(
            person=user, field="phone", by=desk.user, because="x", ip_address="192.0.2.1"
        ),
    }

    desk.press(f"/admin/accounts/{name}/{way.format(pk=rows[name].pk)}", status=403, post="yes")

    rows[name].refresh_from_db()  # raises where it is gone


def test_who_may_not_see_them_does_not(db: None) -> None:
    stranger = AtTheDesk(person("stranger@example.com", "view_application"))

    for name in ("purgerecord", "legalhold", "fieldreveal"):
        stranger.read(f"/admin/accounts/{name}/", status=403)
