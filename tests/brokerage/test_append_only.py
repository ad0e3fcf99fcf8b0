"""Nobody changes or deletes what the models call append-only: the database refuses, on SQLite and PostgreSQL alike."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import DeskNote, FieldReveal, LegalHold, RoleChange, SignInChange, StreamEvent, User
from brokerage.append_only import gaps, guarded_models, lifted
from brokerage.status import StatusChange
from tests import make
from tests.harness.unguarded import flush

pytestmark = pytest.mark.django_db


@pytest.fixture
def note() -> DeskNote:
    return DeskNote.objects.create(
        person=make.user(), by=make.user("ops@example.com", is_staff=True), text="called back"
    )


@pytest.fixture
def look() -> FieldReveal:
    return FieldReveal.objects.create(
        person=make.user(),
        by=make.user("ops@example.com", is_staff=True),
        field="phone",
        because="asked",
        ip_address="192.0.2.7",
    )


def refused(what: Callable[[], object]) -> bool:
    """Say whether the database refuses, which leaves the test's own transaction whole."""
    try:
        with transaction.atomic():
            what()
    except IntegrityError as why:
        return "append-only" in str(why)
    return False


def sql(statement: str) -> Callable[[], object]:
    def execute() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return execute


def test_after_all_migrations_every_guard_stands() -> None:
    assert gaps() == []


def test_a_guard_that_was_taken_off_is_named(note: DeskNote) -> None:
    with lifted(DeskNote):
        found = gaps()

    assert found
    assert all(name.startswith("accounts_desknote_") for name in found)
    assert gaps() == []


def test_every_history_is_guarded() -> None:
    histories = {model for model in StatusChange.__subclasses__() if not model._meta.abstract}

    assert len(histories) >= 13
    assert histories <= set(guarded_models())


def test_a_row_is_changed_in_no_way(note: DeskNote) -> None:
    note.at += timedelta(days=1)

    assert refused(note.save)
    assert refused(lambda: DeskNote.objects.update(at=note.at))
    assert refused(lambda: DeskNote.objects.bulk_update([note], ["at"]))
    assert refused(lambda: DeskNote.objects.update(text="did not call back"))
    assert refused(lambda: DeskNote.objects.update(text="", at=note.at))
    assert refused(sql("UPDATE accounts_desknote SET by_id = person_id"))
    note.refresh_from_db()
    assert note.text == "called back"


def test_a_row_goes_in_no_way(note: DeskNote) -> None:
    assert refused(note.delete)
    assert refused(lambda: DeskNote.objects.all().delete())
    assert refused(lambda: DeskNote.objects.all()._raw_delete("default"))
    assert refused(sql("DELETE FROM accounts_desknote"))
    if connection.vendor == "sqlite":
        assert refused(sql("INSERT OR REPLACE INTO accounts_desknote SELECT * FROM accounts_desknote"))
    assert DeskNote.objects.count() == 1


@pytest.mark.postgres
def test_a_table_is_not_emptied_at_once(note: DeskNote) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")()  # or PostgreSQL has a reason of its own to refuse

    assert refused(sql("TRUNCATE accounts_desknote"))


def test_what_says_the_same_again_changes_nothing(note: DeskNote) -> None:
    note.save()


def test_words_can_be_emptied_and_not_written_again(note: DeskNote) -> None:
    DeskNote.objects.update(text="")

    assert refused(lambda: DeskNote.objects.update(text="called back"))


def test_evidence_can_be_emptied_and_not_written_again() -> None:
    application = make.application(make.user())
    application.events.create(field="status", after="DRAFT", actor="a test", evidence={"reason": "canary"})

    application.events.update(evidence={})

    assert refused(lambda: application.events.update(evidence={"reason": "another"}))
    assert refused(lambda: application.events.update(evidence={}, after="READY"))


def test_what_only_waits_may_move_on() -> None:
    event = StreamEvent.objects.create(stream="accounts/status", event_id="e1", body="as it came")

    StreamEvent.objects.update(state="PARKED", tries=5, body="")

    for change in ({"event_id": "e2"}, {"received_at": timezone.now()}, {"account_id": "another"}):
        assert refused(lambda change=change: StreamEvent.objects.update(**change))  # type: ignore[misc]  # each has its own words
    assert refused(event.delete)


def test_a_look_goes_after_a_year_and_not_before(look: FieldReveal) -> None:
    assert refused(look.delete)
    with lifted(FieldReveal):
        FieldReveal.objects.update(at=timezone.now() - timedelta(days=367))

    FieldReveal.objects.all().delete()

    assert not FieldReveal.objects.exists()


def test_rows_beside_are_as_free_as_before() -> None:
    hold = LegalHold.objects.create(
        person=make.user(), placed_by=make.user("ops@example.com", is_staff=True), because="an order"
    )

    LegalHold.objects.update(because="another")
    hold.delete()


def test_a_guard_is_put_back_when_the_block_fails(note: DeskNote) -> None:
    with pytest.raises(IntegrityError), lifted(DeskNote):
        DeskNote.objects.update(person=None)

    assert gaps() == []
    assert DeskNote.objects.get().person == note.person


@pytest.fixture
def newest_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.slow
def test_the_guards_come_down_with_their_migrations_and_up_again(newest_afterwards: None) -> None:
    MigrationExecutor(connection).migrate([("accounts", "0020_people_found_by_index")])
    assert len(gaps()) == 2 * len(guarded_models())

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    assert gaps() == []


@pytest.mark.django_db(transaction=True)
def test_tests_that_empty_the_database_still_can_and_leave_it_guarded(note: DeskNote) -> None:
    flush()

    assert not User.objects.exists()
    assert gaps() == []
    assert not refused(lambda: SignInChange.objects.all().delete())  # there is none
    assert not RoleChange.objects.exists()


def test_a_model_says_what_may_become_of_columns_that_it_has() -> None:
    for model in guarded_models():
        rules = model.append_only  # type: ignore[attr-defined]  # which these have
        named = {*rules.may_change, *rules.may_empty, *([rules.goes_after[0]] if rules.goes_after else [])}
        assert named <= {each.name for each in model._meta.concrete_fields}, model
