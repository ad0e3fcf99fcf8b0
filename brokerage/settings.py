"""Every setting of the project, top to bottom, read from the environment (or from a file `.env`).

With no environment at all this is local sandbox mode: SQLite under `var/`, and both vendors played by
`manage.py run_sandbox` on this machine. `.env.example` lists every variable with its meaning.
"""

import re
from email.utils import formataddr
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# --- Which world ------------------------------------------------------------------------------------------------------

BROKERAGE_ENV = env("BROKERAGE_ENV", default="local")
LOCAL = BROKERAGE_ENV == "local"
PRODUCTION = BROKERAGE_ENV == "production"

SANDBOX_PORT = env.int("SANDBOX_PORT", default=8001)
_SANDBOX = f"http://127.0.0.1:{SANDBOX_PORT}"
_LINK_SCRIPT = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"

# Broker host, broker token host, Plaid host, Plaid Link script.
# https://docs.alpaca.markets/us/docs/authentication and https://plaid.com/docs/api/#api-host
_HOSTS = {
    "local": (
        f"{_SANDBOX}/broker",
        f"{_SANDBOX}/broker",
        f"{_SANDBOX}/plaid",
        f"{_SANDBOX}/plaid/link/v2/stable/link-initialize.js",
    ),
    "sandbox": (
        "https://broker-api.sandbox.alpaca.markets",
        "https://authx.sandbox.alpaca.markets",
        "https://sandbox.plaid.com",
        _LINK_SCRIPT,
    ),
    "production": (
        "https://broker-api.alpaca.markets",
        "https://authx.alpaca.markets",
        "https://production.plaid.com",
        _LINK_SCRIPT,
    ),
}
if BROKERAGE_ENV not in _HOSTS:
    raise ImproperlyConfigured(f"BROKERAGE_ENV is {BROKERAGE_ENV!r}; it must be local, sandbox or production.")
_broker_host, _token_host, _plaid_host, _link_script = _HOSTS[BROKERAGE_ENV]

# --- Secrets ----------------------------------------------------------------------------------------------------------

# Samples make local mode start with nothing set. They are published and protect nothing: elsewhere they are refused.
_SAMPLES = {
    "SECRET_KEY": "local-mode-only-this-key-is-published-and-protects-nothing-at-all",
    "FIELD_KEYS": "local:bG9jYWwtbW9kZS1vbmx5LWZpZWxkLWtleS0zMmJ5dGU=",
    "TAX_ID_HASH_KEY": "local-mode-only-tax-id-hash-key",
    "BROKER_API_KEY": "local-broker-key",
    "BROKER_API_SECRET": "local-broker-secret",
    "PLAID_CLIENT_ID": "local-plaid-id",
    "PLAID_SECRET": "local-plaid-secret",
}
_CURES = {
    "SECRET_KEY": "50 random characters: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    "FIELD_KEYS": "id:key, for example k1:$(openssl rand -base64 32); to rotate, put the new key first",
    "TAX_ID_HASH_KEY": "32 random characters, kept for good: it keeps one person to one account",
    "BROKER_API_KEY": "the key (or client id) from the broker's dashboard",
    "BROKER_API_SECRET": "the secret that belongs to BROKER_API_KEY",
    "PLAID_CLIENT_ID": "the client id from Plaid's dashboard",
    "PLAID_SECRET": "Plaid's secret for this environment",
    "ALLOWED_HOSTS": "the host names that serve this site, separated by commas",
    "DATABASE_URL": "postgres://user:password@host:5432/name",
    "SITE_URL": "the address at which customers reach this site, https://…; links in e-mails begin with it",
    "EMAIL_URL": "smtp+tls://user:password@host:587 (or smtp+ssl://…:465), your mail server",
}
_unset: list[str] = []


def _secret(name: str) -> str:
    """Return the secret `name`; outside local mode, note one that is missing or a published sample."""
    value: str = env(name, default=_SAMPLES[name] if LOCAL else "")
    if not LOCAL and (not value or value == _SAMPLES[name]):
        _unset.append(name)
    return value


SECRET_KEY = _secret("SECRET_KEY")
FIELD_KEYS = _secret("FIELD_KEYS")  # "id:base64 of 32 bytes", comma separated, the first one encrypts
TAX_ID_HASH_KEY = _secret("TAX_ID_HASH_KEY")

# --- Vendors ----------------------------------------------------------------------------------------------------------

# The sandbox's own page, where a person plays the vendors; the banner of local mode leads there.
SANDBOX_DESK_URL = f"{_SANDBOX}/control/" if LOCAL else ""
BROKER_BASE_URL = env("BROKER_BASE_URL", default=_broker_host).rstrip("/")
BROKER_API_KEY = _secret("BROKER_API_KEY")
BROKER_API_SECRET = _secret("BROKER_API_SECRET")
# The broker hands out two kinds of keys: "legacy" ones are sent with every request (HTTP Basic);
# "client_credentials" are first traded for a token of 15 minutes at BROKER_TOKEN_URL.
BROKER_CREDENTIALS = env("BROKER_CREDENTIALS", default="legacy")
# How many questions a minute reconcile_accounts asks at the most; the broker counts them together with customers' own.
# It publishes no limit, and its sandbox has a low one. 0: as fast as it answers.
RECONCILE_READS_PER_MINUTE = env.int("RECONCILE_READS_PER_MINUTE", default=0 if LOCAL else 200)
# Where the broker names its limit with each answer, how much of it reconciliation leaves to customers and senders.
RECONCILE_LEAVES_PERCENT = env.int("RECONCILE_LEAVES_PERCENT", default=50)
if not 0 <= RECONCILE_LEAVES_PERCENT < 100:
    raise ImproperlyConfigured(f"RECONCILE_LEAVES_PERCENT is {RECONCILE_LEAVES_PERCENT}; it must be from 0 to 99.")
# How long the words of the broker's news are kept once they were acted on; that they came is kept for good.
STREAM_EVENT_KEEP_DAYS = env.int("STREAM_EVENT_KEEP_DAYS", default=30)
BROKER_TOKEN_URL = env("BROKER_TOKEN_URL", default=f"{_token_host}/v1/oauth2/token")
PLAID_BASE_URL = env("PLAID_BASE_URL", default=_plaid_host).rstrip("/")
PLAID_CLIENT_ID = _secret("PLAID_CLIENT_ID")
PLAID_SECRET = _secret("PLAID_SECRET")
PLAID_LINK_SCRIPT_URL = env("PLAID_LINK_SCRIPT_URL", default=_link_script)

# Where banks with pages of their own send customers back to; it has to be registered at Plaid. Off: a window is opened.
PLAID_OAUTH_REDIRECT = env.bool("PLAID_OAUTH_REDIRECT", default=LOCAL)
# Let Link verify accounts by small deposits where a bank does not vouch for them at once.
PLAID_MICRODEPOSITS = env.bool("PLAID_MICRODEPOSITS", default=not env.bool("RISK_SIGNAL", default=False))
# Banks whose numbers are made for us, and made anew whenever the customer signs in again there (Plaid's ids).
PLAID_RENEWING_BANKS = env.list("PLAID_RENEWING_BANKS", default=["ins_13"])

# --- Opening accounts -------------------------------------------------------------------------------------------------

# What every customer agrees to, in the broker's words, and where the texts are (see accounts/agreements).
AGREEMENTS = env.list("AGREEMENTS", default=["customer_agreement"])
AGREEMENTS_DIR = env("AGREEMENTS_DIR", default=str(BASE_DIR / "accounts" / "agreements"))
# Where applicants may live, as ISO 3166-1 alpha-3 codes: what your broker has agreed to with you.
RESIDENCE_COUNTRIES = env.list("RESIDENCE_COUNTRIES", default=["USA"])
# What goes into each application besides the answers: {"enabled_assets": ["us_equity"], "account_type": "trading", …}
BROKER_ACCOUNT_OPTIONS = env.json("BROKER_ACCOUNT_OPTIONS", default={})
if not isinstance(BROKER_ACCOUNT_OPTIONS, dict):
    raise ImproperlyConfigured("BROKER_ACCOUNT_OPTIONS must be a JSON object of fields of the broker's application.")

# --- Whose bank account it is -----------------------------------------------------------------------------------------

# How an account's owner is compared with the applicant: by Plaid ("match", Identity Match has to be switched on there),
# by the names that the bank gives ("names"), or not at all ("off").
OWNER_CHECK = env("OWNER_CHECK", default="match" if LOCAL else "names")
OWNER_PASS_SCORE = env.int("OWNER_PASS_SCORE", default=70 if OWNER_CHECK == "match" else 80)  # of 100
OWNER_REFUSE_SCORE = env.int("OWNER_REFUSE_SCORE", default=50)  # below it; a person looks at what is between
# Where the bank gives no names: "review" by a person, "pass", or "refuse".
OWNER_WHEN_UNKNOWN = env("OWNER_WHEN_UNKNOWN", default="review")
# Let customers type the numbers of their bank account: for firms without Plaid.
MANUAL_BANKS = env.bool("MANUAL_BANKS", default=False)
# How often one person may start Link, or type numbers, in an hour.
LINK_ATTEMPTS_PER_HOUR = env.int("LINK_ATTEMPTS_PER_HOUR", default=20)
if OWNER_CHECK not in ("match", "names", "off"):
    raise ImproperlyConfigured(f"OWNER_CHECK is {OWNER_CHECK!r}; it must be match, names or off.")
if OWNER_WHEN_UNKNOWN not in ("review", "pass", "refuse"):
    raise ImproperlyConfigured(f"OWNER_WHEN_UNKNOWN is {OWNER_WHEN_UNKNOWN!r}; it must be review, pass or refuse.")
if not 0 <= OWNER_REFUSE_SCORE <= OWNER_PASS_SCORE <= 100:
    raise ImproperlyConfigured("OWNER_REFUSE_SCORE must not be above OWNER_PASS_SCORE; both are of 100.")

# --- Money rules (US dollars; banking days in New York) ---------------------------------------------------------------

TRANSFER_MINIMUM = env("TRANSFER_MINIMUM", default="1.00")
TRANSFER_LIMIT = env("TRANSFER_LIMIT", default="25000.00")  # one transfer
TRANSFER_LIMIT_PER_DAY = env("TRANSFER_LIMIT_PER_DAY", default="50000.00")  # per direction and banking day
TRANSFER_LIMIT_PER_30_DAYS = env("TRANSFER_LIMIT_PER_30_DAYS", default="100000.00")  # per direction
ACH_CUT_OFF = env("ACH_CUT_OFF", default="14:00")  # New York time; the broker's own cut-off
ACH_ARRIVAL_BANKING_DAYS = env.int("ACH_ARRIVAL_BANKING_DAYS", default=3)
# How long the broker holds a settled deposit is its agreement with you; the local sandbox holds none.
WITHDRAWAL_HOLD_BANKING_DAYS = env.int("WITHDRAWAL_HOLD_BANKING_DAYS", default=0 if LOCAL else 5)
# The broker's own limits per account and direction. The number is observed, not documented: 0 where yours has none.
BROKER_TRANSFERS_PER_DAY = env.int("BROKER_TRANSFERS_PER_DAY", default=0 if LOCAL else 1)
BROKER_LIMIT_PER_DAY = env("BROKER_LIMIT_PER_DAY", default="50000.00")

# --- The risk gate before a deposit -----------------------------------------------------------------------------------

# Where the bank's balance can't be had: "decline", or "hold" until a person has looked. Never let through unseen.
RISK_WHEN_AWAY = env("RISK_WHEN_AWAY", default="decline")
RISK_SIGNAL = env.bool("RISK_SIGNAL", default=False)  # ask Plaid Signal too; it has to be switched on at Plaid
RISK_SIGNAL_RULESET = env("RISK_SIGNAL_RULESET", default="")  # empty: the one called default
RISK_DEPOSITS_PER_DAY = env.int("RISK_DEPOSITS_PER_DAY", default=5)  # in 24 hours; more are held
RISK_DEPOSITS_PER_WEEK = env("RISK_DEPOSITS_PER_WEEK", default="75000.00")  # dollars in 7 days; more are held
RISK_NEW_BANK_DAYS = env.int("RISK_NEW_BANK_DAYS", default=7)
RISK_NEW_BANK_LIMIT = env("RISK_NEW_BANK_LIMIT", default="10000.00")  # larger deposits from a new bank are held
# A bank account that was linked by its numbers has no balance to look at: "hold" each deposit for a person, or "allow".
RISK_MANUAL_BANK = env("RISK_MANUAL_BANK", default="hold")
# Returned debits in the last 60 days, of how many at least a rate is worth a brake.
RETURN_RATE_MINIMUM_DEBITS = env.int("RETURN_RATE_MINIMUM_DEBITS", default=100)
if RISK_SIGNAL and PLAID_MICRODEPOSITS:
    raise ImproperlyConfigured("PLAID_MICRODEPOSITS can't be on with RISK_SIGNAL: Plaid takes one or the other.")
if RISK_MANUAL_BANK not in ("hold", "allow"):
    raise ImproperlyConfigured(f"RISK_MANUAL_BANK is {RISK_MANUAL_BANK!r}; it must be hold or allow.")
if RISK_WHEN_AWAY not in ("decline", "hold"):
    raise ImproperlyConfigured(f"RISK_WHEN_AWAY is {RISK_WHEN_AWAY!r}; it must be decline or hold.")

# --- E-mail -----------------------------------------------------------------------------------------------------------

# Where links in e-mails lead.
_LOCAL_SITE = f"http://127.0.0.1:{env('WEB_PORT', default='8000') or '8000'}"
SITE_URL = env("SITE_URL", default="" if PRODUCTION else _LOCAL_SITE).rstrip("/")
# A file for each e-mail, to look at, where no mail server is named.
_email = env.email_url("EMAIL_URL", default=f"filemail:///{quote(str(VAR_DIR / 'mail'))}")
EMAIL_BACKEND, EMAIL_FILE_PATH = _email["EMAIL_BACKEND"], _email["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"] or "localhost", _email["EMAIL_PORT"] or 0  # 0: the usual one
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"] or "", _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)  # seconds for each answer of the mail server

# Passkeys are bound to a host's name; no browser takes an address of numbers for one.
_passkey_site = urlsplit(SITE_URL.replace("//127.0.0.1", "//localhost"))
PASSKEY_HOST, PASSKEY_ORIGIN = _passkey_site.hostname or "", f"{_passkey_site.scheme}://{_passkey_site.netloc}"

# --- Where Plaid leads and tells --------------------------------------------------------------------------------------

# Where a bank with pages of its own sends customers back to.
PLAID_REDIRECT_URI = f"{SITE_URL}/bank/link/return/" if PLAID_OAUTH_REDIRECT and SITE_URL else ""
# Where Plaid tells of items; empty: nowhere. Plaid itself can't reach a machine by its local address.
_webhooks = f"{SITE_URL}/webhooks/plaid/" if LOCAL or SITE_URL.startswith("https://") else ""
PLAID_WEBHOOK_URL = env("PLAID_WEBHOOK_URL", default=_webhooks)
if PRODUCTION and PLAID_WEBHOOK_URL and not PLAID_WEBHOOK_URL.startswith("https://"):
    raise ImproperlyConfigured(f"PLAID_WEBHOOK_URL is {PLAID_WEBHOOK_URL!r}; in production it must begin with https://")
WEBHOOK_KEEP_DAYS = env.int("WEBHOOK_KEEP_DAYS", default=90)  # what they said; that they came is kept for good

# --- How long personal data is kept -----------------------------------------------------------------------------------

# What these mean, and which rule of law each comes from: accounts/operations/retention_rules.py. Ask counsel before you
# shorten one of those in years; a year counts as 366 days. No setting ends the keeping of transfers.
RETENTION_DRAFT_DAYS = env.int("RETENTION_DRAFT_DAYS", default=90)  # an application never sent, after its last save
RETENTION_REFUSED_DAYS = env.int("RETENTION_REFUSED_DAYS", default=365)  # one refused and never corrected
RETENTION_WARNING_DAYS = env.int("RETENTION_WARNING_DAYS", default=30)  # before either, the customer is told
RETENTION_EMAIL_CHANGE_DAYS = env.int("RETENTION_EMAIL_CHANGE_DAYS", default=90)  # a wish for another one, ended
RETENTION_REJECTED_YEARS = env.int("RETENTION_REJECTED_YEARS", default=5)  # after the broker has rejected
RETENTION_CLOSED_YEARS = env.int("RETENTION_CLOSED_YEARS", default=6)  # after the account was closed
RETENTION_AGREEMENT_YEARS = env.int(
    "RETENTION_AGREEMENT_YEARS", default=6
)  # from where they were signed, after closing
RETENTION_NOTICE_YEARS = env.int("RETENTION_NOTICE_YEARS", default=3)  # the words that customers were sent
RETENTION_DESK_YEARS = env.int("RETENTION_DESK_YEARS", default=6)  # notes of ops, and what they looked at
if not 0 < RETENTION_WARNING_DAYS < min(RETENTION_DRAFT_DAYS, RETENTION_REFUSED_DAYS):
    raise ImproperlyConfigured("RETENTION_WARNING_DAYS must be above 0, and below the days of drafts and refused ones.")
if RETENTION_EMAIL_CHANGE_DAYS < 1:
    raise ImproperlyConfigured("RETENTION_EMAIL_CHANGE_DAYS must be a day at least.")
for _name, _years in (
    ("RETENTION_REJECTED_YEARS", RETENTION_REJECTED_YEARS),
    ("RETENTION_CLOSED_YEARS", RETENTION_CLOSED_YEARS),
    ("RETENTION_AGREEMENT_YEARS", RETENTION_AGREEMENT_YEARS),
    ("RETENTION_NOTICE_YEARS", RETENTION_NOTICE_YEARS),
    ("RETENTION_DESK_YEARS", RETENTION_DESK_YEARS),
):
    if _years < 1:
        raise ImproperlyConfigured(f"{_name} is {_years}; it must be a year at least.")

# --- Sign-in by a provider (OpenID Connect) ---------------------------------------------------------------------------

# Whose word on who somebody is we take; empty: people sign in here by a password. "sandbox": in local mode, a stand-in.
OIDC_ISSUER = env("OIDC_ISSUER", default="")
OIDC_STAND_IN = OIDC_ISSUER == "sandbox"
if OIDC_STAND_IN and LOCAL:
    OIDC_ISSUER = f"{_SANDBOX}/identity"
OIDC_CLIENT_ID = env("OIDC_CLIENT_ID", default="local-client" if OIDC_STAND_IN and LOCAL else "")
OIDC_CLIENT_SECRET = env("OIDC_CLIENT_SECRET", default="local-client-secret" if OIDC_STAND_IN and LOCAL else "")
# Where the provider is asked; what is empty is read from its own document when it is first needed.
OIDC_AUTHORIZATION_ENDPOINT = env("OIDC_AUTHORIZATION_ENDPOINT", default="")
OIDC_TOKEN_ENDPOINT = env("OIDC_TOKEN_ENDPOINT", default="")
OIDC_USERINFO_ENDPOINT = env("OIDC_USERINFO_ENDPOINT", default="")
OIDC_JWKS_ENDPOINT = env("OIDC_JWKS_ENDPOINT", default="")
OIDC_LOGOUT_ENDPOINT = env("OIDC_LOGOUT_ENDPOINT", default="")
# A pool of AWS Cognito, which has ways of its own; the stand-in is shaped like one.
_issuer_host = urlsplit(OIDC_ISSUER).hostname or ""
OIDC_COGNITO = OIDC_STAND_IN or bool(re.fullmatch(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com", _issuer_host))
# How the session there is ended with ours: "cognito", "standard" (RP-initiated logout), or "local": it is not.
OIDC_LOGOUT = env("OIDC_LOGOUT", default="cognito" if OIDC_COGNITO else "standard")
# Where the provider's own pages are, when that is not the issuer's host (Cognito: https://your-domain). A form of ours,
# such as the one for signing out, may lead there.
OIDC_FORM_ORIGINS = env.list("OIDC_FORM_ORIGINS", default=[])
_STAND_IN_ROLES = {f"desk-{role}": role for role in ("admin", "compliance", "operator", "viewer")}
# Which claim names the groups somebody is in, and which role each group means, as in ops=operator,risk=compliance. Of
# several the first one here counts. Without a map the provider gives nobody a role, and takes none.
OIDC_GROUPS_CLAIM = env("OIDC_GROUPS_CLAIM", default="cognito:groups" if OIDC_COGNITO else "groups")
OIDC_ROLES = env.dict("OIDC_ROLES", default=_STAND_IN_ROLES if OIDC_STAND_IN and LOCAL else {})
if OIDC_LOGOUT not in ("cognito", "standard", "local"):
    raise ImproperlyConfigured(f"OIDC_LOGOUT is {OIDC_LOGOUT!r}; it must be cognito, standard or local.")
if OIDC_ISSUER:
    _pages = [OIDC_ISSUER, OIDC_AUTHORIZATION_ENDPOINT, OIDC_LOGOUT_ENDPOINT]
    _origins = [f"{page.scheme}://{page.netloc}" for page in map(urlsplit, _pages) if page.netloc]
    OIDC_FORM_ORIGINS = list(dict.fromkeys([*_origins, *OIDC_FORM_ORIGINS]))
# As mozilla-django-oidc calls them.
OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET, OIDC_RP_SIGN_ALGO = OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, "RS256"
OIDC_RP_SCOPES = env("OIDC_SCOPES", default="openid email")
OIDC_USE_PKCE, OIDC_PKCE_CODE_CHALLENGE_METHOD, OIDC_USE_NONCE = True, "S256", True
OIDC_TIMEOUT = 10  # seconds for each answer
OIDC_STORE_ACCESS_TOKEN = OIDC_STORE_ID_TOKEN = False
OIDC_AUTHENTICATION_CALLBACK_URL = "provider-return"

# --- The site ---------------------------------------------------------------------------------------------------------

BRAND_NAME = env("BRAND_NAME", default="Northfield")
BRAND_LEGAL_NAME = env("BRAND_LEGAL_NAME", default="Northfield Securities (sample name)")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=formataddr((BRAND_NAME, "no-reply@example.com")))
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="help@example.com")  # where "write to us" leads
# Whom to tell of a hole: an address, or a page (https://…).
SECURITY_CONTACT = env("SECURITY_CONTACT", default=SUPPORT_EMAIL)
if not SECURITY_CONTACT.startswith(("https://", "mailto:")):
    SECURITY_CONTACT = f"mailto:{SECURITY_CONTACT}"
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many of our own proxies stand before this server
WORKER_INTERVAL = env.float("WORKER_INTERVAL", default=1.0)  # seconds between two rounds of run_worker
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
# json: a record a line, for machines; line: for a reader.
LOG_FORMAT = env("LOG_FORMAT", default="line" if LOCAL else "json")
if LOG_FORMAT not in ("json", "line"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}; it must be json or line.")

INSTALLED_APPS = [
    "funding.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its field templates, some of which templates/django replaces
    "csp",
    "accounts",
    "funding.apps.FundingConfig",
    "brokerage.sandbox",
]

MIDDLEWARE = [
    "brokerage.probes.probes",
    "brokerage.request_ids.request_ids",
    "django.middleware.security.SecurityMiddleware",
    "brokerage.browser_rules.browser_rules",
    "brokerage.csp_reports.csp_reports",
    "brokerage.entrance.entrance",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "brokerage.page_times.page_times",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "brokerage.entrance.OneOfEach",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.signed_in.signed_in",
    "brokerage.personal_pages.personal_pages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "brokerage.shut_secrets.ShutSecrets",
]

ROOT_URLCONF = "brokerage.urls"
WSGI_APPLICATION = "brokerage.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "brokerage.template_tags.site",
                "accounts.inbox.unread",
            ],
            "builtins": ["django.templatetags.static", "brokerage.template_tags"],
            "libraries": {"desk": "funding.desk_tags"},
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- Database ---------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'brokerage.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Two processes write here. IMMEDIATE takes the write lock when a transaction begins, so that a reader that turns
    # writer half-way is never refused; WAL lets pages be read meanwhile.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Recursive triggers also hear of the row that an INSERT OR REPLACE deletes (see brokerage.append_only).
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        "PRAGMA recursive_triggers=ON",
    }
    VAR_DIR.mkdir(exist_ok=True)
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # PgBouncer in transaction mode
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "home"
# With a provider nobody signs in by a password that is kept here.
AUTHENTICATION_BACKENDS = [
    "accounts.oidc.backend.ProviderBackend" if OIDC_ISSUER else "django.contrib.auth.backends.ModelBackend"
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"accounts.passwords.validators.{name}"}
    for name in ("Length", "NotAboutYou", "NotARow", "NotCommon", "NotBreached")
]
# The list of Pwned Passwords on this machine, sorted by hash; see docs/security.md. Empty: that list is not asked.
BREACHED_PASSWORDS_FILE = env("BREACHED_PASSWORDS_FILE", default="")
if BREACHED_PASSWORDS_FILE and not Path(BREACHED_PASSWORDS_FILE).is_file():
    raise ImproperlyConfigured("BREACHED_PASSWORDS_FILE names no file: download the list, or leave it empty.")
# A session ends when nobody was seen for so many minutes, and after so many hours in any case.
SESSION_ENGINE = "accounts.session_store"
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_IDLE_MINUTES_STAFF = env.int("SESSION_IDLE_MINUTES_STAFF", default=15)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
# Money out, another bank and changes of what matters want somebody who signed in, or did so again, so lately.
FRESH_SIGN_IN_MINUTES = env.int("FRESH_SIGN_IN_MINUTES", default=5)
# Nobody reaches the desk without a second factor. Off in local mode, where the demo's people of ops have none.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not LOCAL)
SESSION_COOKIE_AGE = 60 * 60 * SESSION_HOURS
for _name, _least in (
    ("SESSION_IDLE_MINUTES", SESSION_IDLE_MINUTES),
    ("SESSION_IDLE_MINUTES_STAFF", SESSION_IDLE_MINUTES_STAFF),
    ("SESSION_HOURS", SESSION_HOURS),
    ("FRESH_SIGN_IN_MINUTES", FRESH_SIGN_IN_MINUTES),
):
    if _least < 1:
        raise ImproperlyConfigured(f"{_name} is {_least}; it must be 1 at least.")
SESSION_COOKIE_HTTPONLY = True
BROWSER_COOKIE_NAME = "browser"  # by which we know a browser again (see accounts.operations.known_browsers)
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"  # the page with Plaid Link alone is given pop-ups, in its own view
# Off, the site can be tried over plain HTTP on one's own machine, against the vendors' sandboxes, too.
HTTPS = env.bool("HTTPS", default=PRODUCTION)
if HTTPS:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # A browser takes such a name only by HTTPS, for this host alone: no other host of the domain can plant one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    BROWSER_COOKIE_NAME = "__Host-browser"
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# What the browser may load. Only the page with Plaid Link is given more, in its own view.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *OIDC_FORM_ORIGINS],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        # Where browsers tell what this kept from loading (brokerage/csp_reports.py); older ones know the second alone.
        "report-to": "csp",
        "report-uri": "/csp-reports/",
    }
}

# --- Words, times, files ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "America/New_York"  # shown on pages; the database keeps UTC
FORMAT_MODULE_PATH = "brokerage.formats"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / env("STATIC_ROOT", default="var/static")  # where collectstatic puts what the server serves
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# Documents pass through memory to the broker: no handler of files may write one to disk.
FILE_UPLOAD_HANDLERS = ["accounts.memory_upload.MemoryOnly"]
# How many documents one person may send in an hour.
UPLOADS_PER_HOUR = env.int("UPLOADS_PER_HOUR", default=20)

# --- Logs: facts with ids, never a body ------------------------------------------------------------------------------

_TO_CONSOLE = {"handlers": ["console"], "level": "INFO", "propagate": False}
# At DEBUG these write whole bodies, access tokens included.
_QUIET = ("plaid", "urllib3", "requests", "alpaca", "mozilla_django_oidc", "asyncio", "PIL")
LOGGING_CONFIG = "brokerage.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"redacted": {"()": "brokerage.logs.formatter", "form": LOG_FORMAT}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "redacted"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        **dict.fromkeys(("django", "django.server", "gunicorn.error", "gunicorn.access"), _TO_CONSOLE),
        **{name: {"level": "WARNING"} for name in _QUIET},
    },
}

# --- Health and metrics -----------------------------------------------------------------------------------------------

# Who may read /metrics: whoever shows this token. Without one nobody, but in local mode everybody.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
# Where the processes on this machine keep what they count; empty: each in its own memory, and tells of itself alone.
_metrics_dir = env("METRICS_DIR", default="var/metrics")
METRICS_DIR = str(BASE_DIR / _metrics_dir) if _metrics_dir else ""
# Where a worker answers machines itself, if anywhere: on a machine without gunicorn nobody else tells what it counts.
WORKER_METRICS_PORT = env.int("WORKER_METRICS_PORT", default=0)
WORKER_METRICS_HOST = env("WORKER_METRICS_HOST", default="127.0.0.1")
if METRICS_TOKEN and not LOCAL and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN is short: python -c 'import secrets; print(secrets.token_urlsafe(32))'")

# --- The audit --------------------------------------------------------------------------------------------------------

# Where each day's anchor is kept, best on another machine's disk that takes files and gives none up; empty: nowhere.
_anchor_dir = env("AUDIT_ANCHOR_DIR", default="var/anchors")
AUDIT_ANCHOR_DIR = str(BASE_DIR / _anchor_dir) if _anchor_dir else ""

# --- Refuse to start half-configured ----------------------------------------------------------------------------------

if PRODUCTION:
    _unset += [
        name
        for name, missing in (
            ("ALLOWED_HOSTS", not ALLOWED_HOSTS),
            ("DATABASE_URL", "DATABASE_URL" not in env.ENVIRON),
            ("SITE_URL", not SITE_URL),
            ("EMAIL_URL", "EMAIL_URL" not in env.ENVIRON),
        )
        if missing
    ]
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on in production: remove DEBUG from the environment.")
if _unset:
    raise ImproperlyConfigured(
        f"BROKERAGE_ENV={BROKERAGE_ENV} cannot start, because these are missing or published samples:\n"
        + "\n".join(f"  {name}: set it to {_CURES[name]}" for name in _unset)
    )
