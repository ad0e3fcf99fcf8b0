"""Documents on their way to the broker: sent once, never kept, and never sent by anybody who finds them left behind."""

import hashlib
import logging
import tempfile
import threading
import uuid
from datetime import timedelta
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import documents_asked, states
from accounts.files import FitFile, fit_for_the_broker
from accounts.models import BrokerageAccount, DocumentUpload
from accounts.models.uploads import DEAD_AFTER
from accounts.operations import sending_documents
from brokerage.status import IllegalMove
from tests import make
from tests.accounts import papers
from tests.accounts.needing import UPLOAD, Needy, needy
from tests.brokerage.gateways.vendor import Vendor, message
from tests.funding.standing import at_once, fault
from tests.harness.dying import die_when
from tests.harness.sandbox import Sandbox

ADDRESS = documents_asked.BY_CODE["ADDRESS_VERIFICATION"]
FILE = fit_for_the_broker(papers.picture())


def send(account: BrokerageAccount, file: FitFile = FILE, *, key: uuid.UUID | None = None) -> DocumentUpload:
    return sending_documents.send_document(
        account=account, asked=ADDRESS, paper=ADDRESS.papers[0], file=file, form_key=key or uuid.uuid4(), actor="Ada"
    )


def row(account: BrokerageAccount, status: str, **more: Any) -> DocumentUpload:
    """Make a row that stands somewhere."""
    values = {"form_key": uuid.uuid4(), "kind": "address_verification", "sha256": "0" * 64, "size": 1,
              "content_type": "image/jpeg", "actor": "customer 1", "asked_for": ADDRESS.code}  # fmt: skip
    made = DocumentUpload.objects.create(account=account, status=status, **(values | more))
    made.begin_history()
    return made


@pytest.fixture
def ada(sandbox: Sandbox, client: Client, db: None) -> Needy:
    """Ada is signed in, and the broker could not confirm her address."""
    return needy(sandbox, client)


@pytest.fixture
def account(db: None) -> BrokerageAccount:
    """Make an account that the broker need not know of."""
    kyc = {"indeterminate": [ADDRESS.code]}
    return make.account(make.user("grace@example.com"), status="ACTION_REQUIRED", kyc_results=kyc)


def test_what_was_sent_is_told_step_by_step(ada: Needy) -> None:
    upload = send(ada.account)

    assert [event.after for event in upload.events.all()] == ["RESERVED", "SENDING", "ACCEPTED"]
    assert upload.sha256 == hashlib.sha256(FILE.content).hexdigest()
    assert (upload.size, upload.content_type) == (len(FILE.content), "image/jpeg")


def test_it_is_committed_before_the_first_byte_leaves(ada: Needy) -> None:
    fault(ada.sandbox, "hang_before_commit", UPLOAD, seconds=30)

    die_when(lambda: ada.sandbox.get("/control/faults")[-1]["fired"], lambda: send(ada.account))

    assert ada.upload.status == states.SENDING


def test_the_decision_is_made_under_the_accounts_lock(account: BrokerageAccount) -> None:
    stale = BrokerageAccount.objects.get()
    BrokerageAccount.objects.update(status="REJECTED")

    with pytest.raises(sending_documents.NotWantedNow):
        send(stale)

    assert not DocumentUpload.objects.exists()


@pytest.mark.parametrize("findings", [{}, {"accept": {ADDRESS.code: {}}}, {"reject": {ADDRESS.code: {}}}])
def test_what_is_not_asked_for_is_not_sent(account: BrokerageAccount, findings: dict[str, Any]) -> None:
    BrokerageAccount.objects.update(kyc_results=findings)

    with pytest.raises(sending_documents.NotWantedNow):
        send(account)


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_one_moment_send_once(sandbox: Sandbox, client: Client) -> None:
    ada, key = needy(sandbox, client), uuid.uuid4()

    came = at_once(*[lambda: send(ada.account, key=key)] * 5)

    assert {each.pk for each in came} == {ada.upload.pk}
    assert len(ada.at_the_broker()) == 1


def test_another_file_on_the_same_page_is_not_sent(ada: Needy) -> None:
    key = uuid.uuid4()
    send(ada.account, key=key)

    with pytest.raises(sending_documents.FormUsedAlready):
        send(ada.account, fit_for_the_broker(papers.pdf()), key=key)

    assert len(ada.at_the_broker()) == 1


def test_the_same_file_on_another_page_is_another_try(ada: Needy) -> None:
    first, second = send(ada.account), send(ada.account)

    assert first.pk != second.pk
    assert first.sha256 == second.sha256


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_refusal_of_our_keys_is_an_alarm(ada: Needy, status: int, caplog: pytest.LogCaptureFixture) -> None:
    fault(ada.sandbox, "status", UPLOAD, status=status, body={"code": status * 100_000, "message": "no"})

    upload = send(ada.account)

    assert (upload.status, upload.our_fault) == (states.REFUSED, True)
    assert [record for record in caplog.records if record.levelno == logging.ERROR]


# --- Left behind ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("found", "becomes"), [("RESERVED", "NOT_SENT"), ("SENDING", "UNKNOWN")])
def test_what_a_dead_process_has_left_is_called_what_it_is(account: BrokerageAccount, found: str, becomes: str) -> None:
    upload = row(account, found)

    assert sending_documents.pick_up_left_behind(sender="worker") == 0
    with time_machine.travel(timezone.now() + DEAD_AFTER + timedelta(seconds=1)):
        assert sending_documents.pick_up_left_behind(sender="worker") == 1
        assert sending_documents.pick_up_left_behind(sender="worker") == 0

    upload.refresh_from_db()
    assert upload.status == becomes
    assert upload.events.latest("at").actor == "worker"


LATE = {
    "yes": (200, ["ACCEPTED"]),
    "no": (400, ["REFUSED"]),
    "not now": (429, ["NOT_SENT"]),
    "nobody can tell": (500, []),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("answer", "then"), LATE.values(), ids=LATE)
def test_a_true_answer_counts_after_its_sender_was_given_up(vendor: Vendor, answer: int, then: list[str]) -> None:
    kyc = {"indeterminate": [ADDRESS.code]}
    account = make.account(make.user("grace@example.com"), status="SUBMITTED", kyc_results=kyc)
    asked, given_up = threading.Event(), threading.Event()

    def late(connection: socket) -> None:
        asked.set()
        given_up.wait(20)
        connection.sendall(message(answer, {"code": 40010001, "message": "no"}))

    def give_up() -> int:
        asked.wait(20)
        DocumentUpload.objects.update(status_at=timezone.now() - DEAD_AFTER - timedelta(seconds=1))
        picked = sending_documents.pick_up_left_behind(sender="worker")
        given_up.set()
        return picked

    vendor.says(late)
    at_once(lambda: send(account), give_up)

    upload = DocumentUpload.objects.get()
    assert [event.after for event in upload.events.all()] == ["RESERVED", "SENDING", "UNKNOWN", *then]
    assert upload.status == ["UNKNOWN", *then][-1]


@pytest.mark.parametrize("end", ["ACCEPTED", "REFUSED", "NOT_SENT"])
def test_an_end_is_an_end(account: BrokerageAccount, end: str) -> None:
    upload = row(account, end)

    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert sending_documents.pick_up_left_behind(sender="worker") == 0
    for status in ("RESERVED", "SENDING", "ACCEPTED", "REFUSED", "NOT_SENT", "UNKNOWN"):
        with pytest.raises(IllegalMove):
            upload.move(status, actor="a test")


# --- Never kept -------------------------------------------------------------------------------------------------------

CANARY = b"CANARY-7f3e-OF-A-TEST"


def anywhere_on_disk() -> list[Path]:
    """Return the files that hold the canary, where a server writes, and where Django keeps what is uploaded."""
    written = [*Path(django_settings.VAR_DIR).rglob("*"), *Path(tempfile.gettempdir()).glob("*.upload*")]
    return [path for path in written if path.is_file() and CANARY in path.read_bytes()]


def anywhere_in_the_database() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            found += [table for each in cursor.fetchall() if CANARY.decode() in repr(each)]
    return found


@pytest.mark.parametrize(
    ("strike", "status"),
    [(None, "ACCEPTED"), ("drop_after_commit", "UNKNOWN"), ("status", "REFUSED"), ("rate_limited", "NOT_SENT")],
)
def test_a_file_comes_to_rest_nowhere(
    ada: Needy, caplog: pytest.LogCaptureFixture, strike: str | None, status: str
) -> None:
    caplog.set_level(logging.DEBUG)
    if strike:
        refusal: dict[str, Any] = {"status": 400, "body": {"code": 40010001, "message": "no"}}
        fault(ada.sandbox, strike, UPLOAD, **(refusal if strike == "status" else {}))

    ada.choose(papers.pdf(papers.stream(CANARY * 200_000)), name=f"{CANARY.decode()}.pdf")

    assert ada.upload.status == status
    assert anywhere_in_the_database() == []
    assert CANARY.decode() not in caplog.text
    assert anywhere_on_disk() == []
