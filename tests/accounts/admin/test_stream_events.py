"""The desk's view of the broker's news: what waits for a person, without its prose, and what may be done about it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import StreamCursor, StreamEvent
from accounts.models.streams import DONE, PARKED, RECEIVED, SET_ASIDE, UNFAMILIAR
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person, queue_on

pytestmark = pytest.mark.django_db
LIST = reverse("admin:accounts_streamevent_changelist")
STREAM = "accounts/status"
WHY: dict[str, Any] = {"because": "the code was mended"}


@pytest.fixture
def desk() -> AtTheDesk:
    return AtTheDesk(person())


def kept(state: str = PARKED, name: str = "7", **more: Any) -> StreamEvent:
    body = json.dumps({"event_ulid": name, "status_to": "REJECTED", "reason": "Ada is said to be a pirate"})
    values = {
        "stream": STREAM,
        "why": "ValueError",
        "body": body,
        "acted_at": timezone.now() if state == DONE else None,
    }
    return StreamEvent.objects.create(event_id=name, state=state, **(values | more))


def test_ops_see_what_was_said_and_not_its_prose(desk: AtTheDesk) -> None:
    event = kept()

    shown, row = desk.read(LIST), desk.read(page(event))

    assert "ValueError" in shown
    assert "status_to: REJECTED; and event_ulid, reason" in row
    assert "pirate" not in shown + row


@pytest.mark.parametrize(
    ("body", "shown"),
    [("", "Not kept any longer."), ("{", "No JSON, and not shown: 1 characters."), ("[1]", "Nothing that names")],
)
def test_whatever_was_said_has_a_page(desk: AtTheDesk, body: str, shown: str) -> None:
    assert shown in desk.read(page(kept(body=body)))


def test_the_list_is_filtered_by_state(desk: AtTheDesk) -> None:
    kept(PARKED, "parked-one"), kept(DONE, "done-one", account_id="an account that is done")

    assert "an account that is done" not in desk.read(f"{LIST}?state=PARKED")
    assert "an account that is done" in desk.read(f"{LIST}?state=DONE")


def test_the_start_page_counts_what_waits_for_a_person(desk: AtTheDesk) -> None:
    kept(PARKED, "1"), kept(UNFAMILIAR, "2"), kept(DONE, "3"), kept(SET_ASIDE, "4"), kept(RECEIVED, "5")

    answer = desk.client.get("/admin/")

    queue = queue_on(answer, "The broker’s news parked")
    assert queue.count == 2
    assert len(desk.client.get(queue.url).context["cl"].result_list) == 2


def test_a_person_has_it_acted_on_again(desk: AtTheDesk) -> None:
    event = kept()

    assert "within seconds" in desk.press(page(event, "replay"), **WHY)

    event.refresh_from_db()
    assert (event.state, event.tries) == (RECEIVED, 0)
    assert WHY["because"] in desk.read(page(event))
    assert "It waits to be acted on already" in desk.press(page(event, "replay"), status=409, **WHY)


def test_a_person_sets_it_aside(desk: AtTheDesk) -> None:
    event = kept()

    assert "waits for nobody" in desk.press(page(event, "set-aside"), **WHY)

    event.refresh_from_db()
    assert event.state == SET_ASIDE


@pytest.mark.parametrize("deed", ["replay", "set-aside"])
def test_a_reason_is_asked_for(desk: AtTheDesk, deed: str) -> None:
    event = kept()

    assert "Say why" in desk.press(page(event, deed), because="")
    event.refresh_from_db()
    assert event.state == PARKED


def test_what_is_not_kept_is_not_acted_on(desk: AtTheDesk) -> None:
    assert "not kept any longer" in desk.press(page(kept(body=""), "replay"), status=409, **WHY)


@pytest.mark.parametrize("deed", ["replay", "set-aside"])
def test_who_may_only_look_may_not_act(deed: str) -> None:
    desk, event = AtTheDesk(person("eve@example.com", "view_streamevent")), kept()

    assert "Act on it again" not in desk.read(page(event))
    assert desk.client.post(page(event, deed), WHY).status_code == 403
    event.refresh_from_db()
    assert event.state == PARKED


def test_nobody_else_sees_it() -> None:
    desk = AtTheDesk(make.user())

    assert desk.client.get(LIST).status_code in (302, 403, 404)


# --- How far the streams are ------------------------------------------------------------------------------------------


def test_a_stream_tells_how_old_the_news_is_on_which_nobody_has_acted(desk: AtTheDesk) -> None:
    make.stream_read(STREAM, timezone.now())
    now = timezone.now()
    for number, minutes in enumerate((7, 9, 2)):
        kept(RECEIVED, str(number), received_at=now - timedelta(minutes=minutes))
    kept(PARKED, "x", received_at=now - timedelta(minutes=50))

    cursor: Any = StreamCursor.objects.with_waiting().get()

    assert (cursor.waiting, cursor.backlog(now=now)) == (3, timedelta(minutes=9))
    assert cursor.applied_until() == now - timedelta(minutes=9)
    assert "9 minutes" in desk.read(reverse("admin:accounts_streamcursor_changelist"))


def test_a_stream_tells_how_long_the_broker_is_silent() -> None:
    now = timezone.now()
    cursor = make.stream_read(STREAM, now, since=now - timedelta(days=2))

    assert cursor.silence(now=now) == timedelta(days=2)
    cursor.heard_at = now - timedelta(seconds=20)
    assert cursor.silence(now=now) == timedelta(seconds=20)


@pytest.mark.parametrize(("read", "waits", "count"), [(1, 0, 0), (6, 0, 1), (1, 6, 1), (1, 4, 0)])
def test_a_stream_is_behind_where_it_is_not_read_or_not_acted_on(
    desk: AtTheDesk, read: int, waits: int, count: int
) -> None:
    now = timezone.now()
    make.stream_read(STREAM, now - timedelta(minutes=read))
    if waits:
        kept(RECEIVED, received_at=now - timedelta(minutes=waits))

    queue = queue_on(desk.client.get("/admin/"), "Streams behind")

    assert queue.count == count
