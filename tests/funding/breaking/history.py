"""Ways to break invariant 7: histories with a hole, a step that may not be, an end that is not where the row stands."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models import F

from accounts import states as account_states
from accounts.models import AccountEvent, Application, ApplicationEvent, BrokerageAccount, DocumentUpload
from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, Transfer
from funding.operations.invariants import history
from tests.funding import lives
from tests.funding.breaking.money import changed, gone
from tests.funding.breaking.ways import breaks
from tests.funding.standing import Customer
from tests.harness.bare_tables import delete, without_constraints

SENDING, STATUS = history.sending_went_step_by_step, history.status_went_step_by_step


@breaks(SENDING, "comes from RESERVED, and nothing was before")
def no_beginning(ada: Customer) -> Transfer:
    return without(ada.move("50.00"), after=states.RESERVED)


@breaks(SENDING, "comes from SENDING, and RESERVED was before")
def a_hole(ada: Customer) -> Transfer:
    return without(ada.move("50.00"), after=states.SENDING)


@breaks(SENDING, "ends with SENDING, and the row says ACCEPTED")
def no_end(ada: Customer) -> Transfer:
    return without(ada.move("50.00"), after=states.ACCEPTED)


@breaks(SENDING, "ends with nothing, and the row says RESERVED")
def no_history(ada: Customer) -> Transfer:
    return without(ada.ask("50.00"))


@breaks(SENDING, "ends with ACCEPTED, and the row says UNKNOWN")
def a_row_moved_by_hand(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), sending=states.UNKNOWN)


@breaks(SENDING, "may not go from ACCEPTED to SENDING")
def a_way_back(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    note(transfer, field="sending", before=states.ACCEPTED, after=states.SENDING, actor="x")
    return changed(transfer, sending=states.SENDING)


@breaks(SENDING, "comes from SENDING, and nothing was before")
def time_goes_backwards(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    transfer.events.filter(after=states.ACCEPTED).update(at=F("at") - timedelta(minutes=1))
    return transfer


@breaks(SENDING, "may not go from nothing to RESERVED")
def made_elsewhere_and_asked_for_here(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00"), origin=Transfer.Origin.EXTERNAL)


@breaks(STATUS, "comes from QUEUED, and nothing was before")
def no_first_word(ada: Customer) -> Transfer:
    return without(lives.settled(ada), after=states.QUEUED)


@breaks(STATUS, "ends with QUEUED, and the row says COMPLETE")
def no_last_word(ada: Customer) -> Transfer:
    return without(lives.settled(ada), after=states.COMPLETE)


@breaks(STATUS, "may not go from RETURNED to COMPLETE")
def older_news_over_newer(ada: Customer) -> Transfer:
    transfer = lives.returned(ada)
    note(transfer, field="status", before=states.RETURNED, after=states.COMPLETE, actor="x")
    return changed(transfer, status=states.COMPLETE)


@breaks("events", "is not there, and has events")
def a_history_of_nothing(ada: Customer) -> Transfer:
    return gone(ada.ask("50.00"))


def without(row: Any, **events: str) -> Any:
    delete(row.events.filter(**events))
    return row


# --- What else has a status -------------------------------------------------------------------------------------------


@breaks(("relationship", "sending"), "history of sending: comes from SENDING, and RESERVED was before")
def a_hole_in_linking(ada: Customer) -> ACHRelationship:
    return without(ada.relationship, after=states.SENDING)


@breaks(("relationship", "sending"), "history of sending: ends with ACCEPTED, and the row says REVIEW")
def a_relationship_moved_by_hand(ada: Customer) -> ACHRelationship:
    ACHRelationship.objects.update(sending=states.REVIEW)
    return ada.relationship


@breaks(("relationship", "sending"), "is not there, and has a history of sending")
def a_history_of_no_relationship(ada: Customer) -> ACHRelationship:
    without_constraints(ACHRelationship)
    delete(ACHRelationship.objects.all())
    return ada.relationship


@breaks(("relationship", "status"), "history of status: ends with APPROVED, and the row says CANCELED")
def a_relationship_ended_by_hand(ada: Customer) -> ACHRelationship:
    ACHRelationship.objects.update(status="CANCELED")
    return ada.relationship


@breaks(("relationship", "status"), "may not go from APPROVED to QUEUED")
def a_relationship_walked_back(ada: Customer) -> ACHRelationship:
    note(ada.relationship, field="status", before=states.APPROVED, after=states.QUEUED, actor="x")
    return ada.relationship


@breaks(("application", "status"), "history of status: comes from SENDING, and READY was before")
def a_hole_in_applying(ada: Customer) -> Application:
    delete(ApplicationEvent.objects.filter(after="SENDING"))
    return ada.account.application


@breaks(("application", "status"), "history of status: ends with ACCEPTED, and the row says DRAFT")
def an_application_opened_again(ada: Customer) -> Application:
    Application.objects.update(status="DRAFT")
    return ada.account.application


@breaks(("brokerage account", "status"), "history of status: ends with ACTIVE, and the row says ACCOUNT_CLOSED")
def an_account_closed_by_hand(ada: Customer) -> BrokerageAccount:
    BrokerageAccount.objects.update(status="ACCOUNT_CLOSED")
    return ada.account


@breaks(("brokerage account", "status"), "may not go from ACCOUNT_CLOSED to ACTIVE")
def an_account_brought_back(ada: Customer) -> BrokerageAccount:
    AccountEvent.objects.filter(before="APPROVED").update(before="ACCOUNT_CLOSED")
    return ada.account


@breaks(("document", "status"), "history of status: ends with RESERVED, and the row says ACCEPTED")
def a_document_accepted_by_hand(ada: Customer) -> DocumentUpload:
    document = _a_document(ada)
    DocumentUpload.objects.update(status=account_states.ACCEPTED)
    return document


@breaks(("document", "status"), "may not go from UNKNOWN to SENDING")
def a_document_sent_twice(ada: Customer) -> DocumentUpload:
    document = _a_document(ada)
    note(document, field="status", before=account_states.UNKNOWN, after=account_states.SENDING, actor="x")
    return document


def _a_document(ada: Customer) -> DocumentUpload:
    document = DocumentUpload.objects.create(
        account=ada.account, form_key=uuid.uuid4(), kind="w8ben", sha256="0" * 64, size=1,
        content_type="application/pdf", actor="Ada",
    )  # fmt: skip
    document.begin_history()
    return document
