"""Sealing anew while the site runs: every column, resumable, and nothing that does not open is lost."""

import base64
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model
from pytest_django import Settings

from accounts.models import Application, StreamEvent
from accounts.operations import resealing
from brokerage.encryption import EncryptedTextField, Sealed
from funding.models import PlaidItem
from tests import make

pytestmark = pytest.mark.django_db

OLD, NEW = (f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in ("k1", "k2"))


@pytest.fixture
def application(settings: Settings) -> Application:
    settings.FIELD_KEYS = OLD
    return make.application(make.user(), tax_id="444554321")


def rotate(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("rotate_keys", *words, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def held(row: Model, column: str) -> str:
    return str(type(row)._base_manager.filter(pk=row.pk).values_list(column, flat=True).get())


def test_every_value_is_sealed_anew_and_the_old_key_can_go(application: Application, settings: Settings) -> None:
    event = StreamEvent.objects.create(stream="accounts", event_id="01JD", body='{"kept": "as it came"}')
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    code, said = rotate()

    settings.FIELD_KEYS = NEW
    assert code == 0
    assert "accounts.application.tax_id: 1 by k1; 1 sealed anew" in said
    assert "0 left with other keys" in said
    assert Application.objects.get(pk=application.pk).tax_id == "444554321"
    assert StreamEvent.objects.get(pk=event.pk).body == '{"kept": "as it came"}'


def test_a_second_run_writes_nothing(application: Application, settings: Settings) -> None:
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    rotate()
    before = held(application, "tax_id")

    code, said = rotate()

    assert (code, held(application, "tax_id")) == (0, before)
    assert "0 sealed anew with k2" in said


def test_a_dry_run_counts_and_writes_nothing(application: Application, settings: Settings) -> None:
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    code, said = rotate("--dry-run", "--json")

    told = [json.loads(line) for line in said.splitlines()]
    assert code == 1
    assert {"column": "accounts.application.tax_id", "by_key": {"k1": 1}, "resealed": 0, "shut": 0} in told
    assert told[-1] == {"key": "k2", "resealed": 0, "left": 2}  # the birthday is the other one
    assert held(application, "tax_id").startswith("k1:")


def test_what_does_not_open_is_left_and_named_without_its_text(application: Application, settings: Settings) -> None:
    Application.objects.update(tax_id=Sealed("gone:" + "A" * 60))
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    code, said = rotate()

    assert code == 1
    assert f"LEFT: accounts.application.tax_id:{application.pk}: no key 'gone' in FIELD_KEYS" in said
    assert "AAAA" not in said
    assert held(application, "tax_id") == "gone:" + "A" * 60
    assert held(application, "date_of_birth").startswith("k2:")


def test_plain_text_in_a_column_is_never_told(application: Application, settings: Settings) -> None:
    Application.objects.update(tax_id=Sealed("444-55-4321"))
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    for words in ((), ("--dry-run",), ("--json",)):
        code, said = rotate(*words)
        assert code == 1
        assert "444-55" not in said
        assert "4321" not in said.replace(str(application.pk), "")
        assert resealing.NO_KEY in said


def test_what_is_written_meanwhile_stands(application: Application, settings: Settings) -> None:
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    row = Application.objects.get(pk=application.pk)
    column = Application._meta.get_field("tax_id")
    assert isinstance(column, EncryptedTextField)
    read_before = Sealed(held(application, "tax_id"))
    row.tax_id = "445554322"
    row.save()

    done = resealing.Column("")
    resealing._reseal_one(column, row.pk, read_before, done)

    assert done.resealed == 0
    assert Application.objects.get(pk=application.pk).tax_id == "445554322"


def test_one_killed_in_the_middle_is_gone_on_with(settings: Settings) -> None:
    settings.FIELD_KEYS = OLD
    rows = [make.application(make.user(f"{number}@example.com"), tax_id=f"44455432{number}") for number in range(5)]
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    class Killed(BaseException):
        pass

    def kill(done: int) -> None:
        raise Killed

    column = next(column for column in resealing.columns() if column.place_in("") == "accounts.application.tax_id:")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resealing, "BATCH", 2)
        with pytest.raises(Killed):
            resealing.reseal(column, progress=kill)
    assert resealing.count(column) == {"k1": 3, "k2": 2}

    assert rotate()[0] == 0
    assert resealing.count(column) == {"k2": len(rows)}


def test_every_sealed_column_of_the_project_is_known() -> None:
    places = {column.place_in("").rstrip(":") for column in resealing.columns()}

    assert {"accounts.application.tax_id", "funding.plaiditem.access_token"} <= places
    assert len(places) == len(resealing.columns())
    assert PlaidItem._meta.get_field("access_token") in resealing.columns()


def test_an_unknown_column_is_wrong_usage() -> None:
    with pytest.raises(CommandError, match="no sealed column 'tax_id'") as wrong:
        call_command("rotate_keys", "--column", "tax_id")

    assert wrong.value.returncode == 2
