"""Four roles, laid down by a migration: each deed is for those whom the table names, and no page offers more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from accounts import states as account_states
from accounts.models import Application, AuditEntry, Notice, RoleChange, StreamEvent, User
from accounts.models.streams import PARKED
from accounts.operations import roles
from brokerage.deeds import Acting, Deed
from brokerage.desk import OWN, ReadOnly
from brokerage.roles import ADMIN, COMPLIANCE, OPERATOR, ROLES, VIEWER, granting, taking_back
from funding import states
from funding.models import ACHRelationship, Brake, Break, Case, Freeze, PlaidWebhook
from tests import make
from tests.funding.admin.ops import AtTheDesk, of_role, page
from tests.funding.cash import cash
from tests.funding.standing import in_doubt
from tests.harness.roles_laid_down import LAID_DOWN, lay_roles_down

BOTH, ALL = {OPERATOR, COMPLIANCE, ADMIN}, set(ROLES)
# Who may use a deed, by what it asks for: the table of docs/operations.md.
TABLE: dict[str, set[str]] = {
    "funding.change_transfer": {OPERATOR, ADMIN},
    "funding.change_achrelationship": {OPERATOR, ADMIN},
    "funding.change_plaidwebhook": {OPERATOR, ADMIN},
    "funding.change_break": BOTH,
    "accounts.change_streamevent": {OPERATOR, ADMIN},
    "accounts.change_brokerageaccount": BOTH,
    "accounts.add_desknote": BOTH,
    "accounts.add_assignment": BOTH,
    "accounts.change_application": {COMPLIANCE, ADMIN},
    "accounts.change_brokerdocument": {COMPLIANCE, ADMIN},
    "accounts.reveal_field": {COMPLIANCE, ADMIN},
    "accounts.stop_sign_in": {COMPLIANCE, ADMIN},
    "accounts.add_legalhold": {COMPLIANCE, ADMIN},
    "accounts.change_legalhold": {COMPLIANCE, ADMIN},
    "funding.add_freeze": {COMPLIANCE, ADMIN},
    "funding.change_freeze": {COMPLIANCE, ADMIN},
    "funding.change_case": {COMPLIANCE, ADMIN},
    "funding.change_brake": {COMPLIANCE, ADMIN},
    "funding.add_limitoverride": {COMPLIANCE, ADMIN},
    "accounts.assign_role": {ADMIN},
}
DEEDS: list[tuple[Acting, Deed]] = [
    (desk, deed) for desk in admin.site._registry.values() if isinstance(desk, Acting) for deed in desk.deeds
]


@pytest.fixture(autouse=True)
def laid_down(db: None) -> None:
    """Lay the roles down once more: a test that empties the database takes them along."""
    lay_roles_down()


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def one_of_each(bank: ACHRelationship) -> dict[type[Any], Any]:
    """Return a row of each kind that something may be done to, each as it waits for a person."""
    account = bank.brokerage_account
    transfer = in_doubt(bank, states.HELD)
    case = Case.objects.create(transfer=transfer, brokerage_account=account, kind=Case.Kind.DEBT, because="owes")
    freeze = Freeze.objects.create(brokerage_account=account, because="R10", frozen_by="broker", case=case)
    webhook = PlaidWebhook.objects.create(item=bank.login, body_hash="x", signed_hash="y", status="PARKED", due_at=None)
    applied = make.application(make.user("b@example.com"), status=account_states.READY, tax_id="444554322")
    brake = Brake.objects.create(rate="all", returned=16, debits=100)
    broken = Break.objects.create(kind=Break.CASH, subject="cash", brokerage_account=account)
    event = StreamEvent.objects.create(
        stream="accounts/status", event_id="01J", state=PARKED, account_id=account.alpaca_id
    )
    document, row = make.document(account), cash(bank, "250.00")
    rows = (transfer, bank, bank.login, case, freeze, webhook, applied, brake, account, broken, event, document, row)
    return {type(row): row for row in rows} | {User: make.user("colleague@ops.example")}


# --- The table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_each_deed_is_for_the_roles_of_the_table(bank: ACHRelationship, role: str) -> None:
    rows, desk = one_of_each(bank), of_role(role)

    answered = {
        (type(where).__name__, deed.name): desk.client.get(_address(where, deed, rows)).status_code
        for where, deed in DEEDS
    }

    expected = {
        (type(where).__name__, deed.name): 200 if role in TABLE[deed.permission] else 403 for where, deed in DEEDS
    }
    assert answered == expected
    assert len(answered) == len(DEEDS) > 40


def _address(where: Acting, deed: Deed, rows: dict[type[Any], Any]) -> str:
    row = rows[deed.rows().model]
    return page(row, deed.name, of=f"{where.opts.model_name}" if where.model is not type(row) else "").replace(
        f"/{row._meta.app_label}/", f"/{where.opts.app_label}/"
    )


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_done_by_who_may_not(bank: ACHRelationship, role: str) -> None:
    rows, desk = one_of_each(bank), of_role(role)
    others = [(where, deed) for where, deed in DEEDS if role not in TABLE[deed.permission]]

    for where, deed in others:
        assert desk.client.post(_address(where, deed, rows), {"because": "x"}).status_code == 403, deed.name


@pytest.mark.parametrize("role", ROLES)
def test_a_page_offers_only_what_the_role_may_do(bank: ACHRelationship, role: str) -> None:
    rows, desk = one_of_each(bank), of_role(role)
    may_not = [_address(where, deed, rows) for where, deed in DEEDS if role not in TABLE[deed.permission]]
    may = [_address(where, deed, rows) for where, deed in DEEDS if role in TABLE[deed.permission]]

    shown = "".join(desk.client.get(page(row)).content.decode() for row in rows.values())

    assert not [url for url in may_not if url in shown]
    assert role == VIEWER or len([url for url in may if url in shown]) > 5


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_every_list_and_page_of_the_desk(bank: ACHRelationship, role: str) -> None:
    rows, desk = one_of_each(bank), of_role(role)
    lists = [model for model in admin.site._registry if model not in (Group, AuditEntry)]

    for model in lists:
        desk.read(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
    for row in rows.values():
        desk.read(page(row))
    assert desk.client.get("/admin/auth/group/").status_code == (200 if role == ADMIN else 403)
    audit = desk.client.get("/admin/accounts/auditentry/")
    assert audit.status_code == (200 if role in (COMPLIANCE, ADMIN) else 403)


@pytest.mark.parametrize("role", ROLES)
def test_lists_offer_actions_to_who_may_act(bank: ACHRelationship, role: str) -> None:
    make.transfer(bank)

    shown = of_role(role).read("/admin/funding/transfer/")

    assert ("Read from the broker again" in shown) == (role in TABLE["funding.change_transfer"])


@pytest.mark.parametrize("who", [ADMIN, "superuser"])
def test_roles_come_with_the_code_and_are_changed_by_nobody(who: str) -> None:
    root = make.user("root@ops.example", is_staff=True, is_superuser=True)
    desk, group = of_role(ADMIN) if who == ADMIN else AtTheDesk(root), Group.objects.get(name=VIEWER)
    before = set(group.permissions.all())
    fields = {"name": "viewer", "permissions": [str(each.pk) for each in Permission.objects.all()[:9]]}

    assert "Roles come with the code" in desk.read("/admin/auth/group/")
    assert "funding.view_transfer" in desk.read(page(group))
    for url in ("/admin/auth/group/add/", page(group), page(group, "delete")):
        desk.press(url, status=403, post="yes", **fields)

    assert set(Group.objects.get(name=VIEWER).permissions.all()) == before
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_no_role_may_change_groups() -> None:
    may = Permission.objects.filter(group__name__in=list(ROLES), content_type__app_label="auth")

    assert set(may.values_list("codename", flat=True)) == {"view_group"}


def test_a_superuser_puts_somebody_into_a_role_by_the_deed_alone() -> None:
    desk = AtTheDesk(make.user("root@ops.example", is_staff=True, is_superuser=True))
    colleague = of_role(VIEWER).user
    group = Group.objects.get(name=ADMIN)

    desk.press(page(colleague), email=colleague.email, is_active="on", is_staff="on", groups=str(group.pk))
    assert roles.role_of(colleague) == VIEWER
    desk.press(page(colleague, "role"), role=ADMIN, **WHY)

    assert roles.role_of(colleague) == ADMIN
    assert RoleChange.objects.get().because == WHY["because"]


def test_no_role_is_a_superuser_or_changes_flags(bank: ACHRelationship) -> None:
    desk, colleague = of_role(ADMIN), make.user("colleague@ops.example")

    desk.press(page(colleague), status=403, email="colleague@ops.example", is_superuser="on", is_staff="on")
    desk.press(page(desk.user), status=403, email=desk.user.email, is_superuser="on", is_staff="on")

    assert not User.objects.filter(is_superuser=True).exists()


# --- Nothing of one's own ---------------------------------------------------------------------------------------------

FOR_ALL = {Brake}  # of nobody: it stops everybody's deposits


@pytest.mark.parametrize(
    ("where", "deed"), [pytest.param(*each, id=f"{each[0].opts.model_name}-{each[1].name}") for each in DEEDS]
)
def test_nobody_does_anything_to_what_is_their_own(bank: ACHRelationship, where: Acting, deed: Deed) -> None:
    rows = one_of_each(bank)
    row = rows[deed.rows().model]
    url = _address(where, deed, rows)
    if type(row) in FOR_ALL:
        assert where.whose(row) is None
        return
    User.objects.update(is_staff=True, is_superuser=True)
    theirs = AtTheDesk(User.objects.get(pk=_person_of(row, bank).pk))

    told = theirs.press(url, status=409, because="x", role=OPERATOR, field="phone", text="x", to=theirs.user.pk)

    assert OWN in told
    assert OWN in theirs.read(url)
    assert url not in theirs.client.get(page(row)).content.decode()
    assert OWN not in AtTheDesk(make.user("other@ops.example", is_staff=True, is_superuser=True)).read(url)


def _person_of(row: Any, bank: ACHRelationship) -> User:
    if isinstance(row, User):
        return row
    person: User = row.user if isinstance(row, Application) else bank.brokerage_account.user
    return person


@pytest.mark.parametrize("word", ["application", "brokerage account", "item", "relationship"])
def test_a_break_is_of_whom_its_subject_names(bank: ACHRelationship, word: str) -> None:
    named = {
        "application": bank.brokerage_account.application,
        "brokerage account": bank.brokerage_account,
        "item": bank.login,
        "relationship": bank,
    }[word]
    broken = Break.objects.create(kind="PERSON", subject=f"{word} {named.pk}")
    User.objects.update(is_staff=True, is_superuser=True)

    told = AtTheDesk(bank.brokerage_account.user).press(page(broken, "dismiss"), status=409, **WHY)

    assert OWN in told


@pytest.mark.parametrize("chosen", ["theirs", "all"])
def test_an_action_on_a_list_passes_over_what_is_ones_own(bank: ACHRelationship, chosen: str) -> None:
    other = make.relationship(make.account(make.user("grace@example.com")))
    for each in (bank, other):
        make.notice(each.brokerage_account.user, given_up_at=timezone.now())
    User.objects.update(is_staff=True, is_superuser=True)
    desk, mine = AtTheDesk(bank.brokerage_account.user), Notice.objects.get(user=bank.brokerage_account.user)
    rows = [mine] if chosen == "theirs" else list(Notice.objects.all())

    told = desk.press(
        "/admin/accounts/notice/", action="try_again", index=0, _selected_action=[str(row.pk) for row in rows]
    )

    assert OWN in told
    mine.refresh_from_db()
    assert mine.given_up_at
    assert Notice.objects.filter(given_up_at=None).count() == len(rows) - 1


def test_every_list_with_an_action_is_of_rows_that_say_whose_they_are() -> None:
    listed = [desk for desk in admin.site._registry.values() if desk.actions]

    assert len(listed) > 2
    assert all(isinstance(desk, ReadOnly) and desk.model._meta.get_field("user") for desk in listed)


# --- Laid down, and taken back ----------------------------------------------------------------------------------------


def test_permissions_that_are_not_there_yet_are_made() -> None:
    """As in an empty database: Django makes permissions after all migrations have run."""
    Permission.objects.all().delete()

    granting({"viewer": ["funding.view_*", "accounts.reveal_field"]})(apps, connection.schema_editor())

    viewer = Group.objects.get(name="viewer")
    granted = set(viewer.permissions.values_list("codename", flat=True))
    assert {"view_transfer", "view_transferevent", "reveal_field"} <= granted
    assert not [name for name in granted if name.startswith("change_")]


def test_what_a_migration_granted_is_taken_back_and_the_people_stay() -> None:
    desk = of_role(OPERATOR)

    taking_back({"operator": ["funding.change_transfer"]})(apps, connection.schema_editor())

    person = User.objects.get(pk=desk.user.pk)
    assert not person.has_perm("funding.change_transfer")
    assert person.has_perm("funding.view_transfer")
    assert roles.role_of(person) == OPERATOR


def test_every_permission_that_a_role_names_exists() -> None:
    missing = [
        name
        for names in LAID_DOWN.values()
        for name in names
        if not name.endswith("*")
        and not Permission.objects.filter(
            content_type__app_label=name.split(".")[0], codename=name.split(".")[1]
        ).exists()
    ]

    assert missing == []


# --- Giving a role ----------------------------------------------------------------------------------------------------

WHY: dict[str, Any] = {"because": "she joined on Monday"}


def test_somebody_is_given_a_role_and_the_history_says_by_whom() -> None:
    desk, colleague = of_role(ADMIN), make.user("colleague@ops.example")

    told = desk.press(page(colleague, "role"), role=OPERATOR, **WHY)

    colleague = User.objects.get(pk=colleague.pk)
    assert "The role of colleague@ops.example is operator now." in told
    assert "she joined on Monday" in told
    assert (colleague.is_staff, colleague.is_superuser, roles.role_of(colleague)) == (True, False, OPERATOR)
    [change] = RoleChange.objects.all()
    assert (change.person, change.before, change.after, change.by) == (colleague, "", OPERATOR, desk.user)
    AtTheDesk(colleague).read("/admin/funding/transfer/")


def test_another_role_replaces_the_one_before_and_other_groups_stay() -> None:
    desk, colleague = of_role(ADMIN), of_role(OPERATOR).user
    colleague.groups.add(Group.objects.create(name="night shift"))

    desk.press(page(colleague, "role"), role=VIEWER, **WHY)

    assert set(colleague.groups.values_list("name", flat=True)) == {VIEWER, "night shift"}


def test_who_leaves_opens_the_desk_no_more() -> None:
    desk, colleague = of_role(ADMIN), of_role(OPERATOR)

    told = desk.press(page(colleague.user, "role"), role="", **WHY)

    assert "Nobody of operations any more" in told
    assert colleague.client.get("/admin/").status_code == 302
    assert roles.role_of(colleague.user) == ""


def _themselves(desk: AtTheDesk) -> User:
    return desk.user


def _customer(desk: AtTheDesk) -> User:
    return make.application(make.user()).user


def _superuser(desk: AtTheDesk) -> User:
    return make.user("root@ops.example", is_staff=True, is_superuser=True)


@pytest.mark.parametrize("whom", [_themselves, _customer, _superuser])
def test_nobody_gives_a_role_to_themselves_a_customer_or_a_superuser(whom: Callable[[AtTheDesk], User]) -> None:
    desk = of_role(ADMIN)
    other = whom(desk)

    desk.press(page(other, "role"), status=409, role=OPERATOR, **WHY)

    with pytest.raises((roles.SamePerson, roles.NotForThem)):
        roles.give(to=other, role=OPERATOR, because="x", person=desk.user)
    assert not RoleChange.objects.exists()


def test_the_same_role_again_is_said() -> None:
    desk, colleague = of_role(ADMIN), of_role(OPERATOR).user

    assert "they have this role already" in desk.press(page(colleague, "role"), role=OPERATOR, **WHY)
    assert not RoleChange.objects.exists()


@pytest.mark.parametrize("asked", [{"role": "root"}, {"because": " "}])
def test_no_role_without_a_reason_and_none_that_is_not_there(asked: dict[str, Any]) -> None:
    desk, colleague = of_role(ADMIN), make.user("colleague@ops.example")

    told = desk.press(page(colleague, "role"), **{"role": OPERATOR, **WHY, **asked})

    assert "Nothing is done yet" in told
    assert not RoleChange.objects.exists()


# --- Actions on lists -------------------------------------------------------------------------------------------------

ACTIONS = [(desk, name) for desk in admin.site._registry.values() for name in desk.actions or ()]


@pytest.mark.parametrize("role", ROLES)
def test_an_action_on_a_list_is_offered_to_who_may_change_its_rows(role: str, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = of_role(role).user

    offered = {(type(desk).__name__, name) for desk, name in ACTIONS if name in desk.get_actions(request)}

    may = {
        (type(desk).__name__, name)
        for desk, name in ACTIONS
        if isinstance(desk, ReadOnly) and desk.has_act_permission(request)
    }
    assert offered == may
    assert ACTIONS


# --- What a list may be asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "lookup"),
    [
        ("accounts/application", "phone__startswith=%2B1"),
        ("accounts/application", "street_address__contains=8"),
        ("accounts/application", "employer_address__regex=."),
        ("accounts/documentupload", "refusal__contains=a"),
        ("accounts/detailschange", "refusal__contains=a"),
        ("accounts/brokerageaccount", "kyc_results__contains=a"),
        ("funding/transfer", "created_at__year=99999"),
        ("funding/transfer", "reason__contains=a"),
    ],
)
@pytest.mark.parametrize("form", ["", "csv/"])
def test_a_list_does_not_tell_by_guesses_what_it_does_not_show(path: str, lookup: str, form: str) -> None:
    answer = of_role(VIEWER).client.get(f"/admin/{path}/{form}?{lookup}")

    assert answer.status_code in (302, 400)


@pytest.mark.parametrize(
    "asked",
    [
        "status=QUEUED",
        "status__in=QUEUED,PENDING",
        "created_at__gte=2026-03-02+00%3A00%3A00-05%3A00",
        "queue=held",
        "brokerage_account__id__exact=6f1c0000-0000-0000-0000-000000000000",
    ],
)
def test_a_list_is_asked_by_its_filters(asked: str) -> None:
    assert of_role(VIEWER).client.get(f"/admin/funding/transfer/?{asked}").status_code == 200


BY_DAYS = [desk for desk in admin.site._registry.values() if desk.date_hierarchy]


@pytest.mark.parametrize("day", ["9999", "9999,12", "9999,12,31", "1", "1,1,1", "2026,13", "2026,2,31", "x", "99999"])
@pytest.mark.parametrize("form", ["", "csv/"])
def test_days_that_no_calendar_has_are_no_error(form: str, day: str) -> None:
    client = AtTheDesk(make.user("root@ops.example", is_staff=True, is_superuser=True)).client
    for desk in BY_DAYS:
        parts = zip(("year", "month", "day"), day.split(","), strict=False)
        asked = "&".join(f"{desk.date_hierarchy}__{part}={number}" for part, number in parts)

        answer = client.get(f"/admin/{desk.opts.app_label}/{desk.opts.model_name}/{form}?{asked}")

        assert answer.status_code in (200, 302, 400), (desk.opts.model_name, asked)
    assert len(BY_DAYS) > 5
