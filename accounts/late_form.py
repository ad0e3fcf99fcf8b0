"""A form that came too late, and goes on once somebody has shown who they are.

A page of ours carries it as hidden fields (fresh_sign_in). On the way to a provider and back it waits in the session,
sealed: called by oidc.views.
"""

import json
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.forms.proving import ProvingForm
from brokerage.encryption import CannotDecrypt, seal, unseal

KEPT_FOR, LONGEST = 10 * 60, 64 * 1024  # seconds; bytes before sealing
_SLOT = "late_form"
_NOT_CARRIED = ("csrfmiddlewaretoken", "password", f"{ProvingForm.prefix}-")  # in a part of the name
_SHORT_LIVED = ("code", "answer")  # of an app, of a passkey: the whole name, since a postal code is none


@dataclass(frozen=True)
class LateForm:
    """Where it was going, and what it said."""

    path: str
    fields: list[tuple[str, str]]


def fields_of(sent: QueryDict) -> list[tuple[str, str]]:
    """Return what may be carried along: no password, code or passkey's answer, which no page ever shows."""
    return [
        (name, value)
        for name, values in sent.lists()
        for value in values
        if name not in _SHORT_LIVED and not any(word in name for word in _NOT_CARRIED)
    ]


@sensitive_variables()
def keep(request: HttpRequest, *, state: str) -> None:
    """Let the form that was sent, if one was, wait for whoever comes back with this state; the latest one alone.

    One with files, or a long one, is not kept.
    """
    if request.method != "POST" or request.FILES:
        return
    until = timezone.now().timestamp() + KEPT_FOR
    form = {"path": request.get_full_path(), "fields": fields_of(request.POST)}
    text = json.dumps(form | {"user": str(request.user.pk), "until": until})
    if len(text) <= LONGEST:
        request.session[_SLOT] = {"state": state, "sealed": seal(text, bound_to=_place(request, state))}


@sensitive_variables()
def take(request: HttpRequest, *, state: str) -> LateForm | None:
    """Return the form that waited for this state, if there is one that is not too old, and this person's; once."""
    waiting = request.session.get(_SLOT)
    if waiting is None or waiting["state"] != state:
        return None
    del request.session[_SLOT]
    try:
        form = json.loads(unseal(waiting["sealed"], bound_to=_place(request, state)))
    except CannotDecrypt:  # another key of the session since: they have shown who they are in another window
        return None
    is_theirs = form["user"] == str(request.user.pk)
    return LateForm(form["path"], form["fields"]) if is_theirs and timezone.now().timestamp() < form["until"] else None


def _place(request: HttpRequest, state: str) -> str:
    """Name the session by its key, which the database does not hold: nothing that lies there opens the form."""
    return f"{_SLOT} of {request.session.session_key} for {state}"
