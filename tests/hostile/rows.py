"""Rows of every model, and hostile text in each column that holds text.

The tables are copies without constraints, so that nothing but the pages stands between a value and a browser.
"""

import json
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import cycle
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.models import BrokerageAccount
from funding.models import ACHRelationship, Transfer
from tests.harness.bare_tables import without_constraints

_AT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
_VALUES: dict[type[models.Field], Any] = {
    models.DecimalField: Decimal("12.00"),
    models.DateTimeField: _AT,
    models.DateField: date(2026, 11, 24),
    models.IntegerField: 3,
    models.FloatField: 1.5,
    models.BooleanField: True,
    models.GenericIPAddressField: "203.0.113.7",
    models.DurationField: _AT - _AT,
    models.JSONField: {},
}
# Not text to anybody: digests that are compared, words of our own code, and what Django writes and reads itself.
_DIGESTS = {"password", "digest", "sha256", "tax_id_hash", "public_token_hash", "parameters_hash", "body_hash"}
_WORDS = {"status", "sending", "state", "health", "kind", "sub_kind", "outcome", "asked_for", "field", "figures"}
_NOT_TEXT = _DIGESTS | _WORDS | {"date_of_birth"}
_TOLD_STATUS = (BrokerageAccount, ACHRelationship, Transfer)  # the broker's words, kept as they come
_NUMBER_OR_DAY = re.compile(r"-?[\d.]+|\d{4}-\d\d-\d\d\S*", re.ASCII)


def ours() -> list[type[models.Model]]:
    return [model for label in ("accounts", "funding") for model in apps.get_app_config(label).get_models()]


def one_of_everything() -> None:
    """Loosen all tables, and make a row of each model that has none."""
    without_constraints(*ours())
    _with_keys()
    for model in ours():
        _row_of(model)


def _with_keys() -> None:
    """Give the copies their primary keys back: without one PostgreSQL refuses to group rows by their key."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in ours():
                cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ADD PRIMARY KEY ("{model._meta.pk.column}")')


def _row_of(model: type[models.Model]) -> models.Model:
    if found := model._default_manager.order_by("pk").first():
        return found
    row = model(**{field.name: _value_of(field) for field in model._meta.concrete_fields if _is_missing(field)})
    if isinstance(model._meta.pk, models.AutoField):
        row.pk = 1
    models.Model.save(row, force_insert=True)
    return row


def _is_missing(field: Any) -> bool:
    if field.primary_key:
        return isinstance(field, models.CharField)
    return not field.has_default() and not (field.null and field.is_relation)


def _value_of(field: Any) -> Any:
    if field.is_relation:
        return _row_of(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    found = [value for kind, value in _VALUES.items() if isinstance(field, kind)]
    return found[0] if found else "x"


def fill(strings: Iterable[str], *, statuses: bool = False) -> int:
    """Put strings into all columns of text of all rows, each the next one; return how many were put.

    Columns of choices of ours keep their choice, and those of a status what they say, but for the broker's `statuses`.
    """
    words, put = cycle(strings), 0
    for model in ours():
        fields = [field for field in model._meta.concrete_fields if _holds_text(field)]
        if statuses and model in _TOLD_STATUS:
            fields.append(model._meta.get_field("status"))
        for row in model._default_manager.all():
            for field in fields:
                setattr(row, field.attname, _hostile(field, getattr(row, field.attname), words))
                put += 1
            models.Model.save(row, update_fields=[field.attname for field in fields])
    return put


def _holds_text(field: Any) -> bool:
    kinds = (models.CharField, models.TextField, models.JSONField)
    return isinstance(field, kinds) and not (field.choices or field.primary_key or field.name in _NOT_TEXT)


def _hostile(field: Any, value: Any, words: Iterator[str]) -> Any:
    if isinstance(field, models.JSONField):
        return _in_leaves(value, words)
    if field.name.endswith("_json"):
        return json.dumps(_in_leaves(json.loads(value), words))
    return next(words)[: field.max_length]


def _in_leaves(value: Any, words: Iterator[str]) -> Any:
    if isinstance(value, dict):
        return {key: _in_leaves(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [_in_leaves(each, words) for each in value]
    return next(words) if isinstance(value, str) and not _NUMBER_OR_DAY.fullmatch(value) else value
