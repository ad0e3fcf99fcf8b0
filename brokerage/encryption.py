"""EncryptedTextField: text that is a secret at rest.

AES-256-GCM with a random nonce. A stored value names the key that sealed it, so keys rotate while the site runs:
put the new key first in FIELD_KEYS and the old ones behind it. The column and the row's id are authenticated with the
value: a ciphertext copied to another row or column does not open.
"""

import base64
import os
import re
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

# The key's name, and base64 of nonce, at least one byte, and tag.
_STORED = re.compile(r"([^:]{1,40}):([A-Za-z0-9+/=]{40,})")


class CannotDecrypt(Exception):
    """The value was sealed with a key we do not hold, or was moved or altered since."""


class Sealed(str):
    """A value as the database holds it, not yet opened."""


@lru_cache(maxsize=4)
def _keyring(field_keys: str) -> dict[str, AESGCM]:
    """Return the keys by id, the active one first, from "id:base64,id:base64"."""
    try:
        pairs = [part.strip().split(":", 1) for part in field_keys.split(",")]
        return {name: AESGCM(base64.b64decode(key, validate=True)) for name, key in pairs}
    except ValueError:
        raise ImproperlyConfigured("FIELD_KEYS must be id:base64 of 32 bytes, separated by commas") from None


def key_names() -> list[str]:
    """Return the names of the keys we hold, the one that seals first."""
    return list(_keyring(settings.FIELD_KEYS))


def seal(text: str, *, bound_to: str) -> Sealed:
    """Encrypt `text` with the active key, for the place named by `bound_to` only."""
    name, key = next(iter(_keyring(settings.FIELD_KEYS).items()))
    nonce = os.urandom(12)
    box = nonce + key.encrypt(nonce, text.encode(), bound_to.encode())
    return Sealed(f"{name}:{base64.b64encode(box).decode()}")


def unseal(sealed: str, *, bound_to: str) -> str:
    """Return the text that `seal` was given. Raises CannotDecrypt."""
    stored = _STORED.fullmatch(sealed)
    if stored is None:  # nor told here: it may be the secret itself, in plain text
        raise CannotDecrypt(f"{bound_to}: holds no sealed value")
    key = _keyring(settings.FIELD_KEYS).get(stored[1])
    if key is None:
        raise CannotDecrypt(f"{bound_to}: no key {stored[1]!r} in FIELD_KEYS")
    try:
        raw = base64.b64decode(stored[2], validate=True)
        return key.decrypt(raw[:12], raw[12:], bound_to.encode()).decode()
    except (ValueError, InvalidTag):
        raise CannotDecrypt(f"{bound_to}: altered, or moved from another row") from None


class _Opening:
    """The attribute on the model: opens a sealed value when it is first read."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:
            row.refresh_from_db(fields=[self.field.attname])
        value = row.__dict__[self.field.attname]
        if isinstance(value, Sealed):
            value = row.__dict__[self.field.attname] = unseal(value, bound_to=self.field.place(row))
        return value

    def __set__(self, row: Any, value: str) -> None:
        row.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """A text column whose values are sealed for their row. An empty string stays empty."""

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def place(self, row: models.Model) -> str:
        """Name the column and row a value belongs to; it is sealed together with the value."""
        return self.place_in(row.pk)

    def place_in(self, pk: Any) -> str:
        """Name the same by the row's key."""
        return f"{self.model._meta.label_lower}.{self.attname}:{pk}"

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return Sealed(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = getattr(model_instance, self.attname)
        return seal(value, bound_to=self.place(model_instance)) if value else ""

    def get_prep_value(self, value: Any) -> Any:
        if value and not isinstance(value, Sealed):
            raise ValueError(f"{self.name} is encrypted: set it on the row and save the row")
        return super().get_prep_value(value) if not isinstance(value, Sealed) else str(value)
