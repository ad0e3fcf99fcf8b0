"""The second step of signing in, for whoever has a second factor: the code, after the right password.

Called by the browser, sent by entering. Until then nobody is signed in: the session holds whose password it was, and
when, and nothing else of the site knows it.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms.second_factor import CodeForm
from accounts.models import User
from accounts.operations import second_factor, throttle
from accounts.views import entering
from brokerage import own_page
from brokerage.too_many import too_many


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for a code, and open the session."""
    user = entering.half_in(request)
    if user is None:
        return redirect("overview" if request.user.is_authenticated else "sign-in")
    form = CodeForm(request.POST or None)
    then = own_page.named(request)
    if form.is_valid():
        answer = _take(request, user, form, then)
        if answer is not None:
            return answer
    response = render(request, "accounts/sign_in_code.html", {"form": form, "next": then})
    response["Cache-Control"] = "no-store"
    return response


def _take(request: HttpRequest, user: User, form: CodeForm, then: str) -> HttpResponse | None:
    """Let them in, or make them wait; what is wrong with the code stands in the form."""
    try:
        second_factor.check(user=user, code=form.cleaned_data["code"])
    except throttle.TooMany as many:
        return too_many(request, many.retry_at)
    except second_factor.WrongCode as wrong:
        form.add_error("code", wrong.customer_message)
        return None
    entering.enter(request, user)
    return redirect(then or "overview")
