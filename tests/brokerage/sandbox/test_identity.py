"""The stand-in for a sign-in provider: strict with sites, easy with people, and shaped like Cognito."""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from tests.brokerage.sandbox.bench import Bench

CLIENT = ("local-client", "local-client-secret")
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:8000/sign-in/return/"
WISH = {
    "client_id": CLIENT[0],
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "openid email",
    "state": "a-state",
    "nonce": "a-nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def get(bench: Bench, path: str, **how: Any) -> requests.Response:
    return bench.session.get(f"{bench.url}/identity{path}", timeout=10, allow_redirects=False, **how)


def post(bench: Bench, path: str, form: dict[str, str], **how: Any) -> requests.Response:
    return bench.session.post(f"{bench.url}/identity{path}", form, timeout=10, allow_redirects=False, **how)


def sent_back(bench: Bench, **choice: str) -> dict[str, str]:
    """Choose somebody; return what the site is told."""
    answer = post(bench, "/oauth2/authorize", WISH | {"decision": "enter"} | choice)
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def trade(bench: Bench, code: str, *, client: tuple[str, str] = CLIENT, **other: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return post(bench, "/oauth2/token", form | other, auth=client)


def test_a_code_is_good_for_tokens_of_whom_was_chosen(bench: Bench) -> None:
    page = get(bench, "/oauth2/authorize", params=WISH)
    assert "ops@example.com" in page.text
    assert "form-action 'self' http://127.0.0.1:8000" in page.headers["Content-Security-Policy"]
    said = sent_back(bench, person="ops@example.com")
    assert said["state"] == "a-state"

    tokens = trade(bench, said["code"]).json()

    document = get(bench, "/.well-known/openid-configuration").json()
    keys = get(bench, "/.well-known/jwks.json").json()["keys"]
    claims = jwt.decode(
        tokens["id_token"], jwt.PyJWK(keys[0]), ["RS256"], audience=CLIENT[0], issuer=document["issuer"]
    )
    assert {name: claims[name] for name in ("email", "nonce", "token_use", "cognito:groups")} == {
        "email": "ops@example.com", "nonce": "a-nonce", "token_use": "id", "cognito:groups": ["desk-admin"],
    }  # fmt: skip
    person = get(bench, "/oauth2/userInfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (person["sub"], person["email_verified"]) == (claims["sub"], "true")


def test_somebody_who_is_not_listed_can_be_named(bench: Bench) -> None:
    code = sent_back(bench, email="Somebody@Example.com")["code"]

    claims = jwt.decode(trade(bench, code).json()["id_token"], options={"verify_signature": False})

    assert claims["email"] == "somebody@example.com"
    assert "cognito:groups" not in claims


def test_who_does_not_want_to_is_sent_back_without_a_code(bench: Bench) -> None:
    assert sent_back(bench, decision="deny")["error"] == "access_denied"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:8000/elsewhere/"}, "invalid_grant"),
        ({"code": "nothing"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client": ("local-client", "guess")}, "invalid_client"),
    ],
    ids=str,
)
def test_a_code_is_for_whoever_asked_for_it(bench: Bench, wrong: dict[str, Any], code: str) -> None:
    answer = trade(bench, **{"code": sent_back(bench, person="maya@example.com")["code"], **wrong})

    assert (answer.status_code, answer.json()) == (400, {"error": code})


def test_a_code_is_good_once(bench: Bench) -> None:
    code = sent_back(bench, person="maya@example.com")["code"]
    assert trade(bench, code).status_code == 200

    assert trade(bench, code).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://evil.example/sign-in/return/"},
        {"redirect_uri": "http://127.0.0.1:8000@evil.example/"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"scope": "email"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
    ],
    ids=str,
)
def test_a_wish_that_is_wrong_leads_nowhere(bench: Bench, wrong: dict[str, str]) -> None:
    asked = get(bench, "/oauth2/authorize", params=WISH | wrong)
    decided = post(bench, "/oauth2/authorize", WISH | wrong | {"decision": "enter", "person": "maya@example.com"})

    for answer in (asked, decided):
        assert (answer.status_code, answer.headers.get("Location")) == (400, None)
        assert "This is not a sign-in" in answer.text


def test_what_a_site_sends_is_shown_as_text(bench: Bench) -> None:
    page = get(bench, "/oauth2/authorize", params=WISH | {"state": '"><script>'}).text

    assert "<script>" not in page
    assert re.search(r'name="state" value="&quot;&gt;&lt;script&gt;"', page)


def test_a_form_of_another_site_is_refused(bench: Bench) -> None:
    answer = post(bench, "/oauth2/authorize", WISH | {"decision": "enter"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_signing_out_leads_back_to_the_site_and_nowhere_else(bench: Bench) -> None:
    out = {"client_id": CLIENT[0], "logout_uri": "http://127.0.0.1:8000/"}

    assert get(bench, "/logout", params=out).headers["Location"] == "http://127.0.0.1:8000/"
    assert get(bench, "/logout", params=out | {"logout_uri": "https://evil.example/"}).status_code == 400
    assert get(bench, "/logout", params=out | {"client_id": "another"}).status_code == 400


def test_userinfo_wants_a_token(bench: Bench) -> None:
    assert get(bench, "/oauth2/userInfo", headers={"Authorization": "Bearer nothing"}).status_code == 401
    assert get(bench, "/oauth2/userInfo").status_code == 401


def test_its_misfortunes_are_armed_as_all_others(bench: Bench) -> None:
    bench.fault("server_error", route="POST /identity/oauth2/token")

    assert trade(bench, sent_back(bench, person="maya@example.com")["code"]).status_code == 500
