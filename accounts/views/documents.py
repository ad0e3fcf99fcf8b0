"""The list of documents, and one of them to keep.

Called by the browser; calls operations. The list is ours, so it stands when the broker is away; the documents are the
broker's, and pass through.
"""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import document_list
from accounts.document_file import file_of
from accounts.forms.documents import DocumentFilterForm
from accounts.models import BrokerageAccount, BrokerDocument, DocumentList
from accounts.operations import documents as operations
from accounts.views.own import user_of
from brokerage import visit


@login_required
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """Show the documents by kind, newest first."""
    user = user_of(request)
    account = BrokerageAccount.objects.filter(user=user).first()
    listed = operations.refresh_if_old(account=account) if account else None
    filters = DocumentFilterForm(request.GET or None, years=document_list.years(user, account))
    wanted = filters.cleaned_data if filters.is_bound and filters.is_valid() else {}
    kind, year = wanted.get("kind", ""), wanted.get("year") or 0
    context = {
        "account": account,
        "listed": listed,
        "stale": listed is not None and _is_stale(listed),
        "filters": filters,
        "filtered": bool(kind or year or filters.errors),
        "groups": document_list.groups(user, account, kind=kind, year=year),
    }
    return render(request, "accounts/documents.html", context)


def _is_stale(listed: DocumentList) -> bool:
    return listed.as_of is None or listed.as_of < timezone.now() - 2 * operations.GOOD_FOR


@login_required
@require_safe
def document(request: HttpRequest, document_id: uuid.UUID) -> HttpResponseBase:
    """Hand one of the user's own documents out; a stranger's and a missing one look alike."""
    user = user_of(request)
    mine = BrokerDocument.objects.select_related("brokerage_account").filter(brokerage_account__user=user)
    found = get_object_or_404(mine, pk=document_id)
    reader = operations.Reader(user, operations.CUSTOMER, visit.of(request).ip_address)
    try:
        sending = operations.open_document(document=found, reader=reader)
    except operations.NotHandedOut as why:
        return render(request, "accounts/document_away.html", {"text": why.customer_message}, status=503)
    return file_of(found, sending)
