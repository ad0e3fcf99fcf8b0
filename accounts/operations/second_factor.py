"""The second factor: an app that makes a code each half minute (TOTP, RFC 6238), and recovery codes in its place.

    begin ──► turn_on (with a code of the app) ──► check (each sign-in) ──► turn_off, or remove by somebody of ops

Called by views, entering, proving_again, the desk and the command remove_second_factor. A code is good for its half
minute and those beside it, since clocks differ, and once: whoever looks over a shoulder comes too late. That is decided
where the row is written, so that of two who send the same code at one moment one gets in.
"""

import hashlib
import hmac
import logging
import re
import secrets
from datetime import timedelta
from uuid import UUID

import pyotp
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Notice, RecoveryCode, SecondFactor, SecondFactorChange, User
from accounts.operations import audit, notices, sign_ins, throttle
from accounts.wording.second_factor import MESSAGES, TRIED, Message

log = logging.getLogger(__name__)

What = SecondFactorChange.What
# Right ones count as well; whoever has the password tries for years before one is likely to be right.
TRIES, PER = 20, timedelta(hours=1)
TRIES_A_DAY, DAY = 60, timedelta(days=1)
SECONDS = 30  # that one code stands for
CODES = 10
# Without letters and digits that look alike; so many have 138 bits, so that a quick digest is enough to keep them.
LETTERS, LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 28
SET_UP_WITHIN = timedelta(hours=1)


class WrongCode(Exception):
    """It is no code that is good now."""

    customer_message = "This code is not good, or was used already. Wait for the next one, and enter that."


class NotSetUp(Exception):
    """There is nothing to turn on, or to turn off."""

    customer_message = "Your second factor has changed meanwhile. This is how it stands now."


def of(user: User) -> SecondFactor | None:
    """Return the second factor that sign-ins ask for."""
    return SecondFactor.objects.filter(user=user, on_since__isnull=False).first()


def is_on(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, on_since__isnull=False).exists()


def is_missing(user: User) -> bool:
    """Say whether somebody of ops has none, though the desk wants one."""
    return settings.STAFF_SECOND_FACTOR and user.is_staff and not is_on(user)


def pending(user: User) -> SecondFactor | None:
    """Return the one that is being set up."""
    since = timezone.now() - SET_UP_WITHIN
    return SecondFactor.objects.filter(user=user, on_since=None, created_at__gt=since).first()


def begin(*, user: User) -> None:
    """Make the secret that the app is to get, unless one is in use; one that was never turned on is dropped."""
    try:
        with transaction.atomic(durable=True):
            SecondFactor.objects.filter(user=user, on_since=None).delete()
            SecondFactor.objects.create(user=user, secret=pyotp.random_base32())
    except IntegrityError:  # it is on, or begun in another window just now
        log.info("user %s: a second factor is there already", user.pk)


def address(factor: SecondFactor) -> str:
    """Return what the app reads from the picture. https://github.com/google/google-authenticator/wiki/Key-Uri-Format"""
    return pyotp.TOTP(factor.secret).provisioning_uri(name=factor.user.email, issuer_name=settings.BRAND_NAME)


def turn_on(*, user: User, code: str, here: UUID | None = None) -> list[str]:
    """Ask for it from now on; return the recovery codes, which nobody can read again.

    Whoever is signed in elsewhere has not shown it: they are signed out, but for the session `here`. Raises WrongCode,
    NotSetUp, throttle.TooMany.
    """
    factor = pending(user)
    if factor is None:
        raise NotSetUp
    _count_a_try(user)
    counters = _counters(factor, _plain(code))
    if not counters:
        raise WrongCode
    with transaction.atomic(durable=True):
        list(User.objects.select_for_update(no_key=True).filter(pk=user.pk))  # nobody gets in meanwhile without it
        waiting = SecondFactor.objects.filter(pk=factor.pk, on_since=None)
        if not waiting.update(on_since=timezone.now(), last_counter=max(counters)):
            raise NotSetUp
        codes = _new_codes(factor)
        _write(user, What.ON)
        sign_ins.end_others(user=user, but=here)
        _keep(user, What.ON)
    return codes


def check(*, user: User, code: str) -> None:
    """Take a code of the app, or a recovery code; each once. Raises WrongCode, throttle.TooMany."""
    factor = of(user)
    if factor is None:
        raise WrongCode
    _count_a_try(user)
    plain = _plain(code)
    taken = _use_recovery_code(factor, plain) if len(plain) == LENGTH else _use_code(factor, plain)
    if not taken:
        log.info("user %s: a code was refused", user.pk)
        raise WrongCode
    log.info("user %s: a code was right", user.pk)


def new_codes(*, user: User) -> list[str]:
    """Return new recovery codes; those of before are not good any more. Raises NotSetUp."""
    with transaction.atomic(durable=True):
        factor = SecondFactor.objects.select_for_update().filter(user=user, on_since__isnull=False).first()
        if factor is None:
            raise NotSetUp
        factor.recovery_codes.all().delete()
        codes = _new_codes(factor)
        _note(user, What.NEW_CODES)
    return codes


def codes_left(factor: SecondFactor) -> int:
    return factor.recovery_codes.filter(used_at=None).count()


def turn_off(*, user: User) -> None:
    """Ask for it no more; whoever does it has just shown who they are. Raises NotSetUp."""
    _drop(user, What.OFF)


def remove(*, about: User, by: User | None, because: str) -> None:
    """Take it from somebody who has lost app and codes; without `by` it was done on the server. Raises NotSetUp."""
    _drop(about, What.REMOVED, by=by, because=because)


def _drop(user: User, what: str, *, by: User | None = None, because: str = "") -> None:
    with transaction.atomic(durable=True):
        dropped, _ = SecondFactor.objects.filter(user=user, on_since__isnull=False).delete()
        if not dropped:
            raise NotSetUp
        _note(user, what, by=by, because=because)


def _note(user: User, what: str, *, by: User | None = None, because: str = "") -> None:
    _write(user, what, by=by, because=because)
    _keep(user, what, by=by, because=because)


def _write(user: User, what: str, *, by: User | None = None, because: str = "") -> None:
    """Write the history, and tell the person."""
    change = SecondFactorChange.objects.create(person=user, what=what, by=by, because=because)
    _tell(user, f"second factor {change.pk}", what, MESSAGES[What(what)])


def _keep(user: User, what: str, *, by: User | None = None, because: str = "") -> None:
    """Tell the audit, last of all."""
    actor = f"ops {by.pk}" if by else "command remove_second_factor" if because else audit.name_of(user)
    audit.record(audit.Deed.SECOND_FACTOR, actor=actor, about=audit.subject(user), what=str(what))
    log.info("user %s: second factor %s by %s", user.pk, what, f"ops {by.pk}" if by else "themselves or the server")


def _tell(user: User, key: str, what: str, words: Message) -> None:
    kind = f"SECOND_FACTOR_{what}"
    notices.tell(user=user, key=key, kind=kind, title=words.title, body=words.body, path="/settings/second-factor/")


def _count_a_try(user: User) -> None:
    """Raises throttle.TooMany, of which the person is told: whoever tries so often has their password."""
    try:
        for limit, per in ((TRIES, PER), (TRIES_A_DAY, DAY)):
            throttle.take(key=f"second factor {user.pk}", limit=limit, per=per)
    except throttle.TooMany as many:
        _tell_of_tries(user, key=f"second factor {user.pk} tried until {many.retry_at:%Y-%m-%d %H:%M}")
        raise


def _tell_of_tries(user: User, *, key: str) -> None:
    if Notice.objects.filter(key=key).exists():  # a flood costs no write
        return
    with transaction.atomic(durable=True):
        _tell(user, key, "TRIED", TRIED)


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _counters(factor: SecondFactor, code: str) -> list[int]:
    """Return the half minutes, of this one and those beside it, whose code it is."""
    now = int(timezone.now().timestamp()) // SECONDS
    totp = pyotp.TOTP(factor.secret)
    around = (now - 1, now, now + 1)
    return [each for each in around if hmac.compare_digest(totp.generate_otp(each).encode(), code.encode())]


def _use_code(factor: SecondFactor, code: str) -> int:
    counters = _counters(factor, code)
    if not counters:
        return 0
    unused = Q(last_counter=None) | Q(last_counter__lt=max(counters))
    return SecondFactor.objects.filter(unused, pk=factor.pk).update(last_counter=max(counters))


def _use_recovery_code(factor: SecondFactor, code: str) -> int:
    with transaction.atomic(durable=True):
        unused = RecoveryCode.objects.filter(factor=factor, code_hash=_digest(factor, code), used_at=None)
        used = unused.update(used_at=timezone.now())
        if used:
            _note(factor.user, What.CODE_USED)
    return used


def _new_codes(factor: SecondFactor) -> list[str]:
    made = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(factor=factor, code_hash=_digest(factor, code)) for code in made])
    return ["-".join(re.findall("....", code)) for code in made]


def _digest(factor: SecondFactor, code: str) -> str:
    """Return what is kept of a code, different for each person's: it is too long for anybody to try all of them."""
    return hashlib.sha256(f"{factor.pk} {code}".encode()).hexdigest()
