"""The desk's list of applications, and its one page for each person: what it tells and what it hides."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import application_queues, states
from accounts.admin import person_answers
from accounts.models import (
    AgreementText,
    Application,
    BrokerageAccount,
    DeskNote,
    DetailsChange,
    DisclosureContext,
    DocumentUpload,
    FieldReveal,
    TrustedContact,
    User,
)
from accounts.operations import handling, legal_holds, retention_rules, sign_in_stops
from brokerage.questions import Question
from brokerage.status import note
from funding import queues
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.harness.by_chance import without_chance

LIST = "/admin/accounts/application/"
# What is an applicant's alone; nothing of it stands on a page of the desk.
SECRETS = {
    "date_of_birth": "1961-07-23",
    "phone": "+12015559876",
    "street_address": "77 Canary Lane",
    "street_address_2": "Rear Canary House",
    "unit": "Canary 9",
    "employer_address": "5 Canary Street",
}
SSN = "666123456"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


def applicant(email: str = "ada@example.com", *, status: str = states.ACCEPTED, **more: Any) -> Application:
    """Make an application that names other people as well."""
    prose = f"phone_number {SECRETS['phone']} is not valid"
    made = make.application(make.user(email), status=status, tax_id=SSN, refusal=prose, **(SECRETS | more))
    DisclosureContext.objects.create(
        application=made, kind="IMMEDIATE_FAMILY_EXPOSED", given_name="Canaria", family_name="Kin"
    )
    TrustedContact.objects.create(
        application=made, given_name="Canaro", family_name="Friend", email_address="canary@friends.example"
    )
    return made


def opened(application: Application, status: str = states.ACTIVE, **more: Any) -> BrokerageAccount:
    return make.account(application.user, status=status, **more)


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


# --- The list ---------------------------------------------------------------------------------------------------------


def with_account(status: str) -> Callable[[], Any]:
    return lambda: make.account(make.user(), status=status)


def application(status: str, **more: Any) -> Callable[[], Any]:
    return lambda: make.application(make.user(), status=status, **more)


WAITING: dict[str, tuple[Callable[[], Any], str]] = {
    "unfamiliar": (with_account("MOONWALKING"), application_queues.NOBODY_KNOWS),
    "failed": (with_account("SUBMISSION_FAILED"), application_queues.NOBODY_KNOWS),
    "on-their-way": (application(states.UNKNOWN), application_queues.US),
    "asked": (with_account(states.ACTION_REQUIRED), application_queues.CUSTOMER),
    "with-broker": (with_account(states.APPROVAL_PENDING), application_queues.BROKER),
    "refused": (application(states.REFUSED), application_queues.CUSTOMER),
    "left": (application(states.DRAFT, saved_at=ago(days=2)), application_queues.CUSTOMER),
    "drafts": (application(states.DRAFT, saved_at=ago(minutes=2)), application_queues.CUSTOMER),
    "active": (with_account(states.ACTIVE), application_queues.DONE),
    "rejected": (with_account(states.REJECTED), application_queues.DONE),
    "closed": (with_account(states.CLOSED), application_queues.DONE),
}


def test_every_question_is_tried() -> None:
    assert WAITING.keys() == application_queues.QUESTIONS.keys()


@pytest.mark.parametrize("key", WAITING)
def test_each_filter_finds_what_waits_so_and_says_for_whom(desk: AtTheDesk, key: str) -> None:
    make_it, whom = WAITING[key]
    assert "0 application" in desk.read(f"{LIST}?queue={key}")

    make_it()

    shown = desk.read(f"{LIST}?queue={key}")
    assert "1 application" in shown
    assert f" {whom} " in shown
    if key not in ("left", "drafts"):
        others = [other for other in WAITING if other != key]
        assert not any(application_queues.QUESTIONS[other].rows().exists() for other in others)


@pytest.mark.parametrize("key", [key for key, question in application_queues.QUESTIONS.items() if question.text])
def test_each_filter_that_waits_is_a_queue_of_the_start_page(desk: AtTheDesk, key: str) -> None:
    question: Question = application_queues.QUESTIONS[key]

    WAITING[key][0]()

    [found] = [each for each in queues.everything() if each.title == question.title]
    assert (found.count, found.url) == (1, f"{LIST}?queue={key}")
    assert found.oldest
    assert question.title in desk.read("/admin/")


def test_a_queue_begins_with_what_has_waited_longest(desk: AtTheDesk) -> None:
    for email, days in (("new@example.com", 1), ("old@example.com", 9), ("mid@example.com", 5)):
        make.application(make.user(email), status=states.REFUSED, tax_id=f"44455432{days}", status_at=ago(days=days))

    shown = desk.read(f"{LIST}?queue=refused")

    assert re.findall(r"(\w+)@example.com", shown.split("Seen to by")[-1]) == ["old", "mid", "new"]


@pytest.mark.parametrize(
    ("asked", "found"), [("day", ["mid", "old"]), ("week", ["old"]), ("month", []), ("bogus", ["mid", "new", "old"])]
)
def test_the_list_is_narrowed_by_age(desk: AtTheDesk, asked: str, found: list[str]) -> None:
    make.application(make.user("new@example.com"), status=states.DRAFT, tax_id="444554321", saved_at=ago(hours=1))
    make.application(make.user("mid@example.com"), status=states.REFUSED, tax_id="444554322", status_at=ago(days=3))
    make.account(make.user("old@example.com"), status=states.ACTION_REQUIRED, status_at=ago(days=9))

    page = desk.client.get(f"{LIST}?waited={asked}")

    assert sorted(row.user.email.split("@")[0] for row in page.context["cl"].result_list) == found


@pytest.mark.parametrize(
    ("asked", "found"), [("me", ["mine"]), ("nobody", ["left"]), ("somebody", ["mine", "theirs"]), ("", None)]
)
def test_the_list_is_narrowed_by_who_sees_to_it(desk: AtTheDesk, asked: str, found: list[str] | None) -> None:
    users = {}
    for number, name in enumerate(["mine", "theirs", "left"]):
        users[name] = make.application(make.user(f"{name}@example.com"), tax_id=f"44455432{number}").user
    other = person("other@example.com")
    handling.assign(about=users["mine"], to=desk.user, because="mine", person=desk.user)
    handling.assign(about=users["theirs"], to=other, because="theirs", person=desk.user)
    handling.assign(about=users["left"], to=desk.user, because="mine once", person=desk.user)
    handling.release(about=users["left"], person=desk.user)

    page = desk.client.get(f"{LIST}?assigned={asked}")

    names = sorted(row.user.email.split("@")[0] for row in page.context["cl"].result_list)
    assert names == (found if found is not None else ["left", "mine", "theirs"])


def test_the_list_costs_as_many_queries_however_long_it_is(desk: AtTheDesk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.read(LIST)
        return len(captured)

    opened(applicant())
    desk.read(LIST)  # the first look begins the audit; other rows are another look
    make.application(make.user("eve@example.com"), tax_id="444554399")
    few = queries()
    for number in range(8):
        made = make.application(make.user(f"{number}@example.com"), tax_id=f"44455432{number}")
        handling.assign(about=made.user, to=desk.user, because="x", person=desk.user)

    assert queries() == few


@pytest.mark.parametrize("sought", ["ada@example.com", "Okafor", SSN[-4:], "{pk}", "{account}", "{alpaca}"])
def test_a_person_is_found_by_what_ops_know(desk: AtTheDesk, sought: str) -> None:
    found = applicant()
    account = opened(found)
    make.application(make.user("other@example.com"), given_name="Bo", family_name="Else")

    q = sought.format(pk=found.pk, account=account.pk, alpaca=account.alpaca_id)
    page = desk.client.get(LIST, {"q": q})

    assert [row.pk for row in page.context["cl"].result_list] == [found.pk]


# --- The page of a person ---------------------------------------------------------------------------------------------


def test_the_page_tells_everything_that_is_kept(desk: AtTheDesk) -> None:
    made = applicant(sent_at=ago(days=3))
    account = opened(
        made,
        states.ACTION_REQUIRED,
        kyc_results={"accept": {"DATE_OF_BIRTH": {}}, "reject": {"WATCHLIST_HIT": {}}, "additional_information": "odd"},
        blocks=["transfers_blocked"],
    )
    account.events.create(field="kyc", actor="broker", evidence={"after": {"reject": ["WATCHLIST_HIT"]}})
    make.notice(made.user, "You were told this")
    DeskNote.objects.create(person=made.user, text="Called on Monday", by=desk.user)
    handling.assign(about=made.user, to=desk.user, because="Knows the case", person=desk.user)
    legal_holds.place(about=made.user, because="A suit", person=desk.user)
    FieldReveal.objects.create(person=made.user, field="phone", by=desk.user, because="Rang", ip_address="192.0.2.9")
    sign_in_stops.stop(about=made.user, because="Stolen laptop", person=desk.user)
    text = AgreementText.objects.create(
        digest="d", agreement="customer_agreement", revision="77", title="The agreement", text="…", is_sample=True
    )
    made.signatures.create(agreement="customer_agreement", revision="77", text=text, ip_address="203.0.113.77")

    shown = desk.read(page(made))

    told = ("The customer reads: Action needed", "Waits for the customer", account.alpaca_id, "transfers_blocked")
    checks = ("accept 1", "reject 1")
    first = made.signatures.select_related("text").first()
    assert first
    assert first.text
    signed = ("The agreement 77 not named sample 203.0.113.77", f"{first.text.title} {first.revision}")
    kept = ("You were told this", "Called on Monday", "A suit", "phone Rang 192.0.2.9", "No: stopped")
    story = (
        f"Given to {desk.user} {desk.user} Knows the case",
        "Sign-in stopped",
        "Shown: phone",
        "Account kyc: changed",
    )
    for words in (*told, *checks, *signed, *kept, *story):
        assert words in shown, words


def test_the_page_hides_what_is_the_persons_alone(desk: AtTheDesk) -> None:
    made = applicant()
    opened(made)

    shown = desk.client.get(page(made)).content.decode()

    for secret in (*SECRETS.values(), SSN, "Canar", made.tax_id_hash):
        assert str(secret) not in shown, secret
    assert "1961" not in without_chance(shown)
    assert f"•••-••-{SSN[-4:]}" in shown
    assert "•••9876" in shown
    assert "is not valid" not in shown  # the broker's prose may quote any answer
    assert f'href="{page(made, "show")}?field=refusal"' in shown


CHECKED = {"accept": {"DATE_OF_BIRTH": {}}, "reject": ["WATCHLIST_HIT"], "additional_information": "Canarian prose"}


def test_number_and_findings_of_the_account_are_hidden_from_everybody_on_pages_and_lists(desk: AtTheDesk) -> None:
    made = applicant()
    account = opened(made, account_number="980017731", kyc_results=CHECKED, blocks=["transfers_blocked"])
    account.events.create(field="kyc", actor="broker", evidence={"after": {"reject": ["WATCHLIST_HIT"]}})
    accounts = "/admin/accounts/brokerageaccount/"

    for url in (page(account), page(made), accounts, f"{accounts}csv/", LIST, f"{LIST}csv/"):
        answer: Any = desk.client.get(url)
        shown = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        assert not [secret for secret in ("980017731", "WATCHLIST", "Canar") if secret in shown], url
    told = desk.read(page(account))
    assert "•••7731" in told
    assert "1 accept; 1 reject" in told
    assert "transfers_blocked" in told


def test_an_account_that_was_never_checked_is_given_no_moment(desk: AtTheDesk) -> None:
    account = opened(applicant())
    before = desk.read(page(account))
    BrokerageAccount.objects.update(checked_at=datetime(2026, 11, 24, 15, 52, tzinfo=UTC))

    assert "not yet; it is read first" in before
    assert "1969" not in without_chance(before)
    assert "Tue, Nov 24, 10:52 AM EST" in desk.read(page(account))


@pytest.mark.parametrize("asked", ["98001", "980017", "17731"])
def test_a_number_is_not_told_by_guessing_parts_of_it(desk: AtTheDesk, asked: str) -> None:
    account = opened(applicant(), account_number="980017731")
    make.document(account)

    for url in (LIST, "/admin/accounts/brokerageaccount/", "/admin/accounts/brokerdocument/"):
        assert desk.client.get(url, {"q": asked}).context["cl"].result_count == 0, url
        assert desk.client.get(url, {"q": "980017731"}).context["cl"].result_count == 1, url


def test_no_list_no_address_and_no_other_page_tells_it_either(desk: AtTheDesk) -> None:
    made = applicant()
    account = opened(made)

    urls = [LIST, page(account), page(made.user), *(page(made, deed) for deed in ("show", "note", "hold", "assign"))]

    for url in urls:
        shown = desk.client.get(url).content.decode()
        assert not [secret for secret in (*SECRETS.values(), SSN, "Canar") if str(secret) in shown], url


def test_every_column_of_an_application_is_placed_on_the_page_or_left_out_on_purpose() -> None:
    placed = {column for columns in person_answers.PAGES.values() for column in columns}
    left_out = {"tax_id", "tax_id_hash", "page_saves", "tries", "next_at"}
    told_elsewhere = {*retention_rules.STAYS_OF_SENT, "saved_at", "refusal"}

    columns = {field.name for field in Application._meta.concrete_fields}

    assert columns == placed | left_out | told_elsewhere


def test_the_page_costs_as_many_queries_however_much_happened(desk: AtTheDesk) -> None:
    made = applicant()
    opened(made)

    def grow() -> None:
        make.notice(made.user)
        DeskNote.objects.create(person=made.user, text="x", by=desk.user)
        handling.assign(about=made.user, to=desk.user, because="x", person=desk.user)
        FieldReveal.objects.create(person=made.user, field="phone", by=desk.user, because="x", ip_address="192.0.2.9")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.read(page(made))
        return len(captured)

    grow()
    queries()  # what a process looks up once, it looks up here
    few = queries()
    for _ in range(5):
        grow()

    assert queries() == few


def test_the_page_leads_to_what_hangs_on_the_account(desk: AtTheDesk) -> None:
    made = applicant()
    bank = make.relationship(opened(made))
    make.relationship(make.account(make.user("other@example.com")))
    transfer = make.transfer(bank)

    shown = desk.client.get(page(made)).content.decode()

    urls = set(re.findall(r'href="(/admin/funding/\w+/\?brokerage_account__id__exact=[^"]+)"', shown))
    assert len(urls) == 6
    for url in urls:
        desk.read(url)
    assert transfer.short_reference in desk.read(next(url for url in urls if "/transfer/" in url))
    assert "1 ACH relationship" in desk.read(next(url for url in urls if "/achrelationship/" in url))


def test_the_pages_of_the_user_and_of_the_account_lead_to_it(desk: AtTheDesk) -> None:
    made = applicant()

    for row in (made.user, opened(made)):
        assert f'href="{page(made)}"' in desk.client.get(page(row)).content.decode()


def test_whether_anybody_may_sign_in_is_not_changed_without_a_reason(desk: AtTheDesk) -> None:
    colleague = make.user("colleague@example.com", is_staff=True)

    for whose in (applicant().user, colleague):
        assert 'name="is_active"' not in desk.client.get(page(whose)).content.decode()
        desk.client.post(page(whose), {"email": whose.email})

        assert User.objects.get(pk=whose.pk).is_active


@pytest.mark.parametrize(
    ("status", "purged", "word"), [(states.DRAFT, False, "Not sent"), (states.DRAFT, True, "Not kept")]
)
def test_a_draft_reads_as_what_it_is(desk: AtTheDesk, status: str, purged: bool, word: str) -> None:
    at = {"purged_at": timezone.now(), "saved_at": None} if purged else {"saved_at": timezone.now()}
    made = make.application(make.user(), status=status, **at)

    shown = desk.read(page(made))

    assert f"The customer reads: {word}." in shown
    assert ("The answers were purged on" in shown) is purged


def test_who_may_only_view_sees_no_way_to_what_is_hidden(db: None) -> None:
    made = applicant()
    viewer = AtTheDesk(person("viewer@example.com", "view_application"))

    shown = viewer.client.get(page(made)).content.decode()

    assert "•••9876" in shown
    assert "/show/" not in shown


def test_who_may_not_view_sees_nothing(db: None) -> None:
    made = applicant()
    stranger = AtTheDesk(person("stranger@example.com", "view_notice"))

    stranger.read(page(made), status=403)
    stranger.read(LIST, status=403)


def test_somebody_is_found_by_the_reference_they_were_told_to_give(desk: AtTheDesk) -> None:
    made, other = applicant(), make.application(make.user("bob@example.com"), tax_id="445554322")

    found = desk.read(f"/admin/accounts/application/?q={made.short_reference.upper()}")

    assert str(made.pk) in found or made.short_reference in found
    assert other.short_reference not in found


def test_changes_documents_and_downloads_stand_in_the_story(desk: AtTheDesk) -> None:
    account = make.account(make.user())
    change = DetailsChange.objects.create(
        brokerage_account=account, kind="contact", before_json="{}", after_json="{}", form_key=uuid.uuid4()
    )
    note(change, field="status", after="RESERVED", actor=f"customer {account.user_id}")
    upload = DocumentUpload.objects.create(
        account=account, form_key=uuid.uuid4(), kind="identity_verification", sha256="0" * 64, size=1, actor="Ada"
    )
    upload.begin_history()
    make.document(account).accesses.create(user=account.user, actor="CUSTOMER", outcome="SENT")

    told = desk.read(f"/admin/accounts/application/{account.application_id}/change/")

    for words in ("Change of contact details", "Document sent (identity_verification)", "Sent whole"):
        assert words in told
