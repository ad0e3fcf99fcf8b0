"""django-oauth-toolkit's addresses, each of which may be told to fail, and /control for the tests."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider import views
from oauth2_provider.settings import oauth2_settings

from tests.harness.openid.lies import LIES, WHO, retold
from tests.harness.openid.people import PEOPLE
from tests.harness.openid.settings import new_key

Answer = Callable[[HttpRequest], HttpResponse]
ASKED: list[str] = []
HANDED: list[dict[str, Any]] = []  # every answer of the token endpoint, from the start


def failing(name: str, answer: Answer) -> Answer:
    """Return the view, or what it is told to do instead."""

    def answer_or_fail(request: HttpRequest) -> HttpResponse:
        ASKED.append(name)
        how = LIES.get(name)
        if how == "slow":
            time.sleep(LIES["seconds"])
        if how == "garbage":
            return HttpResponse("<html>not at all", content_type="text/html")
        if how == "list":
            return JsonResponse([], safe=False)
        if how == "redirect":
            return HttpResponseRedirect("http://127.0.0.1:9/")
        if how == "echo":
            sent = f"{request.headers.get('Authorization')} {request.body.decode()}"
            return JsonResponse({"error": "invalid_request", "error_description": sent}, status=400)
        if isinstance(how, int):
            return JsonResponse({"error": "server_error", "error_description": "canary"}, status=how)
        if isinstance(how, dict):
            return JsonResponse(how)
        return answer(request)

    return csrf_exempt(answer_or_fail)


def token(request: HttpRequest) -> HttpResponse:
    answer = views.TokenView.as_view()(request)
    said = json.loads(answer.content)
    if "id_token" in said:
        said["id_token"] = retold(said["id_token"])
    said = {name: value for name, value in (said | LIES.get("tokens", {})).items() if value is not None}
    HANDED.append(said)
    return JsonResponse(said, status=answer.status_code)


def authorize(request: HttpRequest) -> HttpResponse:
    if error := LIES.get("authorize"):
        words = urlencode({"error": error, "error_description": "canary", "state": request.GET["state"]})
        return HttpResponseRedirect(f"{request.GET['redirect_uri']}?{words}")
    answer: HttpResponse = views.AuthorizationView.as_view()(request)
    return answer


def login(request: HttpRequest) -> HttpResponse:
    """Where DOT sends whoever has to sign in anew: they do, at once."""
    if not LIES.get("no new sign-in"):
        User.objects.filter(username=WHO["name"]).update(last_login=timezone.now())
    return HttpResponseRedirect(request.GET["next"])


def control(request: HttpRequest) -> HttpResponse:
    """Take {"people": …, "who": …, "lies": …, "rotate": true}; tell what was asked since the last time."""
    said: dict[str, Any] = json.loads(request.body)
    for name, person in said.get("people", {}).items():
        PEOPLE[name] = person
        User.objects.get_or_create(username=name, defaults={"last_login": timezone.now()})
    WHO.update({"name": said["who"]} if "who" in said else {})
    if "lies" in said:
        LIES.clear()
        LIES.update(said["lies"])
    if said.get("rotate"):
        oauth2_settings.OIDC_RSA_PRIVATE_KEY = new_key()
    asked, ASKED[:] = ASKED[:], []
    return JsonResponse({"asked": asked, "handed": HANDED})


urlpatterns = [
    path("control/", csrf_exempt(control)),
    path("login/", login),
    path("token/", failing("token", token)),
    path("authorize/", authorize),
    path("userinfo/", failing("userinfo", views.UserInfoView.as_view())),
    path(".well-known/jwks.json", failing("jwks", views.JwksInfoView.as_view())),
    path(".well-known/openid-configuration", failing("document", views.ConnectDiscoveryInfoView.as_view())),
    path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
