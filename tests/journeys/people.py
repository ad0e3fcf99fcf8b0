"""Steps of the customer's way through the site, as a browser without JavaScript takes them."""

import re
from typing import Any

from django.core.management import call_command
from django.test import Client

from accounts.models import BrokerageAccount, User
from funding.models import ACHRelationship, Transfer
from tests import make
from tests.harness import mailbox
from tests.harness.sandbox import Sandbox

FIRST_PLATYPUS = "ins_109508"


def sign_up(client: Client, email: str = "ada@example.com") -> User:
    """Ask for the letter, follow its link, and choose a password."""
    asked = client.post("/sign-up/", {"email": email})
    assert asked.status_code == 302, asked.content
    answer = client.post(mailbox.newest_link(email), {"password": make.PASSWORD})
    assert answer.status_code == 302, answer.content
    return User.objects.get(email=email)


def apply(client: Client, **changes: dict[str, Any]) -> None:
    """Answer every page and send the application."""
    for slug, answers in make.ANSWERS.items():
        answer = client.post(f"/apply/{slug}/", answers | changes.get(slug.replace("-", "_"), {}))
        assert answer.status_code == 302, answer.content.decode()
    answer = client.post("/apply/check/")
    assert answer["Location"] == "/apply/waiting/"


def public_token(sandbox: Sandbox, username: str = "user_single") -> str:
    """Return what Plaid Link hands the browser when the customer is done at their bank."""
    answer = plaid(
        sandbox,
        "/sandbox/public_token/create",
        institution_id=FIRST_PLATYPUS,
        initial_products=["auth"],
        options={"override_username": username, "override_password": "pass_good"},
    )
    token: str = answer["public_token"]
    return token


def plaid(sandbox: Sandbox, path: str, **body: Any) -> Any:
    keys = {"client_id": "local-plaid-id", "secret": "local-plaid-secret"}
    return sandbox.post(f"/plaid{path}", **keys, **body)


def link_bank(client: Client, sandbox: Sandbox, username: str = "user_single") -> ACHRelationship:
    """Pass through Link and back."""
    start = client.post("/bank/link/")
    page = client.get(start["Location"])
    assert page.status_code == 200, page
    done = client.post(f"{start['Location']}finish/", {"public_token": public_token(sandbox, username)})
    assert done.status_code == 302
    return ACHRelationship.objects.latest("created_at")


def settle_account(user: User, sandbox: Sandbox) -> BrokerageAccount:
    """Let the broker open the account, and let us hear of it."""
    account = BrokerageAccount.objects.get(user=user)
    for status in ("APPROVED", "ACTIVE"):
        sandbox.post(f"/control/accounts/{account.alpaca_id}", status=status)
    call_command("run_worker", once=True)
    account.refresh_from_db()
    return account


def approve(relationship: ACHRelationship, sandbox: Sandbox) -> ACHRelationship:
    sandbox.post(f"/control/relationships/{relationship.alpaca_id}", status="APPROVED")
    call_command("run_worker", once=True)
    relationship.refresh_from_db()
    return relationship


def customer_with_bank(client: Client, sandbox: Sandbox, email: str = "ada@example.com") -> User:
    """Bring someone to the point where money can move."""
    user = sign_up(client, email)
    apply(client)
    settle_account(user, sandbox)
    approve(link_bank(client, sandbox), sandbox)
    return user


def review(client: Client, way: str, amount: str) -> str:
    """Type an amount and return the address of the page to check it."""
    page = client.get(f"/{way}/")
    answer = client.post(f"/{way}/", {"amount": amount, "form_key": hidden(page, "form_key")})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def hidden(page: Any, name: str) -> str:
    """Return the value of a hidden field."""
    match = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.content.decode())
    assert match, f"no hidden {name}"
    return match[1]


def confirmation(page: Any) -> dict[str, str]:
    """Return what the page to check a transfer confirms."""
    return {name: hidden(page, name) for name in ("amount", "form_key", "agreed_to")}


def confirm(client: Client, way: str, review_url: str) -> Any:
    """Choose the button on the page at `review_url`."""
    page = client.get(review_url)
    fields = confirmation(page)
    return client.post(f"/{way}/confirm/", fields)


def move(client: Client, way: str, amount: str) -> Transfer:
    """Deposit or withdraw, in two steps."""
    answer = confirm(client, way, review(client, way, amount))
    assert answer.status_code == 302, answer.content.decode()
    return Transfer.objects.get(pk=answer["Location"].rstrip("/").rsplit("/", 1)[-1])


def broker_transfers(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return every transfer in the broker's own books."""
    transfers: list[dict[str, Any]] = sandbox.get("/control/state")["transfers"]
    return transfers
