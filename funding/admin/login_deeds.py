"""What ops may do to a login at a bank: read it again, ask its customer to sign in, remove one that nothing uses."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from brokerage.deeds import Because, Deed, NotDone, Nothing, Told
from brokerage.template_tags import moment
from funding import states
from funding.admin.login_file import HEALTH
from funding.models import PlaidItem
from funding.operations import endings, item_reconciliation, repairing

MAY_ACT = "funding.change_achrelationship"

READ = (
    "Plaid is asked at once how the login and its accounts are. What it says is taken over, as when the worker asks: "
    "transfers stop or go on by it, and the customer is told of what has changed."
)
ASK = (
    "The customer is told that the bank wants a new sign-in, in their inbox and by e-mail, and finds it on the page of "
    "their bank account. Nothing is stopped by it; your reason is for ops alone."
)
REMOVE = (
    "Plaid is asked at once to end our access, and the key is destroyed when it has. It is tried by itself, too, each "
    "hour at the latest."
)


def _rows() -> QuerySet[PlaidItem]:
    return PlaidItem.objects.select_related("user")


# --- Also of the page of a bank account -------------------------------------------------------------------------------


def not_to_read(item: PlaidItem) -> str:
    return "This login is removed: there is nothing to read any more." if item.removed_at else ""


def not_to_sign_in(item: PlaidItem) -> str:
    if item.health in states.ACCESS_LOST:
        return "Our access has ended, so signing in again does not help: the customer has to link the bank anew."
    return ""


def facts(item: PlaidItem) -> Told:
    """Return how a login is."""
    read_at = moment(item.read_at) if item.read_at else "never"
    told: Told = [("Customer", item.user.email), ("How it is", HEALTH.get(item.health, item.health))]
    told += [("Since", moment(item.health_at)), ("Last read", read_at)]
    if item.error_code:
        told.append(("Plaid’s own word", item.error_code))
    if item.repair_asked_at:
        told.append(("Asked to sign in already", moment(item.repair_asked_at)))
    return told


def read(item: PlaidItem, person: User) -> str:
    """Read a login, and say how it is. Raises NotDone."""
    before = item.health
    try:
        item_reconciliation.read_now(item=item, person=person)
    except item_reconciliation.PlaidAway as away:
        said = f"it answered {away.code}" if away.code else "it gave no answer that counts"
        raise NotDone(
            f"Plaid did not tell how the login is ({said}). Nothing was changed; try it in a minute."
        ) from None
    word = HEALTH.get(item.health, item.health)
    return f"{item}: {word}, as before." if item.health == before else f"{item}: {word}. Its customer is told."


def ask(item: PlaidItem, person: User, because: str) -> str:
    """Ask a customer to sign in again. Raises NotDone."""
    try:
        repairing.ask(item=item, because=because, person=person)
    except repairing.NeedsNewLink:
        raise NotDone("our access has ended meanwhile: the customer has to link the bank anew.") from None
    return f"Asked: {item.user} finds it in their inbox, and on the page of their bank account."


# --- On its own page --------------------------------------------------------------------------------------------------


def _not_to_read(item: PlaidItem, person: User) -> str:
    return not_to_read(item)


def _not_to_sign_in(item: PlaidItem, person: User) -> str:
    used = PlaidItem.objects.in_use().filter(pk=item.pk).exists()
    return not_to_sign_in(item) or ("" if used else "No bank account through this login is linked.")


def _not_to_remove(item: PlaidItem, person: User) -> str:
    if item.removed_at:
        return "This login is removed."
    unused = PlaidItem.objects.out_of_use(now=timezone.now()).filter(pk=item.pk).exists()
    return "" if unused else "It is in use, or was made a moment ago: it is removed with the last bank account of it."


def _facts(item: PlaidItem, asked: Mapping[str, str]) -> Told:
    return facts(item)


def _removal_facts(item: PlaidItem, asked: Mapping[str, str]) -> Told:
    next_at = item.removal_next_at and moment(item.removal_next_at)
    return [*facts(item), ("Tries so far", item.removal_tries), ("Next by itself", next_at or "within seconds")]


def _read(item: PlaidItem, person: User) -> str:
    return read(item, person)


def _ask(item: PlaidItem, person: User, *, because: str) -> str:
    return ask(item, person, because)


def _remove(item: PlaidItem, person: User, *, because: str) -> str:
    if not endings.remove_item_now(item=item, because=because, person=person):
        raise NotDone("Plaid has not ended our access; it is tried again by itself, each hour at the latest.")
    return f"{item}: our access is over, and the key is destroyed."


DEEDS = (
    Deed(
        name="read",
        label="Read the login again now",
        says=READ,
        permission=MAY_ACT,
        rows=_rows,
        hinders=_not_to_read,
        facts=_facts,
        act=_read,
        form=Nothing,
    ),
    Deed(
        name="ask",
        label="Ask to sign in again",
        says=ASK,
        permission=MAY_ACT,
        rows=_rows,
        hinders=_not_to_sign_in,
        facts=_facts,
        act=_ask,
        form=Because,
    ),
    Deed(
        name="remove",
        label="Try the removal again now",
        says=REMOVE,
        permission=MAY_ACT,
        rows=_rows,
        hinders=_not_to_remove,
        facts=_removal_facts,
        act=_remove,
        form=Because,
    ),
)
