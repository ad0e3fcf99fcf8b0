"""The answer to somebody who asks too often: what happened, and when to try again.

Used by both apps' views.
"""

import math
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def too_many(request: HttpRequest, retry_at: datetime) -> HttpResponse:
    """Show the page that says so; browsers and programs are told the seconds."""
    shown = {"retry_at": _next_whole_minute(retry_at)}  # pages name minutes, and must not name one too early
    response = render(request, "429.html", shown, status=429)
    response["Retry-After"] = str(max(1, math.ceil((retry_at - timezone.now()).total_seconds())))
    return response


def _next_whole_minute(at: datetime) -> datetime:
    minute = at.replace(second=0, microsecond=0)
    return minute if minute == at else minute + timedelta(minutes=1)
