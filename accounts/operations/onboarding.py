"""From the first answer of an application to the request that opens a brokerage account.

Called by views and the worker; calls gateways.broker. The request is recorded, sent, and its answer recorded; one whose
answer is lost is looked up by e-mail, since the broker keeps one account per address.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from anyascii import anyascii
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import states
from accounts.models import LEASE, AgreementSignature, Application, BrokerageAccount, Residency, User
from brokerage.gateways import broker
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import IllegalMove, LostRace
from brokerage.visit import Visit

log = logging.getLogger(__name__)

# What a customer agrees to. The broker takes its active revision where we name none; we keep the one that we showed.
CUSTOMER_AGREEMENT = "customer_agreement"
CUSTOMER_AGREEMENT_REVISION = "21"
# The broker's longest name: https://docs.alpaca.markets/us/docs/data-validations
BROKER_NAME_LENGTH = 50


class ApplicationSent(Exception):
    """The application is with the broker; its answers stand."""

    customer_message = "Your application has been sent, so its answers can’t be changed here any more."


class TaxIdTaken(Exception):
    """Another person's application carries this tax id."""

    customer_message = (
        "There is an application with this number already. If it is yours, sign in with the e-mail you used then."
    )


class AnswersMissing(Exception):
    """Something that the broker demands has not been answered."""

    customer_message = "Answer the questions listed here before you send the application."


def start(*, user: User) -> Application:
    """Return the user's application, a new one where there is none."""
    application, _ = Application.objects.get_or_create(user=user)
    return application


def save_answers(*, application: Application, answers: Mapping[str, Any]) -> None:
    """Keep the answers of one page. Raises ApplicationSent, TaxIdTaken."""
    if not application.editable:
        raise ApplicationSent
    for name, value in answers.items():
        setattr(application, name, value)
    if answers.get("tax_id"):
        application.tax_id_last4 = answers["tax_id"][-4:]
        application.tax_id_hash = tax_id_hash(answers["tax_id"])
    application.saved_at = timezone.now()
    try:
        with transaction.atomic(durable=True):
            application.save()
    except IntegrityError:
        raise TaxIdTaken from None


def tax_id_hash(digits: str) -> str:
    """Return the keyed hash by which one person is kept to one account; without the key it can't be searched for."""
    return hmac.new(settings.TAX_ID_HASH_KEY.encode(), digits.encode(), hashlib.sha256).hexdigest()


def sign_agreement(*, application: Application, visit: Visit) -> None:
    """Record that the customer agrees to the customer agreement, now and from here. Raises ApplicationSent."""
    if not application.editable:
        raise ApplicationSent
    AgreementSignature.objects.get_or_create(
        application=application,
        agreement=CUSTOMER_AGREEMENT,
        revision=CUSTOMER_AGREEMENT_REVISION,
        defaults={"ip_address": visit.ip_address, "user_agent": visit.user_agent},
    )


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
    except (IllegalMove, LostRace):
        return
    try:
        answer = broker.create_account(payload(application))
    except NotSent as fault:
        _record(application, states.READY, actor=sender, fault=fault)
    except Refused as refusal:
        _record(application, states.REFUSED, actor="broker", fault=refusal, refusal=refusal.reason)
    except OutcomeUnknown as doubt:
        _record(application, states.UNKNOWN, actor=sender, fault=doubt)
        look_up(application=application)
    else:
        accept(application=application, answer=answer, because="the broker opened it")


def look_up(*, application: Application) -> None:
    """Find out what became of an application whose answer was lost; one that is not there may be sent again."""
    try:
        found = broker.find_accounts(application.user.email)
    except VendorError as fault:
        log.info("application %s: look-up got no answer (%s)", application.pk, fault)
        return
    ours = [account for account in found if _is_ours(application, account)]
    if ours:
        accept(application=application, answer=ours[0], because="found by e-mail")
    elif found:
        log.error("application %s: the broker holds its e-mail for another identity", application.pk)
    else:
        with transaction.atomic(durable=True):
            application.move(states.READY, actor="worker", because="looked up by e-mail: not there")


def accept(*, application: Application, answer: broker.AccountAnswer, because: str) -> None:
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
            status=answer.status or "SUBMITTED",
            kyc_results=answer.kyc_results,
        )
        account.begin_history(actor="broker", because=because)
    log.info("application %s → brokerage account %s %s", application.pk, account.pk, account.status)


def pick_up_left_behind(*, sender: str) -> int:
    """Send, or look up, what a process that died or a broker that was away has left behind. Return how many."""
    picked = 0
    left = timezone.now() - LEASE
    for application in Application.objects.filter(status=states.SENDING, status_at__lt=left):
        with transaction.atomic(durable=True):
            application.move(states.UNKNOWN, actor=sender, because="the sender died")
    for application in Application.objects.filter(status=states.UNKNOWN):
        look_up(application=application)
        picked += 1
    # A customer's own request sends at once; what still stands after some seconds nobody is sending.
    waiting = timezone.now() - timedelta(seconds=5)
    for application in Application.objects.filter(status=states.READY, status_at__lt=waiting):
        send(application=application, sender=sender)
        picked += 1
    return picked


def _record(application: Application, to: str, *, actor: str, fault: VendorError, **also: Any) -> None:
    with transaction.atomic(durable=True):
        application.move(to, actor=actor, because=fault.what, evidence=fault.evidence, **also)
    log.info("application %s → %s (%s)", application.pk, to, fault)


def _is_ours(application: Application, account: broker.AccountAnswer) -> bool:
    """Say whether the account's name is the one we sent for this e-mail address."""
    sent = (in_broker_letters(application.given_name), in_broker_letters(application.family_name))
    return (account.given_name, account.family_name) == sent


def in_broker_letters(name: str) -> str:
    """Return a name in the printable ASCII that the broker takes: Thảo Nguyễn → Thao Nguyen."""
    return anyascii(name).strip()[:BROKER_NAME_LENGTH].strip()


def payload(application: Application) -> dict[str, Any]:
    """Return the application in the broker's field names. https://docs.alpaca.markets/reference/createaccount"""
    return {
        "contact": _contact(application),
        "identity": _identity(application),
        "disclosures": _disclosures(application),
        "agreements": [
            {
                "agreement": signature.agreement,
                "signed_at": signature.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "ip_address": signature.ip_address,
            }
            for signature in application.signatures.all()
        ],
    }


def _contact(application: Application) -> dict[str, Any]:
    contact = {
        "email_address": application.user.email,
        "phone_number": application.phone,
        "street_address": [anyascii(application.street_address)],
        "city": anyascii(application.city),
        "state": application.state,
        "postal_code": application.postal_code,
        "country": "USA",
    }
    return contact | ({"unit": anyascii(application.unit)} if application.unit else {})


def _identity(application: Application) -> dict[str, Any]:
    income_min, income_max = application.annual_income.split("-")
    worth_min, worth_max = application.liquid_net_worth.split("-")
    citizen = application.residency == Residency.CITIZEN
    return {
        "given_name": in_broker_letters(application.given_name),
        "family_name": in_broker_letters(application.family_name),
        "date_of_birth": application.date_of_birth,
        "tax_id": application.tax_id,
        "tax_id_type": "USA_SSN",
        "country_of_tax_residence": "USA",
        "funding_source": application.funding_sources,
        "annual_income_min": income_min,
        "annual_income_max": income_max,
        "liquid_net_worth_min": worth_min,
        "liquid_net_worth_max": worth_max,
    } | ({"country_of_citizenship": "USA"} if citizen else {"permanent_resident": True})


def _disclosures(application: Application) -> dict[str, Any]:
    disclosures: dict[str, Any] = {
        "is_control_person": application.is_control_person,
        "is_affiliated_exchange_or_finra": application.is_affiliated_exchange_or_finra,
        "is_politically_exposed": application.is_politically_exposed,
        "immediate_family_exposed": application.immediate_family_exposed,
        "employment_status": application.employment_status.upper(),  # the SDK's spelling; the broker takes both
    }
    if application.employer_name:
        disclosures["employer_name"] = anyascii(application.employer_name)
        disclosures["employment_position"] = anyascii(application.employment_position)
    return disclosures
