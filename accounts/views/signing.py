"""The front page, and pages for signing up, in and out; with a sign-in provider all three lead to its pages."""

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import SignInForm, SignUpForm
from accounts.oidc import sign_out as provider_sign_out
from accounts.oidc import views as provider_views
from accounts.operations import people
from accounts.views import entering


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is; someone who is signed in goes on to their overview."""
    if request.user.is_authenticated:
        return redirect("overview")
    return render(request, "accounts/home.html")


@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make a user, sign them in, and begin their application."""
    if request.user.is_authenticated:
        return redirect("overview")
    if settings.OIDC_ISSUER:
        return redirect(f"{reverse('sign-in')}?next={reverse('apply')}")
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entering.enter(request, people.sign_up(**form.cleaned_data))
        except people.EmailTaken as taken:
            form.add_error("email", taken.customer_message)
        else:
            return redirect("apply")
    return render(request, "accounts/sign_up.html", {"form": form})


class SignIn(LoginView):
    """E-mail and password."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ("get", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.OIDC_ISSUER:
            return provider_views.begin(request)
        return super().dispatch(request, *args, **kwargs)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and with a sign-in provider the one there, too."""
    if settings.OIDC_ISSUER:
        return provider_sign_out.leave(request)
    logout(request)
    return redirect("home")
