"""Sealing anew, with the active key, what other keys have sealed, while the site runs.

Called by the command `rotate_keys`. The new key stands first in FIELD_KEYS everywhere before it begins, so that nothing
more is sealed with an old one; what somebody else writes meanwhile is left alone. A value that does not open is left as
it is and told by its place, never by what it holds. It may be killed at any point and run again: what is done is known
by the name of the key, which stands in each value.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, Q, TextField, Value
from django.db.models.functions import Substr
from django.db.models.lookups import Exact

from brokerage import stopping
from brokerage.encryption import CannotDecrypt, EncryptedTextField, Sealed, key_names, seal, unseal

NO_KEY = "no key that we hold"
BATCH = 200  # rows locked at once, for some milliseconds


@dataclass
class Column:
    """What became of one column's values: how many by the key that held them, and the places of those left shut."""

    place: str
    by_key: Counter[str] = field(default_factory=Counter)
    resealed: int = 0
    shut: list[str] = field(default_factory=list)


def columns() -> list[EncryptedTextField]:
    """Return every sealed column of the project, in one order."""
    found = [
        column
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if isinstance(column, EncryptedTextField) and column.model is model
    ]
    return sorted(found, key=lambda column: column.place_in(""))


def count(column: EncryptedTextField) -> Counter[str]:
    """Return how many values of a column each key has sealed, by the key's name; NO_KEY stands for whatever else."""
    names = key_names()
    by_key = {f"key_{number}": Count("pk", filter=_sealed_by(column, name)) for number, name in enumerate(names)}
    found = _filled(column).aggregate(all=Count("pk"), **by_key)
    counted = Counter({name: found[f"key_{number}"] for number, name in enumerate(names)})
    counted[NO_KEY] = found["all"] - counted.total()
    return +counted


def reseal(column: EncryptedTextField, *, progress: Callable[[int], None] = lambda done: None) -> Column:
    """Seal anew whatever another key than the active one has sealed in a column."""
    done = Column(column.place_in("").rstrip(":"), by_key=count(column))
    for batch in _batches(column):
        with transaction.atomic(durable=True):
            for pk, sealed in batch:
                _reseal_one(column, pk, sealed, done)
        progress(done.resealed)
    return done


def _batches(column: EncryptedTextField) -> Iterator[list[tuple[Any, Sealed]]]:
    rows = _filled(column).filter(~_sealed_by(column, key_names()[0])).order_by("pk")
    batch = list(rows.values_list("pk", column.attname)[:BATCH])
    while batch and stopping.goes_on():
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1][0]).values_list("pk", column.attname)[:BATCH])


def _filled(column: EncryptedTextField) -> models.QuerySet[Any]:
    return column.model._base_manager.exclude(**{column.attname: ""})


def _sealed_by(column: EncryptedTextField, key: str) -> Q:
    """Compare exactly: SQLite's LIKE would take k1 for K1."""
    begins = Substr(column.attname, 1, len(key) + 1, output_field=TextField())
    return Q(Exact(begins, Value(f"{key}:", output_field=TextField())))


def _reseal_one(column: EncryptedTextField, pk: Any, sealed: Sealed, done: Column) -> None:
    place = column.place_in(pk)
    try:
        text = unseal(sealed, bound_to=place)
    except CannotDecrypt as shut:
        done.shut.append(str(shut))
        return
    unchanged = column.model._base_manager.filter(pk=pk, **{column.attname: sealed})
    done.resealed += unchanged.update(**{column.attname: seal(text, bound_to=place)})
