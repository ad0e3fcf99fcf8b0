"""Sending a document to the broker: which one, and the file, which goes through and is not kept."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import documents_asked, states
from accounts.documents_asked import Asked
from accounts.forms.uploads import UploadForm
from accounts.models import BrokerageAccount, DocumentUpload
from accounts.operations import sending_documents
from accounts.operations.throttle import TooMany
from accounts.views.own import user_of
from accounts.wording.uploads import of_upload
from brokerage.too_many import too_many

_LEVELS = {states.ACCEPTED: messages.SUCCESS, states.REFUSED: messages.ERROR, states.NOT_SENT: messages.ERROR}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for one document, and send it."""
    asked = documents_asked.BY_SLUG.get(slug)
    account = BrokerageAccount.objects.filter(user=user_of(request)).first()
    if asked is None or account is None:
        raise Http404
    if not documents_asked.may_be_sent(account, asked):
        messages.info(request, sending_documents.NotWantedNow.customer_message)
        return redirect("apply-waiting")
    if request.method != "POST":
        return _show(request, UploadForm(asked=asked))
    try:
        sending_documents.count_try(account)
    except TooMany as refusal:
        return too_many(request, refusal.retry_at)
    return _chosen(request, account, asked)


def _chosen(request: HttpRequest, account: BrokerageAccount, asked: Asked) -> HttpResponse:
    """Look at the form and its file; send what can be sent."""
    form = UploadForm(request.POST, request.FILES, asked=asked)
    if form.is_valid():
        return _sent(request, account, asked, form)
    return _begin_anew(request, form) if "form_key" in form.errors else _show(request, form)


def _show(request: HttpRequest, form: UploadForm) -> HttpResponse:
    return render(request, "accounts/document_upload.html", {"asked": form.asked, "form": form})


def _begin_anew(request: HttpRequest, form: UploadForm) -> HttpResponse:
    """Lead to a fresh page from one whose key is no key."""
    messages.info(request, str(form.errors["form_key"][0]))
    return redirect("document-upload", form.asked.slug)


def _sent(request: HttpRequest, account: BrokerageAccount, asked: Asked, form: UploadForm) -> HttpResponse:
    """Send a valid form's file; lead to where it is followed, or back to choose it again."""
    try:
        upload = sending_documents.send_document(
            account=account,
            asked=asked,
            paper=form.cleaned_data["paper"],
            file=form.cleaned_data["file"],
            form_key=form.cleaned_data["form_key"],
            actor=f"customer {request.user.pk}",
        )
    except TooMany as refusal:
        return too_many(request, refusal.retry_at)
    except (sending_documents.NotWantedNow, sending_documents.FormUsedAlready) as refusal:
        messages.info(request, refusal.customer_message)
        return redirect("document-upload", asked.slug)
    _tell(request, upload)
    again = upload.status in (states.NOT_SENT, states.REFUSED)
    return redirect("document-upload", asked.slug) if again else redirect("apply-waiting")


def _tell(request: HttpRequest, upload: DocumentUpload) -> None:
    """Say what came of it; where the broker has it, its own list says more."""
    account = BrokerageAccount.objects.get(pk=upload.account_id)
    words = of_upload(upload, account)
    said = "Your document is with the broker." if upload.status == states.ACCEPTED else words.sentence
    messages.add_message(request, _LEVELS.get(upload.status, messages.WARNING), said)
