"""Purging from a shell: what it says, what it leaves, and its exit codes."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import LegalHold, Notice, PurgeRecord, User
from funding.models import Closing
from funding.operations.closing_retention import RULES
from tests import make

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[int, list[str]]:
    """Run the command as a shell does; return its exit code and its lines."""
    out = StringIO()
    try:
        call_command("purge", *words, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def old(to: User | None = None, **more: Any) -> Notice:
    values: dict[str, Any] = {"created_at": timezone.now() - timedelta(days=366 * 3 + 1)} | more
    return make.notice(to or make.user(), "Long ago", "These words.", **values)


def words_of(notice: Notice) -> tuple[str, str]:
    notice.refresh_from_db()
    return notice.title, notice.body


def test_nothing_due_is_clean() -> None:
    make.notice(make.user())

    assert run() == (0, ["0 found, 0 mended, 0 left"])


def test_what_is_due_is_purged_and_told_without_a_word_of_it() -> None:
    notice = old()

    code, lines = run()

    assert (code, lines[-1]) == (0, "1 found, 1 mended, 0 left")
    assert lines[0].startswith("notices: 1 over before ")
    assert "Long ago" not in " ".join(lines)
    assert words_of(notice) == ("No longer kept", "")
    assert (PurgeRecord.objects.get().count, PurgeRecord.objects.get().by) == (1, "purge (command)")
    assert run()[1] == ["0 found, 0 mended, 0 left"]


def test_a_dry_run_counts_and_writes_nothing() -> None:
    notice = old()
    left = make.application(make.user("left@example.com"), saved_at=timezone.now() - timedelta(days=200))
    type(left).objects.update(status_at=timezone.now() - timedelta(days=200))

    code, lines = run("--dry-run")

    assert (code, lines[0].endswith("[would be mended]")) == (1, True)
    assert words_of(notice) == ("Long ago", "These words.")
    assert not PurgeRecord.objects.exists()
    assert Notice.objects.count() == 1  # nobody was warned either


def test_it_warns_whose_answers_are_next() -> None:
    long_ago = timezone.now() - timedelta(days=200)
    left = make.application(make.user(), saved_at=long_ago, status_at=long_ago)

    assert run() == (0, ["0 found, 0 mended, 0 left"])

    assert left.user.notices.get().title.startswith("Your application is kept until")


def test_one_rule_alone_can_be_asked_for() -> None:
    notice = old()

    assert run("--what", "sessions", "--what", "closed")[1] == ["0 found, 0 mended, 0 left"]
    assert words_of(notice) == ("Long ago", "These words.")
    assert run("--what", "notices")[1][-1] == "1 found, 1 mended, 0 left"


def test_a_legal_hold_is_neither_purged_nor_left_to_do() -> None:
    notice = old()
    LegalHold.objects.create(person=notice.user, because="a suit", placed_by=notice.user)

    assert run() == (0, ["0 found, 0 mended, 0 left"])

    assert words_of(notice) == ("Long ago", "These words.")


def test_every_line_for_machines_is_json() -> None:
    old()

    found, summary = (json.loads(line) for line in run("--json")[1])

    assert (found["subject"], found["mended"]) == ("notices", True)
    assert summary == {"findings": 1, "mended": 1, "left": 0}


@pytest.mark.parametrize("wrong", [["--loudly"], ["--what", "transfers"]])
def test_wrong_usage_is_refused(wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("purge", *wrong)


def test_no_rule_purges_money() -> None:
    models = {rule.rows(timezone.now()).model for rule in RULES}

    assert {model._meta.app_label for model in models} == {"accounts", "funding"}
    assert [model for model in models if model._meta.app_label == "funding"] == [Closing]
