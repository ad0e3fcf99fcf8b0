"""The texts that people agree to, as pages to read and print: as they stand now, and as somebody signed them."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import agreements
from accounts.models import AgreementSignature
from accounts.views.own import user_of


@require_safe
def agreement(request: HttpRequest, name: str) -> HttpResponse:
    """Show one of the required texts as it stands now, to anybody."""
    text = next((each for each in agreements.required() if each.name == name), None)
    if text is None:
        raise Http404
    return render(request, "accounts/agreement.html", {"text": text, "blocks": agreements.blocks(text.body)})


@login_required
@require_safe
def agreement_signed(request: HttpRequest, signature_id: uuid.UUID) -> HttpResponse:
    """Show a text word by word as its reader signed it, with when and from where."""
    signatures = AgreementSignature.objects.select_related("text").filter(application__user=user_of(request))
    signature = get_object_or_404(signatures, pk=signature_id)
    if signature.text is None:  # signed before texts were kept
        raise Http404
    context = {"text": signature.text, "blocks": agreements.blocks(signature.text.text), "signature": signature}
    return render(request, "accounts/agreement.html", context)
