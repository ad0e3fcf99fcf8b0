"""Somebody whose account is open, here and in the sandbox's books, and what they want changed."""

import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from accounts import kept_details
from accounts.models import Application, BrokerageAccount, DetailsChange, User
from accounts.models.changes import Values
from accounts.operations import details
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.harness.sandbox import Sandbox

Kind = DetailsChange.Kind
PATCH = "PATCH /broker/v1/accounts/*"
GET = "GET /broker/v1/accounts/*"

FIRM = {
    "company_name": "Hudson Steel",
    "company_street_address": "1 Mill Road",
    "company_city": "Newark",
    "company_state": "NJ",
    "company_country": "USA",
    "company_compliance_email": "rules@hudson.example",
}
# What is wanted anew of each kind, by column.
WANTED: dict[str, Values] = {
    Kind.CONTACT: {"phone": "+12015550177", "street_address": "5 Grove Street", "unit": "", "postal_code": "07302"},
    Kind.WORK: {"employer_name": "Harbor School", "employment_position": "Teacher"},
    Kind.TRUSTED_CONTACT: dict.fromkeys(kept_details.TRUSTED, "")
    | {"given_name": "Bea", "family_name": "Okafor", "email_address": "bea@example.com"},
    Kind.DISCLOSURES: {"is_control_person": True, "contexts": {"CONTROLLED_FIRM": FIRM}},
}


@dataclass(frozen=True)
class Holder:
    """Somebody with an open account."""

    user: User
    account: BrokerageAccount
    sandbox: Sandbox

    @property
    def application(self) -> Application:
        return Application.objects.select_related("user").get(user=self.user)

    def present(self, kind: str) -> Values:
        return kept_details.read(self.application, kind)

    def wanted(self, kind: str) -> Values:
        return self.present(kind) | WANTED[kind]

    def ask(self, kind: str = Kind.CONTACT, after: Values | None = None) -> DetailsChange:
        """Reserve a change, and send nothing."""
        return details.request_change(
            account=self.account,
            kind=kind,
            after=after or self.wanted(kind),
            form_key=self.key(kind),
            actor="a test",
        )

    def key(self, kind: str = Kind.CONTACT) -> uuid.UUID:
        return details.next_form_key(account=self.account, kind=kind)

    def at_the_broker(self) -> Mapping[str, Any]:
        """Return the account as the broker's own books hold it."""
        with closing(Bench(self.sandbox.url).session) as session:
            keys = ("local-broker-key", "local-broker-secret")
            url = f"{self.sandbox.url}/broker/v1/accounts/{self.account.alpaca_id}"
            found: Mapping[str, Any] = session.get(url, auth=keys, timeout=10).json()
        return found


def holder(sandbox: Sandbox, email: str = "ada@example.com") -> Holder:
    bench = Bench(sandbox.url)
    with closing(bench.session):
        account_id = bench.open_account()
    user = make.user(email)
    return Holder(user, make.account(user, alpaca_id=account_id, cash="0.00"), sandbox)
