"""Somebody of whom the broker asks for a document: a row here, and the same account in the broker's books."""

import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import BrokerageAccount, DocumentUpload, User
from tests import make
from tests.accounts import papers
from tests.brokerage.sandbox.bench import Bench
from tests.harness.sandbox import Sandbox

UPLOAD = "POST /broker/v1/accounts/*/documents/upload"
READ = "GET /broker/v1/accounts/*"
PAGE = "/apply/documents/address/"
ASKS_FOR_ADDRESS: dict[str, Any] = {
    "accept": {"IDENTITY_VERIFICATION": {}},
    "indeterminate": {"ADDRESS_VERIFICATION": {}},
}


@dataclass
class Needy:
    """Somebody whose address could not be confirmed."""

    user: User
    account: BrokerageAccount
    client: Client
    sandbox: Sandbox

    def choose(
        self, content: bytes | None = None, *, page: str = PAGE, key: str = "", name: str = "bill.jpg", **fields: Any
    ) -> Any:
        """Choose a file on a page, and follow where that leads."""
        file = SimpleUploadedFile(name, papers.picture() if content is None else content, "text/html")
        data = {"paper": "utility_bill", "file": file, "form_key": key or str(uuid.uuid4())} | fields
        return self.client.post(page, data, follow=True)

    @property
    def upload(self) -> DocumentUpload:
        """Return the only row."""
        return DocumentUpload.objects.get()

    def at_the_broker(self) -> list[dict[str, Any]]:
        """Return the documents in the broker's own books."""
        bench = Bench(self.sandbox.url)
        with closing(bench.session):
            documents: list[dict[str, Any]] = bench.broker("GET", f"v1/accounts/{self.account.alpaca_id}").json()[
                "documents"
            ]
        return documents


def needy(sandbox: Sandbox, client: Client, email: str = "ada@example.com") -> Needy:
    bench = Bench(sandbox.url)
    with closing(bench.session):
        account_id = bench.open_account()
    sandbox.post(f"/control/accounts/{account_id}", status="ACTION_REQUIRED", kyc_results=ASKS_FOR_ADDRESS)
    user = make.user(email)
    account = make.account(user, status="ACTION_REQUIRED", alpaca_id=account_id, kyc_results=ASKS_FOR_ADDRESS)
    client.force_login(user)
    return Needy(user, account, client, sandbox)


def said(page: Any) -> str:
    """Return the page's one sentence about what was done."""
    return " ".join(str(each) for each in page.context["messages"])
