"""Telling people what has changed: in their inbox at once, and by e-mail soon after.

`tell` is called by other operations, inside the transaction of the change; `deliver_due` by the worker.
"""

from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone

from accounts import notice_email
from accounts.models import Notice, User
from accounts.models.notices import NoticeQuerySet
from accounts.operations import posting


def tell(*, user: User, key: str, kind: str, title: str, body: str, path: str) -> None:
    """Write one notice together with the change it tells of, whose transaction must be open.

    A key that was told already changes nothing, and does not spoil the transaction.
    """
    assert connection.in_atomic_block, "a notice is written in the transaction of its change"  # noqa: S101 - our bug
    notice = Notice(user=user, key=key, kind=kind, title=" ".join(title.split())[:200], body=body, path=path)
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def mark_read(*, notices: NoticeQuerySet, until: datetime) -> int:
    """Mark what was told up to a moment as read, which is what its reader has seen; return how many were not."""
    return notices.unread().filter(created_at__lte=until).update(read_at=timezone.now())


def deliver_due(*, sender: str, now: datetime | None = None) -> int:
    """E-mail what is due, oldest first, for a while; return how many the mail server took.

    Raises posting.MailServerAway.
    """
    now = now or timezone.now()
    due = Notice.objects.to_post(now=now).select_related("user").order_by("created_at")
    return posting.deliver_due(rows=due, compose=_compose, sender=sender, now=now)


def _compose(notice: Notice) -> EmailMultiAlternatives:
    if not notice.user.is_active:
        raise posting.NotWanted("user not active")
    return notice_email.of(notice)


def try_again(*, notices: NoticeQuerySet) -> int:
    """Let the e-mails that were given up be sent after all, with tries anew; return how many."""
    return notices.given_up().update(given_up_at=None, claimed_until=None, tries=0, email_error="")
