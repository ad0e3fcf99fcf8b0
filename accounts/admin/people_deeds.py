"""What may be done about who signs in: give somebody of ops a role, and take a second factor that anybody has lost."""

from collections.abc import Mapping

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from accounts.operations import roles, second_factor
from brokerage.deeds import Because, Deed, NotDone, Told
from brokerage.roles import ROLES
from brokerage.template_tags import moment

MAY_GIVE = "accounts.assign_role"
NONE = "none: they leave operations"


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
        raise NotDone("somebody else was faster.") from None
    return f"{about} signs in with the password alone now, and is told."


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
)
