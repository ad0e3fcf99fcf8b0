"""From an answered application to the request that opens a brokerage account.

Called by views and the worker; calls gateways.broker. The request is recorded, sent, and its answer recorded; one whose
answer is lost is looked up by e-mail, since the broker keeps one account per address.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import refusals, states, steps
from accounts.models import Application, BrokerageAccount, User
from accounts.operations import answering, broker_form, telling_accounts
from accounts.rules.letters import in_broker_letters
from brokerage import stopping
from brokerage.gateways import broker_accounts
from brokerage.gateways.broker_answers import AccountAnswer
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import LEASE, IllegalMove, LostRace, pause

log = logging.getLogger(__name__)

# A refusal with one of these is about our keys or our address of theirs, whatever the customer answered.
OUR_FAULT = {401, 403, 404, 405}
# How far the broker's clock and ours may be apart.
SKEW = timedelta(minutes=10)
# How many of a kind one round of the worker takes, so that money does not wait for them.
AT_ONCE = 20


class AnswersMissing(Exception):
    """Something that the broker demands has not been answered."""

    customer_message = "Answer the questions listed here before you send the application."


class ChangedSince(Exception):
    """The answers are not any more those that the customer was shown."""

    customer_message = (
        "Your answers were changed in another window after you opened this page. They are shown here as they stand "
        "now: check them, and send them then."
    )


class BrokerAway(Exception):
    """The broker could not be asked."""


class NotTheirs(Exception):
    """The broker keeps no account for this address that could be this person's."""


def submit(*, application: Application, seen: str | None = None) -> None:
    """Take the customer's word that the application may be sent as it was shown to them, and send it.

    `seen` is the stamp of what they were shown (see answering.stamp_of_all); None asks nothing about it. A second click
    finds it on its way and changes nothing. Raises AnswersMissing, ChangedSince.
    """
    actor = f"customer {application.user_id}"
    with transaction.atomic(durable=True):
        row = Application.objects.select_for_update().get(pk=application.pk)
        if not row.editable:
            return
        if seen is not None and seen != answering.stamp_of_all(row):
            raise ChangedSince
        if steps.unanswered(row):
            raise AnswersMissing
        row.move(states.READY, actor=actor, sent_at=timezone.now(), refusal="", tries=0, next_at=None)
    application.refresh_from_db()
    send(application=application, sender=actor)


def send(*, application: Application, sender: str) -> None:
    """Send an application that is READY to the broker, and record what came of it."""
    try:
        with transaction.atomic(durable=True):
            if not steps.BY_SLUG["agreements"].is_answered(application):
                _refuse_changed_text(application, sender)
                return
            application.move(states.SENDING, actor=sender)  # committed before the first byte leaves
            application.refresh_from_db()  # what is sent is what stands in the row
    except (IllegalMove, LostRace):
        return
    try:
        answer = broker_accounts.create_account(broker_form.filled_in(application))
    except NotSent as fault:
        _wait(application, states.READY, actor=sender, fault=fault)
    except Refused as refusal:
        _record_refusal(application, refusal, sender=sender)
    except OutcomeUnknown as doubt:
        _wait(application, states.UNKNOWN, actor=sender, fault=doubt)
        look_up(application=application)
    else:
        _take(application, answer, sender=sender)


def _refuse_changed_text(application: Application, sender: str) -> None:
    """Ask for another signature, where a text that was agreed to has changed while the application waited."""
    application.move(states.REFUSED, actor=sender, because=states.TEXT_CHANGED, refusal=states.TEXT_CHANGED)


def _take(application: Application, answer: AccountAnswer, *, sender: str) -> None:
    """Keep the account of an answer; one about somebody else is an alarm, is not believed, and is looked up."""
    if _is_about(application, answer) and not _is_anothers(application, answer):
        accept(application=application, answer=answer, because="the broker opened it")
        return
    log.error("application %s: the broker’s answer is about somebody else", application.pk)
    doubt = OutcomeUnknown("POST: the answer is about somebody else", http_status=200)
    _wait(application, states.UNKNOWN, actor=sender, fault=doubt)
    look_up(application=application)


def _record_refusal(application: Application, refusal: Refused, *, sender: str) -> None:
    """Show the customer a refusal of their answers; one of our keys is ours to mend, and the application waits."""
    if refusal.http_status in OUR_FAULT:
        log.error("application %s: the broker refuses us, not the answers (%s)", application.pk, refusal)
        _wait(application, states.READY, actor=sender, fault=refusal)
        return
    if refusals.read(refusal.reason, application) is None:
        log.error("application %s: refused for what nobody was asked; see its history", application.pk)
    _record(application, states.REFUSED, actor="broker", fault=refusal, refusal=refusal.reason)


def look_up(*, application: Application) -> None:
    """Find out what became of an application whose answer was lost; one that is not there may be sent again.

    Where someone else was quicker to find out, nothing is left to do.
    """
    try:
        found = broker_accounts.find_accounts(application.user.email)
    except VendorError as fault:
        log.info("application %s: look-up got no answer (%s)", application.pk, fault)
        later = {"tries": application.tries + 1, "next_at": _next_try(application, fault)}
        Application.objects.filter(pk=application.pk, status=states.UNKNOWN).update(**later)
        return
    ours = [each for each in found if _is_theirs(application, each) and _was_opened_by_us(application, each)]
    try:
        if ours:
            accept(application=application, answer=ours[0], because="found by e-mail")
        elif found:
            _refuse_identity(application)
        else:
            with transaction.atomic(durable=True):
                application.move(states.READY, actor="worker", because="looked up by e-mail: not there")
    except (IllegalMove, LostRace):
        log.info("application %s: looked up by someone else as well", application.pk)


def adopt(*, application: Application, because: str, person: User) -> None:
    """Connect the account that the broker keeps for this address, which a person of ops has found to be theirs.

    For an account that another door opened: whoever knows an address, a name and a birthday could ask for it, so it is
    never connected by itself. Name, birthday, and phone number or ZIP code have to be the same.
    Raises NotTheirs, BrokerAway, IllegalMove, LostRace.
    """
    try:
        found = broker_accounts.find_accounts(application.user.email)
    except VendorError:
        raise BrokerAway from None
    theirs = [each for each in found if _is_theirs(application, each)]
    if not theirs:
        raise NotTheirs
    accept(application=application, answer=theirs[0], because=because, actor=f"ops {person.pk}")


def _refuse_identity(application: Application) -> None:
    """End an application whose e-mail address the broker keeps for an account that is not surely this person's."""
    log.error("application %s: the broker keeps its e-mail for an account that is not surely theirs", application.pk)
    with transaction.atomic(durable=True):
        application.move(states.REFUSED, actor="broker", because=states.OTHER_IDENTITY, refusal=states.OTHER_IDENTITY)


def accept(*, application: Application, answer: AccountAnswer, because: str, actor: str = "broker") -> None:
    """Keep the account that the broker opened, and drop the tax id, which is theirs to keep."""
    with transaction.atomic(durable=True):
        application.move(states.ACCEPTED, actor=actor, because=because, evidence={"alpaca_id": answer.alpaca_id})
        application.tax_id = ""
        application.save(update_fields=["tax_id"])
        account = BrokerageAccount.objects.create(
            user=application.user,
            application=application,
            alpaca_id=answer.alpaca_id,
            account_number=answer.account_number,
            status=answer.status or telling_accounts.SUBMITTED,
            kyc_results=answer.kyc_results,
        )
        account.begin_history(actor="broker", because=because)
        telling_accounts.tell_of_beginning(account)
    log.info("application %s → brokerage account %s %s", application.pk, account.pk, account.status)


def expire_leases(*, sender: str) -> None:
    """Call unknown what a sender that died has left in SENDING."""
    left = timezone.now() - LEASE
    for application in Application.objects.filter(status=states.SENDING, status_at__lt=left):
        with suppress(IllegalMove, LostRace), transaction.atomic(durable=True):
            application.move(states.UNKNOWN, actor=sender, because="the sender died")


def pick_up_left_behind(*, sender: str) -> int:
    """Send, or look up, what a process that died or a broker that was away has left behind. Return how many."""
    expire_leases(sender=sender)
    unknown = Application.objects.filter(_due(), status=states.UNKNOWN).order_by("status_at")
    picked = sum(_tried(look_up, application) for application in stopping.while_wanted(unknown[:AT_ONCE]))
    # A customer's own request sends at once; what still stands after some seconds nobody is sending.
    waiting = timezone.now() - timedelta(seconds=5)
    ready = Application.objects.filter(_due(), status=states.READY, status_at__lt=waiting).order_by("status_at")
    again = partial(send, sender=sender)
    return picked + sum(_tried(again, application) for application in stopping.while_wanted(ready[:AT_ONCE]))


def _due() -> Q:
    return Q(next_at=None) | Q(next_at__lte=timezone.now())


def _tried(step: Callable[..., None], application: Application) -> int:
    """Do one application's step; one that fails is reported and must not keep the others waiting."""
    try:
        step(application=application)
    except Exception:
        log.exception("application %s could not be picked up", application.pk)
    return 1


def _wait(application: Application, to: str, *, actor: str, fault: VendorError) -> None:
    """Leave an application for the worker to carry on, ever more seldom."""
    _record(
        application, to, actor=actor, fault=fault, tries=application.tries + 1, next_at=_next_try(application, fault)
    )


def _next_try(application: Application, fault: VendorError) -> datetime:
    return timezone.now() + max(pause(application.tries), timedelta(seconds=min(fault.retry_after or 0, 3600)))


def _record(application: Application, to: str, *, actor: str, fault: VendorError, **also: Any) -> None:
    with transaction.atomic(durable=True):
        application.move(to, actor=actor, because=fault.what, evidence=fault.facts, **also)
    log.info("application %s → %s (%s)", application.pk, to, fault)


def _is_about(application: Application, answer: AccountAnswer) -> bool:
    """Say whether nothing that an answer tells of its person speaks against ours."""
    ours, told = _name_of(application), (answer.given_name, answer.family_name)
    same_email = answer.email.lower() in ("", application.user.email)
    return same_email and told in (ours, ("", "")) and answer.date_of_birth in ("", application.date_of_birth)


def _is_anothers(application: Application, account: AccountAnswer) -> bool:
    """Say whether the account is that of another customer of ours."""
    held = BrokerageAccount.objects.filter(alpaca_id=account.alpaca_id)
    return held.exclude(user=application.user_id).exists()


def _is_theirs(application: Application, account: AccountAnswer) -> bool:
    """Say whether an account that was found by e-mail is that of the person we sent, as far as the broker tells.

    Name and date of birth must be theirs. The broker never tells the tax id.
    """
    if _is_anothers(application, account) or not account.date_of_birth or not _is_about(application, account):
        return False
    same_phone = account.phone == application.phone != ""
    same_place = account.postal_code[:5] == application.postal_code[:5] != ""
    return same_phone or same_place


def _was_opened_by_us(application: Application, account: AccountAnswer) -> bool:
    """Say whether an account is no older than the request that we sent."""
    return bool(account.created_at and application.sent_at and account.created_at > application.sent_at - SKEW)


def _name_of(application: Application) -> tuple[str, str]:
    return in_broker_letters(application.given_name), in_broker_letters(application.family_name)
