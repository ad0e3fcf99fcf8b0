"""Somebody who links or unlinks a bank while a vendor fails, and what stands of it: here, at the broker, at Plaid."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.test import Client
from pytest_django import Settings

from accounts.models import BrokerageAccount, User
from brokerage.gateways.plaid import BankAccount
from funding import bank_page, states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import linking
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.funding.matrix.faults import Fault, strike
from tests.funding.standing import SENDER, Clocks, work
from tests.harness.sandbox import Sandbox
from tests.journeys import people

Chosen = tuple[PlaidItem, BankAccount]

NOTHING = ""  # the process is dead: nobody tells them anything
NONE = "No bank"

ACCOUNTS = "POST /plaid/accounts/get"
EXCHANGE = "POST /plaid/item/public_token/exchange"
ITEM = "POST /plaid/item/get"
LINK_TOKEN = "POST /plaid/link/token/create"
MATCH = "POST /plaid/identity/match"
PROCESSOR = "POST /plaid/processor/token/create"
REMOVE = "POST /plaid/item/remove"
CREATE = "POST /broker/v1/accounts/*/ach_relationships"
DELETE = "DELETE /broker/v1/accounts/*/ach_relationships/*"
LISTED = "GET /broker/v1/accounts/*/ach_relationships"


@dataclass(frozen=True)
class Someone:
    """Somebody whose brokerage account is open; both clocks stand still until they are moved."""

    user: User
    account: BrokerageAccount
    client: Client
    sandbox: Sandbox
    clocks: Clocks
    settings: Settings

    def struck(self, by: Fault, job: Callable[[], object], *, on: str) -> None:
        strike(by, job, on=on, sandbox=self.sandbox, settings=self.settings)

    def later(self, **by: float) -> None:
        """Let time pass, and a worker come by."""
        self.clocks.advance(**by or {"minutes": 2})
        work()

    # --- What they do

    def told(self, path: str, **data: str) -> str:
        """Choose a button, and return the page's one sentence about it."""
        page = self.client.post(path, data, follow=True)
        return " ".join(str(each) for each in page.context["messages"])

    def begin(self, way: str = "/bank/link/") -> LinkSession:
        """Begin a pass through Link."""
        place = self.client.post(way)["Location"]
        return LinkSession.objects.get(pk=place.split("/")[-2])

    def finish(self, session: LinkSession, public_token: str, **more: str) -> str:
        """Hand in what Link gave the browser; return what the page says."""
        return self.told(f"/bank/link/{session.pk}/finish/", public_token=public_token, **more)

    def public_token(self, username: str = "user_single") -> str:
        return people.public_token(self.sandbox, username)

    def sign_in(self) -> PlaidItem:
        """Return a login at a bank that was just made, and of which nothing is linked yet."""
        exchange = people.plaid(self.sandbox, "/item/public_token/exchange", public_token=self.public_token())
        return PlaidItem.objects.create(
            user=self.user, plaid_item_id=exchange["item_id"], access_token=exchange["access_token"]
        )

    def shared(self) -> Chosen:
        """Return the one account of a login that was just made, which is the customer's own beyond doubt."""
        self.settings.OWNER_CHECK = "off"
        item = self.sign_in()
        [account] = linking.usable_accounts(item=item)
        return item, account

    def link(self, chosen: Chosen) -> ACHRelationship:
        item, account = chosen
        return linking.link_bank(account=self.account, item=item, bank_account=account, sender=SENDER)

    def linked(self) -> ACHRelationship:
        """Return a bank account that money can move with."""
        bench = Bench(self.sandbox.url)
        with closing(bench.session):
            alpaca_id, login = bench.link(self.account.alpaca_id), bench.bank_login()
        link = make.relationship(self.account, alpaca_id=alpaca_id, login=login)
        assert self.bank == "Working"
        return link

    def broker_says(self, link: ACHRelationship, status: str) -> None:
        """Let the broker move a relationship, and us hear of it."""
        self.sandbox.post(f"/control/relationships/{link.alpaca_id}", status=status)
        self.later()
        link.refresh_from_db()

    # --- What stands

    @property
    def bank(self) -> str:
        """Return the word that stands on the page of the bank account."""
        words = bank_page.of(self.account).words
        return words.word if words else NONE

    def at_the_broker(self) -> list[Mapping[str, Any]]:
        """Return the relationships that are active in the broker's own books; one can be."""
        rows = self.sandbox.get("/control/state")["relationships"]
        mine = [row for row in rows if row["account_id"] == self.account.alpaca_id]
        return [row for row in mine if row["status"] not in states.RELATIONSHIP_ENDED]

    def bound(self) -> list[str | None]:
        """Return the broker's ids of the relationships that stand here."""
        return list(ACHRelationship.objects.active().exclude(alpaca_id=None).values_list("alpaca_id", flat=True))

    def at_plaid(self) -> set[str]:
        """Return the items that Plaid holds for us: traded for, and not removed."""
        books = self.sandbox.get("/control/dump")
        gone = {row["id"] for row in books["items"] if row["removed"]}
        return {row["item_id"] for row in books["item_states"] if row["exchanged"]} - gone

    def orphans(self) -> set[str]:
        """Return those of them that we hold no key to."""
        return self.at_plaid() - set(PlaidItem.objects.held().values_list("plaid_item_id", flat=True))

    def keys(self) -> list[str]:
        """Return the access tokens that we hold."""
        return [item.access_token for item in PlaidItem.objects.all() if item.access_token]


def someone(
    sandbox: Sandbox, clocks: Clocks, settings: Settings, email: str = "ada@example.com", client: Client | None = None
) -> Someone:
    bench = Bench(sandbox.url)
    with closing(bench.session):
        account_id = bench.open_account()
    client, user = client or Client(), make.user(email)
    client.force_login(user)
    return Someone(user, make.account(user, alpaca_id=account_id), client, sandbox, clocks, settings)
