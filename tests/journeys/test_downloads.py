"""A document fetched through the site as it runs in production: whole, or visibly not."""

import http.client
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import BrokerDocument, DocumentAccess
from accounts.operations import documents
from tests.funding.standing import open_customer
from tests.harness.sandbox import Sandbox
from tests.harness.site import HOST, running_site, sessions
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_key(settings: Settings) -> None:
    """Sign sessions with a key that production takes."""
    settings.SECRET_KEY = "for-the-downloads-only-" + uuid.uuid4().hex * 2


def fetch(port: int, path: str, session: str) -> tuple[http.client.HTTPResponse, bytes]:
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": f"__Host-sessionid={session}"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        line.request("GET", path, headers=headers)
        with closing(line.getresponse()) as answer:
            return answer, answer.read()


def test_half_a_document_breaks_the_connection(sandbox: Sandbox, tmp_path: Path) -> None:
    ada = open_customer(sandbox, cash="10.00")
    documents.refresh_if_old(account=ada.account)
    path = f"/documents/{BrokerDocument.objects.get().pk}/"
    [session] = sessions(ada.user, 1)

    with running_site(tmp_path, sandbox) as port:
        answer, whole = fetch(port, path, session)
        sandbox.post("/control/faults", kind="short_answer", route="GET /broker/files/*/*", times=9)
        with pytest.raises(http.client.IncompleteRead) as half:
            fetch(port, path, session)

    assert (answer.status, len(whole)) == (200, int(answer.headers["Content-Length"]))
    assert whole.startswith(b"%PDF")
    assert whole.startswith(half.value.partial)
    eventually(lambda: DocumentAccess.objects.filter(outcome="BROKEN_OFF").exists(), 10)
    assert list(DocumentAccess.objects.values_list("outcome", flat=True)) == ["OPENED", "SENT", "OPENED", "BROKEN_OFF"]
