"""The page that asks once more who one is, and leads back to where it came from.

Called by the browser, sent by fresh_sign_in.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import fresh_sign_in
from brokerage import own_page


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Ask for the password, and lead back."""
    then = own_page.named(request)
    form = fresh_sign_in.form_for(request, request.POST if request.method == "POST" else None)
    wait = fresh_sign_in.prove(request, form)
    if wait is not None:
        return wait
    if form.is_bound and not form.errors:
        return redirect(then or "overview")
    return fresh_sign_in.show(request, form, {"next": then})
