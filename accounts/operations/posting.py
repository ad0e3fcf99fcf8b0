"""Sending e-mails that wait as rows: at least once each, by whoever claims one first.

Called by notices and letters, which say what an e-mail reads. Where the mail server may have taken one and its answer
was lost, it is sent again under the same Message-ID, so that the receiving side can drop the double.
"""

import logging
import smtplib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from brokerage import stopping

log = logging.getLogger(__name__)

# Longer than any conversation with a mail server takes: a dozen answers, EMAIL_TIMEOUT seconds for each. So one whose
# sender died goes out minutes later, and not within one: a second e-mail would be worse than a late one.
LEASE = timedelta(minutes=5)
# After each try that failed, how long until the next; after the last one a person is asked.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
TRIES = len(PAUSES) + 1
BATCH = 50
# Seconds after which a round of the worker goes on to other things: e-mail must not hold up money.
LONGEST_BATCH = 15

_DIED = "died while sending"

Compose = Callable[[Any], EmailMultiAlternatives]


class MailServerAway(Exception):
    """The mail server takes nothing at the moment: whatever else waits can wait, too."""


class NotWanted(Exception):
    """This e-mail is not to be sent any more; the message says why, in a few words for ops."""


def deliver_due(*, rows: QuerySet[Any], compose: Compose, sender: str, now: datetime | None = None) -> int:
    """E-mail what is due of `rows`, in their order, for a while; return how many the mail server took.

    `rows` know `to_post`, and what a try leaves behind (see Notice). `compose` writes the e-mail of one, and raises
    NotWanted. Raises MailServerAway.
    """
    now = now or timezone.now()
    stop_at = time.monotonic() + LONGEST_BATCH
    delivered = 0
    for row in stopping.while_wanted(rows[:BATCH]):
        if time.monotonic() > stop_at:
            break
        if _claim(row, now):
            delivered += _deliver(row, compose, sender)
    return delivered


def _claim(row: Any, now: datetime) -> bool:
    """Take up one e-mail, committed before the mail server hears of it; False where someone else has."""
    with transaction.atomic(durable=True):
        mine = type(row).objects.to_post(now=now).filter(pk=row.pk, tries=row.tries)
        claimed = mine.update(claimed_until=now + LEASE, tries=F("tries") + 1)
    row.tries += claimed
    return bool(claimed)


def _deliver(row: Any, compose: Compose, sender: str) -> bool:
    """Send one claimed e-mail, and record what came of it. Raises MailServerAway."""
    if row.tries > TRIES:
        return _give_up(row, _DIED)
    try:
        compose(row).send()
    except NotWanted as why:
        return _give_up(row, str(why))
    except smtplib.SMTPRecipientsRefused as refusal:
        ((code, _),) = refusal.recipients.values()
        return _failed(row, f"address refused {code}", for_good=code >= 500)
    except smtplib.SMTPDataError as refusal:
        return _failed(row, f"{type(refusal).__name__} {refusal.smtp_code}")
    except OSError as fault:  # smtplib's own errors are among these
        _failed(row, type(fault).__name__)
        raise MailServerAway(type(fault).__name__) from None
    except Exception as bug:  # one that can't be written must not keep the others
        return _failed(row, type(bug).__name__)
    _record(row, emailed_at=timezone.now(), claimed_until=None, email_error="")
    log.info("%s e-mailed by %s", _name(row), sender)
    return True


def _name(row: Any) -> str:
    return f"{type(row).__name__.lower()} {row.pk}"


def _failed(row: Any, error: str, *, for_good: bool = False) -> bool:
    """Plan the next try, or leave it to a person."""
    if for_good or row.tries >= TRIES:
        return _give_up(row, error)
    _record(row, claimed_until=timezone.now() + PAUSES[row.tries - 1], email_error=error)
    log.warning("%s: try %s failed (%s)", _name(row), row.tries, error)
    return False


def _give_up(row: Any, error: str) -> bool:
    _record(row, given_up_at=timezone.now(), claimed_until=None, email_error=error)
    log.warning("%s: not e-mailed (%s)", _name(row), error)
    return False


def _record(row: Any, **outcome: object) -> None:
    """Write what came of a try, unless it was taken for dead and someone else has tried since."""
    type(row).objects.filter(pk=row.pk, tries=row.tries, emailed_at=None).update(**outcome)
