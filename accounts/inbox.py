"""What a person was told, as a page, and in every page's menu how much of it they have not read.

Called by the browser; calls operations. Looking at the page marks nothing: a GET changes nothing, and a line is read
when it is followed, or when its reader says so.
"""

import uuid
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.models.notices import NoticeQuerySet
from accounts.operations.notices import mark_read
from brokerage import paging

PER_PAGE = 25
MOST_COUNTED = 100  # the menu says 99+


def unread(request: HttpRequest) -> dict[str, Any]:
    """Give every template the number of unread notices; it is counted once, and only where a page shows it."""
    return {"unread_notices": SimpleLazyObject(lambda: _mine(request).unread()[:MOST_COUNTED].count())}


def _mine(request: HttpRequest) -> NoticeQuerySet:
    """Return the notices of the signed-in user."""
    notices: NoticeQuerySet = cast(User, request.user).notices.all()
    return notices


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Show what the user was told, newest first, a page at a time."""
    page = paging.page(_mine(request), request.GET, size=PER_PAGE)
    context = {
        "notices": page.rows,
        "newer_url": _page_url(page.newer),
        "older_url": _page_url(page.older),
        "shown_at": timezone.now(),
    }
    return render(request, "accounts/notifications.html", context)


def _page_url(place: dict[str, str]) -> str | None:
    return f"{reverse('notifications')}?{urlencode(place)}" if place else None


@login_required
@require_POST
def notification_open(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Mark one of the user's own as read, and go where it leads."""
    notice = get_object_or_404(_mine(request), pk=notice_id)
    mark_read(notices=_mine(request).filter(pk=notice.pk), until=timezone.now())
    # The site writes these paths itself; a row that was altered must not lead away all the same.
    stays = url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None)
    return redirect(notice.path if stays else "notifications")


@login_required
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read that was there when the page was made; what has come since was not seen."""
    mark_read(notices=_mine(request), until=_moment(request.POST.get("shown_at", "")))
    return redirect("notifications")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return timezone.now()
