"""What one query tells: rows that stand too long, secrets that outlived their use, two rows where one may be.

Each question is a query that returns its offenders only. Invariants 1, 7 to 12, 15 and 18.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts import states as account_states
from accounts.models import AccountEvent, Application, ApplicationEvent, BrokerageAccount
from brokerage.status import LEASE
from funding import states
from funding.models import Freeze, Transfer, TransferEvent
from funding.models.transfer_rows import RETURN_WINDOW
from funding.operations.invariants import banks, people
from funding.operations.invariants.question import EVENT, Question, doubled
from funding.operations.invariants.stories import CLOCKS_APART
from funding.operations.resolving import TIME_NEEDED
from funding.queues import RESERVED_TOO_LONG

# The worker compares every five minutes, and a command every night.
COMPARED_WITHIN = timedelta(hours=24)
UNKNOWN_TOO_LONG = TIME_NEEDED + timedelta(minutes=5)


# --- 8: what has settled is compared ----------------------------------------------------------------------------------


def not_compared(now: datetime) -> QuerySet[Any]:
    """Accounts whose settled transfers may still be taken back, and which nobody has compared for a day."""
    since = now - COMPARED_WITHIN
    within_window = Q(settled_at__gt=now - RETURN_WINDOW, settled_at__lt=since)
    watched = Transfer.objects.filter(within_window, brokerage_account=OuterRef("pk"), status=states.COMPLETE)
    return BrokerageAccount.objects.filter(Exists(watched)).filter(Q(compared_at=None) | Q(compared_at__lt=since))


# --- 9: whose bank it is, and who lets money move ---------------------------------------------------------------------


def through_anothers_bank(now: datetime) -> QuerySet[Any]:
    strange = ~Q(relationship__brokerage_account=F("brokerage_account")) | ~Q(user=F("brokerage_account__user"))
    return Transfer.objects.exclude(relationship=None).filter(strange)


def sent_while_frozen(now: datetime) -> QuerySet[Any]:
    """Transfers that were sent between a freeze and its end; the claim looks for one under the account's lock."""
    began = Q(attempt__sent_at__gt=F("brokerage_account__freezes__frozen_at") + CLOCKS_APART)
    lasted = Q(brokerage_account__freezes__lifted_at=None)
    lasted |= Q(attempt__sent_at__lt=F("brokerage_account__freezes__lifted_at") - CLOCKS_APART)
    return Transfer.objects.filter(pk__in=Transfer.objects.filter(began & lasted).order_by().values("pk"))


def lifted_by_one_person(now: datetime) -> QuerySet[Any]:
    by_two = Q(lift_asked_by__isnull=False, lifted_by__isnull=False) & ~Q(lifted_by=F("lift_asked_by"))
    return Freeze.objects.exclude(lifted_at=None).exclude(by_two)


# --- 11 and 18: secrets that have done their work ---------------------------------------------------------------------


def keeps_tax_id(now: datetime) -> QuerySet[Any]:
    return Application.objects.filter(status=account_states.ACCEPTED).exclude(tax_id="")


def lost_tax_id_hash(now: datetime) -> QuerySet[Any]:
    return Application.objects.filter(status=account_states.ACCEPTED).filter(Q(tax_id_hash=None) | Q(tax_id_last4=""))


# --- 15: nothing is stuck ---------------------------------------------------------------------------------------------


def _since(sending: str, moment: datetime) -> QuerySet[Any]:
    """Return transfers that were sent before a moment and stand there still."""
    sent_at = Coalesce("attempt__sent_at", "created_at", output_field=DateTimeField())
    return Transfer.objects.filter(sending=sending).annotate(sent_at=sent_at).filter(sent_at__lt=moment)


def sending_too_long(now: datetime) -> QuerySet[Any]:
    return _since(states.SENDING, now - LEASE)


def unknown_too_long(now: datetime) -> QuerySet[Any]:
    return _since(states.UNKNOWN, now - UNKNOWN_TOO_LONG)


def reserved_too_long(now: datetime) -> QuerySet[Any]:
    """Those that nothing keeps waiting: account and bank could be used."""
    return Transfer.objects.filter(sending=states.RESERVED, created_at__lt=now - RESERVED_TOO_LONG).unhindered()


def applying_too_long(now: datetime) -> QuerySet[Any]:
    return Application.objects.filter(status=account_states.SENDING, status_at__lt=now - LEASE)


# --- 1, 7, 9, 10, 12: two where one may be ----------------------------------------------------------------------------


def of_one_broker_id(now: datetime) -> QuerySet[Any]:
    return doubled(Transfer.objects.all(), "alpaca_id")


def of_one_form(now: datetime) -> QuerySet[Any]:
    return doubled(Transfer.objects.all(), "form_key")


def deposits_in_flight_together(now: datetime) -> QuerySet[Any]:
    return _in_flight_together(states.INCOMING)


def withdrawals_in_flight_together(now: datetime) -> QuerySet[Any]:
    return _in_flight_together(states.OUTGOING)


def _in_flight_together(direction: str) -> QuerySet[Any]:
    in_flight = Transfer.objects.filter(sending__in=[states.SENDING, states.UNKNOWN], direction=direction)
    return doubled(in_flight, "brokerage_account")


def of_one_event(now: datetime) -> QuerySet[Any]:
    return doubled(TransferEvent.objects.all(), "vendor_event_id")


def applications_of_one_event(now: datetime) -> QuerySet[Any]:
    return doubled(ApplicationEvent.objects.all(), "vendor_event_id")


def accounts_of_one_event(now: datetime) -> QuerySet[Any]:
    return doubled(AccountEvent.objects.all(), "vendor_event_id")


def of_one_authorization(now: datetime) -> QuerySet[Any]:
    return doubled(Transfer.objects.all(), "authorization")


def of_one_decision(now: datetime) -> QuerySet[Any]:
    return doubled(Transfer.objects.all(), "cleared_by")


def accounts_of_one_broker_id(now: datetime) -> QuerySet[Any]:
    return doubled(BrokerageAccount.objects.all(), "alpaca_id")


def accounts_of_one_person(now: datetime) -> QuerySet[Any]:
    return doubled(BrokerageAccount.objects.all(), "user")


def applications_of_one_tax_id(now: datetime) -> QuerySet[Any]:
    return doubled(Application.objects.all(), "tax_id_hash")


# --- All of them, by invariant ----------------------------------------------------------------------------------------

TRANSFER, APPLICATION, ACCOUNT = "transfer", "application", "brokerage account"

_OTHERS: dict[int, tuple[Question, ...]] = {
    1: (
        Question(TRANSFER, "shares its id at the broker with another one", of_one_broker_id),
        Question(TRANSFER, "comes from a form that another one comes from, too", of_one_form),
        Question(TRANSFER, "is in flight beside another deposit of its account", deposits_in_flight_together),
        Question(TRANSFER, "is in flight beside another withdrawal of its account", withdrawals_in_flight_together),
    ),
    7: (
        Question("history row of a transfer", EVENT, of_one_event),
        Question("history row of an application", EVENT, applications_of_one_event),
        Question("history row of a brokerage account", EVENT, accounts_of_one_event),
    ),
    8: (Question(ACCOUNT, "has settled transfers that nobody has compared for a day", not_compared),),
    9: (
        Question(
            TRANSFER, "goes through a bank account or a brokerage account of somebody else", through_anothers_bank
        ),
        Question(TRANSFER, "was sent while its account was frozen", sent_while_frozen),
        Question("freeze", "was lifted, and not by two persons", lifted_by_one_person),
    ),
    10: (
        Question(ACCOUNT, "shares its id at the broker with another one", accounts_of_one_broker_id),
        Question(ACCOUNT, "belongs to a person who has another one", accounts_of_one_person),
        Question(APPLICATION, "has the tax id of another one", applications_of_one_tax_id),
    ),
    12: (
        Question(TRANSFER, "shares its authorization with another one", of_one_authorization),
        Question(TRANSFER, "shares its decision of the risk gate with another one", of_one_decision),
    ),
    15: (
        Question(TRANSFER, "stands in SENDING for more than a minute", sending_too_long),
        Question(TRANSFER, "stands in UNKNOWN for more than 65 minutes", unknown_too_long),
        Question(TRANSFER, "waits for more than five minutes with a usable bank account", reserved_too_long),
        Question(APPLICATION, "stands in SENDING for more than a minute", applying_too_long),
    ),
    18: (
        Question(APPLICATION, "was accepted, and keeps its tax id", keeps_tax_id),
        Question(APPLICATION, "was accepted, and lost the last four or the hash of its tax id", lost_tax_id_hash),
    ),
}
_ROOMS = (_OTHERS, banks.BANKS, people.PEOPLE)
QUESTIONS = {
    number: tuple(question for room in _ROOMS for question in room.get(number, ()))
    for number in {number for room in _ROOMS for number in room}
}
