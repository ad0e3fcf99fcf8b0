"""What is purged when, what never is, and the proof of it: asked of every table of the database."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from accounts import states
from accounts.models import (
    AgreementSignature,
    Application,
    BrokerageAccount,
    BrokerDocument,
    DeskNote,
    DetailsChange,
    DisclosureContext,
    DocumentAccess,
    DocumentUpload,
    EmailChange,
    FieldReveal,
    LegalHold,
    Notice,
    Portfolio,
    PurgeRecord,
    Session,
    StreamEvent,
    TrustedContact,
    User,
)
from accounts.operations import answering, legal_holds, retention, retention_rules, retention_warnings
from accounts.retention import years_before
from brokerage.append_only import take_off
from brokerage.status import note
from funding.models import ACHRelationship, Closing, Transfer
from funding.operations.closing_retention import BY_NAME, RULES
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "cnry"
CANARY_DAY = date(1917, 3, 4)
CANARY_NUMBER = 4242
CANARY_ADDRESS = "203.0.113.99"
LONG = timedelta(days=366 * 7)
T0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

# Where a value may still stand when everything is purged, and why.
KEPT = {
    "accounts.user.email",  # signs in with it
    "accounts.brokerageaccount.account_number",  # names the account in the books of its money
    "accounts.applicationevent.because",  # what someone of ops gave as a reason stays with the history
    "funding.debitauthorization.text",  # money is never purged
}


# Each table of people: the rule that empties it, or why none does. Whoever adds a table decides here.
TABLES = {
    "Application": "drafts, refused, rejected, closed",
    "ApplicationEvent": "its evidence goes with the answers; history stays",
    "DisclosureContext": "goes with the answers",
    "TrustedContact": "goes with the answers",
    "AgreementSignature": "drafts, refused: goes; agreements: from where it was signed",
    "AgreementText": "nobody's: a text",
    "BrokerageAccount": "what the broker found goes with the answers; the account is money",
    "AccountEvent": "its evidence goes with the answers; history stays",
    "DetailsChange": "its values go with the answers; the row is history",
    "DetailsChangeEvent": "names fields, and no value; history stays",
    "EmailChange": "emails",
    "EmailChangeEvent": "names no address; history stays",
    "SignInLetter": "deleted a week after its link is over",
    "LetterKey": "goes with its letter",
    "Letter": "names no address; when it was sent stays",
    "DocumentUpload": "the broker's prose goes with the answers; what kind of document was sent stays",
    "UploadEvent": "its evidence goes with the answers; history stays",
    "Notice": "notices",
    "DeskNote": "notes",
    "FieldReveal": "looks",
    "Assignment": "history of ops stays",
    "SignInChange": "history of ops stays",
    "LegalHold": "history of ops stays",
    "PurgeRecord": "the proof stays",
    "User": "signs in, to read what is kept",
    "DocumentAccess": "accesses",
    "BrokerDocument": "names a document of the broker's, and no person",
    "DocumentList": "when that was read",
    "Portfolio": "goes with the answers",
    "StreamEvent": "parked, news",
    "StreamEventChange": "names nobody; history stays",
    "Lease": "nobody's",
    "AuditEntry": "ids and words of our code, and no person's; it never goes",
    "AuditHead": "where that ends",
    "ActionCount": "nobody's: deleted when its window is over",
    "StreamCursor": "nobody's",
}


# --- Canaries ---------------------------------------------------------------------------------------------------------


def canary_for(field: Any) -> Any:
    """Return a value of a column that is known again; None where it has no room for one."""
    if isinstance(field, models.JSONField):
        return [CANARY]
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return CANARY_DAY
    if isinstance(field, models.PositiveSmallIntegerField):
        return CANARY_NUMBER
    if isinstance(field, models.CharField | models.TextField) and (field.max_length or 99) >= len(CANARY):
        return CANARY
    return None


def canaries_of(model: type[models.Model], *but: str) -> dict[str, Any]:
    found = {field.name: canary_for(field) for field in model._meta.concrete_fields if field.name not in but}
    return {name: value for name, value in found.items() if value is not None}


def canary_person(status: str = states.ACCEPTED, account: str = "") -> Application:
    """Make a person of whom every column that has room for it holds a canary."""
    user = make.user(f"{CANARY}@example.com")
    answers = canaries_of(Application, "status", "refusal") | {"refusal": CANARY}
    answers |= {"saved_at": timezone.now(), "is_politically_exposed": True}
    made = Application.objects.create(user=user, status=status, **answers)
    DisclosureContext.objects.create(application=made, **canaries_of(DisclosureContext))
    TrustedContact.objects.create(application=made, **canaries_of(TrustedContact))
    AgreementSignature.objects.create(
        application=made, agreement="customer_agreement", revision="1", ip_address=CANARY_ADDRESS, user_agent=CANARY
    )
    note(made, field="status", after=status, actor="broker", because=CANARY, evidence={"reason": CANARY})
    make.notice(user, CANARY, CANARY)
    EmailChange.objects.create(
        user=user, old_email=f"{CANARY}@old.example", new_email=f"{CANARY}@new.example", status=states.EXPIRED,
        ip_address=CANARY_ADDRESS, user_agent=CANARY,
    )  # fmt: skip
    ops = make.user("ops@example.com", is_staff=True)
    DeskNote.objects.create(person=user, text=CANARY, by=ops)
    FieldReveal.objects.create(person=user, field="phone", by=ops, because=CANARY, ip_address=CANARY_ADDRESS)
    Session.objects.create(key_hash=CANARY, session_data="x", ends_at=timezone.now() + timedelta(hours=12))
    if account:
        _open(made, account)
    return made


def _open(made: Application, status: str) -> None:
    account = BrokerageAccount.objects.create(
        user=made.user, application=made, alpaca_id="a", status=status, account_number=CANARY,
        kyc_results={"reject": {CANARY: {}}},
    )  # fmt: skip
    note(account, field="status", after=status, actor="broker", evidence={"reason": CANARY})
    make.authorization(make.relationship(account), text=CANARY)
    Portfolio.objects.create(brokerage_account=account, positions=[CANARY], history=[CANARY])
    document = BrokerDocument.objects.create(
        brokerage_account=account, alpaca_document_id="d", kind="account_statement"
    )
    DocumentAccess.objects.create(
        document=document, user=made.user, actor="CUSTOMER", outcome="SENT", because=CANARY, ip_address=CANARY_ADDRESS
    )
    for number, state in enumerate(("DONE", "PARKED")):
        acted_at = timezone.now() if state == "DONE" else None
        StreamEvent.objects.create(
            stream="accounts/status", event_id=number, account_id="a", body=CANARY, state=state, acted_at=acted_at
        )
    _wish(account)


def _wish(account: BrokerageAccount) -> None:
    """Let the owner have changed details, sent a document and asked to close, and the broker refuse it in words."""
    wishes = [
        DetailsChange.objects.create(
            brokerage_account=account, kind="contact", form_key=uuid4(), status=states.REFUSED, refusal=CANARY,
            before_json=json.dumps({"phone": CANARY}), after_json=json.dumps({"phone": CANARY}),
        ),
        DocumentUpload.objects.create(
            account=account, form_key=uuid4(), kind="identity_verification", sha256="0" * 64, size=1,
            content_type="image/jpeg", actor="c", status=states.REFUSED, refusal=CANARY,
        ),
        Closing.objects.create(
            brokerage_account=account, form_key=uuid4(), status="REFUSED", reason=CANARY, ip_address=CANARY_ADDRESS,
            user_agent=CANARY,
        ),
    ]  # fmt: skip
    for wish in wishes:
        note(wish, field="status", after=states.REFUSED, actor="broker", evidence={"reason": CANARY})


def where_canaries_stand() -> set[str]:
    """Return every column of the database in which a canary stands, opened where it is sealed."""
    signs = (CANARY, str(CANARY_DAY), CANARY_ADDRESS)
    found = {place for place, value in _everything() if any(sign in value for sign in signs)}
    return found | {place for place, value in _everything() if value == str(CANARY_NUMBER)}


def _everything() -> Iterator[tuple[str, str]]:
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.all():
            for field in model._meta.concrete_fields:
                yield f"{model._meta.label_lower}.{field.name}", str(getattr(row, field.attname))


@pytest.fixture(autouse=True)
def a_clock_of_its_own(db: None) -> Iterator[None]:
    """The database goes by its own clock in what is too young to go, and these tests pass the time in."""
    put_back = take_off(FieldReveal, DocumentAccess)
    yield
    put_back()


def purge(*names: str, now: datetime | None = None) -> dict[str, int]:
    """Purge by these rules, or by all; return how many rows went, by rule."""
    rules = [BY_NAME[name] for name in names] or RULES
    before = set(PurgeRecord.objects.values_list("pk", flat=True))
    list(retention.purge(by="a test", rules=rules, now=now))
    gone: dict[str, int] = {}
    for record in PurgeRecord.objects.exclude(pk__in=before):
        gone[record.rule] = gone.get(record.rule, 0) + record.count
    return gone


@pytest.mark.parametrize("status", [states.CLOSED, states.REJECTED])
def test_nothing_of_whose_account_is_over_is_left_but_what_a_rule_keeps(status: str) -> None:
    canary_person(account=status)
    assert len(where_canaries_stand()) > 50

    gone = purge(now=timezone.now() + LONG)

    assert where_canaries_stand() == KEPT
    rule = "closed" if status == states.CLOSED else "rejected"
    once = ("agreements", "emails", "notices", "notes", "looks", "accesses", "parked", "news", "sessions", "closings")
    assert gone == {rule: 1, **dict.fromkeys(once, 1)}
    assert Application.objects.get().is_politically_exposed is None


@pytest.mark.parametrize("status", [states.CLOSED, states.REJECTED])
def test_everything_of_a_person_under_a_legal_hold_is_still_there(status: str) -> None:
    made = canary_person(account=status)
    legal_holds.place(about=made.user, because="a suit", person=User.objects.get(email="ops@example.com"))
    before = where_canaries_stand()

    gone = purge(now=timezone.now() + LONG)

    assert before - where_canaries_stand() == {"accounts.session.key_hash"}  # a sign-in is no record of a person
    assert gone == {"sessions": 1}


def test_a_hold_that_is_lifted_keeps_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    made = canary_person(account=states.CLOSED)
    ops = User.objects.get(email="ops@example.com")
    legal_holds.place(about=made.user, because="a suit", person=ops)
    legal_holds.lift(about=made.user, because="settled", person=ops)

    purge(now=timezone.now() + LONG)

    assert where_canaries_stand() == KEPT
    assert CANARY not in caplog.text


@pytest.mark.parametrize("status", [states.ACTIVE, states.UPDATED, states.ACTION_REQUIRED, "MOONWALKING"])
def test_of_an_account_that_is_not_over_only_old_words_and_looks_go(status: str) -> None:
    canary_person(account=status)
    before = where_canaries_stand()

    gone = purge(now=timezone.now() + LONG)

    assert gone == dict.fromkeys(("emails", "notices", "looks", "accesses", "parked", "news", "sessions"), 1)
    assert before - where_canaries_stand() == {
        "accounts.emailchange.old_email",
        "accounts.emailchange.new_email",
        "accounts.emailchange.ip_address",
        "accounts.emailchange.user_agent",
        "accounts.documentaccess.because",
        "accounts.documentaccess.ip_address",
        "accounts.streamevent.body",
        "accounts.notice.title",
        "accounts.notice.body",
        "accounts.fieldreveal.because",
        "accounts.fieldreveal.ip_address",
        "accounts.session.key_hash",
    }


# --- When -------------------------------------------------------------------------------------------------------------

YEARS: dict[str, int] = {
    "closed": 6,
    "closings": 6,
    "rejected": 5,
    "agreements": 6,
    "notices": 3,
    "notes": 6,
    "looks": 6,
    "accesses": 6,
}


@pytest.mark.parametrize(("rule", "years"), YEARS.items())
def test_what_is_kept_for_years_goes_after_them_and_not_before(rule: str, years: int) -> None:
    canary_person(account=states.REJECTED if rule == "rejected" else states.CLOSED)
    started = timezone.now()

    assert purge(rule, now=started + timedelta(days=365 * years)) == {}
    assert purge(rule, now=started + timedelta(days=366 * years, minutes=1)) == {rule: 1}


@pytest.mark.parametrize("status", [states.DONE, states.REFUSED, states.EXPIRED, states.CANCELED])
def test_a_wish_for_another_address_goes_ninety_days_after_its_end(status: str) -> None:
    canary_person(states.DRAFT)  # who never had an account
    EmailChange.objects.update(status=status)
    ended = EmailChange.objects.get().status_at

    assert purge("emails", now=ended + timedelta(days=90)) == {}
    assert purge("emails", now=ended + timedelta(days=90, minutes=1)) == {"emails": 1}

    assert not {place for place in where_canaries_stand() if place.startswith("accounts.emailchange.")}
    assert purge("emails", now=ended + LONG) == {}


@pytest.mark.parametrize("status", [states.ASKED, states.CONFIRMED])
def test_a_wish_that_is_open_keeps_its_addresses(status: str) -> None:
    canary_person(states.DRAFT)
    EmailChange.objects.update(status=status)

    assert purge("emails", now=timezone.now() + LONG) == {}


def test_how_long_a_wish_for_another_address_is_kept_is_a_setting(settings: Any) -> None:
    settings.RETENTION_EMAIL_CHANGE_DAYS = 10
    canary_person(states.DRAFT)

    assert purge("emails", now=timezone.now() + timedelta(days=10, minutes=1)) == {"emails": 1}


@pytest.mark.parametrize("setting", ["CLOSED", "AGREEMENT", "NOTICE", "DESK"])
def test_how_long_is_a_setting(settings: Any, setting: str) -> None:
    canary_person(account=states.CLOSED)
    rules = {"CLOSED": "closed", "AGREEMENT": "agreements", "NOTICE": "notices", "DESK": "looks"}
    setattr(settings, f"RETENTION_{setting}_YEARS", 10)

    assert purge(rules[setting], now=timezone.now() + timedelta(days=366 * 10 - 1)) == {}
    assert purge(rules[setting], now=timezone.now() + timedelta(days=366 * 10 + 1)) == {rules[setting]: 1}


@pytest.mark.parametrize(
    ("status", "rule", "warned_after", "gone_after"),
    [(states.DRAFT, "drafts", 60, 90), (states.REFUSED, "refused", 335, 365)],
)
def test_what_was_never_sent_goes_after_its_customer_was_told(
    status: str, rule: str, warned_after: int, gone_after: int
) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        canary_person(status)
        days = timedelta(days=1)

        clock.move_to(T0 + (warned_after - 1) * days)
        assert retention_warnings.warn_due() == 0
        clock.move_to(T0 + warned_after * days + timedelta(minutes=1))
        assert [retention_warnings.warn_due(), retention_warnings.warn_due()] == [1, 0]
        clock.move_to(T0 + gone_after * days - timedelta(minutes=1))
        assert purge(rule) == {}
        clock.move_to(T0 + gone_after * days + timedelta(minutes=2))
        assert purge(rule) == {rule: 1}

    told = Notice.objects.get(kind=retention_rules.WARNING)
    assert "is kept until" in told.title
    assert not [place for place in where_canaries_stand() if place.startswith(("accounts.trusted", "accounts.discl"))]
    assert where_canaries_stand() >= {"accounts.user.email"}
    assert not {place for place in where_canaries_stand() if place.startswith("accounts.application.")}
    made = Application.objects.get()
    assert (made.status, made.tax_id, made.tax_id_hash, made.saved_at) == (status, "", None, None)
    assert made.purged_at
    assert not made.signatures.exists()


@pytest.mark.parametrize("status", [states.DRAFT, states.REFUSED])
def test_whose_answers_went_begins_at_the_first_page(client: Client, status: str) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        made = canary_person(status)
        Application.objects.update(sent_at=timezone.now() if status == states.REFUSED else None)
        clock.shift(timedelta(days=400))
        purge()
        clock.shift(timedelta(days=31))
        purge()
        client.force_login(made.user)

        page = client.get("/apply/waiting/", follow=True)

    assert page.redirect_chain[-1][0] == "/apply/name/"
    assert CANARY not in page.context["form"].initial.values()


def test_nothing_goes_untold_however_old_it_is() -> None:
    with time_machine.travel(T0, tick=False) as clock:
        canary_person(states.DRAFT)
        clock.move_to(T0 + timedelta(days=1000))  # nobody ran the worker for years

        assert purge("drafts") == {}  # and tells the customer
        clock.shift(timedelta(days=29))
        assert purge("drafts") == {}
        clock.shift(timedelta(days=1, minutes=1))
        assert purge("drafts") == {"drafts": 1}


def test_who_saves_after_the_warning_is_warned_anew() -> None:
    with time_machine.travel(T0, tick=False) as clock:
        made = canary_person(states.DRAFT)
        clock.shift(timedelta(days=61))
        assert retention_warnings.warn_due() == 1
        answering.save_answers(application=made, answers={"city": "Hoboken"})

        clock.shift(timedelta(days=59))
        assert (purge("drafts"), retention_warnings.warn_due()) == ({}, 0)
        clock.shift(timedelta(days=2))
        assert (purge("drafts"), Notice.objects.filter(kind=retention_rules.WARNING).count()) == ({}, 2)


def test_nobody_under_a_hold_is_told_that_answers_go() -> None:
    with time_machine.travel(T0, tick=False) as clock:
        made = canary_person(states.DRAFT)
        legal_holds.place(about=made.user, because="a suit", person=made.user)
        clock.shift(timedelta(days=61))

        assert retention_warnings.warn_due() == 0


def test_whose_draft_was_purged_may_begin_anew_with_the_same_tax_id() -> None:
    with time_machine.travel(T0, tick=False) as clock:
        made = make.application(make.user(), saved_at=timezone.now())
        clock.shift(timedelta(days=61))
        retention_warnings.warn_due()
        clock.shift(timedelta(days=31))
        assert purge("drafts") == {"drafts": 1}

        made.refresh_from_db()
        answering.save_answers(application=made, answers={"tax_id": "444554321"})
        other = make.application(make.user("other@example.com"), tax_id="444554322")

        assert purge("drafts") == {}
        with pytest.raises(answering.TaxIdTaken):
            answering.save_answers(application=other, answers={"tax_id": "444554321"})


@pytest.mark.parametrize("status", [states.READY, states.SENDING, states.UNKNOWN])
def test_what_is_on_its_way_is_never_purged(status: str) -> None:
    canary_person(status)
    before = {place for place in where_canaries_stand() if place.startswith("accounts.application.")}

    purge(now=timezone.now() + LONG)

    assert {place for place in where_canaries_stand() if place.startswith("accounts.application.")} == before


def test_one_that_was_purged_as_a_draft_is_purged_again_when_its_account_is_over() -> None:
    made = canary_person(account=states.CLOSED)
    Application.objects.update(purged_at=timezone.now() - timedelta(days=1))

    assert purge("closed", now=timezone.now() + LONG) == {"closed": 1}
    assert purge("closed", now=timezone.now() + LONG + LONG) == {}

    made.refresh_from_db()
    assert made.given_name == ""


def test_money_and_history_stay() -> None:
    made = canary_person(account=states.CLOSED)
    transfer = make.transfer(ACHRelationship.objects.get())
    events = made.events.count()

    purge(now=timezone.now() + LONG)

    assert Transfer.objects.get() == transfer
    assert made.events.count() == events + 1
    last = made.events.order_by("at").last()
    assert last
    assert (last.field, last.before, last.after, last.actor) == ("answers", "kept", "purged", "a test")


# --- The proof, and dying in between ----------------------------------------------------------------------------------


def test_each_batch_leaves_a_proof_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    user = make.user()
    ids = {str(make.notice(user).pk) for _ in range(5)}
    now = timezone.now() + LONG

    assert list(retention.batches(by="worker 7", rules=RULES, now=now)) == [2, 2, 1]

    records = list(PurgeRecord.objects.all())
    assert {(record.rule, record.by, record.at) for record in records} == {("notices", "worker 7", now)}
    assert {record.cutoff for record in records} == {years_before(now, 3)}
    in_order = sorted(ids)
    batches = [in_order[:2], in_order[2:4], in_order[4:]]
    assert {record.digest for record in records} == {
        hashlib.sha256("\n".join(batch).encode()).hexdigest() for batch in batches
    }


def test_a_second_run_finds_nothing() -> None:
    canary_person(account=states.CLOSED)
    now = timezone.now() + LONG

    purge(now=now)

    assert purge(now=now) == {}


def test_one_that_dies_between_two_batches_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    user, now = make.user(), timezone.now() + LONG
    for _ in range(5):
        make.notice(user)

    dying = retention.batches(by="dies", rules=RULES, now=now)
    next(dying)
    dying.close()

    assert Notice.objects.exclude(body="").count() == 3
    assert sum(retention.batches(by="goes on", rules=RULES, now=now)) == 3
    assert sum(record.count for record in PurgeRecord.objects.all()) == 5


@pytest.fixture
def proofs_refused(db: None) -> Iterator[None]:
    """Let the database refuse the proof, as it would where the disk is full."""
    with connection.execute_wrapper(_refuse_proofs):
        yield


def _refuse_proofs(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if sql.startswith("INSERT") and PurgeRecord._meta.db_table in sql:
        raise DatabaseError("no room")
    return execute(sql, *rest)


def test_nothing_is_purged_without_its_proof(proofs_refused: None) -> None:
    canary_person(account=states.CLOSED)
    before = where_canaries_stand()

    found = list(retention.purge(by="a test", rules=RULES, now=timezone.now() + LONG))

    assert where_canaries_stand() == before
    assert {finding.subject for finding in found} == {
        "closed", "agreements", "emails", "notices", "notes", "looks", "accesses", "parked", "news", "sessions",
        "closings",
    }  # fmt: skip
    assert not any(finding.mended for finding in found)


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_is_being_placed_keeps_what_a_batch_has_chosen_already() -> None:
    made = canary_person(account=states.CLOSED)
    now = timezone.now() + LONG
    purged: list[PurgeRecord | None] = []

    def run() -> None:
        try:
            purged.append(retention._purge_batch(BY_NAME["closed"], [made.pk], by="a test", now=now))
        finally:
            connection.close()

    purging = threading.Thread(target=run)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=made.user_id)
        LegalHold.objects.create(person=made.user, because="a suit", placed_by=made.user)
        purging.start()
        purging.join(0.5)
        assert purging.is_alive(), "it does not wait for the hold"
    purging.join(20)

    assert purged == [None]
    assert Application.objects.get().given_name == CANARY


def test_the_values_of_changes_go_with_the_answers() -> None:
    canary_person(account=states.CLOSED)

    purge("closed", now=timezone.now() + LONG)

    change = DetailsChange.objects.get()
    assert (change.before, change.after, change.refusal) == ({}, {}, "")
