"""The waiting room: where an application stands, and the account that comes of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import refusals, steps, wording
from accounts.models import Application, BrokerageAccount
from accounts.views.own import application_of


@login_required
@require_GET
def apply_waiting(request: HttpRequest) -> HttpResponse:
    """Show where the application stands."""
    application = application_of(request)
    if application is None or application.sent_at is None:
        return redirect("apply")
    return render(request, "accounts/waiting.html", _waiting(application))


@login_required
@require_GET
def apply_waiting_status(request: HttpRequest) -> HttpResponse:
    """Return the part of the waiting room that changes by itself."""
    application = application_of(request)
    if application is None or application.sent_at is None:
        raise Http404
    return render(request, "accounts/_waiting_status.html", _waiting(application))


def _waiting(application: Application) -> dict[str, Any]:
    account = BrokerageAccount.objects.filter(application=application).first()
    context: dict[str, Any] = {
        "application": application,
        "words": wording.of_application(application, account),
        "live": wording.is_live(application, account),
        "checks": wording.checks(account),
    }
    if account is not None and account.is_active:
        context |= {"next_url": reverse("bank"), "next_action": "Link your bank"}
    elif application.editable:
        refused = refusals.read(application.refusal, application)
        step = steps.BY_SLUG[refused.slug] if refused else None
        url = reverse("apply-step", args=[step.slug]) if step else reverse("apply-check")
        context |= {"next_url": url, "next_action": f"Change {step.title}" if step else "Check your answers"}
    return context
