"""One entry after the other: in the caller's transaction, without a gap, with nothing in it of a person."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.audit_chain import BEFORE_THE_FIRST, what_is_wrong
from accounts.models import AuditEntry, AuditHead
from accounts.operations import audit
from accounts.operations.audit import Deed
from tests import make

pytestmark = pytest.mark.django_db


def whole_chain() -> list[AuditEntry]:
    """Return all entries, having checked that each follows the one before."""
    entries, before = list(AuditEntry.objects.order_by("number")), None
    for entry in entries:
        assert what_is_wrong(entry.link, before=before) == ""
        before = entry.link
    return entries


def test_entries_follow_each_other() -> None:
    audit.record(Deed.COMMAND_RUN, actor="command purge", name="purge")
    person = make.user()
    audit.record(Deed.ROLE_GIVEN, actor=audit.name_of(person), about=audit.subject(person), before="", after="viewer")

    first, second = whole_chain()

    assert (first.number, first.previous) == (1, BEFORE_THE_FIRST)
    assert (second.number, second.previous, second.facts) == (2, first.hash, {"before": "", "after": "viewer"})
    assert (second.actor, second.about) == (f"customer {person.pk}", f"user {person.pk}")
    assert (AuditHead.objects.get().number, AuditHead.objects.get().hash) == (2, second.hash)


def test_what_is_rolled_back_leaves_no_gap() -> None:
    audit.command("first")
    with transaction.atomic():
        audit.command("undone")
        transaction.set_rollback(True)
    audit.command("second")

    assert [entry.facts["name"] for entry in whole_chain()] == ["first", "second"]


@pytest.mark.parametrize(
    "told",
    [
        {"actor": "ada@example.com"},
        {"actor": ""},
        {"about": "ada@example.com"},
        {"email": "ada@example.com"},
        {"because": "she asked for it"},
        {"amount": 1.5},
        {"names": ["Ada Okafor"]},
        {"token": "access-" + "x" * 80},
        {"nested": {"a": "b"}},
    ],
)
def test_nothing_of_a_person_gets_in(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="id"):
        audit.record(Deed.COMMAND_RUN, **({"actor": "worker"} | told))

    assert not AuditEntry.objects.exists()


def test_a_word_of_no_list_is_no_deed() -> None:
    with pytest.raises(ValueError, match="levitated"):
        audit.record("levitated", actor="worker")  # type: ignore[arg-type]  # as a slip would


def test_a_head_that_is_lost_is_found_again_at_the_end() -> None:
    audit.command("one")
    AuditHead.objects.all().delete()

    audit.command("two")

    assert len(whole_chain()) == 2


def test_an_entry_costs_the_same_however_long_the_chain(django_assert_max_num_queries: Callable[..., Any]) -> None:
    audit.command("one")

    settling = 2 if connection.vendor == "postgresql" else 0
    with django_assert_max_num_queries(5 + settling):  # a savepoint and its release, the lock, the entry, the head
        audit.command("two")


def append_at_once(threads: int, each: int) -> list[BaseException]:
    came: list[BaseException] = []
    start = threading.Barrier(threads)

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(each):
                with transaction.atomic():
                    audit.command("race", writer=number, turn=turn)
        except BaseException as fault:
            came.append(fault)
        finally:
            connections.close_all()

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return came


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain() -> None:
    threads, each = (20, 10) if connection.vendor == "postgresql" else (5, 4)

    assert append_at_once(threads, each) == []

    entries = whole_chain()
    assert [entry.number for entry in entries] == list(range(1, threads * each + 1))
    assert len({(entry.facts["writer"], entry.facts["turn"]) for entry in entries}) == threads * each
