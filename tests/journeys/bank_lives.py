"""Changes of a bank that somebody may be killed in: what stands before each, and what must hold after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from funding import states
from funding.models import ACHRelationship, LinkSession, OwnerCheck, PlaidItem
from funding.operations import endings, linking, repairing
from funding.operations.rounds import Rounds
from tests.funding import banking
from tests.funding.standing import SENDER, Clocks, Customer, open_customer
from tests.harness.mortals import Wish
from tests.harness.sandbox import Sandbox
from tests.harness.site import sessions

# A worker's rounds: soon, past a lease, and as long as a try may be put off.
STEPS = (2, 61, 61, 301, 3601, 3601, 25 * 3600, 301)


@dataclass
class BankScene:
    """What stands before the work, and the work; `kept` is how many banks are to be linked in the end."""

    customer: Customer
    clocks: Clocks
    wish: Wish
    kept: int
    lost_exchanges: int = 0  # how many items Plaid may hold whose key we never learned, where somebody dies

    def carry_on(self) -> None:
        """Let a new worker do rounds, at a broker that approves and removes what it is asked to."""
        rounds = Rounds(sender="another worker")
        for seconds in STEPS:
            self.the_broker_acts()
            self.clocks.advance(seconds=seconds)
            rounds.run()

    def the_broker_acts(self) -> None:
        done = {states.QUEUED: states.APPROVED, states.CANCEL_REQUESTED: states.CANCELED}
        for row in banking.at_the_broker(self.customer):
            if row["status"] in done:
                self.customer.sandbox.post(f"/control/relationships/{row['id']}", status=done[row["status"]])


def _posted(customer: Customer, path: str, **form: str) -> Wish:
    return Wish("post", {"session": sessions(customer.user, 1)[0], "path": path, "form": form})


# --- What stands before, and the work ---------------------------------------------------------------------------------


def unlinking(sandbox: Sandbox, clocks: Clocks) -> BankScene:
    """Let the server unlink a bank."""
    customer = open_customer(sandbox)
    return BankScene(customer, clocks, _posted(customer, "/bank/unlink/confirm/"), kept=0)


def removing(sandbox: Sandbox, clocks: Clocks) -> BankScene:
    """Let the worker hear that the broker has removed a bank, and remove its login."""
    customer = open_customer(sandbox)
    link = banking.fresh(customer.relationship)
    endings.ask_to_unlink(relationship=link, actor="ada")
    endings.carry_on(relationship=link, sender=SENDER)
    sandbox.post(f"/control/relationships/{link.alpaca_id}", status=states.CANCELED)
    clocks.advance(seconds=10)
    return BankScene(customer, clocks, Wish("work_once", {}), kept=0)


def replacing(sandbox: Sandbox, clocks: Clocks) -> BankScene:
    """Let the worker make the new bank, now that the broker has removed the old one."""
    customer = open_customer(sandbox)
    banking.pass_link(customer, replacing=True)
    endings.carry_on(relationship=banking.fresh(customer.relationship), sender=SENDER)
    sandbox.post(f"/control/relationships/{customer.relationship.alpaca_id}", status=states.CANCELED)
    clocks.advance(seconds=10)
    return BankScene(customer, clocks, Wish("work_once", {}), kept=1)


def without_a_bank(sandbox: Sandbox) -> Customer:
    customer = open_customer(sandbox)
    sandbox.post(f"/control/relationships/{customer.relationship.alpaca_id}", status=states.CANCELED)
    banking.people.plaid(sandbox, "/item/remove", access_token=customer.relationship.login.access_token)
    ACHRelationship.objects.all().delete()
    PlaidItem.objects.all().delete()
    return customer


def linked(sandbox: Sandbox, clocks: Clocks) -> BankScene:
    """Let the server link a first bank: trade the token, check the owner, ask the broker."""
    customer = without_a_bank(sandbox)
    session = linking.start_link(account=customer.account, user=customer.user)
    token = banking.public_token(sandbox)
    wish = _posted(customer, f"/bank/link/{session.pk}/finish/", public_token=token)
    return BankScene(customer, clocks, wish, kept=1, lost_exchanges=1)


def repaired(sandbox: Sandbox, clocks: Clocks) -> BankScene:
    """Let the server take a customer back who has signed in at the bank again."""
    customer = open_customer(sandbox)
    item = banking.fresh(customer.relationship).login
    banking.bank_does(item, sandbox, "login_required")
    banking.item_health.read(item=item, actor="a test")
    session = repairing.start_repair(account=customer.account, user=customer.user)
    banking.sign_in(session, sandbox)
    wish = _posted(customer, f"/bank/link/{session.pk}/finish/", public_token="public-of-update-mode")
    return BankScene(customer, clocks, wish, kept=1)


# --- What must hold afterwards ----------------------------------------------------------------------------------------


def wrong(scene: BankScene, *, killed: bool) -> Iterator[str]:
    """Yield what must never be, whatever was killed."""
    living = list(ACHRelationship.objects.living().select_related("item"))
    theirs = banking.at_the_broker(scene.customer)
    # Who dies before a new bank was kept costs its customer one more pass through Link, and nothing else.
    fewest = 0 if killed and scene.lost_exchanges else scene.kept
    if not fewest <= len(living) <= scene.kept or len(theirs) != len(living):
        yield f"{len(living)} linked here, {len(theirs)} at the broker, and {scene.kept} should be"
    yield from (f"a link stands {each.sending} {each.status}" for each in living if not each.usable)
    kept = {each.login.plaid_item_id for each in living}
    unknown = banking.at_plaid(scene.customer.sandbox) - kept
    if len(unknown) > (scene.lost_exchanges if killed and not living else 0):
        yield f"Plaid holds {len(unknown)} items besides"
    yield from _keys_left(kept)


def _keys_left(kept: set[str]) -> Iterator[str]:
    held = {item.plaid_item_id for item in PlaidItem.objects.all() if item.access_token}
    if held != kept:
        yield f"{len(held - kept)} keys are left over, {len(kept - held)} are missing"
    for link in ACHRelationship.objects.all():
        if link.processor_token:
            yield "a processor token is left"
    if any(session.link_token for session in LinkSession.objects.all()):
        yield "a link token is left"
    if any(check.owner_names for check in OwnerCheck.objects.all()):
        yield "names are left"


def facts(scene: BankScene) -> list[Any]:
    """Return all that a killed process must leave as one that was not killed does, in no order of time: it stands."""
    rows = ACHRelationship.objects.select_related("item")
    return sorted((row.sending, row.status, row.ending_because, row.usable, row.login.health) for row in rows)


@dataclass(frozen=True)
class BankLifeStory:
    """A piece of work in a scene; `as_if_alive` where it leaves the same facts, wherever it was killed."""

    begin: Callable[[Sandbox, Clocks], BankScene]
    as_if_alive: bool = True


STORIES = {
    "a server that unlinks a bank": BankLifeStory(unlinking, as_if_alive=False),  # or nothing was asked for yet
    "a worker that removes a login": BankLifeStory(removing),
    "a worker that replaces a bank": BankLifeStory(replacing),
    "a server that links a bank": BankLifeStory(linked, as_if_alive=False),
    "a server that takes back who signed in again": BankLifeStory(repaired),
}
