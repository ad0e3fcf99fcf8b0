"""The world of the access tests, and the customers besides who see the pages that its owner does not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import change_page, documents_asked, steps
from accounts.models import BrokerageAccount, EmailChange, User
from funding.models import DailyClose, LinkSession
from funding.operations import daily_close
from tests import make
from tests.access.world import World, build

Opened = tuple[str, str, str]  # who, the name of the address, and the address


def built() -> World:
    world = build()
    owner = world.own["account"].user
    world.own["open session"] = LinkSession.objects.create(
        user=owner, link_token="link-sandbox-x", expires_at=timezone.now() + timedelta(hours=1)
    )
    EmailChange.objects.create(user=owner, old_email=owner.email, new_email="b@example.com", ip_address="203.0.113.7")
    asked: dict[str, Any] = {"indeterminate": {code: {} for code in documents_asked.BY_CODE}}
    applicant, unlinked, missing = (make.user(f"{who}@example.com") for who in ("applicant", "unlinked", "missing"))
    make.application(applicant)
    make.account(unlinked)
    make.account(missing, status="ACTION_REQUIRED", kyc_results=asked)
    told = daily_close.statement(daily_close.period_of(daily_close.last_ended(timezone.now())))
    DailyClose.objects.create(made_by="a test", digest="x", **told)
    for account in BrokerageAccount.objects.all():
        make.portfolio(account, ("VTI", "3", "600.00", "12.00"))
    for name, user in {"applicant": applicant, "unlinked": unlinked, "asked": missing}.items():
        world.browsers[name] = signed_in(user)
    return world


def signed_in(user: User) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


def ids_of(world: World) -> dict[str, Any]:
    """Return who each persona is."""
    found = {name: browser.session.get(SESSION_KEY) for name, browser in world.browsers.items() if browser.cookies}
    return {name: key for name, key in found.items() if key and name != "stopped"}


def sign_in_again(world: World, ids: dict[str, Any]) -> None:
    """Sign everybody in anew: sessions end with the address that somebody signs in with."""
    for name, key in ids.items():
        world.browsers[name].force_login(User.objects.get(pk=key))


def more_pages(world: World) -> Iterator[Opened]:
    """Return the pages beyond one for each address."""
    own: dict[str, Any] = world.own
    yield "owner", "link", reverse("link", args=[own["open session"].pk])
    yield "owner", "link-return", reverse("link-return") + "?oauth_state_id=x"
    yield from (("owner", "settings-change", reverse("settings-change", args=[kind])) for kind in change_page.WORDS)
    for step in [*steps.QUESTIONS, steps.CHECK]:
        yield "applicant", "apply-step", f"/apply/{step.slug}/"
    for slug in documents_asked.BY_SLUG:
        yield "asked", "document-upload", reverse("document-upload", args=[slug])
    for name in ("apply-waiting", "apply-waiting-status", "overview"):
        yield "asked", name, reverse(name)
    for name in ("bank", "bank-numbers", "deposit", "withdraw", "overview", "transfers"):
        yield "unlinked", name, reverse(name)
