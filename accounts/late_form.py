"""A form that came too late, and goes on once somebody has shown who they are.

A page of ours carries it as hidden fields (fresh_sign_in). On the way to a provider and back it waits in the session,
sealed: called by oidc.views.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.forms.proving import ProvingForm
from brokerage.encryption import CannotDecrypt, seal, unseal

KEPT_FOR, LONGEST = 30 * 60, 64 * 1024  # seconds, as long as the way there and back may take; bytes before sealing
_SLOT = "late_form"
_NOT_CARRIED = ("csrfmiddlewaretoken", "password", f"{ProvingForm.prefix}-")  # in a part of the name
_SHORT_LIVED = ("code", "answer")  # of an app, of a passkey: the whole name, since a postal code is none


class NotKept(Exception):
    """A form with files, or a long one, does not wait."""


class Gone(Exception):
    """No form waits, or not for this person, in this session, on this way back and at this time."""


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
    """Let the form that was sent wait for whoever comes back with this state; the latest one alone.

    Raises NotKept.
    """
    if request.FILES:
        raise NotKept("files")
    until = int(timezone.now().timestamp()) + KEPT_FOR
    form = {"path": request.get_full_path(), "fields": fields_of(request.POST), "user": str(request.user.pk)}
    text = json.dumps(form)
    if len(text) > LONGEST:
        raise NotKept("too long")
    sealed = seal(text, bound_to=_place(request, state, until))
    request.session[_SLOT] = {"state": state, "until": until, "sealed": sealed}


@sensitive_variables()
def take(request: HttpRequest, *, state: str) -> LateForm:
    """Return the form that waited for this state and this person; once.

    Raises Gone.
    """
    waiting = request.session.get(_SLOT)
    if waiting is None or waiting["state"] != state:
        raise Gone("none that waits for this way back")
    del request.session[_SLOT]
    if _is_old(waiting):
        raise Gone("too old")
    try:
        form = json.loads(unseal(waiting["sealed"], bound_to=_place(request, state, waiting["until"])))
    except CannotDecrypt:  # they have shown who they are in another window
        raise Gone("the session has another key since") from None
    if form["user"] != str(request.user.pk):
        raise Gone("somebody else's")
    return LateForm(form["path"], form["fields"])


def drop_old(request: HttpRequest) -> None:
    """Let a form wait no longer whose time is over: nobody came back for it."""
    waiting = request.session.get(_SLOT)
    if waiting is not None and _is_old(waiting):
        del request.session[_SLOT]


def _is_old(waiting: dict[str, Any]) -> bool:
    return bool(timezone.now().timestamp() >= waiting["until"])


def _place(request: HttpRequest, state: str, until: int) -> str:
    """Name the session by its key, which the database does not hold: nothing that lies there opens the form."""
    return f"{_SLOT} of {request.session.session_key} for {state} until {until}"
