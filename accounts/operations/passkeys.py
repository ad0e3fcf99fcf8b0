"""Adding a passkey, signing in with one, showing again who one is, and taking one away.

Called by views. The challenge of each question rests in the session of whoever was asked, for five minutes and one
answer.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import passkey_answers
from accounts.models import Passkey, User
from accounts.operations import audit, notices, throttle
from accounts.passkey_answers import AnswerRefused, Asked
from brokerage.visit import Visit

log = logging.getLogger(__name__)

MOST = 10  # of one person
QUESTIONS, PER = 60, timedelta(hours=1)
GOOD_FOR = timedelta(minutes=5)
_NOT_YOU = "If this was not you, remove the passkey, change your password, and write to us at once."


class NotAdded(Exception):
    """The device's answer can't be taken."""

    customer_message = "Your device’s answer could not be checked. Start again; nothing was changed."


class TooManyPasskeys(Exception):
    """One person has only so many."""

    customer_message = f"You have {MOST} passkeys. Remove one that you no longer use first."


class NotKnown(Exception):
    """No passkey that lets anybody in."""

    customer_message = "This passkey doesn’t open an account here. Sign in with your password."


class NotShown(Exception):
    """No passkey of whoever is signed in."""

    customer_message = "Your passkey could not be checked. Try once more, or use your password."


def ask_for_new(*, user: User) -> Asked:
    """Ask the browser for a new key. Raises TooManyPasskeys, throttle.TooMany."""
    throttle.take(key=f"passkey to add {user.pk}", limit=QUESTIONS, per=PER)
    known = list(_of(user).values_list("credential_id", flat=True))
    if len(known) >= MOST:
        raise TooManyPasskeys
    return passkey_answers.ask_for_new(user_id=user.pk, email=user.email, known=known)


def _of(user: User) -> QuerySet[Passkey]:
    return Passkey.objects.in_use().filter(user=user)


def add(*, user: User, challenge: str, answer: str, name: str) -> Passkey:
    """Keep the key that the device has made, and tell the person. Raises NotAdded, TooManyPasskeys."""
    try:
        made = passkey_answers.check_new(answer=answer, challenge=challenge)
        with transaction.atomic(durable=True):
            User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once can't both be the last one
            if _of(user).count() >= MOST:
                raise TooManyPasskeys
            passkey = Passkey.objects.create(
                user=user,
                name=name,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
            )
            _tell(passkey, "ADDED", "A passkey was added", "A device can now open your account without the password.")
    except (AnswerRefused, IntegrityError) as why:
        raise NotAdded from why
    log.info("user %s: passkey %s added", user.pk, passkey.pk)
    return passkey


def _tell(passkey: Passkey, kind: str, title: str, text: str) -> None:
    """Tell the person and the audit."""
    user = passkey.user
    notices.tell(
        user=user,
        key=f"passkey {passkey.pk} {kind}",
        kind=f"PASSKEY_{kind}",
        title=title,
        body=f"{text}\n{_NOT_YOU}",
        path=reverse("passkeys"),
    )
    deed = audit.Deed(f"passkey.{kind.lower()}")
    audit.record(deed, actor=audit.name_of(user), about=audit.subject(user), passkey=str(passkey.pk))


def ask_who(*, visit: Visit) -> Asked:
    """Ask the browser for a key of this site. Raises throttle.TooMany."""
    throttle.take(key=f"passkey asked {throttle.unnamed(visit.network)}", limit=QUESTIONS, per=PER)
    return passkey_answers.ask_who()


def ask_again(*, user: User, session_id: UUID) -> Asked:
    """Ask the browser for a key of somebody who is signed in, in this session. Raises throttle.TooMany."""
    throttle.take(key=f"passkey again {session_id}", limit=QUESTIONS, per=PER)
    return passkey_answers.ask_for(known=list(_of(user).values_list("credential_id", flat=True)))


def prove(*, challenge: str, answer: str) -> User:
    """Return whose key has answered. Raises NotKnown, without saying whether it was the key or the person."""
    try:
        credential_id, user_id = passkey_answers.credential_of(answer)
        if user_id is None:
            raise AnswerRefused
        passkey = Passkey.objects.in_use().select_related("user").get(credential_id=credential_id, user_id=user_id)
        _use(passkey, challenge=challenge, answer=answer)
    except (AnswerRefused, Passkey.DoesNotExist) as why:
        log.info("a passkey was refused")  # whose it would be is a stranger's word
        raise NotKnown from why
    return passkey.user


def prove_again(*, user: User, challenge: str, answer: str) -> None:
    """Return where a key of this user's has answered. Raises NotShown."""
    try:
        credential_id, user_id = passkey_answers.credential_of(answer)
        if user_id not in (None, user.pk):
            raise AnswerRefused
        _use(_of(user).get(credential_id=credential_id), challenge=challenge, answer=answer)
    except (AnswerRefused, Passkey.DoesNotExist) as why:
        log.info("user %s: a passkey was asked for again, and refused", user.pk)
        raise NotShown from why


def _use(passkey: Passkey, *, challenge: str, answer: str) -> None:
    """Check the answer, and count it. Raises AnswerRefused."""
    count = passkey_answers.check_answer(
        answer=answer, challenge=challenge, public_key=passkey.public_key, sign_count=passkey.sign_count
    )
    used = Passkey.objects.in_use().filter(pk=passkey.pk, sign_count=passkey.sign_count, user__is_active=True)
    if not used.update(sign_count=count, last_used_at=timezone.now()):
        raise AnswerRefused  # used elsewhere at this very moment, taken away, or the person is stopped
    log.info("user %s: passkey %s used", passkey.user_id, passkey.pk)


def remove(*, passkey: Passkey) -> None:
    """Let nobody in by this key any more; a second time changes nothing."""
    with transaction.atomic(durable=True):
        if Passkey.objects.in_use().filter(pk=passkey.pk).update(removed_at=timezone.now()):
            _tell(passkey, "REMOVED", "A passkey was removed", "It opens your account no more.")
            log.info("user %s: passkey %s removed", passkey.user_id, passkey.pk)
