"""Where the provider is asked, and the keys that it signs with: found when first needed, and kept for a while.

Called by backend, views and sign_out; calls gateways.identity. Nothing is asked at start-up.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.oidc.claims import same
from accounts.oidc.refusals import BadToken, ProviderAway
from brokerage.gateways import identity
from brokerage.gateways.errors import VendorError

KEPT_SECONDS = 3600
LOOK_AGAIN_AFTER = 10  # seconds
_GIVEN = {
    "authorization_endpoint": "OIDC_AUTHORIZATION_ENDPOINT",
    "token_endpoint": "OIDC_TOKEN_ENDPOINT",
    "userinfo_endpoint": "OIDC_USERINFO_ENDPOINT",
    "jwks_uri": "OIDC_JWKS_ENDPOINT",
    "end_session_endpoint": "OIDC_LOGOUT_ENDPOINT",
}
_NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Endpoints:
    """The provider's addresses; `logout` may be empty."""

    authorization: str
    token: str
    userinfo: str
    keys: str
    logout: str


# The last answer from each address, and when it came, in this process.
_kept: dict[str, tuple[int, dict[str, Any]]] = {}


def forget() -> None:
    """Forget what this process has learned, as a new one would."""
    _kept.clear()


def _recall(address: str, *, seconds: int) -> dict[str, Any] | None:
    at, answer = _kept.get(address, (0, None))
    return answer if 0 <= int(time.time()) - at < seconds else None


def _read(address: str, what: str) -> dict[str, Any]:
    try:
        answer = identity.read(address, what=what)
    except VendorError as fault:
        raise ProviderAway(str(fault)) from None
    _kept[address] = int(time.time()), answer
    return answer


# --- Addresses --------------------------------------------------------------------------------------------------------


def endpoints() -> Endpoints:
    """Return the addresses, given by the settings or by the provider's document. Raises ProviderAway."""
    found: dict[str, Any] = {name: getattr(settings, given) for name, given in _GIVEN.items()}
    if not all(found[name] for name in _NEEDED):
        found = {name: given or _text(_document().get(name)) for name, given in found.items()}
    if not all(_may_be_asked(found[name]) for name in _NEEDED):
        forget()  # or what is put right there would not be seen for an hour
        raise ProviderAway("the document lacks an address, or names one that is not safe")
    return Endpoints(*(found[name] for name in _GIVEN))


def _document() -> dict[str, Any]:
    address = f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration"
    document = _recall(address, seconds=KEPT_SECONDS) or _read(address, identity.DOCUMENT)
    # https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
    if not same(document.get("issuer"), settings.OIDC_ISSUER):
        forget()
        raise ProviderAway("the document is another issuer's")
    return document


def _text(said: Any) -> str:
    return said if isinstance(said, str) else ""


def _may_be_asked(address: str) -> bool:
    """Say whether secrets may go there: in clear only where the issuer itself is on this machine."""
    return address.startswith("https://") or (settings.OIDC_ISSUER.startswith("http://") and address.startswith("http"))


# --- Keys -------------------------------------------------------------------------------------------------------------


def key(key_id: str) -> dict[str, Any]:
    """Return one of the provider's public keys, as a JWK. Raises BadToken, ProviderAway.

    One that we don't know is looked for at the provider, who may have begun to use a new one; but not again within
    LOOK_AGAIN_AFTER, whatever tokens name.
    """
    address = endpoints().keys
    known = _recall(address, seconds=KEPT_SECONDS)
    found = _among(known, key_id) if known else None
    if found is None and _recall(address, seconds=LOOK_AGAIN_AFTER) is None:
        found = _among(_read(address, identity.KEYS), key_id)
    if found is None:
        raise BadToken("unknown key")
    return found


def _among(document: dict[str, Any], key_id: str) -> dict[str, Any] | None:
    keys = document.get("keys")
    fitting = [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []
    return next((each for each in fitting if each.get("kid") == key_id), None)
