"""What Link said meanwhile: kept short, whatever it is, and nothing of the person in it."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from funding.models import LinkEvent, LinkSession
from funding.operations import link_events
from tests import make

pytestmark = pytest.mark.django_db

# As Link tells of a bank that asks for a code. https://plaid.com/docs/link/web/#onevent
TOLD: dict[str, Any] = {
    "name": "TRANSITION_VIEW",
    "view_name": "MFA",
    "mfa_type": "code",
    "institution_id": "ins_109508",
    "institution_name": "First Platypus Bank",
    "link_session_id": "1b3c-link",
    "request_id": "2d5e-request",
    "timestamp": "2026-11-24T15:00:00Z",
}
# What else Link may put into an event: about the person, or said by them.
PERSONAL: dict[str, Any] = {
    "account_number_mask": "0000",
    "institution_search_query": "the bank of my aunt",
    "phone": "+1 201 555 0143",
    "phone_number": "2015550143",
    "email": "ada@example.com",
    "routing_number": "021000021",
    "selection": "Ada Okafor",
    "issue_description": "my husband, Ben, can’t sign in",
    "error_message": "user ada of 84 Willow Terrace",
    "username": "user_good",
    "public_token": "public-sandbox-1",
    "metadata": {"email": "ada@example.com"},
}


@pytest.fixture
def session(db: None) -> LinkSession:
    return LinkSession.objects.create(user=make.user(), link_token="link-sandbox-1")


def kept() -> list[str]:
    return [event.name for event in LinkEvent.objects.all()]


def test_what_support_asks_for_is_kept(session: LinkSession) -> None:
    assert link_events.keep(session=session, said=[TOLD]) == 1

    event = LinkEvent.objects.get()
    assert (event.session, event.name) == (session, "TRANSITION_VIEW")
    assert (event.link_session_id, event.request_id) == ("1b3c-link", "2d5e-request")
    assert event.details == {
        "view_name": "MFA",
        "mfa_type": "code",
        "institution_id": "ins_109508",
        "institution_name": "First Platypus Bank",
    }


def test_nothing_of_the_person_is_kept(session: LinkSession) -> None:
    link_events.keep(session=session, said=[TOLD | PERSONAL])

    everything = json.dumps(list(LinkEvent.objects.values()), default=str)
    for personal in PERSONAL.values():
        words = personal["email"] if isinstance(personal, dict) else personal
        assert json.dumps(words)[1:-1] not in everything


def test_a_pass_keeps_so_many_and_no_more(session: LinkSession) -> None:
    said = [{"name": f"EVENT_{number}"} for number in range(70)]

    came = [link_events.keep(session=session, said=said) for _ in range(3)]

    assert came == [70, 30, 0]
    assert LinkEvent.objects.count() == link_events.MOST_A_SESSION == 100
    assert kept()[:70] == [each["name"] for each in said]


def test_each_pass_has_room_of_its_own(session: LinkSession) -> None:
    other = LinkSession.objects.create(user=session.user)
    link_events.keep(session=session, said=[{"name": "OPEN"}] * 100)

    assert link_events.keep(session=other, said=[{"name": "OPEN"}]) == 1


ODD: list[dict[str, Any]] = [
    {},
    {"name": None},
    {"name": 7},
    {"name": ["OPEN"]},
    {"name": {"a": {"b": "c"}}},
    {"name": True, "request_id": 1.5, "link_session_id": []},
    {"name": "x" * 5000, "request_id": "y" * 5000, "link_session_id": "z" * 5000, "view_name": "v" * 5000},
    {"name": "OPEN\x00", "view_name": "a\x00b", "request_id": "\x00"},
    {"name": "\ud83d", "view_name": "half \ud83d of it"},
    {"name": "<script>alert(1)</script>", "view_name": "'; DROP TABLE funding_linkevent; --"},
    {"name": "OPEN", "error_code": {"deep": [1]}, "mfa_type": 5, "exit_status": "requires_questions"},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:40])
def test_what_is_odd_is_kept_short_or_left_out(session: LinkSession, odd: dict[str, Any]) -> None:
    assert link_events.keep(session=session, said=[odd, {"name": "EXIT"}]) == 2

    event = LinkEvent.objects.exclude(name="EXIT").get()
    texts = [event.name, event.link_session_id, event.request_id, *event.details.values()]
    assert all(isinstance(text, str) and len(text) <= 100 and "\x00" not in text for text in texts)
    assert len(event.name) <= 60
    assert len(event.request_id) <= 80


# --- From the browser -------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(session: LinkSession, client: Client) -> User:
    client.force_login(session.user)
    return session.user


def tell(client: Client, session: LinkSession, events: str) -> int:
    return client.post(f"/bank/link/{session.pk}/events/", {"events": events}).status_code


def test_the_browser_tells_what_link_said(client: Client, ada: User, session: LinkSession) -> None:
    assert tell(client, session, json.dumps([{"name": "OPEN"}, TOLD])) == 204

    assert kept() == ["OPEN", "TRANSITION_VIEW"]


def test_what_comes_after_the_end_of_a_pass_is_kept_too(client: Client, ada: User, session: LinkSession) -> None:
    LinkSession.objects.update(outcome="refused INVALID_PUBLIC_TOKEN", link_token="")

    tell(client, session, '[{"name": "HANDOFF"}]')

    assert kept() == ["HANDOFF"]


@pytest.mark.parametrize(
    "events",
    ["", " ", "[", "null", "7", "{}", '"OPEN"', "NaN", "[" * 9000, "\x00", "[]", "[null, 7, []]", "[" + "1," * 10_000],
    ids=lambda events: ascii(events)[:12],
)
def test_what_is_no_list_of_events_keeps_nothing(client: Client, ada: User, session: LinkSession, events: str) -> None:
    assert tell(client, session, events) == 204

    assert kept() == []


@pytest.mark.parametrize(("length", "count"), [(20_000, 1), (20_001, 0)])
def test_a_list_that_is_too_long_keeps_nothing(
    client: Client, ada: User, session: LinkSession, length: int, count: int
) -> None:
    events = json.dumps([{"name": "OPEN"}])

    assert tell(client, session, events[:-1] + " " * (length - len(events)) + "]") == 204

    assert len(kept()) == count


def test_a_body_that_is_far_too_large_is_not_read(client: Client, ada: User, session: LinkSession) -> None:
    assert tell(client, session, "x" * 300_000) == 413


@pytest.mark.parametrize("verb", ["get", "put", "delete", "patch"])
def test_only_a_post_tells(client: Client, ada: User, session: LinkSession, verb: str) -> None:
    assert getattr(client, verb)(f"/bank/link/{session.pk}/events/").status_code == 405


def test_the_pass_of_somebody_else_is_not_there(client: Client, session: LinkSession) -> None:
    client.force_login(make.user("grace@example.com"))

    assert tell(client, session, '[{"name": "OPEN"}]') == 404

    assert kept() == []


def test_who_is_not_signed_in_tells_nothing(client: Client, session: LinkSession) -> None:
    assert tell(client, session, '[{"name": "OPEN"}]') == 302

    assert kept() == []


def test_a_form_of_another_site_tells_nothing(session: LinkSession) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(session.user)

    assert tell(browser, session, '[{"name": "OPEN"}]') == 403

    assert kept() == []
