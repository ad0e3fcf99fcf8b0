"""Everything that can be wrong with what comes from the provider: a page each, and nobody is let in."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session, User
from accounts.oidc import provider as what_we_know
from accounts.oidc.views import Return
from tests.harness.openid_provider import Provider

pytestmark = pytest.mark.django_db


def refused(client: Client, answer: object, status: int = 400) -> bool:
    """Say whether this is a page with a way back, and nobody was made or let in."""
    page = answer.content.decode()  # type: ignore[attr-defined]  # the test client's own answer
    assert "Sign in again" in page
    assert "canary" not in page
    return (answer.status_code, User.objects.count(), "_auth_user_id" in client.session) == (status, 0, False)  # type: ignore[attr-defined]  # the test client's own answer


NOW = int(time.time())
CLAIMS = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "for somebody else": {"aud": "another-client"},
    "no audience": {"aud": None},
    "several audiences and no party": {"aud": ["brokerage-under-test", "another-client"]},
    "issued to somebody else": {"azp": "another-client"},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": 5},
    "expired": {"exp": NOW - 3600},
    "no end": {"exp": None},
    "from the future": {"iat": NOW + 3600},
    "not begun": {"nbf": NOW + 3600},
    "no time": {"iat": None},
    "an access token": {"token_use": "access"},
    "no use": {"token_use": None},
    "another subject": {"sub": "sub-of-eve"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a long subject": {"sub": "x" * 256},
    "a subject that no database keeps": {"sub": "sub\0of-ada"},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
def test_a_token_that_says_something_else_lets_nobody_in(
    client: Client, provider: Provider, claims: dict[str, object]
) -> None:
    provider.lies(claims=claims)

    assert refused(client, provider.sign_in(client))


@pytest.mark.parametrize("provider", ["plain"], indirect=True)
@pytest.mark.parametrize("use", ["access", "id"])
def test_others_than_cognito_need_not_name_the_use_but_are_believed(
    client: Client, provider: Provider, use: str
) -> None:
    provider.lies(claims={"token_use": use})

    assert ("_auth_user_id" in (provider.sign_in(client), client.session)[1]) == (use == "id")


def test_among_several_audiences_ours_has_to_be_the_party(client: Client, provider: Provider) -> None:
    provider.lies(claims={"aud": ["brokerage-under-test", "another"], "azp": "brokerage-under-test"})

    assert provider.sign_in(client).status_code == 302


def test_clocks_may_differ_by_half_a_minute(client: Client, provider: Provider) -> None:
    provider.lies(claims={"iat": int(time.time()) + 30})

    assert provider.sign_in(client).status_code == 302


@pytest.mark.parametrize("sign", ["none", "hs256", "rs512", "another key", "unknown kid"])
def test_a_token_that_is_signed_otherwise_lets_nobody_in(client: Client, provider: Provider, sign: str) -> None:
    provider.lies(sign=sign)

    assert refused(client, provider.sign_in(client))


@pytest.mark.parametrize(
    "tokens",
    [{"id_token": None}, {"id_token": 5}, {"id_token": "a.b.c"}, {"id_token": "x" * 20_000}, {"access_token": None}],
    ids=str,
)
def test_an_answer_without_a_token_lets_nobody_in(
    client: Client, provider: Provider, tokens: dict[str, object]
) -> None:
    provider.lies(tokens=tokens)

    assert refused(client, provider.sign_in(client))


def test_userinfo_about_somebody_else_lets_nobody_in(client: Client, provider: Provider) -> None:
    provider.lies(person={"sub": "sub-of-eve"})

    assert refused(client, provider.sign_in(client))


# --- A provider in trouble --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["document", "token", "userinfo", "jwks"])
@pytest.mark.parametrize("how", [500, 403, 429, "garbage", "list", "redirect", {"keys": "none"}], ids=str)
def test_a_provider_in_trouble_is_a_page_and_no_crash(
    client: Client, provider: Provider, part: str, how: object
) -> None:
    provider.lies(**{part: how})

    begun = client.get("/sign-in/")
    answer = begun if begun.status_code != 302 else client.get(provider.come_back(begun["Location"]))

    unfit = how == {"keys": "none"} and part != "document"  # a JSON object, though not the right one
    assert refused(client, answer, 400 if unfit else 503)


@pytest.mark.parametrize("part", ["document", "token", "userinfo", "jwks"])
def test_nobody_waits_for_a_slow_provider(client: Client, provider: Provider, settings: Settings, part: str) -> None:
    settings.OIDC_TIMEOUT = 1
    provider.lies(**{part: "slow", "seconds": 6})

    began_at = time.monotonic()
    begun = client.get("/sign-in/")
    answer = begun if begun.status_code != 302 else client.get(provider.come_back(begun["Location"]))

    assert time.monotonic() - began_at < 5
    assert refused(client, answer, 503)


def test_a_provider_that_is_not_there_is_a_page(client: Client, provider: Provider, settings: Settings) -> None:
    begun = client.get("/sign-in/")
    back = provider.come_back(begun["Location"])
    settings.OIDC_TOKEN_ENDPOINT = "http://127.0.0.1:9/token/"

    assert refused(client, client.get(back), 503)


def test_a_way_to_a_provider_that_is_away_is_used_up_all_the_same(client: Client, provider: Provider) -> None:
    back = provider.come_back(client.get("/sign-in/")["Location"])
    provider.lies(token=500)
    assert refused(client, client.get(back), 503)

    provider.lies()

    assert client.session["oidc_states"] == {}
    assert refused(client, client.get(back))


def test_a_session_that_ends_at_this_moment_takes_its_ways_along(client: Client, provider: Provider) -> None:
    request = RequestFactory().get(provider.come_back(client.get("/sign-in/")["Location"]))
    request.session, request.user = client.session, AnonymousUser()
    assert request.session["oidc_states"]
    Session.objects.all().delete()

    assert Return.as_view()(request).status_code == 400
    assert not User.objects.exists()


def test_a_document_of_another_issuer_is_not_believed(client: Client, provider: Provider) -> None:
    provider.lies(document={"issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/"})
    assert refused(client, client.get("/sign-in/"), 503)

    provider.lies()

    assert provider.sign_in(client).status_code == 302  # and it is not remembered


def test_secrets_go_to_no_address_in_clear(client: Client, provider: Provider, settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://idp.example.com"
    for name in ("AUTHORIZATION", "TOKEN", "USERINFO"):
        setattr(settings, f"OIDC_{name}_ENDPOINT", "https://idp.example.com/x")
    settings.OIDC_JWKS_ENDPOINT = "http://idp.example.com/keys"

    assert refused(client, client.get("/sign-in/"), 503)


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_a_new_key_is_looked_for_once(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    provider.control(rotate=True)

    with time_machine.travel(timezone.now() + timedelta(seconds=11), tick=False):
        assert provider.sign_in(Client()).status_code == 302

    assert provider.control().count("jwks") == 1


def test_unknown_keys_do_not_flood_the_provider(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    provider.lies(sign="unknown kid")
    provider.control()

    answers = [provider.sign_in(Client()).status_code for _ in range(5)]

    assert answers == [400] * 5
    assert provider.control().count("jwks") == 0  # they were read within the last seconds


def test_keys_are_read_anew_after_an_hour(client: Client, provider: Provider) -> None:
    provider.sign_in(client)
    provider.control()

    what_we_know._kept = {  # as an hour later, when tokens would be too old as well
        address: (at - 3600, answer) for address, (at, answer) in what_we_know._kept.items()
    }
    provider.sign_in(Client())

    assert provider.control() == ["document", "token", "jwks", "userinfo"]


# --- The way back -----------------------------------------------------------------------------------------------------


def test_a_sign_in_is_good_once(client: Client, provider: Provider) -> None:
    back = provider.come_back(client.get("/sign-in/")["Location"])
    client.get(back)
    client.post("/sign-out/")

    answer = client.get(back)

    assert answer.status_code == 400
    assert "_auth_user_id" not in client.session


def test_a_code_is_good_once(client: Client, provider: Provider) -> None:
    code = parse_qs(urlsplit(provider.come_back(client.get("/sign-in/")["Location"])).query)["code"][0]
    used = _with_code(client, code)
    assert refused(client, client.get(used))  # the verifier is another sign-in's


def _with_code(client: Client, code: str) -> str:
    state = parse_qs(urlsplit(client.get("/sign-in/")["Location"]).query)["state"][0]
    return f"/sign-in/return/?{urlencode({'code': code, 'state': state})}"


def test_somebody_elses_sign_in_is_not_taken(client: Client, provider: Provider) -> None:
    back = provider.come_back(Client().get("/sign-in/")["Location"])

    assert refused(client, client.get(back))


@pytest.mark.parametrize(
    "query", ["", "code=a", "state=b", "code=a&state=b", "error=access_denied", "error=x&state=b", "state=%00&code=%00"]
)
def test_what_was_not_begun_here_is_refused(client: Client, provider: Provider, query: str) -> None:
    assert refused(client, client.get(f"/sign-in/return/?{query}"))


def test_an_error_from_elsewhere_signs_nobody_out(client: Client, provider: Provider) -> None:
    provider.sign_in(client)

    answer = client.get("/sign-in/return/?error=access_denied")

    assert answer.status_code == 400
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("error", "status"),
    [("access_denied", 403), ("login_required", 403), ("server_error", 503), ("invalid_scope", 503), ("<script>", 503)],
)
def test_an_error_in_the_place_of_a_code_is_a_page(client: Client, provider: Provider, error: str, status: int) -> None:
    provider.lies(authorize=error)

    answer = provider.sign_in(client)

    assert refused(client, answer, status)
    assert "<script>" not in answer.content.decode()


def test_a_sign_in_takes_half_an_hour_at_most(client: Client, provider: Provider) -> None:
    back = provider.come_back(client.get("/sign-in/")["Location"])

    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert refused(client, client.get(back))


def test_an_answer_in_another_issuers_name_is_refused(client: Client, provider: Provider) -> None:
    back = provider.come_back(client.get("/sign-in/")["Location"])

    assert refused(client, client.get(f"{back}&iss=https%3A%2F%2Fevil.example"))


def test_two_windows_may_sign_in_side_by_side(client: Client, provider: Provider) -> None:
    first, second = (client.get(f"/sign-in/?next={path}")["Location"] for path in ("/apply/", "/settings/"))

    assert client.get(provider.come_back(second))["Location"] == "/settings/"
    assert client.get(provider.come_back(first))["Location"] == "/apply/"


def test_logs_tell_what_was_wrong_and_no_secret(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    trouble: list[Callable[[], object]] = [
        lambda: provider.lies(claims={"nonce": "canary"}),
        lambda: provider.lies(token=500),
        lambda: provider.lies(person={"sub": "canary"}),
        lambda: provider.lies(tokens={"id_token": "canary"}),
        lambda: provider.lies(),
    ]
    codes = []
    for each in trouble:
        each()
        back = provider.come_back(client.get("/sign-in/")["Location"])
        codes += [value for values in parse_qs(urlsplit(back).query).values() for value in values]
        client.get(back)

    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("accounts", "broker")))
    everything = "\n".join(record.getMessage() for record in caplog.records if record.name != "django.request")
    assert "BadToken (nonce)" in ours
    assert "provider_tokens: an answer that we cannot use (500)" in ours
    assert not [secret for secret in ["canary", "eyJ", "sub-of-ada", "ada@", *codes] if secret in everything]
