"""Dangerous settings: each is refused by name, with one line that cures it, and none of it tells a secret."""

import base64
import json
import os
import subprocess
import sys

import pytest
from django.core.checks import registry
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from brokerage import deployment
from tests.harness.environment import ROOT
from tests.test_settings import COGNITO, PRODUCTION, SECRETS

FAIR = {
    **PRODUCTION,
    "TAX_ID_HASH_KEY": "a-hash-key-of-our-own-0123456789",
    "BRAND_LEGAL_NAME": "Harbor Securities LLC",
    "SUPPORT_EMAIL": "help@harbor.example",
    "DEFAULT_FROM_EMAIL": "Harbor <no-reply@harbor.example>",
}
TWICE = ",".join(f"k1:{base64.b64encode(os.urandom(32)).decode()}" for _ in range(2))
MADE_UP = "k1:" + base64.b64encode(b"\0" * 32).decode()
# What stands in the environment of production, and the id of the rule that refuses it.
DANGEROUS = [
    ({"SECRET_KEY": "short"}, "brokerage.E001"),
    ({"SECRET_KEY": "ab" * 40}, "brokerage.E001"),
    ({"FIELD_KEYS": "k1:nothing"}, "brokerage.E002"),
    ({"FIELD_KEYS": TWICE}, "brokerage.E002"),
    ({"FIELD_KEYS": MADE_UP}, "brokerage.E002"),
    ({"TAX_ID_HASH_KEY": "short"}, "brokerage.E003"),
    ({"ALLOWED_HOSTS": "*"}, "brokerage.E004"),
    ({"DATABASE_URL": "sqlite:////tmp/one.sqlite3"}, "brokerage.E005"),
    ({"SITE_URL": "http://invest.example.com", "PLAID_WEBHOOK_URL": ""}, "brokerage.E006"),
    ({"SITE_URL": "https://elsewhere.example.com"}, "brokerage.E007"),
    ({"HTTPS": "off"}, "brokerage.E008"),
    ({"CSRF_TRUSTED_ORIGINS": "https://*.example.com"}, "brokerage.E009"),
    ({"CSRF_TRUSTED_ORIGINS": "http://invest.example.com"}, "brokerage.E009"),
    ({"EMAIL_URL": "consolemail://"}, "brokerage.E010"),
    ({"EMAIL_URL": "smtp://post:word@mail.example.com:25"}, "brokerage.E011"),
    ({"LOG_LEVEL": "DEBUG"}, "brokerage.E012"),
    ({"BROKER_BASE_URL": "https://broker-api.sandbox.alpaca.markets"}, "brokerage.E013"),
    ({"PLAID_BASE_URL": "https://sandbox.plaid.com"}, "brokerage.E013"),
    ({"BROKER_BASE_URL": "http://broker.example.com"}, "brokerage.E014"),
    ({"PLAID_LINK_SCRIPT_URL": "https://cdn.example.com/link.js"}, "brokerage.E015"),
    ({"BRAND_LEGAL_NAME": "Northfield Securities (sample name)"}, "brokerage.E016"),
    ({"SUPPORT_EMAIL": "help@example.com"}, "brokerage.E016"),
    ({"STAFF_SECOND_FACTOR": "off"}, "brokerage.E017"),
    ({"OWNER_CHECK": "off"}, "brokerage.W001"),
    ({"OIDC_ISSUER": "sandbox"}, "oidc.E001"),
    ({**COGNITO, "OIDC_ISSUER": "http://idp.example.com"}, "oidc.E002"),
    ({**COGNITO, "OIDC_TOKEN_ENDPOINT": "http://login.example.com/token"}, "oidc.E002"),
    ({**COGNITO, "OIDC_ISSUER": "https://idp.example.com/?pool=1"}, "oidc.E003"),
    ({**COGNITO, "OIDC_ISSUER": "https://somebody@idp.example.com"}, "oidc.E003"),
    ({**COGNITO, "OIDC_CLIENT_ID": ""}, "oidc.E004"),
    ({**COGNITO, "OIDC_CLIENT_SECRET": ""}, "oidc.E004"),
    ({**COGNITO, "OIDC_CLIENT_SECRET": "local-client-secret"}, "oidc.E004"),
    ({**COGNITO, "OIDC_ROLES": "ops=operator,all=superuser"}, "oidc.E005"),
    ({**COGNITO, "OIDC_SCOPES": "openid"}, "oidc.E006"),
    ({**COGNITO, "OIDC_FORM_ORIGINS": "https://*.example.com"}, "oidc.E007"),
    ({**COGNITO, "OIDC_FORM_ORIGINS": "https://login.example.com/logout"}, "oidc.E007"),
    ({"OIDC_CLIENT_ID": "a-client"}, "oidc.W001"),
    ({**COGNITO, "OIDC_FORM_ORIGINS": ""}, "oidc.W002"),
]
ASK = """
import environ, json, os, sys
environ.Env.read_env = lambda *args, **kwargs: None
from django.conf import Settings, settings
from brokerage import deployment
answers = []
for environment in json.load(sys.stdin):
    os.environ.clear(); os.environ.update(environment)
    sys.modules.pop("brokerage.settings", None)
    settings._wrapped = Settings("brokerage.settings")
    answers.append([[found.id, found.msg, found.hint] for found in deployment.messages()])
json.dump(answers, sys.stdout)
"""


def ask(*environments: dict[str, str]) -> list[list[list[str]]]:
    """Return what is wrong in each environment: id, words and cure."""
    said = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[list[list[str]]] = json.loads(said.stdout)
    return answers


def test_a_fair_production_has_nothing_wrong() -> None:
    assert ask(FAIR, {**FAIR, "BROKERAGE_ENV": "sandbox"}, {}) == [[], [], []]
    assert ask(FAIR | COGNITO | {"STAFF_SECOND_FACTOR": "off"}) == [[]]
    assert ask(FAIR | COGNITO, FAIR | COGNITO | {"OIDC_ROLES": "ops=operator"}, {"OIDC_ISSUER": "sandbox"}) == [[]] * 3


def test_each_danger_is_refused_by_its_own_rule_alone() -> None:
    answers = ask(*(FAIR | danger for danger, _ in DANGEROUS))

    assert [[found[0] for found in answer] for answer in answers] == [[rule] for _, rule in DANGEROUS]
    assert {rule for _, rule in DANGEROUS} == {rule.id for rule in deployment.RULES}


def test_each_has_a_cure_of_one_line_and_tells_no_secret() -> None:
    answers = ask(*(FAIR | danger for danger, _ in DANGEROUS))

    for (danger, _), ((_, words, cure),) in zip(DANGEROUS, answers, strict=True):
        assert cure
        assert "\n" not in words + cure
        secrets = [danger[name] for name in SECRETS if name in danger and len(danger[name]) > 8]
        assert not any(secret in words + cure for secret in secrets)
        assert "post:word" not in words + cure


@pytest.mark.parametrize("world", ["local", "sandbox"])
def test_keys_of_production_are_used_nowhere_else(world: str) -> None:
    lived = {"BROKERAGE_ENV": world, "BROKER_BASE_URL": "https://broker-api.alpaca.markets"}

    (answer,) = ask({**FAIR, **lived})

    assert [found[0] for found in answer] == ["brokerage.E013"]


def test_the_web_server_does_not_start_either(settings: Settings) -> None:
    settings.BROKERAGE_ENV, settings.ALLOWED_HOSTS = "sandbox", ["*"]

    with pytest.raises(ImproperlyConfigured, match=r"brokerage.E004: ALLOWED_HOSTS lets any name in. Cure: name the"):
        deployment.refuse_what_is_dangerous()


def test_manage_starts_nothing_with_one_of_them() -> None:
    environment = {**os.environ, **FAIR, "ALLOWED_HOSTS": "*"}

    said = subprocess.run(
        [sys.executable, "manage.py", "run_worker"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert said.returncode == 1
    assert "(brokerage.E004) ALLOWED_HOSTS lets any name in" in said.stderr
    assert "HINT: name the hosts that serve this site" in said.stderr


def test_our_checks_are_among_those_that_django_runs() -> None:
    assert deployment.check in registry.registry.registered_checks
