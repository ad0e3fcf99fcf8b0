"""What leaves an entry in the audit: once each, by whom and about what, and nothing of a person in it."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ActionCount, AuditEntry, Notice, User
from accounts.operations import audit, revealing, roles, sign_in_counts, sign_in_stops
from accounts.operations.audit import Deed
from brokerage.roles import VIEWER
from funding.models import ACHRelationship
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def told() -> list[tuple[str, str, str, dict[str, Any]]]:
    entries = AuditEntry.objects.order_by("number")
    return [(each.deed, each.actor, each.about, each.facts) for each in entries]


def test_a_deed_at_the_desk_is_kept_before_it_is_done(bank: ACHRelationship) -> None:
    desk = AtTheDesk(person())
    account = bank.brokerage_account

    desk.press(page(account.application, "note"), text="She called.")

    entry, then = told()
    assert entry == (Deed.DESK_DEED, f"ops {desk.user.pk}", f"application {account.application_id}", {"name": "note"})
    assert then[0] == Deed.DESK_OPENED  # the page that shows what was done


def test_a_form_that_lacks_its_reason_leaves_no_more_than_the_look(bank: ACHRelationship) -> None:
    AtTheDesk(person()).press(page(bank.brokerage_account.application, "note"), text="")

    assert [deed for deed, *_ in told()] == [Deed.DESK_OPENED]


def test_an_action_on_a_list_names_its_rows(bank: ACHRelationship) -> None:
    desk = AtTheDesk(person())
    transfer = make.transfer(bank)

    desk.press("/admin/funding/transfer/", action="look_up", _selected_action=[str(transfer.pk)])

    entry, then = told()
    assert entry[0] == Deed.DESK_ACTION
    assert entry[3] == {"name": "look_up", "of": "transfer", "rows": [str(transfer.pk)], "chosen": 1}
    assert then[0] == Deed.DESK_LISTED  # the list that shows what came of it


@pytest.mark.parametrize("button", [0, 1])
def test_of_two_buttons_the_one_that_was_pushed_counts_and_is_told(bank: ACHRelationship, button: int) -> None:
    """A list has its actions above and below, and a browser sends both choices."""
    notice = make.notice(bank.brokerage_account.user, given_up_at=timezone.now())
    choices = ["", ""]
    choices[button] = "try_again"

    AtTheDesk(person()).press(
        "/admin/accounts/notice/", action=choices, index=button, _selected_action=[str(notice.pk)]
    )

    notice.refresh_from_db()
    assert notice.given_up_at is None
    assert told()[0][3] == {"name": "try_again", "of": "notice", "rows": [str(notice.pk)], "chosen": 1}


@pytest.mark.parametrize("button", ["1", "-1", "x", "9" * 5000])
def test_a_button_that_a_list_does_not_have_does_nothing(bank: ACHRelationship, button: str) -> None:
    notice = make.notice(bank.brokerage_account.user, given_up_at=timezone.now())

    said = AtTheDesk(person()).press(
        "/admin/accounts/notice/", action="try_again", index=button, _selected_action=[str(notice.pk)]
    )

    assert "Nothing was done" in said
    assert Deed.DESK_ACTION not in [deed for deed, *_ in told()]


def test_an_action_on_all_rows_of_a_list_is_told_of_all_of_them(bank: ACHRelationship) -> None:
    notices = [make.notice(bank.brokerage_account.user, key=key, given_up_at=timezone.now()) for key in "abc"]
    chosen: dict[str, Any] = {"action": "try_again", "select_across": "1", "_selected_action": [str(notices[0].pk)]}

    AtTheDesk(person()).press("/admin/accounts/notice/", **chosen)

    facts = told()[0][3]
    assert (sorted(facts["rows"]), facts["chosen"]) == (sorted(str(each.pk) for each in notices), 3)
    assert not Notice.objects.given_up().exists()


def test_a_look_is_kept_with_its_field_and_not_its_value() -> None:
    application, clerk = make.application(make.user()), person()

    revealing.reveal(application=application, field="phone", because="Ada called", person=clerk, ip_address="192.0.2.7")

    assert told() == [(Deed.FIELD_REVEALED, f"ops {clerk.pk}", f"user {application.user_id}", {"field": "phone"})]


def test_a_role_is_kept_with_the_one_before() -> None:
    Group.objects.get_or_create(name=VIEWER)
    new, chief = make.user("new@example.com"), person("chief@example.com")

    roles.give(to=new, role=VIEWER, because="hired", person=chief)

    facts = {"before": "", "after": "viewer"}
    assert told() == [(Deed.ROLE_GIVEN, f"ops {chief.pk}", f"user {new.pk}", facts)]


def test_a_stop_and_its_end_are_kept() -> None:
    ada, clerk = make.user(), person()

    sign_in_stops.stop(about=ada, because="lost her phone", person=clerk)
    sign_in_stops.allow(about=ada, because="found it", person=clerk)

    who: Any = (f"ops {clerk.pk}", f"user {ada.pk}", {})
    assert told() == [(Deed.SIGN_IN_STOPPED, *who), (Deed.SIGN_IN_ALLOWED, *who)]


def test_who_signs_in_and_out_is_kept(client: Client) -> None:
    ada = make.user()

    client.post("/sign-in/", {"username": "ada@example.com", "password": make.PASSWORD})
    client.post("/sign-out/")

    who = (f"customer {ada.pk}", f"user {ada.pk}")
    assert told() == [(Deed.SIGNED_IN, *who, {"by": "ModelBackend"}), (Deed.SIGNED_OUT, *who, {})]


def test_sign_ins_that_fail_are_counted_and_nobody_is_named(client: Client) -> None:
    make.user()
    for _ in range(3):
        client.post("/sign-in/", {"username": "ada@example.com", "password": "guessed"})
    client.post("/sign-in/", {"username": "ada@example.com", "password": ""})
    assert told() == []
    hour = ActionCount.objects.get(key=sign_in_counts.KEY).begins_at

    assert sign_in_counts.tell_of_past_hours(by="worker 1") == 0
    later = hour + timedelta(hours=1, minutes=1)
    assert sign_in_counts.tell_of_past_hours(by="worker 1", now=later) == 1
    assert sign_in_counts.tell_of_past_hours(by="worker 1", now=later) == 0

    facts = {"hour": f"{hour.astimezone(UTC):%Y-%m-%dT%H:00Z}", "count": 3}
    assert told() == [(Deed.SIGN_INS_FAILED, "worker 1", "", facts)]


def test_commands_that_change_things_are_kept_and_dry_runs_are_not() -> None:
    call_command("purge", dry_run=True)
    call_command("rotate_keys", dry_run=True)
    assert told() == []

    call_command("purge", what=["drafts"])
    call_command("rotate_keys")

    assert [(entry[0], entry[1]) for entry in told()] == [
        (Deed.COMMAND_RUN, "command purge"),
        (Deed.COMMAND_RUN, "command rotate_keys"),
    ]


def test_what_a_superuser_changes_of_who_may_sign_in_is_kept() -> None:
    chief = AtTheDesk(person("chief@example.com"))
    clerk = make.user("clerk@example.com")

    fields: dict[str, Any] = {"email": "clerk@example.com", "is_active": "on", "is_staff": "on"}
    chief.press(f"/admin/accounts/user/{clerk.pk}/change/", **fields)

    entry, then = told()
    assert entry[:3] == (Deed.PERSON_EDITED, f"ops {chief.user.pk}", f"user {clerk.pk}")
    assert entry[3] == {"fields": ["is_staff"]}
    assert then[0] == Deed.DESK_LISTED


# --- Its desk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def some() -> list[AuditEntry]:
    ada = make.user()
    return [
        audit.record(Deed.SIGNED_IN, actor=f"customer {ada.pk}", about=f"user {ada.pk}"),
        audit.record(Deed.ROLE_GIVEN, actor="ops 90ae", about=f"user {ada.pk}", before="", after="viewer"),
        audit.command("purge"),
        audit.record(Deed.ANCHORED, actor="worker a-1", day="2026-03-02"),
    ]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("", [4, 3, 2, 1]),
        ("?deed=role.given", [2]),
        ("?actor=ops", [2]),
        ("?actor=customer", [1]),
        ("?actor=process", [4, 3]),
        ("?q=3", [3]),
    ],
)
def test_its_list_is_asked_by_deed_and_actor(some: list[AuditEntry], asked: str, numbers: list[int]) -> None:
    desk = AtTheDesk(person("auditor@example.com", "view_auditentry"))

    shown = desk.client.get(f"/admin/accounts/auditentry/{asked}").context["cl"].result_list

    assert [entry.number for entry in shown] == numbers


def test_a_person_is_found_by_their_id(some: list[AuditEntry]) -> None:
    desk = AtTheDesk(person("auditor@example.com", "view_auditentry"))
    ada = User.objects.get(email="ada@example.com")

    shown = desk.client.get(f"/admin/accounts/auditentry/?q={ada.pk}").context["cl"].result_list

    assert [entry.number for entry in shown] == [2, 1]


def test_an_entry_has_a_page_and_nothing_to_press(some: list[AuditEntry]) -> None:
    desk = AtTheDesk(person())

    text = desk.read("/admin/accounts/auditentry/2/change/")

    assert "A role was given or taken" in text
    assert "Save" not in text
    assert "Delete" not in text


def test_an_entry_of_many_rows_is_folded_and_whole_in_the_file() -> None:
    desk, rows = AtTheDesk(person()), [f"row-{number}" for number in range(50)]
    audit.record(Deed.DESK_LISTED, actor="ops 90ae", about="list 6f1c", of="transfer", rows=rows, page=1)

    shown = desk.client.get("/admin/accounts/auditentry/").content.decode()
    answer: Any = desk.client.get("/admin/accounts/auditentry/csv/")
    file = b"".join(answer.streaming_content).decode()

    assert "<summary>50 of transfer</summary>" in shown
    assert "row-49" in shown
    assert "row-49" in file
    assert "details" not in file


def test_an_entry_of_a_download_is_folded_as_well() -> None:
    ids = [f"row-{number}" for number in range(50)]
    audit.record(Deed.DESK_DOWNLOADED, actor="ops 90ae", of="transfer", filters=[], rows=50, ids=ids)

    shown = AtTheDesk(person()).client.get("/admin/accounts/auditentry/").content.decode()

    assert "<summary>50 of transfer</summary>" in shown


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 403), ("compliance", 200), ("admin", 200)])
def test_compliance_and_admins_read_it(role: str, status: int) -> None:
    someone = make.user("someone@example.com", is_staff=True)
    someone.groups.add(Group.objects.get(name=role))

    AtTheDesk(someone).read("/admin/accounts/auditentry/", status=status)
