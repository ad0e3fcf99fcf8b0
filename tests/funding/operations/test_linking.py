"""Plaid's answers that are not about us."""

import pytest

from funding.models import LinkSession, PlaidItem
from funding.operations import linking
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
