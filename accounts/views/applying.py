"""Pages for applying for a brokerage account, one question group each. Every GET is harmless."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import agreements, answers, refusals, states, steps
from accounts.forms import FORMS, AgreementsForm
from accounts.models import Application
from accounts.operations import answering, onboarding, throttle
from accounts.steps import Step
from accounts.views.own import application_of, user_of
from brokerage import visit


@login_required
@require_safe
def apply(request: HttpRequest) -> HttpResponse:
    """Lead to the first page without an answer, or to the waiting room."""
    application = application_of(request)
    if application is not None and not application.editable:
        return redirect("apply-waiting")
    left = steps.unanswered(application or Application(user=user_of(request)))
    return redirect("apply-step", left[0].slug) if left else redirect("apply-check")


@login_required
@never_cache  # the back button has to ask anew, or it shows answers that were changed since
@require_http_methods(["GET", "HEAD", "POST"])
def apply_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page of questions, and keep its answers."""
    step = steps.BY_SLUG.get(slug)
    if step is None:
        raise Http404
    posted = request.method == "POST"
    if posted and user_of(request).is_staff:
        raise PermissionDenied  # whoever works at the desk is no customer under the same name
    application = answering.start(user=user_of(request)) if posted else application_of(request)
    application = application or Application(user=user_of(request))
    if not application.editable:
        return redirect("apply-waiting")
    if not step.applies(application):
        return redirect("apply")
    form = _form(step, request, application)
    if posted and form.is_valid() and _kept(step, form, application, request):
        return redirect(_next_url(step, application))
    return render(request, "accounts/apply_step.html", _step_context(step, form, application))


def _form(step: Step, request: HttpRequest, application: Application) -> Any:
    data = request.POST if request.method == "POST" else None
    if step.slug == "agreements":
        signed = {each.text_id for each in application.signatures.all() if each.text_id}
        return AgreementsForm(data, texts=agreements.required(), signed=signed)
    named = {"names_trusted_contact": _as_typed(application.names_trusted_contact)}
    initial = named if step.slug == "trusted-contact" else None
    return FORMS[step.slug](data, instance=_instance(step, application), initial=initial)


def _as_typed(answer: bool | None) -> str:
    return "" if answer is None else str(answer)


def _instance(step: Step, application: Application) -> Any:
    """Return a copy of the row that the page is about, since checking a form writes into it."""
    if step.context:
        return application.contexts.filter(kind=step.context).first()
    if step.slug == "trusted-contact":
        return getattr(application, "trusted_contact", None)
    return Application.objects.filter(pk=application.pk).first()


def _kept(step: Step, form: Any, application: Application, request: HttpRequest) -> bool:
    """Keep the answers of a valid form; put what the operation refuses into the form."""
    try:
        _keep(step, form, application, request)
    except answering.TaxIdTaken as taken:
        form.add_error("tax_id", taken.customer_message)
    except throttle.TooMany as often:
        form.add_error("tax_id", often.customer_message)
    except answering.AnsweredElsewhere as elsewhere:
        form.add_error(None, elsewhere.customer_message)
        form.next_url = _next_url(step, application)  # for who would rather keep what stands
    except answering.ApplicationSent as sent:
        form.add_error(None, sent.customer_message)
    application.refresh_from_db()
    return not form.errors


def _keep(step: Step, form: Any, application: Application, request: HttpRequest) -> None:
    page: dict[str, Any] = {"page": step.slug, "seen": request.POST.get("seen")}
    if step.slug == "agreements":
        answering.sign_agreements(application=application, visit=visit.of(request))
    elif step.context:
        answering.save_context(application=application, kind=step.context, answers=form.cleaned_data, **page)
    elif step.slug == "trusted-contact":
        answering.save_trusted_contact(application=application, answers=form.cleaned_data, **page)
    else:
        answering.save_answers(application=application, answers=form.cleaned_data, **page)
    if step.slug == "name":
        answering.note_identity_notice(application=application)


def _next_url(step: Step, application: Application) -> str:
    """Lead to the check where nothing else is left to answer, as after a change from there."""
    following = steps.after(step, application)
    if following is steps.CHECK or not steps.unanswered(application):
        return reverse("apply-check")
    return reverse("apply-step", args=[following.slug])


def _step_context(step: Step, form: Any, application: Application) -> dict[str, Any]:
    pages = steps.of(application)
    refused = _refused(step, application)
    context: dict[str, Any] = {
        "step": step,
        "steps": pages,
        "number": pages.index(step) + 1,
        "previous": steps.before(step, application),
        "form": form,
        "seen": answering.stamp(application, step.slug),
        "saved_at": application.saved_at,
        "refused": refused,
    }
    if refused is not None and not form.is_bound:
        _show_at_field(form, refused.field_on(step.slug) or "", refused.sentence)
    if step.slug == "name":
        notice = agreements.identity_notice()
        context["notice"] = {"title": notice.title, "blocks": agreements.blocks(notice.body)}
    if step.slug == "agreements":
        context["agreements"] = [_readable(text) for text in agreements.required()]
    return context


def _refused(step: Step, application: Application) -> refusals.Refused | None:
    """Return what the broker said of this page, until it is answered anew."""
    if application.status != states.REFUSED:
        return None
    refused = refusals.read(application.refusal, application)
    changed_since = answering.stamp(application, step.slug) > application.status_at.isoformat()
    return refused if refused and refused.field_on(step.slug) is not None and not changed_since else None


def _show_at_field(form: Any, field: str, sentence: str) -> None:
    """Let a field that nobody has typed into yet be marked as the one that the broker refused."""
    if field in form.fields:
        form.fields[field].help_text = f"{sentence} {form.fields[field].help_text}".strip()
        form.fields[field].widget.attrs["aria-invalid"] = "true"


def _readable(text: agreements.Text) -> dict[str, Any]:
    return {
        "name": text.name,
        "title": text.title,
        "revision": text.revision,
        "is_sample": text.is_sample,
        "blocks": agreements.blocks(text.body),
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply_check(request: HttpRequest) -> HttpResponse:
    """Show every answer, and send the application when asked to."""
    application = application_of(request)
    if application is None:
        return redirect("apply")
    if not application.editable:
        return redirect("apply-waiting")
    if request.method == "POST" and _sent(application, request):
        return redirect("apply-waiting")
    missing = steps.unanswered(application)
    links = [{"label": step.title, "url": reverse("apply-step", args=[step.slug])} for step in missing]
    pages = steps.of(application)
    context = {
        "step": steps.CHECK,
        "steps": pages,
        "number": len(pages),
        "previous": steps.before(steps.CHECK, application),
        "sections": answers.sections(application),
        "missing": links,
        "application": application,
        "seen": answering.stamp_of_all(application),
    }
    return render(request, "accounts/apply_check.html", context)


def _sent(application: Application, request: HttpRequest) -> bool:
    """Send what was shown; say why not where that is not what stands."""
    try:
        onboarding.submit(application=application, seen=request.POST.get("seen"))
    except onboarding.ChangedSince as changed:
        messages.warning(request, changed.customer_message)
    except onboarding.AnswersMissing:
        pass  # the page says what is missing
    else:
        return True
    application.refresh_from_db()
    return False
