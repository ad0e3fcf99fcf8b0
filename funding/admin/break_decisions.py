"""What ops decide about a break: it is none, or another person's word on it holds. Money takes two persons."""

from collections.abc import Mapping

from accounts.models import User
from accounts.operations.leases import HeldByAnother
from brokerage.deeds import Deed, NotDone, Told
from brokerage.sheets import link_to
from brokerage.template_tags import moment
from funding.admin.break_deeds import BUSY, ENDED, GONE, MAY_ACT, rows, told
from funding.models import Break, CashActivity, Transfer
from funding.operations import breaks
from funding.operations.cash_matching import CannotMatch

# --- Dismissing -------------------------------------------------------------------------------------------------------


def _not_by_one(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return "Money hangs on it: two persons dismiss it." if row.about.two_persons else _waits(row)


def _not_to_propose(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return _waits(row) if row.about.two_persons else "One person can dismiss it."


def _waits(row: Break) -> str:
    return f"{row.asked_by} has proposed something; decline that first." if row.state == Break.ASKED else ""


def _dismiss(row: Break, person: User, *, because: str, seen: str) -> str:
    done = "Dismissed. It is not opened again while it looks the same."
    return propose(row, person, because, {"do": breaks.DISMISS}, seen=seen, done=done)


def propose(row: Break, person: User, because: str, proposal: dict[str, str], *, seen: str, done: str) -> str:
    """Propose, or do at once what needs no second person. Raises NotDone, ChangedMeanwhile."""
    try:
        ended = breaks.propose(row=row, person=person, because=because, proposal=proposal, seen=seen)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    except CannotMatch as why:
        raise NotDone(str(why)) from None
    except HeldByAnother:
        raise NotDone(BUSY) from None
    return done if ended else "Proposed. It is done once someone else agrees; until then the break stays open."


# --- The second person ------------------------------------------------------------------------------------------------


def _not_to_agree(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    if row.state != Break.ASKED:
        return "Nobody has proposed anything."
    if row.asked_by_id == person.pk:
        return "You proposed it, so someone else has to agree."
    changed = "The break has changed since that was proposed. Decline it, and look at it anew."
    return changed if breaks.looks_otherwise(row) else ""


def _not_to_decline(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return "" if row.state == Break.ASKED else "Nobody has proposed anything."


def proposed(row: Break) -> Told:
    """Return what was proposed, by whom, when and why; nothing where nothing waits."""
    if row.state != Break.ASKED:
        return []
    asked = row.events.filter(field="state", after=Break.ASKED).last()
    return [
        ("Proposed", in_words(row.proposal)),
        ("By", row.asked_by),
        ("When", moment(asked.at) if asked else ""),
        ("Because", asked.because if asked else ""),
        *matched_pair(row.proposal),
    ]


def in_words(proposal: Mapping[str, str]) -> str:
    return "to match a row of cash with a transfer" if proposal.get("do") == breaks.MATCH else "to dismiss it"


def matched_pair(proposal: Mapping[str, str]) -> Told:
    """Return the row of cash and the transfer that a proposal names, as links."""
    if proposal.get("do") != breaks.MATCH:
        return []
    cash = CashActivity.objects.filter(pk=proposal["cash"]).first()
    transfer = Transfer.objects.filter(pk=proposal["transfer"]).first()
    return [("Row of cash", link_to(cash)), ("Transfer", link_to(transfer))]


def _what_was_proposed(row: Break, asked: Mapping[str, str]) -> Told:
    return [*told(row, asked), *proposed(row)]


def _agree(row: Break, person: User, *, because: str, seen: str) -> str:
    try:
        proposal = breaks.agree(row=row, person=person, because=because, seen=seen)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    except breaks.NotYours:
        raise NotDone("you proposed it, so someone else has to agree.") from None
    except breaks.LooksOtherwise:
        raise NotDone("the break has changed since that was proposed.") from None
    except CannotMatch as why:
        raise NotDone(str(why)) from None
    except HeldByAnother:
        raise NotDone(BUSY) from None
    matched = proposal["do"] == breaks.MATCH
    return "Matched. What else hung on it ends by itself at the next run." if matched else "Dismissed by two persons."


def _decline(row: Break, person: User, *, because: str) -> str:
    try:
        breaks.decline(row=row, person=person, because=because)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    return "Declined. The break is open again."


DEEDS = (
    Deed(
        name="dismiss",
        label="Dismiss it",
        says="It is no difference, or you know what explains it. It leaves the queue, and is not opened again while "
        "it looks the same.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_by_one,
        facts=told,
        act=_dismiss,
        stamp_of=breaks.stamp_of,
    ),
    Deed(
        name="propose",
        label="Propose to dismiss it",
        says="Money hangs on this break, so a second person has to agree. It stays open until then.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_propose,
        facts=told,
        act=_dismiss,
        stamp_of=breaks.stamp_of,
    ),
    Deed(
        name="agree",
        label="Agree, and do it",
        says="What another person proposed is done, with both your names. Look at the evidence yourself first.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_agree,
        facts=_what_was_proposed,
        act=_agree,
        stamp_of=breaks.stamp_of,
    ),
    Deed(
        name="decline",
        label="Decline the proposal",
        says="Nothing of what was proposed is done, and the break is open again.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_decline,
        facts=_what_was_proposed,
        act=_decline,
    ),
)
