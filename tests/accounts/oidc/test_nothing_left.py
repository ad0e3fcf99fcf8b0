"""What a sign-in by the provider leaves behind, whether it goes well or not: no code, no token, no key of ours.

On a running site that is searched whole, with a plain provider; and in this process in the shape of Cognito, which no
setting makes of an address on this machine.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import AuditEntry, User
from accounts.session_store import SessionStore
from brokerage.encryption import unseal
from tests.harness.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.harness.sandbox import Sandbox
from tests.harness.site import running_site
from tests.harness.workers import running_workers
from tests.secrecy import places
from tests.secrecy.by_provider import HOST, Comings
from tests.secrecy.canaries import PASSWORD, WRONG_PASSWORD, Canary, Search
from tests.secrecy.told import SECRETS, Told, same_keys, settings_of

ACCESS_TOKEN = "access-token-kestrel-77120-plover"
IN_CLEAR = {"BROKERAGE_ENV": "local"}  # nowhere else may a provider be asked by HTTP
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


@pytest.mark.django_db
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


@pytest.mark.django_db
@pytest.mark.parametrize("fault", FAULTS)
def test_one_that_fails_leaves_nothing_either(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    FAULTS[fault](provider)

    canaries, page = met(client, provider)

    assert "_auth_user_id" not in client.session
    assert found(canaries, page, caplog.text) == set()


# --- On a running site ------------------------------------------------------------------------------------------------


@pytest.fixture
def told(settings: Settings, provider: Provider, sandbox: Sandbox, tmp_path: Path) -> Iterator[Told]:
    """Run the site and a worker, and take every way to the provider and back."""
    same_keys(settings)
    given = {
        **settings_of(tmp_path),
        **SECRETS,
        **IN_CLEAR,
        "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
        "SITE_URL": f"http://{HOST}",
        "LOG_FORMAT": "json",
        "OIDC_ISSUER": provider.url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    with (
        running_site(tmp_path / "site", sandbox, **given) as port,
        running_workers(tmp_path / "site", sandbox, 1, **given) as (worker,),
    ):
        ways = Comings(port, provider, tmp_path / "mail")
        ways.take_all()
        counts = ways.visitors[-1].get("/metrics", {"Authorization": f"Bearer {SECRETS['METRICS_TOKEN']}"})
        (tmp_path / "metrics" / "shown").write_bytes(counts.came(200).content)
        known = [*ways.canaries(), Canary("client secret", CLIENT_SECRET)]
        known += [Canary("password", PASSWORD), Canary("wrong password", WRONG_PASSWORD)]
        known += [Canary(name, value.rpartition(":")[2]) for name, value in SECRETS.items()]
        yield Told(known, ways.visitors, tmp_path, [*places.of_our_site(), worker.pid])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("provider", ["plain"], indirect=True)
def test_nothing_is_left_on_a_running_site(told: Told) -> None:
    kinds = {canary.name.rstrip("0123456789 ") for canary in told.canaries}
    assert kinds >= {"state", "nonce", "verifier", "code", "access_token", "refresh_token", "ID token"}
    assert User.objects.filter(identities__isnull=False).count() == 2
    assert len(told.processes) == 2

    left = told.found()
    assert not left, "\n".join(left)

    planted = plant(told)
    assert set(told.found()) >= planted


def plant(told: Told) -> set[str]:
    """Leave one of each in another place; return what the search has to say."""
    named = {canary.name: canary.value for canary in told.canaries}
    first = {kind: next(name for name in named if name.startswith(f"{kind} ")) for kind in ("access_token", "ID token")}
    first |= {kind: next(name for name in named if name.startswith(f"{kind} ")) for kind in ("code", "verifier")}
    session = SessionStore()
    session["token"] = named[first["access_token"]]
    session.save()
    User.objects.filter(email="bob@example.com").update(email=f"{named[first['verifier']]}@example.com")
    with (told.folder / "site" / "site.log").open("a") as log:
        log.write(f"GET /sign-in/return/?code={named[first['code']]}")
    (told.folder / "mail" / "odd").write_text(f"To: ada@example.com\n\nid_token=x.{named[first['ID token']]}.y")
    return {
        f"{first['access_token']} in session",
        f"{first['verifier']} in column accounts_user.email",
        f"{first['code']} in file site.log",
        f"{first['ID token']} in letter to ada@example.com",
    }
