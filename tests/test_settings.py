"""The settings: which world, which secrets, and what is never imported just to look around.

Each question is asked of a fresh Python, for settings are read once in a process.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.environment import ROOT, declared_variables

ANSWER = """
import environ, json, sys
environ.Env.read_env = lambda *args, **kwargs: None
from django.core.exceptions import ImproperlyConfigured
import importlib, os
answers = []
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    sys.modules.pop("brokerage.settings", None)
    try:
        settings = importlib.import_module("brokerage.settings")
    except ImproperlyConfigured as refusal:
        answers.append({"refused": str(refusal)})
    else:
        answers.append({name: value for name, value in vars(settings).items() if isinstance(value, str | int | list)})
json.dump(answers, sys.stdout, default=str)
"""

SECRETS = {
    "SECRET_KEY": "a-key-of-our-own-0123456789-abcdefghijklmnopqrstuvwxyz",
    "FIELD_KEYS": "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "TAX_ID_HASH_KEY": "a-hash-key-of-our-own",
    "BROKER_API_KEY": "a-broker-key",
    "BROKER_API_SECRET": "a-broker-secret",
    "PLAID_CLIENT_ID": "a-plaid-id",
    "PLAID_SECRET": "a-plaid-secret",
}
PRODUCTION = {
    "BROKERAGE_ENV": "production",
    "ALLOWED_HOSTS": "invest.example.com",
    "DATABASE_URL": "postgres://user:password@db.example.com:5432/brokerage",
    "SITE_URL": "https://invest.example.com/",
    "EMAIL_URL": "smtp+tls://post:pass%2Fword@mail.example.com:587",
    **SECRETS,
}
HOSTS = {
    "sandbox": {
        "BROKER_BASE_URL": "https://broker-api.sandbox.alpaca.markets",
        "BROKER_TOKEN_URL": "https://authx.sandbox.alpaca.markets/v1/oauth2/token",
        "PLAID_BASE_URL": "https://sandbox.plaid.com",
        "PLAID_LINK_SCRIPT_URL": "https://cdn.plaid.com/link/v2/stable/link-initialize.js",
    },
    "production": {
        "BROKER_BASE_URL": "https://broker-api.alpaca.markets",
        "BROKER_TOKEN_URL": "https://authx.alpaca.markets/v1/oauth2/token",
        "PLAID_BASE_URL": "https://production.plaid.com",
        "PLAID_LINK_SCRIPT_URL": "https://cdn.plaid.com/link/v2/stable/link-initialize.js",
    },
    "local": {
        "BROKER_BASE_URL": "http://127.0.0.1:8001/broker",
        "BROKER_TOKEN_URL": "http://127.0.0.1:8001/broker/v1/oauth2/token",
        "PLAID_BASE_URL": "http://127.0.0.1:8001/plaid",
        "PLAID_LINK_SCRIPT_URL": "http://127.0.0.1:8001/plaid/link/v2/stable/link-initialize.js",
    },
}


def read_settings(*environments: dict[str, str]) -> list[dict[str, Any]]:
    """Return what the settings come to in each of the environments; `refused` where they refuse to start."""
    answer = subprocess.run(
        [sys.executable, "-c", ANSWER],
        cwd=ROOT,
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[dict[str, Any]] = json.loads(answer.stdout)
    return answers


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in PRODUCTION.items() if key != name}


def variables_read() -> set[str]:
    """Return the names that settings.py asks the environment for."""
    calls = [
        node for node in ast.walk(ast.parse((ROOT / "brokerage/settings.py").read_text())) if isinstance(node, ast.Call)
    ]
    asking = [call for call in calls if ast.unparse(call.func).split(".")[0] in ("env", "_secret")]
    first = [call.args[0] for call in asking if call.args]
    return {
        argument.value for argument in first if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_the_example_names_every_variable_that_is_read() -> None:
    read = variables_read()

    assert {"BROKERAGE_ENV", "SECRET_KEY", "DATABASE_URL", "SANDBOX_PORT"} <= read
    assert read - declared_variables() == set()


def test_the_example_changes_nothing_when_it_is_copied() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def test_the_example_states_the_defaults(tmp_path: Path) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    stated = [line.removeprefix("# ") for line in lines if line.startswith("# ") and "=" in line.split()[1]]
    given = dict(line.split("=", 1) for line in stated if not line.endswith("="))

    nothing_set, all_set = read_settings({}, given)

    assert len(given) > 15
    assert all_set == nothing_set


def test_production_starts_when_everything_is_set() -> None:
    (settings,) = read_settings(PRODUCTION)

    assert "refused" not in settings
    assert settings["PRODUCTION"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True


def test_production_refuses_to_start_without_a_secret_and_says_the_cure() -> None:
    names = [*SECRETS, "ALLOWED_HOSTS", "DATABASE_URL", "SITE_URL", "EMAIL_URL"]

    answers = read_settings(*(without(name) for name in names))

    for name, answer in zip(names, answers, strict=True):
        assert f"{name}: set it to " in answer.get("refused", "it started"), name
        others = [other for other in names if other != name]
        assert not [other for other in others if f"\n  {other}:" in answer["refused"]], name


@pytest.mark.parametrize("world", ["sandbox", "production"])
def test_published_samples_are_refused(world: str) -> None:
    (local,) = read_settings({})

    answers = read_settings(*({**PRODUCTION, "BROKERAGE_ENV": world, name: local[name]} for name in SECRETS))

    for name, answer in zip(SECRETS, answers, strict=True):
        assert f"\n  {name}: set it to " in answer.get("refused", "it started"), name


def test_debug_is_refused_in_production() -> None:
    (answer,) = read_settings({**PRODUCTION, "DEBUG": "on"})

    assert "remove DEBUG" in answer["refused"]


def test_an_unknown_world_is_refused() -> None:
    (answer,) = read_settings({"BROKERAGE_ENV": "bogus"})

    assert "'bogus'" in answer["refused"]
    assert "local, sandbox or production" in answer["refused"]


@pytest.mark.parametrize("world", HOSTS)
def test_the_world_decides_the_hosts(world: str) -> None:
    (settings,) = read_settings({**PRODUCTION, "BROKERAGE_ENV": world})

    assert {name: settings[name] for name in HOSTS[world]} == HOSTS[world]


@pytest.mark.parametrize("world", HOSTS)
def test_every_host_can_be_set(world: str) -> None:
    own = {name: f"https://stand-in.example/{name.lower()}" for name in HOSTS[world]}

    (settings,) = read_settings({**PRODUCTION, "BROKERAGE_ENV": world, **own})

    assert {name: settings[name] for name in own} == own


def test_the_sandbox_is_found_on_its_port() -> None:
    (settings,) = read_settings({"SANDBOX_PORT": "9123"})

    assert settings["BROKER_BASE_URL"] == "http://127.0.0.1:9123/broker"


def test_e_mail_goes_where_its_address_says() -> None:
    (settings,) = read_settings(PRODUCTION)

    assert settings["SITE_URL"] == "https://invest.example.com"
    assert settings["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == ("mail.example.com", 587)
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("post", "pass/word")
    assert (settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (True, False)


def test_e_mail_becomes_files_where_no_mail_server_is_named() -> None:
    (settings,) = read_settings({"WEB_PORT": "8123", "BRAND_NAME": "North, West"})

    assert settings["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert settings["EMAIL_FILE_PATH"] == str(ROOT / "var" / "mail")
    assert settings["SITE_URL"] == "http://127.0.0.1:8123"
    assert settings["DEFAULT_FROM_EMAIL"] == '"North, West" <no-reply@example.com>'


@pytest.mark.parametrize(
    ("world", "given", "address"),
    [
        ("local", {}, "http://127.0.0.1:8000/webhooks/plaid/"),
        ("local", {"WEB_PORT": "8123"}, "http://127.0.0.1:8123/webhooks/plaid/"),
        ("production", {}, "https://invest.example.com/webhooks/plaid/"),
        ("production", {"PLAID_WEBHOOK_URL": "https://hooks.example.com/x"}, "https://hooks.example.com/x"),
        ("production", {"PLAID_WEBHOOK_URL": ""}, ""),
        ("sandbox", {}, "https://invest.example.com/webhooks/plaid/"),
        ("sandbox", {"SITE_URL": "http://127.0.0.1:8000"}, ""),
    ],
)
def test_plaid_is_told_where_it_can_reach_us(world: str, given: dict[str, str], address: str) -> None:
    base = {} if world == "local" else PRODUCTION

    (settings,) = read_settings({**base, "BROKERAGE_ENV": world, **given})

    assert settings["PLAID_WEBHOOK_URL"] == address


def test_webhooks_come_by_https_in_production() -> None:
    (answer,) = read_settings({**PRODUCTION, "PLAID_WEBHOOK_URL": "http://invest.example.com/webhooks/plaid/"})

    assert "PLAID_WEBHOOK_URL" in answer["refused"]
    assert "https://" in answer["refused"]


COGNITO = {
    "OIDC_ISSUER": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc",
    "OIDC_CLIENT_ID": "a-client",
    "OIDC_CLIENT_SECRET": "a-secret-of-the-client",
    "OIDC_FORM_ORIGINS": "https://login.example.com",
}


def test_a_provider_takes_the_place_of_passwords() -> None:
    alone, cognito, plain = read_settings(
        PRODUCTION, PRODUCTION | COGNITO, PRODUCTION | COGNITO | {"OIDC_ISSUER": "https://idp.example.com/realm"}
    )

    assert alone["AUTHENTICATION_BACKENDS"] == ["django.contrib.auth.backends.ModelBackend"]
    assert alone["OIDC_FORM_ORIGINS"] == []
    for settings in (cognito, plain):
        assert settings["AUTHENTICATION_BACKENDS"] == ["accounts.oidc.backend.ProviderBackend"]
    assert [cognito[f"OIDC_{name}"] for name in ("LOGOUT", "GROUPS_CLAIM")] == ["cognito", "cognito:groups"]
    assert [plain[f"OIDC_{name}"] for name in ("LOGOUT", "GROUPS_CLAIM")] == ["standard", "groups"]


def test_forms_may_lead_to_the_providers_pages() -> None:
    (settings,) = read_settings(
        PRODUCTION | COGNITO | {"OIDC_LOGOUT_ENDPOINT": "https://logout.example.com/logout?x=1"}
    )

    assert settings["OIDC_FORM_ORIGINS"] == [
        "https://cognito-idp.us-east-1.amazonaws.com",
        "https://logout.example.com",
        "https://login.example.com",
    ]


def test_the_stand_in_is_on_this_machine_and_in_local_mode_alone() -> None:
    local, other = read_settings(
        {"OIDC_ISSUER": "sandbox", "SANDBOX_PORT": "9123"}, {**PRODUCTION, "OIDC_ISSUER": "sandbox"}
    )

    assert local["OIDC_ISSUER"] == "http://127.0.0.1:9123/identity"
    assert (local["OIDC_COGNITO"], bool(local["OIDC_CLIENT_SECRET"])) == (True, True)
    assert (other["OIDC_ISSUER"], other["OIDC_CLIENT_SECRET"]) == ("sandbox", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETENTION_WARNING_DAYS", "0"),
        ("RETENTION_WARNING_DAYS", "90"),
        ("RETENTION_EMAIL_CHANGE_DAYS", "0"),
        ("RETENTION_CLOSED_YEARS", "0"),
        ("RETENTION_NOTICE_YEARS", "-1"),
    ],
)
def test_nothing_is_purged_at_once_by_a_slip_of_the_pen(name: str, value: str) -> None:
    (answer,) = read_settings({**PRODUCTION, name: value})

    assert name in answer["refused"]


def test_looking_around_imports_no_vendor() -> None:
    # `manage.py check` imports every URL, view, model and admin; an SDK among them would slow every command.
    program = (
        "import sys; from django.core.management import execute_from_command_line as run; "
        "run(['manage.py', 'check']); print(*sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "brokerage.settings"}

    checked = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert {"alpaca", "plaid", "pandas"} & set(checked.stdout.split()) == set()
