"""Telling people what has changed: in their inbox at once, and by e-mail soon after.

`tell` is called by other operations, inside the transaction of the change; `deliver_due` by the worker. An e-mail is
sent at least once: where the mail server may have taken one and its answer was lost, it is sent again under the same
Message-ID, so that the receiving side can drop the double.
"""

import logging
import smtplib
import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import notice_email
from accounts.models import Notice, User
from accounts.models.notices import NoticeQuerySet

log = logging.getLogger(__name__)

# Longer than any conversation with a mail server takes: a dozen answers, EMAIL_TIMEOUT seconds for each.
LEASE = timedelta(minutes=5)
# After each try that failed, how long until the next; after the last one a person is asked.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
TRIES = len(PAUSES) + 1
BATCH = 50
# Seconds after which a round of the worker goes on to other things: e-mail must not hold up money.
LONGEST_BATCH = 15

_INACTIVE, _DIED = "user not active", "died while sending"


class MailServerAway(Exception):
    """The mail server takes nothing at the moment: whatever else waits can wait, too."""


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

    Raises MailServerAway.
    """
    now = now or timezone.now()
    stop_at = time.monotonic() + LONGEST_BATCH
    delivered = 0
    for notice in Notice.objects.to_post(now=now).select_related("user").order_by("created_at")[:BATCH]:
        if time.monotonic() > stop_at:
            break
        if _claim(notice, now):
            delivered += _deliver(notice, sender)
    return delivered


def _claim(notice: Notice, now: datetime) -> bool:
    """Take up one e-mail, committed before the mail server hears of it; False where someone else has."""
    with transaction.atomic(durable=True):
        mine = Notice.objects.to_post(now=now).filter(pk=notice.pk, tries=notice.tries)
        claimed = mine.update(claimed_until=now + LEASE, tries=F("tries") + 1)
    notice.tries += claimed
    return bool(claimed)


def _deliver(notice: Notice, sender: str) -> bool:
    """Send one claimed e-mail, and record what came of it. Raises MailServerAway."""
    if not notice.user.is_active:
        return _give_up(notice, _INACTIVE)
    if notice.tries > TRIES:
        return _give_up(notice, _DIED)
    try:
        notice_email.of(notice).send()
    except smtplib.SMTPRecipientsRefused as refusal:
        ((code, _),) = refusal.recipients.values()
        return _failed(notice, f"address refused {code}", for_good=code >= 500)
    except smtplib.SMTPDataError as refusal:
        return _failed(notice, f"{type(refusal).__name__} {refusal.smtp_code}")
    except OSError as fault:  # smtplib's own errors are among these
        _failed(notice, type(fault).__name__)
        raise MailServerAway(type(fault).__name__) from None
    except Exception as bug:  # one that can't be written must not keep the others
        return _failed(notice, type(bug).__name__)
    _record(notice, emailed_at=timezone.now(), claimed_until=None, email_error="")
    log.info("notice %s e-mailed by %s", notice.pk, sender)
    return True


def _failed(notice: Notice, error: str, *, for_good: bool = False) -> bool:
    """Plan the next try, or leave it to a person."""
    if for_good or notice.tries >= TRIES:
        return _give_up(notice, error)
    _record(notice, claimed_until=timezone.now() + PAUSES[notice.tries - 1], email_error=error)
    log.warning("notice %s: try %s failed (%s)", notice.pk, notice.tries, error)
    return False


def _give_up(notice: Notice, error: str) -> bool:
    _record(notice, given_up_at=timezone.now(), claimed_until=None, email_error=error)
    log.warning("notice %s: not e-mailed (%s)", notice.pk, error)
    return False


def _record(notice: Notice, **outcome: object) -> None:
    """Write what came of a try, unless it was taken for dead and someone else has tried since."""
    Notice.objects.filter(pk=notice.pk, tries=notice.tries, emailed_at=None).update(**outcome)


def try_again(*, notices: NoticeQuerySet) -> int:
    """Let the e-mails that were given up be sent after all, with tries anew; return how many."""
    return notices.given_up().update(given_up_at=None, claimed_until=None, tries=0, email_error="")
