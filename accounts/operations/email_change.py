"""Another e-mail address to sign in with: asked for, confirmed at both addresses, then changed.

    ask ──► a letter to each address ──► confirm (twice) ──► at the broker, where there is an account ──► here

Called by views, and by the worker for what was left behind. Whoever asks sees the same for an address that is free and
for one that somebody has; only the owner is told. A letter's link works without signing in, since mailboxes are read on
other devices: the asker has just shown who they are, and what is proven here is the mailbox. It shows a page with a
button, for looking at a link changes nothing, and programs follow the links in people's mail.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import letter_email, states
from accounts.models import Application, BrokerageAccount, DetailsChange, EmailChange, Letter, User
from accounts.operations import change_hindrances, details, posting, taking_over, throttle
from accounts.operations.throttle import Limit
from brokerage import stopping
from brokerage.status import IllegalMove, LostRace, note
from brokerage.visit import Visit

log = logging.getLogger(__name__)

ASKED_AT_MOST, PER = 5, timedelta(days=1)
# Letters that one address gets: from one who asks for it, and, as its owner has no part in this, whoever asks. That is
# by the hour: strangers who have used it up must not keep its owner from it for a day.
LETTERS_AT_MOST, TO_ONE_MAILBOX = 3, (4, timedelta(hours=1))
# An application that is being sent is looked up at the broker by the address that it was sent with.
_IN_FLIGHT = (states.READY, states.SENDING, states.UNKNOWN)


class EmailChangeNotPossible(Exception):
    """The address can't be changed now; `customer_message` says why and what to do."""

    customer_message = "Your e-mail address can’t be changed right now."


class SameAddress(EmailChangeNotPossible):
    customer_message = "This is the address that you have. Enter another one."


class BeingSent(EmailChangeNotPossible):
    customer_message = "Your application is being sent with the address that you have. Please wait until it is there."


class BeingOpened(EmailChangeNotPossible):
    customer_message = "The broker takes a new address once your account is open. Please wait until it is."


class BeingChanged(EmailChangeNotPossible):
    customer_message = "Both addresses have confirmed, and the change is being made. Please wait until it is done."


class LinkIsOver(Exception):
    """This link was used, has expired, or was called off."""

    customer_message = "This link was used already, or is not good any more. Ask for the change once more."


def standing(user: User) -> EmailChange | None:
    """Return the wish that waits for an answer or is being carried out."""
    rows = EmailChange.objects.filter(user=user, status__in=states.OPEN_EMAIL_CHANGE)
    return rows.exclude(status=states.ASKED, expires_at__lte=timezone.now()).first()


def require_possible(*, user: User) -> None:
    """Return where the address may change now. Raises BeingSent, BeingOpened, change_hindrances.Frozen."""
    account = BrokerageAccount.objects.filter(user=user).first()
    if account is None:
        if Application.objects.filter(user=user, status__in=_IN_FLIGHT).exists():
            raise BeingSent
    elif account.status in states.OPENED:
        change_hindrances.require_possible(account=account)
    elif account.status not in (states.REJECTED, states.CLOSED):
        raise BeingOpened


def hinders(*, user: User) -> str:
    """Return why the address can't change now, in words for its owner; nothing where it can."""
    try:
        require_possible(user=user)
    except (EmailChangeNotPossible, change_hindrances.ChangeNotPossible) as why:
        return why.customer_message
    return ""


def ask(*, user: User, new_email: str, visit: Visit) -> EmailChange:
    """Keep the wish for another address, and have a letter sent to each; asked again, the same one goes on.

    Raises throttle.TooMany, SameAddress, BeingSent, BeingOpened, BeingChanged, change_hindrances.Frozen,
    and EmailChangeNotPossible where the sign-in was stopped meanwhile.
    """
    new_email = User.objects.normalize_email(new_email)
    require_possible(user=user)
    if new_email == user.email:
        raise SameAddress
    found = standing(user)
    if found is not None and found.new_email == new_email:
        return found
    throttle.take(key=f"email change {user.pk}", limit=ASKED_AT_MOST, per=PER)
    may_write = _may_write_to(new_email, asker=user)
    with transaction.atomic(durable=True):
        if not _lock_person(user).is_active:
            raise EmailChangeNotPossible
        _end_what_stands(user)
        return _keep(user, new_email, visit, may_write=may_write)


def _lock_person(user: User) -> User:
    """Lock a person before their wishes, as everybody does, and let others meanwhile write rows that point at them."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _lock(change: EmailChange) -> None:
    user = _lock_person(change.user)
    change.refresh_from_db(from_queryset=EmailChange.objects.select_for_update())
    change.user = user


def _may_write_to(address: str, *, asker: User) -> bool:
    """Say whether one more letter may go to an address now; the asker sees no difference."""
    both, mailbox = throttle.unnamed(f"{asker.pk} {address}"), throttle.unnamed(address)
    most, per = TO_ONE_MAILBOX
    limits = [Limit(f"change letters {both}", LETTERS_AT_MOST, PER), Limit(f"change letters to {mailbox}", most, per)]
    try:
        throttle.take_all(limits=limits)
    except throttle.TooMany:
        log.warning("user %s: an e-mail address is asked for too often, and gets no letter", asker.pk)
        return False
    return True


def _end_what_stands(user: User) -> None:
    """Make room for another wish. Raises BeingChanged."""
    for change in EmailChange.objects.select_for_update().filter(user=user, status__in=states.OPEN_EMAIL_CHANGE):
        if change.status == states.CONFIRMED:
            raise BeingChanged
        change.move(states.CANCELED, actor=f"customer {user.pk}", because="asked for another one")


def _keep(user: User, new_email: str, visit: Visit, *, may_write: bool) -> EmailChange:
    taken = User.objects.filter(email=new_email).exists()
    change = EmailChange.objects.create(
        user=user,
        old_email=user.email,
        new_email=new_email,
        is_taken=taken,
        ip_address=visit.ip_address,
        user_agent=visit.user_agent,
    )
    note(change, field="status", after=states.ASKED, actor=f"customer {user.pk}", because="asked for")
    kinds = [Letter.Kind.CONFIRM_OLD]
    if may_write:
        kinds.append(Letter.Kind.ADDRESS_WANTED if taken else Letter.Kind.CONFIRM_NEW)
    for kind in kinds:
        Letter.objects.create(change=change, kind=kind)
    return change


def cancel(*, change: EmailChange, actor: str) -> None:
    """Call the wish off, whoever of the two addresses or the asker says so; too late once both have confirmed."""
    try:
        with transaction.atomic(durable=True):
            change.move(states.CANCELED, actor=actor, because="called off")
    except (IllegalMove, LostRace):
        change.refresh_from_db()


def letter_of(token: str) -> Letter:
    """Return the letter whose link was followed. Raises LinkIsOver."""
    try:
        letter_id = letter_email.letter_id(token)
    except letter_email.BadToken:
        raise LinkIsOver from None
    letters = Letter.objects.filter(kind__in=letter_email.WITH_LINK, change__user__is_active=True)
    letter = letters.select_related("change__user").filter(pk=letter_id).first()
    if letter is None or letter.change.is_over or _confirmed_at(letter):
        raise LinkIsOver
    return letter


def _confirmed_at(letter: Letter) -> datetime | None:
    change = letter.change
    return change.old_confirmed_at if letter.kind == Letter.Kind.CONFIRM_OLD else change.new_confirmed_at


def confirm(*, letter: Letter) -> EmailChange:
    """Take one address's word, and once both have given it, make the change. Raises LinkIsOver."""
    side, change = "old" if letter.kind == Letter.Kind.CONFIRM_OLD else "new", letter.change
    with transaction.atomic(durable=True):
        _lock(change)
        if change.is_over or not change.user.is_active or _confirmed_at(letter):
            raise LinkIsOver
        setattr(change, f"{side}_confirmed_at", timezone.now())
        change.save(update_fields=[f"{side}_confirmed_at"])
        note(change, field="confirmed", after=side, actor="whoever reads that mailbox")
        both = bool(change.old_confirmed_at and change.new_confirmed_at)
        if both:
            _claim(change)
    if both:
        carry_out(change=change, sender=f"customer {change.user_id}")
        change.refresh_from_db()
    return change


def _claim(change: EmailChange) -> None:
    """Let nobody else have the address from here on; whoever confirmed the same one first keeps it."""
    try:
        with transaction.atomic():
            change.move(states.CONFIRMED, actor="site", because="both addresses confirmed it")
    except IntegrityError:
        taking_over.email_is_refused(change, because="somebody else confirmed the same address first")


def carry_out(*, change: EmailChange, sender: str) -> None:
    """Make a change that both addresses confirmed: at the broker first, where there is an account that takes it."""
    with transaction.atomic(durable=True):
        _lock(change)
        if change.status != states.CONFIRMED or change.details_change_id is not None:
            return
        _hold(change.user)
        if not _is_possible(change):
            return
        wanted = _reserve_at_the_broker(change)
        if wanted is None:
            taking_over.email_is_changed(change)
            return
    details.send(change=wanted, sender=sender)


def _hold(user: User) -> None:
    """Lock what says where the address is kept: no application is sent and no account opens until this is decided."""
    for model in (Application, BrokerageAccount):
        list(model.objects.select_for_update().filter(user=user))


def _is_possible(change: EmailChange) -> bool:
    """Say whether it can be made now; what hinders it passes, and the worker asks again. A stop ends it."""
    if not change.user.is_active:
        change.move(states.REFUSED, actor="site", because="the sign-in was stopped")
        return False
    try:
        require_possible(user=change.user)
    except (EmailChangeNotPossible, change_hindrances.ChangeNotPossible) as why:
        log.info("e-mail change %s has to wait (%s)", change.pk, type(why).__name__)
        return False
    if User.objects.filter(email=change.new_email).exists():
        taking_over.email_is_refused(change, because="somebody else signs in with it now")
        return False
    return True


def _reserve_at_the_broker(change: EmailChange) -> DetailsChange | None:
    """Reserve the change of the broker's copy; None where there is no account that has one to change."""
    account = BrokerageAccount.objects.filter(user=change.user, status__in=states.OPENED).first()
    if account is None:
        return None
    wanted = details.reserve(
        account=account,
        kind=DetailsChange.Kind.EMAIL,
        after={"email": change.new_email},
        form_key=change.pk,
        actor=f"customer {change.user_id}",
    )
    EmailChange.objects.filter(pk=change.pk).update(details_change=wanted)
    return wanted


def pick_up_left_behind(*, sender: str) -> int:
    """End the wishes that nobody confirmed in time, and carry out those left behind. Return how many."""
    now, done = timezone.now(), 0
    for change in EmailChange.objects.filter(status=states.ASKED, expires_at__lte=now)[:100]:
        with suppress(IllegalMove, LostRace), transaction.atomic(durable=True):
            change.move(states.EXPIRED, actor=sender, because="not confirmed in time")
            done += 1
    confirmed = EmailChange.objects.filter(status=states.CONFIRMED, details_change=None)[:100]
    for change in stopping.while_wanted(confirmed):
        try:
            carry_out(change=change, sender=sender)
        except Exception:  # one poisonous row must not hold up the others
            log.exception("e-mail change %s: not carried out", change.pk)
    return done


def deliver_letters(*, sender: str, now: datetime | None = None) -> int:
    """E-mail the letters that are due; return how many the mail server took. Raises posting.MailServerAway."""
    now = now or timezone.now()
    due = Letter.objects.to_post(now=now).select_related("change").order_by("created_at")
    return posting.deliver_due(rows=due, compose=_compose, sender=sender, now=now)


def _compose(letter: Letter) -> EmailMultiAlternatives:
    if letter.kind in letter_email.WITH_LINK and letter.change.is_over:
        raise posting.NotWanted("the link is over")
    return letter_email.of(letter)
