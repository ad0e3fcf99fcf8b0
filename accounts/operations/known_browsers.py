"""Knowing again the browsers that somebody signs in with, and telling them of one that they never used.

Called by whatever opens a session. The browser keeps a random key in a cookie, and we keep its digest.
"""

import logging
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import KnownBrowser, User
from accounts.models.sessions import digest
from accounts.operations import notices
from accounts.rules import browsers

log = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(days=400)  # as browsers forget the cookie


def meet(*, user: User, key: str, user_agent: str) -> str:
    """Note that somebody signs in with the browser that showed `key`; return the key that its cookie is to hold.

    They are told of one that is new, unless they have never signed in before. A key of which we know nothing is not
    taken over: it may be one that somebody else has planted.
    """
    rows = KnownBrowser.objects.filter(key_hash=digest(key)) if key else KnownBrowser.objects.none()
    known = {row.user_id: row for row in rows}
    if user.pk in known:
        KnownBrowser.objects.filter(pk=known[user.pk].pk).update(last_used_at=timezone.now())
        return key
    kept = key if known else secrets.token_urlsafe(32)
    with transaction.atomic():  # of the sign-in, where there is one (see entering)
        browser, is_new = KnownBrowser.objects.get_or_create(user=user, key_hash=digest(kept))
        if is_new and user.last_login is not None:
            _tell(browser, browsers.describe(user_agent))
    log.info("user %s: signs in with a browser that is new", user.pk)
    return kept


def mark(*, key: str, email: str) -> str:
    """Return what tries of a name from a browser that its owner has signed in with are counted under; else nothing."""
    mine = KnownBrowser.objects.filter(key_hash=digest(key), user__email=User.objects.normalize_email(email))
    return digest(key) if key and mine.exists() else ""


def _tell(browser: KnownBrowser, described: str) -> None:
    notices.tell(
        user=browser.user,
        key=f"browser {browser.pk}",
        kind="NEW_BROWSER",
        title="A new sign-in to your account",
        body=f"Somebody signed in with a browser that we had not seen with you: {described}. If that was you, there is "
        "nothing to do.\nIf it was not, end that sign-in on the page below, change your password, and write to us.",
        path="/settings/sign-ins/",
    )


def forget_old(*, now: datetime | None = None) -> int:
    """Delete those that nobody has used for longer than a cookie lasts; return how many."""
    deleted, _ = KnownBrowser.objects.filter(last_used_at__lt=(now or timezone.now()) - FORGOTTEN_AFTER).delete()
    return deleted
