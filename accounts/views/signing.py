"""The front page, and pages for signing up, in and out."""

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import SignInForm, SignUpForm
from accounts.models import User
from accounts.operations import audit, people, sign_in_counts
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

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        entering.enter(self.request, form.get_user())
        return redirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if form.non_field_errors():  # both were typed, and do not belong together
            sign_in_counts.count_failure()
        return super().form_invalid(form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, User):
        audit.record(audit.Deed.SIGNED_OUT, actor=audit.name_of(request.user), about=audit.subject(request.user))
    logout(request)
    return redirect("home")
