"""Secrets at rest: sealed for one row and column, by a key that has a name."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import Application
from brokerage import encryption
from brokerage.encryption import CannotDecrypt, seal, unseal
from tests import make

pytestmark = pytest.mark.django_db

SSN = "444554321"
OLD, NEW = (f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in ("k1", "k2"))


def stored(application: Application, column: str = "tax_id") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_application WHERE id = %s", [_key(application)])  # noqa: S608
        (value,) = cursor.fetchone()
    return str(value)


def store(application: Application, value: str, column: str = "tax_id") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE accounts_application SET {column} = %s WHERE id = %s",  # noqa: S608
            [value, _key(application)],
        )


def _key(application: Application) -> Any:
    return application.pk.hex if connection.vendor == "sqlite" else application.pk


def fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def application() -> Application:
    return make.application(make.user(), tax_id=SSN)


@given(st.text(min_size=1))
def test_what_is_sealed_opens_again(text: str) -> None:
    assert unseal(seal(text, bound_to="here"), bound_to="here") == text


def test_a_row_gives_back_what_it_was_given(application: Application) -> None:
    assert fresh(application).tax_id == SSN
    assert fresh(application).date_of_birth == "1991-03-09"


def test_the_same_secret_never_looks_the_same_twice(application: Application) -> None:
    before = stored(application)
    application.save()

    assert stored(application) != before
    assert seal(SSN, bound_to="here") != seal(SSN, bound_to="here")


def test_a_value_moved_to_another_row_does_not_open(application: Application) -> None:
    other = make.application(make.user("bob@example.com"), tax_id="445554322")
    store(other, stored(application))

    with pytest.raises(CannotDecrypt, match="moved"):
        _ = fresh(other).tax_id


def test_a_value_moved_to_another_column_does_not_open(application: Application) -> None:
    store(application, stored(application), "date_of_birth")

    with pytest.raises(CannotDecrypt, match="moved"):
        _ = fresh(application).date_of_birth
    assert fresh(application).tax_id == SSN


def _flipped(sealed: str) -> str:
    name, _, box = sealed.partition(":")
    raw = bytearray(base64.b64decode(box))
    raw[-1] ^= 1
    return f"{name}:{base64.b64encode(bytes(raw)).decode()}"


@pytest.mark.parametrize(
    "alter",
    [
        _flipped,
        lambda sealed: sealed[:-4],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:12],
        lambda sealed: sealed.partition(":")[0] + ":",
        lambda sealed: sealed + "!",
        lambda sealed: sealed.replace(":", ":é"),
    ],
)
def test_an_altered_value_does_not_open(application: Application, alter: Any) -> None:
    store(application, alter(stored(application)))

    with pytest.raises(CannotDecrypt):
        _ = fresh(application).tax_id


@pytest.mark.parametrize("plain", [SSN, "444-55-4321", f"{SSN}:{SSN}", f"local:{SSN}"])
def test_plain_text_in_the_column_does_not_open_and_is_not_told(application: Application, plain: str) -> None:
    store(application, plain)

    with pytest.raises(CannotDecrypt) as closed:
        _ = fresh(application).tax_id

    assert SSN not in str(closed.value)
    assert "444-55" not in str(closed.value)


def test_an_old_key_still_opens_and_a_new_one_seals(application: Application, settings: Settings) -> None:
    settings.FIELD_KEYS = OLD
    application.save()
    assert stored(application).startswith("k1:")

    settings.FIELD_KEYS = f"{NEW}, {OLD}"
    rotated = fresh(application)
    assert rotated.tax_id == SSN
    rotated.save()

    assert stored(application).startswith("k2:")
    settings.FIELD_KEYS = NEW
    assert fresh(application).tax_id == SSN


def test_a_key_that_is_gone_is_named(application: Application, settings: Settings) -> None:
    settings.FIELD_KEYS = OLD
    application.save()
    settings.FIELD_KEYS = NEW

    with pytest.raises(CannotDecrypt, match="no key 'k1' in FIELD_KEYS"):
        _ = fresh(application).tax_id


def test_a_row_whose_secret_does_not_open_can_be_read_otherwise(application: Application) -> None:
    store(application, "gone:" + "A" * 60)

    assert fresh(application).given_name == "Ada"


@pytest.mark.parametrize("keys", ["", "k1", "k1:short", "k1:" + "A" * 43 + "=, ", "k1:!!!!"])
def test_keys_that_make_no_sense_are_not_told(settings: Settings, keys: str) -> None:
    settings.FIELD_KEYS = keys

    with pytest.raises(ImproperlyConfigured) as wrong:
        seal(SSN, bound_to="here")

    assert "AAAA" not in str(wrong.value)


@pytest.mark.parametrize(
    "write",
    [
        lambda application: Application.objects.update(tax_id=SSN),
        lambda application: Application.objects.bulk_update([application], ["tax_id"]),
        lambda application: Application.objects.filter(tax_id=SSN).exists(),
    ],
    ids=["update", "bulk_update", "filter"],
)
def test_a_secret_cannot_be_written_around_the_row(application: Application, write: Any) -> None:
    before = stored(application)

    with pytest.raises(ValueError, match="encrypted"), transaction.atomic():
        write(application)

    assert stored(application) == before


def test_a_secret_can_be_dropped_by_an_update(application: Application) -> None:
    Application.objects.update(tax_id="")

    assert stored(application) == ""


def test_a_deferred_secret_is_fetched_when_it_is_read(application: Application) -> None:
    deferred = Application.objects.defer("tax_id").get(pk=application.pk)

    assert "tax_id" not in deferred.__dict__
    assert deferred.tax_id == SSN


def test_saving_other_columns_leaves_the_secret_sealed(application: Application) -> None:
    before = stored(application)
    row = fresh(application)
    row.given_name = "Adaeze"
    row.save(update_fields=["given_name"])

    assert stored(application) == before


def test_an_empty_secret_stays_empty(application: Application) -> None:
    application.tax_id = ""
    application.save()

    assert stored(application) == ""
    assert fresh(application).tax_id == ""


def test_rows_made_in_bulk_are_sealed() -> None:
    (made,) = Application.objects.bulk_create([Application(user=make.user(), tax_id=SSN)])

    assert SSN not in stored(made)
    assert fresh(made).tax_id == SSN


def test_a_list_of_values_holds_what_the_database_holds(application: Application) -> None:
    (value,) = Application.objects.values_list("tax_id", flat=True)

    assert isinstance(value, encryption.Sealed)
    assert SSN not in value


@pytest.mark.django_db(transaction=True)
def test_plain_text_is_nowhere_in_the_database_file() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("by design: PostgreSQL keeps its files to itself")
    make.application(make.user("canary@example.com"), tax_id="445667788", date_of_birth="1987-06-05")
    file = Path(str(connection.settings_dict["NAME"]))
    bytes_on_disk = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))

    assert b"canary@example.com" in bytes_on_disk
    for secret in (b"445667788", b"445-66-7788", b"1987-06-05"):
        assert secret not in bytes_on_disk
