"""Pages for applying for a brokerage account, one question group each. Every GET is harmless."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import answers, steps
from accounts.forms import FORMS, AgreementsForm
from accounts.models import Application
from accounts.operations import onboarding
from accounts.steps import Step
from accounts.views.own import application_of, user_of
from brokerage import visit


@login_required
@require_GET
def apply(request: HttpRequest) -> HttpResponse:
    """Lead to the first page without an answer, or to the waiting room."""
    application = application_of(request)
    if application is not None and not application.editable:
        return redirect("apply-waiting")
    if application is None:
        return redirect("apply-step", steps.STEPS[0].slug)
    left = steps.unanswered(application)
    return redirect("apply-step", left[0].slug) if left else redirect("apply-check")


@login_required
@require_http_methods(["GET", "POST"])
def apply_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page of questions, and keep its answers."""
    step = steps.BY_SLUG.get(slug)
    if step is None:
        raise Http404
    application = onboarding.start(user=user_of(request)) if request.method == "POST" else application_of(request)
    if application is not None and not application.editable:
        return redirect("apply-waiting")
    form = _form(step, request, application)
    if request.method == "POST" and form.is_valid() and _kept(step, form, request):
        return redirect("apply-check") if _was_complete(request) else redirect(_next_url(step))
    return render(request, "accounts/apply_step.html", _step_context(step, form, application))


def _form(step: Step, request: HttpRequest, application: Application | None) -> Any:
    data = request.POST if request.method == "POST" else None
    if step.slug == "agreements":
        signed = application is not None and application.signatures.exists()
        return AgreementsForm(data, initial={"customer_agreement": signed})
    return FORMS[step.slug](data, instance=Application.objects.get(pk=application.pk) if application else None)


def _kept(step: Step, form: Any, request: HttpRequest) -> bool:
    """Keep the answers of a valid form; put what the operation refuses into the form."""
    application = onboarding.start(user=user_of(request))
    try:
        if step.slug == "agreements":
            onboarding.sign_agreement(application=application, visit=visit.of(request))
        else:
            onboarding.save_answers(application=application, answers=form.cleaned_data)
    except onboarding.TaxIdTaken as taken:
        form.add_error("tax_id", taken.customer_message)
    except onboarding.ApplicationSent as sent:
        form.add_error(None, sent.customer_message)
    return not form.errors


def _was_complete(request: HttpRequest) -> bool:
    """Say whether nothing else is left to answer, as after a change from the last page."""
    application = application_of(request)
    return application is not None and not steps.unanswered(application)


def _next_url(step: Step) -> str:
    following = step.next
    return reverse("apply-check") if following is steps.CHECK else reverse("apply-step", args=[following.slug])


def _step_context(step: Step, form: Any, application: Application | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "step": step,
        "steps": steps.STEPS,
        "form": form,
        "saved_at": application.saved_at if application else None,
    }
    if step.slug == "agreements":
        revision = onboarding.CUSTOMER_AGREEMENT_REVISION
        url = reverse("customer-agreement")
        context["agreements"] = [{"title": "Customer agreement", "revision": revision, "url": url}]
    return context


@require_GET
def customer_agreement(request: HttpRequest) -> HttpResponse:
    """Show the agreement that the broker asks for, as a page to read and print."""
    return render(request, "accounts/customer_agreement.html", {"revision": onboarding.CUSTOMER_AGREEMENT_REVISION})


@login_required
@require_http_methods(["GET", "POST"])
def apply_check(request: HttpRequest) -> HttpResponse:
    """Show every answer, and send the application when asked to."""
    application = application_of(request)
    if application is None:
        return redirect("apply")
    if not application.editable:
        return redirect("apply-waiting")
    missing = steps.unanswered(application)
    if request.method == "POST" and not missing:
        onboarding.submit(application=application, missing=[])
        return redirect("apply-waiting")
    links = [{"label": step.title, "url": reverse("apply-step", args=[step.slug])} for step in missing]
    context = {
        "step": steps.CHECK,
        "steps": steps.STEPS,
        "sections": answers.sections(application),
        "missing": links,
        "application": application,
    }
    return render(request, "accounts/apply_check.html", context)
