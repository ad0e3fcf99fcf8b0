"""What the broker's answer to a change makes of our own rows, and telling the customer: in one transaction.

Called by details and email_change. An e-mail address is a user's, and lets them sign in, so it has its own end.
"""

import logging

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import change_notices, kept_details, states
from accounts.change_notices import Message
from accounts.models import DetailsChange, EmailChange, Letter, User
from accounts.operations import audit, notices, sign_ins

log = logging.getLogger(__name__)

Kind = DetailsChange.Kind


def accepted(change: DetailsChange) -> None:
    """Take over what the broker accepted. The old values stay in the row of the change."""
    if change.kind == Kind.EMAIL:
        email_is_changed(change.email_change)
        return
    kept_details.write(change.brokerage_account.application, change.kind, change.after)
    _tell(change, "ACCEPTED", change_notices.accepted(change))


def refused(change: DetailsChange) -> None:
    """Tell that the broker said no; nothing of ours has changed."""
    _report_if_unsure(change)
    if change.kind == Kind.EMAIL:
        email_is_refused(change.email_change, because="the broker refuses it")
        return
    _tell(change, "REFUSED", change_notices.refused(change))


def dropped(change: DetailsChange) -> None:
    """Tell that a change was dropped, since the account takes none any more, and that the broker does not have it."""
    _report_if_unsure(change)
    if change.kind == Kind.EMAIL:
        email_is_refused(change.email_change, because="the account takes no changes any more")
        return
    _tell(change, "DROPPED", change_notices.dropped(change))


def _report_if_unsure(change: DetailsChange) -> None:
    if change.is_unsure:
        log.error("change %s: it ends, and the broker may have it or not; ask the broker", change.pk)


def _tell(change: DetailsChange, what: str, message: Message) -> None:
    notices.tell(
        user=change.brokerage_account.user,
        key=f"change {change.pk} {what}",
        kind=f"CHANGE_{what}",
        title=message.title,
        body=message.body,
        path=reverse("settings"),
    )


def email_is_changed(change: EmailChange) -> None:
    """Let the person sign in with the new address, and tell both; whoever is signed in with the old one is out.

    If somebody else took the address in the meantime, the database refuses it, and a person has to look at it.
    """
    try:
        with transaction.atomic():
            mine = User.objects.filter(pk=change.user_id)
            mine.update(email=change.new_email, email_verified_at=change.new_confirmed_at)
    except IntegrityError:
        log.error("e-mail change %s: the address is another person's now; look at it by hand", change.pk)
        email_is_refused(change, because="somebody else signs in with it now")
        return
    change.move(states.DONE, actor="site", because="both addresses confirmed it")
    Letter.objects.create(change=change, kind=Letter.Kind.CHANGED)
    _tell_of_email(change, "DONE", change_notices.EMAIL_CHANGED)
    sign_ins.end_all(user=change.user)
    actor = f"customer {change.user_id}"
    audit.record(audit.Deed.EMAIL_CHANGED, actor=actor, about=f"user {change.user_id}", change=str(change.pk))


def email_is_refused(change: EmailChange, *, because: str) -> None:
    change.move(states.REFUSED, actor="site", because=because)
    _tell_of_email(change, "REFUSED", change_notices.EMAIL_REFUSED)


def _tell_of_email(change: EmailChange, what: str, message: Message) -> None:
    notices.tell(
        user=User.objects.get(pk=change.user_id),
        key=f"email change {change.pk} {what}",
        kind=f"EMAIL_{what}",
        title=message.title,
        body=message.body,
        path=reverse("settings"),
    )
