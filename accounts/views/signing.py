"""The front page, and pages for signing up, in and out."""

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import SignInForm, SignUpForm
from accounts.operations import people
from accounts.views import entering


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is; someone who is signed in goes on to their overview."""
    if request.user.is_authenticated:
        return redirect("overview")
    return render(request, "accounts/home.html")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make a user, sign them in, and begin their application."""
    if request.user.is_authenticated:
        return redirect("overview")
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
    http_method_names = ("get", "head", "post")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("home")
