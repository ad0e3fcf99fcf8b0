"""Ways to break what one query tells: invariants 1, 7 to 11, 15 and 18."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import AccountEvent, Application, ApplicationEvent, BrokerageAccount
from brokerage.status import note
from funding import states
from funding.models import Freeze, Transfer, TransferEvent
from funding.operations.invariants import questions
from tests import make
from tests.funding import lives
from tests.funding.breaking.money import attempted, changed
from tests.funding.breaking.ways import breaks
from tests.funding.standing import IN, OUT, Customer, lost
from tests.harness.bare_tables import without_constraints

HOUR = timedelta(hours=1)


def grace(ada: Customer) -> Customer:
    return lives.customer(ada.sandbox, "grace@example.com", tax_id={"tax_id": "444-55-4322"})


# --- 1, 7, 9, 10: two where one may be --------------------------------------------------------------------------------


@breaks(questions.of_one_broker_id, "shares its id at the broker with another one")
def one_broker_id_twice(ada: Customer) -> Transfer:
    first, second = ada.move("50.00"), ada.move("51.00")
    without_constraints(Transfer)
    return changed(second, alpaca_id=first.alpaca_id)


@breaks(questions.of_one_form, "comes from a form that another one comes from, too")
def one_form_twice(ada: Customer) -> Transfer:
    first, second = ada.move("50.00"), ada.move("51.00")
    without_constraints(Transfer)
    return changed(second, form_key=first.form_key)


@breaks(questions.deposits_in_flight_together, "is in flight beside another deposit of its account")
def two_deposits_in_flight(ada: Customer) -> Transfer:
    return in_flight_beside_another(ada, IN)


@breaks(questions.withdrawals_in_flight_together, "is in flight beside another withdrawal of its account")
def two_withdrawals_in_flight(ada: Customer) -> Transfer:
    return in_flight_beside_another(ada, OUT)


def in_flight_beside_another(ada: Customer, direction: str) -> Transfer:
    first, second = ada.move("50.00", direction), ada.move("51.00", direction)
    without_constraints(Transfer)
    changed(first, sending=states.UNKNOWN)
    return changed(second, sending=states.UNKNOWN)


EVENT = "comes from an event of the broker's that another one comes from, too"


def twice(events: type[Model], row: Any) -> Any:
    """Have one event of the broker's act twice; return the second history row of it."""
    without_constraints(events)
    note(row, field="x", actor="x", vendor_event_id="one")
    note(row, field="x", actor="x", vendor_event_id="one")
    return row.events.filter(field="x").first()


@breaks(questions.of_one_event, EVENT)
def one_event_twice(ada: Customer) -> Any:
    return twice(TransferEvent, ada.ask("50.00"))


@breaks(questions.applications_of_one_event, EVENT)
def one_event_twice_for_an_application(ada: Customer) -> Any:
    return twice(ApplicationEvent, ada.account.application)


@breaks(questions.accounts_of_one_event, EVENT)
def one_event_twice_for_an_account(ada: Customer) -> Any:
    return twice(AccountEvent, ada.account)


@breaks(questions.of_one_authorization, "shares its authorization with another one")
def one_authorization_twice(ada: Customer) -> Transfer:
    first, second = ada.move("50.00"), ada.move("51.00")
    without_constraints(Transfer)
    return changed(second, authorization=first.authorization)


@breaks(questions.of_one_decision, "shares its decision of the risk gate with another one")
def one_decision_twice(ada: Customer) -> Transfer:
    first, second = ada.move("50.00"), ada.move("51.00")
    without_constraints(Transfer)
    return changed(second, cleared_by=first.cleared_by)


@breaks(questions.accounts_of_one_broker_id, "shares its id at the broker with another one")
def one_account_twice(ada: Customer) -> BrokerageAccount:
    other = grace(ada).account
    without_constraints(BrokerageAccount)
    BrokerageAccount.objects.filter(pk=other.pk).update(alpaca_id=ada.account.alpaca_id)
    return ada.account


@breaks(questions.accounts_of_one_person, "belongs to a person who has another one")
def two_accounts_of_one_person(ada: Customer) -> BrokerageAccount:
    other = grace(ada).account
    without_constraints(BrokerageAccount)
    BrokerageAccount.objects.filter(pk=other.pk).update(user=ada.user)
    return ada.account


@breaks(questions.applications_of_one_tax_id, "has the tax id of another one")
def one_person_twice(ada: Customer) -> Application:
    grace(ada)
    without_constraints(Application)
    Application.objects.update(tax_id_hash="0" * 64)
    return ada.account.application


# --- 8 and 9 ----------------------------------------------------------------------------------------------------------

NOT_COMPARED = "has settled transfers that nobody has compared for a day"


@breaks(questions.not_compared, NOT_COMPARED)
def compared_yesterday(ada: Customer) -> BrokerageAccount:
    return settled_long_ago(ada, compared_at=timezone.now() - 25 * HOUR)


@breaks(questions.not_compared, NOT_COMPARED)
def never_compared(ada: Customer) -> BrokerageAccount:
    return settled_long_ago(ada, compared_at=None)


def settled_long_ago(ada: Customer, compared_at: datetime | None) -> BrokerageAccount:
    transfer = lives.settled(ada)
    at = timezone.now() - timedelta(days=64)
    changed(transfer, created_at=at, settled_at=at)
    BrokerageAccount.objects.update(compared_at=compared_at)
    return ada.account


ANOTHERS = "goes through a bank account or a brokerage account of somebody else"


@breaks(questions.through_anothers_bank, ANOTHERS)
def through_graces_bank(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), relationship=grace(ada).relationship)


@breaks(questions.through_anothers_bank, ANOTHERS)
def for_grace(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), user=grace(ada).user)


@breaks(questions.sent_while_frozen, "was sent while its account was frozen")
def sent_through_a_freeze(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    frozen(ada, frozen_at=transfer.created_at - HOUR)
    return transfer


@breaks(questions.sent_while_frozen, "was sent while its account was frozen")
def sent_through_a_freeze_that_was_lifted_since(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    one, two = make.user("one@example.com"), make.user("two@example.com")
    lifted_at = transfer.created_at + HOUR
    frozen(ada, frozen_at=transfer.created_at - HOUR, lift_asked_by=one, lifted_by=two, lifted_at=lifted_at)
    return transfer


BY_TWO = "was lifted, and not by two persons"


@breaks(questions.lifted_by_one_person, BY_TWO)
def lifted_by_who_asked(ada: Customer) -> Freeze:
    without_constraints(Freeze)
    return frozen(ada, lifted_at=timezone.now(), lift_asked_by=ada.user, lifted_by=ada.user)


@breaks(questions.lifted_by_one_person, BY_TWO)
def lifted_by_nobody(ada: Customer) -> Freeze:
    without_constraints(Freeze)
    return frozen(ada, lifted_at=timezone.now())


def frozen(ada: Customer, **columns: Any) -> Freeze:
    return Freeze.objects.create(brokerage_account=ada.account, frozen_by="a test", **columns)


# --- 11 and 18 --------------------------------------------------------------------------------------------------------


@breaks(questions.keeps_tax_id, "was accepted, and keeps its tax id")
def a_tax_id_kept(ada: Customer) -> Application:
    application = Application.objects.get()
    application.tax_id = "444554321"
    application.save()
    return application


LOST = "was accepted, and lost the last four or the hash of its tax id"


@breaks(questions.lost_tax_id_hash, LOST)
def a_hash_lost(ada: Customer) -> Application:
    Application.objects.update(tax_id_hash=None)
    return ada.account.application


@breaks(questions.lost_tax_id_hash, LOST)
def the_last_four_lost(ada: Customer) -> Application:
    Application.objects.update(tax_id_last4="")
    return ada.account.application


# --- 15 ---------------------------------------------------------------------------------------------------------------


@breaks(questions.sending_too_long, "stands in SENDING for more than a minute")
def a_sender_that_died(ada: Customer) -> Transfer:
    transfer = changed(ada.move("50.00"), sending=states.SENDING)
    return attempted(transfer, sent_at=timezone.now() - timedelta(seconds=61))


@breaks(questions.sending_too_long, "stands in SENDING for more than a minute")
def sending_without_an_attempt(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00", OUT), sending=states.SENDING, created_at=timezone.now() - timedelta(seconds=61))


@breaks(questions.unknown_too_long, "stands in UNKNOWN for more than 65 minutes")
def nobody_looks_it_up(ada: Customer) -> Transfer:
    return attempted(lost(ada), sent_at=timezone.now() - timedelta(minutes=65, seconds=1))


@breaks(questions.reserved_too_long, "waits for more than five minutes with a usable bank account")
def nobody_sends_it(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00"), created_at=timezone.now() - timedelta(minutes=5, seconds=1))


@breaks(questions.applying_too_long, "stands in SENDING for more than a minute")
def nobody_applies_it(ada: Customer) -> Application:
    Application.objects.update(status="SENDING", status_at=timezone.now() - timedelta(seconds=61))
    return ada.account.application
