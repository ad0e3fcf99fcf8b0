"""The waiting room: where an application stands, and the account that comes of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import refusals, states, steps, wording
from accounts.live_part import live_part
from accounts.models import Application, BrokerageAccount
from accounts.operations import sending_documents
from accounts.views.own import application_of
from accounts.wording import Words, uploads


@login_required
@require_safe
def apply_waiting(request: HttpRequest) -> HttpResponse:
    """Show where the application stands."""
    application = application_of(request)
    if application is None or application.sent_at is None:
        return redirect("apply")
    return render(request, "accounts/waiting.html", _waiting(application))


@live_part("waiting-status", of="apply-waiting", heading="h1")
@login_required
@require_safe
def apply_waiting_status(request: HttpRequest) -> HttpResponse:
    """Return the part of the waiting room that changes by itself."""
    application = application_of(request)
    if application is None or application.sent_at is None:
        raise Http404
    return render(request, "accounts/_waiting_status.html", _waiting(application))


def _waiting(application: Application) -> dict[str, Any]:
    account = BrokerageAccount.objects.select_related("application").filter(application=application).first()
    context: dict[str, Any] = {
        "application": application,
        "words": wording.of_application(application, account),
        "checks": wording.checks(account),
        "brokers_words": wording.in_the_brokers_words(account),
    }
    if account is not None:
        context |= _of_account(account, context["words"])
    elif application.editable:
        refused = refusals.read(application.refusal, application)
        step = steps.BY_SLUG[refused.slug] if refused else None
        url = reverse("apply-step", args=[step.slug]) if step else reverse("apply-check")
        context |= {"next_url": url, "next_action": f"Change {step.title}" if step else "Check your answers"}
    words: Words = context["words"]
    return context | {"live": words.live, "write_url": wording.write_to_us(application) if words.write else ""}


def _of_account(account: BrokerageAccount, words: Words) -> dict[str, Any]:
    """Return what an account adds: documents asked for and sent, what is blocked, and what to do next."""
    sent = sending_documents.latest_of(account)
    needs = uploads.needs(account, sent)
    context: dict[str, Any] = {
        "words": uploads.with_needs(words, needs),
        "needs": needs,
        "sent": uploads.sent(account, sent),
        "restrictions": wording.restrictions(account) if account.status in states.OPENED else [],
    }
    if account.is_active:
        context |= {"next_url": reverse("bank"), "next_action": "Link your bank"}
    return context
