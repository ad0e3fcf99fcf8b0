"""What somebody sees while they are signed in is kept nowhere."""

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db

PERSONAL = [
    "/overview/",
    "/transfers/",
    "/bank/",
    "/settings/",
    "/settings/email/",
    "/settings/close/",
    "/documents/",
    "/notifications/",
    "/apply/",
    "/apply/name/",
    "/deposit/",
    "/",
]


@pytest.mark.parametrize("url", PERSONAL)
def test_no_browser_and_no_proxy_keeps_it(client: Client, url: str) -> None:
    client.force_login(make.account(make.user()).user)

    came = client.get(url)

    assert came.status_code in (200, 302)
    assert {"private", "no-store"} <= {part.strip() for part in came["Cache-Control"].split(",")}


@pytest.mark.parametrize("url", ["/", "/agreements/customer_agreement/"])
def test_what_is_everybodys_may_be_kept(client: Client, url: str) -> None:
    assert "no-store" not in client.get(url).headers.get("Cache-Control", "")
