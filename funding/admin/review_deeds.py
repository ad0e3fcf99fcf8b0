"""What ops decide about a bank account of which the broker holds something that is not clearly ours."""

from accounts.models import User
from brokerage.deeds import Deed, NotDone
from funding import states
from funding.admin.login_deeds import MAY_ACT
from funding.admin.owner_deeds import rows
from funding.models import ACHRelationship
from funding.operations import link_review

DECIDED = "someone else has decided it."


def _not_in_review(link: ACHRelationship, person: User) -> str:
    return "" if link.sending == states.REVIEW else "This bank account is not in review."


def _nothing_to_keep(link: ACHRelationship, person: User) -> str:
    unbound = "" if link.alpaca_id else "None of the broker’s relationships is bound to it: it can only be let go."
    return _not_in_review(link, person) or unbound


def _keep(link: ACHRelationship, person: User, *, because: str) -> str:
    try:
        link_review.keep(relationship=link, because=because, person=person)
    except (link_review.NotInReview, link_review.NothingToKeep):
        raise NotDone(DECIDED) from None
    return f"{link} is the customer’s bank now, as far as the broker approves it."


def _let_go(link: ACHRelationship, person: User, *, because: str) -> str:
    try:
        link_review.let_go(relationship=link, because=because, person=person)
    except link_review.NotInReview:
        raise NotDone(DECIDED) from None
    return f"{link} is not linked; the customer is told, and can link a bank account anew."


DEEDS = (
    Deed(
        name="keep",
        label="Keep it: it is ours",
        says="You have compared it at the broker’s dashboard: the relationship with this id there is this customer’s. "
        "Transfers go through it as soon as the broker approves it.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_nothing_to_keep,
        act=_keep,
    ),
    Deed(
        name="let-go",
        label="Let it go",
        says="It ends here, our access at the bank ends, and the customer is told that the broker did not take it. "
        "Remove what the broker holds at its dashboard first: it takes one bank account at a time.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_in_review,
        act=_let_go,
    ),
)
