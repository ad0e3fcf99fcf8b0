"""A provider of its own, on the database and at the address that its environment names; its keys are made at start."""

import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SHAPE = os.environ["PROVIDER_SHAPE"]  # cognito, or plain
ADDRESS = os.environ["PROVIDER_ADDRESS"]


def new_key() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


SECRET_KEY = "a-provider-for-tests-protects-nothing"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tests.harness.openid.lies.signed_in",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["PROVIDER_DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.harness.openid.urls"
LOGIN_URL = "/login/"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": new_key(),
    "OIDC_ISS_ENDPOINT": ADDRESS,
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": SHAPE == "plain",
    "OAUTH2_VALIDATOR_CLASS": "tests.harness.openid.people.Validator",
    "SCOPES": {"openid": "who you are", "email": "your address"},
    "PKCE_REQUIRED": True,
}
