"""Whatever is done to the chain behind our back is found, at the entry where it was done."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.audit_chain import BEFORE_THE_FIRST, digest
from accounts.models import AuditEntry, AuditHead, DeskNote
from accounts.operations import anchoring, audit, audit_checking
from accounts.operations.audit import Deed
from accounts.operations.audit_checking import Check
from brokerage.append_only import lifted, take_off
from funding.operations import duties
from tests.harness.unguarded import remove, rewrite

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.AUDIT_ANCHOR_DIR = str(tmp_path / "anchors")
    return tmp_path / "anchors"


@pytest.fixture
def chain() -> None:
    """Write ten entries, a minute apart."""
    with time_machine.travel(T0, tick=False) as clock:
        for number in range(1, 11):
            audit.record(Deed.ROLE_GIVEN, actor="ops 1", about=f"user {number}", before="", after="viewer")
            clock.shift(timedelta(minutes=1))


def found(since: int = 1) -> list[tuple[int, str]]:
    """Return what is wrong, and at which entry, by the first word."""
    return [(fault.number, fault.what.split(":")[0]) for fault in Check(since=since).faults()]


def entry(number: int) -> Any:
    return AuditEntry.objects.filter(number=number)


def sealed_anew(number: int, **changes: Any) -> None:
    """Change an entry and give it the hash that it then must have, as somebody who knows the code would."""
    link = replace(entry(number).get().link, **changes)
    rewrite(entry(number), **changes, hash=digest(link))


def test_a_chain_as_it_was_written_is_clean(chain: None) -> None:
    check = Check()

    assert list(check.faults()) == []
    assert check.read == 10


def test_an_empty_one_is_clean() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("at", T0, "hash"),
        ("deed", "field.revealed", "hash"),
        ("actor", "ops 2", "hash"),
        ("about", "user 7", "hash"),
        ("facts", {"before": "", "after": "admin"}, "hash"),
        ("facts", {}, "hash"),
        ("previous", "e" * 64, "link"),
        ("hash", "e" * 64, "hash"),
        ("number", 50, "gap"),
    ],
)
def test_each_column_that_is_changed_is_found(chain: None, column: str, value: object, what: str) -> None:
    rewrite(entry(5), **{column: value})

    assert found() == [(6 if column == "number" else 5, what)]


def test_one_that_was_sealed_anew_is_found_at_the_next(chain: None) -> None:
    sealed_anew(5, facts={"before": "", "after": "admin"})

    assert found() == [(6, "link")]


def test_one_that_is_gone_is_found(chain: None) -> None:
    remove(entry(5))

    assert found() == [(6, "gap")]


def test_a_beginning_that_is_gone_is_found(chain: None) -> None:
    remove(AuditEntry.objects.filter(number__lte=3))

    assert found() == [(4, "gap")]


def test_an_end_that_is_gone_is_missed_by_the_head(chain: None) -> None:
    remove(AuditEntry.objects.filter(number__gt=7))

    assert found() == [(8, "end")]


def test_an_end_that_is_gone_with_its_head_is_missed_by_the_anchor(chain: None, folder: Path) -> None:
    anchoring.anchor(by="worker 1", now=T0)
    assert found() == []
    last = entry(7).get()

    remove(AuditEntry.objects.filter(number__gt=7))
    AuditHead.objects.update(number=last.number, hash=last.hash)

    assert found() == [(8, "end")]


def test_one_that_was_put_in_is_found(chain: None) -> None:
    forged = replace(entry(5).get().link, facts={"before": "", "after": "admin"})
    with lifted(AuditEntry):
        for number in range(10, 4, -1):
            entry(number).update(number=number + 1)
        forged = replace(forged, hash=digest(forged))
        columns = {name: getattr(forged, name) for name in audit_checking.COLUMNS}
        AuditEntry.objects.create(**columns)

    assert found() == [(6, "link")]


def test_two_that_were_swapped_are_found(chain: None) -> None:
    with lifted(AuditEntry):
        entry(5).update(number=99)
        entry(6).update(number=5)
        entry(99).update(number=6)

    assert found() == [(5, "link")]


def test_a_clock_that_went_back_is_told(chain: None) -> None:
    link = replace(entry(10).get().link, at=T0 - timedelta(hours=1))
    rewrite(entry(10), at=link.at, hash=digest(link))
    AuditHead.objects.update(hash=digest(link))

    assert found() == [(10, "time")]


def test_a_chain_written_all_anew_is_told_by_its_anchor(chain: None, folder: Path) -> None:
    anchoring.anchor(by="worker 1", now=T0)

    before = BEFORE_THE_FIRST
    for number in range(1, 12):
        sealed_anew(number, previous=before, **({"actor": "ops 2"} if number == 3 else {}))
        before = entry(number).get().hash
    AuditHead.objects.update(hash=before)

    assert found() == [(10, "anchor")]


def test_an_anchor_that_is_lost_is_missed(chain: None, folder: Path) -> None:
    anchoring.anchor(by="worker 1", now=T0)
    (path,) = anchoring.paths(folder)

    path.unlink()

    assert found() == [(11, "anchor")]


def test_an_anchor_that_was_changed_is_found(chain: None, folder: Path) -> None:
    anchoring.anchor(by="worker 1", now=T0)
    (path,) = anchoring.paths(folder)
    path.chmod(0o600)

    path.write_text(f"2026-03-02 7 {entry(7).get().hash}\n")
    assert found() == [(11, "anchor")]

    path.write_text("2026-03-02 seven\n")
    assert found() == [(0, "anchor"), (11, "anchor")]


def test_reading_may_begin_anywhere(chain: None) -> None:
    rewrite(entry(3), actor="ops 2")

    assert found(since=1) == [(3, "hash")]
    assert found(since=4) == []
    assert found(since=11) == []
    assert found(since=30) == [(29, "gap")]


def test_a_guard_that_is_off_is_told(chain: None) -> None:
    put_back = take_off(DeskNote)

    assert found() == [(0, "guard")] * 2
    put_back()


def test_a_long_chain_is_read_piece_by_piece(chain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_checking, "BATCH", 3)
    check = Check()

    assert list(check.faults()) == []
    assert check.read == 10


def test_what_is_appended_meanwhile_is_read_too(chain: None) -> None:
    check = Check()
    faults = check._entries(after=0)
    assert [next(faults).number for _ in range(10)] == list(range(1, 11))

    audit.command("meanwhile")

    assert [link.number for link in faults] == [11]


# --- Anchors ----------------------------------------------------------------------------------------------------------


def test_a_day_is_anchored_once_and_never_written_over(chain: None, folder: Path) -> None:
    first = anchoring.anchor(by="worker 1", now=T0)
    audit.command("later")

    assert anchoring.anchor(by="worker 2", now=T0 + timedelta(hours=3)) == first
    assert (first.number, AuditEntry.objects.filter(deed=Deed.ANCHORED).count()) == (10, 1)
    (path,) = anchoring.paths(folder)
    assert path.read_text() == f"2026-03-02 10 {entry(10).get().hash}\n"
    assert path.stat().st_mode & 0o777 == 0o444
    assert [each.name for each in folder.iterdir()] == ["audit-2026-03-02.txt"]


def test_the_next_day_has_its_own(chain: None, folder: Path) -> None:
    anchoring.anchor(by="worker 1", now=T0)
    second = anchoring.anchor(by="worker 1", now=T0 + timedelta(days=1))

    assert (second.number, len(anchoring.paths(folder))) == (11, 2)
    assert found() == []


def test_one_killed_before_its_entry_goes_on_with_it(chain: None, folder: Path) -> None:
    made = anchoring.next_anchor(now=T0)
    folder.mkdir()
    anchoring.path_of(made.day, folder).write_text(made.line)

    assert anchoring.anchor(by="worker 1", now=T0) == made
    assert found() == []


def test_the_worker_keeps_no_anchor_where_there_is_no_folder_or_no_entry(settings: Settings, folder: Path) -> None:
    assert duties.anchor("worker 1") == 0
    audit.command("one")
    assert duties.anchor("worker 1") == 1
    settings.AUDIT_ANCHOR_DIR = ""
    assert duties.anchor("worker 1") == 0


# --- The commands -----------------------------------------------------------------------------------------------------


def run(name: str, *words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(name, *words, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_how_much_it_read(chain: None, folder: Path) -> None:
    run("anchor_audit")

    assert run("verify_audit") == (0, "11 entries read, 1 anchors, 0 broken\n")


def test_the_command_names_the_entry(chain: None) -> None:
    rewrite(entry(5), actor="ops 2")

    code, said = run("verify_audit")
    assert code == 1
    assert said.startswith("entry 5: hash: what stands here is not what was written [BROKEN]\n")
    code, said = run("verify_audit", "--json")
    assert [json.loads(line) for line in said.splitlines()][1:] == [{"read": 5, "anchors": 0, "broken": 1}]
    assert run("verify_audit", "--from", "6")[0] == 0


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5"])
def test_no_number_is_wrong_usage(text: str) -> None:
    with pytest.raises(CommandError):
        run("verify_audit", f"--from={text}")


def test_the_anchor_is_told_and_a_dry_run_writes_none(chain: None, folder: Path) -> None:
    assert "entry 10" in run("anchor_audit", "--dry-run")[1]
    assert not folder.exists()

    told = json.loads(run("anchor_audit", "--json")[1])

    assert (told["number"], Path(told["file"]).parent) == (10, folder)


def test_without_a_folder_the_command_says_so(chain: None) -> None:
    with pytest.raises(CommandError, match="AUDIT_ANCHOR_DIR") as why:
        run("anchor_audit")

    assert why.value.returncode == 2


def test_a_file_that_is_no_anchor_stops_the_command(chain: None, folder: Path) -> None:
    folder.mkdir()
    with time_machine.travel(T0, tick=False):
        anchoring.path_of(T0.date(), folder).write_text("something else")
        with pytest.raises(CommandError, match="not as it was written"):
            run("anchor_audit")
