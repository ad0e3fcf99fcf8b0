"""The page that shows where somebody is signed in, and ends it.

Called by the browser; calls operations.sign_ins.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.fresh_sign_in import asks_fresh
from accounts.operations import sign_ins as sessions
from accounts.session_store import here, idle_limit
from accounts.views.own import user_of


@login_required
@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """List them, with this one marked."""
    user = user_of(request)
    rows = list(sessions.standing(user=user, idle_limit=idle_limit(is_staff=user.is_staff)))
    this = here(request)
    rows.sort(key=lambda row: row.pk != this)
    return render(request, "accounts/sign_ins.html", {"rows": rows, "here": this})


@login_required
@require_POST
@asks_fresh
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End another one of theirs. This one ends by signing out."""
    if session_id == here(request) or not sessions.end(user=user_of(request), session_id=session_id):
        raise Http404
    messages.success(request, "That browser is signed out.")
    return redirect("sign-ins")


@login_required
@require_POST
@asks_fresh
def end_others(request: HttpRequest) -> HttpResponse:
    """End all but this one."""
    sessions.end_others(user=user_of(request), but=here(request))
    messages.success(request, "You are signed in here alone.")
    return redirect("sign-ins")
