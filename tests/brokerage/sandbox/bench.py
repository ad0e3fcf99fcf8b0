"""The handle by which these tests use a sandbox from outside, over its socket."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

KEYS = ("local-broker-key", "local-broker-secret")


@dataclass(frozen=True)
class BankLogin:
    """An Item of Plaid's, and one account of it."""

    item_id: str
    access_token: str
    account_id: str


class Bench:
    """What a test does to a running sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def control(self, path: str, **fields: Any) -> Any:
        answer = self.session.post(f"{self.url}/control/{path}", json=fields, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> Any:
        return self.session.get(f"{self.url}/control/state", timeout=10).json()

    def pass_time(self, seconds: float) -> None:
        self.control("clock", advance_seconds=seconds)

    def fault(self, kind: str, route: str = "POST /broker/v1/accounts/*/transfers", **details: Any) -> None:
        self.control("faults", route=route, kind=kind, **details)

    def broker(self, method: str, path: str, **how: Any) -> requests.Response:
        how = {"auth": KEYS, "timeout": 10, **how}
        return self.session.request(method, f"{self.url}/broker/{path}", **how)

    def plaid(self, path: str, **fields: Any) -> requests.Response:
        keys = {"client_id": "local-plaid-id", "secret": "local-plaid-secret"}
        return self.session.post(f"{self.url}/plaid/{path}", json={**keys, **fields}, timeout=10)

    def frame(self, path: str, **fields: Any) -> Any:
        return self.session.post(f"{self.url}/plaid/link/frame/{path}", json=fields, timeout=10).json()

    def open_account(self, *, active: bool = True, **identity: Any) -> str:
        """The id of a new brokerage account."""
        answer = self.broker("POST", "v1/accounts", json=application(**identity))
        assert answer.status_code == 200, answer.text
        account_id: str = answer.json()["id"]
        if active:
            self.control(f"accounts/{account_id}", status="ACTIVE")
        return account_id

    def link(self, account_id: str, *, approved: bool = True) -> str:
        """The id of a relationship with a bank account named by hand."""
        answer = self.broker("POST", f"v1/accounts/{account_id}/ach_relationships", json=BANK)
        assert answer.status_code == 200, answer.text
        relationship_id: str = answer.json()["id"]
        if approved:
            self.control(f"relationships/{relationship_id}", status="APPROVED")
        return relationship_id

    def bank_login(self, username: str = "user_single") -> BankLogin:
        """The keys to one bank account at Plaid, as somebody has who passed through Link."""
        options = {"override_username": username, "override_password": "pass_good"}
        public_token = self.plaid(
            "sandbox/public_token/create",
            institution_id="ins_109508",
            initial_products=["auth", "signal"],
            options=options,
        ).json()["public_token"]
        item = self.plaid("item/public_token/exchange", public_token=public_token).json()
        accounts = self.plaid("accounts/get", access_token=item["access_token"]).json()["accounts"]
        return BankLogin(item["item_id"], item["access_token"], accounts[0]["account_id"])

    def transfer(self, account_id: str, relationship_id: str, amount: str, direction: str = "INCOMING") -> Any:
        body = transfer_of(relationship_id, amount, direction)
        return self.broker("POST", f"v1/accounts/{account_id}/transfers", json=body)

    def transfers(self, account_id: str, **query: Any) -> Any:
        return self.broker("GET", f"v1/accounts/{account_id}/transfers", params=query).json()

    def trading_account(self, account_id: str) -> Any:
        return self.broker("GET", f"v1/trading/accounts/{account_id}/account").json()

    def activities(self, account_id: str, **query: Any) -> Any:
        return self.broker("GET", "v1/accounts/activities", params={"account_id": account_id, **query}).json()


BANK = {
    "account_owner_name": "Ada Byron",
    "bank_account_type": "CHECKING",
    "bank_account_number": "32131231",
    "bank_routing_number": "121000358",
}


def transfer_of(relationship_id: str, amount: str, direction: str = "INCOMING") -> dict[str, str]:
    """The body that alpaca-py sends."""
    return {
        "transfer_type": "ach",
        "relationship_id": relationship_id,
        "amount": amount,
        "direction": direction,
        "timing": "immediate",
    }


def application(**identity: Any) -> dict[str, Any]:
    return {
        "contact": {
            "email_address": f"{uuid4().hex}@example.com",
            "phone_number": "+15555550100",
            "street_address": ["20 N San Mateo Dr"],
            "city": "San Mateo",
            "state": "CA",
            "postal_code": "94401",
            "country": "USA",
        },
        "identity": {
            "given_name": "Ada",
            "family_name": "Byron",
            "date_of_birth": "1980-12-10",
            "tax_id": "444-55-4321",
            "tax_id_type": "USA_SSN",
            "country_of_citizenship": "USA",
            "country_of_birth": "USA",
            "country_of_tax_residence": "USA",
            "funding_source": ["employment_income"],
            **identity,
        },
        "disclosures": {
            "is_control_person": False,
            "is_affiliated_exchange_or_finra": False,
            "is_politically_exposed": False,
            "immediate_family_exposed": False,
        },
        "agreements": [
            {"agreement": "customer_agreement", "signed_at": "2026-09-08T15:04:05Z", "ip_address": "127.0.0.1"}
        ],
    }
