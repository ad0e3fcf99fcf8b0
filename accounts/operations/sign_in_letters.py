"""Letters to whoever reads a mailbox: to end a sign-up there, or to set a new password.

    an address is asked for ──► one letter ──► its link ──► a password ──► people, new_passwords

Called by views, by those two operations, and by the worker, which sends the letters. Whoever asks may be anybody, so
the answer and the work are the same whether or not there is a sign-in with that address: always one letter, and only
what it says differs. Following a link changes nothing; it works on any device, once.
"""

from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import sign_in_letter_email, states
from accounts.models import EmailChange, SignInLetter, User
from accounts.operations import posting, throttle
from accounts.operations.throttle import Limit
from brokerage.visit import Visit

Kind = SignInLetter.Kind

GOOD_FOR = {Kind.SIGN_UP: timedelta(hours=24), Kind.PASSWORD: timedelta(hours=1)}
# One that leads nowhere is not sent later than this: it would puzzle its reader.
_SENT_WITHIN = timedelta(hours=24)
# For so long its row stays after that, for whoever looks into what was sent.
_KEPT_FOR = timedelta(days=7)

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# How many are written in which time: for one who asks from one address, to one mailbox, and from one address at all.
# A mailbox has a count for each kind, and by the hour: so long is a link to a new password good, and whoever is kept
# from asking for one by strangers who asked before them has theirs.
BY_BOTH = ((3, _HOUR), (10, _DAY))
TO_ONE_MAILBOX = ((4, _HOUR),)
BY_ADDRESS = ((20, _HOUR), (60, _DAY))


class LinkIsOver(Exception):
    """This link was used, has expired, or what it was for has changed."""

    customer_message = "This link was used already, or is not good any more. Ask for another one."


def ask_to_sign_up(*, email: str, visit: Visit) -> None:
    """Write to somebody who wants to sign up; or to its owner, where the address is taken. Raises throttle.TooMany."""
    email = User.objects.normalize_email(email)
    _count(email, visit, "sign-up")
    user = User.objects.filter(email=email).first()
    is_wanted = EmailChange.objects.filter(new_email=email, status=states.CONFIRMED).exists()
    _write(Kind.HAS_SIGN_IN if user or is_wanted else Kind.SIGN_UP, email, user)


def ask_for_password(*, email: str, visit: Visit) -> None:
    """Write to somebody who has forgotten their password, or why there is none to set. Raises throttle.TooMany."""
    email = User.objects.normalize_email(email)
    _count(email, visit, "password")
    user = User.objects.filter(email=email).first()
    _write(_about_password(user), email, user)


def _about_password(user: User | None) -> Kind:
    if user is None:
        return Kind.NO_SIGN_IN
    if not user.is_active:
        return Kind.STOPPED
    return Kind.PASSWORD if user.has_usable_password() else Kind.NO_PASSWORD


def _count(email: str, visit: Visit, about: str) -> None:
    mailbox, address = throttle.unnamed(email), throttle.unnamed(visit.network)
    both = throttle.unnamed(f"{visit.network} {email}")
    to_mailbox = (f"{about} mailbox", mailbox, TO_ONE_MAILBOX)
    kinds = (("both", both, BY_BOTH), to_mailbox, ("address", address, BY_ADDRESS))
    limits = [Limit(f"letters {kind} {of}", most, per) for kind, of, windows in kinds for most, per in windows]
    throttle.take_all(limits=limits)


def _write(kind: Kind, email: str, user: User | None) -> None:
    with transaction.atomic(durable=True):
        SignInLetter.objects.create(
            kind=kind,
            email=email,
            user=user,
            stood=(user or User(email=email)).get_session_auth_hash(),
            expires_at=timezone.now() + GOOD_FOR.get(kind, _SENT_WITHIN),
        )


def of_link(*, kind: str, key: str) -> SignInLetter:
    """Return the letter whose link was followed. Raises LinkIsOver."""
    letter = SignInLetter.objects.with_key(key).filter(kind=kind).select_related("user").first()
    return _good(letter)


def lock(letter: SignInLetter) -> SignInLetter:
    """Return the letter anew, and let nobody else use it; a transaction must be open. Raises LinkIsOver.

    First the person, as everybody locks them, then what is theirs.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=letter.user.pk) if letter.user else None
    found = SignInLetter.objects.select_for_update().filter(pk=letter.pk).first()
    if found is not None:
        found.user = user
    return _good(found)


def whose(letter: SignInLetter) -> User:
    """Return the person whose password a letter leads to. Raises LinkIsOver."""
    if letter.user is None:
        raise LinkIsOver
    return letter.user


def _good(letter: SignInLetter | None) -> SignInLetter:
    if letter is None or letter.is_over:
        raise LinkIsOver
    if letter.kind == Kind.PASSWORD and not _may_set_password(letter):
        raise LinkIsOver
    return letter


def _may_set_password(letter: SignInLetter) -> bool:
    """Say whether the sign-in is as it was when the link was asked for."""
    user = letter.user
    if user is None or _about_password(user) != Kind.PASSWORD:
        return False
    return constant_time_compare(letter.stood, user.get_session_auth_hash())


def deliver(*, sender: str, now: datetime | None = None) -> int:
    """E-mail the letters that are due; return how many the mail server took. Raises posting.MailServerAway."""
    now = now or timezone.now()
    due = SignInLetter.objects.to_post(now=now).order_by("created_at")
    return posting.deliver_due(rows=due, compose=_compose, sender=sender, now=now)


def _compose(letter: SignInLetter) -> EmailMultiAlternatives:
    if letter.is_over:
        raise posting.NotWanted("the link is over")
    return sign_in_letter_email.of(letter, key=letter.make_key() if letter.kind in GOOD_FOR else "")


def forget_old(*, now: datetime | None = None) -> int:
    """Delete the letters that led nowhere for a week, with their keys; return how many."""
    over = SignInLetter.objects.filter(expires_at__lte=(now or timezone.now()) - _KEPT_FOR)
    _, deleted = over.delete()
    return deleted.get(SignInLetter._meta.label, 0)
