"""What ops may do to a linked bank account: stop transfers and let them go on, see to its login, unlink it."""

from collections.abc import Mapping

from accounts.models import User
from brokerage.deeds import Deed, NotDone, Nothing, Told
from brokerage.template_tags import moment
from funding import states
from funding.admin import bank_file, login_deeds
from funding.admin.login_deeds import MAY_ACT
from funding.admin.owner_deeds import rows, whose
from funding.models import ACHRelationship
from funding.operations import bank_stops, endings, succession

FASTER = "someone else was faster."
BY_NUMBERS = "The customer typed its numbers: there is no login at a bank."
ENDED = "This bank account is not linked any more."


# --- Stopping, and letting go on --------------------------------------------------------------------------------------


def _not_to_stop(link: ACHRelationship, person: User) -> str:
    if link.ended_at:
        return ENDED
    if link.is_candidate:
        return "This bank account is not linked yet: nothing goes through it."
    return "Nothing goes through this bank account already." if link.is_suspended_for(states.OUTGOING) else ""


def _not_stopped(link: ACHRelationship, person: User) -> str:
    if link.ended_at:
        return ENDED
    return "" if link.suspended_at else "Transfers go through this bank account already."


def _stop_facts(link: ACHRelationship, asked: Mapping[str, str]) -> Told:
    sent = endings.under_way(link).exclude(sending__in=states.UNSENT).count()
    return [*whose(link), ("Reserved, and will wait", link.transfers.unsent().count()), ("Sent, and goes on", sent)]


def _why_stopped(link: ACHRelationship, asked: Mapping[str, str]) -> Told:
    stopped = ("Stopped", bank_file.stop_of(link)), ("Since", moment(link.suspended_at))
    return [*whose(link), *stopped, *bank_file.why_stopped(link)]


def _stop(link: ACHRelationship, person: User, *, because: str) -> str:
    try:
        bank_stops.suspend(relationship=link, because=because, person=person)
    except bank_stops.StoppedAlready:
        raise NotDone(FASTER) from None
    return f"Nothing goes through {link} any more; the customer is told."


def _resume(link: ACHRelationship, person: User, *, because: str, seen: str) -> str:
    try:
        bank_stops.resume(relationship=link, because=because, person=person, seen=seen)
    except bank_stops.NotStopped:
        raise NotDone(FASTER) from None
    return f"Transfers through {link} can go on; the customer is told."


# --- Its login --------------------------------------------------------------------------------------------------------


def _not_to_read(link: ACHRelationship, person: User) -> str:
    return login_deeds.not_to_read(link.item) if link.item else BY_NUMBERS


def _not_to_sign_in(link: ACHRelationship, person: User) -> str:
    if link.ended_at:
        return ENDED
    return login_deeds.not_to_sign_in(link.item) if link.item else BY_NUMBERS


def _login_facts(link: ACHRelationship, asked: Mapping[str, str]) -> Told:
    return login_deeds.facts(link.login) if link.item else whose(link)


def _read(link: ACHRelationship, person: User) -> str:
    return login_deeds.read(link.login, person)


def _ask(link: ACHRelationship, person: User, *, because: str) -> str:
    return login_deeds.ask(link.login, person, because)


# --- Its end ----------------------------------------------------------------------------------------------------------


def _not_to_unlink(link: ACHRelationship, person: User) -> str:
    if link.ended_at:
        return ENDED
    if link.is_candidate:
        return "This bank account is not linked yet; its customer can drop it."
    return "It is being removed already." if link.ending_at else _money_under_way(link)


def _money_under_way(link: ACHRelationship) -> str:
    count = endings.under_way(link).count()
    what = "A transfer is" if count == 1 else f"{count} transfers are"
    return f"{what} under way through it. It can be unlinked once that has settled, or is canceled." if count else ""


def _not_stuck(link: ACHRelationship, person: User) -> str:
    if link.ended_at:
        return ENDED
    if link.ending_at is None:
        return "Nobody has asked for its end."
    if link.sending == states.REVIEW:
        return "The broker holds a relationship that is not clearly ours: that has to be settled with the broker first."
    if endings.under_way(link).exists():
        return "Money is under way through it; the worker removes it by itself once that has settled."
    return "" if link.ending_tries else "It has not been tried yet: the worker does within seconds."


def _end_facts(link: ACHRelationship, asked: Mapping[str, str]) -> Told:
    told: Told = [*whose(link), ("Stands at the broker", link.status or link.sending)]
    after = succession.one_after(link)
    if after is not None:
        told.append(("Is to follow it", after))
    if link.ending_at is None:
        return told
    next_at = moment(link.ending_next_at) if link.ending_next_at else "within seconds"
    told += [("Its end was asked for", moment(link.ending_at)), ("Tries so far", link.ending_tries)]
    return [*told, ("Last error", link.ending_error or "none"), ("Next by itself", next_at)]


def _unlink(link: ACHRelationship, person: User, *, because: str) -> str:
    actor = f"ops {person.pk}"
    try:
        endings.ask_to_unlink(relationship=link, actor=actor, because=because)
    except endings.TransfersUnderWay:
        raise NotDone("a transfer is under way through it by now.") from None
    except endings.NotLinked:
        raise NotDone(FASTER) from None
    return _carry_on(link, actor)


def _try_again(link: ACHRelationship, person: User, *, because: str) -> str:
    try:
        endings.hasten(relationship=link, because=because, person=person)
    except endings.NotLinked:
        raise NotDone("it has ended by now.") from None
    return _carry_on(link, f"ops {person.pk}")


def _carry_on(link: ACHRelationship, actor: str) -> str:
    """Take an end as far as it goes now, and say how far that is."""
    endings.carry_on(relationship=link, sender=actor)
    if link.ended_at is None:
        why = f" ({link.ending_error})" if link.ending_error else ""
        return f"The broker has not removed {link} yet{why}; it is tried by itself until it has."
    if link.item is None:
        return f"{link} is removed at the broker."
    link.item.refresh_from_db()
    access = "our access at the bank is over" if link.item.removed_at else "the worker sees to the login at the bank"
    return f"{link} is removed at the broker, and {access}."


DEEDS = (
    Deed(
        name="stop",
        label="Stop transfers",
        says="Nothing goes through this bank account any more, neither way, until someone lets it go on. What is "
        "reserved waits; what was sent goes on. The customer is told that we look into something; your reason is for "
        "ops alone.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_stop,
        facts=_stop_facts,
        act=_stop,
    ),
    Deed(
        name="resume",
        label="Let transfers go on",
        says="Transfers go through this bank account again, both ways, those that wait included. The customer is told. "
        "A frozen account stays frozen.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_stopped,
        facts=_why_stopped,
        act=_resume,
        stamp_of=bank_stops.stamp_of,
    ),
    Deed(
        name="read",
        label="Read the login again now",
        says=login_deeds.READ,
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_read,
        facts=_login_facts,
        act=_read,
        form=Nothing,
    ),
    Deed(
        name="ask",
        label="Ask to sign in again",
        says=login_deeds.ASK,
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_sign_in,
        facts=_login_facts,
        act=_ask,
    ),
    Deed(
        name="unlink",
        label="Unlink it",
        says="The broker removes it, then our access at the bank ends and the key is destroyed. The customer is told "
        "that it is unlinked, and can link a bank account anew. Your reason is for ops alone.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_unlink,
        facts=_end_facts,
        act=_unlink,
    ),
    Deed(
        name="again",
        label="Try the removal again now",
        says="The broker is asked once more, at once, to remove it. It is tried by itself, too, each hour at the "
        "latest.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_stuck,
        facts=_end_facts,
        act=_try_again,
    ),
)
