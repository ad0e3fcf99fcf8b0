"""From an answered application to the request that opens a brokerage account.

Called by views and the worker; calls gateways.broker. The request is recorded, sent, and its answer recorded; one whose
answer is lost is looked up by e-mail, since the broker keeps one account per address.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import refusals, states
from accounts.models import Application, BrokerageAccount
from accounts.operations import broker_form, telling_accounts
from accounts.rules.letters import in_broker_letters
from brokerage.gateways import broker_accounts
from brokerage.gateways.broker_answers import AccountAnswer
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import LEASE, IllegalMove, LostRace

log = logging.getLogger(__name__)

# A refusal with one of these is about our keys or our address of theirs, whatever the customer answered.
OUR_FAULT = {401, 403, 404, 405}
# How every account begins, whether or not the answer says so.
SUBMITTED = "SUBMITTED"
# How far the broker's clock and ours may be apart.
SKEW = timedelta(minutes=10)


class AnswersMissing(Exception):
    """Something that the broker demands has not been answered."""

    customer_message = "Answer the questions listed here before you send the application."


def submit(*, application: Application, missing: list[str]) -> None:
    """Take the customer's word that the application may be sent, and send it.

    A second click finds it on its way and changes nothing. Raises AnswersMissing.
    """
    if missing:
        raise AnswersMissing
    if application.editable:
        try:
            actor = f"customer {application.user_id}"
            with transaction.atomic(durable=True):
                application.move(states.READY, actor=actor, sent_at=timezone.now(), refusal="")
        except (IllegalMove, LostRace):
            return
        send(application=application, sender=actor)


def send(*, application: Application, sender: str) -> None:
    """Send an application that is READY to the broker, and record what came of it."""
    try:
        with transaction.atomic(durable=True):
            application.move(states.SENDING, actor=sender)  # committed before the first byte leaves
            application.refresh_from_db()  # what is sent is what stands in the row
    except (IllegalMove, LostRace):
        return
    try:
        answer = broker_accounts.create_account(broker_form.filled_in(application))
    except NotSent as fault:
        _record(application, states.READY, actor=sender, fault=fault)
    except Refused as refusal:
        _record_refusal(application, refusal, sender=sender)
    except OutcomeUnknown as doubt:
        _record(application, states.UNKNOWN, actor=sender, fault=doubt)
        look_up(application=application)
    else:
        _take(application, answer, sender=sender)


def _take(application: Application, answer: AccountAnswer, *, sender: str) -> None:
    """Keep the account of an answer; one about somebody else is an alarm, is not believed, and is looked up."""
    if _is_about(application, answer) and not _is_anothers(application, answer):
        accept(application=application, answer=answer, because="the broker opened it")
        return
    log.error("application %s: the broker’s answer is about somebody else", application.pk)
    doubt = OutcomeUnknown("POST: the answer is about somebody else", http_status=200)
    _record(application, states.UNKNOWN, actor=sender, fault=doubt)
    look_up(application=application)


def _record_refusal(application: Application, refusal: Refused, *, sender: str) -> None:
    """Show the customer a refusal of their answers; one of our keys is ours to mend, and the application waits."""
    if refusal.http_status in OUR_FAULT:
        log.error("application %s: the broker refuses us, not the answers (%s)", application.pk, refusal)
        _record(application, states.READY, actor=sender, fault=refusal)
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
        return
    ours = [account for account in found if _is_ours(application, account)]
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


def _refuse_identity(application: Application) -> None:
    """End an application whose e-mail address the broker keeps for someone of another name or birthday."""
    log.error("application %s: the broker holds its e-mail for another identity", application.pk)
    with transaction.atomic(durable=True):
        application.move(states.REFUSED, actor="broker", because=states.OTHER_IDENTITY, refusal=states.OTHER_IDENTITY)


def accept(*, application: Application, answer: AccountAnswer, because: str) -> None:
    """Keep the account that the broker opened, and drop the tax id, which is theirs to keep."""
    with transaction.atomic(durable=True):
        application.move(states.ACCEPTED, actor="broker", because=because, evidence={"alpaca_id": answer.alpaca_id})
        application.tax_id = ""
        application.save(update_fields=["tax_id"])
        account = BrokerageAccount.objects.create(
            user=application.user,
            application=application,
            alpaca_id=answer.alpaca_id,
            account_number=answer.account_number,
            status=answer.status or SUBMITTED,
            kyc_results=answer.kyc_results,
        )
        account.begin_history(actor="broker", because=because)
        telling_accounts.tell_of_status(account, SUBMITTED, account.status, at=timezone.now())
    log.info("application %s → brokerage account %s %s", application.pk, account.pk, account.status)


def pick_up_left_behind(*, sender: str) -> int:
    """Send, or look up, what a process that died or a broker that was away has left behind. Return how many."""
    left = timezone.now() - LEASE
    for application in Application.objects.filter(status=states.SENDING, status_at__lt=left):
        with suppress(IllegalMove, LostRace), transaction.atomic(durable=True):
            application.move(states.UNKNOWN, actor=sender, because="the sender died")
    picked = sum(_tried(look_up, application) for application in Application.objects.filter(status=states.UNKNOWN))
    # A customer's own request sends at once; what still stands after some seconds nobody is sending.
    waiting = timezone.now() - timedelta(seconds=5)
    again = partial(send, sender=sender)
    return picked + sum(
        _tried(again, application)
        for application in Application.objects.filter(status=states.READY, status_at__lt=waiting)
    )


def _tried(step: Callable[..., None], application: Application) -> int:
    """Do one application's step; one that fails is reported and must not keep the others waiting."""
    try:
        step(application=application)
    except Exception:
        log.exception("application %s could not be picked up", application.pk)
    return 1


def _record(application: Application, to: str, *, actor: str, fault: VendorError, **also: Any) -> None:
    with transaction.atomic(durable=True):
        application.move(to, actor=actor, because=fault.what, evidence=fault.evidence, **also)
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


def _is_ours(application: Application, account: AccountAnswer) -> bool:
    """Say whether an account that was found by e-mail is that of the person we sent.

    Name and date of birth must be theirs. One that is older than our request was opened by another door: there the
    phone number or the ZIP code has to be theirs as well, since an e-mail address, a name and a birthday can be known
    to others. The broker never tells the tax id.
    """
    if _is_anothers(application, account) or not account.date_of_birth or not _is_about(application, account):
        return False
    opened_by_us = account.created_at and application.sent_at and account.created_at > application.sent_at - SKEW
    same_phone = account.phone == application.phone != ""
    same_place = account.postal_code[:5] == application.postal_code[:5] != ""
    return bool(opened_by_us or same_phone or same_place)


def _name_of(application: Application) -> tuple[str, str]:
    return in_broker_letters(application.given_name), in_broker_letters(application.family_name)
