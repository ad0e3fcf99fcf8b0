"""What ops may do about one person: be shown what is hidden, keep everything of theirs, stop their sign-in."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.admin import people_deeds
from accounts.admin.handling_deeds import FASTER, rows, whose
from accounts.models import Application, User
from accounts.operations import legal_holds, revealing
from brokerage.deeds import Because, Deed, NotDone, Shown, Told
from brokerage.template_tags import moment
from brokerage.visit import Visit

MAY_LOOK = "accounts.reveal_field"
MAY_HOLD = "accounts.add_legalhold"
MAY_LIFT = "accounts.change_legalhold"
MAY_STOP = "accounts.stop_sign_in"


class Look(Because):
    """What is to be shown, and why."""

    field = forms.ChoiceField(
        label="What",
        choices=[(name, hidden.label) for name, hidden in revealing.FIELDS.items()],
        error_messages={"required": "Choose what to show.", "invalid_choice": "Choose one of these."},
    )
    field_order = ("field", "because")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["because"].help_text = "Kept with your name. Say what you need it for."


# --- What is hidden ---------------------------------------------------------------------------------------------------


def _never(application: Application, person: User) -> str:
    return ""


def _facts(application: Application, asked: Mapping[str, str]) -> Told:
    return whose(application)


def _show(application: Application, person: User, *, field: str, because: str, visit: Visit) -> Shown:
    try:
        value = revealing.reveal(
            application=application, field=field, because=because, person=person, ip_address=visit.ip_address
        )
    except revealing.NothingToShow:
        raise NotDone("nothing is kept there. The history says that you looked.") from None
    return Shown(revealing.FIELDS[field].label, value)


# --- What is kept -----------------------------------------------------------------------------------------------------


def _held(application: Application, person: User) -> str:
    return "A legal hold stands already." if legal_holds.standing(about=application.user) else ""


def _not_held(application: Application, person: User) -> str:
    return "" if legal_holds.standing(about=application.user) else "No legal hold stands."


def _hold_facts(application: Application, asked: Mapping[str, str]) -> Told:
    hold = legal_holds.standing(about=application.user)
    if hold is None:
        return whose(application)
    since = [("Placed", moment(hold.placed_at)), ("By", hold.placed_by), ("Because", hold.because)]
    return [*whose(application), *since]


def _place(application: Application, person: User, *, because: str) -> str:
    try:
        legal_holds.place(about=application.user, because=because, person=person)
    except legal_holds.HeldAlready:
        raise NotDone(FASTER) from None
    return "Everything of this person is kept until the hold is lifted."


def _lift(application: Application, person: User, *, because: str) -> str:
    try:
        legal_holds.lift(about=application.user, because=because, person=person)
    except legal_holds.NotHeld:
        raise NotDone(FASTER) from None
    return "The hold is lifted: what is kept too long by now goes within a day."


# --- Signing in -------------------------------------------------------------------------------------------------------


def _not_to_stop(application: Application, person: User) -> str:
    return "" if application.user.is_active else "They can’t sign in already."


def _not_to_allow(application: Application, person: User) -> str:
    return "They can sign in already." if application.user.is_active else ""


def _stop(application: Application, person: User, *, because: str) -> str:
    return people_deeds.stop(application.user, person, because=because)


def _allow(application: Application, person: User, *, because: str) -> str:
    return people_deeds.allow(application.user, person, because=because)


DEEDS = (
    Deed(
        name="show",
        label="Show what is hidden",
        says="It is shown to you on the next page, once. That you looked, at what, when, from where and why is kept, "
        "and stands on this person’s page.",
        permission=MAY_LOOK,
        rows=rows,
        hinders=_never,
        facts=_facts,
        act=_show,
        form=Look,
        with_visit=True,
        is_dangerous=True,
    ),
    Deed(
        name="hold",
        label="Place a legal hold",
        says="Nothing of this person is purged while it stands, whatever the rules of retention say.",
        permission=MAY_HOLD,
        rows=rows,
        hinders=_held,
        facts=_hold_facts,
        act=_place,
    ),
    Deed(
        name="lift",
        label="Lift the legal hold",
        says="The rules of retention count again: what has been kept too long by now is purged within a day, and can’t "
        "be had back.",
        permission=MAY_LIFT,
        rows=rows,
        hinders=_not_held,
        facts=_hold_facts,
        act=_lift,
    ),
    Deed(
        name="stop",
        label="Stop them from signing in",
        says="They are signed out at once and can’t sign in any more; they read that e-mail or password is wrong. "
        "Transfers and the account at the broker go on: to stop money, freeze the account.",
        permission=MAY_STOP,
        rows=rows,
        hinders=_not_to_stop,
        facts=_facts,
        act=_stop,
    ),
    Deed(
        name="allow",
        label="Let them sign in again",
        says="They sign in with the password they had.",
        permission=MAY_STOP,
        rows=rows,
        hinders=_not_to_allow,
        facts=_facts,
        act=_allow,
    ),
)
