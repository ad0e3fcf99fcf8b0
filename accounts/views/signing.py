"""The front page, and signing in and out; with a sign-in provider both lead to its pages."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import SignInForm
from accounts.models import User
from accounts.oidc import sign_out as provider_sign_out
from accounts.oidc import views as provider_views
from accounts.operations import known_browsers, signing_in, throttle
from accounts.views import entering
from brokerage import own_page, visit
from brokerage.too_many import too_many


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is; someone who is signed in goes on to their overview."""
    if request.user.is_authenticated:
        return redirect("overview")
    return render(request, "accounts/home.html")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail address and password, or let the provider ask."""
    if settings.OIDC_ISSUER:
        return provider_views.begin(request)
    if request.user.is_authenticated:
        return redirect(own_page.named(request) or "overview")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, password = form.cleaned_data["username"], form.cleaned_data["password"]
        browser = known_browsers.mark(key=entering.browser_key(request), email=email)
        try:
            user = signing_in.check(email=email, password=password, visit=visit.of(request), browser=browser)
        except throttle.TooMany as many:
            return too_many(request, many.retry_at)
        except signing_in.WrongSignIn as wrong:
            form.add_error(None, wrong.customer_message)
        else:
            return entering.after_password(request, user, then=own_page.named(request) or reverse("overview"))
    return render(request, "accounts/sign_in.html", {"form": form, "next": own_page.named(request)})


# To browsers: forget what pages left with you. It is obeyed on a redirect, too, before they go on. The mark by which a
# browser is known is a cookie and stays; no-store keeps pages out of the cache, and emptying a full one took a second.
FORGET = '"storage"'


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and with a sign-in provider the one there, too; leave nothing in the browser."""
    if isinstance(request.user, User):
        entering.end(request, request.user)
    answer = provider_sign_out.leave(request) if settings.OIDC_ISSUER else _leave(request)
    answer["Clear-Site-Data"] = FORGET
    return answer


def _leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("home")
