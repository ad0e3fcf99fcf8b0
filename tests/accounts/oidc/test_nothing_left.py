"""What a sign-in by the provider leaves behind, whether it goes well or not: no code, no token, no key of ours."""

import json
import logging
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import AuditEntry
from brokerage.encryption import unseal
from tests.harness.openid_provider import CLIENT_SECRET, Provider
from tests.secrecy import places
from tests.secrecy.canaries import Canary, Search

pytestmark = pytest.mark.django_db

ACCESS_TOKEN = "access-token-kestrel-77120-plover"
BOTH = pytest.mark.parametrize("provider", ["cognito", "plain"], indirect=True)
_ID_TOKEN = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.")


def met(client: Client, provider: Provider) -> tuple[list[Canary], bytes]:
    """Go to the provider and back; return the secrets of this one sign-in, and the page at the end."""
    address = client.get("/sign-in/")["Location"]
    ((state, kept),) = client.session["oidc_states"].items()
    begun = json.loads(unseal(kept["sealed"], bound_to=state))
    back = provider.come_back(address)
    code = parse_qs(urlsplit(back).query)["code"][0]
    page = client.get(back, follow=True)
    secrets = {"code": code, "state": state, "nonce": begun["nonce"], "verifier": begun["code_verifier"]}
    return [
        Canary("client secret", CLIENT_SECRET),
        Canary("access token", ACCESS_TOKEN),
        *(Canary(name, value) for name, value in secrets.items()),
    ], page.content


def found(canaries: list[Canary], page: bytes, log: str) -> set[str]:
    """Return which of them lie anywhere, and where."""
    search = Search(canaries)
    lying = [*places.columns(), *places.opened_sessions(), ("page", page), ("log", log.encode())]
    tokens = {f"ID token in {place}" for place, raw in lying if _ID_TOKEN.search(raw)}
    return tokens | {f"{name} in {place}" for place, raw in lying for name in search.names_in(raw)}


@BOTH
def test_a_sign_in_leaves_nothing_of_it(client: Client, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    canaries, page = met(client, provider)

    assert AuditEntry.objects.filter(deed=AuditEntry.Deed.SIGNED_IN).exists()
    assert found(canaries, page, caplog.text) == set()
    assert found(canaries, page, f"at={canaries[2].value}") == {"code in log"}  # the search finds what is there


FAULTS: dict[str, Callable[[Provider], None]] = {
    "a token that is not good": lambda provider: provider.lies(
        tokens={"access_token": ACCESS_TOKEN}, claims={"aud": "x"}
    ),
    "another nonce": lambda provider: provider.lies(claims={"nonce": "another"}),
    "signed by another key": lambda provider: provider.lies(sign="another key"),
    "somebody else at the end": lambda provider: provider.lies(person={"sub": "another"}),
    "an error that repeats what it was sent": lambda provider: provider.lies(
        token={"error": "invalid_grant", "error_description": f"{CLIENT_SECRET} {ACCESS_TOKEN}"}
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_that_fails_leaves_nothing_either(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    FAULTS[fault](provider)

    canaries, page = met(client, provider)

    assert "_auth_user_id" not in client.session
    assert found(canaries, page, caplog.text) == set()
