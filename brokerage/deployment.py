"""What must not be in the environment of a site with real customers: each rule with an id, what is wrong and its cure.

Django's system checks, so that `manage.py` starts nothing with one of them broken; `wsgi` asks as well, for a web
server runs no checks. Settings that cannot even be read are refused in `settings`. Nothing here repeats a secret.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from brokerage import provider_rules
from brokerage.encryption import key_names

LOCAL, SANDBOX, PRODUCTION = "local", "sandbox", "production"
# https://docs.alpaca.markets/us/docs/authentication and https://plaid.com/docs/api/#api-host
_OF_PRODUCTION = {"broker-api.alpaca.markets", "authx.alpaca.markets", "production.plaid.com"}
_OF_SANDBOX = {"broker-api.sandbox.alpaca.markets", "authx.sandbox.alpaca.markets", "sandbox.plaid.com"}
_VENDORS = ("BROKER_BASE_URL", "BROKER_TOKEN_URL", "PLAID_BASE_URL")


@dataclass(frozen=True)
class Rule:
    """One thing that must not be; `wrong` says in a few words what is, or nothing."""

    id: str
    worlds: tuple[str, ...]
    wrong: Callable[[], str]
    cure: str

    @property
    def kind(self) -> type[Error] | type[checks.Warning]:
        return Error if ".E" in self.id else checks.Warning


def _short_secret_key() -> str:
    short = len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5
    return "SECRET_KEY is too short, or repeats itself" if short else ""


def _field_keys() -> str:
    """Look at the keys without telling any: whether they can be read, have one name each, and are not made up."""
    try:
        names = key_names()
    except ImproperlyConfigured as unreadable:
        return str(unreadable)
    parts = [part.strip().split(":", 1) for part in settings.FIELD_KEYS.split(",")]
    if len(parts) != len(names):
        return "FIELD_KEYS names one key twice"
    plain = [name for name, key in parts if len(set(base64.b64decode(key))) < 8]
    return f"FIELD_KEYS: {plain[0]} is no random key" if plain else ""


def _short_hash_key() -> str:
    return "TAX_ID_HASH_KEY is shorter than 32 characters" if len(settings.TAX_ID_HASH_KEY) < 32 else ""


def _any_host() -> str:
    return "ALLOWED_HOSTS lets any name in" if "*" in settings.ALLOWED_HOSTS else ""


def _sqlite() -> str:
    on_file = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    return "DATABASE_URL names SQLite, which is one file on one machine" if on_file else ""


def _site_by_http() -> str:
    return "" if settings.SITE_URL.startswith("https://") else "SITE_URL does not begin with https://"


def _site_elsewhere() -> str:
    host = urlsplit(settings.SITE_URL).hostname or ""
    served = any(name in ("*", host) or (name.startswith(".") and f".{host}".endswith(name)) for name in _hosts())
    return "" if served else "SITE_URL leads to a host that is not in ALLOWED_HOSTS"


def _hosts() -> list[str]:
    return [host.lower() for host in settings.ALLOWED_HOSTS]


def _open_cookies() -> str:
    return "" if settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE else "HTTPS is off: cookies go in clear"


def _origins() -> str:
    wrong = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" in origin or not origin.startswith("https://")]
    return f"CSRF_TRUSTED_ORIGINS lets in {wrong[0]!r}" if wrong else ""


def _no_mail() -> str:
    sends = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    return "" if sends else "EMAIL_URL names no mail server: no customer would be told anything"


def _mail_in_clear() -> str:
    safe = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in ("localhost", "127.0.0.1")
    return "" if safe or _no_mail() else "EMAIL_URL sends links and passwords in clear"


def _talkative() -> str:
    return "LOG_LEVEL is DEBUG, at which libraries write bodies" if str(settings.LOG_LEVEL).upper() == "DEBUG" else ""


def _vendors_of_another_world() -> str:
    other = _OF_SANDBOX if settings.PRODUCTION else _OF_PRODUCTION
    wrong = [name for name in _VENDORS if urlsplit(getattr(settings, name)).hostname in other]
    return f"{wrong[0]} leads to the vendor's other environment" if wrong else ""


def _vendors_in_clear() -> str:
    names = (*_VENDORS, "PLAID_LINK_SCRIPT_URL")
    wrong = [name for name in names if not getattr(settings, name).startswith("https://")]
    return f"{wrong[0]} does not begin with https://" if wrong else ""


def _link_from_elsewhere() -> str:
    return (
        ""
        if urlsplit(settings.PLAID_LINK_SCRIPT_URL).hostname == "cdn.plaid.com"
        else "PLAID_LINK_SCRIPT_URL is not Plaid's"
    )


def _sample_names() -> str:
    names = {"BRAND_LEGAL_NAME": "(sample name)", "SUPPORT_EMAIL": "@example.com", "DEFAULT_FROM_EMAIL": "@example.com"}
    wrong = [name for name, sample in names.items() if sample in getattr(settings, name)]
    return f"{wrong[0]} is still the sample" if wrong else ""


def _nobody_compared() -> str:
    return "OWNER_CHECK is off: anybody's bank account may be linked" if settings.OWNER_CHECK == "off" else ""


def _one_factor_at_the_desk() -> str:
    """Where a provider signs people in, how many factors it takes is the provider's to say."""
    off = not settings.STAFF_SECOND_FACTOR and not settings.OIDC_ISSUER
    return "STAFF_SECOND_FACTOR is off: one stolen password opens the desk" if off else ""


_ALL = (SANDBOX, PRODUCTION)
_LIVE = (PRODUCTION,)
RULES = (
    Rule("brokerage.E001", _ALL, _short_secret_key, "python -c 'import secrets; print(secrets.token_urlsafe(50))'"),
    Rule("brokerage.E002", (LOCAL, *_ALL), _field_keys, 'id:key for each, as in k1:$(openssl rand -base64 32)'),
    Rule("brokerage.E003", _ALL, _short_hash_key, "python -c 'import secrets; print(secrets.token_urlsafe(32))'"),
    Rule("brokerage.E004", _ALL, _any_host, "name the hosts that serve this site"),
    Rule("brokerage.E005", _LIVE, _sqlite, "DATABASE_URL=postgres://user:password@host:5432/name"),
    Rule("brokerage.E006", _LIVE, _site_by_http, "SITE_URL=https://…"),
    Rule("brokerage.E007", _LIVE, _site_elsewhere, "let both name the host that customers see"),
    Rule("brokerage.E008", _LIVE, _open_cookies, "remove HTTPS from the environment"),
    Rule("brokerage.E009", _LIVE, _origins, "name whole origins, https://…, or none"),
    Rule("brokerage.E010", _LIVE, _no_mail, "EMAIL_URL=smtp+tls://user:password@host:587"),
    Rule("brokerage.E011", _LIVE, _mail_in_clear, "smtp+tls:// or smtp+ssl:// in EMAIL_URL"),
    Rule("brokerage.E012", _LIVE, _talkative, "LOG_LEVEL=INFO"),
    Rule(
        "brokerage.E013", (LOCAL, *_ALL), _vendors_of_another_world,
        "remove it: it follows from BROKERAGE_ENV, as the keys have to",
    ),
    Rule("brokerage.E014", _LIVE, _vendors_in_clear, "remove it: it follows from BROKERAGE_ENV"),
    Rule("brokerage.E015", _LIVE, _link_from_elsewhere, "remove it: it follows from BROKERAGE_ENV"),
    Rule("brokerage.E016", _LIVE, _sample_names, "your own: customers see it, and authorizations carry it"),
    Rule("brokerage.E017", _LIVE, _one_factor_at_the_desk, "remove it: people of ops set one up at their next sign-in"),
    Rule("oidc.E001", _ALL, provider_rules.stand_in, "name your provider, or nothing"),
    Rule("oidc.E002", _ALL, provider_rules.in_clear, "https://…, or nothing: it is read from the issuer's document"),
    Rule("oidc.E003", (LOCAL, *_ALL), provider_rules.no_issuer, "copy `issuer` from its openid-configuration"),
    Rule("oidc.E004", (LOCAL, *_ALL), provider_rules.no_client, "copy it from the provider, who calls us a client"),
    Rule("oidc.E005", (LOCAL, *_ALL), provider_rules.no_role, "group=role, with viewer, operator, compliance or admin"),
    Rule("oidc.E006", (LOCAL, *_ALL), provider_rules.not_openid, "OIDC_SCOPES='openid email', or more"),
    Rule("oidc.E007", _ALL, provider_rules.no_origin, "https://host each, without a path"),
    Rule("oidc.W001", (LOCAL, *_ALL), provider_rules.half_set, "OIDC_ISSUER=https://…, or remove the others"),
    Rule("oidc.W002", _ALL, provider_rules.no_way_out, "OIDC_FORM_ORIGINS=https://YOUR-DOMAIN; see docs/security.md"),
    Rule("brokerage.W001", _LIVE, _nobody_compared, "OWNER_CHECK=names, or match"),
)  # fmt: skip


def messages() -> Iterator[CheckMessage]:
    """Yield what is wrong in this world's environment."""
    for rule in RULES:
        if settings.BROKERAGE_ENV in rule.worlds and (wrong := rule.wrong()):
            yield rule.kind(wrong, hint=rule.cure, id=rule.id)


def check(app_configs: Any, **more: Any) -> list[CheckMessage]:
    return list(messages())


def refuse_what_is_dangerous() -> None:
    """Raise ImproperlyConfigured with a line for each error: for whoever starts without `manage.py`."""
    wrong = [f"  {found.id}: {found.msg}. Cure: {found.hint}" for found in messages() if isinstance(found, Error)]
    if wrong:
        raise ImproperlyConfigured(f"BROKERAGE_ENV={settings.BROKERAGE_ENV} cannot start:\n" + "\n".join(wrong))
