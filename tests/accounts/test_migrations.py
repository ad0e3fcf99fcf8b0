"""What migrations make of rows that were there before them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import StreamEvent, User
from accounts.models.streams import DONE, PARKED, RECEIVED, UNFAMILIAR

BEFORE = ("accounts", "0014_stop_sign_in_permission")


def migrate_back() -> Any:
    """Undo what came since, and return the models of then."""
    MigrationExecutor(connection).migrate([BEFORE])
    return MigrationExecutor(connection).loader.project_state([BEFORE]).apps


def migrate_forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def newest_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    migrate_forward()


@pytest.mark.slow
def test_what_was_parked_is_kept_with_its_words_back_and_forth(newest_afterwards: None) -> None:
    parked = migrate_back().get_model("accounts", "ParkedEvent")
    for state in ("TRYING", "PARKED", "UNFAMILIAR"):
        parked.objects.create(stream="s", event_id=state, account_id="ada", state=state, body=f"of {state}", tries=3)

    migrate_forward()
    StreamEvent.objects.create(stream="s", event_id="done", body="since", state=DONE, acted_at=timezone.now())
    rows = StreamEvent.objects.exclude(state=DONE).order_by("received_at", "event_id")
    assert [(row.event_id, row.state, row.body, row.tries) for row in rows] == [
        ("TRYING", RECEIVED, "of TRYING", 3),
        ("PARKED", PARKED, "of PARKED", 3),
        ("UNFAMILIAR", UNFAMILIAR, "of UNFAMILIAR", 3),
    ]

    again = migrate_back().get_model("accounts", "ParkedEvent").objects.order_by("first_at", "event_id")
    assert [(row.event_id, row.state, row.body) for row in again] == [
        ("TRYING", "TRYING", "of TRYING"),
        ("PARKED", "PARKED", "of PARKED"),
        ("UNFAMILIAR", "UNFAMILIAR", "of UNFAMILIAR"),
    ]


@pytest.mark.slow
def test_whoever_signed_up_before_addresses_were_confirmed_counts_as_confirmed(newest_afterwards: None) -> None:
    before = ("accounts", "0020_people_found_by_index")
    MigrationExecutor(connection).migrate([before])
    people = MigrationExecutor(connection).loader.project_state([before]).apps.get_model("accounts", "User")
    people.objects.create(email="ada@example.com", password="!")

    migrate_forward()

    ada = User.objects.get()
    assert ada.email_verified_at == ada.created_at
