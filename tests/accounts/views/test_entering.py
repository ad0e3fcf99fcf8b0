"""A session and its entry in the audit: one is never there without the other."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import AuditEntry, AuditHead, KnownBrowser, SecondFactor, Session, User
from accounts.operations import audit, second_factor
from accounts.session_store import SessionStore
from accounts.views import entering
from tests import make
from tests.accounts.second_factors import begun

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    """Ask as a browser does, which is shown the page of what went wrong."""
    return Client(raise_request_exception=False)


def refuse() -> None:
    """Have the database take no entry more: the next would have the number of one that is there."""
    audit.command("before")
    AuditHead.objects.update(number=AuditEntry.objects.get().number - 1)


def sign_in(browser: Client) -> int:
    return browser.post("/sign-in/", {"username": "ada@example.com", "password": make.PASSWORD}).status_code


def test_a_sign_in_that_cannot_be_written_down_opens_nothing(browser: Client) -> None:
    ada = make.user()
    refuse()

    assert sign_in(browser) == 500

    ada.refresh_from_db()
    assert not Session.objects.exists()
    assert not KnownBrowser.objects.exists()
    assert ada.last_login is None
    assert {"sessionid", "browser"}.isdisjoint(browser.cookies)
    assert browser.get("/settings/").status_code == 302


def test_whoever_was_signed_in_stays_so_where_another_sign_in_fails(browser: Client) -> None:
    make.user()
    browser.force_login(User.objects.get())
    (before,) = Session.objects.all()
    refuse()
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(browser.cookies["sessionid"].value), User.objects.get()

    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        entering.enter(request, User.objects.get())

    assert list(Session.objects.all()) == [before]
    assert browser.get("/settings/").status_code == 200


def test_a_sign_out_that_cannot_be_written_down_ends_nothing(browser: Client) -> None:
    browser.force_login(make.user())
    refuse()

    assert browser.post("/sign-out/").status_code == 500
    assert browser.get("/settings/").status_code == 200

    AuditHead.objects.update(number=1)
    assert browser.post("/sign-out/").status_code == 302
    assert not Session.objects.exists()
    assert browser.get("/settings/").status_code == 302


def test_nobody_gets_in_who_was_stopped_after_the_password_was_right() -> None:
    ada = make.user()
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    User.objects.update(is_active=False)

    with pytest.raises(PermissionDenied):
        entering.enter(request, ada)

    assert not Session.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_second_factor_whose_other_sessions_cannot_be_ended_stays_off(browser: Client) -> None:
    ada = make.user()
    Client().force_login(ada)
    browser.force_login(ada)
    app = begun(ada)
    refuse()

    assert browser.post("/settings/second-factor/on/", {"code": app.code()}).status_code == 500

    assert not second_factor.is_on(ada)
    assert Session.objects.filter(user=ada).count() == 2


def entries() -> list[tuple[str, str]]:
    return [(each.deed, each.about) for each in AuditEntry.objects.order_by("number")]


def test_signing_out_twice_is_one_end(browser: Client) -> None:
    browser.force_login(ada := make.user())
    request = RequestFactory().post("/")
    request.session = SessionStore(browser.cookies["sessionid"].value)

    entering.end(request, ada)
    entering.end(request, ada)

    assert entries() == [(audit.Deed.SIGNED_OUT, audit.subject(ada))]


def test_whose_session_is_given_up_for_anothers_is_told(browser: Client) -> None:
    """As by a passkey of somebody else in the same browser."""
    ada, ben = make.user(), make.user("ben@example.com")
    browser.force_login(ada)
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(browser.cookies["sessionid"].value), ada

    entering.enter(request, ben)

    assert entries() == [
        (audit.Deed.SIGNED_OUT, audit.subject(ada)),
        (audit.Deed.SIGNED_IN, audit.subject(ben)),
    ]


def test_a_session_is_found_by_whoever_ends_them_all_as_soon_as_it_is_open(browser: Client) -> None:
    """The request that opened it has not been answered yet: a second factor is turned on elsewhere."""
    ada = make.user()
    app = begun(ada)
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    entering.enter(request, ada)

    second_factor.turn_on(user=ada, code=app.code())

    assert not Session.objects.exists()
    with pytest.raises(UpdateError):
        request.session.save()
    browser.cookies["sessionid"] = str(request.session.session_key)
    assert browser.get("/settings/").status_code == 302


def test_a_second_factor_that_comes_on_after_the_password_is_asked_for(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the password and the session it is turned on, elsewhere."""
    ada = make.user()
    app = begun(ada)
    lock = entering._lock

    def turned_on_first(user: User) -> None:
        lock(user)
        if not second_factor.is_on(user):
            SecondFactor.objects.update(on_since=timezone.now())

    monkeypatch.setattr(entering, "_lock", turned_on_first)

    assert app
    assert sign_in(browser) == 302
    assert browser.get("/settings/").status_code == 302
    assert not Session.objects.filter(user=ada).exists()
