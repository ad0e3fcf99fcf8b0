"""The life of a bank link, as tests walk it: through Link and back, and what bank and broker do meanwhile."""

from dataclasses import replace
from typing import Any

from brokerage.gateways.errors import patience
from brokerage.gateways.plaid import BankAccount
from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import item_health as item_health
from funding.operations import linking
from funding.operations import settlement as settlement
from tests.funding.standing import SENDER, Customer, read_anew, work
from tests.harness.sandbox import Sandbox
from tests.journeys import people

TARTAN = "ins_109511"
FIRST_PLATYPUS = people.FIRST_PLATYPUS
PNC = "ins_13"
OAUTH = "ins_127287"  # hands out numbers that are made for us


def public_token(sandbox: Sandbox, username: str = "user_single", institution: str = TARTAN) -> str:
    """Return what Plaid Link hands the browser when a customer of this bank is done there."""
    token: str = people.plaid(
        sandbox,
        "/sandbox/public_token/create",
        institution_id=institution,
        initial_products=["auth"],
        options={"override_username": username, "override_password": "pass_good"},
    )["public_token"]
    return token


def pass_link(
    customer: Customer, *, username: str = "user_single", institution: str = TARTAN, replacing: bool = False
) -> ACHRelationship:
    """Go through Link for a new bank, and choose its first account."""
    session = linking.start_link(account=customer.account, user=customer.user, replacing=replacing)
    item = linking.finish_link(session=session, public_token=public_token(customer.sandbox, username, institution))
    with patience(2):
        link = linking.link_bank(
            account=customer.account,
            item=item,
            bank_account=linking.usable_accounts(item=item)[0],
            sender=SENDER,
            replacing=replacing,
        )
    return fresh(link)


def fresh(link: ACHRelationship) -> ACHRelationship:
    """Read a link anew, with its login."""
    return ACHRelationship.objects.select_related("item", "brokerage_account__user").get(pk=link.pk)


def approve(link: ACHRelationship, sandbox: Sandbox) -> ACHRelationship:
    """Let the broker approve it, and let us hear of it."""
    return broker_says(link, sandbox, states.APPROVED)


def broker_says(link: ACHRelationship, sandbox: Sandbox, status: str) -> ACHRelationship:
    sandbox.post(f"/control/relationships/{link.alpaca_id}", status=status)
    work()
    return fresh(link)


def at_the_broker(customer: Customer) -> list[dict[str, Any]]:
    """Return this account's relationships in the broker's own books that are not over there."""
    listed = customer.sandbox.get("/control/state")["relationships"]
    mine = [row for row in listed if row["account_id"] == customer.account.alpaca_id]
    return [row for row in mine if row["status"] not in ("CANCELED", "REJECTED")]


def at_plaid(sandbox: Sandbox) -> set[str]:
    """Return the ids of the items that Plaid holds."""
    return {row["item_id"] for row in sandbox.get("/control/state")["items"] if not row["removed"]}


def bank_does(item: PlaidItem, sandbox: Sandbox, state: str, **more: Any) -> None:
    """Let the bank, or its customer there, do something to the login."""
    sandbox.post(f"/control/plaid/items/{item.plaid_item_id}", state=state, **more)


def item_of(link: ACHRelationship) -> PlaidItem:
    item: PlaidItem = read_anew(link.login)
    return item


def sign_in(session: LinkSession, sandbox: Sandbox) -> None:
    """Do at the bank what Link in update mode asks for."""

    def frame(path: str, **fields: Any) -> Any:
        return sandbox.post(f"/plaid/link/frame/{path}", **fields)

    begun = frame("start", link_token=session.link_token)
    bank = {"institution_id": begun["institution"]["institution_id"], "username": "user_single"}
    said = frame("sign-in", session_id=begun["session_id"], password="pass_good", **bank)
    if said.get("next") == "connected":
        frame("finish", session_id=begun["session_id"], accounts=[], events=[])


def unverified(account: BankAccount) -> BankAccount:
    """Return an account as Plaid tells it while its small deposits are on their way."""
    return replace(account, verification="pending_automatic_verification")
