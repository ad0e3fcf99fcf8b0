"""What the provider is told to do wrong, and who is signed in at it: set by tests, through /control."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

from tests.harness.openid.settings import new_key

LIES: dict[str, Any] = {}
WHO: dict[str, str] = {}


def signed_in(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return what says who is at the browser: the last one that a test has named."""

    def answer_once(request: HttpRequest) -> HttpResponse:
        request.user = User.objects.filter(username=WHO.get("name", "")).first()  # type: ignore[assignment]  # whoever the test chose
        return answer(request)

    return answer_once


def retold(token: str) -> str:
    """Return an ID token with the lies in it, signed as they say."""
    claims = jwt.decode(token, options={"verify_signature": False}) | LIES.get("claims", {})
    claims = {name: value for name, value in claims.items() if value is not None}
    head = jwt.get_unverified_header(token)
    how, pem = LIES.get("sign", ""), oauth2_settings.OIDC_RSA_PRIVATE_KEY
    if how == "none":
        return f"{_part({'alg': 'none', 'kid': head['kid']})}.{_part(claims)}."
    if how == "hs256":
        return _by_public_key(claims, head["kid"], pem)
    if how == "another key":
        return jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": head["kid"]})
    kid = "nobodys" if how == "unknown kid" else jwk_from_pem(pem).thumbprint()
    return jwt.encode(claims, pem, algorithm="RS512" if how == "rs512" else "RS256", headers={"kid": kid})


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _by_public_key(claims: dict[str, Any], kid: str, pem: str) -> str:
    """Sign as who hopes that the public key is taken for a shared secret."""
    text = f"{_part({'alg': 'HS256', 'kid': kid})}.{_part(claims)}"
    public = serialization.load_pem_private_key(pem.encode(), None).public_key()
    secret = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return (
        f"{text}.{base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).rstrip(b'=').decode()}"
    )
