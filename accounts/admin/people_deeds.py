"""What may be done about who signs in: give somebody of ops a role, take a lost second factor, stop somebody.

Of a customer, stopping is done on the page of their application, by the same two functions.
"""

from collections.abc import Callable, Mapping

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from accounts.operations import roles, second_factor, sign_in_stops
from brokerage.deeds import Because, Deed, NotDone, Told
from brokerage.roles import ROLES
from brokerage.template_tags import moment

MAY_GIVE = "accounts.assign_role"
NONE = "none: they leave operations"
FASTER = "somebody else was faster."


class Role(Because):
    """Which role, and why."""

    role = forms.ChoiceField(
        label="Role",
        required=False,
        choices=[*((name, f"{name}: {what}") for name, what in ROLES.items()), ("", NONE)],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    field_order = ("role", "because")


def _rows() -> QuerySet[User]:
    return User.objects.select_related("application")


def _not_for_them(about: User, person: User) -> str:
    if about.is_superuser:
        return "A superuser may do everything as it is."
    if roles.is_for(about) or about.is_staff:  # from whoever is at the desk a role can be taken
        return ""
    return "This is a customer: people of operations sign in with an address of their own."


def _facts(about: User, asked: Mapping[str, str]) -> Told:
    return [("Role now", roles.role_of(about) or "none"), ("May open the desk", "yes" if about.is_staff else "no")]


def _give(about: User, person: User, *, role: str, because: str) -> str:
    try:
        roles.give(to=about, role=role, because=because, person=person)
    except (roles.SamePerson, roles.NotForThem):
        raise NotDone("they can have no role.") from None
    except roles.NothingToChange:
        raise NotDone("they have this role already.") from None
    return f"The role of {about} is {role} now." if role else f"Nobody of operations any more: {about}."


def _has_none(about: User, person: User) -> str:
    return "" if second_factor.is_on(about) else "They have no second factor."


def _since(about: User, asked: Mapping[str, str]) -> Told:
    factor = second_factor.of(about)
    return [("On since", moment(factor.on_since))] if factor else []


def _remove(about: User, person: User, *, because: str) -> str:
    try:
        second_factor.remove(about=about, by=person, because=because)
    except second_factor.NotSetUp:
        raise NotDone(FASTER) from None
    return f"{about} signs in with the password alone now, and is told."


def _not_from_here(about: User, person: User) -> str:
    if hasattr(about, "application"):
        return "This is a customer: it is done on the page of their application."
    if about.is_superuser and not person.is_superuser:
        return "A superuser is stopped, and let in again, by a superuser alone."
    return ""


def _not_to_stop(about: User, person: User) -> str:
    return _not_from_here(about, person) or ("" if about.is_active else "They can’t sign in already.")


def _not_to_allow(about: User, person: User) -> str:
    return _not_from_here(about, person) or ("They can sign in already." if about.is_active else "")


def stop(about: User, person: User, *, because: str) -> str:
    """Stop somebody from signing in; return what was done. Raises NotDone."""
    _change(sign_in_stops.stop, about, person, because)
    return "They are signed out and can’t sign in any more."


def allow(about: User, person: User, *, because: str) -> str:
    """Let somebody sign in again; return what was done. Raises NotDone."""
    _change(sign_in_stops.allow, about, person, because)
    return "They can sign in again."


def _change(change: Callable[..., None], about: User, person: User, because: str) -> None:
    try:
        change(about=about, because=because, person=person)
    except sign_in_stops.NothingToChange:
        raise NotDone(FASTER) from None


DEEDS = (
    Deed(
        name="role",
        label="Give them a role",
        says="A role says what somebody may do at the desk, and replaces the one they have. It counts from their next "
        "click on. What they did stays in the histories under their name.",
        permission=MAY_GIVE,
        rows=_rows,
        hinders=_not_for_them,
        facts=_facts,
        act=_give,
        form=Role,
        is_dangerous=True,
    ),
    Deed(
        name="second-factor",
        label="Remove their second factor",
        says="Whoever asks may be somebody who has their password and wants the rest. Make sure who it is first, by a "
        "way that they did not choose. From then on their password alone signs in; they are told at once.",
        permission=MAY_GIVE,
        rows=_rows,
        hinders=_has_none,
        facts=_since,
        act=_remove,
        is_dangerous=True,
    ),
    Deed(
        name="stop",
        label="Stop them from signing in",
        says="They are signed out at once, everywhere, and can’t sign in any more. Their role stays, for the day that "
        "they are let in again; what they did stays in the histories under their name.",
        permission=MAY_GIVE,
        rows=_rows,
        hinders=_not_to_stop,
        facts=_facts,
        act=stop,
    ),
    Deed(
        name="allow",
        label="Let them sign in again",
        says="They sign in with what they had: password, second factor and role.",
        permission=MAY_GIVE,
        rows=_rows,
        hinders=_not_to_allow,
        facts=_facts,
        act=allow,
        is_dangerous=True,
    ),
)
