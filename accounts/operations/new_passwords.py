"""Another password: by a letter, where it is forgotten, or in the settings, by whoever has just shown who they are.

Called by views. Either ends the person's other sessions, for these are bound to the password, and every other link to
a new one; a second factor stays as it is. The person is told, in the inbox and by e-mail.
"""

import logging

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import passwords
from accounts.models import SignInLetter, User
from accounts.operations import audit, notices, sign_in_letters, sign_ins

log = logging.getLogger(__name__)

_TITLE = "Your password was changed"
_BODY = (
    "Everybody who was signed in elsewhere is signed out. Passkeys go on working: see in the settings whether all are "
    "yours.\n"
    "If you did not do this, set a new one and write to us at once."
)


def set_by_letter(*, letter: SignInLetter, password: str) -> User:
    """Set the password of whoever opened the letter, and return them. Raises sign_in_letters.LinkIsOver."""
    hashed = _hashed(password)
    with transaction.atomic(durable=True):
        letter = sign_in_letters.lock(letter)
        user = sign_in_letters.whose(letter)
        letter.used_at = user.email_verified_at = timezone.now()  # they read that mailbox
        letter.save(update_fields=["used_at"])
        _set(user, hashed, key=f"password by letter {letter.pk}")
    sign_ins.end_all(user=user)
    log.info("user %s: password set by letter %s", user.pk, letter.pk)
    return user


def change(*, user: User, password: str) -> User:
    """Set another password and return the user as they are now."""
    hashed = _hashed(password)
    with transaction.atomic(durable=True):
        found = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _set(found, hashed, key=f"password of {user.pk} {timezone.now().isoformat()}")
    log.info("user %s: password changed", user.pk)
    return found


def _hashed(password: str) -> str:
    """Return the hash of a new password. It takes its time, for which no lock is held."""
    return make_password(passwords.normal(password))


def _set(user: User, hashed: str, *, key: str) -> None:
    user.password = hashed
    user.save(update_fields=["password", "email_verified_at"])
    notices.tell(user=user, key=key, kind="PASSWORD_CHANGED", title=_TITLE, body=_BODY, path=reverse("settings"))
    audit.record(audit.Deed.PASSWORD_CHANGED, actor=audit.name_of(user), about=audit.subject(user))
