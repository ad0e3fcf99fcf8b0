"""Linking a bank where Plaid answers of somebody else, in words of tomorrow, or to nobody any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage.gateways.errors import Refused
from funding import states
from funding.models import LinkSession, PlaidItem
from funding.operations import endings, item_health, left_links, linking, owner_check
from tests import make
from tests.funding.standing import SENDER, Customer, fault
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


# --- Words of tomorrow ------------------------------------------------------------------------------------------------


def refuse(sandbox: Sandbox, path: str, code: str) -> None:
    fault(sandbox, "status", f"POST /plaid{path}", status=400, body={"error_code": code, "error_message": "no"})


def alarms(caplog: pytest.LogCaptureFixture) -> int:
    return len([record for record in caplog.records if record.levelname == "ERROR"])


def test_a_link_token_that_is_refused_is_an_alarm_since_nobody_else_can_be_at_fault(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(sandbox, "/link/token/create", "A_WORD_OF_TOMORROW")

    with pytest.raises(linking.PlaidAway):
        linking.open_session(user=ada.user, purpose=LinkSession.Purpose.LINK)

    assert alarms(caplog) == 1


@pytest.mark.parametrize(
    ("code", "health", "count"),
    [("ITEM_NOT_FOUND", states.GONE, 0), ("INSTITUTION_DOWN", states.GOOD, 0), ("A_WORD_OF_TOMORROW", states.GOOD, 1)],
)
def test_a_link_token_that_a_login_may_be_in_the_way_of_is_none(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, code: str, health: str, count: int
) -> None:
    refuse(sandbox, "/link/token/create", code)
    item = ada.relationship.login

    with pytest.raises(linking.PlaidAway):
        linking.open_session(user=ada.user, purpose=LinkSession.Purpose.REPAIR, item=item)

    assert (item.health, alarms(caplog)) == (health, count)


@pytest.mark.parametrize("how", [{"drop": ["expiration"]}, {"patch": {"expiration": "soon"}}], ids=str)
def test_a_link_token_without_an_end_is_forgotten_all_the_same(
    ada: Customer, sandbox: Sandbox, how: dict[str, Any]
) -> None:
    fault(sandbox, "patch_after_commit", "POST /plaid/link/token/create", **how)
    session = linking.open_session(user=ada.user, purpose=LinkSession.Purpose.LINK)

    at_once = left_links.forget_expired()
    LinkSession.objects.update(expires_at=session.expires_at - linking.TOKEN_HOLDS)  # type: ignore[operator]
    later = left_links.forget_expired()

    session.refresh_from_db()
    assert (at_once, later, session.outcome, session.link_token) == (0, 1, "expired", "")


def _look_at_owner(ada: Customer) -> None:
    candidate = ada.relationship
    candidate.sending = states.CHECKING
    owner_check.look(candidate=candidate)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/item/get", lambda ada: item_health.read(item=ada.relationship.login, actor=SENDER)),
        ("/accounts/get", lambda ada: item_health.read(item=ada.relationship.login, actor=SENDER)),
        ("/accounts/get", lambda ada: linking.usable_accounts(item=ada.relationship.login)),
        ("/identity/match", _look_at_owner),
    ],
)
@pytest.mark.parametrize(
    ("code", "count"),
    [("A_WORD_OF_TOMORROW", 1), ("INVALID_FIELD", 1), ("INSTITUTION_DOWN", 0), ("INVALID_ACCOUNT_ID", 0)],
)
def test_a_read_that_is_refused_for_what_no_bank_has_is_an_alarm(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture,
    path: str, read: Callable[[Customer], object], code: str, count: int,
) -> None:  # fmt: skip
    refuse(sandbox, path, code)

    with pytest.raises((Refused, linking.PlaidAway)):
        read(ada)

    assert alarms(caplog) == count


@pytest.mark.parametrize(("code", "count"), [("A_WORD_OF_TOMORROW", 1), ("ITEM_NOT_FOUND", 0)])
def test_a_login_that_plaid_refuses_to_remove_is_an_alarm(
    ada: Customer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, code: str, count: int
) -> None:
    ada.relationship.move_status(states.CANCELED, actor="broker")
    refuse(sandbox, "/item/remove", code)

    removed = endings.remove_item(item=ada.relationship.login, sender=SENDER)

    assert (removed, alarms(caplog)) == (code == "ITEM_NOT_FOUND", count)


# --- To nobody any more -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "outcome", "count"), [(49, "", 0), (51, "orphan", 1)])
def test_an_exchange_whose_process_is_dead_is_an_orphan(
    db: None, caplog: pytest.LogCaptureFixture, seconds: int, outcome: str, count: int
) -> None:
    claimed_at = timezone.now() - timedelta(seconds=seconds)
    session = LinkSession.objects.create(user=make.user(), link_token="link-sandbox-1", claimed_at=claimed_at)

    noted = left_links.note_orphans()

    session.refresh_from_db()
    assert (noted, session.outcome, alarms(caplog)) == (count, outcome, count)
    assert bool(session.link_token) == (not count)


def test_a_pass_that_came_to_something_is_no_orphan(db: None) -> None:
    long_ago = timezone.now() - timedelta(days=1)
    LinkSession.objects.create(user=make.user(), outcome="linked", claimed_at=long_ago)

    assert left_links.note_orphans() == 0
