"""What must not be in the environment of a site where a provider signs people in; each says in a few words what is.

Called by deployment, which has the ids and the cures. Without OIDC_ISSUER only that may be wrong that it is missing.
"""

from urllib.parse import urlsplit

from django.conf import settings

from brokerage.roles import ROLES

_ENDPOINTS = ("AUTHORIZATION", "TOKEN", "USERINFO", "JWKS", "LOGOUT")
_PUBLISHED = "local-client-secret"


def stand_in() -> str:
    return "OIDC_ISSUER is the sandbox's stand-in, at which anybody is whoever they choose" if _stands_in() else ""


def _stands_in() -> bool:
    return bool(settings.OIDC_STAND_IN)


def in_clear() -> str:
    """Look at the issuer and at the addresses that are given."""
    names = ["OIDC_ISSUER", *(f"OIDC_{name}_ENDPOINT" for name in _ENDPOINTS)]
    wrong = [name for name in names if (said := getattr(settings, name)) and not said.startswith("https://")]
    return f"{wrong[0]} does not begin with https://" if wrong and _has_issuer() and not _stands_in() else ""


def _has_issuer() -> bool:
    return bool(settings.OIDC_ISSUER)


def no_issuer() -> str:
    """Tell an issuer that nobody could compare with what tokens say, or ask for its document."""
    parts = urlsplit(settings.OIDC_ISSUER)
    is_one = parts.scheme and parts.hostname and not (parts.query or parts.fragment or "@" in parts.netloc)
    return "OIDC_ISSUER is no issuer" if _has_issuer() and not is_one and not _stands_in() else ""


def no_client() -> str:
    if not _has_issuer() or _stands_in():
        return ""
    if not settings.OIDC_CLIENT_ID:
        return "OIDC_CLIENT_ID is missing"
    secret = settings.OIDC_CLIENT_SECRET
    return "OIDC_CLIENT_SECRET is missing, or the stand-in's" if secret in ("", _PUBLISHED) else ""


def no_role() -> str:
    wrong = [role for group, role in settings.OIDC_ROLES.items() if role not in ROLES or not group]
    return f"OIDC_ROLES gives {wrong[0]!r}, which is no role of ours" if wrong else ""


def not_openid() -> str:
    missing = {"openid", "email"} - set(settings.OIDC_RP_SCOPES.split())
    return f"OIDC_SCOPES lacks {min(missing)}" if missing else ""


def no_origin() -> str:
    wrong = [each for each in settings.OIDC_FORM_ORIGINS if not _is_origin(each)]
    return (
        f"OIDC_FORM_ORIGINS has {wrong[0]!r}, which is no origin" if wrong and not (in_clear() or no_issuer()) else ""
    )


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme == "https" and text == f"https://{parts.netloc}" and not set(text) & set("*;, '@")


def half_set() -> str:
    return "OIDC_CLIENT_ID is set, and OIDC_ISSUER is not" if settings.OIDC_CLIENT_ID and not _has_issuer() else ""


def no_way_out() -> str:
    """Tell a pool of Cognito whose own domain is not known, at which sessions end."""
    alone = settings.OIDC_COGNITO and settings.OIDC_LOGOUT == "cognito" and len(settings.OIDC_FORM_ORIGINS) == 1
    return "OIDC_FORM_ORIGINS does not name the domain of the pool" if alone and not _stands_in() else ""
