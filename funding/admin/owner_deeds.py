"""What ops decide about a bank account whose owner is not clearly its customer: look, accept, refuse."""

from collections.abc import Mapping

from django.db.models import QuerySet

from accounts.models import User
from brokerage.deeds import Deed, NotDone, Nothing, Told
from brokerage.template_tags import moment
from funding import states
from funding.admin.login_deeds import MAY_ACT
from funding.models import ACHRelationship
from funding.operations import owner_check, succession

DECIDED = "someone else has decided it, or the customer has dropped it."


def rows() -> QuerySet[ACHRelationship]:
    return ACHRelationship.objects.select_related(
        "item__user", "brokerage_account__user", "brokerage_account__application"
    )


def whose(link: ACHRelationship) -> Told:
    return [("Customer", link.brokerage_account.user.email), ("Name on the application", link.brokerage_account.holder)]


def _not_held(link: ACHRelationship, person: User) -> str:
    return "" if link.sending == states.HELD else "This bank account does not wait for a person any more."


def _nothing_to_open(link: ACHRelationship, person: User) -> str:
    kept = link.owner_checks.exclude(owner_names="").exists()
    return _not_held(link, person) or ("" if kept else "The bank gave no names: there is a score alone, or nothing.")


def _owner_facts(link: ACHRelationship, asked: Mapping[str, str]) -> Told:
    """Return why it is held, and what hangs on it; the names stand on the page of the bank account alone."""
    told = whose(link)
    check = link.owner_checks.defer("owner_names").last()
    if check is not None:
        score = "none" if check.score is None else f"{check.score} of 100"
        told += [("How it was compared", check.get_method_display()), ("Score", score)]
        told += [("Reasons", "; ".join(map(str, check.reasons)) or "none"), ("Held", moment(check.at))]
    before = succession.one_before(link)
    return [*told, ("Is to replace", before)] if before else told


def _open(link: ACHRelationship, person: User) -> str:
    try:
        owner_check.open_names(relationship=link, person=person)
    except owner_check.NotHeld:
        raise NotDone(DECIDED) from None
    return "The names are open to you on this page for fifteen minutes. The history says that you looked."


def _accept(link: ACHRelationship, person: User, *, because: str) -> str:
    try:
        owner_check.accept_held(relationship=link, because=because, person=person)
    except owner_check.NotHeld:
        raise NotDone(DECIDED) from None
    link.refresh_from_db()
    if link.sending == states.WAITING:
        return f"{link} is accepted; it takes over when the one before it has ended."
    return f"{link} is accepted; the worker takes it to the broker within seconds."


def _refuse(link: ACHRelationship, person: User, *, because: str) -> str:
    try:
        owner_check.refuse_held(relationship=link, because=because, person=person)
    except owner_check.NotHeld:
        raise NotDone(DECIDED) from None
    return f"{link} is refused; the customer is told, and the worker ends our access to it."


DEEDS = (
    Deed(
        name="names",
        label="Show the names the bank gave",
        says="The owner’s names are shown to you on the page of the bank account for fifteen minutes, beside the name "
        "on the application. The history keeps that you looked.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_nothing_to_open,
        act=_open,
        form=Nothing,
        listed=False,
        is_dangerous=True,
    ),
    Deed(
        name="accept",
        label="Accept the owner",
        says="You say that it is the customer’s own, or one that they own jointly. It goes on to the broker, or waits "
        "for the one that it replaces. The names that the bank gave are dropped.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_held,
        facts=_owner_facts,
        act=_accept,
    ),
    Deed(
        name="refuse",
        label="Refuse the owner",
        says="You say that it is somebody else’s. It is not linked, our access to it ends, and the customer is told "
        "that their bank names somebody else. The one it was to replace stays. The names are dropped; your reason is "
        "for ops alone.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_held,
        facts=_owner_facts,
        act=_refuse,
    ),
)
