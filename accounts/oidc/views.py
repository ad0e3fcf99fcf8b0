"""To the provider and back, and connecting an account that was here before. Nothing is here without OIDC_ISSUER.

Called by the browser, and by accounts.views.signing where a local sign-in would be; calls backend and operations.
"""

import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import UpdateError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.generic import View
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from accounts import late_form
from accounts.forms.proving import ProvingForm
from accounts.late_form import LateForm
from accounts.models import User
from accounts.oidc import claims, provider
from accounts.oidc.backend import BACKEND, Answered, ProviderBackend
from accounts.oidc.refusals import BadToken, Denied, NotFromHere, NotSignedIn, ProviderAway, Stopped
from accounts.operations import identities, proving_again, roles, second_factor, throttle
from accounts.sign_in_stamp import STAMP
from accounts.views import entering
from accounts.wording.late_forms import sending
from brokerage import own_page
from brokerage.encryption import CannotDecrypt, seal, unseal
from brokerage.too_many import too_many

log = logging.getLogger(__name__)

TAKES_AT_MOST = late_form.KEPT_FOR  # seconds from here to the provider and back
_PENDING = "provider_connect"  # in the session: for whom a password is asked, sealed
# https://openid.net/specs/openid-connect-core-1_0.html#AuthError and https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.2.1
_DENIED = {"access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"}


def begin(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider, in the place of a sign-in page; who is signed in goes on."""
    if request.user.is_authenticated:
        return redirect(own_page.named(request) or settings.LOGIN_REDIRECT_URL)
    if request.method == "POST":
        return redirect("sign-in")
    answer: HttpResponse = Begin.as_view()(request)
    return answer


class Begin(OIDCAuthenticationRequestView):
    """Sends the browser to the provider with a state, a nonce and a challenge that only this session can answer."""

    http_method_names = ("get", "head")
    again = False  # ask for a sign-in of this minute
    back_to = ""

    def __init__(self, **given: Any) -> None:
        """Pass the parent by, which reads the provider's address from the settings."""
        View.__init__(self, **given)

    def get(self, request: HttpRequest) -> HttpResponse:
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        form_sent = self.again and request.method == "POST"
        try:
            self.OIDC_OP_AUTH_ENDPOINT = provider.endpoints().authorization
        except NotSignedIn as away:
            if form_sent:
                _say_not_kept(request)
            return refused(request, away)
        answer = super().get(request)
        [state] = parse_qs(urlsplit(answer.url).query)["state"]
        wanted = request.session.pop("oidc_login_next", None) or ""  # the parent lets a word pass that is no path
        back_to = self.back_to or own_page.checked(request, wanted)
        begun = request.session["oidc_states"][state]
        secret = json.dumps(begun | {"again": self.again, "next": back_to, "form_sent": form_sent})
        # The parent keeps nonce and verifier in clear.
        request.session["oidc_states"][state] = {"added_on": begun["added_on"], "sealed": seal(secret, bound_to=state)}
        late_form.drop_old(request)
        if form_sent:
            with suppress(late_form.NotKept):  # said on the way back, on the page where they can send it again
                late_form.keep(request, state=state)
        return _unkept(answer)

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        return {"prompt": "login", "max_age": "0"} if self.again else {}


class Return(OIDCAuthenticationCallbackView):
    """Where the provider sends the browser back to, with a code or an error."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            raise Http404
        begun: dict[str, Any] = {}
        try:
            # The form first: what is used up is saved at once, by _taken.
            late = _late(request)
            begun = _taken(request)
            _require_in_time(begun)
            _require_code(request.GET)
            return _unkept(_come_back(request, begun, late))
        except NotSignedIn as why:
            if begun.get("form_sent"):
                _say_not_kept(request)
            return refused(request, why, back_to=begun.get("next", ""))


def _late(request: HttpRequest) -> LateForm | None:
    """Return the form that waited for this way back, if one did."""
    try:
        return late_form.take(request, state=request.GET.get("state", ""))
    except late_form.Gone:  # what was begun says whether there was one: see _come_back
        return None


def _taken(request: HttpRequest) -> dict[str, Any]:
    """Return what was begun here with this state, which is used up by it. Raises NotFromHere."""
    states = request.session.get("oidc_states")
    state = request.GET.get("state", "")
    kept = states.pop(state, None) if isinstance(states, dict) else None
    if not isinstance(kept, dict):
        raise NotFromHere("unknown state")
    _save_now(request)
    return _opened(kept.get("sealed", ""), bound_to=state)


def _require_in_time(begun: dict[str, Any]) -> None:
    """Raise NotFromHere where somebody took too long."""
    if time.time() - begun["added_on"] > TAKES_AT_MOST:
        raise NotFromHere("too late")


def _save_now(request: HttpRequest) -> None:
    """Keep that a state is used up, whatever comes of it: behind an answer of 503 Django keeps the session as it was.

    Raises NotFromHere.
    """
    try:
        request.session.save()
    except UpdateError:
        raise NotFromHere("the session has ended") from None


def _opened(sealed: str, *, bound_to: str) -> dict[str, Any]:
    """Return what was sealed into the session. Raises NotFromHere."""
    try:
        found: dict[str, Any] = json.loads(unseal(sealed, bound_to=bound_to))
    except CannotDecrypt:
        raise NotFromHere("nothing in this session") from None
    return found


def _require_code(said: Mapping[str, str]) -> None:
    """Raise Denied, ProviderAway, BadToken where what the provider sends back is no code of our issuer's."""
    # https://datatracker.ietf.org/doc/html/rfc9207
    if "iss" in said and not claims.same(said["iss"], settings.OIDC_ISSUER):
        raise BadToken("another issuer's answer")
    if error := said.get("error"):
        raise Denied("not finished there") if error in _DENIED else ProviderAway("an error in the place of a code")
    if not said.get("code"):
        raise BadToken("no code")


def _come_back(request: HttpRequest, begun: dict[str, Any], late: LateForm | None) -> HttpResponse:
    """Let them in, or on; a form that came too late waits for one more click. Raises NotSignedIn."""
    backend = ProviderBackend(signed_in=request.user if begun["again"] else None)
    try:
        user = backend.authenticate(request, nonce=begun["nonce"], code_verifier=begun["code_verifier"])
    except identities.HereBefore as before:
        return _ask_to_connect(request, before.user, backend.answered, begun["next"])
    if user is None or backend.answered is None:
        raise BadToken("nobody")
    if begun["again"]:
        claims.require_fresh(backend.answered.at, now=int(time.time()))
        request.session[STAMP] = backend.answered.at
        request.session.cycle_key()
        if late is not None:
            shown = {"late": late, "sends": sending(late.path, late.fields)}
            return render(request, "accounts/late_form.html", shown)
        if begun.get("form_sent"):
            _say_not_kept(request)
    else:
        _enter(request, user, backend.answered.at)
    return redirect(begun["next"] or settings.LOGIN_REDIRECT_URL)


def _enter(request: HttpRequest, user: User, at: int) -> None:
    begun_elsewhere = request.session.get("oidc_states", {})
    entering.enter(request, user, backend=BACKEND)
    request.session["oidc_states"] = begun_elsewhere  # in another window of this browser
    # When they last showed the provider who they are; 0, which is never fresh, where it does not say.
    request.session[STAMP] = at


# --- An account that was here before ----------------------------------------------------------------------------------


def _ask_to_connect(request: HttpRequest, user: User, answered: Answered | None, back_to: str) -> HttpResponse:
    if answered is None:
        raise BadToken("nobody")
    pending = {"user": str(user.pk), "sub": answered.sub, "groups": answered.groups, "at": answered.at}
    pending |= {"next": back_to, "until": int(time.time()) + TAKES_AT_MOST}
    request.session[_PENDING] = seal(json.dumps(pending), bound_to=_PENDING)
    return redirect("provider-connect")


def _pending(request: HttpRequest) -> dict[str, Any]:
    """Return for whom the password is asked. Raises NotFromHere."""
    pending = _opened(request.session.get(_PENDING, ""), bound_to=_PENDING)
    if pending["until"] < time.time():
        raise NotFromHere("too late to connect")
    return pending


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Ask once for the password of the account that has the address already, and connect it with the sign-in."""
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        pending = _pending(request)
        user = User.objects.get(pk=pending["user"])
        form = ProvingForm(request.POST or None, with_code=second_factor.is_on(user))
        if request.method == "POST" and form.is_valid():
            return _connected(request, user, pending, **form.cleaned_data)
    except NotSignedIn as why:
        return refused(request, why)
    except throttle.TooMany as many:
        return too_many(request, many.retry_at)
    except proving_again.WrongPassword as wrong:
        form.add_error("password", wrong.customer_message)
    except second_factor.WrongCode as wrong_code:
        form.add_error("code", wrong_code.customer_message)
    return render(request, "accounts/provider_connect.html", {"form": form, "account": user})


def _connected(request: HttpRequest, user: User, pending: dict[str, Any], **shown: str) -> HttpResponse:
    """Raises Stopped, proving_again.WrongPassword, second_factor.WrongCode, throttle.TooMany."""
    try:
        proving_again.prove(user=user, session_id=None, **shown)
        person = identities.connect(user=user, issuer=settings.OIDC_ISSUER, sub=pending["sub"])
    except identities.Stopped:
        raise Stopped("stopped") from None
    roles.follow_provider(person=person, groups=pending["groups"])
    del request.session[_PENDING]
    _enter(request, person, pending["at"])
    return redirect(pending["next"] or settings.LOGIN_REDIRECT_URL)


# --- Why not ----------------------------------------------------------------------------------------------------------


def _say_not_kept(request: HttpRequest) -> None:
    """Tell somebody that a form of theirs is lost, whatever the cause, on the next page that they see."""
    messages.warning(request, "What you sent was not kept. Please send it again.")


def refused(request: HttpRequest, why: NotSignedIn, *, back_to: str = "") -> HttpResponse:
    """Show why somebody is not signed in, and the way back."""
    level = logging.WARNING if isinstance(why, BadToken | ProviderAway) else logging.INFO
    log.log(level, "sign-in by the provider: %s (%s)", type(why).__name__, why.reason)
    context = {"refusal": why, "back_to": back_to}
    return _unkept(render(request, "accounts/provider_refused.html", context, status=why.status))


def _unkept(answer: HttpResponse) -> HttpResponse:
    """Keep what belongs to one sign-in out of caches, and codes in the address out of other sites' logs.

    To our own site it has to be told: a form that comes from nowhere is not taken.
    """
    answer["Cache-Control"], answer["Referrer-Policy"] = "no-store, private", "same-origin"
    return answer
