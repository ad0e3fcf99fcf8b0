"""What ops do about one application: send what was left behind, ask the broker, take notes, say who sees to it."""

from collections.abc import Mapping

from django import forms
from django.db.models import QuerySet

from accounts import states
from accounts.models import Application, User
from accounts.operations import account_status, handling, onboarding
from brokerage.deeds import Because, Deed, NotDone, Nothing, Told
from brokerage.status import IllegalMove, LostRace
from brokerage.template_tags import moment

MAY_ACT = "accounts.change_application"
MAY_NOTE = "accounts.add_desknote"
MAY_ASSIGN = "accounts.add_assignment"
FASTER = "someone else was faster."


class Note(forms.Form):
    """What is written down."""

    text = forms.CharField(
        label="Note",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60}),
        help_text="Kept with your name, never changed, never shown to the customer. Nothing that is hidden here.",
        error_messages={"required": "Write what you want to keep."},
    )


class Whom(Because):
    """Who is to see to it, and why."""

    to = forms.ModelChoiceField(
        label="Who",
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        error_messages={"required": "Choose who sees to it.", "invalid_choice": "Choose someone of ops."},
    )
    field_order = ("to", "because")


def rows() -> QuerySet[Application]:
    return Application.objects.select_related("user", "brokerage_account")


def whose(application: Application) -> Told:
    return [("Customer", application.user.email), ("Application stands at", application.status)]


def _facts(application: Application, asked: Mapping[str, str]) -> Told:
    return whose(application)


def _never(application: Application, person: User) -> str:
    return ""


# --- At the broker ----------------------------------------------------------------------------------------------------


def _nothing_to_send(application: Application, person: User) -> str:
    if application.status in handling.SENDABLE:
        return ""
    if application.status == states.SENDING:
        return "It is being sent this moment; where its sender died, the worker looks it up after a minute."
    if application.editable:
        return "The customer has not sent it, or has to change an answer first."
    return "The broker has it already."


def _send_facts(application: Application, asked: Mapping[str, str]) -> Told:
    return [*whose(application), ("Since", moment(application.status_at))]


def _send(application: Application, person: User, *, because: str) -> str:
    try:
        handling.send_now(application=application, because=because, person=person)
    except handling.NothingToSend:
        raise NotDone(FASTER) from None
    match application.status:
        case states.ACCEPTED:
            return f"{application} is with the broker."
        case states.REFUSED:
            return f"The broker refused {application}; the customer is asked to change an answer."
    raise NotDone(f"the broker did not answer; it stands at {application.status} and is tried again by itself.")


def _not_known_elsewhere(application: Application, person: User) -> str:
    known = application.status == states.REFUSED and application.refusal == states.OTHER_IDENTITY
    return "" if known else "The broker has not said that it knows this address from elsewhere."


def _adopt(application: Application, person: User, *, because: str) -> str:
    try:
        onboarding.adopt(application=application, because=because, person=person)
    except onboarding.NotTheirs:
        raise NotDone("the broker’s account has another name, birthday, phone number and ZIP code.") from None
    except onboarding.BrokerAway:
        raise NotDone("the broker did not answer; try it again.") from None
    except (IllegalMove, LostRace):
        raise NotDone(FASTER) from None
    return f"The broker’s account is connected with {application.user}."


def _no_account(application: Application, person: User) -> str:
    return "" if hasattr(application, "brokerage_account") else "The broker has opened no account yet."


def _ask(application: Application, person: User) -> str:
    found = list(account_status.reconcile_one(account=application.brokerage_account))
    if any(not finding.mended for finding in found):
        raise NotDone("; ".join(finding.what for finding in found))
    said = "; ".join(finding.what for finding in found)
    return f"The broker was asked: {said}. Ours is as theirs now." if said else "The broker says what we have."


# --- At the desk ------------------------------------------------------------------------------------------------------


def _note(application: Application, person: User, *, text: str) -> str:
    handling.write_note(about=application.user, text=text, person=person)
    return "Your note is kept."


def _mine_already(application: Application, person: User) -> str:
    standing = handling.standing_assignment(about=application.user)
    return "You see to it already." if standing and standing.to == person else ""


def _nobodys(application: Application, person: User) -> str:
    return "" if handling.standing_assignment(about=application.user) else "Nobody sees to it."


def _assign_facts(application: Application, asked: Mapping[str, str]) -> Told:
    standing = handling.standing_assignment(about=application.user)
    return [*whose(application), ("Seen to by", standing.to if standing else "nobody")]


def _take(application: Application, person: User) -> str:
    return _assign(application, person, to=person, because="took it")


def _assign(application: Application, person: User, *, to: User, because: str) -> str:
    try:
        handling.assign(about=application.user, to=to, because=because, person=person)
    except handling.SomeoneWasFaster:
        raise NotDone(FASTER) from None
    return f"Given to {to}."


def _release(application: Application, person: User) -> str:
    try:
        handling.release(about=application.user, person=person)
    except handling.SomeoneWasFaster:
        raise NotDone(FASTER) from None
    return "Nobody sees to it any more."


DEEDS = (
    Deed(
        name="send",
        label="Send or look up now",
        says="One whose outcome is unknown is looked up at the broker by e-mail; one that is not there, or that waits, "
        "is sent. The broker opens one account for an e-mail address, so there is never a second one.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_nothing_to_send,
        facts=_send_facts,
        act=_send,
    ),
    Deed(
        name="adopt",
        label="Connect the account there",
        says="The broker keeps an account for this e-mail address that another door opened. It is connected only if "
        "its name, birthday, and phone number or ZIP code are the customer’s. Whoever is connected sees its money "
        "and its documents: be sure that it is them, and that the address is theirs.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_known_elsewhere,
        facts=_facts,
        act=_adopt,
    ),
    Deed(
        name="ask",
        label="Ask the broker now",
        says="The broker’s word on the account is read, and taken over where it differs. Nothing is sent.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_no_account,
        facts=_facts,
        act=_ask,
        form=Nothing,
    ),
    Deed(
        name="note",
        label="Write a note",
        says="A note stands on this page, for ops alone.",
        permission=MAY_NOTE,
        rows=rows,
        hinders=_never,
        facts=_facts,
        act=_note,
        form=Note,
    ),
    Deed(
        name="take",
        label="See to it myself",
        says="It is yours from now on, and leaves the list of what nobody sees to.",
        permission=MAY_ASSIGN,
        rows=rows,
        hinders=_mine_already,
        facts=_assign_facts,
        act=_take,
        form=Nothing,
    ),
    Deed(
        name="assign",
        label="Give it to somebody",
        says="Whom you choose finds it under “Me”. Nobody is told by e-mail.",
        permission=MAY_ASSIGN,
        rows=rows,
        hinders=_never,
        facts=_assign_facts,
        act=_assign,
        form=Whom,
    ),
    Deed(
        name="release",
        label="Give it to nobody",
        says="It goes back to the list of what nobody sees to.",
        permission=MAY_ASSIGN,
        rows=rows,
        hinders=_nobodys,
        facts=_assign_facts,
        act=_release,
        form=Nothing,
    ),
)
