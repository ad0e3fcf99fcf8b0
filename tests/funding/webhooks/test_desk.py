"""Plaid's news at the desk: found, read without secrets, and acted on again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from funding import queues
from funding.models import PlaidItem, PlaidWebhook
from funding.models.webhooks import DONE, IGNORED, PARKED, RECEIVED, UNFAMILIAR, UNMATCHED
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import read_anew
from tests.funding.webhooks.hearing import act, came
from tests.funding.webhooks.plaid import TOKEN

pytestmark = pytest.mark.django_db
MAY = ("view_plaidwebhook", "change_plaidwebhook", "view_plaidwebhookevent")
LIST = "/admin/funding/plaidwebhook/"


@pytest.fixture
def desk() -> AtTheDesk:
    return AtTheDesk(person("ops@example.com", *MAY))


def parked(**more: Any) -> PlaidWebhook:
    row = came(**more)
    row.move_status(PARKED, actor="worker", because="KeyError", error="KeyError")
    return row


def queue() -> queues.Queue:
    [found] = [each for each in queues.everything() if each.title == "Plaid’s news not acted on"]
    return found


def late(row: PlaidWebhook, minutes: float = 15.1) -> PlaidWebhook:
    PlaidWebhook.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(minutes=minutes))
    return row


def unmatched() -> PlaidWebhook:
    row = came(item_id="nobody’s")
    act(lambda **said: None)
    return row


WAITING: dict[str, Callable[[], PlaidWebhook]] = {
    "parked just now": parked,
    "received long ago": lambda: late(came()),
    "without an item for long": lambda: late(unmatched()),
}


@pytest.mark.parametrize("what", WAITING)
def test_what_waits_for_a_person_stands_in_the_queue_and_it_leads_there(desk: AtTheDesk, what: str) -> None:
    assert queue().count == 0
    other = late(came("LINK", "EVENTS"))
    other.move_status(IGNORED, actor="worker")

    row = WAITING[what]()

    found = queue()
    assert (found.count, found.oldest) == (1, read_anew(row).received_at)
    assert " 1 " in desk.read(found.url)
    assert "Plaid’s news not acted on" in desk.read("/admin/")


def test_what_came_just_now_waits_for_the_worker_only() -> None:
    late(came(), minutes=14.9)
    late(unmatched(), minutes=14.9)

    assert queue().count == 0


def test_a_queue_begins_with_what_has_waited_longest_and_the_list_with_the_newest(desk: AtTheDesk) -> None:
    late(parked(code="LOGIN_REPAIRED"), 90)
    parked(code="NEW_ACCOUNTS_AVAILABLE")

    def old_comes_first(url: str) -> bool:
        shown = desk.client.get(url).content.decode()
        rows = shown[shown.index('id="result_list"') :]
        return rows.index("LOGIN_REPAIRED") < rows.index("NEW_ACCOUNTS_AVAILABLE")

    assert old_comes_first(queue().url)
    assert not old_comes_first(LIST)


def test_it_is_found_by_plaids_id_of_the_item_and_by_status(desk: AtTheDesk) -> None:
    PlaidItem.objects.create(user=make.user(), plaid_item_id="an-item", institution_name="Tartan Bank")
    came(item_id="an-item")
    act(lambda **said: None)
    came("HOROSCOPE", "ERROR", item_id="other")
    act(lambda **said: None)

    for url in (f"{LIST}?q=an-item", f"{LIST}?status__exact={DONE}", f"{LIST}?kind__exact=ITEM"):
        assert "Item at Tartan Bank" in desk.read(url)
        assert " 1 webhook" in desk.read(url)
    assert " 1 webhook" in desk.read(f"{LIST}?status__exact={UNFAMILIAR}")
    assert " 0 webhooks" in desk.read(f"{LIST}?status__exact={UNMATCHED}")


# --- One of them ------------------------------------------------------------------------------------------------------


def test_its_page_tells_what_plaid_said_without_secrets(desk: AtTheDesk) -> None:
    secrets: dict[str, Any] = {
        "access_token": "canary 1",
        "nested": [{"processor_token": "canary 2"}],
        "note": f"see {TOKEN}",
    }
    row = came("LINK", "SESSION_FINISHED", tax_id="canary 3", **secrets)

    shown = desk.read(page(row))

    for words in ("SESSION_FINISHED", '"link_session_id": "5e1a"', '"status": "success"', "RECEIVED"):
        assert words in shown
    for secret in (TOKEN, "canary", "0000cafe"):
        assert secret not in shown


def test_its_page_is_shown_whatever_plaid_said(desk: AtTheDesk, settings: Settings) -> None:
    script = came(note="<script>alert(1)</script>")
    assert "&lt;script&gt;" in desk.client.get(page(script)).content.decode()

    assert "No JSON, and not shown: 4 characters" in desk.read(page(came(body=b"{canary"[:4])))
    assert "No JSON" in desk.read(page(came(body=b'{"a":' * 700 + b"1" + b"}" * 700)))

    old = came()
    PlaidWebhook.objects.filter(pk=old.pk).update(body="")
    assert "Dropped, since it is old" in desk.read(page(old))

    settings.FIELD_KEYS = "another:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    assert "None of FIELD_KEYS opens it" in desk.read(page(script))


def test_nothing_on_it_can_be_edited_or_deleted(desk: AtTheDesk) -> None:
    row = came()

    desk.press(page(row), status=403, status_field=DONE)
    desk.read(page(row, "delete"), status=403)
    desk.read(f"{LIST}add/", status=403)

    assert read_anew(row).status == RECEIVED


def test_a_parked_one_is_acted_on_again_with_a_reason(desk: AtTheDesk) -> None:
    row = parked()
    assert "Act on it again" in desk.read(page(row))
    assert "KeyError" in desk.read(page(row, "again"))

    assert "Nothing is done yet" in desk.press(page(row, "again"))
    assert read_anew(row).status == PARKED
    assert "within seconds" in desk.press(page(row, "again"), because="mended since")

    assert read_anew(row).status == RECEIVED
    assert "mended since" in desk.read(page(row))
    assert "does not wait for a person" in desk.press(page(row, "again"), status=409, because="x")


def test_who_may_only_read_has_nothing_to_press() -> None:
    viewer, row = AtTheDesk(person("viewer@example.com", "view_plaidwebhook")), parked()

    assert "Act on it again" not in viewer.read(page(row))
    viewer.press(page(row, "again"), status=403, because="x")

    assert read_anew(row).status == PARKED


def test_more_rows_take_no_more_queries_and_open_no_seal(desk: AtTheDesk, settings: Settings) -> None:
    item = PlaidItem.objects.create(user=make.user(), plaid_item_id="an-item")

    def queries(count: int) -> int:
        for number in range(count):
            row = came(item_id=item.plaid_item_id, number=number)
            PlaidWebhook.objects.filter(pk=row.pk).update(item=item)
        with CaptureQueriesContext(connection) as captured:
            desk.read(LIST)
        assert not [query for query in captured if '"body"' in query["sql"]]
        return len(captured)

    queries(1)
    settings.FIELD_KEYS = "another:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    assert queries(1) == queries(5)
