"""Linking a bank where Plaid answers of somebody else, in words of tomorrow, or to nobody any more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from funding.models import LinkSession, PlaidItem
from funding.operations import linking
from tests import make
from tests.funding.standing import Customer, fault
from tests.harness.sandbox import Sandbox
from tests.journeys import people


def test_an_answer_that_names_an_item_of_someone_else_links_nothing(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = ada.relationship.login
    fault(
        sandbox,
        "patch_after_commit",
        "POST /plaid/item/public_token/exchange",
        patch={"item_id": theirs.plaid_item_id},
    )
    session = LinkSession.objects.create(user=ada.user, link_token="link-sandbox-1")

    with pytest.raises(linking.LinkStartsOver):
        linking.finish_link(session=session, public_token=people.public_token(sandbox))

    session.refresh_from_db()
    assert (session.outcome, session.item) == ("orphan", None)
    assert PlaidItem.objects.count() == 1
    assert any(record.levelname == "ERROR" for record in caplog.records)


def alarms(caplog: pytest.LogCaptureFixture) -> int:
    return len([record for record in caplog.records if record.levelname == "ERROR"])


# --- To nobody any more -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "outcome", "count"), [(59, "", 0), (61, "orphan", 1)])
def test_an_exchange_whose_process_is_dead_is_an_orphan(
    db: None, caplog: pytest.LogCaptureFixture, seconds: int, outcome: str, count: int
) -> None:
    claimed_at = timezone.now() - timedelta(seconds=seconds)
    session = LinkSession.objects.create(user=make.user(), link_token="link-sandbox-1", claimed_at=claimed_at)

    noted = linking.note_orphans()

    session.refresh_from_db()
    assert (noted, session.outcome, alarms(caplog)) == (count, outcome, count)
    assert bool(session.link_token) == (not count)


def test_a_pass_that_came_to_something_is_no_orphan(db: None) -> None:
    long_ago = timezone.now() - timedelta(days=1)
    LinkSession.objects.create(user=make.user(), outcome="linked", claimed_at=long_ago)

    assert linking.note_orphans() == 0
