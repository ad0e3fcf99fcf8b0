"""A page that the browser has kept whole, and shows again when somebody goes back to it."""

from typing import TYPE_CHECKING

import pytest

from accounts.models import Session
from funding import states
from funding.models import ACHRelationship
from tests.browser import clicks

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COME_BACK = "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"


def test_it_says_what_is_so_now(linked: "Page") -> None:
    clicks.status(linked, "Working")
    ACHRelationship.objects.update(status=states.QUEUED)

    linked.evaluate(COME_BACK)

    clicks.status(linked, "Being approved")


def test_it_is_shown_to_nobody_who_was_signed_out_meanwhile(linked: "Page") -> None:
    clicks.status(linked, "Working")
    Session.objects.all().delete()

    linked.evaluate(COME_BACK)

    clicks.heading(linked, "Sign in")
