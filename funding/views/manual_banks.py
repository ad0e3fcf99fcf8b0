"""Naming a bank account by its numbers, for firms without Plaid.

Called by the browser; calls operations.manual_banks.
"""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.fresh_sign_in import asks_fresh
from accounts.models import BrokerageAccount
from accounts.operations import throttle
from brokerage.too_many import too_many
from funding import bank_page
from funding.forms import NumbersForm
from funding.operations import linking, manual_banks
from funding.views.desk import customer, user_of


@sensitive_post_parameters("account_number", "routing_number", "owner_name")
@customer
@require_http_methods(["GET", "HEAD", "POST"])
@asks_fresh
def numbers(request: HttpRequest, account: BrokerageAccount | None) -> HttpResponse:
    """Ask for the numbers of a bank account, and link it."""
    if not settings.MANUAL_BANKS:
        raise Http404
    page = bank_page.of(account)
    if not page.can_type:
        return redirect("bank")
    holder = account.holder if account else ""
    form = NumbersForm(request.POST or None, initial={"owner_name": holder, "kind": "checking"})
    if request.method == "POST" and form.is_valid():
        given = manual_banks.Numbers(**form.cleaned_data)
        try:
            manual_banks.link(account=account, user=user_of(request), numbers=given, replacing=page.can_replace)
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        except linking.LinkingError as error:
            messages.error(request, error.customer_message)
        return redirect("bank")
    context = {"form": form, "replaced": page.link if page.can_replace else None}
    response = render(request, "funding/bank_numbers.html", context)
    response["Cache-Control"] = "no-store"
    return response
