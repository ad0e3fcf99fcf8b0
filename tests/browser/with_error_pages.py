"""The site's own addresses, and some that go wrong on purpose. Used by tests only."""

from datetime import timedelta
from typing import Never

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.csrf import csrf_failure

from brokerage.too_many import too_many
from brokerage.urls import urlpatterns as of_the_site


def _forbidden(request: HttpRequest) -> Never:
    raise PermissionDenied


def _out_of_date(request: HttpRequest) -> HttpResponse:
    return csrf_failure(request)


def _too_often(request: HttpRequest) -> HttpResponse:
    return too_many(request, timezone.now() + timedelta(seconds=40))


def _broken(request: HttpRequest) -> Never:
    raise RuntimeError("on purpose")


urlpatterns = [
    path("403/", _forbidden),
    path("403/csrf/", _out_of_date),
    path("429/", _too_often),
    path("500/", _broken),
    *of_the_site,
]
